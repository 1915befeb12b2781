import { withOwner } from '../platform/index.ts';

/** How many partitions exist beyond the one in use. */
const partitionsAhead = 2;

/**
 * Makes the partitions that will be needed next, as the owner of the schema: two beyond the present one, so that no
 * default partition is ever needed. To be called at start, before anything is written, and every hour or so.
 * @returns the names of those it made
 */
export function maintainPartitions(ownerUrl: string): Promise<string[]> {
  return withOwner(ownerUrl, async (query) => {
    // Several hubs may do this at once; the lock goes with the connection.
    await query('SELECT pg_advisory_lock(4921005)');
    const made = await query(
      `SELECT ledger_position_partitions($1) AS name
       UNION ALL SELECT ledger_month_partitions('attempt', $1, now())
       UNION ALL SELECT ledger_month_partitions('attempt_batch', $1, now())
       UNION ALL SELECT ledger_month_partitions('event', $1, now())`,
      [partitionsAhead],
    );
    return made.map((row) => String(row['name']));
  });
}
