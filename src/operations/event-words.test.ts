import { describe, expect, it } from 'vitest';
import type { EventType, HubEvent } from '../events/index.ts';
import type { SalesOrder, SalesOrderLine } from '../model/index.ts';
import { wordsOfEvent } from './event-words.ts';

const line = (lineNo: number, sku: string, [value, uom]: [string, string], [num, baseUom]: [number, string]) => ({
  lineNo,
  sku,
  ordered: { value, uom },
  num,
  den: 1,
  baseUom,
  q: { ordered: String(Number(value) * num) },
});

/** As much of an order as words are made of. */
function orderOf(lines: readonly object[]): SalesOrder {
  const order = {
    customerName: 'Meridian Retail',
    customerPo: 'PO-7',
    currency: 'USD',
    totals: { amountMinor: 124_000 },
  };
  return { ...order, lines: lines as SalesOrderLine[] } as unknown as SalesOrder;
}

const cases = orderOf([line(1, 'LED', ['5', 'CS'], [12, 'EA']), line(2, 'CBL', ['1200', 'FT'], [1, 'FT'])]);
const long = orderOf(Array.from({ length: 14 }, (_, i) => line(i + 1, `S${i}`, ['1', 'EA'], [1, 'EA'])));

function say(type: EventType, data: Record<string, unknown> = {}, order = cases, reason?: string) {
  const entity = { kind: 'order', id: 'i' };
  const invoices = new Map([['i', { invoiceNo: 'INV-12' }]]);
  const { title, detail } = wordsOfEvent({ type, entity, data, reason } as unknown as HubEvent, { order, invoices });
  return detail === undefined ? title : `${title} | ${detail}`;
}

const shipment = { shipmentNo: 'S1', fulfillmentNo: 'R1', location: 'DC1', carrier: 'Parcelo', packages: 2 };

describe('what happened to an order', () => {
  it('is told with quantities in the unit that was ordered, units, sites, carriers and numbers', () => {
    const shipped = { ...shipment, trackings: ['T1', 'T2'], lineCount: 1, lines: [{ lineNo: 1, quantity: '36' }] };
    expect(say('shipping.shipment.shipped', shipped)).toBe(
      'DC1 shipped 3 of 5 CS LED with Parcelo in 2 packages | tracking T1, T2, shipment S1',
    );
    expect(say('sales.order.received')).toBe(
      'Meridian Retail ordered 5 CS LED, 1,200 FT CBL for 1,240.00 USD | PO PO-7',
    );
    expect(say('sales.order.created', { erpOrderNo: '4711' })).toBe('The ERP took the order as 4711');
    const invoice = { invoiceNo: 'INV-12', totalMinor: 124_000, currency: 'USD', dueDate: '2026-07-01' };
    expect(say('finance.invoice.posted', invoice)).toBe(
      'The ERP posted invoice INV-12 over 1,240.00 USD | due 2026-07-01',
    );
    expect(say('finance.invoice.sent')).toBe('Invoice INV-12 sent to Meridian Retail');
    const delivered = { ...shipment, packageNo: 2, tracking: 'T2' };
    expect(say('shipping.tracking.delivered', delivered)).toBe(
      'Package 2 of 2 was delivered | tracking T2, shipment S1',
    );
  });

  it('is told in base units where the ordered unit does not come out whole', () => {
    const lines = [{ lineNo: 1, quantity: '7' }];
    expect(say('fulfillment.order.picked', { ...shipment, lines })).toBe('DC1 picked 7 of 60 EA LED | release R1');
    const short = { lineNo: 1, sku: 'LED', quantity: '24', backordered: '12' };
    expect(say('sales.line.partiallyAllocated', short)).toBe(
      '2 of 5 CS LED reserved (line 1) | 1 CS still wait for stock',
    );
  });

  it('counts the lines of long orders', () => {
    expect(say('sales.order.accepted', {}, long)).toBe('Order accepted: 14 lines for 1,240.00 USD');
    expect(say('shipping.shipment.shipped', { ...shipment, lineCount: 14 }, long)).toBe(
      'DC1 shipped 14 lines with Parcelo in 2 packages | shipment S1',
    );
    const holds = Array.from({ length: 9 }, (_, i) => ({ code: 'PRICE_MISMATCH', lineNo: i + 1 }));
    expect(say('sales.order.held', { holds, added: [] }, long)).toBe(
      'On hold: price differs from the contract (9 lines)',
    );
  });

  it('says who, and why, and survives what it does not know', () => {
    expect(say('sales.order.cancelled', { by: 'key:mia' }, cases, 'ordered twice')).toBe(
      'Order cancelled | ordered twice, by key:mia',
    );
    expect(say('sales.order.holdReleased', { released: [{ code: 'NEVER_HEARD' }], by: 'hub' })).toBe(
      'Hold lifted: NEVER_HEARD',
    );
    expect(say('fulfillment.order.picked', { lines: [{ lineNo: 9, quantity: '4', sku: 'GONE' }] })).toBe(
      'The warehouse picked 4 GONE',
    );
    expect(say('shipping.shipment.shipped', { lines: 'many' })).toBe('The warehouse shipped goods in 1 package');
    expect(say('credit.order.declined', {})).toBe('Credit not granted for 1,240.00 USD');
  });
});
