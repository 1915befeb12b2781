import type { Outcome, Settled } from '../delivery.ts';
import type { RetrySchedule } from '../destination.ts';
import { type Disposition, isHubError } from '../../platform/index.ts';
import { storableText } from '../storable.ts';
import { backOffMs } from './retry-step.ts';

const unforeseenTries = 4;

export interface FlowFailure {
  to: Settled['state'];
  outcome: Outcome;
  tries: number;
  dueInMs?: number;
  code: string;
}

/**
 * What becomes of a delivery whose handling inside the hub threw: its transaction is rolled back, so nothing happened.
 * `hold` and `reject` wait for a person; what passes by itself is retried to the bound of its destination. An error that nobody
 * has foreseen is most often a fault of the hub or of what it was given, which the next try meets again: it is tried a few
 * times only, so that its key is not kept for long without anybody being told.
 * @param triesBefore failed tries on the present budget, without this one
 */
export function judgeFailure(error: unknown, triesBefore: number, retry: RetrySchedule, random: number): FlowFailure {
  const disposition: Disposition = isHubError(error) ? error.disposition : 'retry';
  const code = isHubError(error) ? error.code : 'INTERNAL';
  const message = storableText(error instanceof Error ? error.message : error, 2_000);
  const tries = triesBefore + 1;
  if (disposition !== 'retry') {
    const rejectedAs = disposition === 'hold' ? 'business' : 'schema';
    const outcome: Outcome = { kind: 'rejected', class: rejectedAs, code, message };
    return { to: disposition === 'hold' ? 'held' : 'dead', outcome, tries, code };
  }
  const outcome: Outcome = { kind: 'retryable', sent: false, detail: message };
  const most =
    isHubError(error) && code !== 'INTERNAL' ? retry.maxAttempts : Math.min(retry.maxAttempts, unforeseenTries);
  if (tries >= most) return { to: 'dead', outcome, tries, code };
  return { to: 'retry_wait', outcome, tries, code, dueInMs: backOffMs(retry, tries, random) };
}
