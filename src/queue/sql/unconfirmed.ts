import type { Tx } from '../../platform/index.ts';

/**
 * Deliveries to outside systems that the ledger holds for delivered although no attempt says so. A lane's cursor delivers what it
 * passes, without a mark on the row, so that this is the one way to see that it passed something wrongly. There should never be any.
 * Deliveries to flows leave no attempt: their effect is committed with the cursor.
 *
 * $1 since when; the batches of attempts of the same time are unfolded once, as a set. Settings of the working connections,
 * which forbid the plans that read much, are put aside by the caller.
 */
const deliveredUnconfirmed = `
  WITH confirmed AS MATERIALIZED (
    SELECT unnest(positions) AS position FROM attempt_batch WHERE id >= ledger_uuid_at($1)
  )
  SELECT l.tenant_id, l.destination, count(*)::integer AS deliveries, min(d.created_at) AS oldest,
    (array_agg(d.id::text ORDER BY d.position))[1:3] AS ids
  FROM delivery AS d JOIN lane AS l ON l.lane_id = d.lane_id
  WHERE d.id >= ledger_uuid_at($1) AND l.destination NOT LIKE 'flow.%' AND NOT d.parked
    AND (d.state = 'delivered' OR (d.state = 'queued' AND d.position <= l.cursor_position))
    AND NOT EXISTS (SELECT FROM confirmed AS c WHERE c.position = d.position)
    AND NOT EXISTS (SELECT FROM attempt AS a WHERE a.delivery_id = d.id AND a.state = 'confirmed')
  GROUP BY l.tenant_id, l.destination ORDER BY oldest`;

export interface Unconfirmed {
  tenantId: string;
  destination: string;
  deliveries: number;
  oldest: Date;
  /** The first few. */
  ids: string[];
}

/** What was delivered since then by the ledger's account and not by any attempt's. Reads all deliveries of that time. */
export async function findUnconfirmed(tx: Tx, since: Date): Promise<Unconfirmed[]> {
  await tx.query('SET LOCAL enable_hashjoin = on; SET LOCAL enable_seqscan = on; SET LOCAL plan_cache_mode = auto');
  const rows = await tx.query<Omit<Unconfirmed, 'tenantId'> & { tenant_id: string }>(deliveredUnconfirmed, [since]);
  return rows.map(({ tenant_id, ...row }) => ({ tenantId: tenant_id, ...row }));
}
