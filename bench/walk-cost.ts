/**
 * `node bench/walk-cost.ts [--orders N] [--per-second N] [--hub-options=…] [--statements N]`: what one order costs on its
 * whole walk, in processor time of the hub, of PostgreSQL and of the lab, and what of it is done how often. Unlike the
 * walk's throughput this hardly depends on what else the machine does. Prints tables and one line of JSON.
 */
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { round } from './bench-row.ts';
import { type BenchHub, orderToRelease, startBenchHub } from './hub-rows.ts';
import { type BenchServer, startBenchServer } from './postgres.ts';
import { childrenOf, processorTime } from './processor-time.ts';
import { type Cast, castOf, labTime } from './walk-row.ts';

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '1500' },
    'per-second': { type: 'string' },
    'hub-options': { type: 'string', default: '' },
    statements: { type: 'string', default: '45' },
  },
});
const orders = Number(values.orders);
const perSecond = values['per-second'] === undefined ? undefined : Number(values['per-second']);

/** Processor time in ms by who spent it. */
type Spent = Record<string, number>;

async function spentSoFar(cast: Cast, db: pg.Pool): Promise<Spent> {
  const own = await processorTime(cast.hub);
  const spent: Spent = {
    hubMain: own.mainMs,
    hubMainSystem: own.mainSystemMs,
    hubOther: own.allMs - own.mainMs,
    lab: await labTime(cast),
  };
  const { rows } = await db.query<{ pid: number; name: string }>(
    `SELECT pid, CASE WHEN backend_type = 'client backend' THEN application_name ELSE backend_type END AS name FROM pg_stat_activity`,
  );
  const names = new Map(rows.map((row) => [row.pid, row.name]));
  const postmaster = await processorTime(cast.postmaster);
  let server = postmaster.allMs + postmaster.childrenMs;
  // Autovacuum's workers have ended when this is asked: their time is their parent's by then.
  spent['server: ended processes'] = postmaster.childrenMs;
  for (const pid of await childrenOf(cast.postmaster)) {
    const { allMs } = await processorTime(pid);
    server += allMs;
    const name = `server: ${names.get(pid) || 'other'}`;
    spent[name] = (spent[name] ?? 0) + allMs;
  }
  return { ...spent, server };
}

/** A statement's share, over all orders. */
interface Statement {
  calls: number;
  rows: number;
  ms: number;
  text: string;
}

async function statementsOf(db: pg.Pool): Promise<Statement[]> {
  const { rows } = await db.query<Statement>(
    `SELECT sum(calls)::float8 AS calls, sum(rows)::float8 AS rows, sum(total_exec_time + total_plan_time)::float8 AS ms,
            left(regexp_replace(query, '\\s+', ' ', 'g'), 130) AS text
     FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
     GROUP BY 4 ORDER BY 3 DESC`,
  );
  return rows;
}

function printStatements(statements: readonly Statement[], orderCount: number): void {
  for (const { calls, rows, ms, text } of statements.slice(0, Number(values.statements))) {
    const cost = `${round((ms * 1000) / orderCount, 0)} µs/order`.padStart(15);
    const often = String(round(calls / orderCount, 3)).padStart(7);
    console.log(`${cost} ${often} calls ${String(round(rows / orderCount)).padStart(7)} rows  ${text}`);
  }
}

const tables = ['delivery', 'event', 'message', 'attempt', 'attempt_batch', 'document'];

async function sizesOf(db: pg.Pool): Promise<number[]> {
  const sizes: number[] = [];
  for (const table of tables) sizes.push(Number((await db.query(`SELECT count(*) AS n FROM ${table}`)).rows[0].n));
  return sizes;
}

const kinds: Record<string, string> = {
  deliveries: `SELECT l.destination AS name, count(*)::int AS n FROM delivery AS d JOIN lane AS l USING (lane_id) GROUP BY 1 ORDER BY 2 DESC`,
  events: 'SELECT type AS name, count(*)::int AS n FROM event GROUP BY 1 ORDER BY 2 DESC',
  messages: `SELECT direction || ' ' || coalesce(channel, '') AS name, count(*)::int AS n FROM message GROUP BY 1 ORDER BY 2 DESC`,
};

async function printKinds(db: pg.Pool): Promise<void> {
  const { rows } = await db.query<{ n: number }>('SELECT count(*)::int AS n FROM sales_order');
  const all = rows[0]?.n ?? 1;
  for (const [what, sql] of Object.entries(kinds)) {
    const counted = (await db.query<{ name: string; n: number }>(sql)).rows;
    console.log(`${what} per order: ${counted.map(({ name, n }) => `${name} ${round(n / all)}`).join(', ')}`);
  }
}

/** Loads the hub, waits until it has worked everything off, and tells what each order cost. */
async function measure(hub: BenchHub, server: BenchServer): Promise<void> {
  const { db } = hub;
  await hub.load({ connections: 8, seconds: 3, name: 'warm', perSecond: 150 });
  await hub.drained(120_000);
  await db.query('ANALYZE');
  if (perSecond === undefined) for (const system of ['erp', 'wms-dc1', 'carrier']) await hub.allowCalls(system, 64);
  const cast = await castOf(hub, server);
  const sizesBefore = await sizesOf(db);
  const commitsBefore = await hub.commits();
  await db.query('SELECT pg_stat_statements_reset()');
  const since = new Date();
  const before = await spentSoFar(cast, db);
  const startedMs = performance.now();
  const rate = perSecond ?? 400;
  const paced = { connections: perSecond === undefined ? 64 : 16, seconds: orders / rate, perSecond: rate };
  const load = await hub.load({ ...paced, name: 'cost' });
  await hub.drained(600_000);
  const seconds = (performance.now() - startedMs) / 1000;
  const after = await spentSoFar(cast, db);
  const statements = await statementsOf(db);
  const commits = (await hub.commits()) - commitsBefore;
  const sizesAfter = await sizesOf(db);
  const perOrder = (value: number, digits = 2): number => round(value / load.orders, digits);
  const us = (name: string): number => perOrder(((after[name] ?? 0) - (before[name] ?? 0)) * 1000, 0);
  printStatements(statements, load.orders);
  await printKinds(db);
  const figures = {
    orders: load.orders,
    seconds: round(seconds, 1),
    ordersPerSecond: round(load.orders / seconds, 1),
    allUs: us('hubMain') + us('hubOther') + us('server') + us('lab'),
    us: Object.fromEntries(Object.keys(after).map((name) => [name, us(name)])),
    commits: perOrder(commits),
    statements: perOrder(statements.reduce((sum, one) => sum + one.calls, 0)),
    rows: Object.fromEntries(
      tables.map((table, index) => [table, perOrder((sizesAfter[index] ?? 0) - (sizesBefore[index] ?? 0))]),
    ),
    rssMb: round(await hub.peakRssMb(), 0),
    release: await orderToRelease(db, since),
  };
  console.log(JSON.stringify(figures));
}

async function run(server: BenchServer): Promise<void> {
  const options = values['hub-options'];
  const hub = await startBenchHub(server, 'cost', undefined, options === '' ? {} : { env: { NODE_OPTIONS: options } });
  try {
    await hub.db.query('CREATE EXTENSION pg_stat_statements');
    await measure(hub, server);
  } finally {
    await hub.stop();
  }
}

const server = await startBenchServer({
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'all',
});
try {
  await run(server);
} finally {
  await server.stop();
}
