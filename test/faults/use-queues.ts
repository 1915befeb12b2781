import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Tx } from '../../src/platform/index.ts';
import type { DeliveryDetail, NewDelivery, Queue } from '../../src/queue/index.ts';
import { type TestDatabase, testDatabase, until } from '../harness/index.ts';
import { quickRetry, tenantId } from './scripted-queue.ts';

const queueTables =
  'delivery, delivery_parked, delivery_tally, attempt, attempt_batch, intent, lane, lane_worker, destination, destination_breaker, destination_health, destination_slot';

/** There once the `beforeAll` of `useQueues` has run. */
export let db: TestDatabase;
const running: Queue[] = [];

/**
 * One database for all tests of the file. After each of them the queues that it ran are stopped, and all is empty again,
 * with it the tables of the test's own (name → columns), which the engine may write.
 */
export function useQueues(own: Readonly<Record<string, string>> = {}): void {
  beforeAll(async () => {
    db = await testDatabase();
    for (const [name, columns] of Object.entries(own)) {
      await db.owner.query(`CREATE TABLE ${name} (${columns})`);
      await db.owner.query(`GRANT ALL ON ${name} TO crossdock_engine`);
    }
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((queue) => queue.stop()));
    await db.owner.query(`TRUNCATE ${[queueTables, ...Object.keys(own)].join(', ')} RESTART IDENTITY CASCADE`);
  });
  afterAll(() => db.drop());
}

/** Has the queue stopped after the test. */
export function run(queue: Queue): Queue {
  running.push(queue);
  return queue;
}

export const inTx = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => db.app.tx(tenantId, fn);

/** Starts the queue over one lane of this destination, which is tried again at once. */
export async function started(queue: Queue, name = 'erp'): Promise<Queue> {
  run(queue);
  await inTx((tx) => queue.destinations.ensure(tx, [{ name, lanes: 1, retry: quickRetry }]));
  await queue.start();
  return queue;
}

export const enqueue = (queue: Queue, ...deliveries: NewDelivery[]): Promise<string[]> =>
  inTx((tx) => queue.enqueue(tx, deliveries));

export const get = (queue: Queue, id: string): Promise<DeliveryDetail> => inTx((tx) => queue.deliveries.get(tx, id));

/** The delivery once it is in this state. */
export async function reach(queue: Queue, id: string, state: string): Promise<DeliveryDetail> {
  await until(async () => (await get(queue, id)).state === state);
  return get(queue, id);
}

/** Who decides by hand in tests. */
export const by = { actor: 'ann', reason: 'because' };
