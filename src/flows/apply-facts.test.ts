import { expect, it } from 'vitest';
import { line, openExceptionsOf, releasesOf } from '../../test/fulfillment/desk-reports.ts';
import { useShippingDesks } from '../../test/fulfillment/shipping-desk.ts';
import { applyFacts } from './apply-facts.ts';

const open = useShippingDesks();

it('a fact that its order has no line or unit for is told, and its neighbours count', async () => {
  const desk = await open();
  const id = await desk.submit({ lines: [line('LED', '10')] });
  await desk.settle();
  const { orderNo } = await desk.order(id);
  const [release] = await releasesOf(desk, id);
  const { fulfillmentNo } = release!;
  const occurredAt = desk.clock.now().toISOString();
  const fact = {
    source: 'wms-dc1',
    document: 'PICK-1',
    fulfillmentNo,
    kind: 'picked' as const,
    sequence: 1,
    occurredAt,
  };
  const facts = [
    { ...fact, lineNo: 1, quantity: '4', uom: 'EA' },
    { ...fact, lineNo: 7, quantity: '2', uom: 'EA' },
    { ...fact, document: 'PICK-2', lineNo: 1, quantity: '1', uom: 'PAL' },
  ];
  await desk.tx((tx) => applyFacts(tx, desk.hub, facts));
  await desk.tx((tx) => applyFacts(tx, desk.hub, facts));
  expect((await desk.order(id)).lines[0]!.q.picked).toBe('4');
  const told = await openExceptionsOf(desk, 'ORPHAN_EVENT');
  expect(
    told.map(({ cause, orderId }) => [cause, orderId]).toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  ).toEqual([
    [`wms-dc1 reported 1 PAL picked for line 1 of ${orderNo} (document PICK-2), but LED has no unit PAL.`, id],
    [`wms-dc1 reported 2 EA picked for line 7 of ${orderNo} (document PICK-1), but the order has no line 7.`, id],
  ]);
});
