import { listOrdersWithOpen } from '../exceptions/index.ts';
import type { SalesOrder } from '../model/index.ts';
import { isUuid, type Tx } from '../platform/index.ts';
import { CLOSED_MILESTONES, parseOrderNumber } from './derive-order.ts';
import { type OrderRow, orderColumns, orderFromRow, withExceptionOverlay } from './order-store.ts';
import type { OrderFilter } from './orders-types.ts';

const joined = `sales_order o JOIN sales_order_state s ON s.tenant_id = o.tenant_id AND s.order_id = o.id`;

/** Exceptions are worked off; should they ever be more, the oldest orders are not told apart by them. */
const mostWithException = 10_000;

/** Newest first; `after` is the id of the last order of the page before. */
export async function listOrders(
  tx: Tx,
  filter: OrderFilter,
  page: { limit: number; after?: string },
): Promise<{ rows: SalesOrder[]; next?: string }> {
  const conditions: string[] = ["o.tenant_id = current_setting('crossdock.tenant')"];
  const values: unknown[] = [];
  const where = (condition: string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition.replace('?', `$${values.length}`));
  };
  where('o.customer = ?', filter.customer);
  where('o.customer_po = ?', filter.customerPo);
  where('s.channel = ?', filter.channel);
  if (filter.orderNo !== undefined) where('o.order_number = ?', parseOrderNumber(filter.orderNo) ?? -1);
  where('s.milestone = ?', filter.milestone);
  // Said as well, so that the index of the open ones can serve.
  if (filter.milestone !== undefined && !CLOSED_MILESTONES.includes(filter.milestone)) conditions.push('NOT s.closed');
  where('s.on_hold = ?', filter.onHold);
  if (filter.open !== undefined) where('s.closed = ?', !filter.open);
  where('o.created_at >= ?', filter.since);
  if (filter.exception !== undefined) {
    const ids = await listOrdersWithOpen(tx, mostWithException);
    where(filter.exception ? 'o.id = ANY(?::uuid[])' : 'NOT o.id = ANY(?::uuid[])', ids);
  }
  if (page.after !== undefined) where('o.id < ?::uuid', isUuid(page.after) ? page.after : undefined);
  values.push(page.limit + 1);
  const rows = await tx.query<OrderRow>(
    `SELECT ${orderColumns} FROM ${joined} WHERE ${conditions.join(' AND ')} ORDER BY o.id DESC LIMIT $${values.length}`,
    values,
  );
  const shown = await withExceptionOverlay(tx, rows.slice(0, page.limit).map(orderFromRow));
  return { rows: shown, next: rows.length > page.limit ? shown.at(-1)!.id : undefined };
}

/** Shorter beginnings of a purchase order's number would find too much to be of use. */
const shortestBeginning = 3;

/**
 * By order number, ERP number, the source's own id, natural key or id, as whole values; by purchase order from its beginning, as typed
 * or in capitals. Newest first.
 */
export async function searchOrders(tx: Tx, text: string, limit: number): Promise<SalesOrder[]> {
  const wanted = text.trim();
  if (wanted === '') return [];
  const rows = await tx.query<OrderRow>(
    `SELECT ${orderColumns} FROM ${joined} WHERE (o.tenant_id, o.id) IN (
       SELECT tenant_id, id FROM sales_order WHERE customer_po = $1
       UNION (SELECT tenant_id, id FROM sales_order WHERE customer_po >= $1 AND customer_po < $5 LIMIT $4)
       UNION (SELECT tenant_id, id FROM sales_order WHERE customer_po >= $6 AND customer_po < $7 LIMIT $4)
       UNION SELECT tenant_id, id FROM sales_order WHERE native_id = $1
       UNION SELECT tenant_id, id FROM sales_order WHERE natural_key = $1
       UNION SELECT tenant_id, id FROM sales_order WHERE order_number = $2
       UNION SELECT tenant_id, id FROM sales_order WHERE id = $3::uuid
       UNION SELECT tenant_id, order_id FROM sales_order_state WHERE erp_order_no = $1)
     ORDER BY o.id DESC LIMIT $4`,
    [
      wanted,
      parseOrderNumber(wanted) ?? -1,
      isUuid(wanted) ? wanted : null,
      limit,
      afterBeginning(wanted),
      wanted.toUpperCase(),
      afterBeginning(wanted.toUpperCase()),
    ],
  );
  return withExceptionOverlay(tx, rows.map(orderFromRow));
}

/** The end of a range of texts that begin so, by their bytes: as a range it uses the index under row-level security, LIKE does not. */
const afterBeginning = (text: string): string => (text.length < shortestBeginning ? text : `${text}\u{10FFFF}`);

/** Ids by any of the numbers given; a number that names no order is missing from the answer. */
export async function findOrderIds(
  tx: Tx,
  keys: { orderNos?: readonly string[]; erpOrderNos?: readonly string[]; naturalKeys?: readonly string[] },
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const byNumber = new Map(
    (keys.orderNos ?? []).flatMap((orderNo) => {
      const number = parseOrderNumber(orderNo);
      return number === undefined ? [] : [[number, orderNo] as const];
    }),
  );
  if (byNumber.size > 0) {
    const rows = await tx.query<{ id: string; order_number: number }>(
      {
        name: 'orders-ids-by-number',
        text: 'SELECT id, order_number FROM sales_order WHERE order_number = ANY($1::bigint[])',
      },
      [[...byNumber.keys()]],
    );
    for (const row of rows) found.set(byNumber.get(row.order_number)!, row.id);
  }
  if (keys.erpOrderNos !== undefined && keys.erpOrderNos.length > 0) {
    const rows = await tx.query<{ order_id: string; erp_order_no: string }>(
      {
        name: 'orders-ids-by-erp-number',
        text: 'SELECT order_id, erp_order_no FROM sales_order_state WHERE erp_order_no = ANY($1)',
      },
      [keys.erpOrderNos],
    );
    for (const row of rows) found.set(row.erp_order_no, row.order_id);
  }
  if (keys.naturalKeys !== undefined && keys.naturalKeys.length > 0) {
    const rows = await tx.query<{ id: string; natural_key: string }>(
      {
        name: 'orders-ids-by-natural-key',
        text: 'SELECT id, natural_key FROM sales_order WHERE natural_key = ANY($1)',
      },
      [keys.naturalKeys],
    );
    for (const row of rows) found.set(row.natural_key, row.id);
  }
  return found;
}

/**
 * Orders on hold for one of `keys`, oldest first: a code (`CREDIT_HOLD`), or a code and its cause
 * (`SHIPTO_INVALID:C100::0614141900206`). That is how one fix finds every sibling.
 */
export async function findHeldOrders(
  tx: Tx,
  filter: { keys?: readonly string[]; customers?: readonly string[]; after?: string },
  limit: number,
): Promise<string[]> {
  const rows = await tx.query<{ order_id: string }>(
    {
      name: 'orders-find-held',
      text: `SELECT order_id FROM sales_order_state
        WHERE on_hold AND ($1::text[] IS NULL OR hold_keys && $1) AND ($2::text[] IS NULL OR customer = ANY($2))
          AND ($3::uuid IS NULL OR order_id > $3)
        ORDER BY order_id LIMIT $4`,
    },
    [filter.keys ?? null, filter.customers ?? null, filter.after ?? null, limit],
  );
  return rows.map((row) => row.order_id);
}

/** How many orders one customer's PO and release have become, so that one more gets the next instance number. */
export async function countInstances(
  tx: Tx,
  order: { customer: string; customerPo: string; release?: string },
): Promise<number> {
  const rows = await tx.query<{ count: number }>(
    `SELECT count(*) AS count FROM sales_order WHERE customer_po = $1 AND customer = $2
       AND coalesce(document ->> 'release', '') = $3`,
    [order.customerPo, order.customer, order.release ?? ''],
  );
  return rows[0]?.count ?? 0;
}

/** Orders that are not closed, by milestone, hold and currency. */
export function countOrders(
  tx: Tx,
): Promise<{ milestone: string; onHold: boolean; currency: string; orders: number; amountMinor: number }[]> {
  return tx.query(
    `SELECT s.milestone, s.on_hold AS "onHold", o.document ->> 'currency' AS currency, count(*) AS orders,
       sum(s.amount_minor)::bigint AS "amountMinor"
     FROM sales_order_state s JOIN sales_order o ON o.tenant_id = s.tenant_id AND o.id = s.order_id
     WHERE NOT s.closed GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  );
}

/** How many of these are orders, and what they come to. */
export function sumOrders(
  tx: Tx,
  ids: readonly string[],
): Promise<{ currency: string; orders: number; amountMinor: number }[]> {
  return tx.query(
    `SELECT o.document ->> 'currency' AS currency, count(*)::integer AS orders, sum(s.amount_minor)::bigint AS "amountMinor"
     FROM sales_order_state s JOIN sales_order o ON o.tenant_id = s.tenant_id AND o.id = s.order_id
     WHERE s.tenant_id = $1 AND s.order_id = ANY ($2::uuid[]) GROUP BY 1 ORDER BY 3 DESC`,
    [tx.tenantId, ids],
  );
}

/** Orders that are open, not on hold, and have not changed since `before`: oldest first. */
export async function findIdleOrders(tx: Tx, before: Date, limit: number): Promise<string[]> {
  const rows = await tx.query<{ order_id: string }>(
    `SELECT order_id FROM sales_order_state WHERE NOT closed AND NOT on_hold AND updated_at < $1
     ORDER BY updated_at, order_id LIMIT $2`,
    [before, limit],
  );
  return rows.map((row) => row.order_id);
}

/** Unshipped orders that the buyer no longer wants after `lastDay` (local date) or before it; the most urgent first. */
export function findCancelDateRisks(
  tx: Tx,
  lastDay: string,
  limit: number,
): Promise<{ orderId: string; cancelAfter: string }[]> {
  return tx.query(
    `SELECT * FROM (
       SELECT s.order_id AS "orderId",
         coalesce(o.document #>> '{windows,cancelAfter}', o.document #>> '{windows,shipNotAfter}') AS "cancelAfter"
       FROM sales_order_state s JOIN sales_order o ON o.tenant_id = s.tenant_id AND o.id = s.order_id
       WHERE NOT s.closed AND s.milestone <> 'shipped') AS dated
     WHERE "cancelAfter" <= $1 ORDER BY "cancelAfter", "orderId" LIMIT $2`,
    [lastDay, limit],
  );
}
