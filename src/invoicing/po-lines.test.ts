import { describe, expect, it } from 'vitest';
import type { InvoiceReport, UnitPrice } from '../model/index.ts';
import type { InvoicedOrder } from './invoicing-types.ts';
import { toPoLines } from './po-lines.ts';

const bolts = {
  baseUom: 'EA',
  increment: '1',
  uoms: [
    { code: 'EA', num: 1, den: 1 },
    { code: 'BX', num: 100, den: 1 },
  ],
};
const perHundred: UnitPrice = { value: '11.00', currency: 'USD', perQty: '100', uom: 'EA' };

const order: InvoicedOrder = {
  id: 'o',
  orderNo: 'SO1',
  customer: 'C100',
  terms: { netDays: 30 },
  correlationId: 'c',
  lines: [
    {
      lineNo: 1,
      sku: 'BLT',
      ordered: { value: '20', uom: 'BX' },
      num: 100,
      den: 1,
      baseUom: 'EA',
      price: { value: '11.00', currency: 'USD', perQty: '1', uom: 'BX' },
    },
  ],
};

function report(quantity: { value: string; uom: string }, unitPrice: UnitPrice, amountMinor = 22_000): InvoiceReport {
  return {
    source: 'erp',
    invoiceNo: 'I1',
    orderNo: 'SO1',
    invoiceDate: '2026-06-01',
    currency: 'USD',
    lines: [{ lineNo: 1, quantity, unitPrice, amountMinor }],
    taxMinor: 0,
    freightMinor: 0,
    totalMinor: amountMinor,
    postedAt: '2026-06-01T12:00:00Z',
  };
}

const convert = (given: InvoiceReport) => toPoLines(given, order, () => bolts);

describe('toPoLines', () => {
  it("speaks the PO's unit and price basis whatever the ERP bills in", () => {
    const { lines, base, problems } = convert(report({ value: '2000', uom: 'EA' }, perHundred));
    expect(lines).toEqual([
      {
        lineNo: 1,
        sku: 'BLT',
        quantity: { value: '20', uom: 'BX' },
        price: { value: '11.00', currency: 'USD', perQty: '1', uom: 'BX' },
        amountMinor: 22_000,
      },
    ]);
    expect(base).toEqual([{ lineNo: 1, quantity: '2000', uom: 'EA' }]);
    expect(problems).toEqual([]);
  });

  it("turns another price into the PO's basis exactly", () => {
    const [line] = convert(report({ value: '20', uom: 'BX' }, { ...perHundred, value: '10.50' })).lines;
    expect(line!.price).toEqual({ value: '10.5', currency: 'USD', perQty: '1', uom: 'BX' });
  });

  it("keeps the ERP's price where the PO's basis cannot hold it", () => {
    const odd = { value: '1.00', currency: 'USD', perQty: '3', uom: 'EA' };
    expect(convert(report({ value: '20', uom: 'BX' }, odd)).lines[0]!.price).toEqual(odd);
  });

  it('keeps pieces where they make no even number of boxes of six', () => {
    const boxes = { ...bolts, uoms: [...bolts.uoms, { code: 'B6', num: 6, den: 1 }] };
    const line = { ...order.lines[0]!, ordered: { value: '1', uom: 'B6' }, num: 6, den: 1 };
    const { lines } = toPoLines(
      report({ value: '5', uom: 'EA' }, perHundred),
      { ...order, lines: [line] },
      () => boxes,
    );
    expect(lines[0]!.quantity).toEqual({ value: '5', uom: 'EA' });
  });

  it('names a line, a unit or a total that does not fit', () => {
    const unknownLine = { ...report({ value: '1', uom: 'EA' }, perHundred) };
    unknownLine.lines = [{ ...unknownLine.lines[0]!, lineNo: 7 }];
    expect(convert(unknownLine).problems.map((each) => each.code)).toEqual(['UNKNOWN_LINE']);
    expect(convert(report({ value: '1', uom: 'KG' }, perHundred)).problems.map((each) => each.code)).toEqual([
      'UOM_UNKNOWN',
    ]);
    const wrongTotal = { ...report({ value: '20', uom: 'BX' }, perHundred), totalMinor: 1 };
    expect(convert(wrongTotal).problems.map((each) => each.code)).toEqual(['TOTAL_MISMATCH']);
  });
});
