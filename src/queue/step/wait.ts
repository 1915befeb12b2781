/** A system may ask to be left alone for so long, and no longer: beyond a day a person has to know of it. */
const retryAfterMaxMs = 86_400_000;

/** Longer than any back-off that can be set, and a timer can still hold it. */
const waitMaxMs = 14 * 86_400_000;

/**
 * The one gate for every wait that leaves a step: whatever it was computed from, what comes out is a number of
 * milliseconds that a date can be made of. Without it a row would have no due time at all and nobody would be told.
 */
export function waitMsOf(ms: number): number {
  if (Number.isNaN(ms)) return retryAfterMaxMs;
  return Math.min(Math.max(0, Math.round(ms)), waitMaxMs);
}

/** When a wait is over: a date, whatever it was computed from; undefined where nothing is waited for. */
export function dueAt(now: Date, dueInMs: number | undefined): Date | undefined {
  return dueInMs === undefined ? undefined : new Date(now.getTime() + waitMsOf(dueInMs));
}

/** What a system said in Retry-After, as far as it counts; 0 when it is no number. */
export function retryAfterMsOf(ms: number | undefined): number {
  return ms === undefined || Number.isNaN(ms) ? 0 : Math.min(Math.max(0, ms), retryAfterMaxMs);
}
