import { isZeroDecimal } from '../model/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import type { StockMovement } from './inventory-types.ts';
import { lockItems } from './lock-items.ts';
import { postTransactions, type StockTransaction } from './post-transactions.ts';

export interface RecordedMovement {
  key: string;
  /** False: the newest snapshot of that item and location contained it already. */
  applied: boolean;
  /** True: it was on record before, nothing changed. */
  duplicate: boolean;
}

/**
 * Records receipts, adjustments and transfers. A movement is applied when it is later than the newest
 * snapshot of its item and location: by the source's own journal (`sourceSeq` > asOfSeq) where it has one, else by time.
 */
export async function recordMovements(
  tx: Tx,
  movements: readonly StockMovement[],
  now: Date,
): Promise<RecordedMovement[]> {
  if (movements.length === 0) return [];
  for (const movement of movements) {
    if (isZeroDecimal(movement.quantity)) throw new HubError('QUANTITY_INVALID', { detail: movement });
  }
  await lockItems(
    tx,
    movements.map((movement) => movement.sku),
  );
  const posted = await postTransactions(tx, movements.map(toTransaction), now);
  const byKey = new Map(posted.map((row) => [row.dedupeKey, row]));
  return movements.map((movement) => {
    const row = byKey.get(movement.key);
    return { key: movement.key, applied: row?.applied ?? false, duplicate: row === undefined };
  });
}

function toTransaction(movement: StockMovement): StockTransaction {
  return {
    dedupeKey: movement.key,
    type: movement.type,
    sku: movement.sku,
    location: movement.location,
    lot: movement.lot ?? '',
    owner: movement.owner ?? '',
    status: movement.status ?? 'available',
    expiry: movement.expiry,
    onHand: movement.quantity,
    reason: movement.reason,
    docRef: movement.docRef,
    orderId: movement.orderId,
    source: movement.source,
    sourceSeq: movement.sourceSeq,
    actor: movement.actor,
    occurredAt: movement.occurredAt,
  };
}
