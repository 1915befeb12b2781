import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock, type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { led, now, orderLine, type RunTx, shipDate, stockCompany } from '../../test/inventory/stock-company.ts';
import type { Location } from '../model/index.ts';
import { openDatabase, type Tx, uuidv7 } from '../platform/index.ts';
import {
  applySnapshots,
  assignFulfillment,
  availability,
  availabilityOf,
  createStockDirectory,
  expireReservations,
  listExpectedSupply,
  loadReservations,
  pruneStockChanges,
  putExpectedSupply,
  putLocations,
  putStockPolicies,
  recordMovements,
  recordPicked,
  releaseReservations,
  reserve,
  type StockDirectory,
} from './index.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const skus = ['LED', 'PMP', 'GLV'];
const channels = ['portal', 'marketplace'];
const sites = ['DC1', 'DC2', 'VM6'];

/** In this process, which hears of its commits; and in another one, which has to look. */
async function twoDirectories(run: RunTx) {
  const clock = manualClock(now.toISOString());
  const here = createStockDirectory({ db: database.app, clock });
  const elsewhere = createStockDirectory({ db: database.app, clock, hear: () => () => {} });
  const tenantId = await run(async (tx) => tx.tenantId!);
  return { clock, here, elsewhere, tenantId };
}

async function fromMemory(directory: StockDirectory, tenantId: string): Promise<unknown> {
  const views = await Promise.all(skus.map(async (sku) => directory.read(tenantId, sku)));
  return views.map(({ item }) => ({
    terms: [undefined, ...sites].map((location) =>
      availabilityOf(item, {
        skus: [item.sku],
        channels,
        shipDate,
        now,
        ...(location === undefined ? {} : { location }),
      }),
    ),
    supply: item.supply,
  }));
}

function fromDatabase(run: RunTx): Promise<unknown> {
  return run(async (tx) => {
    const answers: unknown[] = [];
    for (const sku of skus) {
      const terms: unknown[] = [];
      for (const location of [undefined, ...sites]) {
        const where = location === undefined ? {} : { location };
        terms.push(await availability(tx, { skus: [sku], channels, shipDate, now, ...where }));
      }
      answers.push({ terms, supply: (await listExpectedSupply(tx, { skus: [sku] })).map(({ value }) => value) });
    }
    return answers;
  });
}

let counter = 0;

/** One thing that happens to stock, drawn from everything that changes what may be sold. */
const happening = fc.record({
  kind: fc.constantFrom(
    ...([
      'receive',
      'move',
      'reserve',
      'soft',
      'expire',
      'release',
      'snapshot',
      'policy',
      'site',
      'supply',
      'pick',
    ] as const),
  ),
  sku: fc.constantFrom(...skus),
  site: fc.constantFrom(...sites),
  channel: fc.constantFrom(...channels),
  quantity: fc.integer({ min: 1, max: 40 }).map(String),
  flag: fc.boolean(),
});
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const happen: Record<Happening['kind'], (tx: Tx, what: Happening) => Promise<unknown>> = {
  receive: (tx, { sku, site, quantity }) =>
    recordMovements(
      tx,
      [
        {
          key: `m-${++counter}`,
          type: 'receipt',
          sku,
          location: site,
          quantity,
          reason: 'receipt',
          source: 'wms',
          occurredAt: now,
        },
      ],
      now,
    ),
  move: (tx, { sku, site, quantity, flag }) =>
    recordMovements(
      tx,
      [
        {
          key: `m-${++counter}`,
          type: 'statusChange',
          sku,
          location: site,
          quantity,
          ...(flag ? { status: 'quarantine' as const } : { lot: 'L1', expiry: '2026-05-31' }),
          reason: 'check',
          source: 'wms',
          occurredAt: now,
        },
      ],
      now,
    ),
  reserve: (tx, { sku, quantity, channel }) => reserve(tx, [orderLine(sku, quantity, { channel })], now),
  soft: (tx, { sku, quantity, channel }) =>
    reserve(
      tx,
      [
        {
          key: `soft-${++counter}`,
          sku,
          quantity,
          channel,
          hard: false,
          expiresAt: new Date(now.getTime() + 1_000),
          shipDate,
          partial: true,
          backorder: false,
        },
      ],
      now,
    ),
  expire: (tx) => expireReservations(tx, new Date(now.getTime() + 2_000), 10),
  async release(tx, { sku }) {
    const orderIds = await openOrders(tx, sku);
    await releaseReservations(
      tx,
      orderIds.slice(0, 1).map((orderId) => ({ orderId, reason: 'cancelled' })),
      now,
    );
  },
  snapshot: (tx, { sku, site, quantity }) =>
    applySnapshots(tx, [{ location: site, asOf: now, asOfSeq: 10 + ++counter, positions: [{ sku, quantity }] }], now),
  policy: (tx, { sku, site, channel, quantity, flag }) =>
    putStockPolicies(
      tx,
      [
        flag
          ? { sku, location: site, safetyStock: quantity }
          : { sku, location: site, channel, reserved: quantity, buffer: '2' },
      ],
      { now },
    ),
  site: (tx, { site, flag, quantity }) =>
    putLocations(tx, [{ ...siteOf(site), sellable: flag, priority: Number(quantity) }], { now }),
  supply: (tx, { sku, site, quantity }) =>
    putExpectedSupply(
      tx,
      [
        {
          poNo: 'PO1',
          supplier: 'S1',
          sku,
          quantity,
          uom: 'EA',
          location: site,
          dueDate: '2026-07-01',
          acknowledged: true,
        },
      ],
      { now },
    ),
  async pick(tx, { sku, quantity }) {
    const [orderId] = await openOrders(tx, sku);
    if (orderId === undefined) return;
    const [first] = await loadReservations(tx, { orderIds: [orderId] });
    if (first?.lineNo === undefined) return;
    const fulfillmentId = uuidv7();
    await assignFulfillment(tx, [{ reservationId: first.id, fulfillmentId }]);
    await recordPicked(tx, [{ fulfillmentId, lineNo: first.lineNo, picked: quantity }]);
  },
};

function siteOf(code: string): Location {
  return { code, name: code, kind: 'warehouse', timeZone: 'America/New_York', sellable: true, priority: 1 };
}

async function openOrders(tx: Tx, sku: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    'SELECT order_id AS id FROM reservation WHERE sku = $1 AND open > 0 AND order_id IS NOT NULL ORDER BY id',
    [sku],
  );
  return rows.map((row) => row.id);
}

describe('stock in memory', () => {
  it('gives the figures of the database, in the process that writes at once and in others after they looked', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(happening, { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 8 }),
        async (days) => {
          const run = await stockCompany(database, led);
          const { clock, here, elsewhere, tenantId } = await twoDirectories(run);
          try {
            for (const day of days) {
              for (const what of day) await run((tx) => happen[what.kind](tx, what));
              const truth = await fromDatabase(run);
              expect(await fromMemory(here, tenantId)).toEqual(truth);
              clock.advance(251);
              expect(await fromMemory(elsewhere, tenantId)).toEqual(truth);
              compared += 1;
            }
          } finally {
            here.stop();
            elsewhere.stop();
          }
        },
      ),
      { numRuns: 20 },
    );
    expect(compared).toBeGreaterThan(50);
  }, 120_000);

  it('answers from memory for as long as was promised, says of when it is, and then sees what another process did', async () => {
    const run = await stockCompany(database, led);
    const { clock, elsewhere, tenantId } = await twoDirectories(run);
    const started = clock.now();
    const before = await elsewhere.read(tenantId, 'LED');
    expect(before.asOf).toEqual(started);
    await run((tx) => reserve(tx, [orderLine('LED', '5')], now));
    clock.advance(250);
    const still = elsewhere.read(tenantId, 'LED');
    expect(still).toEqual({ item: before.item, asOf: started });
    clock.advance(1);
    const after = await elsewhere.read(tenantId, 'LED');
    expect(after.asOf).toEqual(clock.now());
    expect(availabilityOf(after.item, { skus: ['LED'], channels, shipDate, now })[0]!.ats).toBe('63');
  });

  it('reads the database for who asks for it', async () => {
    const run = await stockCompany(database, led);
    const { elsewhere, tenantId } = await twoDirectories(run);
    await elsewhere.read(tenantId, 'LED');
    await run((tx) => reserve(tx, [orderLine('LED', '5')], now));
    const { item } = await elsewhere.read(tenantId, 'LED', { fresh: true });
    expect(availabilityOf(item, { skus: ['LED'], channels, shipDate, now })[0]!.ats).toBe('63');
  });

  it('misses no transaction that was open while it looked and committed after younger ones', async () => {
    const run = await stockCompany(database, [...led, { location: 'DC1', sku: 'PMP', quantity: '9' }]);
    const { clock, elsewhere, tenantId } = await twoDirectories(run);
    await fromMemory(elsewhere, tenantId);
    const late = await openDatabase({
      url: database.url,
      role: 'crossdock_app',
      maxConnections: 1,
      applicationName: 'late',
    });
    try {
      let release!: () => void;
      const held = new Promise<void>((resolve) => (release = resolve));
      let written!: () => void;
      const wrote = new Promise<void>((resolve) => (written = resolve));
      const lateCommit = late.tx(tenantId, async (tx) => {
        await reserve(tx, [orderLine('LED', '7')], now);
        written();
        await held;
      });
      await wrote;
      await run((tx) => reserve(tx, [orderLine('PMP', '4')], now));
      for (let looks = 0; looks < 3; looks++) {
        clock.advance(251);
        expect(await fromMemory(elsewhere, tenantId)).toEqual(await fromDatabase(run));
      }
      release();
      await lateCommit;
      clock.advance(251);
      expect(await fromMemory(elsewhere, tenantId)).toEqual(await fromDatabase(run));
    } finally {
      await late.close();
    }
  });

  it('agrees at the end of a storm of writers and readers, and keeps to its bound of items', async () => {
    const run = await stockCompany(database, led);
    const tenantId = await run(async (tx) => tx.tenantId!);
    const clock = manualClock(now.toISOString());
    const directory = createStockDirectory({ db: database.app, clock, mostItems: 2 });
    const whats = fc.sample(happening, { numRuns: 60, seed: 7 });
    let writing = true;
    const writers = Array.from({ length: 3 }, async (_, n) => {
      for (const what of whats.slice(n * 20, n * 20 + 20)) await run((tx) => happen[what.kind](tx, what));
    });
    const reader = (async () => {
      for (let reads = 0; writing || reads < 50; reads++) {
        clock.advance(10);
        await directory.read(tenantId, skus[reads % skus.length]!);
      }
    })();
    await Promise.all(writers);
    writing = false;
    await reader;
    expect(await fromMemory(directory, tenantId)).toEqual(await fromDatabase(run));
    directory.stop();
  }, 60_000);

  it('heals within a minute from what was changed past the hub', async () => {
    const run = await stockCompany(database, led);
    const { clock, here, tenantId } = await twoDirectories(run);
    await fromMemory(here, tenantId);
    await run((tx) => tx.query("UPDATE inventory_position SET on_hand = 1 WHERE sku = 'LED' AND location = 'DC1'"));
    clock.advance(60_001);
    expect(await fromMemory(here, tenantId)).toEqual(await fromDatabase(run));
    here.stop();
  });

  it('starts anew after a time longer than notes are kept', async () => {
    const run = await stockCompany(database, led);
    const { clock, elsewhere, tenantId } = await twoDirectories(run);
    await fromMemory(elsewhere, tenantId);
    await run((tx) => reserve(tx, [orderLine('LED', '5')], now));
    clock.advance(151_000);
    await run((tx) => pruneStockChanges(tx, new Date(Date.now() + 600_000)));
    const [row] = await run((tx) => tx.query<{ n: number }>('SELECT count(*)::int AS n FROM stock_change'));
    expect(row!.n).toBe(0);
    expect(await fromMemory(elsewhere, tenantId)).toEqual(await fromDatabase(run));
  });

  it('answers again after the database failed once', async () => {
    const run = await stockCompany(database, led);
    const tenantId = await run(async (tx) => tx.tenantId!);
    let broken = true;
    const db = {
      ...database.app,
      tx: (async (tenant, fn) => {
        if (broken) throw new Error('no database');
        return database.app.tx(tenant, fn);
      }) as TestDatabase['app']['tx'],
    };
    const directory = createStockDirectory({ db, clock: manualClock(now.toISOString()) });
    const both = await Promise.allSettled([directory.read(tenantId, 'LED'), directory.read(tenantId, 'PMP')]);
    expect(both.map((each) => each.status)).toEqual(['rejected', 'rejected']);
    broken = false;
    expect(await fromMemory(directory, tenantId)).toEqual(await fromDatabase(run));
    directory.stop();
  });
});
