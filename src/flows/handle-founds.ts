import type { NewEvent } from '../events/index.ts';
import type { FulfillmentRecord } from '../fulfillment/index.ts';
import { loadReservations, openDemands, releaseReservations, restoreShortStock } from '../inventory/index.ts';
import { addDecimals, isPositiveDecimal, isZeroDecimal, minDecimal, subtractDecimals } from '../model/index.ts';
import { lineOf, type OrderAggregate, restoreRejected, saveOrders, setAllocation } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import { backorderKey } from './announce-holds.ts';
import { releaseStock } from './apply-stock.ts';
import type { Hub } from './flow.ts';
import { holdIncomplete } from './hold-incomplete.ts';
import { settleExceptions } from './raise-exceptions.ts';

/** A line of a fulfilment order of which the warehouse has `quantity` that it had reported short; base units. */
export interface FoundLine {
  record: FulfillmentRecord;
  lineNo: number;
  sku: string;
  quantity: string;
  source: string;
  occurredAt: Date;
}

/**
 * What follows when a short pick turns out not to have been one, because the warehouse says so or ships the goods: nobody
 * waits for them any more, what was held for a count is the order's again, and the exceptions are settled. What another
 * site has been told to send instead stays there.
 */
export async function handleFounds(
  tx: Tx,
  hub: Hub,
  founds: readonly FoundLine[],
  orders: ReadonlyMap<string, OrderAggregate>,
): Promise<void> {
  if (founds.length === 0) return;
  const now = hub.clock.now();
  const lines = founds.map((found) => ({ ...found, orderId: found.record.order.orderId }));
  const givenUp = await giveUpWaiting(tx, lines, orders, now);
  const done = await restoreShortStock(
    tx,
    lines.map(({ record, orderId, lineNo, sku, quantity, source, occurredAt }, i) => {
      const reserve = minDecimal(quantity, givenUp[i]!);
      return { orderId, lineNo, fulfillmentId: record.order.id, quantity, reserve, sku, source, occurredAt };
    }),
    now,
  );
  const changed = new Set(lines.map(({ orderId }) => orders.get(orderId)!));
  await takeOverStock(tx, lines, orders);
  await saveOrders(tx, changed, now);
  const whole = lines.filter(({ orderId, lineNo }) =>
    isZeroDecimal(lineOf(orders.get(orderId)!, lineNo).q.backordered),
  );
  await settleExceptions(tx, hub, {
    dedupeKeys: [
      ...done.map((id) => `short-pick:${id}`),
      ...whole.map(({ orderId, lineNo }) => backorderKey(orderId, lineNo)),
    ],
    resolution: 'The warehouse has found it',
    by: 'hub',
  });
  await hub.events.publish(
    tx,
    lines.flatMap((line) => foundEvents(line, orders.get(line.orderId)!)),
  );
  await holdIncomplete(tx, hub, changed);
}

type Line = FoundLine & { orderId: string };

/** Takes the lines out of the queue, gives back what was reserved for them elsewhere, and takes refusals back. */
async function giveUpWaiting(
  tx: Tx,
  lines: readonly Line[],
  orders: ReadonlyMap<string, OrderAggregate>,
  now: Date,
): Promise<string[]> {
  const orderIds = [...new Set(lines.map(({ orderId }) => orderId))];
  const queue = await openDemands(tx, { orderIds, limit: 100_000 });
  const restored = lines.map(({ orderId, lineNo, quantity }) =>
    restoreRejected(orders.get(orderId)!, lineNo, quantity, 'SHORT_PICK'),
  );
  const wanted = lines.map(({ quantity }, i) => subtractDecimals(quantity, restored[i]!));
  const released = await releaseReservations(
    tx,
    lines.flatMap(({ orderId, lineNo }, i) =>
      isPositiveDecimal(wanted[i]!)
        ? [{ orderId, lineNo, fulfillmentId: null, quantity: wanted[i]!, reason: 'found' }]
        : [],
    ),
    now,
  );
  return lines.map(({ orderId, lineNo }, i) => {
    const waiting = queue.find((each) => each.orderId === orderId && each.lineNo === lineNo)?.open ?? '0';
    const parts = released.filter((part) => part.orderId === orderId && part.lineNo === lineNo);
    return addDecimals(restored[i]!, minDecimal(waiting, wanted[i]!), ...parts.map((part) => part.quantity));
  });
}

/** What the lines say of stock becomes what is reserved for them and what waits. */
async function takeOverStock(
  tx: Tx,
  lines: readonly { orderId: string; lineNo: number }[],
  orders: ReadonlyMap<string, OrderAggregate>,
): Promise<void> {
  const orderIds = [...new Set(lines.map(({ orderId }) => orderId))];
  const keyOf = (each: { orderId?: string; lineNo?: number }): string => `${each.orderId} ${each.lineNo}`;
  const reserved = Map.groupBy(await loadReservations(tx, { orderIds }), keyOf);
  const waiting = Map.groupBy(await openDemands(tx, { orderIds, limit: 100_000 }), keyOf);
  for (const line of lines) {
    const own = (reserved.get(keyOf(line)) ?? []).filter((each) => each.hard);
    const backordered = waiting.get(keyOf(line))?.[0]?.open ?? '0';
    setAllocation(orders.get(line.orderId)!, line.lineNo, {
      allocated: addDecimals('0', ...own.flatMap((each) => [each.open, each.consumed])),
      backordered,
      ...(isZeroDecimal(backordered) ? { promisedDate: null } : {}),
    });
  }
}

function foundEvents({ record, lineNo, sku, quantity }: Line, aggregate: OrderAggregate): NewEvent[] {
  const { location } = record.order;
  const { q } = lineOf(aggregate, lineNo);
  const { correlationId } = aggregate.document;
  return [
    {
      type: isZeroDecimal(q.backordered) ? 'sales.line.allocated' : 'sales.line.partiallyAllocated',
      entity: { kind: 'order', id: aggregate.id },
      key: aggregate.id,
      orderId: aggregate.id,
      correlationId,
      data: { lineNo, sku, quantity, allocated: q.allocated, backordered: q.backordered },
      version: aggregate.version,
      reason: 'found',
    },
    {
      type: 'inventory.stock.statusChanged',
      entity: { kind: 'availability', id: sku },
      key: `${sku}@${location}`,
      orderId: aggregate.id,
      correlationId,
      data: { sku, location, from: 'hold', to: 'available', quantity },
      reason: 'found',
    },
  ];
}

/**
 * Lets go of what lines have reserved or wait for beyond what is still open of them: more left the dock than the hub had
 * released. Called after goods have left; changes nothing otherwise.
 */
export async function dropBeyondOpen(
  tx: Tx,
  hub: Hub,
  lines: readonly { orderId: string; lineNo: number }[],
  orders: ReadonlyMap<string, OrderAggregate>,
): Promise<void> {
  const lifted = lines.filter(({ orderId, lineNo }) => {
    const aggregate = orders.get(orderId);
    return aggregate !== undefined && lineOf(aggregate, lineNo).inferred?.includes('released') === true;
  });
  if (lifted.length === 0) return;
  const now = hub.clock.now();
  const orderIds = [...new Set(lifted.map(({ orderId }) => orderId))];
  const reserved = await loadReservations(tx, { orderIds });
  const queue = await openDemands(tx, { orderIds, limit: 100_000 });
  const excess = lifted.flatMap(({ orderId, lineNo }) => {
    const of = (each: { orderId?: string; lineNo?: number }) => each.orderId === orderId && each.lineNo === lineNo;
    const own = reserved.filter((each) => of(each) && each.hard);
    const unreleased = own.filter((each) => each.fulfillmentId === undefined).map((each) => each.open);
    const waiting = queue.filter(of).map((each) => each.open);
    const atSites = addDecimals(
      '0',
      ...own.filter((each) => each.fulfillmentId !== undefined).map((each) => each.open),
    );
    const { ordered, cancelled, shipped } = lineOf(orders.get(orderId)!, lineNo).q;
    const room = subtractDecimals(ordered, addDecimals(cancelled, shipped, atSites));
    const claimed = addDecimals('0', ...unreleased, ...waiting);
    const quantity = isPositiveDecimal(room) ? subtractDecimals(claimed, room) : claimed;
    return isPositiveDecimal(quantity) ? [{ orderId, lineNo, fulfillmentId: null, quantity, reason: 'shipped' }] : [];
  });
  if (excess.length === 0) return;
  await releaseStock(tx, hub, excess, ({ orderId }) => ({
    correlationId: orders.get(orderId!)!.document.correlationId,
  }));
  await takeOverStock(tx, excess, orders);
  const changed = new Set(excess.map(({ orderId }) => orders.get(orderId)!));
  await saveOrders(tx, changed, now);
  await settleExceptions(tx, hub, {
    dedupeKeys: excess
      .filter(({ orderId, lineNo }) => isZeroDecimal(lineOf(orders.get(orderId)!, lineNo).q.backordered))
      .map(({ orderId, lineNo }) => backorderKey(orderId, lineNo)),
    resolution: 'It has shipped',
    by: 'hub',
  });
  await holdIncomplete(tx, hub, changed);
}
