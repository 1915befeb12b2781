/**
 * The reference of the shipping rows, a process of its own: what a team would write by hand for orders that come by HTTP and
 * go out by HTTP. Fastify checks the key and the body (against the hub's own schema of an order), one transaction writes
 * idempotency key, order and job, and graphile-worker, tuned as in graphile-reference.ts, ships each order and notes its
 * number. No credit, stock, events, audit or order per customer. Prints its address.
 *
 *     node bench/graphile-hub.ts '{"url": "postgres://…", "adminKey": "…", "sink": "http://…"}'
 */
import Fastify from 'fastify';
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import { Agent, request } from 'undici';
import { OrderSubmission } from '../src/model/index.ts';

const { url, adminKey, sink } = JSON.parse(process.argv[2] ?? '{}') as { url: string; adminKey: string; sink: string };
const quiet = new Logger(() => () => {});
const pool = new pg.Pool({ connectionString: url, max: 50 });
pool.on('error', () => {});
const agent = new Agent({ connections: 24, pipelining: 1 });

const utils = await makeWorkerUtils({ pgPool: pool, logger: quiet });
await utils.migrate();
await pool.query(`
  CREATE TABLE idempotency (key text PRIMARY KEY, order_id uuid NOT NULL, at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE orders (id uuid PRIMARY KEY, customer text NOT NULL, customer_po text NOT NULL, document jsonb NOT NULL,
    outside_id text, shipped_at timestamptz, at timestamptz NOT NULL DEFAULT now(), UNIQUE (customer, customer_po));`);

async function ship(payload: unknown): Promise<void> {
  const { id } = payload as { id: string };
  const { rows } = await pool.query<{ document: object }>({
    name: 'load',
    text: 'SELECT document FROM orders WHERE id = $1',
    values: [id],
  });
  const reply = await request(`${sink}/api/orders/${id}`, {
    method: 'PUT',
    dispatcher: agent,
    headers: { 'content-type': 'application/json', 'idempotency-key': id },
    body: JSON.stringify(rows[0]?.document),
  });
  const answer = (await reply.body.json()) as { orderNo: string };
  if (reply.statusCode !== 201) throw new Error(`the sink answered ${reply.statusCode}`);
  const values = [id, answer.orderNo];
  await pool.query({
    name: 'shipped',
    text: 'UPDATE orders SET outside_id = $2, shipped_at = now() WHERE id = $1',
    values,
  });
}

await run({
  pgPool: pool,
  logger: quiet,
  noHandleSignals: true,
  taskList: { ship },
  preset: {
    worker: {
      concurrentJobs: 24,
      maxPoolSize: 50,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
});

async function takeIn(key: string, order: { customer: string; customerPo?: string }): Promise<string | undefined> {
  const client = await pool.connect();
  try {
    const id = crypto.randomUUID();
    await client.query('BEGIN');
    const claimed = await client.query({
      name: 'claim',
      text: 'INSERT INTO idempotency (key, order_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      values: [key, id],
    });
    if (claimed.rowCount === 0) {
      await client.query('ROLLBACK');
      return undefined;
    }
    await client.query({
      name: 'insert',
      text: 'INSERT INTO orders (id, customer, customer_po, document) VALUES ($1, $2, $3, $4)',
      values: [id, order.customer, order.customerPo, JSON.stringify(order)],
    });
    await client.query({
      name: 'job',
      text: `SELECT graphile_worker.add_job('ship', json_build_object('id', $1::text))`,
      values: [id],
    });
    await client.query('COMMIT');
    return id;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

// What the hub's schema asks of a currency beyond its form, the reference does not look at.
const app = Fastify({ logger: false, ajv: { customOptions: { formats: { 'iso-4217': true } } } });
app.addHook('onRequest', async (req, reply) => {
  if (req.headers.authorization !== `Bearer ${adminKey}`) await reply.code(401).send({ error: 'unauthenticated' });
});
app.post('/v1/orders', { schema: { body: OrderSubmission } }, async (req, reply) => {
  const order = req.body as { customer: string; customerPo?: string };
  const id = await takeIn(String(req.headers['idempotency-key']), order);
  if (id === undefined) return reply.code(409).send({ error: 'the key was used' });
  return reply
    .code(201)
    .header('location', `/v1/orders/${id}`)
    .send({ id, ...order });
});
console.log(await app.listen({ host: '127.0.0.1', port: 0 }));
