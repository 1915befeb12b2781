import { type Db, openDatabase, silentLogger, systemClock } from '../src/platform/index.ts';
import {
  type Deliverer,
  type FlowRunner,
  type NewDelivery,
  type Prepared,
  type Queue,
  createQueue,
} from '../src/queue/index.ts';

const tenantId = 'bench';

/** An outside system that confirms at once; everything around it is the product's own. */
const noopDeliverer: Deliverer = {
  async prepare(_tx, _tenantId, batch) {
    return new Map(
      batch.map((delivery): [string, Prepared] => [
        delivery.id,
        {
          deliveryId: delivery.id,
          destination: delivery.destination,
          operation: delivery.operation,
          idempotency: 'A',
          naturalKey: `xd1-${delivery.key}`,
          body: delivery.payload,
          hash: '5891b5b522d5df086d0ff0b110fbd9d2',
        },
      ]),
    );
  },
  send: async () => ({ kind: 'confirmed', outsideId: 'ok' }),
  lookup: async () => ({ kind: 'none' }),
  settled: async () => {},
};

const noFlows: FlowRunner = { run: async () => {} };

export interface DrainResult {
  perSecond: number;
  commitsPerDelivery: number;
}

/**
 * Drains `deliveries` no-op deliveries to one connection: in order per key, each with its intent committed before the
 * send and its attempt and state committed after.
 * @returns deliveries per second, from the start of the queue until the last completion is committed
 */
export async function drainLanes(url: string, deliveries: number): Promise<DrainResult> {
  return onQueue(url, async (app, queue) => {
    await fill(app, queue, deliveries, 'sink');
    const before = await commits(app);
    const perSecond = await drain(queue, deliveries);
    await check(app, deliveries);
    return { perSecond, commitsPerDelivery: ((await commits(app)) - before) / deliveries };
  });
}

/** The same to a destination of its own name on a database that holds other deliveries. */
export async function drainSeeded(url: string, deliveries: number, destination: string): Promise<number> {
  return onQueue(url, async (app, queue) => {
    await fill(app, queue, deliveries, destination);
    const perSecond = await drain(queue, deliveries);
    const left = await app.tx(tenantId, (tx) => queue.backlog(tx));
    if (left.some((backlog) => Object.values(backlog.counts).some((count) => count > 0))) {
      throw new Error(`the drain left ${JSON.stringify(left)}`);
    }
    return perSecond;
  });
}

async function onQueue<T>(url: string, run: (app: Db, queue: Queue) => Promise<T>): Promise<T> {
  const common = { url, maxConnections: 6, applicationName: 'bench' };
  const app = await openDatabase({ ...common, role: 'crossdock_app' });
  const engine = await openDatabase({ ...common, role: 'crossdock_engine' });
  const queue = createQueue({
    engine,
    clock: systemClock,
    log: silentLogger,
    random: Math.random,
    flows: noFlows,
    deliverer: noopDeliverer,
  });
  try {
    return await run(app, queue);
  } finally {
    await engine.close();
    await app.close();
  }
}

async function drain(queue: Queue, deliveries: number): Promise<number> {
  const startedMs = performance.now();
  await queue.start();
  while (queue.stats().delivered < deliveries) await new Promise((resolve) => setTimeout(resolve, 1));
  const seconds = (performance.now() - startedMs) / 1000;
  await queue.stop();
  return deliveries / seconds;
}

async function fill(app: Db, queue: Queue, deliveries: number, destination: string): Promise<void> {
  await app.tx(tenantId, (tx) => queue.destinations.ensure(tx, [{ name: destination, lanes: 4, concurrency: 1000 }]));
  for (let from = 0; from < deliveries; from += 1000) {
    const batch = Array.from({ length: Math.min(1000, deliveries - from) }, (_, i): NewDelivery => {
      // Five deliveries per order, spread as the steps of an order's walk are among those of other orders.
      const order = `order-${(from + i) % Math.ceil(deliveries / 5)}`;
      return {
        destination,
        key: order,
        operation: 'order.create',
        payload: { kind: 'command', entity: { kind: 'order', id: order } },
        correlationId: order,
      };
    });
    await app.tx(tenantId, (tx) => queue.enqueue(tx, batch));
  }
}

async function commits(app: Db): Promise<number> {
  // The counters of a backend reach the view when it has been idle for a moment.
  await new Promise((resolve) => setTimeout(resolve, 1200));
  const rows = await app.query<{ n: number }>(
    tenantId,
    'SELECT xact_commit AS n FROM pg_stat_database WHERE datname = current_database()',
  );
  return rows[0]?.n ?? 0;
}

/** Every delivery is delivered with exactly one attempt, and no intent is left open. */
async function check(app: Db, deliveries: number): Promise<void> {
  const [row] = await app.query<{ delivered: number; attempts: number; intents: number }>(
    tenantId,
    `SELECT (SELECT count(*) FROM delivery_now WHERE state = 'delivered' AND attempts = 1) AS delivered,
            (SELECT count(*) FROM attempt_now WHERE state = 'confirmed') AS attempts, (SELECT count(*) FROM intent) AS intents`,
  );
  if (row?.delivered !== deliveries || row.attempts !== deliveries || row.intents !== 0) {
    throw new Error(`the drain left ${JSON.stringify(row)} of ${deliveries}`);
  }
}
