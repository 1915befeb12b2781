import { Cron } from 'croner';
import type { BudgetSettings, Quota } from '../budget.ts';

const hourMs = 3_600_000;

/** The hour or day of the zone that an instant lies in. A day of a clock change has 23 or 25 hours. */
export function quotaPeriod({ per, zone }: Quota, atMs: number): { startMs: number; endMs: number } {
  const cron = new Cron(per === 'day' ? '0 0 * * *' : '0 * * * *', { timezone: zone, paused: true });
  let start: Date | null = null;
  let next = cron.nextRun(new Date(atMs - (per === 'day' ? 49 : 3) * hourMs));
  while (next !== null && next.getTime() <= atMs) {
    start = next;
    next = cron.nextRun(next);
  }
  if (start === null || next === null) throw new Error(`no ${per} of ${zone} around ${atMs}`);
  return { startMs: start.getTime(), endMs: next.getTime() };
}

/** Every problem of a budget, with a pointer to the wrong spot. */
export function budgetProblems(settings: BudgetSettings): { pointer: string; message: string }[] {
  const problems: { pointer: string; message: string }[] = [];
  const check = (ok: boolean, pointer: string, message: string): void => {
    if (!ok) problems.push({ pointer, message });
  };
  const wholeIn = (value: number, low: number, high: number): boolean =>
    Number.isInteger(value) && value >= low && value <= high;
  const { rate, quota, reserves, concurrency } = settings;
  if (rate !== undefined) {
    check(wholeIn(rate.calls, 1, 1_000_000), '/rate/calls', 'must be a whole number from 1 to 1000000');
    check(wholeIn(rate.perSeconds, 1, 3_600), '/rate/perSeconds', 'must be a whole number from 1 to 3600');
    check(rate.burst === undefined || wholeIn(rate.burst, 1, 1_000_000), '/rate/burst', 'must be from 1 to 1000000');
  }
  if (quota !== undefined) {
    check(wholeIn(quota.calls, 1, 1_000_000_000), '/quota/calls', 'must be a whole number from 1 to 1000000000');
    check(isZone(quota.zone), '/quota/zone', 'must be an IANA time zone');
  }
  if (concurrency !== undefined) {
    check(wholeIn(concurrency, 1, 1_000), '/concurrency', 'must be a whole number from 1 to 1000');
  }
  if (reserves !== undefined) {
    check(reserves.length === 0 || quota !== undefined, '/reserves', 'a reserve is a part of a quota');
    check(reserves.length <= 5, '/reserves', 'at most 5');
    check(
      reserves.reduce((sum, reserve) => sum + reserve.share, 0) < 1,
      '/reserves',
      'together they must leave something for everybody',
    );
    const priorities = new Set(reserves.map((reserve) => reserve.minPriority));
    check(priorities.size === reserves.length, '/reserves', 'each is for another priority');
    reserves.forEach((reserve, index) => {
      check(reserve.share > 0 && reserve.share < 1, `/reserves/${index}/share`, 'must be between 0 and 1');
      check(wholeIn(reserve.minPriority, 1, 100), `/reserves/${index}/minPriority`, 'must be from 1 to 100');
    });
  }
  return problems;
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}
