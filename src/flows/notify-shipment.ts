import { claimNotifications, recordErpShipments } from '../fulfillment/index.ts';
import { loadOrders } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import type { NewDelivery, Settled } from '../queue/index.ts';
import { shopFor } from './find-connection.ts';
import { defineFlow, type FlowInput, type Hub } from './flow.ts';
import { announceWaiting } from './post-invoice.ts';

/**
 * Tells the ERP and, for its orders, the storefront about a shipment once it has left and has its labels (or is past hoping
 * for them). Each shipment is told of once.
 */
export const notifyShipment = defineFlow({
  name: 'notify-shipment',
  on: ['shipping.shipment.shipped', 'shipping.shipment.labelled'],
  // Shipping and labelling are published under the order's lock: whichever comes second sees that the other has been.
  when: ({ data }) => data?.state === 'shipped' && ['none', 'labelled', 'failed'].includes(String(data.labelState)),
  async handle(tx: Tx, batch: readonly FlowInput[], hub: Hub) {
    await announceWaiting(
      tx,
      hub,
      batch.map(({ event, delivery }) => event?.orderId ?? delivery.key),
    );
    await notifyShipments(
      tx,
      hub,
      batch.flatMap(({ event }) => (event === undefined ? [] : [event.entity.id])),
    );
  },
  settles: { 'shipment.create': settleErpShipments },
});

export async function notifyShipments(tx: Tx, hub: Hub, shipmentIds: readonly string[]): Promise<void> {
  const records = await claimNotifications(tx, [...new Set(shipmentIds)], hub.clock.now());
  if (records.length === 0) return;
  const orders = await loadOrders(tx, [...new Set(records.map((record) => record.shipment.orderId))]);
  const erp = hub.connectionFor('erp');
  const deliveries = records.flatMap((record): NewDelivery[] => {
    const { id, shipmentNo, orderId } = record.shipment;
    const order = orders.get(orderId);
    const common = {
      key: orderId,
      correlationId: record.correlationId,
      ...(record.traceparent === undefined ? {} : { traceparent: record.traceparent }),
      naturalKey: shipmentNo,
    };
    const entity = { kind: 'shipment' as const, id };
    const list: NewDelivery[] = [];
    // What the ERP shipped itself it has posted itself.
    if (erp !== undefined && record.shipKey?.startsWith(`${erp}|`) !== true) {
      const payload = { kind: 'command' as const, entity };
      list.push({ ...common, destination: erp, operation: 'shipment.create', payload });
    }
    const shop = order?.nativeId === undefined ? undefined : shopFor(hub, order.channel);
    if (shop !== undefined) {
      const payload = { kind: 'command' as const, entity, data: { nativeOrderId: order!.nativeId } };
      list.push({ ...common, destination: shop, operation: 'fulfillment.create', payload });
    }
    return list;
  });
  await hub.enqueue(tx, deliveries);
}

async function settleErpShipments(tx: Tx, results: readonly Settled[], _hub: Hub): Promise<void> {
  await recordErpShipments(
    tx,
    results.flatMap(({ delivery, outcome }) => {
      const shipmentId = delivery.payload.entity?.id;
      if (outcome.kind !== 'confirmed' || shipmentId === undefined) return [];
      const response = outcome.response as { erpShipmentNo?: string } | undefined;
      const erpShipmentNo = response?.erpShipmentNo ?? outcome.outsideId;
      return erpShipmentNo === undefined ? [] : [{ shipmentId, erpShipmentNo }];
    }),
  );
}
