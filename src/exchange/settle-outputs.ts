import type { Tx } from '../platform/index.ts';
import type { Settled } from '../queue/index.ts';
import { type Document, settleDocuments } from './document.ts';
import { changeOutputs, type OutputOutcome } from './change-messages.ts';
import { SEND_INTERCHANGE } from './render-delivery.ts';

/**
 * Records what became of outputs. Interchanges and the documents in them are `sent` once they were handed over, which also
 * starts the clock of their acknowledgment. A native payload was recorded as sent with its intent, since its delivery
 * follows at once and says the rest: only a failure is written here, so that the common case costs no row.
 */
export async function settleOutputs(tx: Tx, now: Date, results: readonly Settled[]): Promise<Document[]> {
  const outputs: OutputOutcome[] = [];
  for (const { delivery, state, outcome } of results) {
    const edi = isEdi(delivery);
    if (state === 'delivered' ? !edi : state !== 'dead') continue;
    outputs.push({
      deliveryId: delivery.id,
      // One that was stored before its delivery was made is known by its own id.
      messageId: delivery.operation === SEND_INTERCHANGE ? delivery.payload.messageId : delivery.outputMessageId,
      // Of an interchange of several documents each delivery stands for one of them.
      documentId: delivery.payload.entity?.kind === 'document' ? delivery.payload.entity.id : undefined,
      state: state === 'delivered' ? 'sent' : 'failed',
      reason: outcome.kind === 'rejected' ? `${outcome.code}: ${outcome.message}` : undefined,
    });
  }
  if (outputs.length === 0) return [];
  const changed = await changeOutputs(tx, outputs);
  return settleDocuments(tx, now, changed);
}

/** By what it sends: a release goes by EDI to one warehouse and by a call to another. */
const isEdi = ({ operation, payload }: Settled['delivery']): boolean =>
  operation === SEND_INTERCHANGE || payload.entity?.kind === 'document';
