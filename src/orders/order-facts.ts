import { type CountedFact, normalizeDecimal } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';

/** A fact as stored: quantity in base units. */
export interface StoredFact extends CountedFact {
  orderId: string;
  sequence: number;
}

/** One that has just come in. */
export interface IncomingFact extends StoredFact {
  occurredAt: string;
  reason?: string;
}

export const factKey = (fact: { source: string; document: string; lineNo: number; kind: string }): string =>
  JSON.stringify([fact.source, fact.document, fact.lineNo, fact.kind]);

interface FactRow {
  order_id: string;
  source: string;
  document: string;
  line_no: number;
  kind: StoredFact['kind'];
  sequence: number;
  quantity: string;
  fulfillment_no: string | null;
  shipment_no: string | null;
}

function storedFact(row: FactRow): StoredFact {
  return {
    orderId: row.order_id,
    source: row.source,
    document: row.document,
    lineNo: row.line_no,
    kind: row.kind,
    sequence: row.sequence,
    quantity: normalizeDecimal(row.quantity),
    fulfillmentNo: row.fulfillment_no ?? undefined,
    shipmentNo: row.shipment_no ?? undefined,
  };
}

/** Facts of orders by their keys. Only what is summed and compared: an order has dozens of them, read with each report. */
export async function loadFacts(tx: Tx, orderIds: readonly string[]): Promise<Map<string, Map<string, StoredFact>>> {
  const rows = await tx.query<FactRow>(
    {
      name: 'orders-load-facts',
      text: `SELECT order_id, source, document, line_no, kind, sequence, quantity, fulfillment_no, shipment_no
        FROM order_fact WHERE order_id = ANY($1::uuid[])`,
    },
    [orderIds],
  );
  const facts = new Map(orderIds.map((id) => [id, new Map<string, StoredFact>()]));
  for (const row of rows) {
    const fact = storedFact(row);
    facts.get(row.order_id)!.set(factKey(fact), fact);
  }
  return facts;
}

export async function writeFacts(tx: Tx, facts: readonly IncomingFact[], now: Date): Promise<void> {
  if (facts.length === 0) return;
  const rows = facts.map((fact) => ({
    order_id: fact.orderId,
    source: fact.source,
    document: fact.document,
    line_no: fact.lineNo,
    kind: fact.kind,
    sequence: fact.sequence,
    quantity: fact.quantity,
    fulfillment_no: fact.fulfillmentNo,
    shipment_no: fact.shipmentNo,
    reason: fact.reason,
    occurred_at: fact.occurredAt,
  }));
  await tx.query(
    {
      name: 'orders-write-facts',
      text: `INSERT INTO order_fact (tenant_id, order_id, source, document, line_no, kind, sequence, quantity,
          fulfillment_no, shipment_no, reason, occurred_at, recorded_at)
        SELECT current_setting('crossdock.tenant'), order_id, source, document, line_no, kind, sequence, quantity,
          fulfillment_no, shipment_no, reason, occurred_at, $2
        FROM jsonb_to_recordset($1) AS r(order_id uuid, source text, document text, line_no integer, kind text,
          sequence bigint, quantity numeric, fulfillment_no text, shipment_no text, reason text, occurred_at timestamptz)
        ON CONFLICT (tenant_id, order_id, source, document, line_no, kind) DO UPDATE SET sequence = excluded.sequence,
          quantity = excluded.quantity, fulfillment_no = excluded.fulfillment_no, shipment_no = excluded.shipment_no,
          reason = excluded.reason, occurred_at = excluded.occurred_at, recorded_at = excluded.recorded_at`,
    },
    [JSON.stringify(rows), now],
  );
}

export async function loadVoids(tx: Tx, orderIds: readonly string[]): Promise<Map<string, Set<string>>> {
  const rows = await tx.query<{ order_id: string; shipment_no: string }>(
    {
      name: 'orders-load-voids',
      text: 'SELECT order_id, shipment_no FROM order_fact_void WHERE order_id = ANY($1::uuid[])',
    },
    [orderIds],
  );
  const voids = new Map<string, Set<string>>();
  for (const row of rows) {
    const set = voids.get(row.order_id) ?? new Set<string>();
    voids.set(row.order_id, set.add(row.shipment_no));
  }
  return voids;
}

/** What sources report of an order, oldest first; for people who compare them. */
export async function listFacts(
  tx: Tx,
  orderId: string,
): Promise<(CountedFact & { sequence: number; occurredAt: string })[]> {
  const rows = await tx.query<FactRow & { occurred_at: Date }>(
    {
      name: 'orders-list-facts',
      text: `SELECT order_id, source, document, line_no, kind, sequence, quantity, fulfillment_no, shipment_no, occurred_at
        FROM order_fact WHERE order_id = $1 ORDER BY occurred_at`,
    },
    [orderId],
  );
  return rows.map((row) => ({ ...storedFact(row), occurredAt: row.occurred_at.toISOString() }));
}
