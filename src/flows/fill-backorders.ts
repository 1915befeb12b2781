import type { NewEvent } from '../events/index.ts';
import { type OpenDemand, openDemands, type Reserved, releaseReservations, serveDemands } from '../inventory/index.ts';
import {
  addDecimals,
  isPositiveDecimal,
  isZeroDecimal,
  MANUAL_HOLD,
  maxDecimal,
  subtractDecimals,
} from '../model/index.ts';
import { lineOf, loadOrders, lockOrders, type OrderAggregate, saveOrders, setAllocation } from '../orders/index.ts';
import { localDate, type Tx } from '../platform/index.ts';
import { defineFlow, type FlowInput, flowDestination, type Hub } from './flow.ts';
import { holdIncomplete } from './hold-incomplete.ts';
import { shipDate } from './ship-date.ts';

/** Waiting lines looked at per transaction; more follow in the next one. */
const linesPerRound = 500;

/**
 * Stock that came in, was found again or was given back goes to the lines that wait for it, in order of demand. Lines on
 * hold keep their place and take nothing.
 */
export const fillBackorders = defineFlow({
  name: 'fill-backorders',
  on: [
    'inventory.stock.received',
    'inventory.stock.adjusted',
    'inventory.stock.counted',
    'inventory.snapshot.published',
    'inventory.reservation.released',
    'inventory.reservation.expired',
    'sales.order.cancelled',
    'sales.line.cancelled',
  ],
  // What only takes stock away serves nobody.
  when: ({ data }) => !(typeof data?.quantity === 'string' && data.quantity.startsWith('-')),
  lanes: 2,
  async handle(tx, batch, hub) {
    const skus = new Set<string>();
    const locations = new Set<string>();
    const orderIds: string[] = [];
    for (const { event, delivery } of batch) {
      const { data } = event ?? { data: delivery.payload.data };
      const named = [data?.sku, ...(Array.isArray(data?.skus) ? data.skus : [])].filter(
        (each) => typeof each === 'string',
      );
      for (const sku of named) skus.add(sku);
      if (named.length > 0) continue;
      if (typeof data?.location === 'string') locations.add(data.location);
      else if (event?.orderId !== undefined) orderIds.push(event.orderId);
    }
    for (const sku of await skusOfOrders(tx, orderIds)) skus.add(sku);
    if (skus.size > 0) await fillFrom(tx, hub, { skus: [...skus] }, batch);
    if (locations.size > 0) await fillFrom(tx, hub, { locations: [...locations] }, batch);
  },
});

/** What a cancelled order held is free now, whatever it was. */
async function skusOfOrders(tx: Tx, orderIds: readonly string[]): Promise<string[]> {
  const orders = await loadOrders(tx, orderIds);
  return [...orders.values()].flatMap((order) => order.lines.map((line) => line.sku));
}

async function fillFrom(
  tx: Tx,
  hub: Hub,
  filter: { skus?: string[]; locations?: string[] },
  batch: readonly FlowInput[],
): Promise<void> {
  const waiting = await openDemands(tx, { ...filter, limit: linesPerRound });
  if (waiting.length === 0) return;
  const now = hub.clock.now();
  const orders = await lockOrders(
    tx,
    waiting.map((demand) => demand.orderId),
  );
  const lines = waiting.filter(({ orderId, lineNo }) => mayTakeStock(orders.get(orderId), lineNo));
  await dropBeyondOpen(tx, lines, orders, now);
  const today = localDate(now, hub.timeZone);
  const served = await serveDemands(
    tx,
    lines.map(({ orderId, lineNo }) => ({ orderId, lineNo, shipDate: shipDate(orders.get(orderId)!.document, today) })),
    now,
  );
  const filled = served.filter((each) => isPositiveDecimal(each.reserved));
  for (const each of filled) settleLine(orders.get(each.orderId!)!, each);
  const changed = [...new Set(filled.map((each) => orders.get(each.orderId!)!))];
  await saveOrders(tx, changed, now);
  await holdIncomplete(tx, hub, changed);
  await hub.events.publish(
    tx,
    filled.map((each) => fillEvent(orders.get(each.orderId!)!, each)),
  );
  await hub.enqueue(
    tx,
    changed.map((aggregate) => ({
      destination: flowDestination('release-order'),
      key: aggregate.id,
      operation: 'release',
      payload: { kind: 'command', entity: { kind: 'order', id: aggregate.id } },
      correlationId: aggregate.document.correlationId,
    })),
  );
  if (waiting.length === linesPerRound && filled.length > 0) await continueLater(tx, hub, filter, batch);
}

/** A queue longer than one round: the same event again, after everything that waits now. */
async function continueLater(
  tx: Tx,
  hub: Hub,
  filter: { skus?: string[]; locations?: string[] },
  batch: readonly FlowInput[],
): Promise<void> {
  const first = batch[0]!.delivery;
  const location = filter.locations?.[0];
  await hub.enqueue(tx, [
    {
      destination: flowDestination('fill-backorders'),
      key: first.key,
      operation: 'fill',
      payload: { kind: 'command', data: filter.skus === undefined ? { location } : { skus: filter.skus } },
      correlationId: first.correlationId,
    },
  ]);
}

/** Nothing waits for more than is still open of its line, whatever has happened to the line since it joined the queue. */
async function dropBeyondOpen(
  tx: Tx,
  lines: readonly OpenDemand[],
  orders: ReadonlyMap<string, OrderAggregate>,
  now: Date,
): Promise<void> {
  const excess = lines.flatMap(({ orderId, lineNo, open }) => {
    const { ordered, cancelled, allocated } = lineOf(orders.get(orderId)!, lineNo).q;
    const room = maxDecimal('0', subtractDecimals(ordered, addDecimals(cancelled, allocated)));
    const quantity = subtractDecimals(open, room);
    // Waiting lines hold no soft stock, so this takes from the queue alone.
    return isPositiveDecimal(quantity) ? [{ orderId, lineNo, quantity, hard: false, reason: 'notOpen' }] : [];
  });
  await releaseReservations(tx, excess, now);
}

function mayTakeStock(aggregate: OrderAggregate | undefined, lineNo: number): boolean {
  if (aggregate === undefined || aggregate.state.decision === 'rejected') return false;
  const keepsItsTurn = ({ code }: { code: string }): boolean => code === 'SHIP_COMPLETE' || code === MANUAL_HOLD;
  return aggregate.state.holds.every(keepsItsTurn) && lineOf(aggregate, lineNo).holds.every(keepsItsTurn);
}

function settleLine(aggregate: OrderAggregate, served: Reserved): void {
  const line = lineOf(aggregate, served.lineNo!);
  const backordered = maxDecimal('0', subtractDecimals(line.q.backordered, served.reserved));
  setAllocation(aggregate, served.lineNo!, {
    allocated: addDecimals(line.q.allocated, served.reserved),
    backordered,
    ...(isZeroDecimal(backordered) ? { promisedDate: null } : {}),
  });
}

function fillEvent(aggregate: OrderAggregate, served: Reserved): NewEvent {
  const line = lineOf(aggregate, served.lineNo!);
  return {
    type: isZeroDecimal(line.q.backordered) ? 'sales.line.allocated' : 'sales.line.partiallyAllocated',
    entity: { kind: 'order', id: aggregate.id },
    key: aggregate.id,
    orderId: aggregate.id,
    correlationId: aggregate.document.correlationId,
    data: {
      lineNo: line.lineNo,
      sku: line.sku,
      quantity: served.reserved,
      allocated: line.q.allocated,
      backordered: line.q.backordered,
    },
    version: aggregate.version,
  };
}
