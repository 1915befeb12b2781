import type { NewEvent } from '../events/index.ts';
import { type FulfillmentRecord, loadFulfillmentRecords, progressOf } from '../fulfillment/index.ts';
import type { Release } from '../inventory/index.ts';
import {
  addDecimals,
  isPositiveDecimal,
  MANUAL_HOLD,
  maxDecimal,
  openQuantity,
  type SalesOrderLine,
  subtractDecimals,
} from '../model/index.ts';
import {
  LINE_HOLD_CODES,
  cancelQuantity,
  lockOrders,
  type OrderAggregate,
  removeHold,
  saveOrders,
  setAllocation,
} from '../orders/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import type { Settled } from '../queue/index.ts';
import { backorderKey, holdKey } from './announce-holds.ts';
import { applyFacts } from './apply-facts.ts';
import { releaseStock, type StockCause } from './apply-stock.ts';
import { decideOrders } from './decide-orders.ts';
import { defineFlow, flowDestination, type Hub } from './flow.ts';
import { dropSpentHolds } from './hold-by-hand.ts';
import { holdIncomplete } from './hold-incomplete.ts';
import { raiseExceptions, settleExceptions } from './raise-exceptions.ts';

export interface CancelRequest {
  readonly orderId: string;
  /** Line numbers; absent: the whole order. */
  readonly lines?: readonly number[];
  readonly reason: string;
  readonly actor: string;
}

/** What can be cancelled of a line: at once, and only once the warehouse agrees. Base units. */
interface Cancellable {
  line: SalesOrderLine;
  atOnce: string;
  released: string;
}

/**
 * Cancels what has not shipped. What no warehouse has been told of is cancelled at once and its stock given back; what has
 * been released is asked back from the warehouse and cancelled when that agrees. The ERP is told what was cancelled.
 * @throws HubError NOT_FOUND, ORDER_NOT_CANCELLABLE
 */
export async function cancelOrder(hub: Hub, tx: Tx, request: CancelRequest): Promise<void> {
  const now = hub.clock.now();
  const aggregate = (await lockOrders(tx, [request.orderId])).get(request.orderId);
  if (aggregate === undefined) throw new HubError('NOT_FOUND');
  const parts = cancellable(aggregate, request.lines);
  if (parts.length === 0) {
    throw new HubError('ORDER_NOT_CANCELLABLE', {
      message: `Nothing of order ${aggregate.orderNo} is left to cancel: it is ${aggregate.order.status.milestone}`,
    });
  }
  const before = aggregate.order.status.milestone;
  await releaseStock(tx, hub, releasesOf(aggregate, parts), () => threadOf(aggregate));
  for (const { line, atOnce } of parts) {
    if (isPositiveDecimal(atOnce)) cancelAtOnce(aggregate, line, atOnce);
  }
  aggregate.state.cancelReason = request.reason;
  const gone = aggregate.order.status.milestone === 'cancelled';
  if (gone) dropHolds(aggregate);
  await saveOrders(tx, [aggregate], now);
  await settleExceptions(tx, hub, {
    dedupeKeys: exceptionKeys(aggregate, parts),
    resolution: `Cancelled: ${request.reason}`,
    by: request.actor,
  });
  const asked = await askWarehouses(tx, hub, aggregate, parts);
  await tellErp(tx, hub, aggregate);
  await hub.events.publish(tx, eventsOf(aggregate, parts, request, { asked, whole: gone && before !== 'cancelled' }));
  await holdIncomplete(tx, hub, [aggregate]);
  await dropSpentHolds(hub, tx, aggregate, request);
  // Without the line that was held the others may go on.
  if (!gone && aggregate.state.decision === 'open') await decideOrders(tx, hub, [aggregate.id], { by: request.actor });
}

function threadOf({ document: { correlationId, traceparent } }: OrderAggregate): StockCause {
  return { correlationId, ...(traceparent === undefined ? {} : { traceparent }) };
}

function cancellable(aggregate: OrderAggregate, lineNos: readonly number[] | undefined): Cancellable[] {
  const wanted = lineNos ?? aggregate.order.lines.map((line) => line.lineNo);
  return wanted.flatMap((lineNo) => {
    const line = aggregate.order.lines.find((candidate) => candidate.lineNo === lineNo);
    if (line === undefined) {
      throw new HubError('NOT_FOUND', { message: `Order ${aggregate.orderNo} has no line ${lineNo}` });
    }
    const open = openQuantity(line.q);
    const atOnce = maxDecimal('0', subtractDecimals(open, maxDecimal(line.q.released, line.q.shipped)));
    const released = maxDecimal('0', subtractDecimals(line.q.released, line.q.shipped));
    return isPositiveDecimal(atOnce) || isPositiveDecimal(released) ? [{ line, atOnce, released }] : [];
  });
}

/** Reservations of lines, those that a warehouse works on left alone; soft ones go with the whole order. */
function releasesOf(aggregate: OrderAggregate, parts: readonly Cancellable[]): Release[] {
  return parts
    .filter(({ atOnce }) => isPositiveDecimal(atOnce))
    .map(({ line }) => ({
      orderId: aggregate.id,
      lineNo: line.lineNo,
      fulfillmentId: null,
      leaveQueue: true,
      reason: 'orderCancelled',
    }));
}

function cancelAtOnce(aggregate: OrderAggregate, line: SalesOrderLine, quantity: string): void {
  setAllocation(aggregate, line.lineNo, { allocated: line.q.released, backordered: '0', promisedDate: null });
  cancelQuantity(aggregate, line.lineNo, quantity);
}

function dropHolds(aggregate: OrderAggregate): void {
  for (const code of aggregate.state.holds.map((hold) => hold.code)) removeHold(aggregate, code);
  for (const line of aggregate.state.lines) line.holds = [];
  if (aggregate.state.decision === 'open') aggregate.state.decision = 'rejected';
  delete aggregate.state.softReserved;
}

function exceptionKeys(aggregate: OrderAggregate, parts: readonly Cancellable[]): string[] {
  const { document } = aggregate;
  const keys = parts.flatMap(({ line: { lineNo } }) => [
    backorderKey(document.id, lineNo),
    ...(aggregate.order.lines[lineNo - 1]?.milestone === 'cancelled'
      ? [...LINE_HOLD_CODES, MANUAL_HOLD].map((code) => holdKey(document.id, code, lineNo))
      : []),
  ]);
  if (aggregate.order.status.milestone !== 'cancelled') return keys;
  const orderCodes = [
    'CUSTOMER_BLOCKED',
    'TEST_IN_PRODUCTION',
    'FX_STALE',
    'SHIPTO_INVALID',
    'CREDIT_HOLD',
    'SHIP_COMPLETE',
    MANUAL_HOLD,
  ];
  const notices = ['EXEMPTION_EXPIRED', 'TERMS_MISMATCH'].map((code) => `notice:${document.id}:${code}`);
  return [...keys, ...orderCodes.map((code) => holdKey(document.id, code)), ...notices];
}

/** Asks back the releases whose every line is to go; a warehouse gives a release back whole or not at all. */
async function askWarehouses(
  tx: Tx,
  hub: Hub,
  aggregate: OrderAggregate,
  parts: readonly Cancellable[],
): Promise<FulfillmentRecord[]> {
  const lines = new Set(parts.filter(({ released }) => isPositiveDecimal(released)).map(({ line }) => line.lineNo));
  if (lines.size === 0) return [];
  const records = await loadFulfillmentRecords(tx, { orderIds: [aggregate.id] });
  const asked = records.filter(
    ({ order, connection }) =>
      connection !== undefined &&
      (order.status === 'created' || order.status === 'released') &&
      order.lines.every((line) => lines.has(line.lineNo)),
  );
  const touched = records.some(({ order }) => order.lines.some((line) => lines.has(line.lineNo)));
  if (asked.length === 0 && touched && parts.every(({ atOnce }) => !isPositiveDecimal(atOnce))) {
    throw new HubError('ORDER_NOT_CANCELLABLE', {
      message: `The warehouse already works on order ${aggregate.orderNo}; what it has released together it gives back together`,
    });
  }
  await hub.enqueue(
    tx,
    asked.map(({ order, connection }) => ({
      destination: connection!,
      key: aggregate.id,
      operation: 'release.cancel',
      payload: { kind: 'command', entity: { kind: 'fulfillment', id: order.id } },
      correlationId: aggregate.document.correlationId,
      traceparent: aggregate.document.traceparent,
      naturalKey: `${order.fulfillmentNo}-cancel`,
    })),
  );
  return asked;
}

/** The ERP keeps its own figures: it is told the cumulative cancelled quantities of lines that it has or will get. */
async function tellErp(tx: Tx, hub: Hub, aggregate: OrderAggregate): Promise<void> {
  const erp = hub.connectionFor('erp');
  // A line that was held all along never reached the ERP.
  const lines = (aggregate.state.goneLines ?? []).filter((lineNo) =>
    isPositiveDecimal(aggregate.order.lines[lineNo - 1]?.q.cancelled ?? '0'),
  );
  if (erp === undefined || aggregate.state.erpRequested !== true || lines.length === 0) return;
  await hub.enqueue(tx, [
    {
      destination: erp,
      key: aggregate.id,
      operation: 'order.cancel',
      payload: { kind: 'command', entity: { kind: 'order', id: aggregate.id }, data: { lines } },
      correlationId: aggregate.document.correlationId,
      traceparent: aggregate.document.traceparent,
      naturalKey: aggregate.document.naturalKey,
    },
  ]);
}

function eventsOf(
  aggregate: OrderAggregate,
  parts: readonly Cancellable[],
  request: CancelRequest,
  outcome: { asked: readonly FulfillmentRecord[]; whole: boolean },
): NewEvent[] {
  const { order, document } = aggregate;
  const base = {
    entity: { kind: 'order' as const, id: order.id },
    key: order.id,
    orderId: order.id,
    correlationId: document.correlationId,
    traceparent: document.traceparent,
    version: order.version,
    reason: request.reason,
  };
  const data = { customer: document.customer, by: request.actor };
  const events: NewEvent[] = [];
  for (const { line, atOnce } of parts) {
    if (!isPositiveDecimal(atOnce) || outcome.whole) continue;
    const quantity = { lineNo: line.lineNo, sku: line.sku, quantity: atOnce };
    events.push({ ...base, type: 'sales.line.cancelled', data: { ...data, ...quantity } });
  }
  if (outcome.asked.length > 0) {
    const releases = outcome.asked.map((record) => record.order.fulfillmentNo);
    events.push({ ...base, type: 'sales.order.cancelRequested', data: { ...data, releases } });
  }
  if (outcome.whole) events.push({ ...base, type: 'sales.order.cancelled', data });
  return events;
}

/** What warehouses and the ERP answer to a cancel, and cancels asked for by a delivery instead of a call. */
export const cancelOrderFlow = defineFlow({
  name: 'cancel-order',
  async handle(tx, batch, hub) {
    for (const { delivery } of batch) {
      if (delivery.operation === 'withdraw') {
        await hub.deliveries.discard(tx, String(delivery.payload.data?.deliveryId), {
          reason: 'The warehouse keeps the release',
          actor: 'hub',
        });
      } else {
        await cancelOrder(hub, tx, delivery.payload.data as unknown as CancelRequest);
      }
    }
  },
  settles: { 'release.cancel': settleReleaseCancels },
});

async function settleReleaseCancels(tx: Tx, results: readonly Settled[], hub: Hub): Promise<void> {
  const agreed = results.filter((result) => result.state === 'delivered');
  const refused = results.filter(({ state, outcome }) => state !== 'delivered' && outcome.kind === 'rejected');
  const ids = (list: readonly Settled[]): string[] => list.flatMap(({ delivery }) => delivery.payload.entity?.id ?? []);
  const records = await loadFulfillmentRecords(tx, { ids: ids([...agreed, ...refused]) });
  const byId = new Map(records.map((record) => [record.order.id, record]));
  const gone = ids(agreed).flatMap((id) => byId.get(id) ?? []);
  await confirmCancels(tx, hub, gone);
  for (const { delivery } of refused) {
    const record = byId.get(delivery.payload.entity?.id ?? '');
    if (record !== undefined) await reportRefusal(tx, hub, record, delivery.id);
  }
}

/** The warehouse has given the releases back: that is a fact about each of their lines. */
async function confirmCancels(tx: Tx, hub: Hub, records: readonly FulfillmentRecord[]): Promise<void> {
  if (records.length === 0) return;
  const occurredAt = hub.clock.now().toISOString();
  const { orders } = await applyFacts(
    tx,
    hub,
    records.flatMap(({ order, connection, progress }) =>
      order.lines.flatMap((line) => {
        const quantity = notLeft(line, progress);
        if (!isPositiveDecimal(quantity)) return [];
        return [
          {
            source: connection ?? 'hub',
            document: `${order.fulfillmentNo}-cancel`,
            fulfillmentNo: order.fulfillmentNo,
            orderId: order.orderId,
            lineNo: line.lineNo,
            kind: 'cancelled' as const,
            quantity,
            uom: line.uom,
            sequence: 1,
            occurredAt,
          },
        ];
      }),
    ),
  );
  await holdIncomplete(tx, hub, orders.values());
  const events: NewEvent[] = [];
  for (const aggregate of orders.values()) {
    const { order, document } = aggregate;
    const whole = order.status.milestone === 'cancelled';
    events.push({
      type: whole ? 'sales.order.cancelled' : 'sales.order.changed',
      entity: { kind: 'order', id: order.id },
      key: order.id,
      orderId: order.id,
      correlationId: document.correlationId,
      traceparent: document.traceparent,
      version: order.version,
      reason: aggregate.state.cancelReason,
      data: { customer: document.customer },
    });
    await tellErp(tx, hub, aggregate);
  }
  await hub.events.publish(tx, events);
}

/** What the warehouse gives back of a line: neither what has left it nor what it never found. */
function notLeft(line: FulfillmentRecord['order']['lines'][number], progress: FulfillmentRecord['progress']): string {
  const of = (kind: 'shipped' | 'delivered' | 'short'): string => progressOf(progress, line.lineNo, kind);
  return subtractDecimals(line.quantity, addDecimals(maxDecimal(of('shipped'), of('delivered')), of('short')));
}

/** It had begun already: what was asked for comes too late, and the lane of the order must not wait for it. */
async function reportRefusal(tx: Tx, hub: Hub, record: FulfillmentRecord, deliveryId: string): Promise<void> {
  const { order, correlationId } = record;
  await raiseExceptions(tx, hub, [
    {
      code: 'CANCEL_TOO_LATE',
      dedupeKey: `cancel-refused:${order.id}`,
      entityRefs: [{ kind: 'order', id: order.orderId, label: order.orderNo }],
      orderId: order.orderId,
      correlationId,
      cause: `${order.location} already works on release ${order.fulfillmentNo} and keeps it.`,
      data: { fulfillmentNo: order.fulfillmentNo, location: order.location },
    },
  ]);
  await hub.enqueue(tx, [
    {
      destination: flowDestination('cancel-order'),
      key: order.orderId,
      operation: 'withdraw',
      payload: { kind: 'command', data: { deliveryId } },
      correlationId,
    },
  ]);
}
