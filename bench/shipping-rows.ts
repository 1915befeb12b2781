import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type Row, median, round } from './bench-row.ts';
import { type BenchHub, runLoad, startBenchHub } from './hub-rows.ts';
import type { LoadOptions, LoadResult } from './load-client.ts';
import type { BenchServer } from './postgres.ts';
import { processorTime, serverTime } from './processor-time.ts';

const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A program that says its address first. In a session of its own, as the hub is: the kernel shares out by session. */
async function startProgram(name: string, ...args: string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [program(name), ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(String(chunk).trim()));
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });
  return { child, url };
}

/** One side: takes orders by HTTP and delivers each to the sink. */
interface Side {
  /** What its owner would set for such a load; what it ships to is known by then. */
  tune(): Promise<void>;
  load(options: Omit<LoadOptions, 'url' | 'adminKey'>): Promise<LoadResult>;
  /** Orders that are not delivered yet, or of which that is not on record. */
  open(): Promise<number>;
  stop(): Promise<void>;
  /** Its own process; the server's are the same for both. */
  readonly pid: number;
}

/** What a round of shipping came to. */
interface Shipped {
  perSecond: number;
  /** Processor time per order of the side's process and of PostgreSQL: what a busy machine disturbs least. */
  processorUs: number;
}

/**
 * The hub with all that it does to an order before it goes out (credit, stock, events, audit), one HTTP delivery each: the
 * ERP is the sink, and what would follow its answer waits.
 */
async function startHubSide(server: BenchServer, sink: string): Promise<Side> {
  const hub: BenchHub = await startBenchHub(server, 'shipping', undefined, {
    urls: (urls) => ({ ...urls, erp: sink }),
  });
  await hub.pause('flow.release-order').catch(async () => {
    // A flow is known once something was enqueued for it.
    await hub.load({ connections: 1, seconds: 0.5, name: 'first', perSecond: 2 });
    await hub.pause('flow.release-order');
  });
  return {
    tune: () => hub.allowCalls('erp', 64),
    load: hub.load,
    async open() {
      const { rows } = await hub.db.query(
        'SELECT count(*)::int AS n FROM sales_order_state WHERE erp_order_no IS NULL',
      );
      return rows[0].n as number;
    },
    stop: hub.stop,
    pid: hub.run.hub.pid,
  };
}

async function startReferenceSide(server: BenchServer, sink: string): Promise<Side> {
  const url = await server.createDatabase('shipping_reference');
  const adminKey = 'shipping-reference-key';
  const { child, url: address } = await startProgram('./graphile-hub.ts', JSON.stringify({ url, adminKey, sink }));
  const db = new pg.Pool({ connectionString: url, max: 1 });
  db.on('error', () => {});
  return {
    // It starts tuned.
    tune: async () => {},
    pid: child.pid ?? 0,
    load: (options) => runLoad({ ...options, url: address, adminKey }),
    async open() {
      const { rows } = await db.query('SELECT count(*)::int AS n FROM orders WHERE shipped_at IS NULL');
      return rows[0].n as number;
    },
    async stop() {
      child.kill('SIGKILL');
      await db.end();
      await server.dropDatabase('shipping_reference');
    },
  };
}

/** From the first request until the last order is delivered and that is on record. */
async function shipAll(
  side: Side,
  postmaster: number,
  options: { connections: number; seconds: number; name: string },
): Promise<Shipped> {
  const spentMs = async (): Promise<number> =>
    (await processorTime(side.pid)).allMs + (await serverTime(postmaster)).serverMs;
  const beforeMs = await spentMs();
  const startedMs = performance.now();
  const load = await side.load(options);
  if (Object.keys(load.failures).length > 0) throw new Error(`orders failed: ${JSON.stringify(load.failures)}`);
  await allShipped(side);
  const seconds = (performance.now() - startedMs) / 1000;
  return {
    perSecond: load.orders / seconds,
    processorUs: (((await spentMs()) - beforeMs) * 1000) / load.orders,
  };
}

/**
 * Orders of two lines that come by HTTP, are validated and committed, and go out by HTTP to a sink: the hub against Fastify,
 * a transaction and tuned graphile-worker. And how long the sender waits for his 201 at 200 orders a second.
 */
export async function shippingRows(options: {
  server: BenchServer;
  rounds: number;
  seconds: number;
  connections: number;
}): Promise<Row[]> {
  const { server, connections } = options;
  const rounds = Math.min(options.rounds, 3);
  const seconds = Math.min(options.seconds, 4);
  await using ending = new AsyncDisposableStack();
  const sink = await startProgram('./http-sink.ts');
  ending.defer(() => void sink.child.kill('SIGKILL'));
  const reference = await startReferenceSide(server, sink.url);
  ending.defer(() => reference.stop());
  const hub = await startHubSide(server, sink.url);
  ending.defer(() => hub.stop());
  // Both have compiled what they run before the first round.
  const postmaster = await server.postmaster();
  for (const side of [hub, reference]) {
    await shipAll(side, postmaster, { connections: 16, seconds: 3, name: 'warm' });
  }
  await hub.tune();
  const shipped = { hub: [] as Shipped[], reference: [] as Shipped[] };
  const receipts = { hub: [] as LoadResult[], reference: [] as LoadResult[] };
  for (let n = 0; n < rounds; n++) {
    for (const [name, side] of Object.entries({ hub, reference }) as ['hub' | 'reference', Side][]) {
      shipped[name].push(await shipAll(side, postmaster, { connections, seconds, name: `ship-${n}` }));
      const paced = { connections: 32, seconds: seconds * 2, perSecond: 200, name: `paced-${n}` };
      receipts[name].push(await side.load(paced));
      await allShipped(side);
    }
  }
  return rowsOf(shipped, receipts);
}

/**
 * Waits until every order that was taken in is delivered and on record. Asked all the time, the question, which reads all
 * orders, was a tenth of the server's work: it is asked again when what is open could be gone at ten orders a millisecond.
 */
async function allShipped(side: Side): Promise<void> {
  const deadline = performance.now() + 600_000;
  for (let open = await side.open(); open > 0; open = await side.open()) {
    if (performance.now() > deadline) throw new Error('orders were not shipped');
    await new Promise((resolve) => setTimeout(resolve, Math.max(20, open / 10)));
  }
}

type Both<T> = { hub: T[]; reference: T[] };

function rowsOf(shipped: Both<Shipped>, receipts: Both<LoadResult>): Row[] {
  // Each round's two sides ran next to each other: their ratio is what the machine's other work disturbs least.
  const ratio = <T>(both: Both<T>, of: (one: T) => number): number =>
    round(median(both.hub.map((one, n) => of(one) / of(both.reference[n] as T))));
  const rounded = (values: readonly number[]): number[] => values.map((value) => round(value));
  const latencies = (of: (one: LoadResult) => number) => ({
    hubMs: rounded(receipts.hub.map(of)),
    referenceMs: rounded(receipts.reference.map(of)),
  });
  return [
    {
      name: 'orders shipped over HTTP ÷ Fastify + graphile-worker tuned',
      value: ratio(shipped, (one) => one.perSecond),
      unit: '×',
      gate: 3,
      detail: {
        hubPerSecond: rounded(shipped.hub.map((one) => one.perSecond)),
        referencePerSecond: rounded(shipped.reference.map((one) => one.perSecond)),
        hubProcessorUs: rounded(shipped.hub.map((one) => one.processorUs)),
        referenceProcessorUs: rounded(shipped.reference.map((one) => one.processorUs)),
      },
    },
    {
      name: 'receipt p50 at 200 orders/s ÷ the same',
      value: ratio(receipts, (one) => one.p50Ms),
      unit: '×',
      gate: 0.7,
      atMost: true,
      detail: latencies((one) => one.p50Ms),
    },
    {
      name: 'receipt p99 at 200 orders/s ÷ the same',
      value: ratio(receipts, (one) => one.p99Ms),
      unit: '×',
      gate: 0.5,
      atMost: true,
      detail: latencies((one) => one.p99Ms),
    },
  ];
}
