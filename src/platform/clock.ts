import { performance } from 'node:perf_hooks';

/**
 * Time as a dependency, so that tests and simulations move it by hand.
 * `now` is the wall clock and may jump; `monotonicMs` never goes back and is what durations are measured with.
 */
export interface Clock {
  now(): Date;
  monotonicMs(): number;
  /**
   * Runs `fn` once after `delayMs`; the answer cancels it. A waiting timer keeps the process alive: what sets timers
   * cancels them when it is stopped.
   */
  setTimeout(fn: () => void, delayMs: number): () => void;
}

// Node's timers hold a 32-bit delay; a longer one fires at once.
const longestDelayMs = 2_147_483_647;

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  setTimeout(fn, delayMs) {
    let timer: NodeJS.Timeout;
    const arm = (remainingMs: number): void => {
      const stepMs = Math.min(Math.max(remainingMs, 0), longestDelayMs);
      timer = setTimeout(() => (remainingMs > stepMs ? arm(remainingMs - stepMs) : fn()), stepMs);
    };
    arm(delayMs);
    return () => clearTimeout(timer);
  },
};
