import { changeMessages, heldInterchangeMessages, loadMessageStates } from '../exchange/index.ts';
import type { Agreement } from '../partners/index.ts';
import type { Tx } from '../platform/index.ts';
import { flowDestination, type Hub } from './flow.ts';

export interface ResumeRequest {
  /** Also take up interchanges that were refused: they are judged and acknowledged anew. Default false. */
  readmit?: boolean;
  /** Also take in interchanges of these partners, though they came by the door of another. */
  acceptSenders?: readonly string[];
  /** Shown on the message until it has been worked. */
  reason?: string;
}

/**
 * Has stored messages translated again, with the data as it is now: the same bytes, the same ids. Documents that went
 * through before are left alone; what was held is tried again. Messages that are not waiting for anything are passed over.
 * @returns the ids of the messages that were resumed
 */
export async function resumeMessages(
  tx: Tx,
  hub: Hub,
  messageIds: readonly string[],
  request: ResumeRequest = {},
): Promise<string[]> {
  const resumable = new Set(request.readmit === true ? ['held', 'rejected', 'ignored'] : ['held']);
  const messages = (await loadMessageStates(tx, messageIds)).filter((message) => resumable.has(message.state));
  await changeMessages(
    tx,
    messages.map(({ id }) => ({ id, state: 'received', reason: request.reason })),
  );
  await hub.enqueue(
    tx,
    messages.map((message) => ({
      destination: flowDestination('translate-message'),
      key: message.id,
      operation: 'message.translate',
      payload: {
        kind: 'message' as const,
        entity: { kind: 'message' as const, id: message.id },
        messageId: message.id,
        data: {
          resumed: true,
          ...(request.readmit === true ? { readmit: true } : {}),
          ...(request.acceptSenders === undefined ? {} : { acceptSenders: request.acceptSenders }),
        },
      },
      correlationId: message.correlationId,
      traceparent: message.traceparent,
    })),
  );
  return messages.map(({ id }) => id);
}

/** Resumes every message that waits for an agreement between these addresses. Call it when one was put. */
export async function resumeForAgreement(tx: Tx, hub: Hub, agreement: Agreement): Promise<string[]> {
  const ids = await heldInterchangeMessages(tx, agreement.them, agreement.us);
  return ids.length === 0 ? [] : resumeMessages(tx, hub, ids, { reason: `Agreement ${agreement.id} was set up` });
}
