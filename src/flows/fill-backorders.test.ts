import { describe, expect, it } from 'vitest';
import {
  box,
  line,
  openExceptionsOf,
  releasesOf,
  shippingFlows,
  warehouse,
} from '../../test/fulfillment/desk-reports.ts';
import { useShippingDesks, type OpeningStock, type ShippingDesk } from '../../test/fulfillment/shipping-desk.ts';
import { availability, listCountTasks, loadReservations, putStockPolicies, reserve } from '../inventory/index.ts';
import { applyStockMovements, recheckStock, releaseStock } from './apply-stock.ts';
import { cancelOrder, cancelOrderFlow } from './cancel-order.ts';

const open = useShippingDesks();

describe('a short pick', () => {
  const bolts: OpeningStock[] = [{ location: 'DC1', sku: 'BLT', quantity: '2000' }];

  it('is held until counted, backordered by the rest, and an exception with a count task (scenario 2)', async () => {
    const desk = await open(bolts);
    const id = await desk.submit({ lines: [line('BLT', '20', 'BX')] });
    await desk.settle();
    const [release] = await releasesOf(desk, id);
    const wms = warehouse(desk, release!);
    await wms.pick('1700');
    await wms.short('300');
    await wms.short('300');
    await wms.pack([box(1, 'BLT', '1700')]);
    await wms.ship([box(1, 'BLT', '1700')]);

    const { q } = (await desk.order(id)).lines[0]!;
    expect(q).toMatchObject({
      ordered: '2000',
      allocated: '1700',
      released: '1700',
      shipped: '1700',
      backordered: '300',
    });
    const query = { skus: ['BLT'], channels: ['portal'], shipDate: '2026-06-01', now: desk.clock.now() };
    const [terms] = await desk.tx((tx) => availability(tx, query));
    expect(terms!.locations[0]!.byStatus).toMatchObject({ available: '0', hold: '300' });
    expect(terms!.ats).toBe('0');
    const [exception, ...more] = await openExceptionsOf(desk, 'SHORT_PICK');
    expect(more).toEqual([]);
    expect(exception).toMatchObject({
      orderId: id,
      moneyAtRiskMinor: 3300,
      allowedActions: expect.arrayContaining(['complete_count']),
    });
    const [task] = await desk.tx((tx) => listCountTasks(tx, { state: 'open', limit: 5 }));
    expect(exception!.data).toMatchObject({ countTaskId: task!.id, held: '300', location: 'DC1' });
    expect((await releasesOf(desk, id))[0]!.status).toBe('shipped');
  });

  it('takes the rest from another site when it has some, and releases it there', async () => {
    const desk = await open([...bolts, { location: 'DC2', sku: 'BLT', quantity: '500' }]);
    const id = await desk.submit({ lines: [line('BLT', '20', 'BX')] });
    await desk.settle();
    const [release] = await releasesOf(desk, id);
    await warehouse(desk, release!).pick('1700');
    await warehouse(desk, release!).short('300');
    const releases = await releasesOf(desk, id);
    expect(releases.map((each) => [each.location, each.lines[0]!.quantity])).toEqual([
      ['DC1', '2000'],
      ['DC2', '300'],
    ]);
    const { q } = (await desk.order(id)).lines[0]!;
    expect(q).toMatchObject({ allocated: '2000', backordered: '0', released: '2000' });
  });
});

describe('stock that arrives', () => {
  const receive = async (desk: ShippingDesk, quantity: string): Promise<void> => {
    const movement = {
      key: `grn:${quantity}`,
      type: 'receipt' as const,
      sku: 'PMP-220',
      location: 'DC1',
      quantity,
      reason: 'receipt',
      source: 'wms-dc1',
      occurredAt: desk.clock.now(),
    };
    await desk.tx((tx) => applyStockMovements(tx, desk.hub, [movement], { correlationId: 'grn' }));
    await desk.settle();
  };

  it('fills what was backordered and releases it (scenario 4)', async () => {
    const desk = await open();
    const id = await desk.submit({ customer: 'C100', lines: [line('PMP-220', '5')] });
    await desk.settle();
    expect((await desk.order(id)).lines[0]).toMatchObject({
      promisedDate: '2026-06-15',
      q: { allocated: '3', backordered: '2', released: '3' },
    });
    await receive(desk, '1');
    expect((await desk.order(id)).lines[0]!.q).toMatchObject({ allocated: '4', backordered: '1', released: '4' });
    await receive(desk, '7');
    const { lines } = await desk.order(id);
    expect(lines[0]!.q).toMatchObject({ allocated: '5', backordered: '0', released: '5' });
    expect(lines[0]!.promisedDate).toBeUndefined();
    expect((await releasesOf(desk, id)).map((each) => each.lines[0]!.quantity)).toEqual(['3', '1', '1']);
    expect(await desk.ats('PMP-220')).toBe('6');
  });

  it('releases an order that must ship complete once all of it is there (scenario 5)', async () => {
    const desk = await open();
    const id = await desk.submit({ customer: 'C100', shipComplete: true, lines: [line('PMP-220', '5')] });
    await desk.settle();
    expect((await desk.order(id)).holds.map((hold) => hold.code)).toEqual(['SHIP_COMPLETE']);
    expect((await desk.tx((tx) => loadReservations(tx, { orderIds: [id] }))).map((each) => each.open)).toEqual(['3']);
    expect(await releasesOf(desk, id)).toEqual([]);
    await receive(desk, '1');
    expect(await releasesOf(desk, id)).toEqual([]);
    await receive(desk, '2');
    expect((await desk.order(id)).holds).toEqual([]);
    expect((await releasesOf(desk, id)).map((each) => each.lines[0]!.quantity)).toEqual(['5']);
  });

  it('of a phased-out item sells what is left and never backorders (scenario 7)', async () => {
    const desk = await open();
    const id = await desk.submit({ customer: 'C100', lines: [line('FLT', '10'), line('LED', '1')] });
    await desk.settle();
    const order = await desk.order(id);
    expect(order.lines[0]!.q).toMatchObject({ allocated: '4', cancelled: '6', backordered: '0' });
    expect((await releasesOf(desk, id))[0]!.lines.map((each) => [each.sku, each.quantity])).toEqual([
      ['FLT', '4'],
      ['LED', '1'],
    ]);
  });
});

describe('stock that is given back', () => {
  const bolts: OpeningStock[] = [{ location: 'DC1', sku: 'BLT', quantity: '10' }];
  const openWithCancels = useShippingDesks([...shippingFlows, cancelOrderFlow]);
  const waitingOrder = async (desk: ShippingDesk): Promise<() => Promise<string>> => {
    const id = await desk.submit({ customer: 'C100', lines: [line('BLT', '5')] });
    await desk.settle();
    const released = async (): Promise<string> => (await desk.order(id)).lines[0]!.q.released;
    expect(await released()).toBe('0');
    return released;
  };

  it('goes to who waits, and the storefront is told', async () => {
    const desk = await openWithCancels(bolts);
    const wish = { key: 'api:1', sku: 'BLT', quantity: '10', channel: 'marketplace', hard: false, partial: false };
    const demand = { ...wish, backorder: false, withinAts: true, shipDate: '2026-06-01' };
    const cause = { correlationId: 'request' };
    await desk.tx((tx) => reserve(tx, [demand], desk.clock.now()));
    const told = () => desk.sent.filter(({ operation }) => operation === 'availability.publish').length;
    const released = await waitingOrder(desk);
    const before = told();
    await desk.tx((tx) => releaseStock(tx, desk.hub, [{ demandKey: 'api:1', reason: 'given back' }], () => cause));
    await desk.settle();
    expect(await released()).toBe('5');
    expect(told()).toBe(before + 1);
  });

  it('by a warehouse that agrees to a cancel goes to who waits', async () => {
    const desk = await openWithCancels(bolts);
    const first = await desk.submit({ lines: [line('BLT', '10'), line('LED', '1')] });
    await desk.settle();
    const released = await waitingOrder(desk);
    await desk.tx((tx) => cancelOrder(desk.hub, tx, { orderId: first, lines: [1], reason: 'x', actor: 'ann' }));
    await desk.settle();
    expect(await released()).toBe('5');
  });

  it('by a smaller safety stock goes to who waits', async () => {
    const desk = await openWithCancels(bolts);
    const safety = (safetyStock: string) =>
      desk.tx((tx) => putStockPolicies(tx, [{ sku: 'BLT', location: 'DC1', safetyStock }], { now: desk.clock.now() }));
    await safety('10');
    const released = await waitingOrder(desk);
    await safety('0');
    await desk.tx((tx) => recheckStock(tx, desk.hub, ['BLT'], { correlationId: 'request' }));
    await desk.settle();
    expect(await released()).toBe('5');
  });
});
