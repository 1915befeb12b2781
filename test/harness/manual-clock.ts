import type { Clock } from '../../src/platform/index.ts';

export interface ManualClock extends Clock {
  /**
   * Moves wall and monotonic time on, and runs the timers that fall due, each at its own moment and in order;
   * timers that these set run too when they are due within the step.
   */
  advance(ms: number): void;
  /** Moves the wall clock alone, as a correction by NTP or a person would. */
  setWall(iso: string): void;
  /** Timers that are waiting. */
  readonly pendingTimers: number;
}

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly fn: () => void;
}

/** @param startIso e.g. `2026-06-01T13:00:00Z` */
export function manualClock(startIso: string): ManualClock {
  let wallOffsetMs = Date.parse(startIso);
  if (Number.isNaN(wallOffsetMs)) throw new Error(`not a time: ${startIso}`);
  let elapsedMs = 0;
  let order = 0;
  const timers = new Set<Timer>();

  const nextDue = (untilMs: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs > untilMs) continue;
      if (next === undefined || timer.dueMs < next.dueMs || (timer.dueMs === next.dueMs && timer.order < next.order)) {
        next = timer;
      }
    }
    return next;
  };

  return {
    now: () => new Date(wallOffsetMs + elapsedMs),
    monotonicMs: () => elapsedMs,
    setTimeout(fn, delayMs) {
      const timer: Timer = { dueMs: elapsedMs + Math.max(delayMs, 0), order: order++, fn };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      const untilMs = elapsedMs + ms;
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer);
        elapsedMs = timer.dueMs;
        timer.fn();
      }
      elapsedMs = untilMs;
    },
    setWall(iso) {
      wallOffsetMs = Date.parse(iso) - elapsedMs;
    },
    get pendingTimers() {
      return timers.size;
    },
  };
}
