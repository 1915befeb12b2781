import { addDecimals, compareDecimals, isPositiveDecimal, minDecimal, subtractDecimals } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import type { ReservationRecord } from './inventory-types.ts';
import { lockItems } from './lock-items.ts';
import {
  changeReservations,
  type ReservationChange,
  type ReservationRow,
  readReservations,
  reservationColumns,
  toReservation,
} from './open-reservations.ts';
import { postTransactions, type StockTransaction } from './post-transactions.ts';

/** Whose stock to give back: an order, one line of it, a demand key, or one reservation. */
export interface Release {
  orderId?: string;
  lineNo?: number;
  demandKey?: string;
  reservationId?: string;
  /** Only reservations of this fulfilment order; `null`: only what is in none yet. */
  fulfillmentId?: string | null;
  /** Only firm reservations, or only soft ones. */
  hard?: boolean;
  /** Base units; everything that is still open when absent. */
  quantity?: string;
  /** False keeps the line's place in the queue of unlocated demand. Default true. */
  leaveQueue?: boolean;
  reason: string;
}

export interface Released {
  reservationId: string;
  orderId?: string;
  lineNo?: number;
  sku: string;
  location: string;
  lot?: string;
  quantity: string;
}

/**
 * Gives reserved stock back, youngest reservations first and those in no fulfilment order before those in one. With
 * `quantity`, waiting demand of the line is dropped first (it holds no stock), then reservations by the rest.
 */
export async function releaseReservations(tx: Tx, releases: readonly Release[], now: Date): Promise<Released[]> {
  if (releases.length === 0) return [];
  const affected = await findRows(tx, releases);
  const waiting = await waitingOf(tx, releases);
  await lockItems(tx, [...affected.map((row) => row.sku), ...waiting.map((row) => row.sku)]);
  // What was read before the lock may have moved on.
  const rows = (await findRows(tx, releases)).reverse();
  rows.sort((a, b) => Number(a.fulfillmentId !== null) - Number(b.fulfillmentId !== null));
  const queue = await waitingOf(tx, releases);
  const released: Released[] = [];
  const transactions: StockTransaction[] = [];
  for (const release of releases) {
    let missing = release.quantity;
    if (release.leaveQueue !== false) missing = leaveQueue(queue, release, missing);
    for (const row of rows) {
      if (!matches(row, release) || !isPositiveDecimal(row.open)) continue;
      if (missing !== undefined && !isPositiveDecimal(missing)) break;
      const quantity = missing === undefined ? row.open : minDecimal(missing, row.open);
      row.open = subtractDecimals(row.open, quantity);
      if (missing !== undefined) missing = subtractDecimals(missing, quantity);
      released.push(toReleased(row, quantity));
      transactions.push(unreserveTransaction(row, quantity, release.reason, now));
    }
  }
  await changeReservations(
    tx,
    released.map((each): ReservationChange => ({ id: each.reservationId, released: each.quantity })),
  );
  await writeQueue(tx, queue);
  await postTransactions(tx, transactions, now);
  return released;
}

/** Gives back soft reservations whose time is over; answers what had expired. Safe to run in several places at once. */
export async function expireReservations(tx: Tx, now: Date, limit: number): Promise<ReservationRecord[]> {
  const due = await tx.query<{ id: string; sku: string }>(
    `SELECT id, sku FROM reservation WHERE state = 'held' AND expires_at <= $1 ORDER BY expires_at LIMIT $2`,
    [now, limit],
  );
  if (due.length === 0) return [];
  await lockItems(
    tx,
    due.map((row) => row.sku),
  );
  const rows = await tx.query<ReservationRow>(
    `SELECT ${reservationColumns} FROM reservation WHERE id = ANY($1::uuid[]) AND state = 'held' AND expires_at <= $2`,
    [due.map((row) => row.id), now],
  );
  await changeReservations(
    tx,
    rows.map((row) => ({ id: row.id, released: row.open, expired: true })),
  );
  await postTransactions(
    tx,
    rows.map((row) => unreserveTransaction(row, row.open, 'expired', now)),
    now,
  );
  return rows.map((row) => ({ ...toReservation(row), state: 'expired' as const }));
}

interface WaitingRow {
  orderId: string;
  lineNo: number;
  sku: string;
  open: string;
  before: string;
}

async function findRows(tx: Tx, releases: readonly Release[]): Promise<ReservationRow[]> {
  const by = (pick: (release: Release) => string | undefined): string[] =>
    releases.map(pick).filter((value): value is string => value !== undefined);
  const lists = [
    { orderIds: by((release) => release.orderId) },
    { demandKeys: by((release) => release.demandKey) },
    { ids: by((release) => release.reservationId) },
  ];
  const found = new Map<string, ReservationRow>();
  for (const filter of lists) {
    if (Object.values(filter)[0]!.length === 0) continue;
    for (const row of await readReservations(tx, { ...filter, open: true })) found.set(row.id, row);
  }
  return [...found.values()];
}

async function waitingOf(tx: Tx, releases: readonly Release[]): Promise<WaitingRow[]> {
  const orderIds = releases.filter((r) => r.orderId !== undefined && r.leaveQueue !== false).map((r) => r.orderId);
  if (orderIds.length === 0) return [];
  return tx.query<WaitingRow>(
    `SELECT order_id AS "orderId", line_no AS "lineNo", sku, trim_scale(open)::text AS open, trim_scale(open)::text AS before
     FROM stock_demand WHERE order_id = ANY($1::uuid[])`,
    [orderIds],
  );
}

function leaveQueue(queue: WaitingRow[], release: Release, missing: string | undefined): string | undefined {
  let rest = missing;
  for (const row of queue) {
    if (row.orderId !== release.orderId || (release.lineNo !== undefined && row.lineNo !== release.lineNo)) continue;
    const quantity = rest === undefined ? row.open : minDecimal(rest, row.open);
    row.open = subtractDecimals(row.open, quantity);
    if (rest !== undefined) rest = subtractDecimals(rest, quantity);
  }
  return rest;
}

async function writeQueue(tx: Tx, queue: readonly WaitingRow[]): Promise<void> {
  const changed = queue
    .filter((row) => compareDecimals(row.open, row.before) < 0)
    .map((row) => ({ order_id: row.orderId, line_no: row.lineNo, open: row.open }));
  if (changed.length === 0) return;
  await tx.query(
    `WITH c AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS j(order_id uuid, line_no int, open numeric)),
       gone AS (DELETE FROM stock_demand d USING c WHERE d.order_id = c.order_id AND d.line_no = c.line_no AND c.open = 0)
     UPDATE stock_demand d SET open = c.open FROM c WHERE d.order_id = c.order_id AND d.line_no = c.line_no AND c.open > 0`,
    [JSON.stringify(changed)],
  );
}

function matches(row: ReservationRow, release: Release): boolean {
  if (release.fulfillmentId !== undefined && row.fulfillmentId !== release.fulfillmentId) return false;
  if (release.hard !== undefined && row.hard !== release.hard) return false;
  if (release.reservationId !== undefined) return row.id === release.reservationId;
  if (release.demandKey !== undefined) return row.demandKey === release.demandKey;
  return row.orderId === release.orderId && (release.lineNo === undefined || row.lineNo === release.lineNo);
}

function toReleased(row: ReservationRow, quantity: string): Released {
  return {
    reservationId: row.id,
    ...(row.orderId === null ? {} : { orderId: row.orderId }),
    ...(row.lineNo === null ? {} : { lineNo: row.lineNo }),
    sku: row.sku,
    location: row.location,
    ...(row.lot === '' ? {} : { lot: row.lot }),
    quantity,
  };
}

/** The log row by which `quantity` of a reservation goes back to being free. */
export function unreserveTransaction(
  row: ReservationRow,
  quantity: string,
  reason: string,
  now: Date,
): StockTransaction {
  const delta = subtractDecimals('0', addDecimals(quantity));
  return {
    type: 'unreserve',
    sku: row.sku,
    location: row.location,
    lot: row.lot,
    owner: row.owner,
    status: 'available',
    ...(row.hard ? { hard: delta } : { soft: delta }),
    reason,
    docRef: row.demandKey,
    ...(row.orderId === null ? {} : { orderId: row.orderId }),
    source: 'hub',
    occurredAt: now,
  };
}
