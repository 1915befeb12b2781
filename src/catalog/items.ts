import {
  type Item,
  isGtin,
  type Page,
  type PageRequest,
  type PriceRule,
  type PutOptions,
  type PutOutcome,
  toGtin14,
  type Versioned,
} from '../model/index.ts';
import { type ErrorDetail, HubError, type Tx } from '../platform/index.ts';
import {
  itemTable,
  listCatalogDocuments,
  loadCatalogDocuments,
  priceRuleTable,
  putCatalogDocuments,
} from './catalog-documents.ts';

/**
 * Creates or replaces items with their units and GTINs.
 * @throws HubError VALIDATION_FAILED (units, GTIN check digits, a GTIN of another item), PRECONDITION_FAILED
 */
export async function putItems(tx: Tx, rows: readonly Item[], options: PutOptions): Promise<PutOutcome<Item>[]> {
  for (const row of rows) refuseBadItem(row);
  const outcomes = await putCatalogDocuments(tx, itemTable, rows, options);
  await replaceGtins(
    tx,
    outcomes.filter((outcome) => outcome.outcome !== 'unchanged').map((outcome) => outcome.value),
  );
  return outcomes;
}

function refuseBadItem(item: Item): void {
  const errors: ErrorDetail[] = [];
  const codes = new Set<string>();
  item.uoms.forEach((uom, index) => {
    const pointer = `/uoms/${index}`;
    if (codes.has(uom.code)) errors.push({ pointer: `${pointer}/code`, code: 'duplicate', message: 'listed twice' });
    codes.add(uom.code);
    if (uom.code === item.baseUom && uom.num !== uom.den) {
      errors.push({ pointer, code: 'baseUom', message: 'the base unit is 1/1' });
    }
    if (uom.gtin !== undefined && !isGtin(uom.gtin)) {
      errors.push({ pointer: `${pointer}/gtin`, code: 'checkDigit', message: 'the check digit is wrong' });
    }
  });
  if (!codes.has(item.baseUom)) {
    errors.push({ pointer: '/uoms', code: 'baseUom', message: `does not list the base unit ${item.baseUom}` });
  }
  if (errors.length > 0) {
    throw new HubError('VALIDATION_FAILED', { message: `Item ${item.sku} is not valid`, errors });
  }
}

async function replaceGtins(tx: Tx, items: readonly Item[]): Promise<void> {
  if (items.length === 0) return;
  const rows = items.flatMap((item) =>
    item.uoms.flatMap(({ gtin, code }) =>
      gtin === undefined ? [] : [{ gtin: toGtin14(gtin), sku: item.sku, uom: code }],
    ),
  );
  await tx.query('DELETE FROM item_gtin WHERE sku = ANY($1)', [items.map((item) => item.sku)]);
  const written = await tx.query<{ gtin: string }>(
    `INSERT INTO item_gtin (tenant_id, gtin, sku, uom) SELECT current_setting('crossdock.tenant'), gtin, sku, uom
     FROM jsonb_to_recordset($1) AS r(gtin text, sku text, uom text) ON CONFLICT DO NOTHING RETURNING gtin`,
    [JSON.stringify(rows)],
  );
  if (written.length === rows.length) return;
  const done = new Set(written.map((row) => row.gtin));
  const taken = rows.find((row) => !done.has(row.gtin)) ?? rows[0]!;
  throw new HubError('VALIDATION_FAILED', {
    message: `GTIN ${taken.gtin} of ${taken.sku} already stands for another unit or item`,
    errors: [{ pointer: '/uoms', code: 'gtinTaken', message: taken.gtin }],
  });
}

export function loadItems(tx: Tx, skus: readonly string[]): Promise<Map<string, Versioned<Item>>> {
  return loadCatalogDocuments(tx, itemTable, skus);
}

/** Items by any GTIN of any of their units, with the unit that it identifies. Keys are the GTINs as given. */
export async function loadItemsByGtin(
  tx: Tx,
  gtins: readonly string[],
): Promise<Map<string, { item: Item; uom: string }>> {
  if (gtins.length === 0) return new Map();
  const rows = await tx.query<{ gtin: string; uom: string; document: Item }>(
    {
      name: 'catalog-load-items-by-gtin',
      text: `SELECT g.gtin, g.uom, i.document FROM item_gtin g JOIN item i ON i.tenant_id = g.tenant_id AND i.sku = g.sku
        WHERE g.gtin = ANY($1)`,
    },
    [gtins.map(toGtin14)],
  );
  const byGtin = new Map(rows.map((row) => [row.gtin, { item: row.document, uom: row.uom }]));
  return new Map(
    gtins.flatMap((gtin) => {
      const found = byGtin.get(toGtin14(gtin));
      return found === undefined ? [] : [[gtin, found] as const];
    }),
  );
}

export function listItems(tx: Tx, page: PageRequest): Promise<Page<Versioned<Item>>> {
  return listCatalogDocuments(tx, itemTable, page);
}

/** @throws HubError VALIDATION_FAILED (unknown item, unit that the item does not have), PRECONDITION_FAILED */
export async function putPriceRules(
  tx: Tx,
  rows: readonly PriceRule[],
  options: PutOptions,
): Promise<PutOutcome<PriceRule>[]> {
  const items = await loadItems(tx, [...new Set(rows.map((row) => row.sku))]);
  for (const rule of rows) refuseBadPriceRule(rule, items.get(rule.sku)?.value);
  return putCatalogDocuments(tx, priceRuleTable, rows, options);
}

function refuseBadPriceRule(rule: PriceRule, item: Item | undefined): void {
  const refuse = (pointer: string, code: string, message: string): never => {
    throw new HubError('VALIDATION_FAILED', {
      message: `Price ${rule.id}: ${message}`,
      errors: [{ pointer, code, message }],
    });
  };
  if (item === undefined) return refuse('/sku', 'unknown', `no item ${rule.sku}`);
  const knownUnit = item.uoms.some((uom) => uom.code === rule.price.uom) || rule.price.uom === item.baseUom;
  if (!knownUnit) refuse('/price/uom', 'unknown', `${rule.sku} has no unit ${rule.price.uom}`);
  if (rule.validTo !== undefined && rule.validTo < rule.validFrom) refuse('/validTo', 'order', 'ends before it begins');
}

export async function loadPriceRules(tx: Tx, skus: readonly string[]): Promise<Map<string, PriceRule[]>> {
  const bySku = new Map<string, PriceRule[]>(skus.map((sku) => [sku, []]));
  if (skus.length === 0) return bySku;
  const rows = await tx.query<{ sku: string; document: PriceRule }>(
    {
      name: 'catalog-load-price-rules-of',
      text: 'SELECT sku, document FROM price_rule WHERE sku = ANY($1) ORDER BY id',
    },
    [skus],
  );
  for (const row of rows) bySku.get(row.sku)?.push(row.document);
  return bySku;
}

export async function getPriceRule(tx: Tx, id: string): Promise<Versioned<PriceRule> | undefined> {
  return (await loadCatalogDocuments(tx, priceRuleTable, [id])).get(id);
}

export function listPriceRules(tx: Tx, page: PageRequest): Promise<Page<Versioned<PriceRule>>> {
  return listCatalogDocuments(tx, priceRuleTable, page);
}
