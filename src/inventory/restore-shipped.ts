import { isPositiveDecimal, isZeroDecimal, minDecimal, subtractDecimals } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import type { StockStatusName } from './inventory-types.ts';
import { lockItems } from './lock-items.ts';
import { changeReservations, type ReservationChange, readReservations } from './open-reservations.ts';
import { postTransactions } from './post-transactions.ts';

interface ShipRow {
  id: string;
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
 * Undoes the stock side of voided shipments: what had left is on hand again, and allocated to its order as before. Each
 * row of the log is reversed once; what never was applied (a snapshot contained it) is not brought back either.
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
  const reasons = new Map(voids.map((each) => [each.docRef, each.reason]));
  await postTransactions(
    tx,
    rows.map((row) => ({
      dedupeKey: `void:${row.id}`,
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
  await reopenReservations(tx, rows);
}

async function readShipped(tx: Tx, voids: readonly { orderId: string; docRef: string }[]): Promise<ShipRow[]> {
  return tx.query<ShipRow>(
    `SELECT t.id, t.order_id AS "orderId", t.sku, t.location, t.lot, t.owner, t.status, t.doc_ref AS "docRef",
       trim_scale(CASE WHEN t.applied THEN t.on_hand_delta ELSE 0 END)::text AS "onHand", trim_scale(t.hard_delta)::text AS hard
     FROM inventory_transaction t
     WHERE t.sku IN (SELECT sku FROM reservation WHERE order_id = ANY($1::uuid[])) AND t.order_id = ANY($1::uuid[])
       AND t.txn_type = 'ship' AND t.doc_ref = ANY($2::text[])
       AND NOT EXISTS (SELECT FROM inventory_transaction v WHERE v.dedupe_key = 'void:' || t.id)`,
    [voids.map((each) => each.orderId), voids.map((each) => each.docRef)],
  );
}

async function reopenReservations(tx: Tx, rows: readonly ShipRow[]): Promise<void> {
  const orderIds = [...new Set(rows.flatMap((row) => (row.orderId === null ? [] : [row.orderId])))];
  const reservations = await readReservations(tx, { orderIds });
  const changes: ReservationChange[] = [];
  for (const row of rows.filter((each) => !isZeroDecimal(each.hard))) {
    let missing = subtractDecimals('0', row.hard);
    for (const reservation of reservations) {
      const same =
        reservation.orderId === row.orderId &&
        reservation.sku === row.sku &&
        reservation.location === row.location &&
        reservation.lot === row.lot;
      const consumed = reservation.consumed;
      if (!same || !isPositiveDecimal(consumed) || !isPositiveDecimal(missing)) continue;
      const quantity = minDecimal(missing, consumed);
      missing = subtractDecimals(missing, quantity);
      reservation.consumed = subtractDecimals(consumed, quantity);
      changes.push({ id: reservation.id, consumed: subtractDecimals('0', quantity), picked: quantity });
    }
  }
  await changeReservations(tx, changes);
}
