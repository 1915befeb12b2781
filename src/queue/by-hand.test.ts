import { expect, test } from 'vitest';
import { delivery, quickRetry, scriptedSystem, tenantId, testQueue } from '../../test/faults/scripted-queue.ts';
import { until } from '../../test/harness/index.ts';
import { by, db, enqueue, get, inTx, reach, run, started, useQueues } from '../../test/faults/use-queues.ts';
import type { DeliveryState, Queue } from './index.ts';
import { batchesOf } from './sql/deliveries.ts';

useQueues({ effect: 'delivery_id uuid, flow text, n int' });

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

test('lists every state as the deliveries themselves tell it, newest first and page by page', async () => {
  let letGo!: () => void;
  const waiting = new Promise<void>((resolve) => (letGo = resolve));
  const system = scriptedSystem({
    async send(row) {
      if (row.key === 'slow') await waiting;
      if (row.key.startsWith('bad')) return { kind: 'rejected', class: 'business', code: 'X', message: 'x' };
      return { kind: 'confirmed' };
    },
  });
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [bad = '', , badToo = ''] = await enqueue(
    queue,
    delivery('bad'),
    delivery('bad'),
    delivery('bad-too'),
    delivery('good'),
    delivery('slow'),
  );
  await reach(queue, bad, 'held');
  await reach(queue, badToo, 'held');
  await inTx((tx) => queue.deliveries.discard(tx, badToo, by));
  await inTx((tx) => queue.destinations.ensure(tx, [{ name: 'later', lanes: 2 }]));
  await inTx((tx) => queue.destinations.pause(tx, 'later', 'a test'));
  await enqueue(queue, ...Array.from({ length: 5 }, (_, n) => delivery(`l-${n}`, { destination: 'later' })));
  await until(async () => (await inTx((tx) => queue.deliveries.list(tx, { state: 'in_flight' }))).length === 1);
  const told = async (state: string): Promise<string[]> => {
    const { rows } = await db.owner.query('SELECT id FROM delivery_now WHERE state = $1 ORDER BY position DESC', [
      state,
    ]);
    return rows.map((row: { id: string }) => row.id);
  };
  const listed = async (state: DeliveryState): Promise<string[]> => {
    const ids: string[] = [];
    for (let before = Number.MAX_SAFE_INTEGER, page = [{ position: 0, id: '' }]; page.length > 0; ) {
      page = await inTx((tx) => queue.deliveries.list(tx, { state, limit: 2, beforePosition: before }));
      ids.push(...page.map((view) => view.id));
      before = page.at(-1)?.position ?? 0;
    }
    return ids;
  };
  try {
    // What the queue still does meanwhile may come between the two looks; it comes to rest with one delivery in flight.
    for (const state of ['queued', 'in_flight', 'discarded', 'held', 'delivered'] as const) {
      await until(async () => JSON.stringify(await listed(state)) === JSON.stringify(await told(state)));
    }
  } finally {
    letGo();
  }
  expect((await told('queued')).length).toBeGreaterThanOrEqual(5);
  expect(await inTx((tx) => queue.deliveries.list(tx, { state: 'queued', key: 'l-3' }))).toHaveLength(1);
  expect(await inTx((tx) => queue.deliveries.list(tx, { state: 'discarded', destination: 'later' }))).toEqual([]);
});

test('finds the attempt of one delivery by the index of the batches, under row-level security too', async () => {
  const queue = await started(testQueue(db.engine, { deliverer: scriptedSystem().deliverer }));
  const [id = ''] = await enqueue(queue, delivery('a'));
  await reach(queue, id, 'delivered');
  expect((await get(queue, id)).attemptLog).toHaveLength(1);
  const plan = await inTx(async (tx) => {
    await tx.query('SET LOCAL enable_seqscan = off');
    return tx.query(`EXPLAIN ${batchesOf.replace('$1', `'${tenantId}'`).replace('$2', 'ARRAY[1]')}`);
  });
  expect(JSON.stringify(plan)).toMatch(/Index Scan (on|using) attempt_batch_\w+_span_idx/);
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
    errors: [{ pointer: '/windows/0/cron' }],
  });
});

test('a window that was accepted once and comes back unchanged stands in the way of no other setting', async () => {
  const queue = run(testQueue(db.engine));
  await inTx((tx) => queue.destinations.ensure(tx, [{ name: 'erp' }]));
  const windows = [{ cron: '2020-01-01T00:00:00', zone: 'UTC', durationMinutes: 5 }];
  await db.owner.query(`UPDATE destination SET windows = $1::jsonb WHERE name = 'erp'`, [JSON.stringify(windows)]);
  const { version } = await inTx((tx) => queue.destinations.get(tx, 'erp'));
  const patched = await inTx((tx) => queue.destinations.update(tx, 'erp', version, { windows, concurrency: 3 }));
  expect(patched).toMatchObject({ concurrency: 3, windows });
  const other = [...windows, { cron: '2021-01-01T00:00:00', zone: 'UTC', durationMinutes: 5 }];
  await expect(
    inTx((tx) => queue.destinations.update(tx, 'erp', version + 1, { windows: other })),
  ).rejects.toMatchObject({ errors: [{ pointer: '/windows/1/cron' }] });
});

test('a tenant sees its own deliveries only', async () => {
  const system = scriptedSystem();
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [id = ''] = await enqueue(queue, delivery('k'));
  await reach(queue, id, 'delivered');
  await db.app.tx('other', async (tx) => {
    expect(await queue.deliveries.list(tx, {})).toEqual([]);
    expect(await queue.destinations.list(tx)).toEqual([]);
    expect(await tx.query('SELECT * FROM attempt_batch_of_tenant')).toEqual([]);
    await expect(queue.deliveries.get(tx, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    for (const table of ['delivery', 'attempt', 'attempt_batch', 'lane', 'destination', 'delivery_parked', 'intent']) {
      expect(await tx.query(`SELECT 1 FROM ${table}`)).toEqual([]);
    }
  });
});

test('a replay that a later delivery of its key has overtaken is given up, with a reason', async () => {
  const system = scriptedSystem();
  const before = testQueue(db.engine, { deliverer: system.deliverer });
  await inTx((tx) => before.destinations.ensure(tx, [{ name: 'erp', lanes: 1, retry: quickRetry }]));
  const [first = '', second = ''] = await enqueue(before, delivery('k'), delivery('k'));
  // Asked for while the later one was being committed, and noticed only when that had been delivered as well.
  await db.owner.query("UPDATE delivery SET state = 'delivered'");
  await db.owner.query("UPDATE delivery SET state = 'outcome_unknown', parked = true WHERE id = $1", [first]);
  await db.owner.query(
    `INSERT INTO delivery_parked (lane_id, position, tenant_id, key, delivery_id, state, due_at, created_at, replayed)
     SELECT lane_id, position, tenant_id, key, id, state, now(), created_at, true FROM delivery WHERE id = $1`,
    [first],
  );
  const queue = run(testQueue(db.engine, { deliverer: system.deliverer }));
  await queue.start();
  const given = await reach(queue, first, 'delivered');
  expect(given.lastError).toContain('later delivery');
  await queue.idle();
  expect(system.sends).toEqual([]);
  expect((await db.owner.query('SELECT * FROM delivery_parked')).rows).toEqual([]);
  expect((await get(queue, second)).state).toBe('delivered');
});

test('however many of a key are discarded at once, those behind them go on', async () => {
  const system = scriptedSystem();
  const queue = testQueue(db.engine, { deliverer: system.deliverer });
  await inTx((tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 1, retry: quickRetry }]));
  await enqueue(queue, ...Array.from({ length: 103 }, () => delivery('k')));
  await db.owner.query('UPDATE delivery SET parked = true');
  await db.owner.query(
    `INSERT INTO delivery_parked (lane_id, position, tenant_id, key, delivery_id, state, created_at)
     SELECT lane_id, position, tenant_id, key, id, 'queued', created_at FROM delivery`,
  );
  const { rows } = await db.owner.query('SELECT id FROM delivery ORDER BY position LIMIT 100');
  await inTx(async (tx) => {
    for (const { id } of rows) await queue.deliveries.discard(tx, id, by);
  });
  await run(queue).start();
  await until(() => system.sends.length === 3);
  await queue.idle();
  expect((await db.owner.query('SELECT * FROM delivery_parked')).rows).toEqual([]);
});

test('what is put back by hand during its look-up goes again before its followers', async () => {
  let lookedUp = false;
  let answer = (): void => {};
  const system = scriptedSystem({
    idempotency: 'C',
    settleMs: 100,
    send: (row, attempt) =>
      row.operation === 'first' && attempt === 1 ? { kind: 'unknown', detail: 'reset' } : { kind: 'confirmed' },
    lookup: async () => {
      lookedUp = true;
      await new Promise<void>((resolve) => (answer = resolve));
      return { kind: 'none' };
    },
  });
  const queue = await started(testQueue(db.engine, { deliverer: system.deliverer }));
  const [first = '', second = ''] = await enqueue(queue, delivery('k', { operation: 'first' }), delivery('k'));
  await until(() => lookedUp);
  await inTx((tx) => queue.deliveries.resolveUnknown(tx, first, 'resend', by));
  answer();
  await reach(queue, second, 'delivered');
  expect(system.sends.map((send) => send.deliveryId)).toEqual([first, first, second]);
});

async function someoneWaitsForALock(): Promise<boolean> {
  const { rowCount } = await db.owner.query(
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return rowCount !== 0;
}

test('a flow delivery that is discarded while its failure is being recorded frees its key', async () => {
  let discarding: Promise<void> | undefined;
  const handled: string[] = [];
  const queue: Queue = testQueue(db.engine, {
    flows: {
      async run(_tx, _tenantId, _flow, batch) {
        const bad = batch.find((row) => row.operation === 'bad');
        if (bad === undefined) {
          handled.push(...batch.map((row) => row.id));
          return;
        }
        // Waits for the row that this transaction has locked, and so comes right after its rollback.
        if (bad.attempt > 1) {
          discarding ??= inTx((tx) => queue.deliveries.discard(tx, bad.id, by));
          await until(someoneWaitsForALock);
        }
        throw new Error('no');
      },
    },
  });
  await started(queue, 'flow.react');
  const [, second = ''] = await enqueue(
    queue,
    delivery('k', { destination: 'flow.react', operation: 'bad' }),
    delivery('k', { destination: 'flow.react' }),
  );
  await reach(queue, second, 'delivered');
  await discarding;
  expect(handled).toEqual([second]);
});

test('what was never known to have arrived is settled whatever has come after it', async () => {
  const system = scriptedSystem({
    idempotency: 'C',
    lookup: (row) => ({ kind: 'found', outsideId: `o-${row.id}`, sameContent: true }),
  });
  const before = testQueue(db.engine, { deliverer: system.deliverer });
  await inTx((tx) => before.destinations.ensure(tx, [{ name: 'erp', lanes: 1, retry: quickRetry }]));
  const [first = ''] = await enqueue(before, delivery('k'), delivery('k'));
  await db.owner.query("UPDATE delivery SET state = 'outcome_unknown', parked = true WHERE id = $1", [first]);
  await db.owner.query(
    `INSERT INTO delivery_parked (lane_id, position, tenant_id, key, delivery_id, state, due_at, created_at)
     SELECT lane_id, position, tenant_id, key, id, state, now(), created_at FROM delivery WHERE id = $1`,
    [first],
  );
  const queue = run(testQueue(db.engine, { deliverer: system.deliverer }));
  await queue.start();
  expect(await reach(queue, first, 'delivered')).toMatchObject({ outsideId: `o-${first}` });
  expect(system.lookups.length).toBe(1);
});
