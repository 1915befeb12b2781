import { describe, expect, it } from 'vitest';
import { bill, box, line, openExceptionsOf, releasesOf } from '../../test/fulfillment/desk-reports.ts';
import { useShippingDesks, type ShippingDesk } from '../../test/fulfillment/shipping-desk.ts';
import { chores } from '../app/chores.ts';
import { applyFacts, type IncomingFact } from './apply-facts.ts';
import { applyShipments } from './apply-shipments.ts';

const open = useShippingDesks();

const hourMs = 3_600_000;

/** The warehouse ships ten lamps under the document that the facts of these tests name. */
async function ship(desk: ShippingDesk, orderId: string): Promise<void> {
  const [release] = await releasesOf(desk, orderId);
  const { fulfillmentNo } = release!;
  const shippedAt = desk.clock.now().toISOString();
  const report = { source: 'wms-dc1', document: 'PK-1', sequence: 1, fulfillmentNo, shippedAt };
  await desk.tx((tx) => applyShipments(tx, desk.hub, [{ ...report, packages: [box(1, 'LED', '10')] }]));
  await desk.settle();
}

/** The chore, as the hub runs it. */
const sweep = (desk: ShippingDesk) =>
  desk.tx((tx) => chores.find((chore) => chore.name === 'sweep-parked')!.run(tx, desk.hub));

const fact = (desk: ShippingDesk, change: Partial<IncomingFact>): IncomingFact => ({
  source: 'wms-dc1',
  document: 'PICK-1',
  lineNo: 1,
  kind: 'picked',
  quantity: '10',
  uom: 'EA',
  sequence: 1,
  occurredAt: desk.clock.now().toISOString(),
  ...change,
});

const report = (desk: ShippingDesk, ...facts: Partial<IncomingFact>[]) =>
  desk.tx((tx) =>
    applyFacts(
      tx,
      desk.hub,
      facts.map((each) => fact(desk, each)),
    ),
  );

const opened = (desk: ShippingDesk) => desk.events.filter((event) => event.type === 'ops.exception.opened');

/** The number that the next order gets. */
async function nextOrderNo(desk: ShippingDesk): Promise<string> {
  const { orderNo } = await desk.order(await desk.submit({ lines: [line('LED', '1')] }));
  await desk.settle();
  return `SO${Number(orderNo.slice(2)) + 1}`;
}

describe('what waited a day for something unknown', () => {
  it('is told once, with everything that was said of it', async () => {
    const desk = await open();
    await report(desk, { fulfillmentNo: 'F-NEVER' }, { fulfillmentNo: 'F-NEVER', lineNo: 2, quantity: '3' });
    desk.clock.advance(24 * hourMs - 1);
    await sweep(desk);
    expect(await openExceptionsOf(desk, 'ORPHAN_EVENT')).toEqual([]);
    desk.clock.advance(2);
    await sweep(desk);
    await sweep(desk);
    const [told, ...others] = await openExceptionsOf(desk, 'ORPHAN_EVENT');
    expect(others).toEqual([]);
    expect(told).toMatchObject({
      occurrences: 1,
      cause:
        '2 facts of wms-dc1 (line 1: 10 EA picked; line 2: 3 EA picked) named F-NEVER, which has not appeared within 24 hours.',
      data: { parent: 'F-NEVER', facts: [{ lineNo: 1, document: 'PICK-1' }, { lineNo: 2 }] },
    });
    expect(opened(desk)).toHaveLength(1);
    // More of the same is more to show, not more to do.
    await report(desk, { fulfillmentNo: 'F-NEVER', lineNo: 3 });
    desk.clock.advance(25 * hourMs);
    await sweep(desk);
    expect(await openExceptionsOf(desk, 'ORPHAN_EVENT')).toMatchObject([
      { occurrences: 2, data: { facts: [{ lineNo: 1 }, { lineNo: 2 }, { lineNo: 3 }] } },
    ]);
    expect(opened(desk)).toHaveLength(1);
  });

  it('applies when its order comes after all, and the exceptions resolve', async () => {
    const desk = await open();
    const orderNo = await nextOrderNo(desk);
    await report(desk, { orderNo });
    await bill(desk, orderNo, { quantity: '10', amountMinor: 18_000 });
    desk.clock.advance(30 * hourMs);
    await sweep(desk);
    expect(await openExceptionsOf(desk, 'ORPHAN_EVENT')).toHaveLength(2);
    const id = await desk.submit({ lines: [line('LED', '10')] });
    await desk.settle();
    expect(await desk.order(id)).toMatchObject({ orderNo, lines: [{ q: { picked: '10' } }] });
    await ship(desk, id);
    expect((await desk.order(id)).status.invoice).toBe('invoiced');
    expect(await openExceptionsOf(desk, 'ORPHAN_EVENT')).toEqual([]);
    expect(desk.events.filter((event) => event.type === 'ops.exception.resolved')).toHaveLength(2);
  });

  it('contradicts itself as loudly as if it had not waited', async () => {
    const desk = await open();
    const orderNo = await nextOrderNo(desk);
    await report(desk, { orderNo });
    await report(desk, { orderNo }, { orderNo, quantity: '8' });
    const id = await desk.submit({ lines: [line('LED', '10')] });
    await desk.settle();
    expect(await desk.order(id)).toMatchObject({ lines: [{ q: { picked: '10' } }] });
    expect(await openExceptionsOf(desk, 'CONFLICTING_DUPLICATE')).toHaveLength(1);
  });

  it('of an invoice that names the order by its number in the ERP finds it', async () => {
    const desk = await open();
    await bill(desk, 'ERP-77', { quantity: '10', amountMinor: 18_000 });
    desk.answer('order.create', () => ({ kind: 'confirmed', response: { erpOrderNo: 'ERP-77' } }));
    const id = await desk.submit({ lines: [line('LED', '10')] });
    await desk.settle();
    await ship(desk, id);
    expect((await desk.order(id)).status.invoice).toBe('invoiced');
  });
});
