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
import { putItems, loadItems } from '../catalog/index.ts';
import { listExceptions } from '../exceptions/index.ts';
import { listCountTasks, listPositions, loadReservations, openDemands } from '../inventory/index.ts';
import { actOnException } from './act-on-exception.ts';
import { applyStockMovements } from './apply-stock.ts';
import { cancelOrder, cancelOrderFlow } from './cancel-order.ts';

const open = useShippingDesks([...shippingFlows, cancelOrderFlow]);

const pumps: OpeningStock[] = [{ location: 'DC1', sku: 'PMP-220', quantity: '10' }];

async function receive(
  desk: ShippingDesk,
  sku: string,
  quantity: string,
  more: { expiry?: string; lot?: string } = {},
) {
  const at = desk.clock.now();
  const goods = { key: `grn:${quantity}`, type: 'receipt' as const, sku, location: 'DC1', quantity, ...more };
  const movement = { ...goods, reason: 'receipt', source: 'wms-dc1', occurredAt: at };
  await desk.tx((tx) => applyStockMovements(tx, desk.hub, [movement], { correlationId: 'grn' }));
  await desk.settle();
}

/** Submits, settles, and answers the order with the warehouse that works on its first release. */
async function released(desk: ShippingDesk, submission: Parameters<ShippingDesk['submit']>[0]) {
  const id = await desk.submit(submission);
  await desk.settle();
  const [release] = await releasesOf(desk, id);
  return { id, wms: warehouse(desk, release!) };
}

async function stockOf(desk: ShippingDesk, id: string, sku: string) {
  return desk.tx(async (tx) => {
    const { rows } = await listPositions(tx, { sku, location: 'DC1', limit: 5 });
    const reservations = await loadReservations(tx, { orderIds: [id], open: true });
    return {
      onHand: Object.fromEntries(rows.map((row) => [row.status, row.onHand])),
      reserved: reservations.map((each) => each.open),
      waiting: (await openDemands(tx, { orderIds: [id], limit: 5 })).map((each) => each.open),
      counts: (await listCountTasks(tx, { state: 'open', limit: 5 })).map((task) => task.held),
    };
  });
}

async function openCodes(desk: ShippingDesk, orderId: string): Promise<string[]> {
  const { rows } = await desk.tx((tx) => listExceptions(tx, { state: 'open', orderId }, { limit: 20 }));
  return rows.map((row) => row.code).sort();
}

describe('what was short and is found', () => {
  it('is reserved again, waits no longer, and nobody has to count it', async () => {
    const desk = await open(pumps);
    const { id, wms } = await released(desk, { lines: [line('PMP-220', '10')] });
    await wms.pick('7', 1);
    await wms.short('3', 2);
    expect(await openCodes(desk, id)).toEqual(['BACKORDER', 'SHORT_PICK']);
    await wms.pick('10', 3);
    await wms.short('0', 4);
    expect(await stockOf(desk, id, 'PMP-220')).toEqual({
      onHand: { available: '10', hold: '0' },
      reserved: ['10'],
      waiting: [],
      counts: [],
    });
    expect((await desk.order(id)).lines[0]!.q).toMatchObject({ allocated: '10', picked: '10', backordered: '0' });
    expect(await openCodes(desk, id)).toEqual([]);
    await wms.ship([box(1, 'PMP-220', '10', { serials: Array.from({ length: 10 }, (_, i) => `S${i}`) })]);
    await receive(desk, 'PMP-220', '20');
    expect(await releasesOf(desk, id)).toHaveLength(1);
    expect(await stockOf(desk, id, 'PMP-220')).toMatchObject({ onHand: { available: '20', hold: '0' }, reserved: [] });
  });

  it('may come up short again by as much', async () => {
    const desk = await open(pumps);
    const { id, wms } = await released(desk, { lines: [line('PMP-220', '10')] });
    await wms.short('3', 1);
    await wms.short('1', 2);
    expect(await stockOf(desk, id, 'PMP-220')).toMatchObject({ reserved: ['9'], waiting: ['1'], counts: ['1'] });
    await wms.short('3', 3);
    expect(await stockOf(desk, id, 'PMP-220')).toMatchObject({ reserved: ['7'], waiting: ['3'] });
    expect((await desk.order(id)).lines[0]!.q).toMatchObject({ allocated: '7', backordered: '3' });
  });

  it('is found as well when it ships although nobody took the short pick back', async () => {
    const desk = await open(pumps);
    const { id, wms } = await released(desk, { lines: [line('PMP-220', '10')] });
    await wms.pick('7', 1);
    await wms.short('3', 2);
    await wms.ship([box(1, 'PMP-220', '10', { serials: Array.from({ length: 10 }, (_, i) => `S${i}`) })]);
    expect(await stockOf(desk, id, 'PMP-220')).toEqual({
      onHand: { available: '0', hold: '0' },
      reserved: [],
      waiting: [],
      counts: [],
    });
    expect(await openCodes(desk, id)).toEqual([]);
    await receive(desk, 'PMP-220', '20');
    expect(await releasesOf(desk, id)).toHaveLength(1);
  });

  it('is no longer refused where the customer takes no backorders', async () => {
    const desk = await open(pumps);
    await desk.tx(async (tx) => {
      const item = (await loadItems(tx, ['PMP-220'])).get('PMP-220')!.value;
      await putItems(tx, [{ ...item, status: 'phaseOut' }], { now: desk.clock.now() });
    });
    const { id, wms } = await released(desk, { lines: [line('PMP-220', '10')] });
    await wms.short('3', 1);
    expect((await desk.order(id)).lines[0]).toMatchObject({ rejected: { quantity: '3' }, q: { cancelled: '3' } });
    await wms.short('0', 2);
    const [found] = (await desk.order(id)).lines;
    expect(found!.q).toMatchObject({ cancelled: '0', allocated: '10' });
    expect(found!.rejected).toBeUndefined();
  });
});

describe('more than was released', () => {
  it('fills what waited for stock, which then is not sent once more', async () => {
    const desk = await open([{ location: 'DC1', sku: 'BLT', quantity: '4' }]);
    const { id, wms } = await released(desk, { lines: [line('BLT', '10')] });
    expect(await stockOf(desk, id, 'BLT')).toMatchObject({ reserved: ['4'], waiting: ['6'] });
    await wms.ship([box(1, 'BLT', '10')]);
    expect(await stockOf(desk, id, 'BLT')).toMatchObject({ reserved: [], waiting: [] });
    expect((await openCodes(desk, id)).includes('BACKORDER')).toBe(false);
    await receive(desk, 'BLT', '20');
    expect(await releasesOf(desk, id)).toHaveLength(1);
  });
});

describe('an order that must ship complete', () => {
  it('is held again when a pick comes up short, and goes on when the rest arrives', async () => {
    const desk = await open(pumps);
    const { id, wms } = await released(desk, { shipComplete: true, lines: [line('PMP-220', '10')] });
    await wms.pick('7', 1);
    await wms.short('3', 2);
    expect((await desk.order(id)).holds.map((hold) => hold.code)).toEqual(['SHIP_COMPLETE']);
    expect(await openCodes(desk, id)).toEqual(['BACKORDER', 'SHIP_COMPLETE', 'SHORT_PICK']);
    await receive(desk, 'PMP-220', '3');
    expect((await desk.order(id)).holds).toEqual([]);
    expect(await openCodes(desk, id)).toEqual(['SHORT_PICK']);
    expect((await releasesOf(desk, id)).map((release) => release.lines[0]!.quantity)).toEqual(['10', '3']);
  });

  it('goes on when a person says so', async () => {
    const desk = await open(pumps);
    const { id, wms } = await released(desk, { shipComplete: true, lines: [line('PMP-220', '10')] });
    await wms.short('3', 2);
    const [held] = await openExceptionsOf(desk, 'SHIP_COMPLETE');
    const deed = { exceptionId: held!.id, action: 'release_hold', actor: 'ann', reason: 'agreed', input: {} };
    await desk.tx((tx) => actOnException(desk.hub, tx, deed));
    expect((await desk.order(id)).holds).toEqual([]);
    expect(await openExceptionsOf(desk, 'SHIP_COMPLETE')).toEqual([]);
  });

  it('is held where an item that never comes in again is refused in part', async () => {
    const desk = await open([
      { location: 'DC1', sku: 'FLT', quantity: '4' },
      { location: 'DC1', sku: 'LED', quantity: '50' },
    ]);
    const id = await desk.submit({ shipComplete: true, lines: [line('FLT', '10'), line('LED', '5')] });
    await desk.settle();
    const order = await desk.order(id);
    expect(order.holds.map((hold) => hold.code)).toEqual(['SHIP_COMPLETE']);
    expect(await releasesOf(desk, id)).toEqual([]);
    expect((await openExceptionsOf(desk, 'SHIP_COMPLETE'))[0]!.cause).toContain('6 EA FLT is not in stock');
  });
});

it('what waits is not filled with a lot that will have expired when it ships', async () => {
  const desk = await open([{ location: 'DC1', sku: 'GLV', quantity: '10', lot: 'A', expiry: '2026-09-01' }]);
  const windows = { shipNotBefore: '2026-08-01' };
  const { id, wms } = await released(desk, { windows, lines: [line('GLV', '20')] });
  await receive(desk, 'GLV', '50', { lot: 'B', expiry: '2026-07-01' });
  expect((await desk.order(id)).lines[0]!.q).toMatchObject({ allocated: '10', backordered: '10' });
  await desk.tx((tx) =>
    applyStockMovements(
      tx,
      desk.hub,
      [
        {
          key: 'grn:DC2',
          type: 'receipt',
          sku: 'GLV',
          location: 'DC2',
          quantity: '5',
          lot: 'C',
          expiry: '2026-07-15',
          reason: 'receipt',
          source: 'wms-dc2',
          occurredAt: desk.clock.now(),
        },
      ],
      { correlationId: 'grn' },
    ),
  );
  await wms.short('5', 1);
  expect((await desk.order(id)).lines[0]!.q).toMatchObject({ allocated: '5', backordered: '15' });
});

it('a cancel that the warehouse agrees to after a part has shipped is not too late', async () => {
  const desk = await open(pumps);
  const { id, wms } = await released(desk, { lines: [line('PMP-220', '10')] });
  await wms.ship([box(1, 'PMP-220', '4', { serials: ['S1', 'S2', 'S3', 'S4'] })]);
  await desk.tx((tx) => cancelOrder(desk.hub, tx, { orderId: id, reason: 'enough', actor: 'ann' }));
  await desk.settle();
  expect((await desk.order(id)).lines[0]).toMatchObject({ milestone: 'shipped', q: { shipped: '4', cancelled: '6' } });
  expect(await openExceptionsOf(desk, 'CANCEL_TOO_LATE')).toEqual([]);
  expect(await stockOf(desk, id, 'PMP-220')).toMatchObject({ onHand: { available: '6' }, reserved: [] });
});
