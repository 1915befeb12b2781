/**
 * `npm run bench [-- --quick] [--steady] [--only deliveries,intake,walk,shipping,latency,availability,pgboss,snapshot,growth,edi]`: both sides of every row in one run on one
 * PostgreSQL, several rounds in turn, medians. These machines are noisy: only the ratios mean something. Prints a table
 * and one line of JSON. Ends with 1 when a gate is missed; with --steady only
 * when one is missed that does not depend on how busy the machine is.
 */
import { cpus, totalmem } from 'node:os';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFile, rm } from 'node:fs/promises';
import { availabilityRows } from './availability.ts';
import { type Row, median, round } from './bench-row.ts';
import { drainLanes } from './drain-lanes.ts';
import { growthRows } from './growth.ts';
import { type BenchHub, orderToRelease, startBenchHub } from './hub-rows.ts';
import { findPgbench, runPgbench } from './pgbench.ts';
import { type BenchServer, startBenchServer } from './postgres.ts';
import { heldSnapshotRows, pgBossRows } from './queue-rows.ts';
import { intakeAsOneStatement, type SameSql, withConstants } from './same-sql.ts';
import { shippingRows } from './shipping-rows.ts';
import { walkRows } from './walk-row.ts';

const quick = process.argv.includes('--quick');
const steadyOnly = process.argv.includes('--steady');
const onlyAt = process.argv.indexOf('--only');
const only = onlyAt < 0 ? undefined : process.argv[onlyAt + 1]?.split(',');
const wanted = (name: string): boolean => only === undefined || only.includes(name);

/** `--sizes 1000000,10000000`: deliveries in the ledgers of the growth rows. */
const sizesAt = process.argv.indexOf('--sizes');
const sizesAsked = sizesAt < 0 ? undefined : process.argv[sizesAt + 1]?.split(',').map(Number);

const rounds = quick ? 2 : 5;
const seconds = quick ? 3 : 8;
const clients = 64;

async function deliveries(server: BenchServer): Promise<Row[]> {
  const count = quick ? 30_000 : 100_000;
  const reference = await import('./graphile-reference.ts').catch(() => undefined);
  const ours: number[] = [];
  const theirs: number[] = [];
  let commits = 0;
  for (let n = 0; n < rounds; n++) {
    if (reference !== undefined) {
      theirs.push(await reference.drainGraphile(await server.createDatabase(`graphile_${n}`), count));
      await server.dropDatabase(`graphile_${n}`);
    }
    const drained = await drainLanes(await server.createHubDatabase(`lanes_${n}`), count);
    ours.push(drained.perSecond);
    commits = drained.commitsPerDelivery;
    await server.dropDatabase(`lanes_${n}`);
  }
  const detail = {
    deliveriesPerSecond: ours.map((v) => round(v, 0)),
    graphilePerSecond: theirs.map((v) => round(v, 0)),
    commitsPerDelivery: round(commits, 4),
  };
  const name = 'deliveries, ordered and audited ÷ graphile-worker tuned';
  if (reference === undefined) return [{ name, unit: '×', skipped: 'graphile-worker is not installed', detail }];
  // Each round's two sides ran next to each other: their ratio is what the machine's other work disturbs least.
  const ratios = ours.map((value, index) => value / (theirs[index] ?? Number.NaN));
  return [{ name, value: round(median(ratios)), unit: '×', gate: 2, detail }];
}

const singleInsert = 'INSERT INTO single (body) VALUES (:body::jsonb);\n';

const emptyFigures = (): Record<'orders' | 'p1' | 'p2' | 'p1Sent' | 'p2Constant', number[]> => ({
  orders: [],
  p1: [],
  p2: [],
  p1Sent: [],
  p2Constant: [],
});

async function intake(server: BenchServer): Promise<Row[]> {
  const pgbench = findPgbench();
  const hub = await startBenchHub(server, 'intake');
  try {
    // What follows an order is measured by the rows of the walk; here its delivery waits in its lane.
    await hub.load({ connections: 1, seconds: 1, name: 'first' });
    await hub.drained(60_000);
    await hub.pause('flow.process-order');
    await hub.load({ connections: 1, seconds: 0.1, name: 'sample' });
    const { rows } = await hub.db.query<{ id: string; size: number }>(
      `SELECT id, (SELECT byte_size::int FROM message WHERE channel = 'api' LIMIT 1) AS size FROM sales_order
       WHERE id::text IN (SELECT key FROM delivery_now WHERE state = 'queued' AND destination = 'flow.process-order') LIMIT 1`,
    );
    await hub.db.query('CREATE TABLE single (id uuid PRIMARY KEY DEFAULT uuidv7(), body jsonb NOT NULL)');
    const sameSql = await intakeAsOneStatement(hub.db, rows[0]?.id ?? '');
    const { rows: bodies } = await hub.db.query<{ body: string }>(
      `SELECT convert_from(body, 'UTF8') AS body FROM message WHERE channel = 'api' LIMIT 1`,
    );
    const p1 = { script: singleInsert, variables: { body: bodies[0]?.body ?? '' } };
    const figures = emptyFigures();
    const loads: unknown[] = [];
    const url = server.superuserUrl('intake');
    const asApp = new URL(url);
    asApp.searchParams.set('options', '-c role=crossdock_app -c crossdock.tenant=main');
    for (let n = 0; n < rounds; n++) {
      if (pgbench !== undefined) {
        const measure = (sql: SameSql, as: string): number =>
          runPgbench({ ...sql, program: pgbench, url: as, clients, seconds });
        // P1 is the harder one of its two: its document is a constant, read once. The hub's statements read theirs in
        // every execution, and so does P2. The other two are there to see what that makes.
        figures.p1.push(measure(withConstants(p1), url));
        figures.p1Sent.push(measure(p1, url));
        figures.p2.push(measure(sameSql, asApp.href));
        figures.p2Constant.push(measure(withConstants(sameSql), asApp.href));
      }
      const load = await hub.load({ connections: clients, seconds, name: `round-${n}` });
      if (Object.keys(load.failures).length > 0) throw new Error(`intake failed: ${JSON.stringify(load.failures)}`);
      figures.orders.push(load.perSecond);
      loads.push({ perSecond: round(load.perSecond, 0), p50Ms: round(load.p50Ms), p99Ms: round(load.p99Ms) });
    }
    const detail = {
      rounds: loads,
      ...Object.fromEntries(Object.entries(figures).map(([name, values]) => [name, values.map((v) => round(v, 0))])),
      requestBytes: rows[0]?.size,
    };
    const commitsPerOrder = await commitsOf(hub);
    const ratio = (name: string, gate: number, reference: readonly number[]): Row =>
      pgbench === undefined
        ? { name, unit: '×', skipped: 'pgbench is not installed' }
        : {
            name,
            value: round(median(figures.orders.map((v, i) => v / (reference[i] ?? Number.NaN)))),
            unit: '×',
            gate,
          };
    return [
      { name: 'intake POST /v1/orders, 64 clients', value: round(median(figures.orders), 0), unit: 'orders/s', detail },
      ratio('intake ÷ pgbench single insert (P1)', 0.55, figures.p1),
      ratio('intake ÷ pgbench with the same rows (P2)', 0.9, figures.p2),
      commitsPerOrder,
      {
        name: 'hub RSS at saturated intake',
        value: round(await hub.peakRssMb(), 0),
        unit: 'MB',
        gate: 250,
        atMost: true,
      },
    ];
  } finally {
    await hub.stop();
  }
}

/** Counted over a load of its own, in which pgbench commits nothing. */
async function commitsOf(hub: BenchHub): Promise<Row> {
  const before = await hub.commits();
  const load = await hub.load({ connections: clients, seconds: Math.min(seconds, 5), name: 'commits' });
  const after = await hub.commits();
  return {
    name: 'commits per order, intake at 64 clients',
    value: round((after - before) / load.orders, 3),
    unit: '',
    gate: 0.3,
    atMost: true,
    steady: true,
  };
}

async function latency(server: BenchServer): Promise<Row[]> {
  const traceFile = join(tmpdir(), `crossdock-bench-trace-${process.pid}.json`);
  const hub = await startBenchHub(server, 'latency', traceFile);
  try {
    await hub.load({ connections: 4, seconds: 2, name: 'warm', perSecond: 10 });
    await hub.drained(60_000);
    await hub.db.query('ANALYZE');
    const since = new Date();
    const load = await hub.load({ connections: 16, seconds: seconds * 2, name: 'paced', perSecond: 20 });
    await hub.drained(120_000);
    const release = await orderToRelease(hub.db, since);
    const parts = await breakdown(hub, traceFile);
    return [
      {
        name: 'receipt at 20 orders/s, p50',
        value: round(load.p50Ms),
        unit: 'ms',
        detail: { p99Ms: round(load.p99Ms) },
      },
      {
        name: 'order to release at 20 orders/s, p50',
        value: round(release.p50Ms, 0),
        unit: 'ms',
        detail: { orders: release.orders },
      },
      { name: 'order to release at 20 orders/s, p99', value: round(release.p99Ms, 0), unit: 'ms' },
      {
        name: 'where the time of an intake goes, 64 clients',
        value: round(parts.perOrderUs, 0),
        unit: 'µs/order',
        detail: parts,
      },
    ];
  } finally {
    await hub.stop();
    await rm(traceFile, { force: true });
  }
}

interface Traced {
  [kind: string]: { count: number; ms: number };
}

/**
 * Where an order's time goes at saturation: requests that stop after HTTP, after validation, and whole ones; and for
 * these what the pool waited for, per transaction and per order.
 */
async function breakdown(hub: BenchHub, traceFile: string) {
  const { run } = hub;
  const trace = async (): Promise<Traced> => {
    process.kill(run.hub.pid, 'SIGUSR2');
    await new Promise((resolve) => setTimeout(resolve, 300));
    return JSON.parse(await readFile(traceFile, 'utf8')) as Traced;
  };
  await hub.pause('flow.process-order');
  const http = await hub.load({
    connections: clients,
    seconds: Math.min(seconds, 4),
    name: 'http',
    path: '/livez',
    method: 'GET',
  });
  const invalid = await hub.load({
    connections: clients,
    seconds: Math.min(seconds, 4),
    name: 'invalid',
    invalid: true,
  });
  const before = await trace();
  const whole = await hub.load({ connections: clients, seconds: Math.min(seconds, 4), name: 'whole' });
  const after = await trace();
  const spent = (kind: string): { ms: number; count: number } => ({
    ms: (after[`crossdock ${kind}`]?.ms ?? 0) - (before[`crossdock ${kind}`]?.ms ?? 0),
    count: (after[`crossdock ${kind}`]?.count ?? 0) - (before[`crossdock ${kind}`]?.count ?? 0),
  });
  const us = (perSecond: number): number => round(1e6 / perSecond, 0);
  const transactions = spent('commit').count;
  const each = (kind: string): number => round(spent(kind).ms / Math.max(1, transactions));
  return {
    perOrderUs: us(whole.perSecond),
    httpUs: us(http.perSecond),
    authenticateAndValidateUs: us(invalid.perSecond) - us(http.perSecond),
    queueSqlAndCommitUs: us(whole.perSecond) - us(invalid.perSecond),
    ordersPerTransaction: round(whole.orders / Math.max(1, transactions), 1),
    perTransactionMs: { begin: each('begin'), sql: each('sql'), commit: each('commit') },
    requestP50Ms: round(whole.p50Ms),
    waitForATransactionP50Ms: round(Math.max(0, whole.p50Ms - each('begin') - each('sql') - each('commit'))),
  };
}

async function edi(): Promise<Row[]> {
  const { ediRows } = await import('./edi.ts');
  return ediRows(quick);
}

function print(rows: readonly Row[]): boolean {
  let good = true;
  for (const row of rows) {
    const missed =
      row.gate !== undefined &&
      row.value !== undefined &&
      !(row.atMost === true ? row.value <= row.gate : row.value >= row.gate);
    if (missed && (row.steady === true || !steadyOnly)) good = false;
    const gate =
      row.gate === undefined ? '' : `${row.atMost === true ? '≤' : '≥'} ${row.gate} ${missed ? 'MISSED' : 'ok'}`;
    const value = row.skipped === undefined ? `${row.value} ${row.unit}` : `skipped: ${row.skipped}`;
    console.log(`${row.name.padEnd(58)} ${value.padStart(18)}   ${gate}`);
  }
  return good;
}

const server = await startBenchServer();
try {
  const rows: Row[] = [];
  const groups: [string, () => Promise<Row[]>][] = [
    ['deliveries', () => deliveries(server)],
    ['intake', () => intake(server)],
    ['walk', () => walkRows(server, clients, seconds)],
    ['shipping', () => shippingRows({ server, rounds, seconds, connections: clients })],
    ['latency', () => latency(server)],
    ['availability', () => availabilityRows({ server, rounds, seconds, connections: clients })],
    ['pgboss', () => pgBossRows(server, rounds, quick ? 30_000 : 100_000)],
    [
      'snapshot',
      () => heldSnapshotRows(server, { rounds: Math.min(rounds, 3), count: 30_000, heldSeconds: quick ? 8 : 40 }),
    ],
    [
      'growth',
      () =>
        growthRows({
          server,
          rounds: Math.min(rounds, 3),
          seconds: Math.min(seconds, 4),
          connections: clients,
          small: 10_000,
          sizes: sizesAsked ?? (quick ? [200_000] : [1_000_000, 10_000_000]),
        }),
    ],
    ['edi', edi],
  ];
  for (const [name, measure] of groups) {
    if (!wanted(name)) continue;
    rows.push(
      ...(await measure().catch((error: Error): Row[] => [{ name, unit: '', skipped: `failed: ${error.message}` }])),
    );
  }
  const good = print(rows);
  const machine = {
    cores: cpus().length,
    memoryGb: round(totalmem() / 1e9, 0),
    node: process.version,
    ...(await server.describe()),
  };
  console.log(JSON.stringify({ quick, machine, rows }));
  process.exitCode = good && !rows.some((row) => row.skipped?.startsWith('failed')) ? 0 : 1;
} finally {
  await server.stop();
}
