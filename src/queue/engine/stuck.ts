import type { Clock } from '../../platform/index.ts';
import type { Batch } from './batch.ts';

/** What cannot be written, for whatever reason, is tried again so late: often enough for one that comes to be possible. */
const pauseMs = 15_000;

type Parts = Pick<Batch, 'decisions' | 'parks'>;

/** Decisions and followers that the ledger refused alone, in the barest words there are. Their keys wait; no other does. */
export function createStuck(clock: Clock): { add(parts: Parts): void; takeDue(): Parts } {
  let waiting: { parts: Parts; dueMs: number }[] = [];
  const none: Parts = { decisions: [], parks: [] };
  return {
    add(parts) {
      waiting.push({ parts, dueMs: clock.monotonicMs() + pauseMs });
    },
    takeDue() {
      if (waiting.length === 0) return none;
      const nowMs = clock.monotonicMs();
      const due = waiting.filter((one) => one.dueMs <= nowMs).map((one) => one.parts);
      waiting = waiting.filter((one) => one.dueMs > nowMs);
      return { decisions: due.flatMap((one) => one.decisions), parks: due.flatMap((one) => one.parks) };
    },
  };
}
