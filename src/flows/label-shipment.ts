import {
  findFulfillments,
  type Labels,
  moveLabelState,
  readShipments,
  recordLabels,
  type ShipmentRecord,
} from '../fulfillment/index.ts';
import type { TrackingReport } from '../model/index.ts';
import { lockOrders } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import type { NewDelivery, Settled } from '../queue/index.ts';
import { applyTracking } from './apply-tracking.ts';
import { carrierFor } from './find-connection.ts';
import { defineFlow, type FlowInput, type Hub } from './flow.ts';
import { notifyShipments } from './notify-shipment.ts';
import { originData } from './order-origin.ts';
import { shipmentEvent } from './shipment-events.ts';
import { takeReports } from './take-parked.ts';

/**
 * Asks the carrier for labels once a shipment's packages are known: after packing, or after shipping where a branch ships
 * without packing first. The labels go to the warehouse, which ships with them.
 */
export const labelShipment = defineFlow({
  name: 'label-shipment',
  on: ['shipping.shipment.packed', 'shipping.shipment.shipped'],
  when: (event) => event.type === 'shipping.shipment.packed' || event.data?.labelState === 'pending',
  handle: requestLabels,
  settles: { 'label.create': settleLabels },
});

async function requestLabels(tx: Tx, batch: readonly FlowInput[], hub: Hub): Promise<void> {
  const ids = [...new Set(batch.flatMap(({ event }) => (event === undefined ? [] : [event.entity.id])))];
  await lockOrders(
    tx,
    batch.map(({ delivery, event }) => event?.orderId ?? delivery.key),
  );
  const wanted = await moveLabelState(tx, ids, ['pending'], 'requested');
  const repacks = new Map(batch.map(({ event }) => [event?.entity.id, event?.data?.repack]));
  const deliveries = wanted.flatMap((record): NewDelivery[] => {
    const { id, shipmentNo, orderId, carrier } = record.shipment;
    const destination = carrierFor(hub, carrier);
    if (destination === undefined) return [];
    const repack = repacks.get(id);
    return [
      {
        destination,
        key: orderId,
        operation: 'label.create',
        payload: { kind: 'command', entity: { kind: 'shipment', id } },
        correlationId: record.correlationId,
        ...(record.traceparent === undefined ? {} : { traceparent: record.traceparent }),
        // Other packages under the same key would be taken for the same labels.
        naturalKey: typeof repack === 'number' ? `${shipmentNo}-R${repack}` : shipmentNo,
      },
    ];
  });
  await hub.enqueue(tx, deliveries);
  // Without a carrier there is nothing to wait for: the warehouse gets its SSCCs and ships.
  const moved = new Set(wanted.map((record) => record.shipment.id));
  const others = await readShipments(tx, { ids: ids.filter((id) => !moved.has(id)) });
  const unlabelled = others.filter((record) => record.labelState === 'none' && record.state !== 'voided');
  await attachLabels(tx, hub, unlabelled);
}

async function settleLabels(tx: Tx, results: readonly Settled[], hub: Hub): Promise<void> {
  const now = hub.clock.now();
  const orders = await lockOrders(
    tx,
    results.map(({ delivery }) => delivery.key),
  );
  const labels = results.flatMap(({ delivery, outcome }): Labels[] => {
    const shipmentId = delivery.payload.entity?.id;
    if (outcome.kind !== 'confirmed' || shipmentId === undefined) return [];
    return [{ ...(outcome.response as Omit<Labels, 'shipmentId'>), shipmentId }];
  });
  const labelled = await recordLabels(tx, labels, now);
  await hub.events.publish(
    tx,
    labelled.map((record) =>
      shipmentEvent('shipping.shipment.labelled', record, { data: originData(orders.get(record.shipment.orderId)) }),
    ),
  );
  await attachLabels(tx, hub, labelled);
  const trackings = labels.flatMap((each) => each.labels.map((label) => label.tracking));
  const waiting = await takeReports<TrackingReport>(tx, hub, ['tracking'], trackings);
  await applyTracking(
    tx,
    hub,
    waiting.map((parked) => parked.report),
  );
  await giveUp(tx, hub, results);
}

/** A carrier that refuses for good does not stop a shipment that has left from being announced. */
async function giveUp(tx: Tx, hub: Hub, results: readonly Settled[]): Promise<void> {
  const dead = results.flatMap(({ delivery, state }) => {
    const id = delivery.payload.entity?.id;
    return state === 'dead' && id !== undefined ? [id] : [];
  });
  const failed = await moveLabelState(tx, dead, ['pending', 'requested'], 'failed');
  await notifyShipments(
    tx,
    hub,
    failed.map((record) => record.shipment.id),
  );
}

/** SSCCs and tracking numbers to the site that ships, unless it has shipped by itself. */
async function attachLabels(tx: Tx, hub: Hub, records: readonly ShipmentRecord[]): Promise<void> {
  if (records.length === 0) return;
  const fulfillments = await findFulfillments(
    tx,
    records.map((record) => record.shipment.fulfillmentNo),
  );
  await hub.enqueue(
    tx,
    records.flatMap((record): NewDelivery[] => {
      const { id, shipmentNo, orderId, fulfillmentNo } = record.shipment;
      const destination = fulfillments.get(fulfillmentNo)?.connection;
      if (destination === undefined) return [];
      return [
        {
          destination,
          key: orderId,
          operation: 'label.attach',
          payload: { kind: 'command', entity: { kind: 'shipment', id } },
          correlationId: record.correlationId,
          ...(record.traceparent === undefined ? {} : { traceparent: record.traceparent }),
          naturalKey: shipmentNo,
        },
      ];
    }),
  );
}
