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
          settled_at = CASE WHEN c.state IN ('received', 'held', 'ready') THEN NULL ELSE now() END
        FROM jsonb_to_recordset($1) AS c(id uuid, state text, reason text, partner text, "correlationId" text, test boolean)
        WHERE m.id = c.id AND m.id = ANY ($2::uuid[])`,
    },
    // The ids once more, for the plan: in a month's new and empty partition the join alone would be made row by row.
    [JSON.stringify(changes), changes.map((change) => change.id)],
  );
}

/** The outcome of outputs, found by their own id or by the delivery they were made for. Answers whose state it wrote. */
export async function changeOutputs(
  tx: Tx,
  outputs: readonly { deliveryId: string; messageId?: string; state: 'sent' | 'failed'; reason?: string }[],
): Promise<{ messageId: string; state: 'sent' | 'failed'; reason?: string }[]> {
  const unknown = outputs.filter((output) => output.messageId === undefined).map((output) => output.deliveryId);
  const made =
    unknown.length === 0
      ? []
      : await tx.query<{ id: string; delivery_id: string }>(
          {
            name: 'exchange-outputs-of-deliveries',
            text: `SELECT id, delivery_id FROM message WHERE delivery_id = ANY($1::text[]) AND direction = 'out' ORDER BY id`,
          },
          [unknown],
        );
  // The newest one, where a delivery was prepared anew.
  const idByDelivery = new Map(made.map((row) => [row.delivery_id, row.id]));
  const changes = outputs.flatMap(({ deliveryId, messageId, state, reason }) => {
    const id = messageId ?? idByDelivery.get(deliveryId);
    return id === undefined ? [] : [{ messageId: id, state, reason }];
  });
  await changeMessages(
    tx,
    changes.map(({ messageId, state, reason }) => ({ id: messageId, state, reason })),
  );
  return changes;
}
