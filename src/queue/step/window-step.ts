import { Cron } from 'croner';
import type { MaintenanceWindow } from '../destination.ts';

export interface WindowStatus {
  inWindow: boolean;
  /** When this may change; undefined when no window ever opens. */
  until: Date | undefined;
}

/**
 * Whether a maintenance window is open at an instant, and until when that holds. Overlapping windows join. Of each window
 * its latest opening and its next one are asked for, and no others: there may be thousands within its duration.
 */
export function windowStatus(windows: readonly MaintenanceWindow[], at: Date): WindowStatus {
  let endsMs = 0;
  let nextMs = Number.POSITIVE_INFINITY;
  for (const window of windows) {
    const cron = cronOf(window);
    if (cron === undefined) continue;
    const latest = latestOpening(cron, at);
    if (latest !== undefined) endsMs = Math.max(endsMs, latest.getTime() + window.durationMinutes * 60_000);
    nextMs = Math.min(nextMs, cron.nextRun(at)?.getTime() ?? Number.POSITIVE_INFINITY);
  }
  if (endsMs > at.getTime()) return { inWindow: true, until: new Date(endsMs) };
  return { inWindow: false, until: Number.isFinite(nextMs) ? new Date(nextMs) : undefined };
}

/** The latest end of a window within an hour before an instant at which none is open; undefined when there is none. */
export function latestWindowEnd(windows: readonly MaintenanceWindow[], at: Date): Date | undefined {
  let foundMs = at.getTime() - 3_600_000 - 1;
  const leastMs = foundMs;
  for (const window of windows) {
    const cron = cronOf(window);
    const latest = cron && latestOpening(cron, at);
    if (latest === undefined) continue;
    const endMs = latest.getTime() + window.durationMinutes * 60_000;
    if (endMs <= at.getTime()) foundMs = Math.max(foundMs, endMs);
  }
  return foundMs === leastMs ? undefined : new Date(foundMs);
}

/** At the instant itself it is open already. */
function latestOpening(cron: Cron, at: Date): Date | undefined {
  return cron.previousRuns(1, new Date(at.getTime() + 1_000 - (at.getTime() % 1_000)))[0];
}

/** What is stored and cannot be read never opens: no start of the hub depends on it. */
function cronOf({ cron, zone }: MaintenanceWindow): Cron | undefined {
  try {
    return isZone(zone) ? new Cron(cron, { timezone: zone, paused: true }) : undefined;
  } catch {
    return undefined;
  }
}

/** What is wrong with a window's definition, and at which of its fields. */
export interface WindowProblem {
  readonly field: keyof MaintenanceWindow;
  readonly message: string;
}

/** The first problem of a window's definition, or undefined. */
export function windowProblem(window: MaintenanceWindow): WindowProblem | undefined {
  const { cron, zone, durationMinutes } = window;
  if (!Number.isInteger(durationMinutes) || durationMinutes < 1 || durationMinutes > 10_080) {
    return { field: 'durationMinutes', message: 'must be a whole number from 1 to 10080' };
  }
  if (!isZone(zone)) return { field: 'zone', message: 'must be an IANA time zone, e.g. America/Chicago' };
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5) {
    const message = 'must have five fields: minute, hour, day of the month, month, day of the week; e.g. 30 2 * * 0';
    return { field: 'cron', message };
  }
  try {
    if (new Cron(cron, { timezone: zone, paused: true }).nextRun() === null) {
      return { field: 'cron', message: 'never comes due' };
    }
    if (!everCloses(fields, durationMinutes)) {
      const message = `it would never close: it opens again within ${durationMinutes} minutes, each time; pause the destination instead`;
      return { field: 'durationMinutes', message };
    }
    return undefined;
  } catch (error) {
    return { field: 'cron', message: (error as Error).message };
  }
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** A leap year and a bit: whatever a cron says of days has come round by then. */
const daysAhead = 400;

/**
 * Whether some two openings in a row are further apart than the window lasts. Asked first of one day and then of the days,
 * so that the worst cron costs fewer than two thousand steps; changes of clocks are left aside.
 */
function everCloses([minute, hour, day, month, weekday]: readonly string[], durationMinutes: number): boolean {
  const durationMs = durationMinutes * minuteMs;
  const midnightMs = Date.UTC(2028, 0, 1);
  const inDay = [...openings(`${minute} ${hour} * * *`, midnightMs, midnightMs + dayMs)];
  if (isGapWithin(inDay, durationMs)) return true;
  const nightMs = dayMs - ((inDay.at(-1) ?? 0) - (inDay[0] ?? 0));
  let before: number | undefined;
  let days = 0;
  for (const dayStartMs of openings(`0 0 ${day} ${month} ${weekday}`, midnightMs, midnightMs + daysAhead * dayMs)) {
    if (before !== undefined && dayStartMs - before - dayMs + nightMs > durationMs) return true;
    before = dayStartMs;
    days++;
  }
  // Once in more than a year, or not even that.
  return days < 2;
}

function isGapWithin(openingsMs: readonly number[], durationMs: number): boolean {
  return openingsMs.some((openMs, index) => index > 0 && openMs - (openingsMs[index - 1] ?? 0) > durationMs);
}

function* openings(pattern: string, fromMs: number, toMs: number): Generator<number> {
  const cron = new Cron(pattern, { timezone: 'UTC', paused: true });
  for (let open = cron.nextRun(new Date(fromMs - 1_000)); open !== null; open = cron.nextRun(open)) {
    if (open.getTime() >= toMs) return;
    yield open.getTime();
  }
}
