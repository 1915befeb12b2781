import type { Clock } from '../platform/index.ts';

export interface QuietFiles {
  /** Whether the file has looked like this for long enough. */
  has(file: string, looks: string): boolean;
  /** Ends a round: files that were not looked at are forgotten. Answers in how many ms the next one is old enough. */
  nextRound(): number | undefined;
}

/**
 * Remembers how files looked. By our own clock and two looks, not by the file's times: those are another machine's where the
 * folder is mounted from it, and say nothing about a rename that every file system agrees on.
 */
export function createQuietFiles(clock: Clock, settleMs: number): QuietFiles {
  let before = new Map<string, { looks: string; sinceMs: number }>();
  let now: typeof before = new Map();
  return {
    has(file, looks) {
      const known = before.get(file);
      const sinceMs = known?.looks === looks ? known.sinceMs : clock.monotonicMs();
      if (clock.monotonicMs() - sinceMs >= settleMs) return true;
      now.set(file, { looks, sinceMs });
      return false;
    },
    nextRound() {
      [before, now] = [now, new Map()];
      if (before.size === 0) return undefined;
      const oldestMs = Math.min(...[...before.values()].map(({ sinceMs }) => sinceMs));
      return Math.max(1, Math.ceil(oldestMs + settleMs - clock.monotonicMs()));
    },
  };
}
