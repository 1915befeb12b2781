import type { Shipment } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import type { LabelState, PackageRecord, ShipmentContext, ShipmentRecord, TrackerStatus } from './fulfillment-types.ts';

type Document = Pick<ShipmentContext, 'shipFrom' | 'shipTo' | 'carrier' | 'service'> &
  Pick<Shipment, 'scac' | 'proNo' | 'bol'>;

interface Row {
  id: string;
  shipmentNo: string;
  orderId: string;
  orderNo: string;
  fulfillmentId: string;
  fulfillmentNo: string;
  location: string;
  state: ShipmentRecord['state'];
  labelState: LabelState;
  trackerStatus: TrackerStatus;
  packKey: string | null;
  packSequence: number | null;
  shipKey: string | null;
  shipSequence: number | null;
  document: Document;
  correlationId: string;
  traceparent: string | null;
  erpShipmentNo: string | null;
  version: number;
  packedAt: Date | null;
  labelledAt: Date | null;
  shippedAt: Date | null;
  voidedAt: Date | null;
  notifiedAt: Date | null;
  packages: (Omit<PackageRecord, 'sscc' | 'tracking' | 'labelUrl' | 'weightGrams' | 'trackerSequence'> & {
    sscc: string | null;
    tracking: string | null;
    labelUrl: string | null;
    weightGrams: number | null;
    trackerSequence: number | null;
  })[];
}

const selectSql = `SELECT s.id, s.shipment_no AS "shipmentNo", s.order_id AS "orderId", s.order_no AS "orderNo",
  s.fulfillment_id AS "fulfillmentId", s.fulfillment_no AS "fulfillmentNo", s.location, s.state, s.label_state AS "labelState",
  s.tracker_status AS "trackerStatus", s.pack_key AS "packKey", s.pack_sequence AS "packSequence", s.ship_key AS "shipKey",
  s.ship_sequence AS "shipSequence", s.document, s.correlation_id AS "correlationId", s.traceparent,
  s.erp_shipment_no AS "erpShipmentNo", s.version, s.packed_at AS "packedAt", s.labelled_at AS "labelledAt",
  s.shipped_at AS "shippedAt", s.voided_at AS "voidedAt", s.notified_at AS "notifiedAt",
  coalesce((SELECT jsonb_agg(jsonb_build_object('packageNo', p.package_no, 'sscc', p.sscc, 'tracking', p.tracking, 'labelUrl', p.label_url,
      'weightGrams', p.weight_grams, 'contents', p.contents, 'trackerStatus', p.tracker_status, 'trackerSequence', p.tracker_sequence)
      ORDER BY p.package_no) FROM shipment_package p WHERE p.shipment_id = s.id), '[]') AS packages
  FROM shipment s`;

export interface ShipmentFilter {
  ids?: readonly string[];
  orderIds?: readonly string[];
  fulfillmentIds?: readonly string[];
  shipmentNos?: readonly string[];
  trackings?: readonly string[];
  ssccs?: readonly string[];
}

/** Shipments that match any of the filter's lists, oldest first. */
export async function readShipments(tx: Tx, filter: ShipmentFilter): Promise<ShipmentRecord[]> {
  const conditions: string[] = [];
  const params: unknown[] = [];
  const asked: string[] = [];
  const add = (name: keyof ShipmentFilter, condition: (parameter: string) => string): void => {
    const values = filter[name];
    if (values === undefined || values.length === 0) return;
    conditions.push(condition(`$${params.push(values)}`));
    asked.push(name);
  };
  const viaPackage = (column: string) => (parameter: string) =>
    `s.id IN (SELECT shipment_id FROM shipment_package WHERE ${column} = ANY(${parameter}::text[]))`;
  add('ids', (parameter) => `s.id = ANY(${parameter}::uuid[])`);
  add('orderIds', (parameter) => `s.order_id = ANY(${parameter}::uuid[])`);
  add('fulfillmentIds', (parameter) => `s.fulfillment_id = ANY(${parameter}::uuid[])`);
  add('shipmentNos', (parameter) => `s.shipment_no = ANY(${parameter}::text[])`);
  add('trackings', viaPackage('tracking'));
  add('ssccs', viaPackage('sscc'));
  if (conditions.length === 0) return [];
  const text = `${selectSql} WHERE ${conditions.join(' OR ')} ORDER BY s.created_at, s.id`;
  const rows = await tx.query<Row>({ name: `fulfillment-read-shipments-${asked.join('-')}`, text }, params);
  return rows.map(toRecord);
}

/** A tracking number, and the order whose goods travel under it. */
export interface TrackedOrder {
  tracking: string;
  orderId: string;
  correlationId: string;
}

/** The orders of tracking numbers, the youngest shipment last: a number is used again after years. */
export async function findTrackedOrders(tx: Tx, trackings: readonly string[]): Promise<TrackedOrder[]> {
  if (trackings.length === 0) return [];
  return tx.query<TrackedOrder>(
    {
      name: 'fulfillment-find-tracked',
      text: `SELECT p.tracking, s.order_id AS "orderId", s.correlation_id AS "correlationId"
        FROM shipment_package p JOIN shipment s ON s.id = p.shipment_id
        WHERE p.tracking = ANY($1::text[]) ORDER BY s.created_at, s.id`,
    },
    [[...new Set(trackings)]],
  );
}

function defined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], null> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], null>;
  };
}

function toRecord(row: Row): ShipmentRecord {
  const packages = row.packages.map((parcel) => defined(parcel) as PackageRecord);
  const shipment = defined({
    id: row.id,
    shipmentNo: row.shipmentNo,
    orderId: row.orderId,
    orderNo: row.orderNo,
    fulfillmentOrderId: row.fulfillmentId,
    fulfillmentNo: row.fulfillmentNo,
    location: row.location,
    ...row.document,
    packedAt: row.packedAt?.toISOString(),
    shippedAt: row.shippedAt?.toISOString(),
    trackerStatus: row.trackerStatus,
    voidedAt: row.voidedAt?.toISOString(),
    packages: packages.map(({ labelUrl: _url, trackerStatus: _status, trackerSequence: _sequence, ...rest }) => rest),
    version: row.version,
  }) as Shipment;
  return defined({
    shipment,
    state: row.state,
    labelState: row.labelState,
    packKey: row.packKey,
    packSequence: row.packSequence,
    shipKey: row.shipKey,
    shipSequence: row.shipSequence,
    packages,
    correlationId: row.correlationId,
    traceparent: row.traceparent,
    erpShipmentNo: row.erpShipmentNo,
    labelledAt: row.labelledAt,
    notifiedAt: row.notifiedAt,
  }) as ShipmentRecord;
}

/** Public form by id, for dispatch. */
export async function loadShipments(tx: Tx, ids: readonly string[]): Promise<Map<string, Shipment>> {
  const records = await readShipments(tx, { ids });
  return new Map(records.map((record) => [record.shipment.id, record.shipment]));
}

/** What people call shipments, and their orders, by id: no more of them than that. */
export async function readShipmentNumbers(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, { shipmentNo: string; orderId: string }>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<{ id: string; shipmentNo: string; orderId: string }>(
    {
      name: 'fulfillment-shipment-numbers',
      text: `SELECT id, shipment_no AS "shipmentNo", order_id AS "orderId" FROM shipment WHERE id = ANY($1::uuid[])`,
    },
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export async function listShipments(tx: Tx, filter: ShipmentFilter): Promise<Shipment[]> {
  return (await readShipments(tx, filter)).map((record) => record.shipment);
}

/** New or changed shipments, written whole: two statements whatever their number. The caller holds the orders' locks. */
export async function writeShipments(tx: Tx, records: readonly ShipmentRecord[], now: Date): Promise<void> {
  if (records.length === 0) return;
  const shipments = tx.query(
    {
      name: 'fulfillment-write-shipments',
      text: `INSERT INTO shipment AS s (id, shipment_no, order_id, order_no, fulfillment_id, fulfillment_no, location, state, label_state,
        tracker_status, pack_key, pack_sequence, ship_key, ship_sequence, document, correlation_id, traceparent, erp_shipment_no,
        packed_at, labelled_at, shipped_at, voided_at, notified_at, created_at)
      SELECT id, shipment_no, order_id, order_no, fulfillment_id, fulfillment_no, location, state, label_state, tracker_status, pack_key,
        pack_sequence, ship_key, ship_sequence, document, correlation_id, traceparent, erp_shipment_no, packed_at, labelled_at,
        shipped_at, voided_at, notified_at, $2
      FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, shipment_no text, order_id uuid, order_no text, fulfillment_id uuid,
        fulfillment_no text, location text, state text, label_state text, tracker_status text, pack_key text, pack_sequence bigint,
        ship_key text, ship_sequence bigint, document jsonb, correlation_id text, traceparent text, erp_shipment_no text,
        packed_at timestamptz, labelled_at timestamptz, shipped_at timestamptz, voided_at timestamptz, notified_at timestamptz)
      ON CONFLICT (tenant_id, id) DO UPDATE SET state = EXCLUDED.state, label_state = EXCLUDED.label_state,
        tracker_status = EXCLUDED.tracker_status, pack_key = EXCLUDED.pack_key, pack_sequence = EXCLUDED.pack_sequence,
        ship_key = EXCLUDED.ship_key, ship_sequence = EXCLUDED.ship_sequence, document = EXCLUDED.document,
        erp_shipment_no = EXCLUDED.erp_shipment_no, packed_at = EXCLUDED.packed_at, labelled_at = EXCLUDED.labelled_at,
        shipped_at = EXCLUDED.shipped_at, voided_at = EXCLUDED.voided_at, notified_at = EXCLUDED.notified_at, version = s.version + 1`,
    },
    [JSON.stringify(records.map(shipmentRow)), now],
  );
  const packages = tx.query(
    {
      name: 'fulfillment-write-packages',
      text: `WITH incoming AS (
        SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(shipment_id uuid, package_no int, sscc text, tracking text, label_url text,
          weight_grams int, contents jsonb, tracker_status text, tracker_sequence bigint)
      ), gone AS (
        DELETE FROM shipment_package p WHERE p.shipment_id = ANY($2::uuid[])
          AND NOT EXISTS (SELECT FROM incoming i WHERE i.shipment_id = p.shipment_id AND i.package_no = p.package_no)
      )
      INSERT INTO shipment_package (shipment_id, package_no, sscc, tracking, label_url, weight_grams, contents, tracker_status, tracker_sequence)
      SELECT shipment_id, package_no, sscc, tracking, label_url, weight_grams, contents, tracker_status, tracker_sequence FROM incoming
      ON CONFLICT (tenant_id, shipment_id, package_no) DO UPDATE SET sscc = EXCLUDED.sscc, tracking = EXCLUDED.tracking,
        label_url = EXCLUDED.label_url, weight_grams = EXCLUDED.weight_grams, contents = EXCLUDED.contents,
        tracker_status = EXCLUDED.tracker_status, tracker_sequence = EXCLUDED.tracker_sequence`,
    },
    [JSON.stringify(records.flatMap(packageRows)), records.map((record) => record.shipment.id)],
  );
  await Promise.all([shipments, packages]);
}

/** What carriers said of packages, and where their shipments stand by that; the caller holds the orders' locks. */
export async function writeTracking(tx: Tx, records: readonly ShipmentRecord[]): Promise<void> {
  if (records.length === 0) return;
  const rows = records.flatMap(({ shipment, packages }) =>
    packages.map(({ packageNo, trackerStatus, trackerSequence }) => ({
      shipment_id: shipment.id,
      package_no: packageNo,
      tracker_status: trackerStatus,
      tracker_sequence: trackerSequence,
    })),
  );
  await Promise.all([
    tx.query(
      {
        name: 'fulfillment-track-shipments',
        text: `UPDATE shipment s SET tracker_status = r.tracker_status, version = s.version + 1
          FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, tracker_status text) WHERE s.id = r.id`,
      },
      [JSON.stringify(records.map(({ shipment }) => ({ id: shipment.id, tracker_status: shipment.trackerStatus })))],
    ),
    tx.query(
      {
        name: 'fulfillment-track-packages',
        text: `UPDATE shipment_package p SET tracker_status = r.tracker_status, tracker_sequence = r.tracker_sequence
          FROM jsonb_to_recordset($1::jsonb) AS r(shipment_id uuid, package_no int, tracker_status text, tracker_sequence bigint)
          WHERE p.shipment_id = r.shipment_id AND p.package_no = r.package_no`,
      },
      [JSON.stringify(rows)],
    ),
  ]);
}

function shipmentRow(record: ShipmentRecord) {
  const { shipment } = record;
  const { shipFrom, shipTo, carrier, scac, service, proNo, bol } = shipment;
  return {
    id: shipment.id,
    shipment_no: shipment.shipmentNo,
    order_id: shipment.orderId,
    order_no: shipment.orderNo,
    fulfillment_id: shipment.fulfillmentOrderId,
    fulfillment_no: shipment.fulfillmentNo,
    location: shipment.location,
    state: record.state,
    label_state: record.labelState,
    tracker_status: shipment.trackerStatus,
    pack_key: record.packKey,
    pack_sequence: record.packSequence,
    ship_key: record.shipKey,
    ship_sequence: record.shipSequence,
    document: { shipFrom, shipTo, carrier, scac, service, proNo, bol },
    correlation_id: record.correlationId,
    traceparent: record.traceparent,
    erp_shipment_no: record.erpShipmentNo,
    packed_at: shipment.packedAt,
    labelled_at: record.labelledAt,
    shipped_at: shipment.shippedAt,
    voided_at: shipment.voidedAt,
    notified_at: record.notifiedAt,
  };
}

function packageRows(record: ShipmentRecord) {
  return record.packages.map((parcel) => ({
    shipment_id: record.shipment.id,
    package_no: parcel.packageNo,
    sscc: parcel.sscc,
    tracking: parcel.tracking,
    label_url: parcel.labelUrl,
    weight_grams: parcel.weightGrams,
    contents: parcel.contents,
    tracker_status: parcel.trackerStatus,
    tracker_sequence: parcel.trackerSequence,
  }));
}
