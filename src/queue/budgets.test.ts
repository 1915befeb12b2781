import { expect, test } from 'vitest';
import { delivery, scriptedSystem, settableClock, tenantId, testQueue } from '../../test/faults/scripted-queue.ts';
import { until } from '../../test/harness/index.ts';
import { db, inTx, run, useQueues } from '../../test/faults/use-queues.ts';
import type { BudgetSettings, Queue, QueueOptions } from './index.ts';

useQueues();

/** Workers over one outside system, with a budget for `erp`. */
async function workers(count: number, settings: BudgetSettings, options: Partial<QueueOptions> = {}, slowMs = 0) {
  const sentAt: number[] = [];
  const keys: string[] = [];
  const system = scriptedSystem({
    send: async (row) => {
      sentAt.push(performance.now());
      keys.push(row.key);
      if (slowMs > 0) await new Promise((resolve) => setTimeout(resolve, slowMs));
      return { kind: 'confirmed' };
    },
  });
  const queues = Array.from({ length: count }, () =>
    testQueue(db.engine, { deliverer: system.deliverer, leaseMs: 2_000, ...options }),
  );
  const [first] = queues as [Queue];
  await inTx(async (tx) => {
    await first.destinations.ensure(tx, [{ name: 'erp', lanes: 8, concurrency: 100 }]);
    await first.budgets.put(tx, 'erp', 0, settings);
  });
  for (const queue of queues) {
    run(queue);
    await queue.start();
  }
  await until(() => queues.every((queue) => queue.stats().lanes > 0));
  return { queues, first, system, sentAt, keys };
}

const enqueue = (queue: Queue, names: readonly string[], operation = 'order.create') =>
  inTx((tx) =>
    queue.enqueue(
      tx,
      names.map((name) => delivery(name, { operation })),
    ),
  );
const numbered = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

test('three workers never call more often than the quota of the day allows, and use it up', async () => {
  const clock = settableClock('2026-06-01T12:00:00Z');
  const { first, queues, system } = await workers(3, { quota: { calls: 40, per: 'day', zone: 'UTC' } }, { clock });
  await enqueue(first, numbered('k', 150));
  await until(() => system.sends.length >= 40);
  // Whoever held calls that he did not need gives them back; nobody finds more than there are.
  await Promise.all(queues.map((queue) => queue.idle()));
  expect(system.sends).toHaveLength(40);
  const [budget] = await inTx((tx) => first.budgets.list(tx));
  expect(budget?.quota).toMatchObject({ limit: 40, used: 40, left: 0, waiting: 110 });
  expect(budget?.quota?.exhaustedAt).toBeDefined();

  clock.set('2026-06-02T00:00:01Z');
  await until(() => system.sends.length >= 80);
  await Promise.all(queues.map((queue) => queue.idle()));
  expect(system.sends).toHaveLength(80);
  const { rows } = await db.owner.query('SELECT used FROM destination_budget');
  expect(rows).toEqual([{ used: 40 }]);
}, 60_000);

test('three workers keep to one rate', async () => {
  const { first, sentAt, system } = await workers(3, { rate: { calls: 20, perSeconds: 1, burst: 5 } });
  await enqueue(first, numbered('k', 45));
  await until(() => system.sends.length === 45);
  const sorted = sentAt.toSorted((a, b) => a - b);
  // Of any 5 + n calls the first and the last are at least n/20 s apart, but for the quarter of a second a block may wait.
  for (let index = 0; index < sorted.length; index++) {
    for (let later = index + 15; later < sorted.length; later++) {
      const calls = later - index + 1;
      expect((sorted[later] ?? 0) - (sorted[index] ?? 0)).toBeGreaterThan(((calls - 5) / 20) * 1_000 - 300);
    }
  }
});

test('three workers share the calls at once, and each of them gets some', async () => {
  const { first, queues, system } = await workers(3, { concurrency: 2 }, {}, 15);
  await enqueue(first, numbered('k', 90));
  await until(() => system.sends.length === 90, 30_000);
  await Promise.all(queues.map((queue) => queue.idle()));
  expect(system.maxConcurrent).toBe(2);
  for (const queue of queues) expect(queue.stats().delivered).toBeGreaterThan(0);
}, 60_000);

test('what a dead worker held of the calls at once is free when its lease is over', async () => {
  const { first, system } = await workers(1, { concurrency: 1 });
  await db.owner.query(
    `INSERT INTO lane_worker (worker_id, lease_until) VALUES ('dead', clock_timestamp() + interval '700 ms')`,
  );
  await db.owner.query(`INSERT INTO destination_slot VALUES ($1, 'erp', 'dead', 1, 1)`, [tenantId]);
  const before = performance.now();
  await enqueue(first, ['a']);
  await until(() => system.sends.length === 1);
  expect(performance.now() - before).toBeGreaterThan(500);
});

test('the last part of a quota is kept for orders, and orders go before the catalogue', async () => {
  const settings: BudgetSettings = {
    quota: { calls: 10, per: 'day', zone: 'UTC' },
    reserves: [{ share: 0.5, minPriority: 60 }],
  };
  const clock = settableClock('2026-06-01T12:00:00Z');
  const { first, keys } = await workers(1, settings, { clock });
  await enqueue(first, numbered('item-', 20), 'item.update');
  await first.idle();
  expect(keys).toHaveLength(5);
  await enqueue(first, [...numbered('more-', 5)], 'item.update');
  await enqueue(first, numbered('order-', 8));
  await until(() => keys.length >= 10);
  await first.idle();
  expect(keys).toHaveLength(10);
  expect(keys.slice(5).every((key) => key.startsWith('order-'))).toBe(true);
});

test('budgets are changed under their version; what was used stays used', async () => {
  const clock = settableClock('2026-06-01T12:00:00Z');
  const { first, system } = await workers(1, { quota: { calls: 3, per: 'day', zone: 'UTC' } }, { clock });
  await enqueue(first, numbered('k', 8));
  await until(() => system.sends.length === 3);
  await first.idle();
  const put = (version: number, settings: BudgetSettings) =>
    inTx((tx) => first.budgets.put(tx, 'erp', version, settings));
  await expect(put(0, {})).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
  await expect(put(1, { concurrency: 0 })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  await put(1, { quota: { calls: 5, per: 'day', zone: 'UTC' } });
  await until(() => system.sends.length === 5);
  await first.idle();
  expect(system.sends).toHaveLength(5);
  await put(2, {});
  await until(() => system.sends.length === 8);
  await expect(inTx((tx) => first.budgets.get(tx, 'nowhere'))).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('a worker that comes back under its name does not keep the calls at once of its former life', async () => {
  const system = scriptedSystem();
  const start = async (workerId: string): Promise<Queue> => {
    const queue = testQueue(db.engine, { deliverer: system.deliverer, leaseMs: 2_000, workerId });
    run(queue);
    await queue.start();
    return queue;
  };
  const holder = await start('holder');
  await inTx(async (tx) => {
    await holder.destinations.ensure(tx, [{ name: 'erp', lanes: 1, concurrency: 100 }]);
    await holder.budgets.put(tx, 'erp', 0, { concurrency: 1 });
  });
  await until(() => holder.stats().lanes === 1);
  // Another one held them when it was killed; back again it finds no lane free, and has nothing to call.
  await db.owner.query(
    `INSERT INTO destination_slot (tenant_id, destination, worker_id, wanted, held) VALUES ($1, 'erp', 'again', 3, 1)`,
    [tenantId],
  );
  await start('again');
  await enqueue(holder, ['a', 'b', 'c']);
  await until(() => system.sends.length === 3);
});
