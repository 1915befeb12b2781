import type { Db } from './db.ts';
import { withOwner } from './with-owner.ts';

/** Below this no plan can go far wrong. From 500 on, as it was, the first orders of a new hub cost the server half as much again. */
const fromRows = 20;
/** Beyond this autovacuum is soon enough: what it was planned with is still right. */
const toRows = 1_000_000;

/**
 * Tables (partitions one by one) that have more than doubled since anybody counted them. Row-level security puts the
 * tenant into every condition, and of a column without statistics the planner takes a condition for one that hardly any
 * row meets: so it reads all rows of the tenant where it should look up a few by their keys.
 */
const outgrown = {
  name: 'platform-outgrown-tables',
  text: `
    SELECT c.oid::regclass::text AS name FROM pg_class AS c
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
      AND pg_stat_get_live_tuples(c.oid) BETWEEN $1 AND $2
      AND (pg_stat_get_live_tuples(c.oid) > 2 * c.reltuples
        OR coalesce(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)) IS NULL)
    ORDER BY 1`,
};

/**
 * Counts again what has outgrown its statistics, as the owner of the schema; for every few seconds. Autovacuum does the
 * same, once a minute by default, and a hub takes in a hundred thousand orders in a minute.
 * @returns the tables that were counted
 */
export async function refreshStatistics(engine: Db, ownerUrl: string): Promise<string[]> {
  const tables = await engine.engineTx((tx) => tx.query<{ name: string }>(outgrown, [fromRows, toRows]));
  const names = tables.map(({ name }) => name);
  if (names.length === 0) return names;
  await withOwner(ownerUrl, async (query) => {
    // Three thousand rows of each table instead of thirty thousand: it is about orders of magnitude, and comes often while
    // tables are young (measured: a tenth of the server's time over the first minute). Autovacuum reads more of them later.
    await query('SET default_statistics_target = 10');
    // Whoever holds a table's lock (autovacuum, another hub) is about to do it.
    for (const name of names) await query(`ANALYZE (SKIP_LOCKED) ${name}`);
  });
  return names;
}
