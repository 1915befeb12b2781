import type pg from 'pg';
import { type Row, median, round } from './bench-row.ts';
import { type BenchHub, startBenchHub } from './hub-rows.ts';
import { orderBody } from './load-client.ts';
import { findPgbench, runPgbench } from './pgbench.ts';
import type { BenchServer } from './postgres.ts';
import { childrenOf, processorTime } from './processor-time.ts';
import { withConstants } from './same-sql.ts';

/** The processes of a run, by who they belong to. */
export interface Cast {
  readonly hub: number;
  readonly postmaster: number;
  readonly lab: readonly number[];
}

export async function castOf(hub: BenchHub, server: BenchServer): Promise<Cast> {
  const postmaster = await server.postmaster();
  const own = [hub.run.hub.pid, postmaster];
  return { hub: hub.run.hub.pid, postmaster, lab: (await childrenOf(process.pid)).filter((pid) => !own.includes(pid)) };
}

/** Processor time of the lab's processes so far, in ms. */
export async function labTime(cast: Cast): Promise<number> {
  const times = await Promise.all(cast.lab.map(processorTime));
  return times.reduce((sum, time) => sum + time.allMs, 0);
}

const singleInsert = 'INSERT INTO single (body) VALUES (:body::jsonb);\n';

/** P1: pgbench with one insert of an order's body per transaction; undefined without pgbench. */
async function insertsPerSecond(hub: BenchHub, url: string, seconds: number): Promise<number | undefined> {
  const program = findPgbench();
  if (program === undefined) return undefined;
  await hub.db.query('CREATE TABLE IF NOT EXISTS single (id uuid PRIMARY KEY DEFAULT uuidv7(), body jsonb NOT NULL)');
  const script = withConstants({ script: singleInsert, variables: { body: orderBody('p1') } });
  return runPgbench({ ...script, program, url, clients: 64, seconds });
}

/**
 * The whole walk from the first request until nothing is left to do: every event, delivery and document of each order, with
 * the lab on the same processors, against what pgbench inserts on the same server right before and after.
 */
export async function walkRows(server: BenchServer, clients: number, seconds: number): Promise<Row[]> {
  const hub = await startBenchHub(server, 'walk');
  try {
    await hub.load({ connections: 4, seconds: 1, name: 'warm' });
    await hub.drained(120_000);
    // What autovacuum has done within a minute of a hub's life.
    await hub.db.query('ANALYZE');
    for (const system of ['erp', 'wms-dc1', 'carrier']) await hub.allowCalls(system, 64);
    const url = server.superuserUrl('walk');
    const inserts = [await insertsPerSecond(hub, url, seconds)];
    const cast = await castOf(hub, server);
    const labBeforeMs = await labTime(cast);
    const commitsBefore = await hub.commits();
    const startedMs = performance.now();
    const load = await hub.load({ connections: clients, seconds, name: 'walk' });
    await hub.drained(600_000);
    const tookSeconds = (performance.now() - startedMs) / 1000;
    const labMs = (await labTime(cast)) - labBeforeMs;
    const commits = (await hub.commits()) - commitsBefore;
    inserts.push(await insertsPerSecond(hub, url, seconds));
    const perSecond = load.orders / tookSeconds;
    const detail = {
      orders: load.orders,
      ...(await countsOf(hub.db)),
      seconds: round(tookSeconds, 1),
      labProcessorUsPerOrder: round((labMs * 1000) / load.orders, 0),
      labShareOfProcessors: round(labMs / 1000 / tookSeconds),
    };
    return [
      { name: 'whole walk, orders shipped and invoiced', value: round(perSecond, 1), unit: 'orders/s', detail },
      ratioRow(perSecond, inserts),
      { name: 'commits per order, whole walk', value: round(commits / load.orders, 2), unit: '' },
      { name: 'hub RSS over the walk', value: round(await hub.peakRssMb(), 0), unit: 'MB', gate: 250, atMost: true },
    ];
  } finally {
    await hub.stop();
  }
}

function ratioRow(perSecond: number, inserts: readonly (number | undefined)[]): Row {
  const name = 'whole walk ÷ pgbench single insert (P1)';
  const known = inserts.filter((value) => value !== undefined);
  if (known.length === 0) return { name, unit: '×', skipped: 'pgbench is not installed' };
  const detail = { p1: known.map((value) => round(value, 0)) };
  return { name, value: round(perSecond / median(known), 4), unit: '×', gate: 0.02, detail };
}

async function countsOf(db: pg.Pool): Promise<Record<string, number>> {
  const { rows } = await db.query(
    `SELECT (SELECT count(DISTINCT key)::int FROM event WHERE type = 'shipping.shipment.shipped' AND key IN (
              SELECT id::text FROM sales_order WHERE document ->> 'customerPo' LIKE 'walk-%')) AS shipped,
            (SELECT count(*)::int FROM delivery) AS deliveries, (SELECT count(*)::int FROM event) AS events,
            (SELECT count(*)::int FROM message) AS messages`,
  );
  return rows[0] as Record<string, number>;
}
