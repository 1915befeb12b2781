import { afterAll, beforeAll, expect, test } from 'vitest';
import { delivery, scriptedSystem, tenantId, testQueue } from '../../test/faults/scripted-queue.ts';
import { type TestDatabase, testDatabase, until } from '../../test/harness/index.ts';
import { silentLogger, systemClock } from '../platform/index.ts';
import { createIntakeGate, oldestWaiting } from './index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

test('whoever asks what waits counts the same: behind the cursor and set aside, and nothing that is through', async () => {
  const system = scriptedSystem({
    send: ({ key }) => {
      if (key === 'held') return { kind: 'rejected', class: 'business', code: 'NO', message: 'not now' };
      if (key === 'retried') return { kind: 'retryable', sent: false, retryAfterMs: 600_000, detail: 'later' };
      return { kind: 'confirmed' };
    },
  });
  const queue = testQueue(db.engine, { deliverer: system.deliverer });
  const enqueue = (...keys: string[]) =>
    db.app.tx(tenantId, (tx) =>
      queue.enqueue(
        tx,
        keys.map((key) => delivery(key)),
      ),
    );
  await queue.start();
  await enqueue('held', 'retried', 'through', 'held');
  await until(() => system.settled.length >= 3);
  await queue.idle();
  await queue.stop();
  await enqueue('new', 'new');

  const waiting = await db.app.tx(tenantId, (tx) => queue.deliveries.waitingKeys(tx, 'erp', 100));
  expect(Object.fromEntries(waiting)).toEqual({ held: 2, new: 2, retried: 1 });
  const limits = { destination: 100, tenant: 100, total: 100, freeBytes: 0 };
  const gate = createIntakeGate({ engine: db.engine, clock: systemClock, log: silentLogger, limits });
  await gate.look();
  expect(gate.ofTenant(tenantId).open).toBe(5);

  // What goes by itself, however long others have been waiting for a person.
  const age = (key: string, minutes: number) =>
    Promise.all(
      ['delivery', 'delivery_parked'].map((table) =>
        db.owner.query(`UPDATE ${table} SET created_at = now() - make_interval(mins => $2) WHERE key = $1`, [
          key,
          minutes,
        ]),
      ),
    );
  const oldest = async () => {
    const found = await db.engine.engineTx(oldestWaiting);
    return { ...found, minutes: Math.floor((found?.ageMs ?? 0) / 60_000), ageMs: undefined };
  };
  await age('new', 7);
  expect(await oldest()).toEqual({ destination: 'erp', minutes: 7 });
  await age('retried', 20);
  expect(await oldest()).toEqual({ destination: 'erp', minutes: 20 });
  await db.owner.query(`UPDATE delivery_parked SET state = 'held' WHERE key = 'held'`);
  await age('held', 90);
  expect(await oldest()).toEqual({ destination: 'erp', minutes: 20 });
});
