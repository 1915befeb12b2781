/** What holds of every invoice that goes out, whatever the standard. */
import type { Invoice, SalesOrder, SalesOrderLine } from '../model/index.ts';
import { MapError } from './map.ts';

/** An invoice as its issuer posted it, with the order it charges. */
export interface InvoiceNotice {
  order: SalesOrder;
  invoice: Invoice;
}

export type InvoiceLine = Invoice['lines'][number];

/** The total = lines + freight + tax, in exact minor units. */
export function checkTotals(invoice: Invoice): void {
  const lines = invoice.lines.reduce((sum, line) => sum + line.amountMinor, 0);
  const sum = lines + invoice.taxMinor + invoice.freightMinor;
  if (sum !== invoice.totalMinor) {
    throw new MapError(
      'TOTAL_MISMATCH',
      `Lines, tax and freight make ${sum} minor units, the total says ${invoice.totalMinor}`,
    );
  }
}

/** The price must be per the same quantity of the same unit as on the order: a bare number means something else otherwise. */
export function priceInBasis(line: SalesOrderLine, invoiced: InvoiceLine): string {
  const { price } = invoiced;
  if (price.uom !== line.price.uom || Number(price.perQty) !== Number(line.price.perQty)) {
    throw new MapError(
      'PRICE_BASIS',
      `Line ${line.lineNo} is invoiced per ${price.perQty} ${price.uom}, but ordered per ${line.price.perQty} ${line.price.uom}`,
    );
  }
  return price.value;
}

export function orderedLine(order: SalesOrder, lineNo: number, document: string): SalesOrderLine {
  const line = order.lines.find((candidate) => candidate.lineNo === lineNo);
  if (line === undefined)
    throw new MapError('LINE_UNKNOWN', `The ${document} names line ${lineNo}, which the order lacks`);
  return line;
}
