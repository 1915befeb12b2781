import { HubError } from '../platform/index.ts';
import { failureReasons } from './delivery.ts';
import type { DestinationPatch, MaintenanceWindow, RetrySchedule } from './destination.ts';
import { mostOpen } from './intake-bounds.ts';
import { windowProblem } from './step/window-step.ts';

type Check = (ok: boolean, pointer: string, message: string) => void;

const wholeIn = (value: number | undefined, low: number, high: number): boolean =>
  value === undefined || (Number.isInteger(value) && value >= low && value <= high);
const within = (value: number | undefined, low: number, high: number): boolean =>
  value === undefined || (value >= low && value <= high);

const dayMs = 86_400_000;

/**
 * @param windowsBefore what is stored: a window that was accepted once and comes back unchanged is not judged again
 * @throws HubError VALIDATION_FAILED with a pointer per wrong spot
 */
export function refuseWrong(
  settings: DestinationPatch & { lanes?: number },
  windowsBefore: readonly MaintenanceWindow[] = [],
): void {
  const errors: { pointer: string; code: string; message: string }[] = [];
  const check: Check = (ok, pointer, message) => {
    if (!ok) errors.push({ pointer, code: 'VALIDATION_FAILED', message });
  };
  check(wholeIn(settings.lanes, 1, 256), '/lanes', 'must be a whole number from 1 to 256');
  check(wholeIn(settings.concurrency, 1, 1000), '/concurrency', 'must be a whole number from 1 to 1000');
  settings.windows?.forEach((window, index) => {
    if (windowsBefore.some((before) => isSameWindow(before, window))) return;
    const problem = windowProblem(window);
    if (problem !== undefined) check(false, `/windows/${index}/${problem.field}`, problem.message);
  });
  if (settings.retry !== undefined) checkRetry(settings.retry, '/retry', check);
  for (const reason of failureReasons) {
    const schedule = settings.retryByReason?.[reason];
    if (schedule !== undefined) checkRetry(schedule, `/retryByReason/${reason}`, check);
  }
  checkBreaker(settings.breaker ?? {}, check);
  const { drain, health } = settings;
  check(within(drain?.perSecond, 0.01, 100_000), '/drain/perSecond', 'must be from 0.01 to 100000');
  check(within(drain?.rampSeconds, 0, 3_600), '/drain/rampSeconds', 'must be from 0 to 3600');
  check(wholeIn(health?.intervalMs, 1_000, dayMs), '/health/intervalMs', 'must be from a second to a day');
  check(wholeIn(health?.timeoutMs, 100, 60_000), '/health/timeoutMs', 'must be from 100 ms to a minute');
  check(wholeIn(settings.openMax ?? undefined, 1, mostOpen), '/openMax', 'must be a whole number from 1 to 100000000');
  if (errors.length > 0) throw new HubError('VALIDATION_FAILED', { errors });
}

function isSameWindow(one: MaintenanceWindow, other: MaintenanceWindow): boolean {
  return one.cron === other.cron && one.zone === other.zone && one.durationMinutes === other.durationMinutes;
}

function checkRetry(retry: RetrySchedule, at: string, check: Check): void {
  check(wholeIn(retry.baseMs, 1, dayMs), `${at}/baseMs`, 'must be from 1 ms to a day');
  check(within(retry.factor, 1, 100), `${at}/factor`, 'must be from 1 to 100');
  check(wholeIn(retry.maxMs, retry.baseMs, 7 * dayMs), `${at}/maxMs`, 'must be from baseMs to a week');
  check(wholeIn(retry.maxAttempts, 1, 10_000), `${at}/maxAttempts`, 'must be from 1 to 10000');
  check(within(retry.jitter, 0, 1), `${at}/jitter`, 'must be from 0 to 1');
}

function checkBreaker(breaker: NonNullable<DestinationPatch['breaker']>, check: Check): void {
  const at = '/breaker';
  check(wholeIn(breaker.consecutiveFailures, 1, 10_000), `${at}/consecutiveFailures`, 'must be from 1 to 10000');
  check(within(breaker.failureRate, 0.01, 1), `${at}/failureRate`, 'must be from 0.01 to 1');
  check(wholeIn(breaker.minimumCalls, 1, 100_000), `${at}/minimumCalls`, 'must be from 1 to 100000');
  check(wholeIn(breaker.windowMs, 1_000, 3_600_000), `${at}/windowMs`, 'must be from a second to an hour');
  check(wholeIn(breaker.probeAfterMs, 10, dayMs), `${at}/probeAfterMs`, 'must be from 10 ms to a day');
  check(within(breaker.probeFactor, 1, 10), `${at}/probeFactor`, 'must be from 1 to 10');
  const least = breaker.probeAfterMs ?? 10;
  check(wholeIn(breaker.probeMaxMs, least, dayMs), `${at}/probeMaxMs`, 'must be from probeAfterMs to a day');
  check(wholeIn(breaker.alarmAfterMs, 0, 7 * dayMs), `${at}/alarmAfterMs`, 'must be from 0 to a week');
}
