import { addDecimals, compareDecimals, isPositiveDecimal, isZeroDecimal, subtractDecimals } from '../model/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import { takeFromExpected } from './expected-supply.ts';
import type { StockMovement } from './inventory-types.ts';
import { lockItems } from './lock-items.ts';
import { postTransactions, type StockTransaction } from './post-transactions.ts';

export interface RecordedMovement {
  key: string;
  /** False: the newest snapshot of that item and location contained it already. */
  applied: boolean;
  /** True: it was on record before, nothing changed. */
  duplicate: boolean;
  /** Base units of it that exceed the purchase order and its tolerance, and went into quarantine. */
  quarantined?: string;
}

/** Of a receipt that exceeds its order, the part in quarantine is on record under a key of its own. */
const overKeyOf = (key: string): string => `${key}/over`;

/**
 * Records receipts, adjustments and transfers. A movement is applied when it is later than the newest
 * snapshot of its item and location: by the source's own journal (`sourceSeq` > asOfSeq) where it has one, else by time.
 * Receipts for a purchase order are taken off what is expected of it; what exceeds that is put in quarantine.
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
  const known = await knownOf(tx, movements);
  const fresh = movements.filter(({ key }) => !known.has(key));
  const excess = await excessOf(tx, fresh, now);
  const posted = await postTransactions(
    tx,
    fresh.flatMap((movement) => toTransactions(movement, excess.get(movement.key))),
    now,
  );
  const byKey = new Map(posted.map((row) => [row.dedupeKey, row]));
  return movements.map(({ key }) => {
    const row = byKey.get(key) ?? byKey.get(overKeyOf(key));
    const quarantined = excess.get(key);
    return {
      key,
      applied: row?.applied ?? false,
      duplicate: row === undefined,
      ...(row === undefined || quarantined === undefined ? {} : { quarantined }),
    };
  });
}

/** What of receipts exceeds their orders, by their keys. What is not for sale anyway counts first, so that it is not split. */
async function excessOf(tx: Tx, fresh: readonly StockMovement[], now: Date): Promise<Map<string, string>> {
  const receipts = fresh.filter(({ type, poNo }) => type === 'receipt' && poNo !== undefined);
  const ordered = [...receipts.filter((each) => !isForSale(each)), ...receipts.filter(isForSale)];
  const goods = ordered.map(({ poNo, sku, location, quantity }) => ({ poNo: poNo!, sku, location, quantity }));
  const excess = await takeFromExpected(tx, goods, now);
  return new Map(
    ordered.flatMap((movement, index) => {
      const over = excess[index]!;
      return isForSale(movement) && isPositiveDecimal(over) ? [[movement.key, over] as const] : [];
    }),
  );
}

const isForSale = ({ status }: StockMovement): boolean => status === undefined || status === 'available';

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

/**
 * Keys of those that are on record. Nobody adds to it meanwhile: the items are locked.
 * @throws HubError CONFLICT when one is there with other content
 */
async function knownOf(tx: Tx, movements: readonly StockMovement[]): Promise<Set<string>> {
  const keys = movements.flatMap(({ key }) => [key, overKeyOf(key)]);
  const rows = await tx.query<Recorded>(recordedByKey, [keys]);
  const byKey = new Map(rows.map((row) => [row.dedupe_key, row]));
  const known = new Set<string>();
  for (const movement of movements) {
    const over = byKey.get(overKeyOf(movement.key));
    const before = byKey.get(movement.key) ?? over;
    if (before === undefined) continue;
    const quantity = over === undefined || over === before ? before.on_hand_delta : sumOf(before, over);
    if (!saysTheSame({ ...before, on_hand_delta: quantity }, movement)) {
      const told = `${quantity} of ${before.sku} at ${before.location}`;
      const { source, type, docRef = movement.key } = movement;
      throw new HubError('CONFLICT', { message: `${source} has told ${type} ${docRef} before, as ${told}` });
    }
    known.add(movement.key);
  }
  return known;
}

const sumOf = (one: Recorded, other: Recorded): string => addDecimals(one.on_hand_delta, other.on_hand_delta);

const saysTheSame = (before: Recorded, movement: StockMovement): boolean =>
  before.sku === movement.sku &&
  before.location === movement.location &&
  before.lot === (movement.lot ?? '') &&
  // All of a receipt may have gone into quarantine.
  (before.status === (movement.status ?? 'available') || before.dedupe_key === overKeyOf(movement.key)) &&
  compareDecimals(before.on_hand_delta, movement.quantity) === 0;

function toTransactions(movement: StockMovement, over: string | undefined): StockTransaction[] {
  const all = toTransaction(movement);
  if (over === undefined) return [all];
  const rest = subtractDecimals(movement.quantity, over);
  const quarantined: StockTransaction = {
    ...all,
    dedupeKey: overKeyOf(movement.key),
    status: 'quarantine',
    onHand: over,
    reason: 'overReceipt',
  };
  return isZeroDecimal(rest) ? [quarantined] : [{ ...all, onHand: rest }, quarantined];
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
