import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import type { Location } from '../model/index.ts';
import { isHubError, type Tx, uuidv7 } from '../platform/index.ts';
import {
  applySnapshots,
  availability,
  completeCounts,
  consumeReservations,
  type Demand,
  assignFulfillment,
  expireReservations,
  holdShortStock,
  listCountTasks,
  listPositions,
  loadReservations,
  openDemands,
  putExpectedSupply,
  putLocations,
  putStockPolicies,
  recordMovements,
  releaseReservations,
  reserve,
  reserveWithinAts,
  serveDemands,
  waterfall,
} from './index.ts';

const now = new Date('2026-06-01T13:00:00Z');
const shipDate = '2026-06-01';

function site(code: string, priority: number, sellable = true): Location {
  return { code, name: code, kind: 'warehouse', timeZone: 'America/New_York', sellable, priority };
}

const sites = [site('DC1', 1), site('DC2', 2), site('BR3', 3), site('VM6', 9, false)];

interface OpeningStock {
  location: string;
  sku: string;
  quantity: string;
  lot?: string;
  expiry?: string;
}

let database: TestDatabase;
let tenants = 0;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

/** A tenant of its own with the sites and the given stock; answers a way to run transactions in it. */
async function company(stock: readonly OpeningStock[]): Promise<<T>(fn: (tx: Tx) => Promise<T>) => Promise<T>> {
  const tenant = `stock-${++tenants}`;
  const run = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => database.app.tx(tenant, fn);
  await run(async (tx) => {
    await putLocations(tx, sites, { now });
    const snapshots = [...Map.groupBy(stock, (each) => each.location)].map(([location, positions]) => ({
      location,
      asOf: now,
      asOfSeq: 1,
      positions,
    }));
    await applySnapshots(tx, snapshots, now);
  });
  return run;
}

let orders = 0;
function orderLine(
  sku: string,
  quantity: string,
  more: Partial<Demand> = {},
): Demand & { orderId: string; lineNo: number } {
  const orderId = more.orderId ?? uuidv7();
  return {
    key: `order:${orderId}:${++orders}`,
    orderId,
    lineNo: 1,
    sku,
    quantity,
    channel: 'portal',
    hard: true,
    shipDate,
    partial: true,
    backorder: true,
    ...more,
  } as Demand & { orderId: string; lineNo: number };
}

const led: OpeningStock[] = [
  { location: 'DC1', sku: 'LED', quantity: '50' },
  { location: 'DC2', sku: 'LED', quantity: '10' },
  { location: 'BR3', sku: 'LED', quantity: '8' },
];
const ledPolicies = [
  { sku: 'LED', location: 'DC1', safetyStock: '10' },
  { sku: 'LED', location: 'BR3', safetyStock: '2' },
  { sku: 'LED', channel: 'marketplace', buffer: '5' },
];

async function atsOf(tx: Tx, sku: string, channel = 'portal', minShelfDays = 0): Promise<string> {
  const [terms] = await availability(tx, { skus: [sku], channels: [channel], shipDate, minShelfDays, now });
  return terms!.ats;
}

/** Every position is the sum of its log, whatever happened. */
async function expectBookToMatchLog(run: <T>(fn: (tx: Tx) => Promise<T>) => Promise<T>): Promise<void> {
  const rows = await run((tx) =>
    tx.query<{ broken: number }>(`SELECT count(*)::int AS broken FROM inventory_position p
      FULL JOIN (SELECT sku, location, lot, owner, status, sum(on_hand_delta) FILTER (WHERE applied) AS on_hand,
          sum(hard_delta) AS hard, sum(soft_delta) AS soft FROM inventory_transaction GROUP BY 1, 2, 3, 4, 5) t
        USING (sku, location, lot, owner, status)
      WHERE p.on_hand IS DISTINCT FROM t.on_hand OR p.hard_allocated IS DISTINCT FROM t.hard OR p.soft_reserved IS DISTINCT FROM t.soft`),
  );
  expect(rows[0]!.broken).toBe(0);
}

describe('availability to sell', () => {
  it("counts the reference company's LED as 56 on the portal and 51 on marketplaces, and says why", async () => {
    const run = await company([...led, { location: 'VM6', sku: 'LED', quantity: '100' }]);
    await run(async (tx) => {
      await putStockPolicies(tx, ledPolicies, { now });
      const [portal, marketplace] = await availability(tx, {
        skus: ['LED'],
        channels: ['portal', 'marketplace'],
        shipDate,
        now,
      });
      expect([portal!.ats, marketplace!.ats]).toEqual(['56', '51']);
      expect(portal!.locations.map((l) => [l.location, l.net])).toEqual([
        ['DC1', '40'],
        ['DC2', '10'],
        ['BR3', '6'],
        ['VM6', '0'],
      ]);
      const steps = waterfall(marketplace!);
      expect(steps.at(-1)).toEqual({ term: 'ats', label: 'Available to sell', quantity: '51' });
      const sum = steps.slice(0, -1).reduce((total, step) => total + Number(step.quantity), 0);
      expect(sum).toBe(51);
      expect(steps.filter((step) => step.term === 'safetyStock')).toHaveLength(2);
    });
  });

  it('counts lots by shelf life and never an expired one', async () => {
    const run = await company([
      { location: 'DC1', sku: 'GLV', quantity: '200', lot: 'L1', expiry: '2026-06-21' },
      { location: 'DC1', sku: 'GLV', quantity: '600', lot: 'L2', expiry: '2027-07-06' },
      { location: 'DC2', sku: 'GLV', quantity: '300', lot: 'L3', expiry: '2027-03-28' },
      { location: 'DC2', sku: 'GLV', quantity: '50', lot: 'L0', expiry: '2026-05-31' },
    ]);
    await run(async (tx) => {
      expect(await atsOf(tx, 'GLV')).toBe('1100');
      expect(await atsOf(tx, 'GLV', 'portal', 90)).toBe('900');
      expect(await atsOf(tx, 'GLV', 'portal', 20)).toBe('1100');
      expect(await atsOf(tx, 'GLV', 'portal', 21)).toBe('900');
    });
  });

  it('keeps what is set aside for a channel from the others until that channel has used it', async () => {
    const run = await company(led);
    await run(async (tx) => {
      await putStockPolicies(tx, [{ sku: 'LED', location: 'DC1', channel: 'portal', reserved: '20' }], { now });
      expect([await atsOf(tx, 'LED', 'portal'), await atsOf(tx, 'LED', 'storefront')]).toEqual(['68', '48']);
      await reserve(tx, [orderLine('LED', '15', { channel: 'portal' })], now);
      expect([await atsOf(tx, 'LED', 'portal'), await atsOf(tx, 'LED', 'storefront')]).toEqual(['53', '48']);
    });
  });

  it('takes accepted demand without stock off once, and a reserved order once', async () => {
    const run = await company([{ location: 'DC1', sku: 'PMP', quantity: '3' }]);
    await run(async (tx) => {
      await reserve(tx, [orderLine('PMP', '5')], now);
      await recordMovements(
        tx,
        [
          {
            key: 'grn-1',
            type: 'receipt',
            sku: 'PMP',
            location: 'DC1',
            quantity: '10',
            reason: 'receipt',
            source: 'wms',
            occurredAt: now,
          },
        ],
        now,
      );
      expect(await atsOf(tx, 'PMP')).toBe('8');
    });
  });
});

describe('reserve', () => {
  it('fills a line from the first site that covers all of it, else from the sites in order (scenario 1)', async () => {
    const run = await company(led);
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
    const run = await company([
      { location: 'DC1', sku: 'FLT', quantity: '4' },
      { location: 'BR3', sku: 'FLT', quantity: '9' },
    ]);
    const [line] = await run((tx) => reserve(tx, [orderLine('FLT', '8')], now));
    expect(line!.allocations).toMatchObject([{ location: 'BR3', quantity: '8' }]);
  });

  it('takes lots by earliest expiry that live long enough (scenario 3)', async () => {
    const run = await company([
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
    const run = await company([
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
    const run = await company([{ location: 'DC1', sku: 'PMP', quantity: '3' }]);
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
    const run = await company([{ location: 'DC1', sku: 'FLT', quantity: '4' }]);
    await run(async (tx) => {
      const [line] = await reserve(tx, [orderLine('FLT', '10', { backorder: false })], now);
      expect(line).toMatchObject({ reserved: '4', short: '6', backordered: '0' });
      expect(await openDemands(tx, { skus: ['FLT'], limit: 10 })).toEqual([]);
    });
  });

  it('answers a repeated demand with what it got the first time', async () => {
    const run = await company([{ location: 'DC1', sku: 'PMP', quantity: '3' }]);
    const line = orderLine('PMP', '2');
    const first = await run((tx) => reserve(tx, [line], now));
    const again = await run((tx) => reserve(tx, [line, line], now));
    expect(again.map((each) => each.allocations)).toEqual([first[0]!.allocations, first[0]!.allocations]);
    expect(again[0]!.replayed).toBe(true);
    expect(await run((tx) => atsOf(tx, 'PMP'))).toBe('1');
  });

  it('serves a batch in its order with the same statements whatever its size', async () => {
    const run = await company([{ location: 'DC1', sku: 'BLT', quantity: '1000' }]);
    const counted = async (size: number): Promise<number> => {
      let statements = 0;
      await run(async (tx) => {
        const counting: Tx = {
          tenantId: tx.tenantId,
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
    const run = await company([
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
  it('lets 10 of 50 concurrent callers win the last 10 (scenario 16)', async () => {
    const run = await company([{ location: 'DC1', sku: 'LED', quantity: '20' }]);
    await run((tx) => putStockPolicies(tx, [{ sku: 'LED', location: 'DC1', safetyStock: '10' }], { now }));
    const expiresAt = new Date(now.getTime() + 900_000);
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        run((tx) =>
          reserveWithinAts(
            tx,
            [{ key: `caller-${i}`, sku: 'LED', quantity: '1', channel: 'portal', shipDate, expiresAt }],
            now,
          ),
        ),
      ),
    );
    const refused = results.flat().filter((each) => isHubError(each, 'INSUFFICIENT_ATS'));
    expect([results.flat().length - refused.length, refused.length]).toEqual([10, 40]);
    expect(await run((tx) => atsOf(tx, 'LED'))).toBe('0');
    const expired = await run((tx) => expireReservations(tx, new Date(expiresAt.getTime() + 1), 100));
    expect(expired).toHaveLength(10);
    expect(await run((tx) => atsOf(tx, 'LED'))).toBe('10');
    await expectBookToMatchLog(run);
  });

  it("stops at the channel's buffer and reserves all or nothing", async () => {
    const run = await company(led);
    await run(async (tx) => {
      await putStockPolicies(tx, ledPolicies, { now });
      const request = { sku: 'LED', channel: 'marketplace', shipDate, expiresAt: now };
      const [tooMuch, fits] = await reserveWithinAts(
        tx,
        [
          { ...request, key: 'a', quantity: '52' },
          { ...request, key: 'b', quantity: '51' },
        ],
        now,
      );
      expect(isHubError(tooMuch, 'INSUFFICIENT_ATS')).toBe(true);
      expect(fits).toMatchObject({ reserved: '51' });
    });
  });
});

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
    const run = await company([{ location: 'DC1', sku: 'PMP', quantity: '0' }]);
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
    const run = await company([{ location: 'DC1', sku: 'GLV', quantity: '50', lot: 'L1', expiry: '2026-06-21' }]);
    await run(async (tx) => {
      await reserve(tx, [orderLine('GLV', '100', { minShelfDays: 180 })], now);
      const [other] = await reserve(tx, [orderLine('GLV', '50')], now);
      expect(other!.reserved).toBe('50');
    });
  });

  it('is recorded once however often it is reported', async () => {
    const run = await company([{ location: 'DC1', sku: 'PMP', quantity: '0' }]);
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
    const run = await company([]);
    await run(async (tx) => {
      await applySnapshots(tx, [snapshot(7, '70')], now);
      const [older] = await applySnapshots(tx, [snapshot(6, '60')], now);
      expect(older).toMatchObject({ applied: [], stale: ['BLT'] });
      expect(await atsOf(tx, 'BLT')).toBe('70');
    });
  });

  it('give snapshot plus later transactions, whichever arrives first', async () => {
    for (const snapshotFirst of [true, false]) {
      const run = await company([]);
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
    const run = await company([
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
    const run = await company([{ location: 'DC1', sku: 'BLT', quantity: '100' }]);
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
    const run = await company([{ location: 'DC1', sku: 'BLT', quantity: '2000' }]);
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
    const run = await company([
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
    const run = await company([{ location: 'DC1', sku: 'PMP', quantity: '3' }]);
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
