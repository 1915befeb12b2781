import {
  convertToBase,
  divideRationals,
  fromBaseExactly,
  type InvoiceReport,
  multiplyRationals,
  pricePerBase,
  rational,
  type Rational,
  toExactDecimal,
  toRational,
  type UnitPrice,
} from '../model/index.ts';
import type { InvoicedItem, InvoicedOrder, InvoiceLines, InvoiceProblem } from './invoicing-types.ts';

type OrderLine = InvoicedOrder['lines'][number];
type ReportLine = InvoiceReport['lines'][number];

/**
 * Turns an invoice's lines back into the purchase order's: its line numbers, its unit and its price basis, whatever unit
 * the ERP bills in. A quantity that does not come out even in the PO's unit (5 of a box of 6) stays in base units. Amounts
 * are the issuer's and stay as they are. Pure.
 */
export function toPoLines(
  report: InvoiceReport,
  order: InvoicedOrder,
  itemOf: (sku: string) => InvoicedItem | undefined,
): InvoiceLines {
  const result: InvoiceLines = { lines: [], base: [], problems: [] };
  for (const line of report.lines) {
    const ordered = order.lines.find((each) => each.lineNo === line.lineNo);
    const item = ordered === undefined ? undefined : itemOf(ordered.sku);
    if (ordered === undefined || item === undefined) {
      const message = `The order has no line ${line.lineNo}`;
      result.problems.push({ code: 'UNKNOWN_LINE', lineNo: line.lineNo, message });
      continue;
    }
    const converted = convertToBase(item, line.quantity);
    if (!converted.ok) {
      result.problems.push({ code: converted.code, lineNo: line.lineNo, message: converted.message });
      continue;
    }
    result.base.push({ lineNo: line.lineNo, quantity: converted.base, uom: item.baseUom });
    result.lines.push(toPoLine(line, ordered, item, converted.base));
  }
  const problem = checkTotal(report);
  if (problem !== undefined) result.problems.push(problem);
  return result;
}

function toPoLine(
  line: ReportLine,
  ordered: OrderLine,
  item: InvoicedItem,
  base: string,
): InvoiceLines['lines'][number] {
  const inPoUnit = fromBaseExactly(base, ordered.num, ordered.den);
  return {
    lineNo: line.lineNo,
    sku: ordered.sku,
    quantity:
      inPoUnit === undefined ? { value: base, uom: item.baseUom } : { value: inPoUnit, uom: ordered.ordered.uom },
    price: toPoPrice(line.unitPrice, ordered.price, item),
    amountMinor: line.amountMinor,
  };
}

/** The billed price per the PO's basis. Equal prices keep the PO's own writing; what does not come out even keeps the ERP's. */
function toPoPrice(billed: UnitPrice, po: UnitPrice, item: InvoicedItem): UnitPrice {
  const billedEach = pricePerBase(item, billed);
  const poEach = pricePerBase(item, po);
  if (billedEach === undefined || poEach === undefined || billed.currency !== po.currency) return billed;
  if (billedEach.n * poEach.d === poEach.n * billedEach.d) return po;
  const value = toExactDecimal(multiplyRationals(billedEach, basisOf(po, poEach)));
  const fits = value !== undefined && (value.split('.')[1]?.length ?? 0) <= 6;
  return fits ? { ...po, value } : billed;
}

/** Base units in one price basis: 100 for a price per 100 EA. */
function basisOf(price: UnitPrice, each: Rational): Rational {
  if (each.n === 0n) return rational(1n);
  return divideRationals(toRational(price.value), each);
}

function checkTotal(report: InvoiceReport): InvoiceProblem | undefined {
  const sum = report.lines.reduce((total, line) => total + line.amountMinor, 0) + report.taxMinor + report.freightMinor;
  if (sum === report.totalMinor) return undefined;
  return {
    code: 'TOTAL_MISMATCH',
    message: `Lines, tax and freight add up to ${sum}, the invoice says ${report.totalMinor} (minor units)`,
  };
}
