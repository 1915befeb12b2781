import { expect, test } from 'vitest';
import type { BudgetSettings } from '../budget.ts';
import { type BudgetState, budgetStep, ceilingOf, classOf, fairSlots, freshBudget } from './budget-step.ts';
import { forecastQuota } from './forecast-step.ts';
import { budgetProblems, quotaPeriod } from './quota-period.ts';

const day = { startMs: 1_000_000, endMs: 1_000_000 + 86_400_000 };
const ask = (state: BudgetState, settings: BudgetSettings, wanted: number[], atMs: number, returned = 0) =>
  budgetStep(state, { wanted, returned, returnedOfMs: state.periodStartMs, returnedFromMs: Infinity }, settings, {
    nowMs: atMs,
    calendarMs: atMs,
    periodOf: (at) => (at < day.endMs ? day : { startMs: day.endMs, endMs: day.endMs + 86_400_000 }),
  });

test('a rate hands out its burst, then what time brings, and says when to ask again', () => {
  const settings = { rate: { calls: 10, perSeconds: 1, burst: 3 } };
  const first = ask(freshBudget, settings, [8], 5_000);
  expect(first.granted).toEqual([3]);
  expect(first.waitMs).toBe(100);
  const second = ask(first.state, settings, [8], 5_100);
  expect(second.granted).toEqual([1]);
  expect(ask(second.state, settings, [8], 5_150).granted).toEqual([0]);
  // A clock that goes back brings nothing.
  expect(ask(second.state, settings, [8], 4_000).granted).toEqual([0]);
  const refilled = ask(second.state, settings, [8], 60_000);
  expect(refilled.granted).toEqual([3]);
});

test('however it is asked for, no window gets more than the burst and what time brings', () => {
  const settings = { rate: { calls: 120, perSeconds: 60, burst: 5 } };
  let state = freshBudget;
  const given: [number, number][] = [];
  let seed = 7;
  for (let atMs = 10_000; atMs < 200_000; ) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    atMs += seed % 900;
    const grant = ask(state, settings, [seed % 9], atMs);
    state = grant.state;
    given.push([atMs, grant.granted[0] ?? 0]);
  }
  for (const [from] of given) {
    const inMinute = given
      .filter(([at]) => at >= from && at < from + 30_000)
      .reduce((sum, [, calls]) => sum + calls, 0);
    expect(inMinute).toBeLessThanOrEqual(5 + 60);
  }
});

test('the last part of a quota is for those it is reserved for', () => {
  const settings: BudgetSettings = {
    quota: { calls: 100, per: 'day', zone: 'UTC' },
    reserves: [
      { share: 0.2, minPriority: 60 },
      { share: 0.1, minPriority: 40 },
    ],
  };
  expect([10, 40, 59, 60, 99].map((priority) => classOf(settings, priority))).toEqual([0, 1, 1, 2, 2]);
  expect([0, 1, 2].map((index) => ceilingOf(settings, index))).toEqual([70, 80, 100]);
  const everybody = ask(freshBudget, settings, [500, 0, 0], 2_000_000);
  expect(everybody.granted).toEqual([70, 0, 0]);
  const stock = ask(everybody.state, settings, [500, 500, 0], 2_000_001);
  expect(stock.granted).toEqual([0, 10, 0]);
  const orders = ask(stock.state, settings, [500, 500, 15], 2_000_002);
  expect(orders.granted).toEqual([0, 0, 15]);
  expect(orders.state.used).toBe(95);
  const rest = ask(orders.state, settings, [9, 9, 9], 2_000_003);
  expect(rest.granted).toEqual([0, 0, 5]);
  expect(ask(rest.state, settings, [9, 9, 9], 2_000_004).granted).toEqual([0, 0, 0]);
  // A new day, and the clock of a worker that is behind does not bring the old one back.
  const next = ask(rest.state, settings, [9, 0, 0], day.endMs + 5);
  expect(next.granted).toEqual([9, 0, 0]);
  expect(ask(next.state, settings, [0, 0, 1], day.endMs - 5).state.used).toBe(10);
});

test('what comes back can be handed out again, in its own period only', () => {
  const settings: BudgetSettings = { quota: { calls: 10, per: 'day', zone: 'UTC' } };
  const taken = ask(freshBudget, settings, [10], 2_000_000);
  expect(ask(taken.state, settings, [5], 2_000_001).granted).toEqual([0]);
  expect(ask(taken.state, settings, [5], 2_000_001, 4).granted).toEqual([4]);
  const back = { returned: 4, returnedOfMs: day.startMs, returnedFromMs: 0 };
  const tomorrow = budgetStep(taken.state, { wanted: [20], ...back }, settings, {
    nowMs: 1,
    calendarMs: day.endMs,
    periodOf: () => ({ startMs: day.endMs, endMs: day.endMs + 1_000 }),
  });
  expect(tomorrow.granted).toEqual([10]);
});

test('calls of a rate that were held for long are worth what would not have run over meanwhile', () => {
  const settings: BudgetSettings = { rate: { calls: 10, perSeconds: 1 } };
  const at = (state: BudgetState, nowMs: number, wanted: number, returned = 0, returnedFromMs = 0) =>
    budgetStep(state, { wanted: [wanted], returned, returnedOfMs: 0, returnedFromMs }, settings, {
      nowMs,
      calendarMs: nowMs,
      periodOf: () => ({ startMs: 0, endMs: 0 }),
    });
  const held = at(freshBudget, 1_000, 6);
  // A hundred milliseconds later nothing had run over, but one might have.
  const soon = at(held.state, 1_100, 0, 6, 1_000);
  expect(soon.state.tokens).toBe(10);
  // The bucket has long been full again, and others have emptied it: what was held all the time adds nothing.
  const others = at(held.state, 9_000, 10);
  expect(others.granted).toEqual([10]);
  expect(at(others.state, 9_000, 6, 6, 1_000).granted).toEqual([0]);
});

test('periods follow the zone, over changes of the clock too', () => {
  const at = (iso: string): number => Date.parse(iso);
  const spring = quotaPeriod({ calls: 1, per: 'day', zone: 'America/New_York' }, at('2026-03-08T12:00:00Z'));
  expect(new Date(spring.startMs).toISOString()).toBe('2026-03-08T05:00:00.000Z');
  expect((spring.endMs - spring.startMs) / 3_600_000).toBe(23);
  const hour = quotaPeriod({ calls: 1, per: 'hour', zone: 'Asia/Kolkata' }, at('2026-03-08T12:10:00Z'));
  expect(new Date(hour.startMs).toISOString()).toBe('2026-03-08T11:30:00.000Z');
});

test('a forecast says when the quota ends: by the pace, by what waits, by the rate', () => {
  const settings: BudgetSettings = { quota: { calls: 5_000, per: 'day', zone: 'UTC' } };
  const nowMs = day.startMs + 8 * 3_600_000;
  const state: BudgetState = {
    ...freshBudget,
    periodStartMs: day.startMs,
    periodEndMs: day.endMs,
    used: 3_760,
    marks: [[nowMs - 3_600_000, 2_760]],
  };
  const calm = forecastQuota(state, settings, 0, nowMs, day);
  expect(calm).toMatchObject({ left: 1_240, perHour: 1_000, limit: 5_000 });
  expect(((calm?.exhaustedAt?.getTime() ?? 0) - nowMs) / 3_600_000).toBeCloseTo(1.24);
  const flooded = forecastQuota(state, settings, 2_000, nowMs, day);
  expect(flooded?.exhaustedAt?.getTime()).toBe(nowMs);
  const paced = forecastQuota(state, { ...settings, rate: { calls: 10, perSeconds: 60 } }, 2_000, nowMs, day);
  expect(((paced?.exhaustedAt?.getTime() ?? 0) - nowMs) / 60_000).toBeCloseTo(124);
  const quiet = { ...state, marks: [[nowMs - 3_600_000, 3_759] as const] };
  expect(forecastQuota(quiet, settings, 0, nowMs, day)?.exhaustedAt).toBeUndefined();
  // Yesterday's use says nothing about today.
  expect(forecastQuota({ ...state, periodStartMs: 5 }, settings, 0, nowMs, day)).toMatchObject({
    used: 0,
    left: 5_000,
  });
});

test('calls at once are shared fairly, and never more than there are', () => {
  const shares = (wanted: number[], limit: number, turn = 0): number[] => {
    const slots = fairSlots(
      wanted.map((one, index) => ({ id: `w${index}`, wanted: one })),
      limit,
      turn,
    );
    return wanted.map((_, index) => slots.get(`w${index}`) ?? 0);
  };
  expect(shares([100, 100], 10)).toEqual([5, 5]);
  expect(shares([2, 100], 10)).toEqual([2, 8]);
  expect(shares([0, 3, 100], 10)).toEqual([0, 3, 7]);
  expect(shares([5, 5, 5], 1, 0)).toEqual([1, 0, 0]);
  expect(shares([5, 5, 5], 1, 1)).toEqual([0, 1, 0]);
  expect(shares([5, 5, 5], 1, 5)).toEqual([0, 0, 1]);
  expect(shares([], 3)).toEqual([]);
});

test('a wrong budget is refused with the spot that is wrong', () => {
  const wrong: BudgetSettings = {
    rate: { calls: 0, perSeconds: 1 },
    quota: { calls: 5, per: 'day', zone: 'Mars/Olympus' },
    reserves: [{ share: 1.2, minPriority: 60 }],
  };
  expect(budgetProblems(wrong).map((problem) => problem.pointer)).toEqual([
    '/rate/calls',
    '/quota/zone',
    '/reserves',
    '/reserves/0/share',
  ]);
  expect(budgetProblems({ reserves: [{ share: 0.2, minPriority: 60 }] })).toHaveLength(1);
});
