import { openObligations } from '../exceptions/index.ts';
import { type Document, documentTypeOf, localDateTime, orderDocuments } from '../exchange/index.ts';
import { readShipments } from '../fulfillment/index.ts';
import type { ShipNotice } from '../maps/index.ts';
import type { SalesOrder, Shipment } from '../model/index.ts';
import { loadOrders } from '../orders/index.ts';
import type { Terms } from '../partners/index.ts';
import type { Tx } from '../platform/index.ts';
import { carrierFor } from './find-connection.ts';
import { defineFlow, type FlowInput, flowDestination, type Hub } from './flow.ts';
import { mayWantDocuments } from './order-origin.ts';
import { loadTerms, type PlannedDocument, sendDocuments } from './plan-document.ts';
import { endObligations } from './raise-exceptions.ts';
import { withdrawShipNotices } from './withdraw-ship-notice.ts';

/**
 * The ship notice (856, DESADV), one per shipment, only after the goods have physically left and, where a carrier labels them,
 * with their tracking numbers. When its clock runs out it goes without them. A shipment that is voided afterwards is withdrawn.
 */
export const sendShipNotice = defineFlow({
  name: 'send-ship-notice',
  // A void comes through the same lane as what it undoes: whether a notice has gone is then known for certain.
  on: ['shipping.shipment.shipped', 'shipping.shipment.labelled', 'shipping.shipment.voided'],
  when: mayWantDocuments,
  async handle(tx, batch, hub) {
    const voided = batch.filter(({ event }) => event?.type === 'shipping.shipment.voided');
    const others = batch.filter((input) => !voided.includes(input));
    if (others.length > 0) await notify(tx, hub, others);
    if (voided.length > 0) await withdrawShipNotices(tx, hub, voided);
  },
  settles: {
    'shipment.notify': async (tx, results, hub) => {
      const sent = results.filter(({ state }) => state === 'delivered');
      const subjects = sent.flatMap(({ delivery }) => /^856:(.+)$/.exec(delivery.naturalKey ?? '')?.[1] ?? []);
      await endObligations(
        tx,
        hub,
        subjects.map((subject) => ({ kind: '856' as const, subject })),
      );
    },
  },
});

async function notify(tx: Tx, hub: Hub, batch: readonly FlowInput[]): Promise<void> {
  const ids = [...new Set(batch.flatMap((input) => shipmentIdOf(input) ?? []))];
  const records = await readShipments(tx, { ids });
  const shipments = records.map(({ shipment }) => shipment).filter(hasLeft);
  const origins = await orderDocuments(tx, [...new Set(shipments.map((shipment) => shipment.orderId))]);
  if (origins.size === 0) return;
  const terms = await loadTerms(tx, origins.values());
  const orders = await loadOrders(tx, [...origins.keys()]);
  const byClock = new Set(batch.filter(isByClock).flatMap((input) => shipmentIdOf(input) ?? []));
  const due = shipments.flatMap((shipment) => dueNotice(shipment, { origins, terms, orders }));
  await openClocks(tx, hub, due);
  // Nobody was asked for labels where the warehouse puts on its own.
  const unlabelled = new Set(
    records.filter(({ labelState }) => labelState === 'none').map(({ shipment }) => shipment.id),
  );
  const ready = due.filter(
    ({ shipment }) => byClock.has(shipment.id) || unlabelled.has(shipment.id) || isLabelled(hub, shipment),
  );
  const sent = await sendDocuments(
    tx,
    hub,
    ready.map((notice) => planned(notice, hub.clock.now(), batch)),
  );
  await wakeInvoices(tx, hub, sent);
}

interface DueNotice {
  shipment: Shipment & { shippedAt: string };
  order: SalesOrder;
  terms: Terms;
}

function shipmentIdOf({ event, delivery }: FlowInput): string | undefined {
  if (event !== undefined) return event.entity.id;
  return delivery.payload.entity?.kind === 'shipment' ? delivery.payload.entity.id : undefined;
}

const isByClock = ({ delivery }: FlowInput): boolean => delivery.payload.data?.clock === true;

function hasLeft(shipment: Shipment): shipment is Shipment & { shippedAt: string } {
  return shipment.shippedAt !== undefined && shipment.voidedAt === undefined;
}

function dueNotice(
  shipment: Shipment & { shippedAt: string },
  known: { origins: Map<string, Document>; terms: Map<string, Terms>; orders: Map<string, SalesOrder> },
): DueNotice[] {
  const origin = known.origins.get(shipment.orderId);
  const order = known.orders.get(shipment.orderId);
  const terms = known.terms.get(origin?.agreement ?? '');
  if (order === undefined || terms === undefined || !terms.outbound.includes(documentTypeOf(terms, 'shipment.notify')))
    return [];
  return [{ shipment, order, terms }];
}

/** Every package has its tracking number, or nobody is there to give one. */
function isLabelled(hub: Hub, shipment: Shipment): boolean {
  if (shipment.packages.every((pack) => pack.tracking !== undefined)) return true;
  return carrierFor(hub, shipment.carrier) === undefined;
}

async function openClocks(tx: Tx, hub: Hub, due: readonly DueNotice[]): Promise<void> {
  const now = hub.clock.now();
  await openObligations(
    tx,
    due.map(({ shipment, order, terms }) => ({
      kind: '856' as const,
      subject: shipment.id,
      dueAt: new Date(Date.parse(shipment.shippedAt) + (terms.agreement.shipNotice?.withinMinutes ?? 1440) * 60_000),
      orderId: order.id,
      correlationId: order.correlationId,
      partner: terms.agreement.partner,
      label: `shipment ${shipment.shipmentNo}`,
    })),
    now,
  );
}

function planned({ shipment, order, terms }: DueNotice, now: Date, batch: readonly FlowInput[]): PlannedDocument {
  const { date, time } = localDateTime(now, terms.timeZone);
  const shippedOn = localDateTime(new Date(shipment.shippedAt), terms.timeZone).date;
  const canonical: ShipNotice = { order, shipment, date, time, shippedOn };
  return {
    terms,
    type: documentTypeOf(terms, 'shipment.notify'),
    operation: 'shipment.notify',
    dedupeKey: `856:${shipment.id}`,
    canonical,
    entity: { kind: 'shipment', id: shipment.id },
    orderId: order.id,
    orderNo: order.orderNo,
    naturalKey: `856:${shipment.id}`,
    correlationId: order.correlationId,
    traceparent: batch.find((input) => shipmentIdOf(input) === shipment.id)?.delivery.traceparent,
  };
}

/** An invoice may have been waiting for its ship notice. */
async function wakeInvoices(tx: Tx, hub: Hub, sent: readonly PlannedDocument[]): Promise<void> {
  const orders = new Map(sent.map((document) => [document.orderId, document]));
  await hub.enqueue(
    tx,
    [...orders.values()].map(({ orderId, correlationId }) => ({
      destination: flowDestination('send-invoice'),
      key: orderId,
      operation: 'invoice.check',
      payload: { kind: 'command' as const, entity: { kind: 'order' as const, id: orderId } },
      correlationId,
    })),
  );
}
