import { describe, expect, it } from 'vitest';
import { line, openExceptionsOf, releasesOf, shippingFlows } from '../../test/fulfillment/desk-reports.ts';
import { type OpeningStock, type ShippingDesk, useShippingDesks } from '../../test/fulfillment/shipping-desk.ts';
import { loadReservations } from '../inventory/index.ts';
import { indexMaps } from '../maps/index.ts';
import type { SalesOrder } from '../model/index.ts';
import { loadCustomers, putCustomers } from '../parties/index.ts';
import { actOnException } from './act-on-exception.ts';
import { applyStockMovements } from './apply-stock.ts';
import { cancelOrder, cancelOrderFlow } from './cancel-order.ts';
import { holdByHand, releaseByHand } from './hold-by-hand.ts';

const open = useShippingDesks([...shippingFlows, cancelOrderFlow]);
const stock: OpeningStock[] = [
  { location: 'DC1', sku: 'LED', quantity: '50' },
  { location: 'DC1', sku: 'BLT', quantity: '1000' },
  { location: 'DC1', sku: 'PMP-220', quantity: '3' },
];
const two = [line('LED', '10'), line('BLT', '5', 'BX')];

const asked = (orderId: string) => ({ orderId, reason: 'the buyer rings back', actor: 'ann' });
const hold = (desk: ShippingDesk, id: string, lines?: number[]) =>
  desk.tx((tx) => holdByHand(desk.hub, tx, { ...asked(id), ...(lines === undefined ? {} : { lines }) }));
const release = async (desk: ShippingDesk, id: string, lines?: number[]): Promise<string[]> => {
  const places = lines?.map((lineNo) => ({ lineNo }));
  const effects = await desk.tx((tx) =>
    releaseByHand(desk.hub, tx, { ...asked(id), ...(places === undefined ? {} : { places }) }),
  );
  await desk.settle();
  return effects;
};
const operations = (desk: ShippingDesk): string[] =>
  desk.sent.filter(({ destination }) => destination !== 'storefront').map(({ operation }) => operation);
const reserved = async (desk: ShippingDesk, id: string) =>
  (await desk.tx((tx) => loadReservations(tx, { orderIds: [id], open: true }))).map(({ sku, open: quantity, hard }) => [
    sku,
    quantity,
    hard,
  ]);
const codes = async (desk: ShippingDesk, id: string): Promise<string[]> => {
  const order = await desk.order(id);
  return [...order.holds, ...order.lines.flatMap((each) => each.holds)].map(({ code }) => code);
};
const moreStock = async (desk: ShippingDesk, sku: string, quantity: string): Promise<void> => {
  const movement = { key: `grn:${sku}`, type: 'receipt' as const, sku, location: 'DC1', quantity, reason: 'receipt' };
  const received = { ...movement, source: 'wms-dc1', occurredAt: desk.clock.now() };
  await desk.tx((tx) => applyStockMovements(tx, desk.hub, [received], { correlationId: 'grn' }));
  await desk.settle();
};

describe('an order held by hand', () => {
  it('before its stock is reserved keeps it aside, goes nowhere, and goes on when it is released', async () => {
    const desk = await open(stock);
    const id = await desk.submit({ lines: two });
    const effects = await hold(desk, id);
    expect(effects.join('; ')).toContain('neither entered in the ERP nor released');
    await desk.settle();
    const held = await desk.order(id);
    expect([held.status.onHold, held.portalStatus, await codes(desk, id)]).toEqual([
      true,
      'under review',
      ['MANUAL_HOLD'],
    ]);
    expect(operations(desk)).toEqual([]);
    expect(await reserved(desk, id)).toEqual([
      ['LED', '10', false],
      ['BLT', '500', false],
    ]);
    expect((await release(desk, id)).at(-1)).toContain('goes on to the ERP and the warehouse');
    expect(operations(desk)).toEqual(['order.create', 'release.create']);
    expect((await desk.order(id)).status).toMatchObject({ milestone: 'released', onHold: false });
  });

  it('after its stock is reserved and the ERP has it is not released, and keeps its stock', async () => {
    const desk = await open(stock);
    // The ERP takes its time: the order is on its way to it when it is held.
    desk.answer('order.create', () => undefined);
    const id = await desk.submit({ lines: two });
    await desk.settle();
    const before = await reserved(desk, id);
    expect((await hold(desk, id)).join('; ')).toContain('to the ERP only what is being sent to it at this moment');
    const { delivery } = desk.sent[0]!;
    const outcome = { kind: 'confirmed', outsideId: 'E1' } as const;
    await desk.tx(async (tx) => {
      for (const flow of shippingFlows)
        await flow.settles['order.create']?.(tx, [{ delivery, state: 'delivered', outcome, attempts: 1 }], desk.hub);
    });
    await desk.settle();
    expect(await releasesOf(desk, id)).toEqual([]);
    expect(await reserved(desk, id)).toEqual(before);
    expect((await desk.order(id)).status).toMatchObject({ milestone: 'allocated', onHold: true });
    await release(desk, id);
    expect((await releasesOf(desk, id)).map(({ lines }) => lines.length)).toEqual([2]);
    // The ERP has had all of it: nothing is told to it anew.
    expect(operations(desk)).toEqual(['order.create', 'release.create']);
  });

  it('while it waits for the ERP is asked for anew when it is released, unless the ERP has it by then', async () => {
    const desk = await open(stock);
    desk.answer('order.create', () => undefined);
    const id = await desk.submit({ lines: two });
    await desk.settle();
    await hold(desk, id);
    await release(desk, id);
    const asked = desk.sent.filter(({ operation }) => operation === 'order.create');
    expect(asked.map(({ delivery }) => delivery.payload.data)).toEqual([undefined, { unlessThere: true }]);
    expect(new Set(asked.map(({ naturalKey }) => naturalKey)).size).toBe(1);
    expect(await releasesOf(desk, id)).toEqual([]);
    const create = indexMaps().outbound('demo-erp', 'order.create')!;
    const map = (order: SalesOrder, data: object) => create.map(order, { data, settings: {} } as never);
    const order = await desk.order(id);
    const held = { ...order, holds: [{ code: 'MANUAL_HOLD', since: order.createdAt, by: 'ann' }] };
    expect(() => map(held, {})).toThrow(/is held by hand/);
    expect(map(order, { unlessThere: true })).toMatchObject({ customerReference: order.orderNo });
    expect(() => map({ ...order, erpOrderNo: 'E1' }, { unlessThere: true })).toThrow(/The ERP has order .* as E1/);
    // Writing it anew for another reason, after it went lost over there, say, is not refused.
    expect(map({ ...held, erpOrderNo: 'E1' }, {})).toMatchObject({ customerReference: order.orderNo });
  });

  it('in part released lets go on what the warehouse has, and says so', async () => {
    const desk = await open(stock);
    const id = await desk.submit({ lines: [...two, line('PMP-220', '5')] });
    await desk.settle();
    expect((await hold(desk, id)).slice(-2)).toEqual([
      '2 of 3 lines have been released to DC1 and go on',
      'What has been released of line 3 to DC1 goes on; only the rest is held',
    ]);
    await moreStock(desk, 'PMP-220', '2');
    expect((await desk.order(id)).lines[2]!.q).toMatchObject({ allocated: '5', backordered: '0', released: '3' });
    expect(await releasesOf(desk, id)).toHaveLength(1);
    await release(desk, id);
    expect((await releasesOf(desk, id)).map(({ lines }) => lines.map(({ quantity }) => quantity))).toEqual([
      ['10', '500', '3'],
      ['2'],
    ]);
  });

  it('is refused where everything has been released, naming what can be done instead', async () => {
    const desk = await open(stock);
    const id = await desk.submit({ lines: two });
    await desk.settle();
    const refused = hold(desk, id);
    await expect(refused).rejects.toMatchObject({ code: 'ORDER_NOT_HOLDABLE' });
    await expect(refused).rejects.toThrow(/2 of 2 lines have been released to DC1 and go on\. It can be cancelled/);
    await expect(hold(desk, id, [2])).rejects.toThrow(/Nothing of line 2/);
    await expect(hold(desk, id, [7])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await openExceptionsOf(desk, 'MANUAL_HOLD')).toEqual([]);
  });

  it('cannot be held twice nor released twice, and a version that was overtaken does neither', async () => {
    const desk = await open(stock);
    const id = await desk.submit({ lines: two });
    const { version } = await desk.order(id);
    await hold(desk, id);
    await expect(hold(desk, id)).rejects.toThrow(/is held by hand already/);
    await expect(hold(desk, id, [1])).rejects.toThrow(/is held by hand already/);
    const stale = { ...asked(id), expectedVersion: version };
    await expect(desk.tx((tx) => releaseByHand(desk.hub, tx, stale))).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    });
    await release(desk, id);
    await expect(release(desk, id)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/is not held$/),
    });
    expect(operations(desk)).toEqual(['order.create', 'release.create']);
  });

  it('and the release flow at the same time: either it is released or held, never half of each', async () => {
    const desk = await open(stock);
    desk.answer('order.create', () => undefined);
    const id = await desk.submit({ lines: two });
    await desk.settle();
    const { delivery } = desk.sent[0]!;
    const results = [
      { delivery, state: 'delivered' as const, outcome: { kind: 'confirmed' as const, outsideId: 'E1' }, attempts: 1 },
    ];
    await desk.tx(async (tx) => {
      for (const flow of shippingFlows) await flow.settles['order.create']?.(tx, results, desk.hub);
    });
    const [, held] = await Promise.allSettled([desk.settle(), hold(desk, id)]);
    await desk.settle();
    const released = (await releasesOf(desk, id)).length;
    expect([released, held.status]).toEqual(released === 0 ? [0, 'fulfilled'] : [1, 'rejected']);
    expect(await codes(desk, id)).toEqual(released === 0 ? ['MANUAL_HOLD'] : []);
  });
});

describe('what ends it', () => {
  it('is no payment: the credit hold beside it goes, it stays', async () => {
    const desk = await open(stock);
    const setLimit = (limitMinor: number) =>
      desk.tx(async (tx) => {
        const { value } = (await loadCustomers(tx, ['C300'])).get('C300')!;
        await putCustomers(tx, [{ ...value, credit: { ...value.credit, limitMinor } }], { now: desk.clock.now() });
        await desk.hub.events.publish(tx, [
          {
            type: 'master.customer.changed',
            entity: { kind: 'customer', id: 'C300' },
            key: 'C300',
            correlationId: 'm',
          },
        ]);
      });
    await setLimit(1);
    const id = await desk.submit({ customer: 'C300', lines: two });
    await desk.settle();
    expect(await codes(desk, id)).toEqual(['CREDIT_HOLD']);
    await hold(desk, id);
    await setLimit(10_000_000);
    await desk.settle();
    expect(await codes(desk, id)).toEqual(['MANUAL_HOLD']);
    expect(operations(desk)).toEqual([]);
    await release(desk, id);
    expect(operations(desk)).toEqual(['order.create', 'release.create']);
  });

  it('is its exception, with who and why', async () => {
    const desk = await open(stock);
    const id = await desk.submit({ lines: two });
    await hold(desk, id);
    const [exception] = await openExceptionsOf(desk, 'MANUAL_HOLD');
    expect(exception).toMatchObject({
      orderId: id,
      ownerRole: 'customer_service',
      cause: 'ann holds the order: the buyer rings back',
    });
    const deed = { exceptionId: exception!.id, action: 'release_hold', reason: 'agreed', input: {}, actor: 'bob' };
    await desk.tx((tx) => actOnException(desk.hub, tx, deed));
    await desk.settle();
    expect(await codes(desk, id)).toEqual([]);
    expect(operations(desk)).toEqual(['order.create', 'release.create']);
    const told = desk.events.filter(({ type }) => type.startsWith('sales.order.hold') || type === 'sales.order.held');
    expect(told.map(({ reason, data }) => [reason, data?.by])).toEqual([
      ['the buyer rings back', 'ann'],
      ['agreed', 'bob'],
    ]);
  });

  it('is a cancel of what it kept back', async () => {
    const desk = await open(stock);
    const id = await desk.submit({ lines: [line('LED', '10'), line('PMP-220', '5')] });
    await desk.settle();
    await hold(desk, id);
    await desk.tx((tx) => cancelOrder(desk.hub, tx, { ...asked(id), lines: [2] }));
    await desk.settle();
    // Of line 2 three pumps are at the warehouse, which may give nothing back alone.
    expect((await desk.order(id)).status.onHold).toBe(false);
    expect(await openExceptionsOf(desk, 'MANUAL_HOLD')).toEqual([]);
  });
});

describe('a line held by hand', () => {
  it('stays behind while the others go, and joins the ERP order when it is released', async () => {
    const desk = await open(stock);
    const id = await desk.submit({ lines: two });
    await hold(desk, id, [2]);
    await desk.settle();
    expect((await releasesOf(desk, id)).map(({ lines }) => lines.map(({ lineNo }) => lineNo))).toEqual([[1]]);
    expect((await desk.order(id)).lines.map(({ holds }) => holds.length)).toEqual([0, 1]);
    await expect(release(desk, id, [1])).rejects.toThrow(/It is line 2 that is held by hand/);
    await release(desk, id);
    expect(operations(desk)).toEqual(['order.create', 'release.create', 'order.change', 'release.create']);
    expect((await releasesOf(desk, id)).map(({ lines }) => lines.map(({ lineNo }) => lineNo))).toEqual([[1], [2]]);
  });

  it('that the ERP was told of is told again when it is released, since it may have been left out meanwhile', async () => {
    const desk = await open([stock[0]!]);
    const id = await desk.submit({ lines: [line('LED', '10'), line('PMP-220', '5')] });
    await desk.settle();
    await hold(desk, id, [2]);
    await moreStock(desk, 'PMP-220', '5');
    expect((await desk.order(id)).lines[1]!.q).toMatchObject({ allocated: '5', released: '0' });
    await release(desk, id, [2]);
    expect(operations(desk)).toEqual(['order.create', 'release.create', 'order.change', 'release.create']);
    expect(await codes(desk, id)).toEqual([]);
  });

  it('holds the whole order where it must ship complete, or where no other line would go on', async () => {
    const desk = await open(stock);
    for (const more of [{ shipComplete: true, lines: two }, { lines: [line('LED', '1')] }]) {
      const id = await desk.submit(more);
      const effects = await hold(desk, id, [1]);
      expect(effects[1]).toContain('The whole order is held');
      const order = await desk.order(id);
      expect([order.holds.length, order.lines[0]!.holds.length]).toEqual([1, 0]);
    }
  });
});
