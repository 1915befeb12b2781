import { expect, test } from 'vitest';
import {
  delivery,
  freezable,
  quickRetry,
  scriptedSystem,
  settableClock,
  testQueue,
} from '../../test/faults/scripted-queue.ts';
import { until } from '../../test/harness/index.ts';
import { by, db, enqueue, get, inTx, reach, run, started, useQueues } from '../../test/faults/use-queues.ts';
import { HubError, type Tx } from '../platform/index.ts';
import type { IdempotencyClass, Outcome } from './index.ts';

useQueues({ effect: 'delivery_id uuid, flow text, n int' });

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
    expect(view.errorCode).toBe('DUPLICATE_OUTSIDE');
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
  expect(rows.map((row) => row.delivery_id)).toEqual([0, 2, 3, 5, 6].map((index) => ids[index]));
  expect(failures.sort()).toEqual(['hold held', 'later retry_wait', 'later retry_wait', 'never dead']);
});

test('class C: an unknown outcome that could not be recorded at first rests as long as any other before its look-up', async () => {
  const settleMs = 400;
  let failures = 1;
  let sentMs = 0;
  const waitsMs: number[] = [];
  const system = scriptedSystem({
    idempotency: 'C',
    settleMs,
    send: () => {
      sentMs = performance.now();
      return { kind: 'unknown', detail: 'time-out' };
    },
    lookup: () => {
      waitsMs.push(performance.now() - sentMs);
      return { kind: 'found', outsideId: 'x', sameContent: true };
    },
    onSettled: () => {
      if (failures-- > 0) throw new Error('the exception cannot be opened');
    },
  });
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [id = ''] = await enqueue(queue, delivery('k'));
  await reach(queue, id, 'delivered');
  expect(waitsMs).toHaveLength(1);
  expect(waitsMs[0]).toBeGreaterThanOrEqual(settleMs);
});
