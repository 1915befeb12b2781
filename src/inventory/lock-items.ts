import type { Tx } from '../platform/index.ts';
import { noteChangesSql, signalAfterCommit } from './stock-change-log.ts';

// Sorting below LockRows makes every caller take the rows in the same order: no deadlocks between batches. Who locks is
// about to change: the note of it travels with the lock instead of costing a statement of its own.
const lockSql = {
  name: 'inventory-lock-items',
  text: `WITH noted AS (${noteChangesSql})
    SELECT sku FROM item_stock WHERE sku = ANY($1::text[]) ORDER BY sku FOR UPDATE`,
};
const lockAgainSql = {
  name: 'inventory-lock-new-items',
  text: 'SELECT sku FROM item_stock WHERE sku = ANY($1::text[]) ORDER BY sku FOR UPDATE',
};

/**
 * Locks the stock of items at all locations until the end of the transaction, in order of SKU. Everybody who changes a
 * position, a reservation or unlocated demand calls this first, and reads what he decides on only afterwards: under
 * READ COMMITTED the statement after the lock sees what its last owner committed. Orders are locked before items.
 */
export async function lockItems(tx: Tx, skus: Iterable<string>): Promise<string[]> {
  const wanted = [...new Set(skus)].sort();
  if (wanted.length === 0) return wanted;
  const locked = await tx.query<{ sku: string }>(lockSql, [wanted]);
  signalAfterCommit(tx);
  if (locked.length < wanted.length) {
    // First time that stock, a policy or a demand mentions the item.
    await tx.query('INSERT INTO item_stock (sku) SELECT unnest($1::text[]) ORDER BY 1 ON CONFLICT DO NOTHING', [
      wanted,
    ]);
    await tx.query(lockAgainSql, [wanted]);
  }
  return wanted;
}
