import type { Tx } from '../platform/index.ts';
import type { LabelState, ShipmentRecord } from './fulfillment-types.ts';
import { syncPackages } from './record-packed.ts';
import { readShipments, writeShipments } from './shipments.ts';

/** What a carrier answered to a request for labels. */
export interface Labels {
  shipmentId: string;
  carrier: string;
  scac?: string;
  service?: string;
  labels: readonly { packageNo: number; tracking: string; labelUrl?: string }[];
}

/** Puts tracking numbers on packages. Answers the shipments that were not labelled before. */
export async function recordLabels(tx: Tx, labels: readonly Labels[], now: Date): Promise<ShipmentRecord[]> {
  const byId = new Map(labels.map((each) => [each.shipmentId, each]));
  const records = await readShipments(tx, { ids: [...byId.keys()] });
  const labelled = records.filter((record) => record.labelState !== 'labelled' && record.state !== 'voided');
  for (const record of labelled) {
    const answer = byId.get(record.shipment.id)!;
    record.labelState = 'labelled';
    record.labelledAt = now;
    record.shipment.carrier = answer.carrier;
    if (answer.scac !== undefined) record.shipment.scac = answer.scac;
    if (answer.service !== undefined) record.shipment.service = answer.service;
    if (record.shipment.trackerStatus === 'none') record.shipment.trackerStatus = 'label';
    for (const { packageNo, tracking, labelUrl } of answer.labels) {
      const parcel = record.packages.find((each) => each.packageNo === packageNo);
      if (parcel === undefined) continue;
      parcel.tracking = tracking;
      if (labelUrl !== undefined) parcel.labelUrl = labelUrl;
      if (parcel.trackerStatus === 'none') parcel.trackerStatus = 'label';
    }
    syncPackages(record);
  }
  await writeShipments(tx, labelled, now);
  return labelled;
}

/** Moves shipments from one of the states `from` to `to`; answers those that were in one. What is void wants no labels. */
export async function moveLabelState(
  tx: Tx,
  shipmentIds: readonly string[],
  from: readonly LabelState[],
  to: LabelState,
): Promise<ShipmentRecord[]> {
  if (shipmentIds.length === 0) return [];
  const rows = await tx.query<{ id: string }>(
    {
      name: 'fulfillment-move-label-state',
      text: `UPDATE shipment SET label_state = $3, version = version + 1 WHERE id = ANY($1::uuid[]) AND label_state = ANY($2::text[]) AND state <> 'voided' RETURNING id`,
    },
    [shipmentIds, from, to],
  );
  return readShipments(tx, { ids: rows.map((row) => row.id) });
}

/**
 * Claims the shipments that everybody may now be told about: shipped, and labelled or past hoping for a label. Each is
 * answered once for good.
 */
export async function claimNotifications(tx: Tx, shipmentIds: readonly string[], now: Date): Promise<ShipmentRecord[]> {
  if (shipmentIds.length === 0) return [];
  const rows = await tx.query<{ id: string }>(
    {
      name: 'fulfillment-claim-notifications',
      text: `UPDATE shipment SET notified_at = $2, version = version + 1
             WHERE id = ANY($1::uuid[]) AND state = 'shipped' AND notified_at IS NULL AND label_state IN ('none', 'labelled', 'failed')
             RETURNING id`,
    },
    [shipmentIds, now],
  );
  return readShipments(tx, { ids: rows.map((row) => row.id) });
}

/** The ERP's numbers for shipments. */
export async function recordErpShipments(
  tx: Tx,
  shipments: readonly { shipmentId: string; erpShipmentNo: string }[],
): Promise<void> {
  if (shipments.length === 0) return;
  await tx.query(
    {
      name: 'fulfillment-record-erp-shipments',
      text: `UPDATE shipment s SET erp_shipment_no = r."erpShipmentNo"
        FROM jsonb_to_recordset($1::jsonb) AS r("shipmentId" uuid, "erpShipmentNo" text) WHERE s.id = r."shipmentId"`,
    },
    [JSON.stringify(shipments)],
  );
}
