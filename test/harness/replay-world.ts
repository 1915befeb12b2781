/**
 * A queue over a real database with one outside world that keeps what reached it by natural key, as systems with a unique
 * key do. What is sent is made by a map that tests change, and stored as messages, as the hub's deliverer does.
 */
import { createHash } from 'node:crypto';
import { createEvents, type Events } from '../../src/events/index.ts';
import { loadMessages, recordOutputs } from '../../src/exchange/index.ts';
import { HubError, silentLogger, systemClock, type Tx } from '../../src/platform/index.ts';
import type { PlanRequest, ReplayRunner } from '../../src/operations/index.ts';
import {
  createQueue,
  type Deliverer,
  type DeliveryRow,
  type IdempotencyClass,
  type NewDelivery,
  type Outcome,
  type Prepared,
  type Queue,
} from '../../src/queue/index.ts';
import { ensureTenant } from '../../src/security/index.ts';
import { type TestDatabase, testDatabase } from './test-database.ts';

export const tenant = 'acme';

export interface ReplayWorld {
  readonly db: TestDatabase;
  readonly queue: Queue;
  readonly deliverer: Deliverer;
  readonly runner: ReplayRunner & { readonly events: Events };
  /** Natural key → the content over there. */
  readonly outside: Map<string, string>;
  /** Every request that reached it, in order. */
  readonly requests: { destination: string; key: string; naturalKey: string; body: string }[];
  /** What the hub's present map makes of a delivery; tests replace it. */
  map: (delivery: DeliveryRow) => unknown;
  /** What the outside answers; undefined: it takes it. */
  refuse: (naturalKey: string) => Outcome | undefined;
  tx<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  enqueue(...deliveries: NewDelivery[]): Promise<string[]>;
  stop(): Promise<void>;
}

/** Class of each destination of the world. */
const classes: Record<string, IdempotencyClass> = { erp: 'A', wms: 'B', shop: 'C', printer: 'D' };

export async function replayWorld(): Promise<ReplayWorld> {
  const db = await testDatabase();
  await db.app.tx(tenant, (tx) => ensureTenant(tx, { id: tenant, name: tenant, demo: true }));
  const outside: ReplayWorld['outside'] = new Map();
  const requests: ReplayWorld['requests'] = [];
  const bodies = (prepared: Prepared) => prepared.body as { text: string; key: string };
  const deliverer: Deliverer = {
    prepare: (tx, _, batch) => prepareBatch(tx, batch, world),
    async send(prepared) {
      const { text, key } = bodies(prepared);
      requests.push({ destination: prepared.destination, key, naturalKey: prepared.naturalKey, body: text });
      const refusal = world.refuse(prepared.naturalKey);
      if (refusal !== undefined) return refusal;
      // B: a second one is told to be there already; A takes it as an update.
      if (prepared.idempotency === 'A' || !outside.has(prepared.naturalKey)) outside.set(prepared.naturalKey, text);
      return { kind: 'confirmed', outsideId: `o-${prepared.naturalKey}` };
    },
    async lookup(prepared) {
      const there = outside.get(prepared.naturalKey);
      if (there === undefined) return { kind: 'none' };
      const sameContent = there === bodies(prepared).text;
      return { kind: 'found', outsideId: `o-${prepared.naturalKey}`, sameContent };
    },
    settled: async () => {},
  };
  const queue = createQueue({
    app: db.app,
    engine: db.engine,
    clock: systemClock,
    log: silentLogger,
    random: () => 0.5,
    workerId: 'test',
    pollMs: 20,
    flows: { run: async () => {} },
    deliverer,
  });
  const tx = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => db.app.tx(tenant, fn);
  const world: ReplayWorld = {
    db,
    queue,
    deliverer,
    runner: {
      clock: systemClock,
      deliverer,
      deliveries: queue.deliveries,
      events: createEvents({ clock: systemClock, queue, subscriptions: [] }),
      enqueue: (inner, deliveries) => queue.enqueue(inner, deliveries),
    },
    outside,
    requests,
    map: (delivery) => ({ order: delivery.key, version: 1 }),
    refuse: () => undefined,
    tx,
    enqueue: (...deliveries) => tx((inner) => queue.enqueue(inner, deliveries)),
    async stop() {
      await queue.stop();
      await db.drop();
    },
  };
  return world;
}

async function prepareBatch(tx: Tx, batch: readonly DeliveryRow[], world: ReplayWorld): Promise<Map<string, Prepared>> {
  const prepared = new Map<string, Prepared>();
  for (const delivery of batch) {
    let messageId = delivery.outputMessageId;
    const stored = messageId === undefined ? undefined : (await loadMessages(tx, [messageId])).get(messageId);
    const text = stored === undefined ? JSON.stringify(world.map(delivery)) : Buffer.from(stored.bytes).toString();
    const naturalKey = delivery.naturalKey ?? delivery.key;
    if (stored === undefined) {
      const { correlationId, id: deliveryId } = delivery;
      const channel = 'test';
      const output = { channel, contentType: 'application/json', bytes: Buffer.from(text), correlationId, deliveryId };
      [messageId] = await recordOutputs(tx, [{ ...output, naturalKey, state: 'sent' }]);
    }
    const idempotency = classes[delivery.destination];
    if (idempotency === undefined) throw new HubError('NO_ROUTE', { message: `No ${delivery.destination}` });
    prepared.set(delivery.id, {
      deliveryId: delivery.id,
      destination: delivery.destination,
      operation: delivery.operation,
      idempotency,
      naturalKey,
      body: { native: JSON.parse(text) as unknown, text, key: delivery.key },
      hash: createHash('sha256').update(text).digest('hex'),
      settleMs: 10,
      ...(messageId === undefined ? {} : { outputMessageId: messageId }),
    });
  }
  return prepared;
}

export function order(key: string, destination = 'erp', more: Partial<NewDelivery> = {}): NewDelivery {
  return {
    destination,
    key,
    operation: 'order.create',
    payload: { kind: 'command', entity: { kind: 'order', id: key } },
    correlationId: `c-${key}`,
    naturalKey: `xd1-${destination}-${key}`,
    ...more,
  };
}

export const request = (more: Partial<PlanRequest> = {}): PlanRequest => ({
  selection: {},
  mode: 'original',
  controlNumbers: 'keep',
  dedupe: 'keep',
  ratePerMinute: 60_000,
  reason: 'The ERP is back',
  ...more,
});
