import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OrderDesk, orderDesk } from '../../test/orders/order-desk.ts';
import type { FulfillmentFact, SalesOrder } from '../model/index.ts';
import { loadExposure } from '../parties/index.ts';
import { applyFacts, listFacts, type OrderFact, takeParkedFacts, voidShipments } from './index.ts';

let desk: OrderDesk;
beforeAll(async () => {
  desk = await orderDesk();
  await desk.stock({ DC1: { LED: '5000' } });
});
afterAll(() => desk.close());

const newOrder = (value = '10', customer = 'C100'): Promise<SalesOrder> =>
  desk.order({ customer, lines: [{ sku: 'LED', quantity: { value, uom: 'EA' } }] });
function fact(
  order: SalesOrder,
  kind: FulfillmentFact['kind'],
  quantity: string,
  change: Partial<OrderFact> = {},
): OrderFact {
  return {
    source: 'wms-dc1',
    document: 'D1',
    fulfillmentNo: `${order.orderNo}-1`,
    orderId: order.id,
    lineNo: 1,
    kind,
    quantity,
    uom: 'EA',
    sequence: 1,
    occurredAt: '2026-06-01T14:00:00.000Z',
    ...change,
  };
}
const apply = (facts: OrderFact[]) => desk.tx((tx) => applyFacts(tx, facts, desk.clock.now()));

describe('facts', () => {
  it('move an order along, and tell what moved', async () => {
    const order = await newOrder();
    const picked = await apply([fact(order, 'released', '10'), fact(order, 'picked', '10')]);
    expect(picked.changes).toMatchObject([
      { kind: 'released', before: '0', after: '10' },
      { kind: 'picked', before: '0', after: '10', occurredAt: '2026-06-01T14:00:00.000Z' },
    ]);
    expect(picked.orders.get(order.id)!.order.status.milestone).toBe('picked');
    await apply([fact(order, 'packed', '10'), fact(order, 'shipped', '6')]);
    expect((await desk.load(order.id)).status.milestone).toBe('partially_shipped');
    await apply([fact(order, 'shipped', '10', { sequence: 2 })]);
    expect(await desk.load(order.id)).toMatchObject({ status: { milestone: 'shipped' }, portalStatus: 'shipped' });
  });

  it('count once: repeated, older and late ones change nothing and notify nobody (scenario 15)', async () => {
    const order = await newOrder();
    await apply([fact(order, 'picked', '10', { sequence: 5 })]);
    const again = await apply([
      fact(order, 'picked', '10', { sequence: 5 }),
      fact(order, 'picked', '4', { sequence: 3 }),
    ]);
    expect(again).toMatchObject({ changes: [], duplicates: 2, conflicts: [] });
    await apply([fact(order, 'shipped', '10')]);
    const late = await apply([fact(order, 'packed', '10')]);
    expect(late.orders.get(order.id)!.order).toMatchObject({
      status: { milestone: 'shipped' },
      lines: [{ q: { packed: '10', shipped: '10' } }],
    });
  });

  it('that conflict are kept as they first came, and somebody is to be told', async () => {
    const order = await newOrder();
    await apply([fact(order, 'picked', '10')]);
    const result = await apply([fact(order, 'picked', '8')]);
    expect(result).toMatchObject({ changes: [], conflicts: [{ quantity: '8' }] });
    expect((await desk.load(order.id)).lines[0]!.q.picked).toBe('10');
    expect(result.exceptions).toMatchObject([{ code: 'CONFLICTING_DUPLICATE', orderId: order.id }]);
  });

  it('may be corrected downwards by a higher sequence', async () => {
    const order = await newOrder();
    await apply([fact(order, 'picked', '10')]);
    const result = await apply([fact(order, 'picked', '7', { sequence: 2 })]);
    expect(result.changes).toMatchObject([{ kind: 'picked', before: '10', after: '7' }]);
  });

  it('are read in the units of the item', async () => {
    const order = await newOrder('12');
    const result = await apply([fact(order, 'picked', '2', { uom: 'BX' })]);
    expect(result.orders.get(order.id)!.order.lines[0]!.q.picked).toBe('12');
    const unknown = await apply([
      fact(order, 'packed', '2', { uom: 'PAL' }),
      fact(order, 'packed', '2', { lineNo: 9 }),
    ]);
    expect(unknown.unusable.map((each) => each.code)).toEqual(['UOM_UNKNOWN', 'UNKNOWN_LINE']);
  });

  it('of unknown parents wait for them, each once, in order of arrival (scenario 14)', async () => {
    const early = { ...fact(await newOrder(), 'delivered', '10'), orderId: undefined, fulfillmentNo: 'F-EARLY' };
    const result = await apply([early, early, { ...early, quantity: '8' }]);
    expect(result.parked).toHaveLength(3);
    const take = () => desk.tx((tx) => takeParkedFacts(tx, ['F-EARLY']));
    expect(await take()).toMatchObject([{ parent: 'F-EARLY', facts: [{ quantity: '10' }, { quantity: '8' }] }]);
    expect(await take()).toEqual([]);
  });

  it('find their order by its number', async () => {
    const order = await newOrder();
    const { orderId: _, fulfillmentNo: __, ...byNumber } = fact(order, 'shipped', '10');
    await apply([{ ...byNumber, orderNo: order.orderNo }]);
    expect((await desk.load(order.id)).status.milestone).toBe('shipped');
  });

  it('of a voided shipment stop counting, also those that come later', async () => {
    const order = await newOrder();
    await apply([fact(order, 'packed', '10'), fact(order, 'shipped', '10', { shipmentNo: 'SH1' })]);
    const result = await desk.tx((tx) =>
      voidShipments(tx, [{ orderId: order.id, shipmentNo: 'SH1', reason: 'wrong truck' }], desk.clock.now()),
    );
    expect(result.changes).toMatchObject([{ kind: 'shipped', before: '10', after: '0' }]);
    const late = await apply([fact(order, 'delivered', '10', { source: 'carrier', shipmentNo: 'SH1' })]);
    expect(late.changes).toEqual([]);
    expect((await desk.load(order.id)).status.milestone).toBe('packed');
    expect(await desk.tx((tx) => listFacts(tx, order.id))).toHaveLength(3);
  });

  it('that cancel more than is left unshipped say that it is too late', async () => {
    const order = await newOrder();
    await apply([fact(order, 'shipped', '7')]);
    const { exceptions } = await apply([fact(order, 'cancelled', '5')]);
    expect((await desk.load(order.id)).lines[0]!.q).toMatchObject({ cancelled: '3', shipped: '7' });
    expect((await desk.load(order.id)).status.milestone).toBe('shipped');
    expect(exceptions).toMatchObject([{ code: 'CANCEL_TOO_LATE', orderId: order.id }]);
  });

  it('move the exposure from unshipped to uninvoiced to nothing', async () => {
    const order = await newOrder('10', 'C200');
    const exposure = async () => (await desk.tx((tx) => loadExposure(tx, ['C200']))).get('C200');
    expect(await exposure()).toMatchObject({ unshippedMinor: 18_000, uninvoicedMinor: 0 });
    await apply([fact(order, 'shipped', '4')]);
    expect(await exposure()).toMatchObject({ unshippedMinor: 10_800, uninvoicedMinor: 7_200 });
    await apply([fact(order, 'shipped', '10', { sequence: 2 }), fact(order, 'invoiced', '10', { source: 'erp' })]);
    expect(await exposure()).toMatchObject({ unshippedMinor: 0, uninvoicedMinor: 0 });
  });
});

describe('the same facts', () => {
  const arbitrary = fc.record({
    source: fc.constantFrom('wms-dc1', 'erp', 'carrier'),
    document: fc.constantFrom('D1', 'D2'),
    kind: fc.constantFrom(
      'released' as const,
      'picked' as const,
      'packed' as const,
      'shipped' as const,
      'delivered' as const,
      'cancelled' as const,
    ),
    sequence: fc.nat(3),
    fulfillmentNo: fc.constantFrom('F1', 'F2'),
    shipmentNo: fc.constantFrom('SH1', undefined),
  });
  // The content follows from the key and sequence: a source does not contradict itself.
  const contentOf = (each: { kind: string; sequence: number; document: string }) =>
    String((each.sequence * 3 + each.kind.length + each.document.length) % 11);

  it('end in one state, in whatever order and number they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .array(arbitrary, { minLength: 1, maxLength: 8 })
          .chain((list) =>
            fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 })),
          ),
        async ([list, shuffled]) => {
          const [first, second] = [await newOrder(), await newOrder()];
          const of = (order: SalesOrder, each: (typeof list)[number]): OrderFact => ({
            ...fact(order, each.kind, contentOf(each)),
            ...each,
            fulfillmentNo: each.document === 'D1' ? 'F1' : 'F2',
            shipmentNo: each.document === 'D1' ? 'SH1' : undefined,
          });
          await apply(list.map((each) => of(first, each)));
          for (const each of shuffled) await apply([of(second, each), of(second, each)]);
          const state = async (id: string) => {
            const { lines, status, portalStatus } = await desk.load(id);
            return { q: lines[0]!.q, inferred: lines[0]!.inferred, milestone: status.milestone, portalStatus };
          };
          expect(await state(second.id)).toEqual(await state(first.id));
        },
      ),
      { numRuns: 12 },
    );
  });
});
