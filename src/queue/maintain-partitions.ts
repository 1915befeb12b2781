import pg from 'pg';

/** How many partitions exist beyond the one in use. */
const partitionsAhead = 2;

/**
 * Makes the partitions that will be needed next, as the owner of the schema: two beyond the present one, so that no
 * default partition is ever needed. To be called at start, before anything is written, and every hour or so.
 * @returns the names of those it made
 */
export async function maintainPartitions(ownerUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'crossdock partitions' });
  client.on('error', () => {});
  await client.connect();
  try {
    // Several hubs may do this at once; making a partition locks its parent, so a busy one is left for the next round.
    await client.query("SET lock_timeout = '5s'");
    await client.query('SELECT pg_advisory_lock(4921005)');
    const made = await client.query<{ name: string }>(
      `SELECT ledger_position_partitions($1) AS name
       UNION ALL SELECT ledger_month_partitions('attempt', $1, now())
       UNION ALL SELECT ledger_month_partitions('attempt_batch', $1, now())
       UNION ALL SELECT ledger_month_partitions('event', $1, now())`,
      [partitionsAhead],
    );
    return made.rows.map((row) => row.name);
  } finally {
    await client.end();
  }
}
