import { compareDecimals, type Item, type ShipmentPackage } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';

export interface TraceProblem {
  lineNo: number;
  sku: string;
  packageNo: number;
  missing: 'lot' | 'serial';
  quantity: string;
}

/**
 * Contents that left without the lots or serials that their item is tracked by. The goods are gone whether or not the
 * report says which they were, so this is a list to follow up, not a refusal. Pure.
 */
export function findTraceProblems(
  packages: readonly ShipmentPackage[],
  trackingOf: (sku: string) => Item['tracking'] | undefined,
): TraceProblem[] {
  const problems: TraceProblem[] = [];
  for (const { packageNo, contents } of packages) {
    for (const { lineNo, sku, quantity, lot, serials } of contents) {
      const tracking = trackingOf(sku) ?? 'none';
      const problem = { lineNo, sku, packageNo, quantity };
      if ((tracking === 'lot' || tracking === 'both') && lot === undefined)
        problems.push({ ...problem, missing: 'lot' });
      const counted = new Set(serials).size;
      const wantsSerials = tracking === 'serial' || tracking === 'both';
      if (wantsSerials && compareDecimals(String(counted), quantity) !== 0) {
        problems.push({ ...problem, missing: 'serial' });
      }
    }
  }
  return problems;
}

export interface SerialUse {
  shipmentId: string;
  sku: string;
  serial: string;
}

/** Notes serials as shipped. Answers those that had left with another shipment before: a serial is in one place. */
export async function recordSerials(tx: Tx, uses: readonly SerialUse[]): Promise<(SerialUse & { before: string })[]> {
  if (uses.length === 0) return [];
  await tx.query(
    `INSERT INTO shipped_serial (sku, serial, shipment_id)
     SELECT sku, serial, "shipmentId" FROM jsonb_to_recordset($1::jsonb) AS r(sku text, serial text, "shipmentId" uuid) ORDER BY sku, serial
     ON CONFLICT (tenant_id, sku, serial) DO NOTHING`,
    [JSON.stringify(uses)],
  );
  const clashes = await tx.query<SerialUse & { before: string }>(
    `SELECT r."shipmentId", r.sku, r.serial, s.shipment_id AS before
     FROM jsonb_to_recordset($1::jsonb) AS r(sku text, serial text, "shipmentId" uuid)
     JOIN shipped_serial s ON s.sku = r.sku AND s.serial = r.serial WHERE s.shipment_id <> r."shipmentId"`,
    [JSON.stringify(uses)],
  );
  return clashes;
}

/** Serials of a voided shipment are back in the building. */
export async function forgetSerials(tx: Tx, shipmentIds: readonly string[]): Promise<void> {
  await tx.query('DELETE FROM shipped_serial WHERE shipment_id = ANY($1::uuid[])', [shipmentIds]);
}
