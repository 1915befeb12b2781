import { expect, test } from 'vitest';
import {
  delivery,
  freezable,
  quickRetry,
  scriptedSystem,
  tenantId,
  testQueue,
} from '../../test/faults/scripted-queue.ts';
import { until } from '../../test/harness/index.ts';
import { db, inTx, run, useQueues } from '../../test/faults/use-queues.ts';
import { createEnqueuer } from './index.ts';

useQueues();

async function states(): Promise<Record<string, number>> {
  const { rows } = await db.owner.query('SELECT state, count(*)::int AS n FROM delivery_now GROUP BY state');
  return Object.fromEntries(rows.map((row) => [row.state, row.n]));
}

function expectInOrderOncePerKey(sends: readonly { key: string; position: number }[]): void {
  const lastOfKey = new Map<string, number>();
  for (const { key, position } of sends) {
    expect(position).toBeGreaterThan(lastOfKey.get(key) ?? 0);
    lastOfKey.set(key, position);
  }
}

test('late commits, rollbacks and interleaved keys: nothing is lost, nothing comes twice, every key keeps its order', async () => {
  const system = scriptedSystem();
  const queue = run(testQueue(db.engine, { deliverer: system.deliverer }));
  await inTx((tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 3, concurrency: 8 }]));
  await queue.start();
  const committed: string[] = [];
  const writer = async (n: number): Promise<void> => {
    for (let round = 0; round < 25; round++) {
      // Sorted, as rows are locked in business code; held over a random time, so that commits overtake positions.
      const keys = [...new Set([`k${(n * 7 + round) % 11}`, `k${(n + round * 3) % 11}`])].sort();
      await db.app
        .tx(tenantId, async (tx) => {
          for (const key of keys) await tx.query('SELECT pg_advisory_xact_lock(hashtext($1))', [key]);
          const ids = await queue.enqueue(
            tx,
            keys.map((key) => delivery(key)),
          );
          await tx.query('SELECT pg_sleep($1)', [((n * 13 + round * 29) % 17) / 1000]);
          if ((n + round) % 5 === 0) throw new Error('rolled back');
          tx.afterCommit(() => committed.push(...ids));
        })
        .catch((error: Error) => expect(error.message).toBe('rolled back'));
    }
  };
  await Promise.all([0, 1, 2, 3, 4, 5].map(writer));
  await queue.idle();
  expect(system.sends.map((send) => send.deliveryId).sort()).toEqual(committed.sort());
  expectInOrderOncePerKey(system.sends);
  expect(await states()).toEqual({ delivered: committed.length });
});

test('a delivery leaves upon its commit, long before anybody looks around', async () => {
  const system = scriptedSystem();
  const anHourMs = 3_600_000;
  const queue = run(testQueue(db.engine, { deliverer: system.deliverer, pollMs: anHourMs, leaseMs: 2 * anHourMs }));
  await inTx((tx) => queue.destinations.ensure(tx, [{ name: 'erp' }]));
  await queue.start();
  for (let i = 0; i < 20; i++) {
    await inTx((tx) => queue.enqueue(tx, [delivery(`k${i}`)]));
    await until(() => system.sends.length === i + 1);
  }
});

test('what another process enqueues is found by polling', async () => {
  const system = scriptedSystem();
  const queue = run(testQueue(db.engine, { deliverer: system.deliverer, pollMs: 20 }));
  await queue.start();
  const elsewhere = createEnqueuer(() => {});
  await inTx((tx) => elsewhere.enqueue(tx, [delivery('a'), delivery('b')]));
  await until(() => system.sends.length === 2);
});

test('a blocked head blocks its key alone, its followers wait in the side table, and the cursor passes them', async () => {
  let blocked = true;
  const system = scriptedSystem({
    send: (row) =>
      row.key === 'bad' && blocked
        ? { kind: 'retryable', sent: false, detail: 'refused' }
        : { kind: 'confirmed', outsideId: row.id },
  });
  const queue = run(testQueue(db.engine, { deliverer: system.deliverer }));
  const retry = { ...quickRetry, maxAttempts: 1000 };
  await inTx((tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 1, concurrency: 4, retry }]));
  await queue.start();
  for (let i = 0; i < 60; i++) {
    await inTx((tx) => queue.enqueue(tx, [delivery('bad'), delivery(`good${i}`), delivery('fine')]));
  }
  await until(() => system.settled.filter((settled) => settled.state === 'delivered').length === 120);
  await until(async () => {
    const { rows } = await db.owner.query(
      'SELECT cursor_position::int AS cursor, (SELECT max(position)::int FROM delivery) AS last FROM lane',
    );
    return rows[0].cursor === rows[0].last;
  });
  // The head is tried again and again: it waits, or is just on its way.
  await until(async () => (await states())['retry_wait'] === 1);
  const now = await states();
  expect({ ...now, retry_wait: (now['retry_wait'] ?? 0) + (now['in_flight'] ?? 0), in_flight: 0 }).toEqual({
    delivered: 120,
    queued: 59,
    retry_wait: 1,
    in_flight: 0,
  });
  const backlog = await inTx((tx) => queue.backlog(tx));
  expect(backlog).toMatchObject([{ destination: 'erp', counts: { queued: 59 } }]);
  blocked = false;
  await until(async () => (await states())['delivered'] === 180);
  await queue.idle();
  expect(queue.stats().blockedKeys).toBe(0);
  expectInOrderOncePerKey(system.settled.filter((s) => s.state === 'delivered').map((s) => s.delivery));
  // The key is free again: the next one does not go by the side table.
  await inTx((tx) => queue.enqueue(tx, [delivery('bad')]));
  await queue.idle();
  expect(await states()).toEqual({ delivered: 181 });
});

test('one poison delivery per destination leaves the others their throughput', async () => {
  const system = scriptedSystem({
    send: (row) =>
      row.key === 'poison' ? { kind: 'rejected', class: 'schema', code: 'BAD', message: 'no' } : { kind: 'confirmed' },
  });
  const queue = run(testQueue(db.engine, { deliverer: system.deliverer }));
  await inTx((tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 1 }]));
  await queue.start();
  await inTx((tx) =>
    queue.enqueue(
      tx,
      ['poison', 'a', 'b', 'poison', 'c', 'a'].map((key) => delivery(key)),
    ),
  );
  await queue.idle();
  expect(await states()).toEqual({ delivered: 4, dead: 1, queued: 1 });
  const [dead] = await inTx((tx) => queue.deliveries.list(tx, { state: 'dead' }));
  expect(dead).toMatchObject({ key: 'poison', attempts: 1, errorCode: 'BAD', lastError: 'no' });
});

test('a worker stopped for longer than its lease changes nothing when it wakes', async () => {
  const first = scriptedSystem({ idempotency: 'C' });
  const frozen = freezable(db.engine);
  let answer: (() => void) | undefined;
  let begun: string | undefined;
  const hanging = {
    ...first.deliverer,
    send: async (...args: Parameters<typeof first.deliverer.send>) => {
      begun = args[0].deliveryId;
      await new Promise<void>((resolve) => (answer = resolve));
      return first.deliverer.send(...args);
    },
  };
  const a = run(testQueue(frozen, { deliverer: hanging, leaseMs: 200, workerId: 'a' }));
  await inTx((tx) => a.destinations.ensure(tx, [{ name: 'erp', lanes: 1, concurrency: 1 }]));
  await a.start();
  await inTx((tx) => a.enqueue(tx, [delivery('k1'), delivery('k1'), delivery('k2')]));
  await until(() => answer !== undefined);
  frozen.freeze();
  // Over there it did arrive; nobody here can know.
  const second = scriptedSystem({
    idempotency: 'C',
    lookup: (row) => ({ kind: 'found', outsideId: `o-${row.id}`, sameContent: true }),
  });
  const b = run(testQueue(db.engine, { deliverer: second.deliverer, leaseMs: 5_000, workerId: 'b' }));
  await b.start();
  await until(async () => (await states())['delivered'] === 3);
  const before = await db.owner.query('SELECT id, state, updated_at FROM delivery_now ORDER BY position');
  const attemptsBefore = await db.owner.query('SELECT count(*)::int AS n FROM attempt_now');
  answer?.();
  frozen.thaw();
  await until(() => a.stats().lanes === 0);
  expect((await db.owner.query('SELECT id, state, updated_at FROM delivery_now ORDER BY position')).rows).toEqual(
    before.rows,
  );
  expect((await db.owner.query('SELECT count(*)::int AS n FROM attempt_now')).rows).toEqual(attemptsBefore.rows);
  // Whichever of them the first had begun is looked up; the others go, once each.
  expect(second.lookups).toEqual([`n-${begun}`]);
  const others = before.rows.map(({ id }) => id as string).filter((id) => id !== begun);
  expect(second.sends.map((one) => one.deliveryId).sort()).toEqual(others.sort());
});

test('two workers share the lanes, and one takes over when the other stops', async () => {
  const system = scriptedSystem();
  const a = run(testQueue(db.engine, { deliverer: system.deliverer, workerId: 'a' }));
  await inTx((tx) => a.destinations.ensure(tx, [{ name: 'erp', lanes: 4 }]));
  await a.start();
  expect(a.stats().lanes).toBe(4);
  const b = run(testQueue(db.engine, { deliverer: system.deliverer, workerId: 'b' }));
  await b.start();
  await until(() => a.stats().lanes === 2 && b.stats().lanes === 2);
  for (let i = 0; i < 40; i++) await inTx((tx) => a.enqueue(tx, [delivery(`k${i % 9}`)]));
  await a.stop();
  await until(() => b.stats().lanes === 4);
  for (let i = 0; i < 40; i++) await inTx((tx) => b.enqueue(tx, [delivery(`k${i % 9}`)]));
  await until(async () => (await states())['delivered'] === 80);
  expect(system.sends.length).toBe(80);
  expectInOrderOncePerKey(system.sends);
});

test('stopping drains: what was sent is recorded, and nothing new is sent', async () => {
  const system = scriptedSystem({
    send: () => new Promise((resolve) => setTimeout(() => resolve({ kind: 'confirmed' }), 50)),
  });
  const queue = run(testQueue(db.engine, { deliverer: system.deliverer }));
  await inTx((tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 1, concurrency: 2 }]));
  await queue.start();
  await inTx((tx) =>
    queue.enqueue(
      tx,
      ['a', 'b', 'c', 'd'].map((key) => delivery(key)),
    ),
  );
  await until(() => system.sends.length === 2);
  await queue.stop();
  expect(system.sends.length).toBe(2);
  expect(await states()).toEqual({ delivered: 2, queued: 2 });
  expect((await db.owner.query('SELECT owner FROM lane')).rows).toEqual([{ owner: null }]);
});

test('followers that a dead worker had freed and not worked off go on with the next one', async () => {
  const system = scriptedSystem();
  const queue = testQueue(db.engine, { deliverer: system.deliverer });
  await inTx((tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 1 }]));
  await inTx((tx) => queue.enqueue(tx, [delivery('k'), delivery('k'), delivery('k')]));
  // As it is left when the blocked head has been delivered, and its owner dies before it turns to the followers.
  await db.owner.query("UPDATE delivery SET state = 'delivered' WHERE position = 1");
  await db.owner.query('UPDATE delivery SET parked = true WHERE position > 1');
  await db.owner.query(
    `INSERT INTO delivery_parked (lane_id, position, tenant_id, key, delivery_id, state, created_at)
     SELECT lane_id, position, tenant_id, key, id, 'queued', created_at FROM delivery WHERE position > 1`,
  );
  await run(queue).start();
  await until(async () => (await states())['delivered'] === 3);
  expectInOrderOncePerKey(system.sends);
});

test('a lane that a restarted worker could not take at once is taken as soon as it is free', async () => {
  const system = scriptedSystem();
  const queue = testQueue(db.engine, { deliverer: system.deliverer, workerId: 'embedded', pollMs: 20 });
  await inTx((tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 2 }]));
  await db.owner.query("UPDATE lane SET owner = 'embedded', epoch = 1");
  // The process is gone, and its last transaction still holds on to a lane.
  const dying = await db.owner.connect();
  await dying.query('BEGIN');
  await dying.query('SELECT FROM lane ORDER BY lane_id LIMIT 1 FOR UPDATE');
  const starting = run(queue).start();
  const ofNewEpoch = 'SELECT count(*)::int AS n FROM lane WHERE epoch = 2';
  await until(async () => (await db.owner.query(ofNewEpoch)).rows[0].n === 1);
  await dying.query('ROLLBACK');
  dying.release();
  await starting;
  await until(() => queue.stats().lanes === 2);
});

test('a key whose side table is empty is free, however much is loaded for others at the same time', async () => {
  const system = scriptedSystem();
  const queue = testQueue(db.engine, { deliverer: system.deliverer });
  await inTx((tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 1 }]));
  const many = Array.from({ length: 60 }, () => delivery('many'));
  await inTx((tx) => queue.enqueue(tx, [delivery('one'), ...many]));
  // A former holder has left followers of one key, and of the other what a person has discarded.
  await db.owner.query(
    "UPDATE delivery SET parked = key = 'many', state = CASE key WHEN 'one' THEN 'discarded' ELSE state END",
  );
  await db.owner.query(
    `INSERT INTO delivery_parked (lane_id, position, tenant_id, key, delivery_id, state, due_at, created_at)
     SELECT lane_id, position, tenant_id, key, id, CASE key WHEN 'one' THEN 'gone' ELSE 'queued' END,
            CASE key WHEN 'one' THEN now() END, created_at FROM delivery`,
  );
  await run(queue).start();
  await until(async () => (await states())['delivered'] === 60);
  await inTx((tx) => queue.enqueue(tx, [delivery('one')]));
  await until(async () => (await states())['delivered'] === 61);
});

test('what was sent together is taken away when the last of it is through, also when a lane of it has passed to another', async () => {
  const answers = Promise.withResolvers<void>();
  const system = scriptedSystem({
    idempotency: 'C',
    send: async ({ id }) => {
      await answers.promise;
      return { kind: 'confirmed', outsideId: `o-${id}` };
    },
  });
  const queue = run(testQueue(db.engine, { deliverer: system.deliverer }));
  await inTx((tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 2, concurrency: 8 }]));
  await queue.start();
  await inTx((tx) =>
    queue.enqueue(
      tx,
      ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => delivery(key)),
    ),
  );
  await until(() => system.sends.length === 6);
  const intents = async () => (await db.owner.query('SELECT id, lanes FROM intent')).rows;
  const [intent] = await intents();
  expect(intent.lanes).toHaveLength(2);
  const [lost] = intent.lanes as number[];
  // Another worker takes one of the two lanes over; the other one was locked at that moment, so that it stays.
  await db.owner.query(`INSERT INTO lane_worker (worker_id, lease_until) VALUES ('other', now() + interval '1 hour')`);
  await db.owner.query(`UPDATE lane SET owner = 'other', epoch = epoch + 1 WHERE lane_id = $1`, [lost]);
  answers.resolve();
  const delivered = async () =>
    (await db.owner.query(`SELECT count(*)::int AS n FROM delivery_now WHERE state = 'delivered'`)).rows[0].n as number;
  const kept = await db.owner.query('SELECT count(*)::int AS n FROM delivery WHERE lane_id <> $1', [lost]);
  await until(async () => (await delivered()) === kept.rows[0].n);
  await queue.idle();
  // The other worker has not looked yet at what may have been sent.
  expect(await intents()).toEqual([intent]);
  await db.owner.query('UPDATE intent SET lanes = array_remove(lanes, $1::integer)', [lost]);
  await until(async () => (await intents()).length === 0);
});

test('nothing leaves once a pause is committed, before the worker has looked', async () => {
  const anHourMs = 3_600_000;
  const system = scriptedSystem();
  const queue = run(testQueue(db.engine, { deliverer: system.deliverer, pollMs: anHourMs, leaseMs: 2 * anHourMs }));
  await inTx((tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 2 }]));
  await queue.start();
  await inTx((tx) => queue.enqueue(tx, [delivery('order-1')]));
  await queue.idle();
  // Of another process: this worker hears of it only by its next look.
  const { destinations } = testQueue(db.engine, { deliverer: system.deliverer, workerId: 'elsewhere' });
  await inTx((tx) => destinations.pause(tx, 'erp', 'for the test'));
  await inTx((tx) => queue.enqueue(tx, [delivery('order-2')]));
  await queue.idle();
  expect(system.sends.map(({ key }) => key)).toEqual(['order-1']);
  expect(await states()).toEqual({ delivered: 1, queued: 1 });
  await inTx((tx) => queue.destinations.resume(tx, 'erp'));
  await until(() => system.sends.length === 2);
  await queue.idle();
  expect(await states()).toEqual({ delivered: 2 });
});
