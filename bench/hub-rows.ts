import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type RidgelineHub, type RidgelineHubOptions, startRidgelineHub } from '../test/faults/ridgeline-hub.ts';
import type { LoadOptions, LoadResult } from './load-client.ts';
import type { BenchServer } from './postgres.ts';

const loadClient = fileURLToPath(new URL('./load-client.ts', import.meta.url));
const tracer = fileURLToPath(new URL('./trace-sql.ts', import.meta.url));

/** By the lanes' cursors and the side table: reading every delivery so often would be most of the server's work. */
const anyOpen = `
  SELECT EXISTS (SELECT FROM delivery_parked WHERE state <> 'gone') OR EXISTS (
    SELECT FROM lane AS l CROSS JOIN LATERAL (
      SELECT 1 FROM delivery AS d
      WHERE d.lane_id = l.lane_id AND d.position > l.cursor_position AND d.state = 'queued' AND NOT d.parked LIMIT 1
    ) AS q) AS open`;

export interface BenchHub {
  readonly run: RidgelineHub;
  readonly db: pg.Pool;
  /** The owner's, as the hub has it. */
  readonly databaseUrl: string;
  load(options: Omit<LoadOptions, 'url' | 'adminKey'>): Promise<LoadResult>;
  pause(destination: string): Promise<void>;
  resume(destination: string): Promise<void>;
  /** Lets so many calls to a connection be under way at once, as its owner would; by default it is 16. */
  allowCalls(destination: string, atOnce: number): Promise<void>;
  /** Waits until every delivery is final. */
  drained(limitMs: number): Promise<void>;
  commits(): Promise<number>;
  /** Highest resident set so far, in MB (10⁶). */
  peakRssMb(): Promise<number>;
  stop(): Promise<void>;
}

type LabUrls = Parameters<NonNullable<RidgelineHubOptions['urls']>>[0];

/** A hub of its own process on a new database of the bench server, Ridgeline, and the lab at zero latency. */
export async function startBenchHub(
  server: BenchServer,
  name: string,
  traceFile?: string,
  more: { env?: Record<string, string>; urls?: (urls: LabUrls) => LabUrls } = {},
): Promise<BenchHub> {
  const databaseUrl = await server.createHubDatabase(name);
  const folder = await mkdtemp(join(tmpdir(), 'crossdock-bench-hub-'));
  const run = await startRidgelineHub({
    folder,
    databaseUrl,
    durable: false,
    idempotency: 'A',
    env: {
      ...(traceFile === undefined ? {} : { NODE_OPTIONS: `--import=${tracer}`, BENCH_TRACE_FILE: traceFile }),
      ...more.env,
    },
    ...(more.urls === undefined ? {} : { urls: async (urls) => more.urls?.(urls) ?? urls }),
  });
  const db = new pg.Pool({ connectionString: server.superuserUrl(name), max: 2 });
  db.on('error', () => {});
  const call = async (
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> => {
    const response = await fetch(`${run.hub.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${run.adminKey}`,
        'content-type': 'application/json',
        'idempotency-key': `bench-${performance.now()}`,
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  return {
    run,
    db,
    databaseUrl,
    load: (options) => runLoad({ ...options, url: run.hub.url, adminKey: run.adminKey }),
    async pause(destination) {
      await call('POST', `/v1/destinations/${destination}/pause`, { reason: 'benchmark' });
    },
    async resume(destination) {
      await call('POST', `/v1/destinations/${destination}/resume`, { reason: 'benchmark' });
    },
    async allowCalls(destination, atOnce) {
      const path = `/v1/destinations/${destination}`;
      const etag = (await call('GET', path)).headers.get('etag') ?? '';
      await call('PATCH', path, { concurrency: atOnce, reason: 'benchmark' }, { 'if-match': etag });
    },
    async drained(limitMs) {
      const deadline = performance.now() + limitMs;
      for (let quiet = 0; quiet < 3; ) {
        const { rows } = await db.query(anyOpen);
        quiet = rows[0].open ? 0 : quiet + 1;
        if (performance.now() > deadline) throw new Error('deliveries were left open');
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
    async commits() {
      // Backends report their counters when they have been idle for a second.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const { rows } = await db.query(
        'SELECT xact_commit::int AS n FROM pg_stat_database WHERE datname = current_database()',
      );
      return rows[0].n as number;
    },
    async peakRssMb() {
      const status = await readFile(`/proc/${run.hub.pid}/status`, 'utf8').catch(() => '');
      return (Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) * 1024) / 1e6;
    },
    async stop() {
      if (!run.hub.alive) {
        const log = await readFile(join(folder, 'hub.log'), 'utf8').catch(() => '');
        console.error(`the hub has died; the end of its log:\n${log.slice(-3_000)}`);
      }
      await db.end();
      await run.stop();
      await server.dropDatabase(name);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Orders from a process of its own. */
export function runLoad(options: LoadOptions): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [loadClient, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += String(chunk)));
    child.once('exit', (code) => {
      if (code === 0) resolve(JSON.parse(text) as LoadResult);
      else reject(new Error(`the load client ended with ${code}`));
    });
  });
}

/** Seconds from an order's reception to its release to the warehouse, by the events of each order. */
export async function orderToRelease(
  db: pg.Pool,
  since: Date,
): Promise<{ orders: number; p50Ms: number; p99Ms: number }> {
  const { rows } = await db.query(
    `SELECT count(*)::int AS orders,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS p50, percentile_cont(0.99) WITHIN GROUP (ORDER BY ms) AS p99
     FROM (
       SELECT extract(epoch FROM min(released.recorded_at) - min(received.recorded_at)) * 1000 AS ms
       FROM event AS received JOIN event AS released ON released.key = received.key AND released.type = 'fulfillment.order.released'
       WHERE received.type = 'sales.order.received' AND received.recorded_at >= $1
       GROUP BY received.key
     ) AS orders`,
    [since],
  );
  return { orders: rows[0].orders, p50Ms: Number(rows[0].p50), p99Ms: Number(rows[0].p99) };
}
