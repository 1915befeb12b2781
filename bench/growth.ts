import type pg from 'pg';
import { type Row, median, round } from './bench-row.ts';
import { drainSeeded } from './drain-lanes.ts';
import { seedLedger } from './growth-seed.ts';
import { type BenchHub, startBenchHub } from './hub-rows.ts';
import type { BenchServer } from './postgres.ts';

export interface GrowthOptions {
  server: BenchServer;
  rounds: number;
  seconds: number;
  connections: number;
  /** Deliveries in the ledger that the others are compared with, and in each of the others. */
  small: number;
  sizes: readonly number[];
}

/** What people ask of the ledger: each with a path made from an order of the past. */
const questions: Readonly<Record<string, (past: Past) => string>> = {
  'delivery by id': (past) => `/v1/deliveries/${past.delivery}`,
  'deliveries of a trace': (past) => `/v1/deliveries?correlationId=${past.correlation}`,
  'deliveries, newest': () => '/v1/deliveries?limit=50',
  'deliveries, queued': () => '/v1/deliveries?state=queued',
  'deliveries, in flight': () => '/v1/deliveries?state=in_flight',
  'deliveries, discarded': () => '/v1/deliveries?state=discarded',
  'deliveries, dead': () => '/v1/deliveries?state=dead',
  'deliveries of a key': (past) => `/v1/deliveries?key=${past.id}`,
  'deliveries of a key, one destination': (past) => `/v1/deliveries?key=${past.id}&destination=${past.destination}`,
  'message by id': (past) => `/v1/messages/${past.message}`,
  'messages of a trace': (past) => `/v1/messages?correlationId=${past.correlation}`,
  'messages, newest': () => '/v1/messages?limit=50',
  'messages, held': () => '/v1/messages?state=held',
  'messages of a partner': () => '/v1/messages?partner=C900',
  'search by PO': (past) => `/v1/search?q=seed-${past.o}`,
  'search by trace': (past) => `/v1/search?q=${past.correlation}`,
  'search by id': (past) => `/v1/search?q=${past.id}`,
  'search, nothing found': () => '/v1/search?q=NO-SUCH-NUMBER',
  'order 360': (past) => `/v1/orders/${past.id}/timeline`,
  'orders, newest': () => '/v1/orders?limit=50',
  'orders by PO': (past) => `/v1/orders?customerPo=seed-${past.o}&customer=C200`,
  'orders of a customer': () => '/v1/orders?customer=C300',
  'orders, open at a milestone': () => '/v1/orders?milestone=received',
  exceptions: () => '/v1/exceptions',
  'control tower': () => '/v1/control-tower',
};

interface Past {
  o: string;
  id: string;
  message: string;
  correlation: string;
  delivery: string;
  destination: string;
}

interface Grown {
  hub: BenchHub;
  deliveries: number;
  gigabytes: number;
  seconds: number;
  past: Past[];
}

/**
 * The same work on ledgers of different sizes, next to each other on one server: intake, claiming and completing
 * deliveries, and what people ask. Ratios of the large to the small one, the sides of a round in turn.
 */
export async function growthRows(options: GrowthOptions): Promise<Row[]> {
  const { server, small, sizes } = options;
  const rows: Row[] = [];
  const base = await grow(server, 'growth_small', small);
  try {
    for (const size of sizes) {
      const grown = await grow(server, `growth_${size}`, size);
      try {
        rows.push(...(await compare(options, base, grown)));
      } finally {
        await grown.hub.stop();
      }
    }
  } finally {
    await base.hub.stop();
  }
  return rows;
}

/** A hub on a database of its own whose ledger holds so many deliveries of the past. */
async function grow(server: BenchServer, name: string, deliveries: number): Promise<Grown> {
  const hub = await startBenchHub(server, name);
  try {
    await hub.load({ connections: 1, seconds: 0.5, name: 'pattern' });
    await hub.drained(120_000);
    const { rows: patterns } = await hub.db.query<{ id: string }>(
      `SELECT o.id FROM sales_order AS o WHERE o.customer_po LIKE 'pattern-%'
         AND (SELECT count(*) FROM event WHERE key = o.id::text) >= 3 ORDER BY o.id LIMIT 1`,
    );
    // A running hub holds its cursors in memory and would write them back.
    await hub.run.hub.stop();
    const seeded = await seedLedger(hub.db, deliveries, patterns[0]?.id ?? '');
    await hub.run.restart();
    await hub.drained(60_000);
    const { rows: past } = await hub.db.query<Past>(
      `SELECT split_part(o.customer_po, '-', 2) AS o, o.id, o.document ->> 'correlationId' AS correlation,
         (SELECT id FROM message WHERE correlation_id = o.document ->> 'correlationId' LIMIT 1) AS message,
         (SELECT id FROM delivery WHERE correlation_id = o.document ->> 'correlationId' ORDER BY position LIMIT 1) AS delivery,
         (SELECT destination FROM delivery_now WHERE correlation_id = o.document ->> 'correlationId' ORDER BY position LIMIT 1) AS destination
       FROM sales_order AS o WHERE o.customer_po IN (SELECT 'seed-' || (1 + n * ($1::bigint - 1) / 39) FROM generate_series(0, 39) AS n)`,
      [seeded.orders],
    );
    await hub.pause('flow.process-order');
    return { hub, past, deliveries: seeded.deliveries, gigabytes: seeded.gigabytes, seconds: seeded.seconds };
  } catch (error) {
    await hub.stop();
    throw error;
  }
}

async function compare(options: GrowthOptions, base: Grown, grown: Grown): Promise<Row[]> {
  const label = named(grown.deliveries);
  const detail = { gigabytes: round(grown.gigabytes, 1), seededInSeconds: round(grown.seconds, 0) };
  const asked = await ask(base, grown, options.rounds);
  const slowest = asked.toSorted((a, b) => b.ratio - a.ratio);
  const growth = (one: Asked): number => (one.blocks + ownBlocks) / (one.baseBlocks + ownBlocks);
  const blocks = asked.toSorted((a, b) => growth(b) - growth(a));
  const intake = await intakes(options, base, grown);
  const drains = await drained(options, base, grown);
  return [
    {
      name: `intake with ${label} deliveries stored ÷ ${named(base.deliveries)}`,
      value: round(median(intake.map(({ large, small }) => large / small))),
      unit: '×',
      gate: grown.deliveries > 5_000_000 ? 0.65 : 0.9,
      detail: { ...detail, rounds: intake },
    },
    {
      name: `claim and complete with ${label} stored ÷ ${named(base.deliveries)}`,
      value: round(median(drains.map(({ large, small }) => large / small))),
      unit: '×',
      gate: 0.9,
      detail: { rounds: drains },
    },
    {
      name: `median question to the ledger with ${label} ÷ ${named(base.deliveries)}`,
      value: round(median(asked.map(({ ratio }) => ratio))),
      unit: '×',
      gate: 1.1,
      atMost: true,
      detail: { slowest: slowest.slice(0, 5) },
    },
    {
      // What a question reads is what it costs, whatever else the machine does; the hub's own reads are in it.
      name: `blocks read by the question that grew most, ${label} ÷ ${named(base.deliveries)}`,
      value: round(blocks[0] === undefined ? Number.NaN : growth(blocks[0])),
      unit: '×',
      gate: 2,
      atMost: true,
      detail: { questions: blocks.map(({ name, blocks: large, baseBlocks }) => `${name}: ${baseBlocks} → ${large}`) },
    },
  ];
}

const named = (count: number): string =>
  count >= 1_000_000 ? `${count / 1_000_000}M` : `${Math.round(count / 1_000)}k`;

async function intakes(options: GrowthOptions, base: Grown, grown: Grown): Promise<{ large: number; small: number }[]> {
  for (const each of [base, grown]) await load(each, options.connections, 2, 'warm');
  return inTurns(options.rounds, {
    small: (n) => load(base, options.connections, options.seconds, `grow-${n}`),
    large: (n) => load(grown, options.connections, options.seconds, `grow-${n}`),
  });
}

/** Whoever comes second has the autovacuum beside it that the first one caused: each side does in every other round. */
async function inTurns(
  rounds: number,
  sides: Record<'small' | 'large', (n: number) => Promise<number>>,
): Promise<{ large: number; small: number }[]> {
  const results: { large: number; small: number }[] = [];
  for (let n = 0; n < rounds; n++) {
    const result = { large: Number.NaN, small: Number.NaN };
    for (const side of n % 2 === 0 ? (['small', 'large'] as const) : (['large', 'small'] as const)) {
      result[side] = round(await sides[side](n), 0);
    }
    results.push(result);
  }
  return results;
}

async function load(grown: Grown, connections: number, seconds: number, name: string): Promise<number> {
  const result = await grown.hub.load({ connections, seconds, name: `${name}-${grown.deliveries}` });
  if (Object.keys(result.failures).length > 0) throw new Error(`intake failed: ${JSON.stringify(result.failures)}`);
  return result.perSecond;
}

async function drained(options: GrowthOptions, base: Grown, grown: Grown): Promise<{ large: number; small: number }[]> {
  // The hubs' own lanes would share the machine; from here on only the drains use these databases.
  for (const each of [base, grown]) if (each.hub.run.hub.alive) await each.hub.run.hub.stop();
  const results = await inTurns(options.rounds, {
    small: (n) => drainSeeded(base.hub.databaseUrl, 30_000, `growth-${grown.deliveries}-${n}`),
    large: (n) => drainSeeded(grown.hub.databaseUrl, 30_000, `growth-${n}`),
  });
  for (const each of [base, grown]) await each.hub.run.restart();
  return results;
}

interface Asked {
  name: string;
  smallMs: number;
  largeMs: number;
  ratio: number;
  /** Pages of tables and indexes touched per question. */
  baseBlocks: number;
  blocks: number;
}

const askedPerRound = 10;
/** What the hub reads by itself meanwhile varies by about as much: no growth of the question. */
const ownBlocks = 500;

async function ask(base: Grown, grown: Grown, rounds: number): Promise<Asked[]> {
  const answers: Asked[] = [];
  for (const [name, pathOf] of Object.entries(questions)) {
    const times = { small: [] as number[], large: [] as number[] };
    // Caches and plans are warm, as they are in a hub that people use; what is touched is counted meanwhile.
    const baseBlocks = await touchedBy(base, pathOf);
    const blocks = await touchedBy(grown, pathOf);
    for (let n = 0; n < Math.max(3, rounds); n++) {
      times.small.push(...(await askMany(base, pathOf)));
      times.large.push(...(await askMany(grown, pathOf)));
    }
    const [smallMs, largeMs] = [median(times.small), median(times.large)];
    const ratio = round(largeMs / smallMs);
    answers.push({ name, smallMs: round(smallMs), largeMs: round(largeMs), ratio, baseBlocks, blocks });
    if (process.env['BENCH_VERBOSE'] !== undefined) console.error(JSON.stringify(answers.at(-1)));
  }
  return answers;
}

/** Milliseconds of so many questions, each about another order of the past. */
async function askMany({ hub, past }: Grown, pathOf: (past: Past) => string): Promise<number[]> {
  const ms: number[] = [];
  for (let n = 0; n < askedPerRound; n++) {
    const startedMs = performance.now();
    const response = await fetch(`${hub.run.hub.url}${pathOf(past[(n * 7) % past.length]!)}`, {
      headers: { authorization: `Bearer ${hub.run.adminKey}` },
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.url}: ${response.status} ${text.slice(0, 300)}`);
    ms.push(performance.now() - startedMs);
  }
  return ms;
}

/** Pages of tables and indexes per question, without what the hub touches by itself in the same time. */
async function touchedBy(grown: Grown, pathOf: (past: Past) => string): Promise<number> {
  const first = await blocksTouched(grown.hub.db);
  const idleMs = 1_100;
  const idle = ((await blocksTouched(grown.hub.db)) - first) / idleMs;
  const startedMs = performance.now();
  const before = await blocksTouched(grown.hub.db);
  await askMany(grown, pathOf);
  const after = await blocksTouched(grown.hub.db);
  return Math.max(1, round((after - before - idle * (performance.now() - startedMs)) / askedPerRound, 0));
}

async function blocksTouched(db: pg.Pool): Promise<number> {
  // Backends report what they have read when they have been idle for a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const { rows } = await db.query<{ n: string }>(
    'SELECT blks_hit + blks_read AS n FROM pg_stat_database WHERE datname = current_database()',
  );
  return Number(rows[0]?.n);
}
