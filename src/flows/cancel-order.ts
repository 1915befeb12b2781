import type { NewEvent } from '../events/index.ts';
import { type FulfillmentRecord, loadFulfillmentRecords } from '../fulfillment/index.ts';
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
import { releaseStock, type StockCause } from './apply-stock.ts';
import { askByDocument, discardUnsent, ediReleases, releaseKeys, takeBack, tooLate } from './cancel-by-document.ts';
import { confirmCancels, tellErp } from './confirm-cancels.ts';
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
  /** What warehouses have been told to ship of it, or will be by what is on its way to them. */
  told: string;
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
  const records = await loadFulfillmentRecords(tx, { orderIds: [request.orderId] });
  const { underway, stranded } = await ediReleases(tx, records);
  const parts = cancellable(aggregate, request.lines, underway);
  if (parts.length === 0) {
    throw new HubError('ORDER_NOT_CANCELLABLE', {
      message: `Nothing of order ${aggregate.orderNo} is left to cancel: it is ${aggregate.order.status.milestone}`,
    });
  }
  const before = aggregate.order.status.milestone;
  await releaseStock(tx, hub, releasesOf(aggregate, parts, stranded), () => threadOf(aggregate));
  const gone = await takeBack(tx, stranded, parts);
  await discardUnsent(tx, hub, gone, request);
  for (const part of parts) if (isPositiveDecimal(part.atOnce)) cancelAtOnce(aggregate, part);
  aggregate.state.cancelReason = request.reason;
  const whole = aggregate.order.status.milestone === 'cancelled';
  if (whole) dropHolds(aggregate);
  await saveOrders(tx, [aggregate], now);
  await settleExceptions(tx, hub, {
    dedupeKeys: [...exceptionKeys(aggregate, parts), ...gone.flatMap(releaseKeys)],
    resolution: `Cancelled: ${request.reason}`,
    by: request.actor,
  });
  const held = records.filter((record) => !stranded.includes(record));
  const asked = await askWarehouses(tx, hub, aggregate, parts, held);
  await tellErp(tx, hub, aggregate);
  await hub.events.publish(tx, eventsOf(aggregate, parts, request, { asked, whole: whole && before !== 'cancelled' }));
  await holdIncomplete(tx, hub, [aggregate]);
  await dropSpentHolds(hub, tx, aggregate, request);
  // Without the line that was held the others may go on.
  if (!whole && aggregate.state.decision === 'open') await decideOrders(tx, hub, [aggregate.id], { by: request.actor });
}

function threadOf({ document: { correlationId, traceparent } }: OrderAggregate): StockCause {
  return { correlationId, ...(traceparent === undefined ? {} : { traceparent }) };
}

function cancellable(
  aggregate: OrderAggregate,
  lineNos: readonly number[] | undefined,
  underway: readonly FulfillmentRecord[],
): Cancellable[] {
  const wanted = lineNos ?? aggregate.order.lines.map((line) => line.lineNo);
  return wanted.flatMap((lineNo) => {
    const line = aggregate.order.lines.find((candidate) => candidate.lineNo === lineNo);
    if (line === undefined) {
      throw new HubError('NOT_FOUND', { message: `Order ${aggregate.orderNo} has no line ${lineNo}` });
    }
    const open = openQuantity(line.q);
    const onTheWay = underway.flatMap(({ order }) => order.lines.filter((each) => each.lineNo === lineNo));
    const told = addDecimals(line.q.released, ...onTheWay.map(({ quantity }) => quantity));
    const atOnce = maxDecimal('0', subtractDecimals(open, maxDecimal(told, line.q.shipped)));
    const released = maxDecimal('0', subtractDecimals(told, line.q.shipped));
    return isPositiveDecimal(atOnce) || isPositiveDecimal(released) ? [{ line, atOnce, released, told }] : [];
  });
}

/** Reservations of lines, those that a warehouse works on left alone; soft ones go with the whole order. */
function releasesOf(
  aggregate: OrderAggregate,
  parts: readonly Cancellable[],
  stranded: readonly FulfillmentRecord[],
): Release[] {
  const holders = [null, ...stranded.map(({ order }) => order.id)];
  return parts
    .filter(({ atOnce }) => isPositiveDecimal(atOnce))
    .flatMap(({ line }) =>
      holders.map((fulfillmentId) => ({
        orderId: aggregate.id,
        lineNo: line.lineNo,
        fulfillmentId,
        leaveQueue: fulfillmentId === null,
        reason: 'orderCancelled',
      })),
    );
}

function cancelAtOnce(aggregate: OrderAggregate, { line, atOnce, told }: Cancellable): void {
  setAllocation(aggregate, line.lineNo, { allocated: told, backordered: '0', promisedDate: null });
  cancelQuantity(aggregate, line.lineNo, atOnce);
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
  records: readonly FulfillmentRecord[],
): Promise<FulfillmentRecord[]> {
  const lines = new Set(parts.filter(({ released }) => isPositiveDecimal(released)).map(({ line }) => line.lineNo));
  if (lines.size === 0) return [];
  const asked = records.filter(
    ({ order, connection, agreement }) =>
      (connection ?? agreement) !== undefined &&
      (order.status === 'created' || order.status === 'released') &&
      order.lines.every((line) => lines.has(line.lineNo)),
  );
  const touched = records.some(({ order }) => order.lines.some((line) => lines.has(line.lineNo)));
  if (asked.length === 0 && touched && parts.every(({ atOnce }) => !isPositiveDecimal(atOnce))) {
    throw new HubError('ORDER_NOT_CANCELLABLE', {
      message: `The warehouse already works on order ${aggregate.orderNo}; what it has released together it gives back together`,
    });
  }
  await askByDocument(
    tx,
    hub,
    asked.filter(({ agreement }) => agreement !== undefined),
  );
  const called = asked.flatMap(({ order, connection }) => (connection === undefined ? [] : [{ order, connection }]));
  await hub.enqueue(
    tx,
    called.map(({ order, connection }) => ({
      destination: connection,
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

async function settleReleaseCancels(tx: Tx, settled: readonly Settled[], hub: Hub): Promise<void> {
  // That a document was handed over is no answer: see `askByDocument`.
  const results = settled.filter(({ delivery }) => delivery.payload.entity?.kind !== 'document');
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

/** It had begun already: what was asked for comes too late, and the lane of the order must not wait for it. */
async function reportRefusal(tx: Tx, hub: Hub, record: FulfillmentRecord, deliveryId: string): Promise<void> {
  const { order, correlationId } = record;
  await raiseExceptions(tx, hub, [tooLate(record, 'already works on')]);
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
