import { afterAll, beforeAll, expect, it } from 'vitest';
import { manualClock, type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { offsetAfter } from './database-clock.ts';
import { type Clock, silentLogger, startDatabaseClock, systemClock } from './index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const databaseMs = async (): Promise<number> => {
  const { rows } = await db.owner.query<{ ms: number }>(
    'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 ms',
  );
  return rows[0]!.ms;
};
/** What an offset may be off by, as half of a round trip on a busy machine. */
const slackMs = 100;

async function expectDatabaseTime(clock: Clock): Promise<void> {
  const before = await databaseMs();
  const shown = clock.now().getTime();
  expect(shown).toBeGreaterThan(before - slackMs);
  expect(shown).toBeLessThan((await databaseMs()) + slackMs);
}

it("shows the database's time, whatever the process's monotonic time counts from", async () => {
  const hourMs = 3_600_000;
  for (const aheadMs of [0, hourMs, -hourMs]) {
    const local = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs };
    const clock = await startDatabaseClock({ db: db.engine, log: silentLogger, local });
    await expectDatabaseTime(clock);
    clock.stop();
  }
});

it('finds its way back after the process stood still, or its time ran too fast', async () => {
  const local = manualClock('2026-06-01T00:00:00Z');
  const clock = await startDatabaseClock({ db: db.engine, log: silentLogger, local, everyMs: 5_000 });
  const startMs = clock.now().getTime();
  await db.owner.query('SELECT pg_sleep(0.2)');
  // As after a suspended machine: no time has passed here.
  expect(clock.now().getTime()).toBe(startMs);
  const before = Math.floor(await databaseMs());
  local.advance(5_000);
  expect(clock.now().getTime()).toBe(startMs + 5_000);
  await expect.poll(() => clock.now().getTime() - startMs).toBeLessThan(4_000);
  // No time passes here meanwhile, so that it shows the moment of its measurement.
  const shown = clock.now().getTime();
  expect(shown).toBeGreaterThanOrEqual(before);
  expect(shown).toBeLessThanOrEqual(await databaseMs());
  clock.stop();
  expect(local.pendingTimers).toBe(0);
});

it('goes on by its last offset while the database does not answer', async () => {
  const lost = await testDatabase();
  const local = manualClock('2026-06-01T00:00:00Z');
  let failures = 0;
  const log = { ...silentLogger, debug: () => void failures++ };
  const clock = await startDatabaseClock({ db: lost.engine, log, local, everyMs: 5_000 });
  const startMs = clock.now().getTime();
  await lost.drop();
  local.advance(5_000);
  await expect.poll(() => failures).toBe(1);
  expect(clock.now().getTime()).toBe(startMs + 5_000);
  // It goes on asking.
  local.advance(5_000);
  await expect.poll(() => failures).toBe(2);
  clock.stop();
});

it('keeps an estimate that no round trip contradicts, and takes the middle of what they allow otherwise', () => {
  const [short, slow] = [
    { leastMs: 100, mostMs: 102 },
    { leastMs: 20, mostMs: 900 },
  ];
  expect(offsetAfter(undefined, [slow, short])).toBe(101);
  expect(offsetAfter(101.7, [slow, short])).toBe(101.7);
  expect(offsetAfter(500, [slow])).toBe(500);
  expect(offsetAfter(90, [slow, short])).toBe(101);
  // The database's clock was set between the two: the one that says more counts.
  expect(offsetAfter(101, [{ leastMs: 5_000, mostMs: 5_001 }, short])).toBe(5_000.5);
});
