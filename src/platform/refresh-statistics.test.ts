import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { refreshStatistics } from './refresh-statistics.ts';
import { withOwner } from './with-owner.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

/** The statistics' count of rows is on record when this returns. */
const grow = (rows: number): Promise<unknown> =>
  withOwner(db.url, async (query) => {
    await query("INSERT INTO growing SELECT 'acme', n FROM generate_series(1, $1::int) AS n", [rows]);
    await query('SELECT pg_stat_force_next_flush()');
  });

const refresh = (): Promise<string[]> => refreshStatistics(db.engine, db.url);

test('a table is counted when it has some rows, and whenever it has more than doubled', async () => {
  // The server's own autovacuum may come by at any moment, count the table first or have it locked.
  const own = 'CREATE TABLE growing (tenant_id text, n int) WITH (autovacuum_enabled = false)';
  await withOwner(db.url, (query) => query(own));
  await grow(15);
  expect(await refresh()).toEqual([]);
  await grow(25);
  expect(await refresh()).toEqual(['growing']);
  const { rows } = await db.owner.query(
    "SELECT n_distinct::int AS n FROM pg_stats WHERE tablename = 'growing' AND attname = 'tenant_id'",
  );
  expect(rows).toEqual([{ n: 1 }]);
  expect(await refresh()).toEqual([]);
  await grow(35);
  expect(await refresh()).toEqual([]);
  await grow(35);
  expect(await refresh()).toEqual(['growing']);
});
