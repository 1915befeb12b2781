import type { Tx } from '../platform/index.ts';
import type { OrderFact } from './orders-types.ts';

/** Facts that wait for the same fulfilment or order number. */
export interface ParkedFacts {
  parent: string;
  facts: OrderFact[];
}

/** What a parked fact waits for: its fulfilment order, else its order. */
function parentOf(fact: Pick<OrderFact, 'fulfillmentNo' | 'orderNo' | 'document'>): string {
  return fact.fulfillmentNo ?? fact.orderNo ?? `document:${fact.document}`;
}

/**
 * Keeps facts whose parent is not known yet. The same fact again changes nothing; the same key and sequence with another
 * quantity is kept as well, and found to be a conflict when both apply.
 */
export async function parkFacts(tx: Tx, facts: readonly OrderFact[], now: Date): Promise<void> {
  if (facts.length === 0) return;
  const rows = facts.map((fact, index) => ({
    index,
    parent: parentOf(fact),
    source: fact.source,
    document: fact.document,
    line_no: fact.lineNo,
    kind: fact.kind,
    sequence: fact.sequence,
    fact,
  }));
  await tx.query(
    {
      name: 'orders-park-facts',
      text: `INSERT INTO order_fact_parked (tenant_id, parent, source, document, line_no, kind, sequence, fact, parked_at)
        SELECT current_setting('crossdock.tenant'), parent, source, document, line_no, kind, sequence, fact, $2
        FROM jsonb_to_recordset($1) AS r(index integer, parent text, source text, document text, line_no integer, kind text,
          sequence bigint, fact jsonb)
        ORDER BY parent, source, document, line_no, kind, sequence, index ON CONFLICT DO NOTHING`,
    },
    [JSON.stringify(rows), now],
  );
}

/** Takes the facts that waited for these fulfilment or order numbers, in order of arrival; they are the caller's now. */
export async function takeParkedFacts(tx: Tx, parents: readonly string[]): Promise<ParkedFacts[]> {
  if (parents.length === 0) return [];
  const rows = await tx.query<ParkedRow>(
    {
      name: 'orders-take-parked-facts',
      text: 'DELETE FROM order_fact_parked WHERE parent = ANY($1) RETURNING parent, fact, arrival',
    },
    [parents],
  );
  return byParent(rows);
}

/**
 * Marks facts that have waited since before `before` as orphans. Answers the parents they wait for, each with everything
 * that was said about it and found no place so far; a parent is answered again only when more has waited in vain.
 */
export async function markFactOrphans(tx: Tx, before: Date, now: Date, limit: number): Promise<ParkedFacts[]> {
  const marked = await tx.query<{ parent: string }>(
    `UPDATE order_fact_parked SET orphaned_at = $2 WHERE (tenant_id, arrival) IN (
       SELECT tenant_id, arrival FROM order_fact_parked WHERE orphaned_at IS NULL AND parked_at < $1
       ORDER BY parked_at LIMIT $3 FOR UPDATE SKIP LOCKED)
     RETURNING parent`,
    [before, now, limit],
  );
  if (marked.length === 0) return [];
  const parents = [...new Set(marked.map((row) => row.parent))];
  return byParent(
    await tx.query<ParkedRow>(
      'SELECT parent, fact, arrival FROM order_fact_parked WHERE parent = ANY($1) AND orphaned_at IS NOT NULL',
      [parents],
    ),
  );
}

interface ParkedRow {
  parent: string;
  fact: OrderFact;
  arrival: number;
}

function byParent(rows: readonly ParkedRow[]): ParkedFacts[] {
  const groups = Map.groupBy(
    rows.toSorted((a, b) => a.arrival - b.arrival),
    (row) => row.parent,
  );
  return [...groups].map(([parent, own]) => ({ parent, facts: own.map((row) => row.fact) }));
}
