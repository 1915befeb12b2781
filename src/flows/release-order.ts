import type { NewEvent } from '../events/index.ts';
import {
  createFulfillmentOrders,
  type FulfillmentDraft,
  type FulfillmentRecord,
  type PackReport,
} from '../fulfillment/index.ts';
import { assignFulfillment, loadLocations, loadReservations, type ReservationRecord } from '../inventory/index.ts';
import { addDecimals, type FulfillmentOrder, type Location, type ShipmentReport } from '../model/index.ts';
import { lockOrders, type OrderAggregate, recordErpOrder } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Settled } from '../queue/index.ts';
import { applyFacts } from './apply-facts.ts';
import { applyPacked, applyShipments } from './apply-shipments.ts';
import { defineFlow, type FlowInput, type Hub } from './flow.ts';
import { RELEASE_WAITING, sendWaiting } from './release-again.ts';
import { routeOf, sendReleases } from './send-releases.ts';
import { settleReleases } from './settle-releases.ts';
import { takeFacts, takeReports } from './take-parked.ts';

/**
 * Sends what is reserved and not yet released to the sites that hold it, one fulfilment order per site. Site choice was made
 * when the stock was reserved. Runs when the ERP has the order, and again whenever more of it gets stock.
 */
export const releaseOrder = defineFlow({
  name: 'release-order',
  on: ['sales.order.created', 'sales.order.changed'],
  handle: releaseOrders,
  settles: { 'order.create': settleErpOrders, 'order.change': settleErpChanges, 'release.create': settleReleases },
});

async function releaseOrders(tx: Tx, inputs: readonly FlowInput[], hub: Hub): Promise<void> {
  const waiting = inputs.find(({ delivery }) => delivery.operation === RELEASE_WAITING);
  const batch = inputs.filter(({ delivery }) => delivery.operation !== RELEASE_WAITING);
  if (batch.length > 0) await releaseReserved(tx, batch, hub);
  if (waiting !== undefined) await sendWaiting(tx, hub, waiting.delivery.correlationId);
}

async function releaseReserved(tx: Tx, batch: readonly FlowInput[], hub: Hub): Promise<void> {
  const orderIds = [...new Set(batch.map((input) => input.event?.orderId ?? input.delivery.key))];
  const orders = await lockOrders(tx, orderIds);
  const releasable = [...orders.values()].filter(mayRelease);
  const reservations = await loadReservations(tx, { orderIds: releasable.map((order) => order.id), open: true });
  const waiting = reservations.filter((each) => each.hard && each.fulfillmentId === undefined);
  const sites: Awaited<ReturnType<typeof loadLocations>> = waiting.length === 0 ? new Map() : await loadLocations(tx);
  const traceparents = new Map(batch.map(({ delivery }) => [delivery.key, delivery.traceparent]));
  const groups: { draft: FulfillmentDraft; reservations: ReservationRecord[] }[] = [];
  for (const order of releasable) {
    const own = waiting.filter((each) => each.orderId === order.id && !isLineHeld(order, each.lineNo));
    for (const [location, here] of Map.groupBy(own, (each) => each.location)) {
      const draft = draftOf(hub, order, sites.get(location)?.value, location, here, traceparents.get(order.id));
      groups.push({ draft, reservations: here });
    }
  }
  const now = hub.clock.now();
  const created = await createFulfillmentOrders(
    tx,
    groups.map((group) => group.draft),
    now,
  );
  await assignFulfillment(
    tx,
    groups.flatMap((group, i) =>
      group.reservations.map(({ id }) => ({ reservationId: id, fulfillmentId: created[i]!.order.id })),
    ),
  );
  await sendReleases(tx, hub, created);
  await applyParked(tx, hub, created);
}

/** The ERP has it (where there is one), and nothing holds it back as a whole; held lines are left out one by one. */
function mayRelease(order: OrderAggregate): boolean {
  const { decision, holds, erpOrderNo, erpRequested } = order.state;
  return decision !== 'rejected' && holds.length === 0 && (erpOrderNo !== undefined || erpRequested !== true);
}

/** Held, or not on its way to the ERP yet. */
function isLineHeld(order: OrderAggregate, lineNo: number | undefined): boolean {
  const gone = order.state.goneLines;
  if (gone !== undefined && lineNo !== undefined && !gone.includes(lineNo)) return true;
  return order.order.lines.some((line) => line.lineNo === lineNo && line.holds.length > 0);
}

function draftOf(
  hub: Hub,
  { order }: OrderAggregate,
  site: Location | undefined,
  location: string,
  reservations: readonly ReservationRecord[],
  traceparent: string | undefined,
): FulfillmentDraft {
  const { shipTo, freight, windows } = order;
  const carrier = freight?.scac;
  return {
    orderId: order.id,
    orderNo: order.orderNo,
    location,
    ...routeOf(hub, location, site),
    ...(carrier === undefined ? {} : { carrier }),
    ...(freight?.service === undefined ? {} : { service: freight.service }),
    ...(windows.shipNotAfter === undefined ? {} : { shipBy: windows.shipNotAfter }),
    shipTo: {
      ...(shipTo.name === undefined ? {} : { name: shipTo.name }),
      ...(shipTo.address === undefined ? {} : { address: shipTo.address }),
      ...(shipTo.gln === undefined ? {} : { gln: shipTo.gln }),
    },
    ...(order.customerPo === undefined ? {} : { customerPo: order.customerPo }),
    lines: linesOf(order.lines, reservations),
    correlationId: order.correlationId,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

function linesOf(
  orderLines: OrderAggregate['order']['lines'],
  reservations: readonly ReservationRecord[],
): FulfillmentOrder['lines'] {
  const byLine = Map.groupBy(reservations, (each) => each.lineNo!);
  return [...byLine]
    .sort(([a], [b]) => a - b)
    .map(([lineNo, own]) => {
      const line = orderLines.find((each) => each.lineNo === lineNo)!;
      const lots = [...Map.groupBy(own, (each) => each.lot)].flatMap(([lot, parts]) =>
        lot === undefined ? [] : [{ lot, quantity: addDecimals(...parts.map((part) => part.open)) }],
      );
      return {
        lineNo,
        sku: own[0]!.sku,
        quantity: addDecimals(...own.map((each) => each.open)),
        uom: line.baseUom,
        ...(lots.length === 0 ? {} : { lots }),
      };
    });
}

/** What was said about these fulfilment orders before they existed here. */
async function applyParked(tx: Tx, hub: Hub, created: readonly FulfillmentRecord[]): Promise<void> {
  const numbers = created.map((record) => record.order.fulfillmentNo);
  if (numbers.length === 0) return;
  const facts = await takeFacts(tx, hub, numbers);
  const reports = await takeReports(tx, hub, ['packed', 'shipment'], numbers);
  if (facts.length > 0) await applyFacts(tx, hub, facts);
  const of = (kind: 'packed' | 'shipment') => reports.filter((each) => each.kind === kind).map((each) => each.report);
  await applyPacked(tx, hub, of('packed') as PackReport[]);
  await applyShipments(tx, hub, of('shipment') as ShipmentReport[]);
}

/** The ERP's answers to orders: its number is kept, and the order may be released. */
async function settleErpOrders(tx: Tx, results: readonly Settled[], hub: Hub): Promise<void> {
  const confirmed = results.flatMap(({ delivery, outcome }) => {
    const orderId = delivery.payload.entity?.id;
    if (outcome.kind !== 'confirmed' || orderId === undefined) return [];
    const response = outcome.response as { erpOrderNo?: string } | undefined;
    const erpOrderNo = response?.erpOrderNo ?? outcome.outsideId ?? delivery.naturalKey ?? orderId;
    return [{ orderId, erpOrderNo, delivery }];
  });
  const changed = await recordErpOrder(tx, confirmed, hub.clock.now());
  await hub.events.publish(
    tx,
    confirmed
      .filter(({ orderId }) => changed.has(orderId))
      .map(({ orderId, erpOrderNo, delivery }): NewEvent => {
        const aggregate = changed.get(orderId)!;
        return {
          type: 'sales.order.created',
          entity: { kind: 'order', id: orderId },
          key: orderId,
          orderId,
          correlationId: aggregate.document.correlationId,
          ...(delivery.traceparent === undefined ? {} : { traceparent: delivery.traceparent }),
          data: { erpOrderNo, connection: delivery.destination },
          version: aggregate.version,
        };
      }),
  );
}

/** The ERP has taken lines that joined later: they may be released. */
async function settleErpChanges(tx: Tx, results: readonly Settled[], hub: Hub): Promise<void> {
  await hub.events.publish(
    tx,
    results.flatMap(({ delivery, outcome }): NewEvent[] => {
      const orderId = delivery.payload.entity?.id;
      if (outcome.kind !== 'confirmed' || orderId === undefined) return [];
      return [
        {
          type: 'sales.order.changed',
          entity: { kind: 'order', id: orderId },
          key: orderId,
          orderId,
          correlationId: delivery.correlationId,
          ...(delivery.traceparent === undefined ? {} : { traceparent: delivery.traceparent }),
          data: { connection: delivery.destination },
        },
      ];
    }),
  );
}
