import type { Tx } from '../platform/index.ts';

/** Told after the commit of a transaction of this process that may have changed a tenant's availability. */
export type StockListener = (tenantId: string) => void;

const listeners = new Set<StockListener>();

/** Hears of this process's own changes at once, so that who has just changed stock reads what they wrote. */
export function hearStockChanges(listener: StockListener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Stands for every item of the tenant. */
export const everyItem = '';

/** The log's row, as a part of statements that lock or change stock. `$1` is the SKUs. */
export const noteChangesSql = 'INSERT INTO stock_change (sku) SELECT unnest($1::text[])';

/** To be called by whoever changes what availability is made of, in the same transaction; `lockItems` does it for its callers. */
export async function noteStockChanges(tx: Tx, skus: readonly string[]): Promise<void> {
  if (skus.length === 0) return;
  await tx.query({ name: 'inventory-note-changes', text: noteChangesSql }, [skus]);
  signalAfterCommit(tx);
}

export function signalAfterCommit(tx: Tx): void {
  const { tenantId } = tx;
  if (tenantId === null || listeners.size === 0) return;
  tx.afterCommit(() => {
    for (const listener of listeners) listener(tenantId);
  });
}

// What a snapshot did not see and this statement does: transactions of a higher id, and those that were still open then.
const sinceSql = {
  name: 'inventory-changes-since',
  text: `SELECT pg_current_snapshot()::text AS snapshot,
    (SELECT coalesce(array_agg(DISTINCT sku), '{}') FROM stock_change
      WHERE xid >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $1::pg_snapshot)) AS skus`,
};

/**
 * Items whose availability may have changed since `snapshot` (an earlier answer of this function; null: none yet, so that
 * only the snapshot is of use). Misses nothing that commits late.
 */
export async function changesSince(
  tx: Tx,
  snapshot: string | null,
): Promise<{ snapshot: string; skus: readonly string[] }> {
  const [row] = await tx.query<{ snapshot: string; skus: string[] }>(sinceSql, [snapshot]);
  return row!;
}

/** How long notes are kept: who has not looked for half of it starts anew. Far longer than any transaction may stay open. */
export const changesKeptMs = 5 * 60_000;

const pruneSql = {
  name: 'inventory-prune-changes',
  // From the low end of the index, which stops at the first that is young: the order of ids is nearly that of time.
  text: `DELETE FROM stock_change WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM (SELECT ctid, noted_at FROM stock_change ORDER BY tenant_id, xid LIMIT $2) AS oldest WHERE noted_at < $1))`,
};

/** Removes notes that nobody needs any more, `limit` at most. */
export async function pruneStockChanges(tx: Tx, now: Date, limit = 50_000): Promise<void> {
  await tx.query(pruneSql, [new Date(now.getTime() - changesKeptMs), limit]);
}
