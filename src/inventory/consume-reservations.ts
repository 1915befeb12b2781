import { compareDecimals, isPositiveDecimal, minDecimal, subtractDecimals } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import { lockItems } from './lock-items.ts';
import {
  changeReservations,
  type ReservationChange,
  type ReservationRow,
  readReservations,
} from './open-reservations.ts';
import { noteStockChanges } from './stock-change-log.ts';
import { postTransactions, type StockTransaction } from './post-transactions.ts';

/** Goods of an order line that have physically left a site. */
export interface ShippedStock {
  /** What makes it one of a kind, e.g. `ship:<shipment>:<package>:<line>:<lot>:<sequence>`. */
  key: string;
  orderId: string;
  lineNo: number;
  sku: string;
  location: string;
  /** As reported; without it the reserved lots are taken to have gone. */
  lot?: string;
  quantity: string;
  docRef: string;
  source: string;
  occurredAt: Date;
}

/**
 * Takes shipped goods out of stock and out of the order's reservations. What was reserved is consumed as far as it goes,
 * the same lot first; what ships beyond it (or of another lot) leaves the stock all the same: the dock is right.
 */
export async function consumeReservations(tx: Tx, shipped: readonly ShippedStock[], now: Date): Promise<void> {
  if (shipped.length === 0) return;
  await lockItems(
    tx,
    shipped.map((line) => line.sku),
  );
  const orderIds = [...new Set(shipped.map((line) => line.orderId))];
  const rows = await readReservations(tx, { orderIds, open: true });
  const changes: ReservationChange[] = [];
  const transactions: StockTransaction[] = [];
  for (const line of shipped) {
    const own = rows.filter(
      (row) => row.hard && row.orderId === line.orderId && row.lineNo === line.lineNo && row.location === line.location,
    );
    own.sort((a, b) => Number(b.lot === line.lot) - Number(a.lot === line.lot));
    consumeLine(line, own, changes, transactions);
  }
  await changeReservations(tx, changes);
  await postTransactions(tx, transactions, now);
}

function consumeLine(
  line: ShippedStock,
  reservations: readonly ReservationRow[],
  changes: ReservationChange[],
  transactions: StockTransaction[],
): void {
  let missing = line.quantity;
  let ordinal = 0;
  for (const row of reservations) {
    if (!isPositiveDecimal(row.open) || !isPositiveDecimal(missing)) continue;
    const quantity = minDecimal(missing, row.open);
    missing = subtractDecimals(missing, quantity);
    row.open = subtractDecimals(row.open, quantity);
    changes.push({ id: row.id, consumed: quantity, picked: `-${quantity}` });
    const lot = line.lot ?? row.lot;
    if (lot === row.lot) {
      transactions.push(shipTransaction(line, lot, ordinal++, { onHand: quantity, hard: quantity }));
    } else {
      transactions.push(shipTransaction(line, row.lot, ordinal++, { hard: quantity }));
      transactions.push(shipTransaction(line, lot, ordinal++, { onHand: quantity }));
    }
  }
  if (compareDecimals(missing, '0') > 0) {
    transactions.push(shipTransaction(line, line.lot ?? '', ordinal++, { onHand: missing }));
  }
}

function shipTransaction(
  line: ShippedStock,
  lot: string,
  ordinal: number,
  taken: { onHand?: string; hard?: string },
): StockTransaction {
  return {
    dedupeKey: `${line.key}:${ordinal}`,
    type: 'ship',
    sku: line.sku,
    location: line.location,
    lot,
    owner: '',
    status: 'available',
    ...(taken.onHand === undefined ? {} : { onHand: `-${taken.onHand}` }),
    ...(taken.hard === undefined ? {} : { hard: `-${taken.hard}` }),
    reason: 'shipped',
    docRef: line.docRef,
    orderId: line.orderId,
    source: line.source,
    occurredAt: line.occurredAt,
  };
}

/**
 * Notes how much of the reservations of fulfilment orders has been picked: cumulative per line, spread over its lots in
 * order. Picked stock stays allocated until it ships, so no position changes.
 */
export async function recordPicked(
  tx: Tx,
  picks: readonly { fulfillmentId: string; lineNo: number; picked: string }[],
): Promise<void> {
  if (picks.length === 0) return;
  const rows = await readReservations(tx, { fulfillmentIds: [...new Set(picks.map((p) => p.fulfillmentId))] });
  const changes: { id: string; picked: string }[] = [];
  for (const { fulfillmentId, lineNo, picked } of picks) {
    let missing = picked;
    for (const row of rows) {
      if (row.fulfillmentId !== fulfillmentId || row.lineNo !== lineNo) continue;
      // What has shipped meanwhile was picked first.
      const gone = subtractDecimals(row.quantity, row.open);
      const here = minDecimal(missing, row.quantity);
      missing = subtractDecimals(missing, here);
      const still = compareDecimals(here, gone) > 0 ? subtractDecimals(here, gone) : '0';
      changes.push({ id: row.id, picked: minDecimal(still, row.open) });
    }
  }
  if (changes.length === 0) return;
  await tx.query(
    `UPDATE reservation r SET picked = c.picked FROM jsonb_to_recordset($1::jsonb) AS c(id uuid, picked numeric)
     WHERE r.id = c.id AND r.picked <> c.picked`,
    [JSON.stringify(changes)],
  );
  await noteStockChanges(tx, [...new Set(rows.map((row) => row.sku))]);
}

/** Ties reservations to the fulfilment order that releases them. */
export async function assignFulfillment(
  tx: Tx,
  links: readonly { reservationId: string; fulfillmentId: string }[],
): Promise<void> {
  if (links.length === 0) return;
  await tx.query(
    {
      name: 'inventory-assign-fulfillment',
      text: `UPDATE reservation r SET fulfillment_id = l.fulfillment_id
             FROM jsonb_to_recordset($1::jsonb) AS l(reservation_id uuid, fulfillment_id uuid) WHERE r.id = l.reservation_id`,
    },
    [JSON.stringify(links.map((l) => ({ reservation_id: l.reservationId, fulfillment_id: l.fulfillmentId })))],
  );
}
