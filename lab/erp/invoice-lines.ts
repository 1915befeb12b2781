import { formatDecimal, isWhole, parseDecimal, proportion, roundedRatio } from '../decimal.ts';

/** A line as the order was booked: the sales unit with its price, and the stock unit beside it. */
export interface ErpOrderLine {
  line: number;
  item: string;
  qty: string;
  unit: string;
  stockQty: string;
  stockUnit: string;
  unitPrice: string;
  pricePer: string;
  priceUnit: string;
  amountCents: number;
}

export interface ShippedLine {
  line: number;
  qty: string;
  unit: string;
}

export interface ErpInvoiceLine {
  line: number;
  item: string;
  qty: string;
  unit: string;
  unitPrice: string;
  pricePer: string;
  priceUnit: string;
  amountCents: number;
}

/**
 * Bills a shipment: each line's share of the order line's amount, so that the invoices of an order add up to it to the
 * cent however it was split. The quantity is in the sales unit where that comes out whole, else in the stock unit.
 */
export function invoiceLines(
  order: readonly ErpOrderLine[],
  alreadyBilled: readonly ShippedLine[],
  shipped: readonly ShippedLine[],
): ErpInvoiceLine[] {
  const lines: ErpInvoiceLine[] = [];
  for (const line of order) {
    const now = total(shipped, line.line);
    if (now <= 0n) continue;
    const before = total(alreadyBilled, line.line);
    const stock = parseDecimal(line.stockQty);
    const inSalesUnit = wholeOrSame(line, proportion(now, parseDecimal(line.qty), stock));
    const { item, unitPrice, pricePer, priceUnit } = line;
    const amount = billed(line, stock, before + now) - billed(line, stock, before);
    lines.push({
      line: line.line,
      item,
      qty: formatDecimal(inSalesUnit ?? now),
      unit: inSalesUnit === undefined ? line.stockUnit : line.unit,
      unitPrice,
      pricePer,
      priceUnit,
      amountCents: Number(amount),
    });
  }
  return lines;
}

const wholeOrSame = (line: ErpOrderLine, quantity: bigint | undefined): bigint | undefined =>
  quantity !== undefined && (line.unit === line.stockUnit || isWhole(quantity)) ? quantity : undefined;

const total = (lines: readonly ShippedLine[], lineNo: number): bigint =>
  lines.filter((each) => each.line === lineNo).reduce((sum, each) => sum + parseDecimal(each.qty), 0n);

const billed = (line: ErpOrderLine, stock: bigint, shipped: bigint): bigint =>
  stock === 0n ? 0n : roundedRatio(BigInt(line.amountCents) * shipped, stock);
