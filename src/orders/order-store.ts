import { countOpenByOrder } from '../exceptions/index.ts';
import type { SalesOrder } from '../model/index.ts';
import { recordExposure } from '../parties/index.ts';
import { instantText, type Tx } from '../platform/index.ts';
import { LockedOrder, refreshOrder } from './change-order.ts';
import { deriveOrder, exposureOf, initialState, isClosed, orderNumber } from './derive-order.ts';
import { readDocuments } from './order-documents.ts';
import type { InsertResult, OrderAggregate, OrderDocument, OrderState } from './orders-types.ts';

/** One row of sales_order joined with its state. */
export interface OrderRow {
  id: string;
  order_number: number;
  document: OrderDocument;
  version: number;
  state: OrderState;
  updated_at: Date;
}

export const orderColumns = 'o.id, o.order_number, o.document, s.version, s.state, s.updated_at';

export function orderFromRow(row: OrderRow): SalesOrder {
  return deriveOrder(row.document, row.state, {
    orderNo: orderNumber(row.order_number),
    version: row.version,
    updatedAt: row.updated_at.toISOString(),
  });
}

/** The derived columns that lists and searches for siblings use. */
export function stateRecord(order: SalesOrder, state: OrderState) {
  const holds = [...state.holds, ...state.lines.flatMap((line) => line.holds ?? [])];
  const keys = holds.flatMap(({ code, causeKey }) => (causeKey === undefined ? [code] : [code, `${code}:${causeKey}`]));
  return {
    order_id: order.id,
    customer: order.customer,
    channel: order.channel,
    milestone: order.status.milestone,
    on_hold: order.status.onHold,
    hold_keys: [...new Set(keys)],
    closed: isClosed(order),
    amount_minor: order.totals.amountMinor,
    erp_order_no: state.erpOrderNo,
    state,
  };
}

const stateColumns = `order_id uuid, customer text, channel text, milestone text, on_hold boolean, hold_keys text[],
  closed boolean, amount_minor bigint, erp_order_no text, state jsonb`;

// Measured against two statements: one round trip less per batch of intake. A natural key that is taken inserts neither row,
// since the state joins what was really inserted.
const insertSql = {
  name: 'orders-insert',
  text: `WITH given AS (
      SELECT * FROM jsonb_to_recordset($1) AS g(id uuid, natural_key text, fingerprint text, customer_po text,
        native_id text, document json, ${stateColumns})
    ), inserted AS (
      INSERT INTO sales_order (tenant_id, id, natural_key, fingerprint, customer, customer_po, channel, native_id,
        created_at, document)
      SELECT current_setting('crossdock.tenant'), id, natural_key, fingerprint, customer, customer_po, channel,
        native_id, $2, document
      FROM given ORDER BY natural_key
      ON CONFLICT (tenant_id, natural_key) DO NOTHING RETURNING id, order_number
    ), states AS (
      INSERT INTO sales_order_state (tenant_id, order_id, version, customer, channel, milestone, on_hold, hold_keys,
        closed, amount_minor, state, updated_at)
      SELECT current_setting('crossdock.tenant'), g.order_id, 1, g.customer, g.channel, g.milestone, g.on_hold,
        g.hold_keys, g.closed, g.amount_minor, g.state, $2
      FROM given g JOIN inserted i ON i.id = g.id
    )
    SELECT id, order_number FROM inserted`,
};

export interface Draft {
  document: OrderDocument;
  state: OrderState;
  order: SalesOrder;
}

/** An order as it is about to be recorded; its number is given by the database. */
export function draftOf(document: OrderDocument, now: Date): Draft {
  const state = initialState(document);
  return {
    document,
    state,
    order: deriveOrder(document, state, { orderNo: '', version: 1, updatedAt: instantText(now) }),
  };
}

function orderRecord({ document }: Draft) {
  const { id, naturalKey, fingerprint, customer, customerPo, channel, nativeId } = document;
  return {
    id,
    natural_key: naturalKey,
    fingerprint,
    customer,
    customer_po: customerPo,
    channel,
    native_id: nativeId,
    document,
  };
}

/**
 * Records orders; one whose natural key is taken, also by an earlier one of the same call, is answered with the order
 * that has it. `differs` compares fingerprints.
 */
export async function insertOrders(tx: Tx, documents: readonly OrderDocument[], now: Date): Promise<InsertResult[]> {
  if (documents.length === 0) return [];
  const firstByKey = new Map<string, OrderDocument>();
  for (const document of documents) {
    if (!firstByKey.has(document.naturalKey)) firstByKey.set(document.naturalKey, document);
  }
  const drafts = new Map([...firstByKey.values()].map((document) => [document.id, draftOf(document, now)]));
  const rows = [...drafts.values()].map((draft) => ({
    ...orderRecord(draft),
    ...stateRecord(draft.order, draft.state),
  }));
  const inserted = await tx.query<{ id: string; order_number: number }>(insertSql, [JSON.stringify(rows), now]);
  const created = new Map<string, SalesOrder>();
  for (const { id, order_number } of inserted) {
    const { order } = drafts.get(id)!;
    created.set(id, { ...order, orderNo: orderNumber(order_number) });
  }
  const taken = documents.filter((document) => !created.has(document.id)).map((document) => document.naturalKey);
  const existing = await loadByNaturalKey(tx, taken);
  return documents.map((document): InsertResult => {
    const order = created.get(document.id);
    if (order !== undefined) return { outcome: 'created', order };
    const known = existing.get(document.naturalKey)!;
    return {
      outcome: 'duplicate',
      existingId: known.id,
      existingOrderNo: orderNumber(known.order_number),
      differs: known.fingerprint !== document.fingerprint,
    };
  });
}

interface KeyRow {
  id: string;
  order_number: number;
  natural_key: string;
  fingerprint: string;
}

async function loadByNaturalKey(tx: Tx, keys: readonly string[]): Promise<Map<string, KeyRow>> {
  if (keys.length === 0) return new Map();
  const rows = await tx.query<KeyRow>(
    {
      name: 'orders-by-natural-key',
      text: 'SELECT id, order_number, natural_key, fingerprint FROM sales_order WHERE natural_key = ANY($1)',
    },
    [keys],
  );
  return new Map(rows.map((row) => [row.natural_key, row]));
}

/** Orders whose locks a transaction holds, as it has read or last saved them. */
const lockedBy = new WeakMap<Tx, Map<string, OrderAggregate>>();

/**
 * Locks orders in id order, so that batches never deadlock; unknown ids are missing from the answer. Whoever locks an order
 * again in the same transaction gets the same aggregate: what one step has saved the next one sees, without reading it anew.
 */
export async function lockOrders(tx: Tx, ids: readonly string[]): Promise<Map<string, OrderAggregate>> {
  if (ids.length === 0) return new Map();
  let held = lockedBy.get(tx);
  if (held === undefined) lockedBy.set(tx, (held = new Map()));
  const wanted = new Set(ids);
  const missing = [...wanted].filter((id) => !held.has(id));
  if (missing.length > 0) {
    const rows = await readOrders(tx, lockSql, missing);
    for (const row of rows) held.set(row.id, aggregateOf(row));
  }
  const locked = [...wanted].sort().flatMap((id): [string, OrderAggregate][] => {
    const aggregate = held.get(id);
    return aggregate === undefined ? [] : [[id, aggregate]];
  });
  return new Map(locked);
}

function aggregateOf({ id, order_number, document, state, version, updated_at }: OrderRow): OrderAggregate {
  const updatedAt = updated_at.toISOString();
  return new LockedOrder({ id, orderNo: orderNumber(order_number), document, state, version, updatedAt });
}

const stateSql = `SELECT s.order_id AS id, s.version, s.state, s.updated_at FROM sales_order_state s
  WHERE s.order_id = ANY($1::uuid[]) ORDER BY s.order_id`;
const lockSql = { name: 'orders-lock', text: `${stateSql} FOR UPDATE` };
const readSql = { name: 'orders-read', text: stateSql };

/** The orders' states, with the documents that they belong to: those that are not in memory travel with the same trip. */
async function readOrders(tx: Tx, sql: typeof lockSql, ids: readonly string[]): Promise<OrderRow[]> {
  const [states, documents] = await Promise.all([
    tx.query<Omit<OrderRow, 'order_number' | 'document'>>(sql, [ids]),
    readDocuments(tx, ids),
  ]);
  return states.flatMap((state) => {
    const found = documents.get(state.id);
    return found === undefined ? [] : [{ ...state, ...found }];
  });
}

/**
 * Derives status and exposure anew and writes the orders, in two statements whatever their number. The aggregates' `order`
 * then is what was written.
 */
export async function saveOrders(tx: Tx, aggregates: Iterable<OrderAggregate>, now: Date): Promise<void> {
  const saved = [...aggregates];
  if (saved.length === 0) return;
  const changes = saved.flatMap((aggregate) => {
    aggregate.version++;
    aggregate.updatedAt = now.toISOString();
    const order = refreshOrder(aggregate);
    const before = aggregate.state.exposure ?? { unshippedMinor: 0, uninvoicedMinor: 0 };
    const after = exposureOf(order, aggregate.state);
    aggregate.state.exposure = after;
    const unshippedMinor = after.unshippedMinor - before.unshippedMinor;
    const uninvoicedMinor = after.uninvoicedMinor - before.uninvoicedMinor;
    if (unshippedMinor === 0 && uninvoicedMinor === 0) return [];
    return [{ account: aggregate.document.creditAccount, unshippedMinor, uninvoicedMinor, reason: aggregate.orderNo }];
  });
  const written = tx.query(
    {
      name: 'orders-save',
      text: `UPDATE sales_order_state s SET version = s.version + 1, milestone = r.milestone, on_hold = r.on_hold,
          hold_keys = r.hold_keys, closed = r.closed, amount_minor = r.amount_minor, erp_order_no = r.erp_order_no,
          state = r.state, updated_at = $2
        FROM jsonb_to_recordset($1) AS r(${stateColumns})
        WHERE s.tenant_id = current_setting('crossdock.tenant') AND s.order_id = r.order_id`,
    },
    [JSON.stringify(saved.map((aggregate) => stateRecord(aggregate.order, aggregate.state))), now],
  );
  await Promise.all([written, recordExposure(tx, changes)]);
}

/** Orders as they stand, with the overlay of their open exceptions. */
export async function loadOrders(tx: Tx, ids: readonly string[]): Promise<Map<string, SalesOrder>> {
  if (ids.length === 0) return new Map();
  const rows = await readOrders(tx, readSql, [...new Set(ids)]);
  const orders = await withExceptionOverlay(tx, rows.map(orderFromRow));
  return new Map(orders.map((order) => [order.id, order]));
}

/** Marks the orders that have open exceptions. */
export async function withExceptionOverlay(tx: Tx, orders: readonly SalesOrder[]): Promise<SalesOrder[]> {
  const open = await countOpenByOrder(
    tx,
    orders.map((order) => order.id),
  );
  return orders.map((order) =>
    open.has(order.id) ? { ...order, status: { ...order.status, exception: true } } : order,
  );
}

/** An order as the answer to its submission showed it, whatever has happened to it since. */
export async function loadInitialOrder(tx: Tx, id: string): Promise<SalesOrder | undefined> {
  const rows = await tx.query<{ order_number: number; document: OrderDocument }>(
    {
      name: 'orders-load-initial',
      text: 'SELECT order_number, document FROM sales_order WHERE id = $1',
    },
    [id],
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  return deriveOrder(row.document, initialState(row.document), {
    orderNo: orderNumber(row.order_number),
    version: 1,
    updatedAt: row.document.createdAt,
  });
}
