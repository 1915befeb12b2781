import { openExceptions } from '../exceptions/index.ts';
import type { Tx } from '../platform/index.ts';
import type { OrderFact } from './orders-types.ts';

/** How long a fact waits for what it is about. */
export const parkedForMs = 24 * 3_600_000;

/** What a parked fact waits for: its fulfilment order, else its order. */
export function parentOf(fact: Pick<OrderFact, 'fulfillmentNo' | 'orderNo' | 'document'>): string {
  return fact.fulfillmentNo ?? fact.orderNo ?? `document:${fact.document}`;
}

/** Keeps facts whose parent is not known yet; the same fact again changes nothing. */
export async function parkFacts(tx: Tx, facts: readonly OrderFact[], now: Date): Promise<void> {
  if (facts.length === 0) return;
  const rows = facts.map((fact) => ({
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
        FROM jsonb_to_recordset($1) AS r(parent text, source text, document text, line_no integer, kind text,
          sequence bigint, fact jsonb)
        ORDER BY parent, source, document, line_no, kind, sequence ON CONFLICT DO NOTHING`,
    },
    [JSON.stringify(rows), now],
  );
}

/** Facts that waited for these fulfilment or order numbers, removed from waiting: apply them now. */
export async function takeParkedFacts(tx: Tx, parents: readonly string[]): Promise<OrderFact[]> {
  if (parents.length === 0) return [];
  const rows = await tx.query<{ fact: OrderFact }>(
    {
      name: 'orders-take-parked-facts',
      text: 'DELETE FROM order_fact_parked WHERE parent = ANY($1) RETURNING fact',
    },
    [parents],
  );
  return rows.map((row) => row.fact);
}

/** What facts wait for, longest first: a sweep tries again those whose parent was made at the very moment they came. */
export async function listParkedParents(
  tx: Tx,
  limit: number,
): Promise<{ parent: string; facts: number; since: Date }[]> {
  return tx.query(
    `SELECT parent, count(*) AS facts, min(parked_at) AS since FROM order_fact_parked
     GROUP BY parent ORDER BY min(parked_at) LIMIT $1`,
    [limit],
  );
}

/** Opens ORPHAN_EVENT for facts that waited 24 hours and drops them; run it every few minutes. Answers how many. */
export async function expireParkedFacts(tx: Tx, now: Date, limit = 500): Promise<number> {
  const rows = await tx.query<{ parent: string; fact: OrderFact }>(
    `DELETE FROM order_fact_parked WHERE (tenant_id, parent, source, document, line_no, kind, sequence) IN (
       SELECT tenant_id, parent, source, document, line_no, kind, sequence FROM order_fact_parked
       WHERE parked_at <= $1 ORDER BY parked_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING parent, fact`,
    [new Date(now.getTime() - parkedForMs), limit],
  );
  const byParent = new Map<string, OrderFact[]>();
  for (const { parent, fact } of rows) byParent.set(parent, [...(byParent.get(parent) ?? []), fact]);
  await openExceptions(
    tx,
    [...byParent].map(([parent, facts]) => ({
      code: 'ORPHAN_EVENT' as const,
      dedupeKey: `orphan:${parent}`,
      entityRefs: [{ kind: 'document', id: parent, label: parent }],
      cause: `${facts[0]!.source} reported ${facts.map((f) => `${f.quantity} ${f.uom} ${f.kind}`).join(', ')} for ${parent}, which did not appear within 24 hours.`,
      data: { parent, facts },
    })),
    now,
  );
  return rows.length;
}
