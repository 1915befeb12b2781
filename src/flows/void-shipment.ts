import {
  findFulfillments,
  forgetSerials,
  loadFulfillmentRecords,
  voidShipments as markVoided,
  readShipments,
  withdrawProgress,
} from '../fulfillment/index.ts';
import { restoreShipped } from '../inventory/index.ts';
import { lockOrders, voidShipments as withdrawFacts } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Hub } from './flow.ts';
import { shipmentEvent } from './shipment-events.ts';

/**
 * Undoes shipments on the word of those who made them: every source's facts of them stop counting, their goods are on hand
 * and allocated again, and partners are told. An SSCC that was used stays used.
 * @returns the numbers of the shipments that this call voided
 */
export async function voidShipments(
  tx: Tx,
  hub: Hub,
  voids: readonly { shipmentNo: string; reason: string; voidedAt?: string }[],
): Promise<string[]> {
  const now = hub.clock.now();
  const wanted = new Map(voids.map((each) => [each.shipmentNo, each]));
  const known = await readShipments(tx, { shipmentNos: [...wanted.keys()] });
  await lockOrders(
    tx,
    known.map((record) => record.shipment.orderId),
  );
  const voided = await markVoided(tx, [...wanted.keys()], now, now);
  const shipped = voided.filter((record) => record.shipment.shippedAt !== undefined);
  const ends = voided.map((record) => ({
    orderId: record.shipment.orderId,
    shipmentNo: record.shipment.shipmentNo,
    reason: wanted.get(record.shipment.shipmentNo)!.reason,
  }));
  await withdrawFacts(tx, ends, now);
  await restoreShipped(
    tx,
    shipped.map((record) => ({
      orderId: record.shipment.orderId,
      docRef: record.shipment.shipmentNo,
      reason: 'shipmentVoided',
    })),
    now,
  );
  await withdrawFrom(tx, voided);
  await forgetSerials(
    tx,
    voided.map((record) => record.shipment.id),
  );
  await hub.events.publish(
    tx,
    voided.map((record) => ({
      ...shipmentEvent('shipping.shipment.voided', record),
      reason: wanted.get(record.shipment.shipmentNo)!.reason,
    })),
  );
  return voided.map((record) => record.shipment.shipmentNo);
}

async function withdrawFrom(tx: Tx, voided: Awaited<ReturnType<typeof markVoided>>): Promise<void> {
  const refs = await findFulfillments(
    tx,
    voided.map((record) => record.shipment.fulfillmentNo),
  );
  const records = await loadFulfillmentRecords(tx, { ids: [...refs.values()].map((ref) => ref.id) });
  const gone = new Set(
    voided.flatMap((record) => [record.shipKey, ...record.packages.map((parcel) => parcel.tracking)]),
  );
  await withdrawProgress(
    tx,
    records,
    (fact) =>
      !(fact.kind === 'shipped' && gone.has(`${fact.source}|${fact.document}`)) &&
      !(fact.kind === 'delivered' && gone.has(fact.document)),
  );
}
