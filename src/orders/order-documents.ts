import { isUuid, RecentMap, rowKey, type Tx } from '../platform/index.ts';
import { orderNumber } from './derive-order.ts';
import type { OrderDocument } from './orders-types.ts';

export interface KnownDocument {
  readonly order_number: number;
  readonly document: OrderDocument;
}

/**
 * Documents of the orders that were worked last, by database, tenant and id; some ten kilobytes each. An order comes by a dozen times
 * on its way and its document never changes: reading it anew each time was a tenth of the walk's work, on both sides. Twice as
 * many took 10 to 20 MB more over a walk and made it no faster.
 */
const kept = new RecentMap<string, KnownDocument>(1_000);

/** What people call the orders, by id; nothing for an order that this tenant does not have. */
export async function readOrderNumbers(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  const numbers = new Map<string, string>();
  const missing: string[] = [];
  for (const id of ids) {
    const known = kept.get(rowKey(tx, id));
    if (known !== undefined) numbers.set(id, orderNumber(known.order_number));
    else if (isUuid(id)) missing.push(id);
  }
  if (missing.length === 0) return numbers;
  const rows = await tx.query<{ id: string; order_number: number }>(
    { name: 'orders-numbers', text: 'SELECT id, order_number FROM sales_order WHERE id = ANY($1::uuid[])' },
    [missing],
  );
  for (const { id, order_number } of rows) numbers.set(id, orderNumber(order_number));
  return numbers;
}

/** The orders' documents; nobody may change them. An order that this tenant does not have is missing from the answer. */
export async function readDocuments(tx: Tx, ids: readonly string[]): Promise<Map<string, KnownDocument>> {
  const found = new Map<string, KnownDocument>();
  const missing: string[] = [];
  for (const id of ids) {
    const known = kept.get(rowKey(tx, id));
    if (known === undefined) missing.push(id);
    else found.set(id, known);
  }
  if (missing.length === 0) return found;
  const rows = await tx.query<KnownDocument & { id: string }>(
    {
      name: 'orders-documents',
      text: 'SELECT id, order_number, document FROM sales_order WHERE id = ANY($1::uuid[])',
    },
    [missing],
  );
  for (const { id, order_number, document } of rows) {
    const known = { order_number, document };
    found.set(id, known);
    kept.set(rowKey(tx, id), known);
  }
  return found;
}
