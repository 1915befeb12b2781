import { HubError, type Tx, uuidv7 } from '../platform/index.ts';
import { lockOrders } from './order-store.ts';

/** What somebody said about an order. It stands as it was written: there is neither a way to change it nor to take it back. */
export interface OrderComment {
  id: string;
  orderId: string;
  text: string;
  /** As in the audit, e.g. `user:…`. */
  author: string;
  /** What the author was called when writing. */
  authorName: string;
  writtenAt: Date;
}

/** So many per order, for a timeline is read as a whole. */
const mostComments = 500;

interface Row {
  id: string;
  order_id: string;
  text: string;
  author: string;
  author_name: string;
  written_at: Date;
}

/**
 * Writes a comment under the order's lock, by which the bound holds.
 * @throws HubError NOT_FOUND; ACTION_NOT_ALLOWED when the order has as many as it may have
 */
export async function addComment(
  tx: Tx,
  comment: Pick<OrderComment, 'orderId' | 'text' | 'author' | 'authorName'>,
  now: Date,
): Promise<OrderComment> {
  const { orderId, text, author, authorName } = comment;
  if (!(await lockOrders(tx, [orderId])).has(orderId)) throw new HubError('NOT_FOUND');
  const id = uuidv7(now.getTime());
  const written = await tx.query(
    `INSERT INTO order_comment (id, order_id, text, author, author_name, written_at) SELECT $1, $2, $3, $4, $5, $6
     WHERE (SELECT count(*) FROM order_comment WHERE order_id = $2) < $7 RETURNING id`,
    [id, orderId, text, author, authorName, now, mostComments],
  );
  if (written.length === 0) {
    throw new HubError('ACTION_NOT_ALLOWED', {
      message: `The order has ${mostComments} comments, as many as it may have`,
    });
  }
  return { ...comment, id, writtenAt: now };
}

/** Oldest first. */
export async function listComments(tx: Tx, orderId: string): Promise<OrderComment[]> {
  const rows = await tx.query<Row>(
    `SELECT id, order_id, text, author, author_name, written_at FROM order_comment WHERE order_id = $1 ORDER BY id LIMIT $2`,
    [orderId, mostComments],
  );
  return rows.map((row) => ({
    id: row.id,
    orderId: row.order_id,
    text: row.text,
    author: row.author,
    authorName: row.author_name,
    writtenAt: row.written_at,
  }));
}
