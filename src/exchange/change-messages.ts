import type { Tx } from '../platform/index.ts';
import type { MessageState } from './message.ts';

/** What became of messages. A state never changes the bytes. */
export interface MessageChange {
  id: string;
  state: MessageState;
  reason?: string;
  partner?: string;
  correlationId?: string;
  test?: boolean;
}

export async function changeMessages(tx: Tx, changes: readonly MessageChange[]): Promise<void> {
  if (changes.length === 0) return;
  await tx.query(
    {
      name: 'exchange-change-messages',
      text: `UPDATE message m SET state = c.state, reason = c.reason, partner = coalesce(c.partner, m.partner),
          correlation_id = coalesce(c."correlationId", m.correlation_id), test = coalesce(c.test, m.test),
          settled_at = CASE WHEN c.state IN ('received', 'held', 'ready') THEN NULL ELSE now() END,
          tries = CASE WHEN c.state = 'received' THEN 0 ELSE m.tries END
        FROM jsonb_to_recordset($1) AS c(id uuid, state text, reason text, partner text, "correlationId" text, test boolean)
        WHERE m.id = c.id AND m.id = ANY ($2::uuid[])`,
    },
    // The ids once more, for the plan: in a month's new and empty partition the join alone would be made row by row.
    [JSON.stringify(changes), changes.map((change) => change.id)],
  );
}

/**
 * Counts a try of each message that still waits for translation, once per process, and keeps the count whatever becomes of
 * the try. To be committed before the messages are read.
 */
export async function countTries(tx: Tx, ids: readonly string[], process: string): Promise<void> {
  await tx.query(
    {
      name: 'exchange-count-tries',
      text: `UPDATE message SET tries = tries + 1, tried_by = $2::uuid
        WHERE id = ANY ($1::uuid[]) AND state = 'received' AND tried_by IS DISTINCT FROM $2::uuid`,
    },
    [ids, process],
  );
}

/** What became of the output of a delivery. */
export interface OutputOutcome {
  deliveryId: string;
  /** Where the delivery names it. */
  messageId?: string;
  /** The document that the delivery sends: it knows its message. */
  documentId?: string;
  state: 'sent' | 'failed';
  reason?: string;
}

type Changed = { messageId: string; state: 'sent' | 'failed'; reason?: string };

/**
 * The outcome of outputs, found by their own id, by the document or by the delivery they were made for. Answers whose
 * state it wrote, each once: what one of its deliveries has sent is sent, whatever became of the others.
 */
export async function changeOutputs(tx: Tx, outputs: readonly OutputOutcome[]): Promise<Changed[]> {
  const unnamed = outputs.filter((output) => output.messageId === undefined);
  const byDocument = await messagesOfDocuments(
    tx,
    unnamed.flatMap(({ documentId }) => (documentId === undefined ? [] : [documentId])),
  );
  const byDelivery = await messagesOfDeliveries(
    tx,
    unnamed.flatMap(({ deliveryId, documentId }) => (byDocument.has(documentId ?? '') ? [] : [deliveryId])),
  );
  const changes = new Map<string, Changed>();
  for (const { deliveryId, messageId, documentId, state, reason } of outputs) {
    const id = messageId ?? byDocument.get(documentId ?? '') ?? byDelivery.get(deliveryId);
    if (id === undefined || changes.get(id)?.state === 'sent') continue;
    changes.set(id, { messageId: id, state, reason });
  }
  await changeMessages(
    tx,
    [...changes.values()].map(({ messageId, state, reason }) => ({ id: messageId, state, reason })),
  );
  return [...changes.values()];
}

async function messagesOfDocuments(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<{ id: string; message_id: string }>(
    {
      name: 'exchange-outputs-of-documents',
      text: `SELECT id, message_id FROM document WHERE id = ANY($1::uuid[]) AND message_id IS NOT NULL`,
    },
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row.message_id]));
}

async function messagesOfDeliveries(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<{ id: string; delivery_id: string }>(
    {
      name: 'exchange-outputs-of-deliveries',
      text: `SELECT id, delivery_id FROM message WHERE delivery_id = ANY($1::text[]) AND direction = 'out' ORDER BY id`,
    },
    [ids],
  );
  // The newest one, where a delivery was prepared anew.
  return new Map(rows.map((row) => [row.delivery_id, row.id]));
}
