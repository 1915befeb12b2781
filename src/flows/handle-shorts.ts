import { loadItems } from '../catalog/index.ts';
import type { NewEvent } from '../events/index.ts';
import type { NewException } from '../exceptions/index.ts';
import type { FulfillmentRecord } from '../fulfillment/index.ts';
import { type CountTask, type Demand, holdShortStock, type Reserved, reserve } from '../inventory/index.ts';
import { addDecimals, isPositiveDecimal, maxDecimal, shareOfMinor, subtractDecimals } from '../model/index.ts';
import { cancelQuantity, lineOf, type OrderAggregate, saveOrders, setAllocation } from '../orders/index.ts';
import { loadCustomers } from '../parties/index.ts';
import { localDate, type Tx } from '../platform/index.ts';
import { backorderException } from './announce-holds.ts';
import { flowDestination, type Hub } from './flow.ts';
import { holdIncomplete } from './hold-incomplete.ts';
import { raiseExceptions } from './raise-exceptions.ts';
import { shipDate } from './ship-date.ts';

/** A line of a fulfilment order of which the warehouse found `quantity` less than before; base units. */
export interface ShortLine {
  record: FulfillmentRecord;
  lineNo: number;
  sku: string;
  uom: string;
  quantity: string;
  totalShort: string;
  /** Of the report: what was found meanwhile may come up short again by as much. */
  sequence: number;
  source: string;
  reason: string;
  occurredAt: Date;
}

/**
 * What follows from short picks: the book quantity is held until it has been counted (an exception with a count task), the
 * line takes stock of another site, and the rest is backordered, or cancelled where nobody waits for it.
 */
export async function handleShorts(
  tx: Tx,
  hub: Hub,
  shorts: readonly ShortLine[],
  orders: ReadonlyMap<string, OrderAggregate>,
): Promise<void> {
  if (shorts.length === 0) return;
  const now = hub.clock.now();
  const tasks = await holdShortStock(
    tx,
    shorts.map((short) => ({
      key: keyOf(short),
      orderId: short.record.order.orderId,
      lineNo: short.lineNo,
      fulfillmentId: short.record.order.id,
      sku: short.sku,
      location: short.record.order.location,
      quantity: short.quantity,
      reason: short.reason,
      source: short.source,
      occurredAt: short.occurredAt,
    })),
    now,
  );
  const held = shorts
    .map((short) => ({ short, quantity: heldFor(short, tasks), aggregate: orders.get(short.record.order.orderId)! }))
    .filter(({ quantity }) => isPositiveDecimal(quantity));
  const demands = await demandsFor(tx, held, hub);
  const served = await reserve(tx, demands, now);
  for (const [i, { short, quantity, aggregate }] of held.entries()) settleLine(aggregate, short, quantity, served[i]!);
  const changed = new Set(held.map(({ aggregate }) => aggregate));
  await saveOrders(tx, changed, now);
  const waiting = held.filter((_, i) => isPositiveDecimal(served[i]!.backordered));
  await raiseExceptions(tx, hub, [
    ...tasks.map((task) => shortException(task, orders.get(task.orderId!)!, shorts)),
    ...waiting.flatMap(({ short, aggregate }) => backorderException(aggregate, lineOf(aggregate, short.lineNo))),
  ]);
  await hub.events.publish(tx, [
    ...held.flatMap(({ short, aggregate }, i) => lineEvents(short, aggregate, served[i]!)),
    ...tasks.map((task) => statusEvent(task, orders.get(task.orderId!)!)),
  ]);
  await holdIncomplete(tx, hub, changed);
  await releaseElsewhere(
    tx,
    hub,
    held.filter((_, i) => isPositiveDecimal(served[i]!.reserved)).map(({ aggregate }) => aggregate),
  );
}

function keyOf({ record, lineNo, totalShort, sequence }: ShortLine): string {
  return `short:${record.order.id}:${lineNo}:${totalShort}:${sequence}`;
}

interface HeldLine {
  short: ShortLine;
  quantity: string;
  aggregate: OrderAggregate;
}

function heldFor(short: ShortLine, tasks: readonly CountTask[]): string {
  const own = tasks.filter((task) => task.fulfillmentId === short.record.order.id && task.lineNo === short.lineNo);
  return addDecimals('0', ...own.map((task) => task.held));
}

async function demandsFor(tx: Tx, held: readonly HeldLine[], hub: Hub): Promise<Demand[]> {
  if (held.length === 0) return [];
  const customers = await loadCustomers(tx, [...new Set(held.map(({ aggregate }) => aggregate.document.customer))]);
  const items = await loadItems(tx, [...new Set(held.map(({ short }) => short.sku))]);
  return held.map(({ short, quantity, aggregate }): Demand => {
    const customer = customers.get(aggregate.document.customer)?.value;
    const item = items.get(short.sku)?.value;
    return {
      key: keyOf(short),
      orderId: aggregate.id,
      lineNo: short.lineNo,
      sku: short.sku,
      quantity,
      channel: aggregate.document.channel,
      hard: true,
      shipDate: shipDate(aggregate.document, localDate(hub.clock.now(), hub.timeZone)),
      minShelfDays: customer?.minShelfDays ?? 0,
      issue: item?.issue ?? 'FEFO',
      // Where it could not be found the book may be wrong about more.
      notFrom: [short.record.order.location],
      partial: true,
      backorder: customer?.allowBackorder !== false && item?.status === 'active',
      since: new Date(aggregate.document.createdAt),
    };
  });
}

function settleLine(aggregate: OrderAggregate, short: ShortLine, lost: string, served: Reserved): void {
  const line = lineOf(aggregate, short.lineNo);
  setAllocation(aggregate, short.lineNo, {
    allocated: addDecimals(maxDecimal('0', subtractDecimals(line.q.allocated, lost)), served.reserved),
    backordered: addDecimals(line.q.backordered, served.backordered),
    ...(served.expectedDate === undefined ? {} : { promisedDate: served.expectedDate }),
  });
  const nobodyWaits = subtractDecimals(served.short, served.backordered);
  if (isPositiveDecimal(nobodyWaits)) cancelQuantity(aggregate, short.lineNo, nobodyWaits, 'SHORT_PICK');
}

function shortException(task: CountTask, aggregate: OrderAggregate, shorts: readonly ShortLine[]): NewException {
  const line = aggregate.document.lines.find((each) => each.lineNo === task.lineNo)!;
  const uom = shorts.find((short) => short.sku === task.sku)?.uom ?? line.baseUom;
  const lot = task.lot === undefined ? '' : ` lot ${task.lot}`;
  return {
    code: 'SHORT_PICK',
    dedupeKey: `short-pick:${task.id}`,
    entityRefs: [
      { kind: 'order', id: aggregate.id, label: aggregate.orderNo },
      { kind: 'item', id: task.sku, label: task.sku },
      { kind: 'location', id: task.location, label: task.location },
    ],
    orderId: aggregate.id,
    correlationId: aggregate.document.correlationId,
    cause: `${task.location} could not find ${task.held} ${uom} of ${task.sku}${lot} for line ${task.lineNo}; they are on hold until somebody has counted.`,
    moneyAtRiskMinor: shareOfMinor(line.amountMinor, task.held, line.orderedBase),
    currency: aggregate.document.currency,
    data: {
      countTaskId: task.id,
      sku: task.sku,
      location: task.location,
      held: task.held,
      uom,
      lineNo: task.lineNo,
      ...(task.lot === undefined ? {} : { lot: task.lot }),
    },
  };
}

function lineEvents(short: ShortLine, aggregate: OrderAggregate, served: Reserved): NewEvent[] {
  const event = (type: NewEvent['type'], quantity: string): NewEvent[] =>
    isPositiveDecimal(quantity)
      ? [
          {
            type,
            entity: { kind: 'order', id: aggregate.id },
            key: aggregate.id,
            orderId: aggregate.id,
            correlationId: aggregate.document.correlationId,
            data: { lineNo: short.lineNo, sku: short.sku, quantity, customer: aggregate.document.customer },
            reason: 'SHORT_PICK',
          },
        ]
      : [];
  return [
    ...event('sales.line.partiallyAllocated', served.reserved),
    ...event('sales.line.backordered', served.backordered),
    ...event('sales.line.cancelled', subtractDecimals(served.short, served.backordered)),
  ];
}

function statusEvent(task: CountTask, aggregate: OrderAggregate): NewEvent {
  return {
    type: 'inventory.stock.statusChanged',
    entity: { kind: 'availability', id: task.sku },
    key: `${task.sku}@${task.location}`,
    orderId: aggregate.id,
    correlationId: aggregate.document.correlationId,
    data: { sku: task.sku, location: task.location, from: 'available', to: 'hold', quantity: task.held },
    reason: 'shortPick',
  };
}

/** Lets the release flow send what was found at another site. */
async function releaseElsewhere(tx: Tx, hub: Hub, aggregates: readonly OrderAggregate[]): Promise<void> {
  await hub.enqueue(
    tx,
    [...new Set(aggregates)].map((aggregate) => ({
      destination: flowDestination('release-order'),
      key: aggregate.id,
      operation: 'release',
      payload: { kind: 'command', entity: { kind: 'order', id: aggregate.id } },
      correlationId: aggregate.document.correlationId,
    })),
  );
}
