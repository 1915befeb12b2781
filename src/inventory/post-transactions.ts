import { type Tx, uuidv7 } from '../platform/index.ts';
import type { StockStatusName } from './inventory-types.ts';

/** One row of the stock log: what changes of one position. */
export interface StockTransaction {
  /** A second row with the same key is dropped. */
  dedupeKey?: string;
  type: string;
  sku: string;
  location: string;
  lot: string;
  owner: string;
  status: StockStatusName;
  expiry?: string | null;
  onHand?: string;
  hard?: string;
  soft?: string;
  reason: string;
  docRef?: string;
  orderId?: string;
  source: string;
  sourceSeq?: number;
  actor?: string;
  occurredAt: Date;
  /** Snapshots: the on-hand change counts whatever the mark says. */
  force?: boolean;
}

/** `quantity` base units of a position pass from one status to another. */
export function moveStatus(
  common: Omit<StockTransaction, 'status' | 'onHand'>,
  from: StockStatusName,
  to: StockStatusName,
  quantity: string,
): StockTransaction[] {
  return [
    { ...common, status: from, onHand: `-${quantity}` },
    { ...common, status: to, onHand: quantity },
  ];
}

// Log and positions change in one statement, so that neither can be written without the other. The position is updated
// or, where it does not exist, inserted: ON CONFLICT would test the CHECKs against a negative delta. No race is possible,
// the caller holds the items' locks.
const postSql = {
  name: 'inventory-post-transactions',
  text: `WITH incoming AS (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(
    id uuid, dedupe_key text, txn_type text, sku text, location text, lot text, owner text, status text, expiry date,
    on_hand_delta numeric, hard_delta numeric, soft_delta numeric, reason text, doc_ref text, order_id uuid, source text,
    source_seq bigint, actor text, occurred_at timestamptz, force boolean)
), posted AS (
  INSERT INTO inventory_transaction (id, dedupe_key, txn_type, sku, location, lot, owner, status, expiry, on_hand_delta,
    hard_delta, soft_delta, reason, doc_ref, order_id, source, source_seq, actor, applied, occurred_at, recorded_at)
  SELECT r.id, r.dedupe_key, r.txn_type, r.sku, r.location, r.lot, r.owner, r.status, r.expiry, r.on_hand_delta,
    r.hard_delta, r.soft_delta, r.reason, r.doc_ref, r.order_id, r.source, r.source_seq, r.actor,
    r.force OR m.sku IS NULL OR CASE WHEN r.source_seq IS NULL THEN r.occurred_at >= m.as_of ELSE r.source_seq > m.as_of_seq END,
    r.occurred_at, $2
  FROM incoming r LEFT JOIN snapshot_mark m ON m.location = r.location AND m.sku = r.sku AND r.on_hand_delta <> 0
  ON CONFLICT (tenant_id, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING
  RETURNING *
), delta AS (
  SELECT sku, location, lot, owner, status, max(expiry) AS expiry, min(occurred_at) AS occurred_at,
    coalesce(sum(on_hand_delta) FILTER (WHERE applied), 0) AS on_hand, sum(hard_delta) AS hard, sum(soft_delta) AS soft
  FROM posted GROUP BY sku, location, lot, owner, status
), updated AS (
  UPDATE inventory_position p SET on_hand = p.on_hand + d.on_hand, hard_allocated = p.hard_allocated + d.hard,
    soft_reserved = p.soft_reserved + d.soft, expiry = coalesce(d.expiry, p.expiry)
  FROM delta d
  WHERE p.sku = d.sku AND p.location = d.location AND p.lot = d.lot AND p.owner = d.owner AND p.status = d.status
  RETURNING p.sku, p.location, p.lot, p.owner, p.status
), inserted AS (
  INSERT INTO inventory_position (sku, location, lot, owner, status, expiry, first_received_at, on_hand, hard_allocated, soft_reserved)
  SELECT sku, location, lot, owner, status, expiry, occurred_at, on_hand, hard, soft FROM delta d
  WHERE NOT EXISTS (SELECT FROM updated u WHERE u.sku = d.sku AND u.location = d.location AND u.lot = d.lot
                      AND u.owner = d.owner AND u.status = d.status)
)
SELECT id, dedupe_key AS "dedupeKey", applied FROM posted`,
};

/**
 * Appends to the stock log and moves the positions by it; the caller holds the items' locks. Rows whose key is on record
 * are dropped, on-hand changes that the newest snapshot already contains are logged without effect.
 */
export async function postTransactions(
  tx: Tx,
  rows: readonly StockTransaction[],
  now: Date,
): Promise<{ id: string; dedupeKey: string | null; applied: boolean }[]> {
  if (rows.length === 0) return [];
  const incoming = rows.map((row) => ({
    id: uuidv7(now.getTime()),
    dedupe_key: row.dedupeKey,
    txn_type: row.type,
    sku: row.sku,
    location: row.location,
    lot: row.lot,
    owner: row.owner,
    status: row.status,
    expiry: row.expiry ?? undefined,
    on_hand_delta: row.onHand ?? '0',
    hard_delta: row.hard ?? '0',
    soft_delta: row.soft ?? '0',
    reason: row.reason,
    doc_ref: row.docRef,
    order_id: row.orderId,
    source: row.source,
    source_seq: row.sourceSeq,
    actor: row.actor,
    occurred_at: row.occurredAt,
    force: row.force ?? false,
  }));
  return tx.query(postSql, [JSON.stringify(incoming), now]);
}
