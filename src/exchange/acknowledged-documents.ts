import type { Tx } from '../platform/index.ts';
import { type Document, documentFrom, type DocumentRecord } from './document.ts';

/** Documents that we sent in the interchange of this control number. */
export async function sentInInterchange(tx: Tx, agreement: string, interchangeControl: string): Promise<Document[]> {
  const rows = await tx.query<DocumentRecord>(
    `SELECT * FROM document WHERE tenant_id = current_setting('crossdock.tenant') AND direction = 'out' AND agreement = $1
      AND ltrim(interchange_control, '0') = ltrim($2, '0') ORDER BY id DESC LIMIT 1000`,
    [agreement, interchangeControl],
  );
  return rows.map(documentFrom);
}

/** Which documents an acknowledgment speaks of. Without `control` the whole group is meant. */
export interface AcknowledgedDocuments {
  agreement: string;
  functionalId: string;
  groupControl: string;
  control?: string;
  ackState: 'accepted' | 'accepted_with_errors' | 'rejected';
  notes?: unknown;
}

/**
 * Records an acknowledgment on the documents that we sent, by agreement + GS01 + GS06 + ST02. A word about a single
 * document outranks the word about its group, and what was rejected is not silently accepted later. What a person took as
 * accepted, without a message of the partner, gives way to the partner's own word.
 * @returns the documents it was matched to; none when we never sent such a group
 */
export async function acknowledgeDocuments(
  tx: Tx,
  ackMessageId: string | undefined,
  acknowledged: readonly AcknowledgedDocuments[],
): Promise<Document[]> {
  const matched: Document[] = [];
  for (const ack of acknowledged) {
    const rows = await tx.query<DocumentRecord>(
      {
        name: 'exchange-acknowledge-documents',
        text: `UPDATE document SET ack_state = $5, ack_message_id = $6, ack_notes = $7
          WHERE tenant_id = current_setting('crossdock.tenant') AND direction = 'out' AND agreement = $1
            AND functional_id = $2 AND ltrim(group_control, '0') = ltrim($3, '0') AND ($4::text IS NULL OR control = $4)
            AND (ack_state IN ('none', 'awaiting', 'overdue') OR (ack_state = 'accepted' AND ack_message_id IS NULL))
          RETURNING *`,
      },
      [
        ack.agreement,
        ack.functionalId,
        ack.groupControl,
        ack.control ?? null,
        ack.ackState,
        ackMessageId ?? null,
        ack.notes === undefined ? null : JSON.stringify(ack.notes),
      ],
    );
    matched.push(...rows.map(documentFrom));
  }
  return matched;
}

/** True when an acknowledgment's group was ever ours, whatever its state: a repeated 997 is no surprise. */
export async function sentGroupExists(
  tx: Tx,
  key: { agreement: string; functionalId: string; groupControl: string },
): Promise<boolean> {
  const rows = await tx.query(
    `SELECT 1 FROM document WHERE tenant_id = current_setting('crossdock.tenant') AND direction = 'out' AND agreement = $1
      AND functional_id = $2 AND ltrim(group_control, '0') = ltrim($3, '0') LIMIT 1`,
    [key.agreement, key.functionalId, key.groupControl],
  );
  return rows.length > 0;
}

/**
 * Gives the partner its time anew, from `now`, for what has not been acknowledged of an interchange that is sent once more.
 * @returns the documents that wait now
 */
export async function awaitAgain(tx: Tx, messageId: string, now: Date): Promise<Document[]> {
  const rows = await tx.query<DocumentRecord>(
    `UPDATE document SET ack_state = 'awaiting', ack_due_at = $2::timestamptz + make_interval(mins => ack_within_minutes)
      WHERE tenant_id = current_setting('crossdock.tenant') AND direction = 'out' AND message_id = $1
        AND ack_state IN ('awaiting', 'overdue') AND ack_within_minutes IS NOT NULL
      RETURNING *`,
    [messageId, now],
  );
  return rows.map(documentFrom);
}

/** Marks sent documents whose acknowledgment is due as overdue and returns them; each is returned once. */
export async function markOverdueDocuments(tx: Tx, now: Date, limit = 500): Promise<Document[]> {
  const rows = await tx.query<DocumentRecord>(
    {
      name: 'exchange-mark-overdue-documents',
      text: `UPDATE document SET ack_state = 'overdue' WHERE tenant_id = current_setting('crossdock.tenant') AND id IN (
          SELECT id FROM document WHERE tenant_id = current_setting('crossdock.tenant') AND ack_state = 'awaiting'
            AND ack_due_at <= $1 ORDER BY ack_due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        RETURNING *`,
    },
    [now, limit],
  );
  return rows.map(documentFrom);
}
