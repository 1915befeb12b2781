import { compareDecimals, isZeroDecimal } from '../model/index.ts';
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
 * @throws HubError QUANTITY_INVALID for nothing at all; CONFLICT when one is on record with other content. Nothing is written then
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
  await refuseConflicts(tx, movements);
  const posted = await postTransactions(tx, movements.map(toTransaction), now);
  const byKey = new Map(posted.map((row) => [row.dedupeKey, row]));
  return movements.map((movement) => {
    const row = byKey.get(movement.key);
    return { key: movement.key, applied: row?.applied ?? false, duplicate: row === undefined };
  });
}

interface Recorded {
  dedupe_key: string;
  sku: string;
  location: string;
  lot: string;
  status: string;
  on_hand_delta: string;
}

const recordedByKey = {
  name: 'inventory-recorded-by-key',
  text: `SELECT dedupe_key, sku, location, lot, status, on_hand_delta::text FROM inventory_transaction
    WHERE dedupe_key = ANY ($1::text[])`,
};

/** Nobody adds to what is on record meanwhile: the items are locked. */
async function refuseConflicts(tx: Tx, movements: readonly StockMovement[]): Promise<void> {
  const rows = await tx.query<Recorded>(recordedByKey, [movements.map(({ key }) => key)]);
  const byKey = new Map(rows.map((row) => [row.dedupe_key, row]));
  for (const movement of movements) {
    const before = byKey.get(movement.key);
    if (before === undefined || saysTheSame(before, movement)) continue;
    const told = `${before.on_hand_delta} of ${before.sku} at ${before.location}`;
    const { source, type, docRef = movement.key } = movement;
    throw new HubError('CONFLICT', { message: `${source} has told ${type} ${docRef} before, as ${told}` });
  }
}

const saysTheSame = (before: Recorded, movement: StockMovement): boolean =>
  before.sku === movement.sku &&
  before.location === movement.location &&
  before.lot === (movement.lot ?? '') &&
  before.status === (movement.status ?? 'available') &&
  compareDecimals(before.on_hand_delta, movement.quantity) === 0;

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
