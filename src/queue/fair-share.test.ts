import { expect, test } from 'vitest';
import { interceptedDb } from '../../test/faults/intercepted-db.ts';
import { delivery, scriptedSystem, testQueue } from '../../test/faults/scripted-queue.ts';
import { until } from '../../test/harness/index.ts';
import { db, run, useQueues } from '../../test/faults/use-queues.ts';
import type { Sql, Tx } from '../platform/index.ts';
import type { Deliverer, Queue } from './index.ts';
import { readLanes } from './sql/read-lanes.ts';
import { fairParts } from './step/fair-share.ts';

useQueues();

/** A queue that notes, per tenant, which destinations each transaction of intents was for; and when keys were read. */
function countingRounds() {
  const system = scriptedSystem();
  const rounds: { tenant: string; destinations: Set<string> }[] = [];
  /** How many transactions of intents there had been when these keys were read. */
  const readAt = new Map<string, number>([
    ['order-1', Number.NaN],
    ['order-2', Number.NaN],
  ]);
  const engine = interceptedDb(db.engine, {
    async query<R>(tx: Tx, sql: Sql, params: readonly unknown[]): Promise<R[]> {
      const rows = await tx.query<R>(sql, params);
      if (sql === readLanes) {
        const keys = (rows as { key: string[] }[]).flatMap((lane) => lane.key);
        for (const key of readAt.keys()) if (keys.includes(key)) readAt.set(key, rounds.length);
      }
      return rows;
    },
  });
  const deliverer: Deliverer = {
    ...system.deliverer,
    prepare(tx, tenant, batch) {
      rounds.push({ tenant, destinations: new Set(batch.map((row) => row.destination)) });
      return system.deliverer.prepare(tx, tenant, batch);
    },
  };
  const queue = testQueue(engine, { deliverer });
  run(queue);
  return { queue, rounds, readAt, system };
}

async function flood(queue: Queue, tenant: string, destination: string, count: number): Promise<void> {
  await db.app.tx(tenant, (tx) => queue.destinations.ensure(tx, [{ name: destination, lanes: 4, concurrency: 1_000 }]));
  for (let from = 0; from < count; from += 5_000) {
    const rows = Array.from({ length: 5_000 }, (_, n) => delivery(`${destination}-${from + n}`, { destination }));
    await db.app.tx(tenant, (tx) => queue.enqueue(tx, rows));
  }
}

test('parts are equal where there is too little, and go around', () => {
  expect(fairParts([5, 3], 10, 0)).toEqual([5, 3]);
  expect(fairParts([1_000, 1], 1_000, 0)).toEqual([999, 1]);
  expect(fairParts([9, 9, 9], 2, 1)).toEqual([0, 1, 1]);
  expect(fairParts([9, 9, 9], 2, 2)).toEqual([1, 0, 1]);
});

test('behind a flood of 50,000 to one destination, one order to another goes with the next transactions', async () => {
  const { queue, rounds, readAt } = countingRounds();
  await flood(queue, 'acme', 'flooded', 50_000);
  await db.app.tx('acme', (tx) => queue.destinations.ensure(tx, [{ name: 'erp' }]));
  await db.app.tx('other', (tx) => queue.destinations.ensure(tx, [{ name: 'erp' }]));
  await queue.start();
  await until(() => rounds.length > 3);
  await db.app.tx('acme', (tx) => queue.enqueue(tx, [delivery('order-1')]));
  await db.app.tx('other', (tx) => queue.enqueue(tx, [delivery('order-2')]));
  const wentAt = (tenant: string): number =>
    rounds.findIndex((round) => round.tenant === tenant && round.destinations.has('erp'));
  await until(() => wentAt('acme') >= 0 && wentAt('other') >= 0, 60_000);
  // From its reading on: the transaction that was being put together then, and the few that may be while its reading is committed.
  expect(wentAt('acme') - (readAt.get('order-1') ?? Number.NaN)).toBeLessThan(8);
  expect(wentAt('other') - (readAt.get('order-2') ?? Number.NaN)).toBeLessThan(8);
}, 120_000);

test('destinations that are paused or slow never fill the memory that others need', async () => {
  const { queue, system } = countingRounds();
  for (const name of ['stuck-1', 'stuck-2', 'stuck-3']) {
    await flood(queue, 'acme', name, 10_000);
    await db.app.tx('acme', (tx) => queue.destinations.pause(tx, name, 'for the test'));
  }
  await queue.start();
  await until(() => queue.stats().lanes === 12);
  await queue.idle();
  expect(queue.stats().inMemory).toBeLessThan(1_000);
  await db.app.tx('acme', (tx) => queue.enqueue(tx, [delivery('order-1')]));
  await until(() => system.sends.some((send) => send.key === 'order-1'));
  await db.app.tx('acme', (tx) => queue.destinations.resume(tx, 'stuck-2'));
  await until(() => system.sends.length === 10_001, 60_000);
}, 120_000);
