import type { TrackingReport } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import type { PackageRecord, ShipmentRecord, TrackerStatus } from './fulfillment-types.ts';
import { readShipments, writeTracking } from './shipments.ts';

export interface Tracked {
  report: TrackingReport;
  record: ShipmentRecord;
  parcel: PackageRecord;
  /** False for what is repeated, or older than what is known: then nobody is told again. */
  news: boolean;
}

/**
 * Notes what carriers say about packages: the highest sequence of a tracking number counts. Reports of unknown tracking
 * numbers are answered as `unknown`; the caller parks them. The caller holds the orders' locks.
 */
export async function recordTracking(
  tx: Tx,
  reports: readonly TrackingReport[],
): Promise<{ tracked: Tracked[]; unknown: TrackingReport[] }> {
  const records = await readShipments(tx, { trackings: [...new Set(reports.map((report) => report.tracking))] });
  const tracked: Tracked[] = [];
  const unknown: TrackingReport[] = [];
  const changed = new Set<ShipmentRecord>();
  for (const report of [...reports].sort((a, b) => a.sequence - b.sequence)) {
    // A number is used again after years: the youngest shipment that carries it is meant.
    const record = records.findLast((each) => each.packages.some((parcel) => parcel.tracking === report.tracking));
    const parcel = record?.packages.find((each) => each.tracking === report.tracking);
    if (record === undefined || parcel === undefined) {
      unknown.push(report);
      continue;
    }
    const news = report.sequence > (parcel.trackerSequence ?? -1);
    if (news) {
      parcel.trackerStatus = report.status;
      parcel.trackerSequence = report.sequence;
      if (record.state !== 'voided') record.shipment.trackerStatus = statusOfShipment(record.packages);
      changed.add(record);
    }
    tracked.push({ report, record, parcel, news });
  }
  await writeTracking(tx, [...changed]);
  return { tracked, unknown };
}

const progressOfTracking: readonly TrackerStatus[] = ['none', 'label', 'in_transit', 'out_for_delivery', 'delivered'];

/** A shipment stands where its slowest package stands, unless one of them is in trouble. */
function statusOfShipment(packages: readonly Pick<PackageRecord, 'trackerStatus'>[]): TrackerStatus {
  const statuses = packages.map((parcel) => parcel.trackerStatus);
  for (const trouble of ['exception', 'returned', 'voided'] as const) {
    if (statuses.includes(trouble)) return trouble;
  }
  const slowest = Math.min(...statuses.map((status) => progressOfTracking.indexOf(status)));
  return progressOfTracking[slowest] ?? 'none';
}
