import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import {
  atsOf,
  expectBookToMatchLog,
  now,
  orderLine,
  shipDate,
  stockCompany,
} from '../../test/inventory/stock-company.ts';
import { uuidv7 } from '../platform/index.ts';
import {
  applySnapshots,
  availability,
  completeCounts,
  consumeReservations,
  assignFulfillment,
  holdShortStock,
  listCountTasks,
  listPositions,
  loadReservations,
  openDemands,
  recordMovements,
  releaseReservations,
  reserve,
  serveDemands,
} from './index.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

describe('stock that arrives', () => {
  const receipt = (quantity: string) => ({
    key: `receipt-${quantity}`,
    type: 'receipt' as const,
    sku: 'PMP',
    location: 'DC1',
    quantity,
    reason: 'receipt',
    source: 'wms',
    occurredAt: now,
  });

  it('goes to waiting lines in order of demand, and a newcomer stays behind them', async () => {
    const run = await stockCompany(database, [{ location: 'DC1', sku: 'PMP', quantity: '0' }]);
    await run(async (tx) => {
      const first = orderLine('PMP', '4', { since: new Date('2026-06-01T10:00:00Z') });
      const second = orderLine('PMP', '4', { since: new Date('2026-06-01T11:00:00Z') });
      const urgent = orderLine('PMP', '1', { since: new Date('2026-06-01T12:00:00Z'), priority: 5 });
      await reserve(tx, [second, first, urgent], now);
      await recordMovements(tx, [receipt('6')], now);
      const [newcomer] = await reserve(tx, [orderLine('PMP', '1', { backorder: false })], now);
      expect(newcomer!.reserved).toBe('0');
      const waiting = await openDemands(tx, { skus: ['PMP'], limit: 10 });
      expect(waiting.map((each) => each.orderId)).toEqual([urgent.orderId, first.orderId, second.orderId]);
      const served = await serveDemands(
        tx,
        waiting.map(({ orderId, lineNo }) => ({ orderId, lineNo, shipDate })),
        now,
      );
      expect(served.map((each) => [each.orderId, each.reserved])).toEqual([
        [urgent.orderId, '1'],
        [first.orderId, '4'],
        [second.orderId, '1'],
      ]);
      const left = await openDemands(tx, { skus: ['PMP'], limit: 10 });
      expect(left.map((each) => [each.orderId, each.open])).toEqual([[second.orderId, '3']]);
      expect(await atsOf(tx, 'PMP')).toBe('0');
    });
  });

  it('does not keep short-dated stock from a newcomer for those who cannot use it', async () => {
    const run = await stockCompany(database, [
      { location: 'DC1', sku: 'GLV', quantity: '50', lot: 'L1', expiry: '2026-06-21' },
    ]);
    await run(async (tx) => {
      await reserve(tx, [orderLine('GLV', '100', { minShelfDays: 180 })], now);
      const [other] = await reserve(tx, [orderLine('GLV', '50')], now);
      expect(other!.reserved).toBe('50');
    });
  });

  it('is recorded once however often it is reported', async () => {
    const run = await stockCompany(database, [{ location: 'DC1', sku: 'PMP', quantity: '0' }]);
    const results = await run((tx) => recordMovements(tx, [receipt('6')], now));
    const again = await run((tx) => recordMovements(tx, [receipt('6')], now));
    expect([results[0]!.duplicate, again[0]!.duplicate]).toEqual([false, true]);
    expect(await run((tx) => atsOf(tx, 'PMP'))).toBe('6');
  });
});

describe('snapshots', () => {
  const snapshot = (asOfSeq: number, quantity: string, asOf = now) => ({
    location: 'DC1',
    asOf,
    asOfSeq,
    positions: [{ sku: 'BLT', quantity }],
  });
  const adjustment = (key: string, quantity: string, more: { sourceSeq?: number; occurredAt?: Date } = {}) => ({
    key,
    type: 'adjust' as const,
    sku: 'BLT',
    location: 'DC1',
    quantity,
    reason: 'found',
    source: 'wms',
    occurredAt: now,
    ...more,
  });

  it('of an older sequence are never applied', async () => {
    const run = await stockCompany(database, []);
    await run(async (tx) => {
      await applySnapshots(tx, [snapshot(7, '70')], now);
      const [older] = await applySnapshots(tx, [snapshot(6, '60')], now);
      expect(older).toMatchObject({ applied: [], stale: ['BLT'] });
      expect(await atsOf(tx, 'BLT')).toBe('70');
    });
  });

  it('give snapshot plus later transactions, whichever arrives first', async () => {
    for (const snapshotFirst of [true, false]) {
      const run = await stockCompany(database, []);
      await run(async (tx) => {
        const apply = () => applySnapshots(tx, [snapshot(10, '100')], now);
        if (snapshotFirst) await apply();
        await recordMovements(
          tx,
          [
            adjustment('contained', '-5', { sourceSeq: 9 }),
            adjustment('later', '-7', { sourceSeq: 11 }),
            adjustment('earlier by time', '3', { occurredAt: new Date('2026-06-01T12:59:00Z') }),
            adjustment('later by time', '2', { occurredAt: new Date('2026-06-01T13:01:00Z') }),
          ],
          now,
        );
        if (!snapshotFirst) await apply();
        expect(await atsOf(tx, 'BLT')).toBe('95');
      });
      await expectBookToMatchLog(run);
    }
  });

  it('empty the lots that they no longer name and leave other items alone', async () => {
    const run = await stockCompany(database, [
      { location: 'DC1', sku: 'GLV', quantity: '200', lot: 'L1', expiry: '2026-06-21' },
      { location: 'DC1', sku: 'BLT', quantity: '5' },
    ]);
    await run(async (tx) => {
      const positions = [{ sku: 'GLV', lot: 'L2', expiry: '2027-01-01', quantity: '10' }];
      await applySnapshots(tx, [{ location: 'DC1', asOf: now, asOfSeq: 2, positions }], now);
      const { rows } = await listPositions(tx, { location: 'DC1', limit: 10 });
      expect(rows.map((row) => [row.sku, row.lot, row.onHand])).toEqual([
        ['BLT', undefined, '5'],
        ['GLV', 'L1', '0'],
        ['GLV', 'L2', '10'],
      ]);
    });
  });

  it('found below what is allocated leave nothing to sell and never a negative figure', async () => {
    const run = await stockCompany(database, [{ location: 'DC1', sku: 'BLT', quantity: '100' }]);
    await run(async (tx) => {
      await reserve(tx, [orderLine('BLT', '80')], now);
      await applySnapshots(tx, [snapshot(2, '50')], now);
      expect(await atsOf(tx, 'BLT')).toBe('0');
      const [terms] = await availability(tx, { skus: ['BLT'], channels: ['portal'], shipDate, now });
      expect(terms!.locations[0]!.net).toBe('-30');
    });
  });
});

describe('shipping and shorts', () => {
  it('consumes what shipped and holds what was short until it is counted (scenario 2)', async () => {
    const run = await stockCompany(database, [{ location: 'DC1', sku: 'BLT', quantity: '2000' }]);
    await run(async (tx) => {
      const line = orderLine('BLT', '2000');
      const [reserved] = await reserve(tx, [line], now);
      const fulfillmentId = uuidv7();
      await assignFulfillment(tx, [{ reservationId: reserved!.allocations[0]!.reservationId, fulfillmentId }]);
      const base = { orderId: line.orderId, lineNo: 1, fulfillmentId, sku: 'BLT', location: 'DC1', source: 'wms' };
      const short = { ...base, key: 'short-1', quantity: '300', reason: 'shortPick', occurredAt: now };
      const [task] = await holdShortStock(tx, [short], now);
      expect(await holdShortStock(tx, [short], now)).toEqual([]);
      expect(task).toMatchObject({ held: '300', state: 'open', location: 'DC1' });
      const shipped = { ...base, key: 'ship-1', quantity: '1700', docRef: 'S1', occurredAt: now };
      await consumeReservations(tx, [shipped], now);
      const [terms] = await availability(tx, { skus: ['BLT'], channels: ['portal'], shipDate, now });
      expect(terms!.locations[0]).toMatchObject({ onHand: '300', hardAllocated: '0' });
      expect(terms!.locations[0]!.byStatus).toMatchObject({ available: '0', hold: '300' });
      expect(terms!.ats).toBe('0');

      const [count] = await completeCounts(tx, [{ taskId: task!.id, counted: '120', actor: 'ann' }], now);
      expect(count).toMatchObject({ restored: '120', writtenOff: '180' });
      expect(await atsOf(tx, 'BLT')).toBe('120');
      expect(await listCountTasks(tx, { state: 'open', limit: 10 })).toEqual([]);
      await expect(completeCounts(tx, [{ taskId: task!.id, counted: '1', actor: 'ann' }], now)).rejects.toMatchObject({
        code: 'CONFLICT',
      });
    });
    await expectBookToMatchLog(run);
  });

  it('takes the lot that really left, and frees the one that was reserved', async () => {
    const run = await stockCompany(database, [
      { location: 'DC1', sku: 'GLV', quantity: '200', lot: 'L1', expiry: '2026-06-21' },
      { location: 'DC1', sku: 'GLV', quantity: '600', lot: 'L2', expiry: '2027-07-06' },
    ]);
    await run(async (tx) => {
      const line = orderLine('GLV', '100');
      await reserve(tx, [line], now);
      await consumeReservations(
        tx,
        [
          {
            key: 's',
            orderId: line.orderId,
            lineNo: 1,
            sku: 'GLV',
            location: 'DC1',
            lot: 'L2',
            quantity: '100',
            docRef: 'S1',
            source: 'wms',
            occurredAt: now,
          },
        ],
        now,
      );
      const { rows } = await listPositions(tx, { sku: 'GLV', limit: 10 });
      expect(rows.map((row) => [row.lot, row.onHand, row.hardAllocated])).toEqual([
        ['L1', '200', '0'],
        ['L2', '500', '0'],
      ]);
    });
    await expectBookToMatchLog(run);
  });

  it('gives cancelled quantities back, waiting demand first', async () => {
    const run = await stockCompany(database, [{ location: 'DC1', sku: 'PMP', quantity: '3' }]);
    await run(async (tx) => {
      const line = orderLine('PMP', '5');
      await reserve(tx, [line], now);
      const first = await releaseReservations(
        tx,
        [{ orderId: line.orderId, lineNo: 1, quantity: '3', reason: 'cancelled' }],
        now,
      );
      expect(first.map((each) => each.quantity)).toEqual(['1']);
      expect(await openDemands(tx, { skus: ['PMP'], limit: 10 })).toEqual([]);
      await releaseReservations(tx, [{ orderId: line.orderId, reason: 'cancelled' }], now);
      const [reservation] = await loadReservations(tx, { orderIds: [line.orderId] });
      expect(reservation).toMatchObject({ state: 'released', open: '0' });
      expect(await atsOf(tx, 'PMP')).toBe('3');
    });
    await expectBookToMatchLog(run);
  });
});
