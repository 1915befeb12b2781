import type { Tx } from '../platform/index.ts';
import type { ReservationRecord } from './inventory-types.ts';

/** A row of `reservation` as read; '' stands for no lot and our own stock. */
export interface ReservationRow {
  id: string;
  demandKey: string;
  orderId: string | null;
  lineNo: number | null;
  sku: string;
  location: string;
  lot: string;
  owner: string;
  expiry: string | null;
  channel: string;
  hard: boolean;
  state: ReservationRecord['state'];
  quantity: string;
  open: string;
  consumed: string;
  picked: string;
  expiresAt: Date | null;
  fulfillmentId: string | null;
}

export const reservationColumns = `id, demand_key AS "demandKey", order_id AS "orderId", line_no AS "lineNo", sku, location, lot, owner,
  expiry, channel, hard, state, trim_scale(quantity)::text AS quantity, trim_scale(open)::text AS open,
  trim_scale(consumed)::text AS consumed, trim_scale(picked)::text AS picked, expires_at AS "expiresAt", fulfillment_id AS "fulfillmentId"`;

/** By one of the lists of keys; the first that is given counts. */
export interface ReservationFilter {
  orderIds?: readonly string[];
  ids?: readonly string[];
  demandKeys?: readonly string[];
  fulfillmentIds?: readonly string[];
  /** Only those that still hold something. */
  open?: boolean;
}

const keys: readonly {
  column: string;
  type: string;
  of(filter: ReservationFilter): readonly string[] | undefined;
}[] = [
  { column: 'order_id', type: 'uuid', of: (filter) => filter.orderIds },
  { column: 'id', type: 'uuid', of: (filter) => filter.ids },
  { column: 'demand_key', type: 'text', of: (filter) => filter.demandKeys },
  { column: 'fulfillment_id', type: 'uuid', of: (filter) => filter.fulfillmentIds },
];

/** Rows in the order in which they were made. */
export async function readReservations(tx: Tx, filter: ReservationFilter): Promise<ReservationRow[]> {
  const open = filter.open === true ? 'AND open > 0' : '';
  for (const { column, type, of } of keys) {
    const values = of(filter);
    if (values === undefined) continue;
    // Key by key through the index, whatever the planner knows of the table yet.
    return tx.query<ReservationRow>(
      {
        name: `inventory-read-reservations-${column}${open === '' ? '' : '-open'}`,
        text: `SELECT ${reservationColumns} FROM (SELECT DISTINCT unnest($1::${type}[]) AS wanted) w
          CROSS JOIN LATERAL (SELECT * FROM reservation WHERE ${column} = w.wanted ${open} OFFSET 0) r
          ORDER BY created_at, demand_key, part`,
      },
      [values],
    );
  }
  return [];
}

export async function loadReservations(tx: Tx, filter: ReservationFilter): Promise<ReservationRecord[]> {
  return (await readReservations(tx, filter)).map(toReservation);
}

export interface ReleasedStock {
  sku: string;
  /** '' where the reservation is of no lot. */
  lot: string;
  quantity: string;
}

const releasedSql = {
  name: 'inventory-released-stock',
  text: `SELECT sku, lot, trim_scale(sum(open))::text AS quantity FROM reservation
    WHERE location = $1 AND sku = ANY($2::text[]) AND fulfillment_id IS NOT NULL AND open > 0 GROUP BY sku, lot ORDER BY sku, lot`,
};

/** What a site has been told to ship and has not shipped. */
export function releasedStock(tx: Tx, location: string, skus: readonly string[]): Promise<ReleasedStock[]> {
  return tx.query<ReleasedStock>(releasedSql, [location, skus]);
}

export function toReservation(row: ReservationRow): ReservationRecord {
  const { lot, owner: _owner, orderId, lineNo, expiry, expiresAt, fulfillmentId, ...rest } = row;
  return {
    ...rest,
    ...(orderId === null ? {} : { orderId }),
    ...(lineNo === null ? {} : { lineNo }),
    ...(lot === '' ? {} : { lot }),
    ...(expiry === null ? {} : { expiry }),
    ...(expiresAt === null ? {} : { expiresAt }),
    ...(fulfillmentId === null ? {} : { fulfillmentId }),
  };
}

export interface ReservationChange {
  id: string;
  /** How much of `open` leaves the reservation, and where to. */
  consumed?: string;
  released?: string;
  picked?: string;
  expired?: boolean;
}

const changeSql = {
  name: 'inventory-change-reservations',
  text: `UPDATE reservation r SET open = r.open - c.consumed - c.released, consumed = r.consumed + c.consumed,
    released = r.released + c.released, picked = greatest(0, r.picked + c.picked),
    state = CASE WHEN r.open > c.consumed + c.released THEN CASE WHEN r.hard THEN 'allocated' ELSE 'held' END
      WHEN r.consumed + c.consumed > 0 THEN 'consumed' WHEN c.expired THEN 'expired' ELSE 'released' END
  FROM (SELECT id, sum(consumed) AS consumed, sum(released) AS released, sum(picked) AS picked, bool_or(expired) AS expired
          FROM jsonb_to_recordset($1::jsonb) AS j(id uuid, consumed numeric, released numeric, picked numeric, expired boolean)
         GROUP BY id) c
  WHERE r.id = c.id`,
};

/** The caller holds the items' locks. */
export async function changeReservations(tx: Tx, changes: readonly ReservationChange[]): Promise<void> {
  if (changes.length === 0) return;
  const rows = changes.map((change) => ({
    id: change.id,
    consumed: change.consumed ?? '0',
    released: change.released ?? '0',
    picked: change.picked ?? '0',
    expired: change.expired ?? false,
  }));
  await tx.query(changeSql, [JSON.stringify(rows)]);
}
