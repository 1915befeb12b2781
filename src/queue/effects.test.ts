import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  delivery,
  freezable,
  quickRetry,
  scriptedSystem,
  settableClock,
  tenantId,
  testQueue,
  until,
} from '../../test/faults/scripted-queue.ts';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import type { DeliveryDetail, IdempotencyClass, NewDelivery, Outcome, Queue } from './index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
  await db.owner.query('CREATE TABLE effect (delivery_id uuid, flow text, n int)');
  await db.owner.query('GRANT ALL ON effect TO crossdock_engine');
});
afterAll(() => db.drop());

const running: Queue[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((queue) => queue.stop()));
  await db.owner.query(
    'TRUNCATE delivery, delivery_parked, attempt, attempt_batch, intent, lane, destination, lane_worker, effect RESTART IDENTITY CASCADE',
  );
});
function run(queue: Queue): Queue {
  running.push(queue);
  return queue;
}
const inTx = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => db.app.tx(tenantId, fn);

async function started(queue: Queue, name = 'erp'): Promise<Queue> {
  run(queue);
  await inTx((tx) => queue.destinations.ensure(tx, [{ name, lanes: 1, retry: quickRetry }]));
  await queue.start();
  return queue;
}
async function enqueue(queue: Queue, ...deliveries: NewDelivery[]): Promise<string[]> {
  return inTx((tx) => queue.enqueue(tx, deliveries));
}
const get = (queue: Queue, id: string): Promise<DeliveryDetail> => inTx((tx) => queue.deliveries.get(tx, id));
async function reach(queue: Queue, id: string, state: string): Promise<DeliveryDetail> {
  await until(async () => (await get(queue, id)).state === state);
  return get(queue, id);
}
const by = { actor: 'ann', reason: 'because' };

test('retries back off, then the delivery is dead; its followers wait; a replay keeps its place', async () => {
  let down = true;
  const system = scriptedSystem({
    send: () => (down ? { kind: 'retryable', sent: false, detail: 'connection refused' } : { kind: 'confirmed' }),
  });
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [first = '', second = ''] = await enqueue(queue, delivery('k'), delivery('k'));
  const dead = await reach(queue, first, 'dead');
  expect(dead).toMatchObject({ attempts: 4, lastError: 'connection refused', errorCode: 'DESTINATION_UNAVAILABLE' });
  expect(dead.attemptLog.map((attempt) => attempt.state)).toEqual(Array(4).fill('retryable'));
  expect(system.settled.map((settled) => settled.state)).toEqual(['retry_wait', 'retry_wait', 'retry_wait', 'dead']);
  expect((await get(queue, second)).state).toBe('queued');
  down = false;
  await inTx((tx) => queue.deliveries.replay(tx, first, by));
  await reach(queue, second, 'delivered');
  expect(system.sends.slice(4).map((send) => send.deliveryId)).toEqual([first, second]);
  expect(await get(queue, first)).toMatchObject({ state: 'delivered', attempts: 5 });
});

test('a discarded head lets its followers go on, and keeps reason and actor', async () => {
  const system = scriptedSystem({
    send: (row) =>
      row.operation === 'bad'
        ? { kind: 'rejected', class: 'business', code: 'NO', message: 'blocked' }
        : { kind: 'confirmed' },
  });
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [first = '', second = ''] = await enqueue(queue, delivery('k', { operation: 'bad' }), delivery('k'));
  await reach(queue, first, 'held');
  await inTx((tx) => queue.deliveries.discard(tx, first, by));
  await reach(queue, second, 'delivered');
  expect(await get(queue, first)).toMatchObject({ state: 'discarded', lastError: 'because', actor: 'ann' });
  await expect(inTx((tx) => queue.deliveries.discard(tx, second, by))).rejects.toMatchObject({
    code: 'ACTION_NOT_ALLOWED',
  });
  await enqueue(queue, delivery('k'));
  await queue.idle();
  expect(queue.stats()).toMatchObject({ blockedKeys: 0 });
});

test('a discarded only head frees its key for what comes later', async () => {
  const system = scriptedSystem({
    send: (row) =>
      row.operation === 'bad'
        ? { kind: 'rejected', class: 'schema', code: 'NO', message: 'no' }
        : { kind: 'confirmed' },
  });
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [first = ''] = await enqueue(queue, delivery('k', { operation: 'bad' }));
  await reach(queue, first, 'dead');
  await inTx((tx) => queue.deliveries.discard(tx, first, by));
  const [second = ''] = await enqueue(queue, delivery('k'));
  await reach(queue, second, 'delivered');
  expect((await db.owner.query('SELECT * FROM delivery_parked')).rows).toEqual([]);
});

test('a held delivery is released and prepared anew', async () => {
  let refuse = true;
  const prepared: (string | undefined)[] = [];
  const system = scriptedSystem({
    prepare: (row) => {
      prepared.push(row.outputMessageId);
      return { outputMessageId: `m${prepared.length}` };
    },
    send: () =>
      refuse
        ? { kind: 'rejected', class: 'business', code: 'CREDIT', message: 'no credit' }
        : { kind: 'confirmed', outsideId: '4711' },
  });
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [id = ''] = await enqueue(queue, delivery('k'));
  await reach(queue, id, 'held');
  refuse = false;
  await inTx((tx) => queue.deliveries.release(tx, id, by));
  expect(await reach(queue, id, 'delivered')).toMatchObject({ attempts: 2, outsideId: '4711' });
  expect(prepared).toEqual([undefined, undefined]);
});

test('a retry sends the stored bytes again', async () => {
  const seen: (string | undefined)[] = [];
  const system = scriptedSystem({
    prepare: (row) => {
      seen.push(row.outputMessageId);
      return { outputMessageId: row.outputMessageId ?? 'message-1' };
    },
    send: (_row, attempt) => (attempt < 3 ? { kind: 'retryable', sent: false, detail: 'no' } : { kind: 'confirmed' }),
  });
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [id = ''] = await enqueue(queue, delivery('k'));
  await reach(queue, id, 'delivered');
  expect(seen).toEqual([undefined, 'message-1', 'message-1']);
});

test.each<[IdempotencyClass, number, number]>([
  ['A', 2, 0],
  ['B', 2, 0],
  ['C', 1, 1],
])('class %s: an unknown outcome converges to one effect', async (idempotency, sends, lookups) => {
  // The system does what it is asked and the answer is lost, once.
  const effects = new Set<string>();
  const system = scriptedSystem({
    idempotency,
    send: (row, attempt): Outcome => {
      effects.add(row.key);
      return attempt === 1 ? { kind: 'unknown', detail: 'reset' } : { kind: 'confirmed' };
    },
    lookup: (row) => (effects.has(row.key) ? { kind: 'found', outsideId: 'x', sameContent: true } : { kind: 'none' }),
  });
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [id = ''] = await enqueue(queue, delivery('k'));
  await reach(queue, id, 'delivered');
  expect([system.sends.length, system.lookups.length]).toEqual([sends, lookups]);
  expect(new Set(system.sends.map((send) => send.naturalKey)).size).toBe(1);
});

test('class C: what did not arrive is looked up twice, then sent again under the same key', async () => {
  const system = scriptedSystem({
    idempotency: 'C',
    send: (_row, attempt) => (attempt === 1 ? { kind: 'unknown', detail: 'time-out' } : { kind: 'confirmed' }),
  });
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [id = ''] = await enqueue(queue, delivery('k'));
  const done = await reach(queue, id, 'delivered');
  expect(system.lookups.length).toBe(2);
  expect(done.attemptLog.map((attempt) => [attempt.kind, attempt.state])).toEqual([
    ['send', 'unknown'],
    ['lookup', 'none'],
    ['lookup', 'none'],
    ['send', 'confirmed'],
  ]);
});

test('class C: several matches, or other content, wait for a person, who decides', async () => {
  const system = scriptedSystem({
    idempotency: 'C',
    send: () => ({ kind: 'unknown', detail: 'time-out' }),
    lookup: (row) =>
      row.key === 'twice'
        ? { kind: 'several', ids: ['1', '2'] }
        : { kind: 'found', outsideId: '3', sameContent: false },
  });
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [twice = '', other = ''] = await enqueue(queue, delivery('twice'), delivery('other'));
  await until(() => system.lookups.length === 2);
  await queue.idle();
  for (const id of [twice, other]) {
    const view = await get(queue, id);
    expect(view.state).toBe('outcome_unknown');
    expect(view.nextAttemptAt).toBeUndefined();
  }
  await inTx((tx) => queue.deliveries.resolveUnknown(tx, twice, 'confirmed', { ...by, outsideId: '1' }));
  expect(await get(queue, twice)).toMatchObject({ state: 'delivered', outsideId: '1', actor: 'ann' });
});

test('class D: at most once, then a person', async () => {
  const system = scriptedSystem({ idempotency: 'D', send: () => ({ kind: 'unknown', detail: 'time-out' }) });
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [id = ''] = await enqueue(queue, delivery('k'));
  await reach(queue, id, 'outcome_unknown');
  await queue.idle();
  expect(system.sends.length).toBe(1);
});

test.each<[IdempotencyClass, string]>([
  ['A', 'delivered'],
  ['C', 'delivered'],
  ['D', 'outcome_unknown'],
])('the hub dies between intent and outcome, class %s: the next one finds out', async (idempotency, state) => {
  const outside = new Set<string>();
  const engine = freezable(db.engine);
  const dying = scriptedSystem({
    idempotency,
    send: (row) => {
      outside.add(row.key);
      return new Promise<Outcome>(() => {});
    },
  });
  const dead = testQueue(engine, { deliverer: dying.deliverer, workerId: 'embedded' });
  await inTx((tx) => dead.destinations.ensure(tx, [{ name: 'erp', lanes: 1, retry: quickRetry }]));
  await dead.start();
  const [id = ''] = await enqueue(dead, delivery('k'));
  await until(() => dying.sends.length === 1);
  expect((await get(dead, id)).state).toBe('in_flight');
  engine.freeze();
  const next = scriptedSystem({
    idempotency,
    send: (row) => {
      outside.add(row.key);
      return { kind: 'confirmed' };
    },
    lookup: (row) => (outside.has(row.key) ? { kind: 'found', outsideId: 'x', sameContent: true } : { kind: 'none' }),
  });
  const queue = run(testQueue(db.engine, { deliverer: next.deliverer, workerId: 'embedded' }));
  await queue.start();
  const view = await reach(queue, id, state);
  expect(view.attemptLog[0]).toMatchObject({ kind: 'send', state: 'unknown', naturalKey: `n-${id}` });
  expect(next.sends.length).toBe(idempotency === 'A' ? 1 : 0);
  expect(next.lookups.length).toBe(idempotency === 'C' ? 1 : 0);
  expect((await db.owner.query('SELECT * FROM intent')).rows).toEqual([]);
});

test('replaying what was delivered leaves the outside unchanged; a later one of its key forbids it', async () => {
  const outside = new Map<string, number>();
  const system = scriptedSystem({
    idempotency: 'C',
    send: (row) => {
      outside.set(row.id, (outside.get(row.id) ?? 0) + 1);
      return { kind: 'confirmed', outsideId: row.id };
    },
    lookup: (row) => (outside.has(row.id) ? { kind: 'found', outsideId: row.id, sameContent: true } : { kind: 'none' }),
  });
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [first = '', second = ''] = await enqueue(queue, delivery('k'), delivery('k'));
  await reach(queue, second, 'delivered');
  for (let i = 0; i < 2; i++) {
    await inTx((tx) => queue.deliveries.replay(tx, second, by));
    await reach(queue, second, 'delivered');
  }
  expect([...outside.values()]).toEqual([1, 1]);
  await expect(inTx((tx) => queue.deliveries.replay(tx, first, by))).rejects.toMatchObject({
    code: 'ACTION_NOT_ALLOWED',
  });
});

test('a maintenance window: everything queues, no attempt is spent, and it drains in order afterwards', async () => {
  const clock = settableClock('2026-06-01T12:00:00Z');
  const system = scriptedSystem();
  const queue = run(testQueue(db.engine, { deliverer: system.deliverer, clock, pollMs: 20 }));
  // 08:30 in Chicago is 13:30 UTC in June.
  const windows = [{ cron: '30 8 * * *', zone: 'America/Chicago', durationMinutes: 60 }];
  await inTx((tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 2, windows }]));
  await queue.start();
  await enqueue(queue, delivery('before'));
  await queue.idle();
  expect(system.sends.length).toBe(1);
  clock.set('2026-06-01T13:30:00Z');
  for (let i = 0; i < 140; i++) await enqueue(queue, delivery(`k${i % 20}`));
  await queue.idle();
  expect(system.sends.length).toBe(1);
  const [erp] = await inTx((tx) => queue.destinations.list(tx));
  expect(erp && queue.destinations.inWindow(erp, clock.now())).toBe(true);
  const { rows } = await db.owner.query("SELECT sum(attempts)::int AS n FROM delivery_now WHERE state = 'queued'");
  expect(rows[0].n).toBe(0);
  clock.set('2026-06-01T14:30:00Z');
  await until(() => system.sends.length === 141);
  const last = new Map<string, number>();
  for (const send of system.sends) {
    expect(send.position).toBeGreaterThan(last.get(send.key) ?? 0);
    last.set(send.key, send.position);
  }
});

test('pause and resume', async () => {
  const system = scriptedSystem();
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const paused = await inTx((tx) => queue.destinations.pause(tx, 'erp', 'stock-taking'));
  expect(paused).toMatchObject({ paused: true, pausedReason: 'stock-taking' });
  await queue.idle();
  await enqueue(queue, delivery('k'));
  await queue.idle();
  expect(system.sends.length).toBe(0);
  await inTx((tx) => queue.destinations.resume(tx, 'erp'));
  await until(() => system.sends.length === 1);
});

test('settings change by version', async () => {
  const queue = run(testQueue(db.engine));
  await inTx((tx) => queue.destinations.ensure(tx, [{ name: 'erp' }]));
  const before = await inTx((tx) => queue.destinations.get(tx, 'erp'));
  const after = await inTx((tx) => queue.destinations.update(tx, 'erp', before.version, { concurrency: 3 }));
  expect(after).toMatchObject({ concurrency: 3, version: before.version + 1, retry: before.retry });
  await expect(inTx((tx) => queue.destinations.update(tx, 'erp', before.version, {}))).rejects.toMatchObject({
    code: 'PRECONDITION_FAILED',
  });
  const windows = [{ cron: 'whenever', zone: 'America/Chicago', durationMinutes: 5 }];
  await expect(inTx((tx) => queue.destinations.update(tx, 'erp', after.version, { windows }))).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
  });
});

test('a settlement that fails loses no outcome and sends nothing blindly', async () => {
  let broken = true;
  const outside = new Set<string>();
  const system = scriptedSystem({
    idempotency: 'C',
    send: (row) => {
      outside.add(row.key);
      return { kind: 'confirmed' };
    },
    lookup: (row) => (outside.has(row.key) ? { kind: 'found', outsideId: 'x', sameContent: true } : { kind: 'none' }),
    onSettled: (settled) => {
      if (broken && settled.some((one) => one.delivery.key === 'k')) throw new Error('a bug');
    },
  });
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [id = '', other = ''] = await enqueue(queue, delivery('k'), delivery('other'));
  await reach(queue, other, 'delivered');
  await until(async () => ((await get(queue, id)).lastError ?? '').includes('a bug'));
  broken = false;
  await reach(queue, id, 'delivered');
  expect(system.sends.filter((send) => send.key === 'k').length).toBe(1);
});

test('flows commit their rows with their completion, once each; a failing member fails alone', async () => {
  const flows = {
    async run(tx: Tx, _tenant: string, flow: string, batch: { id: string; key: string; attempt: number }[]) {
      for (const row of batch) {
        await tx.query('INSERT INTO effect VALUES ($1, $2, $3)', [row.id, flow, row.attempt]);
        if (row.key === 'never') throw new HubError('VALIDATION_FAILED');
        if (row.key === 'hold') throw new HubError('MAP_FAILED');
        if (row.key === 'later' && row.attempt < 3) throw new Error('not yet');
      }
    },
    failed: async (_tx: Tx, _tenant: string, results: { delivery: { key: string }; state: string }[]) => {
      failures.push(...results.map((result) => `${result.delivery.key} ${result.state}`));
    },
  };
  const failures: string[] = [];
  const queue = await started(testQueue(db.engine, { flows }), 'flow.allocate');
  const keys = ['a', 'never', 'b', 'later', 'hold', 'c', 'a'];
  const ids = await enqueue(queue, ...keys.map((key) => delivery(key, { destination: 'flow.allocate' })));
  await reach(queue, ids[3] ?? '', 'delivered');
  await queue.idle();
  const states = await Promise.all(ids.map(async (id) => (await get(queue, id)).state));
  expect(states).toEqual(['delivered', 'dead', 'delivered', 'delivered', 'held', 'delivered', 'delivered']);
  const { rows } = await db.owner.query('SELECT delivery_id FROM effect ORDER BY delivery_id');
  expect(rows.map((row) => row.delivery_id)).toEqual([ids[0], ids[2], ids[3], ids[5], ids[6]].sort());
  expect(failures.sort()).toEqual(['hold held', 'later retry_wait', 'later retry_wait', 'never dead']);
});

test('a tenant sees its own deliveries only', async () => {
  const system = scriptedSystem();
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [id = ''] = await enqueue(queue, delivery('k'));
  await reach(queue, id, 'delivered');
  await db.app.tx('other', async (tx) => {
    expect(await queue.deliveries.list(tx, {})).toEqual([]);
    expect(await queue.destinations.list(tx)).toEqual([]);
    await expect(queue.deliveries.get(tx, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    for (const table of ['delivery', 'attempt', 'attempt_batch', 'lane', 'destination', 'delivery_parked', 'intent']) {
      expect(await tx.query(`SELECT 1 FROM ${table}`)).toEqual([]);
    }
  });
});

test('lists by state, key and correlation', async () => {
  const system = scriptedSystem({
    send: (row) =>
      row.key === 'bad' ? { kind: 'rejected', class: 'schema', code: 'X', message: 'x' } : { kind: 'confirmed' },
  });
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  await enqueue(queue, delivery('a'), delivery('bad'), delivery('b'));
  await queue.idle();
  const keys = async (filter: Parameters<Queue['deliveries']['list']>[1]) =>
    (await inTx((tx) => queue.deliveries.list(tx, filter))).map((view) => view.key);
  expect(await keys({})).toEqual(['b', 'bad', 'a']);
  expect(await keys({ state: 'dead' })).toEqual(['bad']);
  expect(await keys({ state: 'delivered', limit: 1 })).toEqual(['b']);
  expect(await keys({ key: 'a' })).toEqual(['a']);
  expect(await keys({ correlationId: 'c-bad', state: 'dead' })).toEqual(['bad']);
  expect(await keys({ destination: 'nowhere' })).toEqual([]);
});
