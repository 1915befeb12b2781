import type { Db } from './db.ts';
import { withOwner } from './with-owner.ts';

/** Smaller tables are quick to read whatever the plan. */
const fromRows = 500;
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
 * same, once a minute by default: a hub that takes in its first orders has an hour's worth by then.
 * @returns the tables that were counted
 */
export async function refreshStatistics(engine: Db, ownerUrl: string): Promise<string[]> {
  const tables = await engine.engineTx((tx) => tx.query<{ name: string }>(outgrown, [fromRows, toRows]));
  if (tables.length === 0) return [];
  return withOwner(ownerUrl, async (query) => {
    const counted: string[] = [];
    for (const { name } of tables) {
      // Whoever holds the table's lock (autovacuum, another hub) is about to do it.
      await query(`ANALYZE (SKIP_LOCKED) ${name}`);
      counted.push(name);
    }
    return counted;
  });
}
