import type { PutOptions, PutOutcome, Versioned } from '../model/index.ts';
import {
  addDecimals,
  type ExpectedSupply,
  maxDecimal,
  minDecimal,
  multiplyRationals,
  normalizeDecimal,
  rational,
  subtractDecimals,
  toRational,
} from '../model/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import { sameContent, takeVersion } from './put-versioned.ts';
import { noteStockChanges } from './stock-change-log.ts';

type SupplyRow = Omit<ExpectedSupply, 'overPct'> & { overPct: string | null; version: number; updatedAt: Date };

const columns = `po_no AS "poNo", supplier, sku, trim_scale(quantity)::text AS quantity, uom, location, due_date AS "dueDate",
  acknowledged, trim_scale(over_pct)::text AS "overPct", version, updated_at AS "updatedAt"`;

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
    const value = withoutNothing({ ...row, quantity: normalizeDecimal(row.quantity) });
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
      `INSERT INTO expected_supply (po_no, sku, location, supplier, quantity, uom, due_date, acknowledged, over_pct, version, updated_at)
       SELECT "poNo", sku, location, supplier, quantity, uom, "dueDate", acknowledged, "overPct", version, $2
       FROM jsonb_to_recordset($1::jsonb) AS j("poNo" text, sku text, location text, supplier text, quantity numeric, uom text,
         "dueDate" date, acknowledged boolean, "overPct" numeric, version int)
       ON CONFLICT (tenant_id, po_no, sku, location) DO UPDATE SET supplier = EXCLUDED.supplier, quantity = EXCLUDED.quantity,
         uom = EXCLUDED.uom, due_date = EXCLUDED.due_date, acknowledged = EXCLUDED.acknowledged, over_pct = EXCLUDED.over_pct, version = EXCLUDED.version,
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

function toVersioned({ version, updatedAt, overPct, ...value }: SupplyRow): Versioned<ExpectedSupply> {
  return { value: overPct === null ? value : { ...value, overPct }, version, updatedAt };
}

/** Without a tolerance of nothing: it is what counts where there is none. */
function withoutNothing({ overPct, ...value }: ExpectedSupply): ExpectedSupply {
  return overPct === undefined ? value : { ...value, overPct: normalizeDecimal(overPct) };
}

/** Goods that came in for a purchase order; base units. */
export interface ReceivedGoods {
  poNo: string;
  sku: string;
  location: string;
  quantity: string;
}

interface OpenSupply {
  poNo: string;
  sku: string;
  location: string;
  quantity: string;
  received: string;
  overReceived: string;
  overPct: string;
}

const openSql = {
  name: 'inventory-open-supply',
  text: `SELECT po_no AS "poNo", sku, location, trim_scale(quantity)::text AS quantity, trim_scale(received)::text AS received,
      trim_scale(over_received)::text AS "overReceived", coalesce(over_pct, 0)::text AS "overPct"
    FROM expected_supply WHERE po_no = ANY($1::text[]) AND sku = ANY($2::text[]) ORDER BY po_no, sku, location FOR UPDATE`,
};
const takeSql = {
  name: 'inventory-take-supply',
  text: `UPDATE expected_supply s SET quantity = j.quantity, received = j.received, over_received = j."overReceived",
      version = s.version + 1, updated_at = $2
    FROM jsonb_to_recordset($1::jsonb) AS j("poNo" text, sku text, location text, quantity numeric, received numeric,
      "overReceived" numeric)
    WHERE s.po_no = j."poNo" AND s.sku = j.sku AND s.location = j.location`,
};

/**
 * Takes goods that came in off what is expected of their orders. The caller holds the items' locks.
 * @returns for each of them what of it exceeds its order and the tolerance; "0" too where nothing is known of the order
 */
export async function takeFromExpected(tx: Tx, goods: readonly ReceivedGoods[], now: Date): Promise<string[]> {
  if (goods.length === 0) return [];
  const rows = await tx.query<OpenSupply>(openSql, [
    [...new Set(goods.map(({ poNo }) => poNo))],
    [...new Set(goods.map(({ sku }) => sku))],
  ]);
  const open = new Map(rows.map((row) => [supplyKey(row), row]));
  const touched = new Set<OpenSupply>();
  const excess = goods.map((received) => {
    const supply = open.get(supplyKey(received));
    if (supply === undefined) return '0';
    touched.add(supply);
    return takeOne(supply, received.quantity);
  });
  if (touched.size > 0) await tx.query(takeSql, [JSON.stringify([...touched]), now]);
  return excess;
}

/** The tolerance is of the order as it was (what is still expected and what has come in of it), in whole base units. */
function takeOne(supply: OpenSupply, quantity: string): string {
  const ordered = toRational(addDecimals(supply.quantity, supply.received));
  const { n, d } = multiplyRationals(ordered, multiplyRationals(toRational(supply.overPct), rational(1n, 100n)));
  const tolerance = String(n / d);
  const expected = minDecimal(quantity, supply.quantity);
  const beyond = subtractDecimals(quantity, expected);
  const allowed = maxDecimal('0', subtractDecimals(tolerance, supply.overReceived));
  const tolerated = minDecimal(beyond, allowed);
  supply.quantity = subtractDecimals(supply.quantity, expected);
  supply.received = addDecimals(supply.received, expected);
  supply.overReceived = addDecimals(supply.overReceived, tolerated);
  return subtractDecimals(beyond, tolerated);
}
