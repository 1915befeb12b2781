import { afterAll, beforeAll, expect, test } from 'vitest';
import { delivery, scriptedSystem, tenantId, testQueue } from '../../test/faults/scripted-queue.ts';
import { type TestDatabase, testDatabase, until } from '../../test/harness/index.ts';
import type { Outcome, Queue } from './index.ts';
import { parentStep } from './step/parent-step.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

async function desk(prefix: string, send: (key: string) => Outcome) {
  const system = scriptedSystem({ send: (row) => send(row.key) });
  const queue = testQueue(db.engine, { deliverer: system.deliverer });
  await queue.start();
  const [parent, child] = await db.app.tx(tenantId, async (tx) => {
    const [first] = await queue.enqueue(tx, [delivery(`${prefix}-order`, { destination: 'erp' })]);
    const shipment = delivery(`${prefix}-shipment`, {
      destination: 'wms',
      operation: 'shipment.create',
      ...(first === undefined ? {} : { after: first }),
    });
    const [second] = await queue.enqueue(tx, [shipment]);
    return [first ?? '', second ?? ''];
  });
  const detail = (id: string) => db.app.tx(tenantId, (tx) => queue.deliveries.get(tx, id));
  const sent = (id: string): boolean => system.sends.some((one) => one.deliveryId === id);
  return { queue, system, parent, child, detail, sent };
}

const byHand = (queue: Queue, id: string, what: 'discard' | 'release' | 'replay') =>
  db.app.tx(tenantId, (tx) => queue.deliveries[what](tx, id, { actor: 'ann', reason: 'for the test' }));

test('a delivery goes after the one that it follows, and spends no attempt while it waits', async () => {
  let refuse = true;
  const { queue, system, parent, child, detail, sent } = await desk('a', (key) =>
    refuse && key === 'a-order'
      ? { kind: 'rejected', class: 'business', code: 'NO', message: 'not yet' }
      : { kind: 'confirmed' },
  );
  await until(async () => (await detail(child)).errorCode === 'WAITS_FOR_PARENT');
  expect(await detail(child)).toMatchObject({
    state: 'retry_wait',
    attempts: 0,
    lastError: `Waits for delivery ${parent}`,
  });
  expect(sent(child)).toBe(false);
  refuse = false;
  await byHand(queue, parent, 'release');
  await until(async () => (await detail(child)).state === 'delivered');
  expect(system.sends.map((one) => one.deliveryId)).toEqual([parent, parent, child]);
  expect((await detail(child)).attempts).toBe(1);
  await queue.stop();
});

test('when the one that it follows is discarded it is held, until a person lets it go', async () => {
  const { queue, parent, child, detail, sent } = await desk('b', (key) =>
    key === 'b-order' ? { kind: 'rejected', class: 'schema', code: 'NO', message: 'never' } : { kind: 'confirmed' },
  );
  await until(async () => (await detail(parent)).state === 'dead');
  await byHand(queue, parent, 'discard');
  await until(async () => (await detail(child)).state === 'held');
  expect(await detail(child)).toMatchObject({ errorCode: 'PARENT_DISCARDED' });
  expect(sent(child)).toBe(false);
  await byHand(queue, child, 'release');
  await until(async () => (await detail(child)).state === 'delivered');
  await queue.stop();
});

test('one that may have been sent is settled first, although the one that it followed is sent again meanwhile', async () => {
  let isFound = false;
  const system = scriptedSystem({
    idempotency: 'C',
    settleMs: 5,
    send: (row) => (row.key === 'c-shipment' ? { kind: 'unknown', detail: 'no answer' } : { kind: 'confirmed' }),
    lookup: (row) =>
      isFound
        ? { kind: 'found', outsideId: `o-${row.key}`, sameContent: true }
        : { kind: 'unavailable', detail: '503' },
  });
  const queue = testQueue(db.engine, { deliverer: system.deliverer });
  const retry = { baseMs: 5, factor: 1, maxMs: 5, maxAttempts: 10_000 };
  const destinations = ['erp-c', 'wms-c'].map((name) => ({
    name,
    retry,
    breaker: { consecutiveFailures: 10_000, failureRate: 1 },
  }));
  await db.app.tx(tenantId, (tx) => queue.destinations.ensure(tx, destinations));
  await queue.start();
  const enqueue = (key: string, destination: string, after?: string) =>
    db.app.tx(tenantId, (tx) => queue.enqueue(tx, [delivery(key, { destination, ...(after && { after }) })]));
  const detail = (id = '') => db.app.tx(tenantId, (tx) => queue.deliveries.get(tx, id));
  const [parent = ''] = await enqueue('c-order', 'erp-c');
  await until(async () => (await detail(parent)).state === 'delivered');
  const [child = ''] = await enqueue('c-shipment', 'wms-c', parent);
  await until(async () => (await detail(child)).attemptLog.length > 1);
  await byHand(queue, parent, 'replay');
  await until(async () => (await detail(parent)).attemptLog.length > 2);
  isFound = true;
  await until(async () => (await detail(child)).state === 'delivered');
  expect(system.sends.filter((one) => one.deliveryId === child)).toHaveLength(1);
  await queue.stop();
});

test('the longer it has waited, the less often it is looked at', () => {
  expect(parentStep(undefined, 0)).toEqual({ type: 'go' });
  expect(parentStep('delivered', 0)).toEqual({ type: 'go' });
  expect(parentStep('discarded', 0)).toEqual({ type: 'hold' });
  for (const state of ['queued', 'in_flight', 'outcome_unknown', 'dead'] as const) {
    expect(parentStep(state, 0)).toEqual({ type: 'wait', dueInMs: 250 });
  }
  expect(parentStep('held', 20_000)).toEqual({ type: 'wait', dueInMs: 5_000 });
  expect(parentStep('held', 86_400_000)).toEqual({ type: 'wait', dueInMs: 15_000 });
});
