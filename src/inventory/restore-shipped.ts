import { isPositiveDecimal, isZeroDecimal, minDecimal, subtractDecimals } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import type { ShippedStock } from './consume-reservations.ts';
import type { StockStatusName } from './inventory-types.ts';
import { lockItems } from './lock-items.ts';
import {
  changeReservations,
  type ReservationChange,
  type ReservationRow,
  readReservations,
} from './open-reservations.ts';
import { postTransactions, type StockTransaction } from './post-transactions.ts';

interface ShipRow {
  orderId: string | null;
  sku: string;
  location: string;
  lot: string;
  owner: string;
  status: StockStatusName;
  onHand: string;
  hard: string;
  docRef: string;
}

/**
 * Undoes the stock side of voided shipments: what had left is on hand again, and allocated to its order as before. A
 * second call finds nothing left to undo; what never was applied (a snapshot contained it) is not brought back either.
 */
export async function restoreShipped(
  tx: Tx,
  voids: readonly { orderId: string; docRef: string; reason: string }[],
  now: Date,
): Promise<void> {
  if (voids.length === 0) return;
  const rows = await readShipped(tx, voids);
  await lockItems(
    tx,
    rows.map((row) => row.sku),
  );
  const reservations = await readReservations(tx, { orderIds: voids.map((each) => each.orderId) });
  const reasons = new Map(voids.map((each) => [each.docRef, each.reason]));
  const changes: ReservationChange[] = [];
  for (const row of rows.filter((each) => !isZeroDecimal(each.hard))) {
    reopen(reservations, row, subtractDecimals('0', row.hard), changes);
  }
  await changeReservations(tx, changes);
  await postTransactions(
    tx,
    rows.map((row) => ({
      type: 'reversal',
      sku: row.sku,
      location: row.location,
      lot: row.lot,
      owner: row.owner,
      status: row.status,
      onHand: subtractDecimals('0', row.onHand),
      hard: subtractDecimals('0', row.hard),
      reason: reasons.get(row.docRef) ?? 'voided',
      docRef: row.docRef,
      orderId: row.orderId ?? undefined,
      source: 'hub',
      occurredAt: now,
    })),
    now,
  );
}

/**
 * What a corrected report says has not left after all: on hand again, and allocated to the order it was taken from.
 * `quantity` is what comes back, positive.
 */
export async function returnShipped(tx: Tx, lines: readonly ShippedStock[], now: Date): Promise<void> {
  if (lines.length === 0) return;
  await lockItems(
    tx,
    lines.map((line) => line.sku),
  );
  const reservations = await readReservations(tx, { orderIds: lines.map((line) => line.orderId) });
  const changes: ReservationChange[] = [];
  const transactions = lines.map((line): StockTransaction => {
    const own = reservations.filter((row) => row.lineNo === line.lineNo);
    const place = { orderId: line.orderId, sku: line.sku, location: line.location, lot: line.lot ?? '' };
    return {
      dedupeKey: line.key,
      type: 'reversal',
      sku: line.sku,
      location: line.location,
      lot: place.lot,
      owner: '',
      status: 'available',
      onHand: line.quantity,
      hard: reopen(own, place, line.quantity, changes),
      reason: 'shipmentCorrected',
      docRef: line.docRef,
      orderId: line.orderId,
      source: line.source,
      occurredAt: line.occurredAt,
    };
  });
  await changeReservations(tx, changes);
  await postTransactions(tx, transactions, now);
}

/** What is still gone with the shipments: corrections and earlier reversals are taken into account. */
async function readShipped(tx: Tx, voids: readonly { orderId: string; docRef: string }[]): Promise<ShipRow[]> {
  return tx.query<ShipRow>(
    `SELECT order_id AS "orderId", sku, location, lot, owner, status, doc_ref AS "docRef",
       trim_scale(coalesce(sum(on_hand_delta) FILTER (WHERE applied), 0))::text AS "onHand", trim_scale(sum(hard_delta))::text AS hard
     FROM inventory_transaction
     WHERE order_id = ANY($1::uuid[]) AND txn_type IN ('ship', 'reversal') AND doc_ref = ANY($2::text[])
     GROUP BY order_id, sku, location, lot, owner, status, doc_ref
     HAVING sum(on_hand_delta) <> 0 OR sum(hard_delta) <> 0`,
    [voids.map((each) => each.orderId), voids.map((each) => each.docRef)],
  );
}

/** Moves up to `quantity` of what was consumed at a place back to open; answers how much that was. */
function reopen(
  reservations: readonly ReservationRow[],
  place: { orderId: string | null; sku: string; location: string; lot: string },
  quantity: string,
  changes: ReservationChange[],
): string {
  let missing = quantity;
  for (const row of reservations) {
    const same =
      row.orderId === place.orderId &&
      row.sku === place.sku &&
      row.location === place.location &&
      row.lot === place.lot;
    if (!same || !isPositiveDecimal(row.consumed) || !isPositiveDecimal(missing)) continue;
    const back = minDecimal(missing, row.consumed);
    missing = subtractDecimals(missing, back);
    row.consumed = subtractDecimals(row.consumed, back);
    changes.push({ id: row.id, consumed: subtractDecimals('0', back), picked: back });
  }
  return subtractDecimals(quantity, missing);
}
