import {
  addDecimals,
  isZeroDecimal,
  type ShipmentPackage,
  type ShipmentReport,
  subtractDecimals,
} from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import type { FulfillmentRef, ShipmentContext, ShipmentRecord } from './fulfillment-types.ts';
import { giveSsccs, newShipment, replacePackages, reportKey, ShipmentNumbers } from './record-packed.ts';
import { readShipments, writeShipments } from './shipments.ts';

/** What a report adds to (or, negative, a correction takes from) what has left with a shipment; base units. */
export interface ShippedDelta {
  lineNo: number;
  sku: string;
  lot?: string;
  quantity: string;
}

export interface Shipped {
  report: ShipmentReport;
  /**
   * `late`: the shipment was voided meanwhile. `conflict`: the same document and sequence held other quantities before,
   * which stand. A report older than the one on record is a `duplicate`.
   */
  outcome: 'shipped' | 'corrected' | 'duplicate' | 'late' | 'conflict';
  record: ShipmentRecord;
  deltas: ShippedDelta[];
}

/**
 * Records what has physically left. A report finds its shipment by its document (the one that packed or shipped it), by an
 * SSCC, or as the only one of its fulfilment order that has not shipped; otherwise it makes one: a branch that ships
 * without packing first. A repeated report is a no-op, a higher sequence a correction. The caller holds the orders' locks.
 */
export async function recordShipped(
  tx: Tx,
  reports: readonly { report: ShipmentReport; fulfillment: FulfillmentRef; context: ShipmentContext }[],
  now: Date,
): Promise<Shipped[]> {
  const known = await readShipments(tx, { fulfillmentIds: [...new Set(reports.map((r) => r.fulfillment.id))] });
  const numbering = new ShipmentNumbers(known);
  const changed = new Map<ShipmentRecord, string | undefined>();
  const results: Shipped[] = [];
  for (const { report, fulfillment, context } of reports) {
    const own = known.filter((record) => record.shipment.fulfillmentOrderId === fulfillment.id);
    const existing = findShipment(own, report);
    const duplicate = existing?.shipKey === reportKey(report) && (existing.shipSequence ?? -1) >= report.sequence;
    if (existing !== undefined && (duplicate || existing.state === 'voided')) {
      const outcome = duplicate ? repeated(existing, report) : 'late';
      results.push({ report, outcome, record: existing, deltas: [] });
      continue;
    }
    const record = existing ?? newShipment(fulfillment, context, numbering.next(fulfillment), now);
    if (existing === undefined) known.push(record);
    const before = record.state === 'shipped' ? record.packages : [];
    const outcome = record.state === 'shipped' ? 'corrected' : 'shipped';
    takeReport(record, report);
    changed.set(record, context.companyPrefix);
    results.push({ report, outcome, record, deltas: differences(before, record.packages) });
  }
  await giveSsccs(tx, changed);
  await writeShipments(tx, [...changed.keys()], now);
  return results;
}

function repeated(record: ShipmentRecord, report: ShipmentReport): 'duplicate' | 'conflict' {
  const other = record.shipSequence === report.sequence && differences(record.packages, report.packages).length > 0;
  return other ? 'conflict' : 'duplicate';
}

function findShipment(own: readonly ShipmentRecord[], report: ShipmentReport): ShipmentRecord | undefined {
  const key = reportKey(report);
  const ssccs = new Set(report.packages.flatMap((parcel) => (parcel.sscc === undefined ? [] : [parcel.sscc])));
  const waiting = own.filter((record) => record.state === 'packed');
  return (
    own.find((record) => record.shipKey === key) ??
    own.find((record) => record.packKey === key) ??
    own.find((record) => record.packages.some((parcel) => parcel.sscc !== undefined && ssccs.has(parcel.sscc))) ??
    (waiting.length === 1 ? waiting[0] : undefined)
  );
}

function takeReport(record: ShipmentRecord, report: ShipmentReport): void {
  const { shipment } = record;
  record.state = 'shipped';
  record.shipKey = reportKey(report);
  record.shipSequence = report.sequence;
  shipment.shippedAt = report.shippedAt;
  // What the carrier said when it gave the label outranks what the dock wrote down.
  if (report.carrier !== undefined && record.labelState !== 'labelled') shipment.carrier = report.carrier;
  if (report.service !== undefined && record.labelState !== 'labelled') shipment.service = report.service;
  if (report.proNo !== undefined) shipment.proNo = report.proNo;
  if (report.bol !== undefined) shipment.bol = report.bol;
  replacePackages(record, report.packages);
  const tracked = record.packages.every((parcel) => parcel.tracking !== undefined);
  if (tracked && (record.labelState === 'pending' || record.labelState === 'none')) record.labelState = 'labelled';
}

function differences(before: readonly ShipmentPackage[], after: readonly ShipmentPackage[]): ShippedDelta[] {
  const deltas = new Map<string, ShippedDelta>();
  const add = (packages: readonly ShipmentPackage[], sign: 1 | -1): void => {
    for (const { lineNo, sku, lot, quantity } of packages.flatMap((parcel) => parcel.contents)) {
      const key = JSON.stringify([lineNo, sku, lot]);
      const known = deltas.get(key)?.quantity ?? '0';
      const sum = sign === 1 ? addDecimals(known, quantity) : subtractDecimals(known, quantity);
      deltas.set(key, { lineNo, sku, ...(lot === undefined ? {} : { lot }), quantity: sum });
    }
  };
  add(after, 1);
  add(before, -1);
  return [...deltas.values()].filter((delta) => !isZeroDecimal(delta.quantity));
}

/** Undoes shipments that have shipped: they are void for good. Answers those that this call voided. */
export async function voidShipments(
  tx: Tx,
  shipmentNos: readonly string[],
  voidedAt: Date,
  now: Date,
): Promise<ShipmentRecord[]> {
  const records = (await readShipments(tx, { shipmentNos })).filter((record) => record.state !== 'voided');
  for (const record of records) {
    record.state = 'voided';
    record.shipment.voidedAt = voidedAt.toISOString();
    record.shipment.trackerStatus = 'voided';
  }
  await writeShipments(tx, records, now);
  return records;
}
