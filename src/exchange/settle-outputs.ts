import type { Tx } from '../platform/index.ts';
import type { Settled } from '../queue/index.ts';
import { type Document, settleDocuments } from './document.ts';
import { changeMessages } from './message.ts';

/** States of a settled delivery that decide what became of its output; the others leave it open. */
const decided = { delivered: 'sent', dead: 'failed' } as const;

/**
 * Records what became of outputs: a message that was handed over is `sent`, its documents too, and the clock of their
 * acknowledgment starts where one is expected. Returns those documents.
 */
export async function settleOutputs(tx: Tx, now: Date, results: readonly Settled[]): Promise<Document[]> {
  const outputs: { messageId: string; state: 'sent' | 'failed'; reason?: string }[] = [];
  for (const { delivery, state, outcome } of results) {
    if (delivery.outputMessageId === undefined || (state !== 'delivered' && state !== 'dead')) continue;
    const reason = outcome.kind === 'rejected' ? `${outcome.code}: ${outcome.message}` : undefined;
    outputs.push({ messageId: delivery.outputMessageId, state: decided[state], reason });
  }
  await changeMessages(
    tx,
    outputs.map(({ messageId, state, reason }) => ({ id: messageId, state, reason })),
  );
  return settleDocuments(tx, now, outputs);
}
