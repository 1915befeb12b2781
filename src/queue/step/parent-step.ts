import type { DeliveryState } from '../delivery.ts';

/** What a delivery does that waits for another one. */
export type ParentVerdict =
  | { type: 'go' }
  /** Looked at again after `dueInMs`; nothing of the budget of attempts is spent. */
  | { type: 'wait'; dueInMs: number }
  /** What it builds on was given up: a person has to say whether it still makes sense. */
  | { type: 'hold' };

const waitLeastMs = 250;
const waitMostMs = 15_000;

/**
 * @param parent state of the other one; undefined when the ledger no longer holds it, which is so of finished ones only
 * @param ageMs how long the delivery has waited already: the longer, the less often it is looked at
 */
export function parentStep(parent: DeliveryState | undefined, ageMs: number): ParentVerdict {
  if (parent === undefined || parent === 'delivered') return { type: 'go' };
  if (parent === 'discarded') return { type: 'hold' };
  return { type: 'wait', dueInMs: Math.min(waitMostMs, Math.max(waitLeastMs, Math.round(ageMs / 4))) };
}
