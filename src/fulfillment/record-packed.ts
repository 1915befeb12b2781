import type { Shipment, ShipmentPackage } from '../model/index.ts';
import { type Tx, uuidv7 } from '../platform/index.ts';
import type {
  FulfillmentRef,
  PackageRecord,
  PackReport,
  ShipmentContext,
  ShipmentRecord,
} from './fulfillment-types.ts';
import { readShipments, writeShipments } from './shipments.ts';
import { allocateSsccs } from './sscc.ts';

export interface Packed<R> {
  report: R;
  outcome: 'created' | 'changed' | 'duplicate';
  record: ShipmentRecord;
}

export function reportKey(report: { source: string; document: string }): string {
  return `${report.source}|${report.document}`;
}

/**
 * Makes a shipment of each pack report, with an SSCC for every package that came without one. A report that was seen
 * before is a no-op; one with a higher sequence (a repack) replaces the packages as long as nothing has shipped, and
 * packages that stay keep their SSCC. The caller holds the orders' locks.
 */
export async function recordPacked(
  tx: Tx,
  reports: readonly { report: PackReport; fulfillment: FulfillmentRef; context: ShipmentContext }[],
  now: Date,
): Promise<Packed<PackReport>[]> {
  const known = await readShipments(tx, { fulfillmentIds: [...new Set(reports.map((r) => r.fulfillment.id))] });
  const numbering = new ShipmentNumbers(known);
  const results: Packed<PackReport>[] = [];
  const prefixes = new Map<ShipmentRecord, string | undefined>();
  for (const { report, fulfillment, context } of reports) {
    const existing = known.find(
      (record) => record.packKey === reportKey(report) || record.shipKey === reportKey(report),
    );
    if (existing !== undefined && (existing.state !== 'packed' || (existing.packSequence ?? -1) >= report.sequence)) {
      results.push({ report, outcome: 'duplicate', record: existing });
      continue;
    }
    const record = existing ?? newShipment(fulfillment, context, numbering.next(fulfillment), now);
    record.packKey = reportKey(report);
    record.packSequence = report.sequence;
    // Other packages want other labels.
    if (existing !== undefined && existing.labelState !== 'none') record.labelState = 'pending';
    record.shipment.packedAt = report.packedAt;
    replacePackages(record, report.packages);
    if (existing === undefined) known.push(record);
    prefixes.set(record, context.companyPrefix);
    results.push({ report, outcome: existing === undefined ? 'created' : 'changed', record });
  }
  await giveSsccs(tx, prefixes);
  await writeShipments(tx, [...prefixes.keys()], now);
  return results;
}

/** Numbers shipments by their fulfilment order: the second of 1000001-1 is 1000001-1-S2. */
export class ShipmentNumbers {
  readonly #counts = new Map<string, number>();

  constructor(known: readonly ShipmentRecord[]) {
    for (const { shipment } of known) {
      this.#counts.set(shipment.fulfillmentOrderId, (this.#counts.get(shipment.fulfillmentOrderId) ?? 0) + 1);
    }
  }

  next(fulfillment: FulfillmentRef): string {
    const count = (this.#counts.get(fulfillment.id) ?? 0) + 1;
    this.#counts.set(fulfillment.id, count);
    return `${fulfillment.fulfillmentNo}-S${count}`;
  }
}

export function newShipment(
  fulfillment: FulfillmentRef,
  context: ShipmentContext,
  shipmentNo: string,
  now: Date,
): ShipmentRecord {
  const { shipFrom, shipTo, carrier, service } = context;
  const shipment: Shipment = {
    id: uuidv7(now.getTime()),
    shipmentNo,
    orderId: fulfillment.orderId,
    orderNo: fulfillment.orderNo,
    fulfillmentOrderId: fulfillment.id,
    fulfillmentNo: fulfillment.fulfillmentNo,
    location: fulfillment.location,
    shipFrom,
    shipTo,
    ...(carrier === undefined ? {} : { carrier }),
    ...(service === undefined ? {} : { service }),
    trackerStatus: 'none',
    packages: [],
    version: 1,
  };
  return {
    shipment,
    state: 'packed',
    labelState: context.labelState,
    packages: [],
    correlationId: fulfillment.correlationId,
    ...(fulfillment.traceparent === undefined ? {} : { traceparent: fulfillment.traceparent }),
  };
}

/** Takes over packages as reported; one with a number that is known keeps the SSCC and tracking number it has. */
export function replacePackages(record: ShipmentRecord, packages: readonly ShipmentPackage[]): void {
  const before = new Map(record.packages.map((parcel) => [parcel.packageNo, parcel]));
  record.packages = packages.map((parcel): PackageRecord => {
    const known = before.get(parcel.packageNo);
    const merged: PackageRecord = { trackerStatus: 'none', ...known, ...parcel };
    const sscc = known?.sscc ?? parcel.sscc;
    const tracking = parcel.tracking ?? known?.tracking;
    return {
      ...merged,
      ...(sscc === undefined ? {} : { sscc }),
      ...(tracking === undefined ? {} : { tracking }),
    };
  });
}

/** SSCCs for all packages that have none, where the company has a prefix. */
export async function giveSsccs(tx: Tx, prefixes: ReadonlyMap<ShipmentRecord, string | undefined>): Promise<void> {
  const counts = new Map<string, number>();
  const missing: { parcel: PackageRecord; prefix: string }[] = [];
  for (const [record, prefix] of prefixes) {
    if (prefix === undefined) continue;
    for (const parcel of record.packages) {
      if (parcel.sscc === undefined) missing.push({ parcel, prefix });
    }
  }
  for (const { prefix } of missing) counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  const allocated = await allocateSsccs(tx, counts);
  for (const { parcel, prefix } of missing) {
    const sscc = allocated.get(prefix)?.shift();
    if (sscc !== undefined) parcel.sscc = sscc;
  }
  for (const record of prefixes.keys()) syncPackages(record);
}

/** The public form follows the packages. */
export function syncPackages(record: ShipmentRecord): void {
  record.shipment.packages = record.packages.map(
    ({ labelUrl: _url, trackerStatus: _status, trackerSequence: _sequence, ...parcel }) => parcel,
  );
}
