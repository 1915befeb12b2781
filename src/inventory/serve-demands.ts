import type { Tx } from '../platform/index.ts';
import { uuidv7 } from '../platform/index.ts';
import type { Demand, OpenDemand, Reserved } from './inventory-types.ts';
import { lockItems } from './lock-items.ts';
import { reserve } from './reserve.ts';

const columns = `d.order_id AS "orderId", d.line_no AS "lineNo", d.sku, d.channel, trim_scale(d.open)::text AS open, d.since,
  d.priority, d.min_shelf_days AS "minShelfDays", d.issue`;

/**
 * Unlocated demand in the order in which arriving stock is given to it: priority, then age. `locations` narrows it to items
 * that have stock there. Reads without locks: `serveDemands` looks again.
 */
export async function openDemands(
  tx: Tx,
  filter: { skus?: readonly string[]; locations?: readonly string[]; orderIds?: readonly string[]; limit: number },
): Promise<OpenDemand[]> {
  return tx.query<OpenDemand>(
    `SELECT ${columns} FROM stock_demand d
     WHERE ($1::text[] IS NULL OR d.sku = ANY($1)) AND ($3::uuid[] IS NULL OR d.order_id = ANY($3))
       AND ($2::text[] IS NULL OR EXISTS (SELECT FROM inventory_position p WHERE p.sku = d.sku AND p.location = ANY($2)
             AND p.status = 'available' AND p.on_hand > p.hard_allocated))
     ORDER BY d.priority DESC, d.since, d.order_id, d.line_no LIMIT $4`,
    [filter.skus ?? null, filter.locations ?? null, filter.orderIds ?? null, filter.limit],
  );
}

/**
 * Gives stock that is free now to waiting lines, first come first served; what cannot be served keeps its place. The caller
 * holds the orders' locks and says which of their lines may take stock (not those on hold). `whole` lines wait until all of
 * their open quantity is there.
 */
export async function serveDemands(
  tx: Tx,
  lines: readonly { orderId: string; lineNo: number; shipDate: string; whole?: boolean }[],
  now: Date,
): Promise<Reserved[]> {
  if (lines.length === 0) return [];
  const orderIds = [...new Set(lines.map((line) => line.orderId))];
  const known = await openDemands(tx, { orderIds, limit: 100_000 });
  await lockItems(
    tx,
    known.map((demand) => demand.sku),
  );
  // Between the first look and the lock another transaction may have served or dropped a demand.
  const demands = await openDemands(tx, { orderIds, limit: 100_000 });
  const wanted = new Map(lines.map((line) => [`${line.orderId}:${line.lineNo}`, line]));
  const queue = demands.flatMap((demand): Demand[] => {
    const line = wanted.get(`${demand.orderId}:${demand.lineNo}`);
    if (line === undefined) return [];
    return [
      {
        key: `fill:${demand.orderId}:${demand.lineNo}:${uuidv7(now.getTime())}`,
        orderId: demand.orderId,
        lineNo: demand.lineNo,
        sku: demand.sku,
        quantity: demand.open,
        channel: demand.channel,
        hard: true,
        shipDate: line.shipDate,
        minShelfDays: demand.minShelfDays,
        issue: demand.issue,
        partial: line.whole !== true,
        backorder: true,
        queued: true,
        priority: demand.priority,
        since: demand.since,
      },
    ];
  });
  return reserve(tx, queue, now);
}
