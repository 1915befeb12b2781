import { expect, it, vi } from 'vitest';
import { line, releasesOf } from '../../test/fulfillment/desk-reports.ts';
import { useShippingDesks } from '../../test/fulfillment/shipping-desk.ts';
import type * as Milestones from '../model/milestones.ts';
import { applyFacts } from './apply-facts.ts';
import { applyShipments } from './apply-shipments.ts';
import { cancelOrder } from './cancel-order.ts';
import { postInvoices } from './post-invoice.ts';

const derived = vi.hoisted(() => ({ lines: 0 }));
vi.mock('../model/milestones.ts', async (original) => {
  const actual = await original<typeof Milestones>();
  const deriveQuantities: typeof actual.deriveQuantities = (inputs) => {
    derived.lines++;
    return actual.deriveQuantities(inputs);
  };
  return { ...actual, deriveQuantities };
});

const open = useShippingDesks();

const size = 1000;
/** Times that a step may look at every line. A step that did so after each line's change would come to hundreds. */
const rounds = 12;

it('derives an order of a thousand lines a few times per step, from its arrival to its invoice', async () => {
  const desk = await open([{ location: 'DC1', sku: 'BLT', quantity: '2000' }]);
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    derived.lines = 0;
    const result = await work();
    expect(derived.lines).toBeLessThanOrEqual(rounds * size);
    return result;
  };
  const at = desk.clock.now().toISOString();
  const lines = Array.from({ length: size }, () => line('BLT', '2'));
  const id = await step(() => desk.submit({ lines }));
  await step(() => desk.settle());
  const order = await desk.order(id);
  expect(order.status.milestone).toBe('released');
  const [release] = await releasesOf(desk, id);
  const { fulfillmentNo } = release!;
  const each = <T>(make: (lineNo: number) => T): T[] => order.lines.map(({ lineNo }) => make(lineNo));
  const about = { source: 'wms-dc1', document: fulfillmentNo, fulfillmentNo, uom: 'EA', occurredAt: at };
  const say = (kind: 'picked' | 'short', sequence: number) =>
    step(async () => {
      const facts = each((lineNo) => ({ ...about, lineNo, kind, quantity: '1', sequence }));
      await desk.tx((tx) => applyFacts(tx, desk.hub, facts));
      await desk.settle();
    });
  await say('picked', 1);
  await say('short', 2);
  const contents = each((lineNo) => ({ lineNo, sku: 'BLT', quantity: '1', uom: 'EA' }));
  const shipment = { source: 'wms-dc1', document: 'SH', sequence: 1, fulfillmentNo, shippedAt: at };
  await step(async () => {
    await desk.tx((tx) => applyShipments(tx, desk.hub, [{ ...shipment, packages: [{ packageNo: 1, contents }] }]));
    await desk.settle();
  });
  const unitPrice = { value: '11.00', currency: 'USD', perQty: '100', uom: 'EA' };
  const billed = each((lineNo) => ({ lineNo, quantity: { value: '1', uom: 'EA' }, unitPrice, amountMinor: 11 }));
  const invoice = {
    source: 'erp',
    invoiceNo: 'I-1',
    orderNo: order.orderNo,
    invoiceDate: '2026-06-01',
    currency: 'USD',
  };
  const totals = { taxMinor: 0, freightMinor: 0, totalMinor: 11_000, postedAt: at };
  await step(() => desk.tx((tx) => postInvoices(tx, desk.hub, [{ ...invoice, ...totals, lines: billed }])));
  expect((await desk.order(id)).status).toMatchObject({ milestone: 'partially_shipped', invoice: 'partial' });
  await step(() => desk.tx((tx) => cancelOrder(desk.hub, tx, { orderId: id, reason: 'enough', actor: 'ann' })));
  expect((await desk.order(id)).status).toMatchObject({ milestone: 'shipped', invoice: 'invoiced' });
}, 120_000);
