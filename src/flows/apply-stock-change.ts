import { loadItems } from '../catalog/index.ts';
import { loadLocations, type RecordedMovement, type StockMovement } from '../inventory/index.ts';
import {
  compareDecimals,
  convertToBase,
  isZeroDecimal,
  type Item,
  type StockChange,
  subtractDecimals,
} from '../model/index.ts';
import { firstRepeated, HubError, type Tx } from '../platform/index.ts';
import { applyStockMovements, type StockCause } from './apply-stock.ts';
import type { Hub } from './flow.ts';
import { type ReceiptDocument, reportReceipt } from './report-receipt.ts';

/** What its kind says about the sign of a line; either, where it is not listed. */
const signs: Partial<Record<StockChange['type'], 1 | -1>> = { receipt: 1, return: 1, transferIn: 1, transferOut: -1 };

/**
 * Applies what a site says has changed of its stock, all lines or none. A line that is on record already counts for nothing.
 * Of a receipt that is not as it should be people are told.
 * @returns what became of each line, in the order given
 * @throws HubError UNKNOWN_LOCATION, UNKNOWN_ITEM, UOM_UNKNOWN, UOM_INEXACT, QUANTITY_INVALID, VALIDATION_FAILED (a line
 * number twice), CONFLICT (a line is on record with other content): then nothing of it is applied
 */
export async function applyStockChange(
  tx: Tx,
  hub: Hub,
  change: StockChange,
  { actor, document, ...cause }: ChangeCause,
): Promise<RecordedMovement[]> {
  const movements = await movementsOf(tx, change, actor);
  const recorded = await applyStockMovements(tx, hub, movements, cause);
  if (change.type === 'receipt') {
    const { source, location, document: number } = change;
    await reportReceipt(tx, hub, { source, location, number, movements, recorded, cause, ...document });
  }
  return recorded;
}

interface ChangeCause extends StockCause {
  readonly actor?: string;
  /** The document that said so, where it was one. */
  readonly document?: ReceiptDocument;
}

async function movementsOf(tx: Tx, change: StockChange, actor: string | undefined): Promise<StockMovement[]> {
  const { source, document, location, type, occurredAt, sourceSeq, poNo, lines } = change;
  if (!(await loadLocations(tx, [location])).has(location)) {
    const errors = [{ pointer: '/location', code: 'UNKNOWN_LOCATION' }];
    throw new HubError('UNKNOWN_LOCATION', { message: `No location has the code ${location}`, errors });
  }
  const ordered = poNo !== undefined || lines.some((line) => line.poNo !== undefined);
  if (ordered && type !== 'receipt') {
    const errors = [{ pointer: poNo === undefined ? '/lines' : '/poNo', code: 'NOT_A_RECEIPT' }];
    throw new HubError('VALIDATION_FAILED', { message: `A ${type} is for no purchase order`, errors });
  }
  const twice = firstRepeated(lines.map(({ lineNo }) => lineNo));
  if (twice >= 0) {
    const errors = [{ pointer: `/lines/${twice}/lineNo`, code: 'DUPLICATE_LINE' }];
    throw new HubError('VALIDATION_FAILED', { message: `Line ${lines[twice]?.lineNo} is there twice`, errors });
  }
  const items = await loadItems(tx, [...new Set(lines.map(({ sku }) => sku))]);
  return lines.map((line, index): StockMovement => {
    const { lineNo, sku, lot, expiry, status, owner, reason } = line;
    return {
      key: JSON.stringify([source, type, document, lineNo]),
      type,
      sku,
      location,
      lot,
      expiry,
      status,
      owner,
      quantity: baseOf(line, type, items.get(sku)?.value, `/lines/${index}`),
      reason: reason ?? type,
      docRef: document,
      poNo: line.poNo ?? poNo,
      source,
      sourceSeq,
      occurredAt: new Date(occurredAt),
      actor,
    };
  });
}

function baseOf(
  { sku, quantity, uom }: StockChange['lines'][number],
  type: StockChange['type'],
  item: Item | undefined,
  pointer: string,
): string {
  if (item === undefined) {
    const errors = [{ pointer: `${pointer}/sku`, code: 'UNKNOWN_ITEM' }];
    throw new HubError('UNKNOWN_ITEM', { message: `No item ${sku}`, errors });
  }
  const sign = compareDecimals(quantity, '0');
  const wanted = signs[type];
  if (isZeroDecimal(quantity) || (wanted !== undefined && wanted !== Math.sign(sign))) {
    const which = wanted === undefined ? 'not zero' : `${wanted > 0 ? 'above' : 'below'} zero`;
    const errors = [{ pointer: `${pointer}/quantity`, code: 'QUANTITY_INVALID' }];
    throw new HubError('QUANTITY_INVALID', { message: `${sku}: the quantity of a ${type} is ${which}`, errors });
  }
  const value = sign < 0 ? subtractDecimals('0', quantity) : quantity;
  const converted = convertToBase(item, { value, uom });
  if (!converted.ok) {
    const errors = [{ pointer: `${pointer}/quantity`, code: converted.code }];
    throw new HubError(converted.code, { message: `${sku}: ${converted.message}`, errors });
  }
  return sign < 0 ? subtractDecimals('0', converted.base) : converted.base;
}
