import {
  findFulfillments,
  forgetSerials,
  loadFulfillmentRecords,
  parkReports,
  voidShipments as markVoided,
  readShipments,
  type ShipmentRecord,
  type Tracked,
  withdrawProgress,
} from '../fulfillment/index.ts';
import { restoreShipped } from '../inventory/index.ts';
import type { VoidReport } from '../model/index.ts';
import { lockOrders, voidShipments as withdrawFacts } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Hub } from './flow.ts';
import { raiseExceptions } from './raise-exceptions.ts';
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
  if (voids.length === 0) return [];
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
  const { exceptions } = await withdrawFacts(tx, ends, now);
  await raiseExceptions(tx, hub, exceptions);
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

/** What a void waits for: a report under the document that it voids. */
export function voidKey(of: { fulfillmentNo: string; source: string; document: string }): string {
  return `${of.fulfillmentNo}|${of.source}|${of.document}`;
}

/**
 * Voids what warehouses say never left. What is void already stays so; the void of a shipment that is not here waits for
 * it, and undoes it when it comes.
 */
export async function applyVoids(tx: Tx, hub: Hub, reports: readonly VoidReport[]): Promise<void> {
  if (reports.length === 0) return;
  const refs = await findFulfillments(
    tx,
    reports.map((report) => report.fulfillmentNo),
  );
  await lockOrders(
    tx,
    [...refs.values()].map((ref) => ref.orderId),
  );
  const known = await readShipments(tx, { fulfillmentIds: [...refs.values()].map((ref) => ref.id) });
  const named = reports.map((report) => ({ report, record: known.find((record) => isOf(record, report)) }));
  await voidShipments(
    tx,
    hub,
    named.flatMap(({ report, record }) =>
      record === undefined
        ? []
        : [{ shipmentNo: record.shipment.shipmentNo, reason: report.reason ?? `voided by ${report.source}` }],
    ),
  );
  const early = named.filter(({ record }) => record === undefined);
  await parkReports(
    tx,
    early.map(({ report }) => ({ kind: 'void', parentKey: voidKey(report), report })),
    hub.clock.now(),
  );
}

function isOf({ shipment, shipKey, packKey }: ShipmentRecord, report: VoidReport): boolean {
  const key = `${report.source}|${report.document}`;
  return shipment.fulfillmentNo === report.fulfillmentNo && (shipKey === key || packKey === key);
}

/** Voids the shipment of which a carrier has voided every package after it had left. */
export async function followVoidedLabels(tx: Tx, hub: Hub, tracked: readonly Tracked[]): Promise<void> {
  const gone = tracked.filter(
    ({ report, record }) =>
      report.status === 'voided' &&
      record.state === 'shipped' &&
      record.packages.every((parcel) => parcel.trackerStatus === 'voided'),
  );
  await voidShipments(
    tx,
    hub,
    gone.map(({ report, record }) => ({
      shipmentNo: record.shipment.shipmentNo,
      reason: report.text ?? `voided by ${report.source}`,
    })),
  );
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
