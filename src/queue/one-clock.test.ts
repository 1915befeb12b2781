import { afterAll, beforeAll, expect, test } from 'vitest';
import { delivery, scriptedSystem, tenantId, testQueue } from '../../test/faults/scripted-queue.ts';
import { type TestDatabase, testDatabase, until } from '../../test/harness/index.ts';
import { type DatabaseClock, silentLogger, startDatabaseClock, systemClock } from '../platform/index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const hourMs = 3_600_000;
/** A process whose own clocks, both of them, are so much ahead of the database's. */
const clockOf = (aheadMs: number): Promise<DatabaseClock> =>
  startDatabaseClock({
    db: db.engine,
    log: silentLogger,
    local: { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs },
  });

test('workers whose clocks are hours apart agree on when a retry is due', async () => {
  const retry = { baseMs: 1_500, factor: 1, maxMs: 1_500, maxAttempts: 5 };
  const tries: { worker: string; atMs: number }[] = [];
  const systemOf = (worker: string) =>
    scriptedSystem({
      send: () => {
        tries.push({ worker, atMs: performance.now() });
        return tries.length < 3 ? { kind: 'retryable', sent: false, detail: 'refused' } : { kind: 'confirmed' };
      },
    });
  for (const [worker, aheadMs] of [
    ['slow', -hourMs],
    ['fast', hourMs],
    ['right', 0],
  ] as const) {
    const clock = await clockOf(aheadMs);
    const queue = testQueue(db.engine, {
      deliverer: systemOf(worker).deliverer,
      clock,
      random: () => 0.5,
      leaseMs: 1_000,
    });
    await db.app.tx(tenantId, (tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 1, retry }]));
    if (tries.length === 0) await db.app.tx(tenantId, (tx) => queue.enqueue(tx, [delivery('a')]));
    await queue.start();
    const before = tries.length;
    await until(() => tries.length > before);
    await until(async () => {
      const { rows } = await db.owner.query(`SELECT 1 FROM intent`);
      return rows.length === 0;
    });
    await queue.stop();
    clock.stop();
  }
  expect(tries.map(({ worker }) => worker)).toEqual(['slow', 'fast', 'right']);
  const waits = [tries[1]!.atMs - tries[0]!.atMs, tries[2]!.atMs - tries[1]!.atMs];
  // An hour ahead would not have waited at all, an hour behind for an hour.
  for (const waitedMs of waits) {
    expect(waitedMs).toBeGreaterThan(700);
    expect(waitedMs).toBeLessThan(10_000);
  }
});
