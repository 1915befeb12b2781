import { withOwner } from '../platform/index.ts';

/** How many months beyond the present one have their partitions. */
const monthsAhead = 2;

/** Makes the message ledger's next monthly partitions, as the owner of the schema. Call it at start and every hour or so. */
export async function ensureLedgerPartitions(ownerUrl: string): Promise<void> {
  await withOwner(ownerUrl, async (query) => {
    // Making a partition locks its parent: a busy one is left for the next round.
    await query("SET lock_timeout = '5s'");
    await query('SELECT pg_advisory_lock(4921006)');
    for (const parent of ['message', 'message_chunk', 'document']) {
      await query('SELECT ensure_month_partitions($1, $2, now())', [parent, monthsAhead]);
    }
  });
}
