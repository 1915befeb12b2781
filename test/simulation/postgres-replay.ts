import { HubError } from '../../src/platform/index.ts';
import type {
  Deliverer,
  DeliveryRow,
  DeliveryState,
  FlowRunner,
  LookupResult,
  NewDelivery,
  Outcome,
  Prepared,
  Queue,
} from '../../src/queue/index.ts';
import { type Freezable, freezable, tenantId, testQueue } from '../faults/scripted-queue.ts';
import type { TestDatabase } from '../harness/index.ts';
import type { AttemptRecord } from './ledger.ts';
import type { Plan, PlannedDelivery } from './plan.ts';
import type { SimulationResult } from './simulate.ts';
import type { TimelineEntry } from './world.ts';

export interface Replayed {
  /** By position: what the ledger on PostgreSQL says in the end. */
  readonly rows: readonly { name: string; state: string; attempts: number }[];
  /** First successes by key, in their order. */
  readonly order: readonly string[];
  readonly disagreements: readonly string[];
  /** Workers that were killed with sends under way. */
  readonly deaths: number;
}

const quickRetry = { baseMs: 2, factor: 2, maxMs: 10, maxAttempts: 5 };
/** When a breaker opens depends on the moment. */
const neverOpens = { consecutiveFailures: 10_000, minimumCalls: 100_000 };
/** So long nothing moves on a machine of any load, unless nothing is going to. */
const stuckAfterMs = 20_000;

/**
 * Repeats a simulated run with the real engine: the same deliveries and decisions by hand in the order of their commits,
 * and for each attempt the answer that it had there. Where the simulated worker had died, the send hangs until nothing
 * else moves; then that worker is cut off from the database for good, and another one takes over.
 */
export async function replayOnPostgres(db: TestDatabase, plan: Plan, result: SimulationResult): Promise<Replayed> {
  const scripts = scriptsOf(result);
  const outside = scriptedOutside(scripts, plansOf(plan));
  const stage = createStage(db, outside);
  await db.app.tx(tenantId, (tx) =>
    stage.queue.destinations.ensure(
      tx,
      plan.destinations.map(({ name, lanes, concurrency }) => ({
        name,
        lanes,
        concurrency,
        retry: quickRetry,
        breaker: neverOpens,
      })),
    ),
  );
  await stage.queue.start();
  const ids = new Map<string, string>();
  for (const entry of result.timeline) await repeat(db, stage, outside, entry, ids);
  await stage.until(
    async () => (await openCount(db)) === 0,
    () => `rest: ${JSON.stringify(outside.left())}`,
  );
  const rows = await readRows(db);
  // Those that were cut off come back at last: they must change nothing.
  await stage.end();
  const after = await readRows(db);
  if (JSON.stringify(after) !== JSON.stringify(rows)) outside.disagreements.push('a zombie has changed the ledger');
  for (const [name, count] of outside.left()) outside.disagreements.push(`${name}: ${count} attempts were not made`);
  return { rows, order: outside.order, disagreements: outside.disagreements, deaths: stage.deaths };
}

/** The attempts on record of each delivery, oldest first. */
function scriptsOf(result: SimulationResult): Map<string, AttemptRecord[]> {
  const names = new Map(result.rows.map((row) => [row.position, row.name]));
  return Map.groupBy(result.attempts, (attempt) => names.get(attempt.position) ?? '');
}

function plansOf(plan: Plan): Map<string, PlannedDelivery> {
  const plans = plan.submissions.flatMap((submission) => submission.deliveries);
  return new Map(plans.map((delivery) => [delivery.name, delivery]));
}

type Outside = ReturnType<typeof scriptedOutside>;

/** Peers and flows that answer by the script. */
function scriptedOutside(scripts: ReadonlyMap<string, AttemptRecord[]>, plans: ReadonlyMap<string, PlannedDelivery>) {
  const made = new Map<string, number>();
  const order: string[] = [];
  const disagreements: string[] = [];
  const hanging: (() => void)[] = [];
  let movedAtMs = performance.now();

  const madeOf = (name: string): number => made.get(name) ?? 0;
  const next = (name: string): AttemptRecord | undefined => scripts.get(name)?.[madeOf(name)];
  function advance(name: string): void {
    made.set(name, madeOf(name) + 1);
    movedAtMs = performance.now();
  }
  function succeeded(row: DeliveryRow): void {
    const name = row.correlationId;
    if (!order.includes(name)) order.push(name);
    movedAtMs = performance.now();
  }

  /** A failure of the hub's own: with others in the batch it only breaks the batch up. */
  function failByScript(batch: readonly DeliveryRow[]): void {
    const failing = batch.find((row) => next(row.correlationId)?.origin === 'own');
    if (failing === undefined) return;
    const answer = next(failing.correlationId)?.answer as Outcome;
    if (batch.length === 1) advance(failing.correlationId);
    if (answer.kind !== 'rejected') throw new HubError('INTERNAL', { message: 'it fails by itself' });
    throw new HubError(answer.class === 'business' ? 'ACTION_NOT_ALLOWED' : 'VALIDATION_FAILED');
  }

  const flows: FlowRunner = {
    async run(tx, _tenantId, _flow, batch) {
      failByScript(batch);
      tx.afterCommit(() => batch.forEach(succeeded));
    },
  };
  const deliverer: Deliverer = {
    async prepare(_tx, _tenantId, batch) {
      movedAtMs = performance.now();
      failByScript(batch);
      return new Map(batch.map((row) => [row.id, preparedOf(row, plans.get(row.correlationId)?.notNeeded ?? false)]));
    },
    async send(prepared) {
      const row = prepared.body as DeliveryRow;
      const attempt = next(row.correlationId);
      if (attempt?.kind !== 'send') {
        disagreements.push(`${row.correlationId} is sent, and the script says ${JSON.stringify(attempt)}`);
        return { kind: 'confirmed', outsideId: 'unscripted' };
      }
      if (attempt.origin === 'recovered') {
        await new Promise<void>((resolve) => hanging.push(resolve));
        return { kind: 'unknown', detail: 'the worker was dead by then' };
      }
      advance(row.correlationId);
      return sooner(attempt.answer as Outcome);
    },
    async lookup(prepared) {
      const row = prepared.body as DeliveryRow;
      const attempt = next(row.correlationId);
      if (attempt?.kind !== 'lookup') {
        disagreements.push(`${row.correlationId} is looked up, and the script says ${JSON.stringify(attempt)}`);
        return { kind: 'unavailable', detail: 'unscripted' };
      }
      advance(row.correlationId);
      return attempt.answer as LookupResult;
    },
    async settled(tx, _tenantId, results) {
      for (const { delivery, state, outcome } of results) {
        if (state === 'delivered') tx.afterCommit(() => succeeded(delivery));
        const isRecovery = outcome.kind === 'unknown' && outcome.detail.startsWith('The hub stopped');
        if (isRecovery) tx.afterCommit(() => advance(delivery.correlationId));
      }
    },
  };
  return {
    flows,
    deliverer,
    order,
    disagreements,
    hanging,
    madeOf,
    left: (): [string, number][] =>
      [...scripts].map(([name, all]): [string, number] => [name, all.length - madeOf(name)]).filter(([, n]) => n !== 0),
    quietMs: (): number => performance.now() - movedAtMs,
  };
}

function preparedOf(row: DeliveryRow, notNeeded: boolean): Prepared {
  const idempotency = row.destination.at(-1)?.toUpperCase() as Prepared['idempotency'];
  const { id: deliveryId, destination, operation, correlationId: naturalKey } = row;
  const skip = notNeeded ? 'not needed' : undefined;
  return { deliveryId, destination, operation, idempotency, naturalKey, body: row, hash: 'h', settleMs: 5, skip };
}

/** Waiting as long as the simulated peer asked for would take minutes. */
function sooner(outcome: Outcome): Outcome {
  return outcome.kind === 'retryable' && outcome.retryAfterMs !== undefined ? { ...outcome, retryAfterMs: 5 } : outcome;
}

/** The worker of the moment, and those that were cut off. */
function createStage(db: TestDatabase, outside: Outside) {
  const lives: { queue: Queue; engine: Freezable }[] = [];
  let hangsBefore = 0;
  const start = (): Queue => {
    const engine = freezable(db.engine);
    const { deliverer, flows } = outside;
    const queue = testQueue(engine, { deliverer, flows, workerId: 'only', pollMs: 10, leaseMs: 60_000 });
    lives.push({ queue, engine });
    return queue;
  };

  /**
   * Nothing is under way but so many sends that hang: what dies now is what died in the simulation, and no more. A
   * transaction that is being committed counts as under way: it would go through, and be recovered as if it had been sent.
   */
  async function isDeadlyStill(hangs: number): Promise<boolean> {
    const engine = lives.at(-1)?.engine;
    const { begun } = engine ?? {};
    const isQuiet = (): boolean =>
      outside.quietMs() > 60 &&
      stage.queue.stats().inFlight === hangs &&
      engine?.underWay === 0 &&
      engine.begun === begun;
    return isQuiet() && (await inFlightCount(db)) === hangs && isQuiet();
  }

  const stage = {
    queue: start(),
    deaths: 0,
    /** Waits; when nothing moves any more but sends that hang, their worker dies. */
    async until(condition: () => Promise<boolean>, what: () => string): Promise<void> {
      const startedMs = performance.now();
      while (!(await condition())) {
        const waitedMs = performance.now() - startedMs;
        if (Math.min(waitedMs, outside.quietMs()) > stuckAfterMs) throw new Error(`never came: ${what()}`);
        const hangs = outside.hanging.length - hangsBefore;
        if (hangs > 0 && (await isDeadlyStill(hangs))) {
          hangsBefore = outside.hanging.length;
          lives.at(-1)?.engine.freeze();
          stage.deaths++;
          stage.queue = start();
          await stage.queue.start();
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async end(): Promise<void> {
      for (const resolve of outside.hanging) resolve();
      for (const { engine } of lives) engine.thaw();
      for (const { queue } of lives) await queue.stop();
    },
  };
  return stage;
}

async function repeat(
  db: TestDatabase,
  stage: ReturnType<typeof createStage>,
  outside: Outside,
  entry: TimelineEntry,
  ids: Map<string, string>,
): Promise<void> {
  if (entry.kind === 'enqueued') {
    const made = await db.app.tx(tenantId, (tx) => stage.queue.enqueue(tx, entry.deliveries.map(newDelivery)));
    entry.deliveries.forEach((delivery, index) => ids.set(delivery.name, made[index] ?? ''));
    return;
  }
  const id = ids.get(entry.name) ?? '';
  const now = (): Promise<DeliveryState> =>
    db.app.tx(tenantId, async (tx) => (await stage.queue.deliveries.get(tx, id)).state);
  await stage.until(
    async () => outside.madeOf(entry.name) === entry.attempts && (await now()) === entry.found,
    () => `${entry.name} ${entry.found} after ${entry.attempts} attempts (has made ${outside.madeOf(entry.name)})`,
  );
  const by = { actor: 'ann', reason: 'as before' };
  await db.app.tx(tenantId, async (tx) => {
    const { deliveries } = stage.queue;
    if (entry.act === 'confirmed' || entry.act === 'resend') await deliveries.resolveUnknown(tx, id, entry.act, by);
    else await deliveries[entry.act](tx, id, by);
  });
}

function newDelivery({ name, destination, key, priority }: PlannedDelivery): NewDelivery {
  return { destination, key, priority, operation: 'do', payload: { kind: 'command' }, correlationId: name };
}

async function openCount(db: TestDatabase): Promise<number> {
  const { rows } = await db.owner.query<{ n: number }>(
    `SELECT (SELECT count(*) FROM delivery_now WHERE state NOT IN ('delivered', 'discarded'))::int
          + (SELECT count(*) FROM delivery_parked)::int + (SELECT count(*) FROM intent)::int AS n`,
  );
  return rows[0]?.n ?? 0;
}

async function inFlightCount(db: TestDatabase): Promise<number> {
  const { rows } = await db.owner.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM delivery_now WHERE state = 'in_flight'",
  );
  return rows[0]?.n ?? 0;
}

async function readRows(db: TestDatabase): Promise<Replayed['rows']> {
  const { rows } = await db.owner.query<Replayed['rows'][number]>(
    'SELECT correlation_id AS name, state, attempts::int AS attempts FROM delivery_now ORDER BY position',
  );
  return rows;
}
