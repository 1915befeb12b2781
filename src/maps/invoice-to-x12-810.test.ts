import { describe, expect, it } from 'vitest';
import { context, line, maps, order, written } from '../../test/harness/edi-cases.ts';
import type { Invoice } from '../model/index.ts';

const invoice: Invoice = {
  id: 'i1',
  kind: 'invoice',
  invoiceNo: 'INV-1',
  orderId: 'o1',
  orderNo: 'SO-1',
  customer: 'C100',
  customerPo: 'PO-4711',
  shipmentNo: 'SH-1',
  currency: 'USD',
  invoiceDate: '2026-06-02',
  dueDate: '2026-07-02',
  taxMinor: 1250,
  freightMinor: 999,
  totalMinor: 137249,
  paidMinor: 0,
  status: 'open',
  postedAt: '2026-06-02T13:00:00Z',
  version: 1,
  lines: [
    {
      lineNo: 1,
      sku: 'PMP-220',
      quantity: { value: '3', uom: 'EA' },
      price: { value: '450.00', currency: 'USD', perQty: '1', uom: 'EA' },
      amountMinor: 135000,
    },
  ],
};
const bill = (change: Partial<Invoice> = {}, lines = [line(1, { allocated: '3' })], version?: string) =>
  written(
    '810',
    'IN',
    maps.outbound('x12', 'invoice.send')!.map({ order: order(lines), invoice: { ...invoice, ...change } }, context()),
    version,
  );

describe('invoice → 810', () => {
  it('charges in the buyer’s line, unit and price basis, with totals that add up', () => {
    expect(bill()).toEqual([
      'ST*810*0001',
      'BIG*20260602*INV-1*20260601*PO-4711',
      'REF*DP*038',
      'REF*IA*778120',
      'REF*SI*SH-1',
      'N1*ST*DC 12*UL*0614141900121',
      'N1*BY**92*0012',
      'N1*SE*RIDGELINE',
      'ITD*05*3****20260702*30',
      'IT1*001*3*EA*450.00*PE*VN*PMP-220',
      'TDS*137249',
      'TXI*ST*12.50',
      'SAC*C*D240***999',
      'CTT*1',
      'SE*15*0001',
    ]);
    expect(bill({}, undefined, '005010')).toContain('TDS*137249');
  });

  it('never sends a total that does not add up, nor a price per something else', () => {
    expect(() => bill({ totalMinor: 137248 })).toThrow(expect.objectContaining({ code: 'TOTAL_MISMATCH' }));
    const perHundred = line(1, {}, { price: { value: '450.00', currency: 'USD', perQty: '100', uom: 'EA' } });
    expect(() => bill({}, [perHundred])).toThrow(expect.objectContaining({ code: 'PRICE_BASIS' }));
  });

  it('names a currency that is not the partner’s usual one, and has two decimals in it', () => {
    const yen = { ...invoice.lines[0]!, amountMinor: 500 };
    const segments = bill({ currency: 'JPY', lines: [yen], taxMinor: 0, freightMinor: 0, totalMinor: 500 });
    expect(segments).toContain('CUR*SE*JPY');
    expect(segments).toContain('TDS*50000');
  });
});
