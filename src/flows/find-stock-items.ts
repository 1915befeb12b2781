import { loadItems, loadItemsByGtin } from '../catalog/index.ts';
import {
  compareDecimals,
  convertToBase,
  findUom,
  type Item,
  type ItemReference,
  subtractDecimals,
} from '../model/index.ts';
import { resolveCrossReferences } from '../partners/index.ts';
import type { Tx } from '../platform/index.ts';
import type { StockProblem } from './stock-problem.ts';

/** A line of a warehouse's document, as far as it says what it is about. */
export interface StockLine {
  readonly item?: ItemReference;
  readonly lot?: string;
}

export interface CountedQuantity {
  readonly value: string;
  readonly uom: string;
}

/** An item as a line names it: the GTIN of a larger pack says in what it is counted. */
interface FoundItem {
  readonly item: Item;
  readonly pack?: string;
}

/** What the lines of a document are of, read in a few statements whatever their number. */
export interface StockItems {
  /** The item of a line, counted from one. Undefined where there is none: then the problem is noted. */
  find(line: StockLine, lineNo: number): FoundItem | undefined;
  /** Base units, signed as given. Undefined where it cannot be said: then the problem is noted. */
  base(found: FoundItem, quantity: CountedQuantity, lineNo: number): string | undefined;
}

/**
 * Items of a partner's document: by our SKU, by a GTIN of any of their packs, by the partner's cross-reference, or by a number
 * of the partner that is our SKU.
 * @param noted what could not be resolved, a note for each unknown number
 */
export async function findStockItems(
  tx: Tx,
  partner: string,
  today: string,
  lines: readonly StockLine[],
  noted: StockProblem[],
): Promise<StockItems> {
  const codesOf = ({ item = {} }: StockLine): string[] =>
    [item.vendorItem, item.gtin, item.buyerItem].filter((code) => code !== undefined);
  const all = [...new Set(lines.flatMap(codesOf))];
  const references = await resolveCrossReferences(
    tx,
    partner,
    all.map((external) => ({ type: 'item', external })),
    today,
  );
  const bySku = await loadItems(tx, [...new Set([...all, ...references.values()])]);
  const byGtin = await loadItemsByGtin(tx, [...new Set(lines.flatMap(({ item }) => item?.gtin ?? []))]);
  const known = (sku: string | undefined): FoundItem | undefined => {
    const item = sku === undefined ? undefined : bySku.get(sku)?.value;
    return item === undefined ? undefined : { item };
  };
  const referred = (line: StockLine): FoundItem | undefined =>
    codesOf(line)
      .map((external) => known(references.get(`item\0${external}`)))
      .find((found) => found !== undefined);
  const unknown = new Set<string>();
  return {
    find(line, lineNo) {
      const { gtin, vendorItem, buyerItem } = line.item ?? {};
      const pack = gtin === undefined ? undefined : byGtin.get(gtin);
      const found = known(vendorItem) ?? (pack && { item: pack.item }) ?? referred(line) ?? known(buyerItem);
      if (found !== undefined && pack !== undefined && pack.item.sku !== found.item.sku) {
        const text = `line ${lineNo} names ${found.item.sku} and the GTIN of ${pack.item.sku}`;
        noted.push({ code: 'MAP_FAILED', subject: `line ${lineNo}`, text });
        return undefined;
      }
      if (found !== undefined) {
        return pack === undefined || pack.uom === found.item.baseUom ? found : { ...found, pack: pack.uom };
      }
      const external = codesOf(line)[0];
      if (external === undefined || !unknown.has(external)) noted.push(unknownItem(partner, external, lineNo));
      if (external !== undefined) unknown.add(external);
      return undefined;
    },
    base(found, quantity, lineNo) {
      const result = baseOf(found, quantity);
      if ('base' in result) return result.base;
      noted.push({ code: result.code, subject: `line ${lineNo}`, text: `line ${lineNo}: ${result.message}` });
      return undefined;
    },
  };
}

function unknownItem(partner: string, external: string | undefined, lineNo: number): StockProblem {
  if (external === undefined) {
    return { code: 'MAP_FAILED', subject: `line ${lineNo}`, text: `line ${lineNo} names no item` };
  }
  return {
    code: 'UNKNOWN_ITEM',
    subject: external,
    text: `line ${lineNo}: no item has the number ${external}`,
    data: { type: 'item', external, scope: partner, lineNo },
  };
}

type Based = { base: string } | { code: 'UOM_UNKNOWN' | 'UOM_INEXACT' | 'QUANTITY_INVALID'; message: string };

/**
 * The unit as the line says it. The GTIN of a larger pack counts instead where the line's is none of the item's; where it is
 * another one of them, one of the two is wrong.
 */
function baseOf({ item, pack }: FoundItem, { value, uom }: CountedQuantity): Based {
  const unit = pack !== undefined && findUom(item, uom) === undefined ? pack : uom;
  if (pack !== undefined && unit !== pack) {
    const message = `${item.sku} is named by the GTIN of one ${pack} and counted in ${uom}`;
    return { code: 'UOM_UNKNOWN', message };
  }
  const negative = compareDecimals(value, '0') < 0;
  const converted = convertToBase(item, { value: negative ? subtractDecimals('0', value) : value, uom: unit });
  if (!converted.ok) return { code: converted.code, message: `${item.sku}: ${converted.message}` };
  return { base: negative ? subtractDecimals('0', converted.base) : converted.base };
}
