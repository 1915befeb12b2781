import type { PutOptions, PutOutcome, Versioned } from '../model/index.ts';
import { type ExpectedSupply, normalizeDecimal } from '../model/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import { sameContent, takeVersion } from './put-versioned.ts';
import { noteStockChanges } from './stock-change-log.ts';

type SupplyRow = ExpectedSupply & { version: number; updatedAt: Date };

const columns = `po_no AS "poNo", supplier, sku, trim_scale(quantity)::text AS quantity, uom, location, due_date AS "dueDate",
  acknowledged, version, updated_at AS "updatedAt"`;

export function supplyKey(supply: Pick<ExpectedSupply, 'poNo' | 'sku' | 'location'>): string {
  return `${supply.poNo}/${supply.sku}@${supply.location}`;
}

/**
 * Creates or replaces what is still expected of a purchase order's item at a location; quantities are base units, "0" when
 * nothing more is to come.
 * @throws HubError QUANTITY_INVALID, PRECONDITION_FAILED
 */
export async function putExpectedSupply(
  tx: Tx,
  rows: readonly ExpectedSupply[],
  options: PutOptions,
): Promise<PutOutcome<ExpectedSupply>[]> {
  if (rows.some((row) => row.quantity.startsWith('-'))) throw new HubError('QUANTITY_INVALID');
  const poNos = [...new Set(rows.map((row) => row.poNo))].sort();
  const stored = await tx.query<SupplyRow>(
    `SELECT ${columns} FROM expected_supply WHERE po_no = ANY($1::text[]) ORDER BY po_no, sku, location FOR UPDATE`,
    [poNos],
  );
  const byKey = new Map(stored.map((row) => [supplyKey(row), toVersioned(row)]));
  const outcomes = rows.map((row): PutOutcome<ExpectedSupply> => {
    const value = { ...row, quantity: normalizeDecimal(row.quantity) };
    const key = supplyKey(value);
    const before = byKey.get(key);
    const version = takeVersion(before, options);
    if (before === undefined) return { key, version, outcome: 'created', value };
    if (sameContent(before.value, value)) return { key, version: before.version, outcome: 'unchanged', value };
    return { key, version, outcome: 'changed', previous: before.value, value };
  });
  const changed = outcomes.filter((outcome) => outcome.outcome !== 'unchanged');
  if (changed.length > 0) {
    await tx.query(
      `INSERT INTO expected_supply (po_no, sku, location, supplier, quantity, uom, due_date, acknowledged, version, updated_at)
       SELECT "poNo", sku, location, supplier, quantity, uom, "dueDate", acknowledged, version, $2
       FROM jsonb_to_recordset($1::jsonb) AS j("poNo" text, sku text, location text, supplier text, quantity numeric, uom text,
         "dueDate" date, acknowledged boolean, version int)
       ON CONFLICT (tenant_id, po_no, sku, location) DO UPDATE SET supplier = EXCLUDED.supplier, quantity = EXCLUDED.quantity,
         uom = EXCLUDED.uom, due_date = EXCLUDED.due_date, acknowledged = EXCLUDED.acknowledged, version = EXCLUDED.version,
         updated_at = EXCLUDED.updated_at`,
      [JSON.stringify(changed.map(({ value, version }) => ({ ...value, version }))), options.now],
    );
    await noteStockChanges(tx, [...new Set(changed.map(({ value }) => value.sku))]);
  }
  return outcomes;
}

const supplyOf = (which: string): string => `
  SELECT ${columns} FROM expected_supply WHERE ${which} ($1 OR quantity > 0) ORDER BY due_date, po_no, sku, location`;
const listSql = { name: 'inventory-list-supply', text: supplyOf('') };
const listOfItemsSql = { name: 'inventory-list-supply-of-items', text: supplyOf('sku = ANY($2::text[]) AND') };

/** By due date; what has come in full is left out unless `all`. */
export async function listExpectedSupply(
  tx: Tx,
  filter: { skus?: readonly string[]; all?: boolean } = {},
): Promise<Versioned<ExpectedSupply>[]> {
  const rows = await tx.query<SupplyRow>(filter.skus === undefined ? listSql : listOfItemsSql, [
    filter.all ?? false,
    ...(filter.skus === undefined ? [] : [filter.skus]),
  ]);
  return rows.map(toVersioned);
}

function toVersioned({ version, updatedAt, ...value }: SupplyRow): Versioned<ExpectedSupply> {
  return { value, version, updatedAt };
}
