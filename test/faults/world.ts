import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type TempDir, tempDir, testDatabase } from '../harness/index.ts';
import { type Random, randomStream } from '../simulation/random.ts';
import { type OrderClient, type OrderClientOptions, startOrderClient } from './order-client.ts';
import { type RidgelineHub, type RidgelineHubOptions, startRidgelineHub } from './ridgeline-hub.ts';

/** A hub, the lab around it and customers that order, for the faults of one run. */
export interface World {
  readonly seed: number;
  readonly random: Random;
  readonly run: RidgelineHub;
  /** A superuser's pool on the hub's database. */
  readonly db: pg.Pool;
  readonly client: OrderClient;
  /** Where the next folder of EDI orders goes on; see `orderByEdi`. */
  readonly ediOrders: string[];
  /** What answers to CSV files named as taken in. */
  readonly csvOrders: { readonly customerPo: string; readonly orderId: string }[];
  /** Orders that came by CSV, answered or not. */
  csvSent: number;
  /** Meridian orders by a file in its folder. */
  orderByEdi(): Promise<void>;
  close(): Promise<void>;
}

export interface WorldOptions extends Omit<RidgelineHubOptions, 'folder'> {
  seed: number;
  /** Name of the run, for its streams of chance. */
  name: string;
  client?: Partial<OrderClientOptions>;
  /** The hub's database; absent: a fresh one of the test server. */
  database?: { url: string | undefined; owner(folder: string): Promise<pg.Pool> };
}

/** Leases of a second, so that what waits for one does not wait long. */
export const faultEnv = { CROSSDOCK_LEASE_MS: '1000' };

export async function startWorld(options: WorldOptions): Promise<World> {
  const folder: TempDir = tempDir('faults');
  const ending: (() => Promise<unknown> | void)[] = [() => folder.remove()];
  const close = async (): Promise<void> => {
    for (const end of ending.toReversed()) await end();
  };
  try {
    let { database } = options;
    if (database === undefined) {
      const fresh = await testDatabase();
      ending.push(() => fresh.drop());
      database = { url: fresh.url, owner: async () => fresh.owner };
    }
    const env = { ...faultEnv, ...options.env };
    const { url } = database;
    const common = { ...options, folder: folder.path, env };
    const run = await startRidgelineHub(url === undefined ? common : { ...common, databaseUrl: url });
    ending.push(() => run.stop());
    const db = await database.owner(run.dataDir);
    if (url === undefined) ending.push(() => db.end());
    const client = startOrderClient({
      url: run.hub.url,
      adminKey: run.adminKey,
      seed: options.seed,
      concurrency: 3,
      pauseMs: 30,
      abandonOneIn: 4,
      ...options.client,
    });
    ending.push(() => client.abandon());
    const ediOrders: string[] = [];
    return {
      seed: options.seed,
      random: randomStream(options.seed, options.name),
      run,
      db,
      client,
      ediOrders,
      csvOrders: [],
      csvSent: 0,
      async orderByEdi() {
        const poNumber = `MR-FAULT-${ediOrders.length + 1}`;
        await run.lab.control('partner', 'POST', '/_orders', {
          poNumber,
          lines: [{ sku: 'LED', quantity: '2', uom: 'EA', price: '18.00' }],
        });
        ediOrders.push(poNumber);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The hub must have finished everything by then. */
export const drainBoundMs = 120_000;
const quietForMs = 1_500;

export interface Drained {
  drainedInMs: number;
  /** What was left, in words. */
  open: string[];
}

/** Waits until every delivery is final and no new one has come for a moment (the lab answers with webhooks). */
export async function drained(world: Pick<World, 'run' | 'db'>): Promise<Drained> {
  const { run, db } = world;
  const startedMs = performance.now();
  let quietSince = startedMs;
  let lastSeen = '';
  for (;;) {
    const { rows } = await db.query<{ open: number; n: number }>(
      `SELECT count(*) FILTER (WHERE state NOT IN ('delivered', 'discarded'))::int AS open, count(*)::int AS n FROM delivery_now`,
    );
    const { open = 0, n = 0 } = rows[0] ?? {};
    const nowMs = performance.now();
    const seen = `${open}/${n}`;
    if (seen !== lastSeen || open > 0) quietSince = nowMs;
    lastSeen = seen;
    if (nowMs - quietSince > quietForMs) return { drainedInMs: quietSince - startedMs, open: [] };
    if (nowMs - startedMs > drainBoundMs || !run.hub.alive) {
      const left = await db.query(
        `SELECT destination, operation, state, count(*)::int AS n, min(error_text) AS why FROM delivery_now
         WHERE state NOT IN ('delivered', 'discarded') GROUP BY 1, 2, 3`,
      );
      const words = left.rows.map((row) => JSON.stringify(row));
      if (!run.hub.alive) words.push(`the hub has ended by itself; log: ${join(run.dataDir, '..', 'hub.log')}`);
      return { drainedInMs: nowMs - startedMs, open: words };
    }
    await sleep(100);
  }
}
