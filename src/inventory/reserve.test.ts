import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import {
  atsOf,
  expectBookToMatchLog,
  led,
  ledPolicies,
  now,
  orderLine,
  shipDate,
  stockCompany,
} from '../../test/inventory/stock-company.ts';
import type { Tx } from '../platform/index.ts';
import { expireReservations, openDemands, putExpectedSupply, putStockPolicies, reserve } from './index.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

describe('reserve', () => {
  it('fills a line from the first site that covers all of it, else from the sites in order (scenario 1)', async () => {
    const run = await stockCompany(database, led);
    await run(async (tx) => {
      await putStockPolicies(tx, ledPolicies, { now });
      const [small] = await reserve(tx, [orderLine('LED', '10')], now);
      expect(small!.allocations).toMatchObject([{ location: 'DC1', quantity: '10' }]);
      expect([await atsOf(tx, 'LED', 'marketplace'), await atsOf(tx, 'LED', 'portal')]).toEqual(['41', '46']);
      const [large] = await reserve(tx, [orderLine('LED', '39')], now);
      expect(large!.allocations.map((a) => [a.location, a.quantity])).toEqual([
        ['DC1', '30'],
        ['DC2', '9'],
      ]);
    });
    await expectBookToMatchLog(run);
  });

  it('skips a nearer site that cannot cover the line when a later one can', async () => {
    const run = await stockCompany(database, [
      { location: 'DC1', sku: 'FLT', quantity: '4' },
      { location: 'BR3', sku: 'FLT', quantity: '9' },
    ]);
    const [line] = await run((tx) => reserve(tx, [orderLine('FLT', '8')], now));
    expect(line!.allocations).toMatchObject([{ location: 'BR3', quantity: '8' }]);
  });

  it('takes lots by earliest expiry that live long enough (scenario 3)', async () => {
    const run = await stockCompany(database, [
      { location: 'DC1', sku: 'GLV', quantity: '200', lot: 'L1', expiry: '2026-06-21' },
      { location: 'DC1', sku: 'GLV', quantity: '600', lot: 'L2', expiry: '2027-07-06' },
      { location: 'DC2', sku: 'GLV', quantity: '300', lot: 'L3', expiry: '2027-03-28' },
    ]);
    await run(async (tx) => {
      const [hospital] = await reserve(tx, [orderLine('GLV', '900', { minShelfDays: 90 })], now);
      expect(hospital!.allocations.map((a) => [a.location, a.lot, a.quantity])).toEqual([
        ['DC1', 'L2', '600'],
        ['DC2', 'L3', '300'],
      ]);
      const [next] = await reserve(tx, [orderLine('GLV', '150')], now);
      expect(next!.allocations.map((a) => [a.location, a.lot, a.quantity])).toEqual([['DC1', 'L1', '150']]);
    });
  });

  it('splits a line over lots of one site, the earliest expiry first', async () => {
    const run = await stockCompany(database, [
      { location: 'DC1', sku: 'GLV', quantity: '200', lot: 'L1', expiry: '2026-06-21' },
      { location: 'DC1', sku: 'GLV', quantity: '600', lot: 'L2', expiry: '2027-07-06' },
    ]);
    const [line] = await run((tx) => reserve(tx, [orderLine('GLV', '250')], now));
    expect(line!.allocations.map((a) => [a.lot, a.quantity])).toEqual([
      ['L1', '200'],
      ['L2', '50'],
    ]);
  });

  it('backorders the rest and names the date that acknowledged supply covers it (scenario 4)', async () => {
    const run = await stockCompany(database, [{ location: 'DC1', sku: 'PMP', quantity: '3' }]);
    await run(async (tx) => {
      const supply = {
        poNo: 'PO-9001',
        supplier: 'S10',
        sku: 'PMP',
        quantity: '5',
        uom: 'EA',
        location: 'DC1',
        dueDate: '2026-06-15',
        acknowledged: true,
      };
      const unsure = { ...supply, poNo: 'PO-9000', dueDate: '2026-06-05', acknowledged: false };
      await putExpectedSupply(tx, [supply, unsure], { now });
      const [first] = await reserve(tx, [orderLine('PMP', '5')], now);
      expect(first).toMatchObject({ reserved: '3', backordered: '2', expectedDate: '2026-06-15' });
      const [second] = await reserve(tx, [orderLine('PMP', '3')], now);
      expect(second).toMatchObject({ reserved: '0', backordered: '3', expectedDate: '2026-06-15' });
      const [third] = await reserve(tx, [orderLine('PMP', '1')], now);
      expect(third!.expectedDate).toBeUndefined();
    });
  });

  it('sells what is left without a backorder where none is wanted (scenario 7)', async () => {
    const run = await stockCompany(database, [{ location: 'DC1', sku: 'FLT', quantity: '4' }]);
    await run(async (tx) => {
      const [line] = await reserve(tx, [orderLine('FLT', '10', { backorder: false })], now);
      expect(line).toMatchObject({ reserved: '4', short: '6', backordered: '0' });
      expect(await openDemands(tx, { skus: ['FLT'], limit: 10 })).toEqual([]);
    });
  });

  it('answers a repeated demand with what it got the first time', async () => {
    const run = await stockCompany(database, [{ location: 'DC1', sku: 'PMP', quantity: '3' }]);
    const line = orderLine('PMP', '2');
    const first = await run((tx) => reserve(tx, [line], now));
    const again = await run((tx) => reserve(tx, [line, line], now));
    expect(again.map((each) => each.allocations)).toEqual([first[0]!.allocations, first[0]!.allocations]);
    expect(again[0]!.replayed).toBe(true);
    expect(await run((tx) => atsOf(tx, 'PMP'))).toBe('1');
  });

  it('serves a batch in its order with the same statements whatever its size', async () => {
    const run = await stockCompany(database, [{ location: 'DC1', sku: 'BLT', quantity: '1000' }]);
    const counted = async (size: number): Promise<number> => {
      let statements = 0;
      await run(async (tx) => {
        const counting: Tx = {
          tenantId: tx.tenantId,
          database: tx.database,
          afterCommit: (fn) => tx.afterCommit(fn),
          query: (sql, params) => {
            statements++;
            return tx.query(sql, params);
          },
        };
        const batch = Array.from({ length: size }, () => orderLine('BLT', '4'));
        const results = await reserve(counting, batch, now);
        expect(results.every((each) => each.reserved === '4')).toBe(true);
      });
      return statements;
    };
    const forOne = await counted(1);
    expect(await counted(100)).toBe(forOne);
    expect(forOne).toBeLessThanOrEqual(5);
  });

  it('never lets concurrent batches take more than there is, whatever order they name the items in', async () => {
    const run = await stockCompany(database, [
      { location: 'DC1', sku: 'A', quantity: '30' },
      { location: 'DC2', sku: 'B', quantity: '30' },
    ]);
    const batches = Array.from({ length: 12 }, (_, i) => {
      const demands = [orderLine('A', '5'), orderLine('B', '5')];
      return run((tx) => reserve(tx, i % 2 === 0 ? demands : demands.reverse(), now));
    });
    const results = (await Promise.all(batches)).flat();
    for (const sku of ['A', 'B']) {
      const own = results.filter((each) => each.sku === sku);
      expect(own.reduce((sum, each) => sum + Number(each.reserved), 0)).toBe(30);
      expect(own.reduce((sum, each) => sum + Number(each.backordered), 0)).toBe(30);
    }
    await expectBookToMatchLog(run);
  });
});

describe('reservations of API callers', () => {
  /** All of it or nothing, within what the channel may sell. */
  const wish = (key: string, quantity: string, expiresAt: Date, channel = 'portal') => ({
    ...{ key, quantity, expiresAt, channel, shipDate, sku: 'LED' },
    ...{ hard: false, partial: false, backorder: false, withinAts: true },
  });

  it('lets 10 of 50 concurrent callers win the last 10 (scenario 16)', async () => {
    const run = await stockCompany(database, [{ location: 'DC1', sku: 'LED', quantity: '20' }]);
    await run((tx) => putStockPolicies(tx, [{ sku: 'LED', location: 'DC1', safetyStock: '10' }], { now }));
    const expiresAt = new Date(now.getTime() + 900_000);
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, i) => run((tx) => reserve(tx, [wish(`caller-${i}`, '1', expiresAt)], now))),
    );
    const refused = results.flat().filter((each) => each.allocations.length === 0);
    expect([results.flat().length - refused.length, refused.length]).toEqual([10, 40]);
    expect(await run((tx) => atsOf(tx, 'LED'))).toBe('0');
    const expired = await run((tx) => expireReservations(tx, new Date(expiresAt.getTime() + 1), 100));
    expect(expired).toHaveLength(10);
    expect(await run((tx) => atsOf(tx, 'LED'))).toBe('10');
    await expectBookToMatchLog(run);
  });

  it("stops at the channel's buffer and reserves all or nothing", async () => {
    const run = await stockCompany(database, led);
    await run(async (tx) => {
      await putStockPolicies(tx, ledPolicies, { now });
      const wishes = [wish('a', '52', now, 'marketplace'), wish('b', '51', now, 'marketplace')];
      const [tooMuch, fits] = await reserve(tx, wishes, now);
      expect(tooMuch).toMatchObject({ reserved: '0', allocations: [] });
      expect(fits).toMatchObject({ reserved: '51' });
    });
  });
});
