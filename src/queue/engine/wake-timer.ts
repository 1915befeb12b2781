import type { Clock } from '../../platform/index.ts';

/** One timer for many wishes: it fires at the earliest of them. */
export function createWakeTimer(clock: Clock, wake: () => void) {
  let atMs = Number.POSITIVE_INFINITY;
  let cancel: (() => void) | undefined;
  return {
    wakeIn(delayMs: number): void {
      const wantedMs = clock.monotonicMs() + delayMs;
      if (wantedMs >= atMs) return;
      atMs = wantedMs;
      cancel?.();
      cancel = clock.setTimeout(() => {
        atMs = Number.POSITIVE_INFINITY;
        wake();
      }, delayMs);
    },
    stop(): void {
      cancel?.();
    },
  };
}

/** Runs `round` one at a time; a call during a run makes it run once more. Failures are told and do not end it. */
export function createSingleFlight(round: () => Promise<void>, onError: (error: unknown) => void) {
  let running: Promise<void> | undefined;
  let again = false;
  return {
    run(): Promise<void> {
      if (running !== undefined) {
        again = true;
        return running;
      }
      running = (async () => {
        do {
          again = false;
          await round().catch(onError);
        } while (again);
        running = undefined;
      })();
      return running;
    },
    get running() {
      return running;
    },
  };
}
