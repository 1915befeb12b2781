import type { Tx } from '../platform/index.ts';
import type { StockStatusName } from './inventory-types.ts';

export interface Position {
  sku: string;
  location: string;
  lot: string;
  owner: string;
  status: StockStatusName;
  expiry: string | null;
  firstReceivedAt: string;
  onHand: string;
  hard: string;
  soft: string;
  /** Of the location; false where the location is not known. */
  sellable: boolean;
  priority: number;
}

export interface Policy {
  sku: string;
  /** '' is every location. */
  location: string;
  /** '' is none. */
  channel: string;
  safety: string;
  buffer: string;
  reserved: string;
  /** Open reservations of `channel` at `location`; only where `reserved` is set. */
  held: string;
}

/** Unlocated demand of an item, by the shelf life it asks for. */
export interface Waiting {
  sku: string;
  minShelfDays: number;
  open: string;
}

export interface StockOfItems {
  positions: Position[];
  policies: Policy[];
  waiting: Waiting[];
}

// One round trip for all that a decision about stock needs. Row-level security brings the tenant; every branch is an
// index range of (tenant, sku).
const loadSql = {
  name: 'inventory-load-stock',
  text: `SELECT
  (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'sku', p.sku, 'location', p.location, 'lot', p.lot, 'owner', p.owner, 'status', p.status, 'expiry', p.expiry,
      'firstReceivedAt', p.first_received_at, 'onHand', trim_scale(p.on_hand)::text, 'hard', trim_scale(p.hard_allocated)::text,
      'soft', trim_scale(p.soft_reserved)::text, 'sellable', coalesce(l.sellable, false), 'priority', coalesce(l.priority, 0))), '[]')
     FROM inventory_position p LEFT JOIN location l ON l.code = p.location
    WHERE p.sku = ANY($1::text[]) AND (p.on_hand <> 0 OR p.hard_allocated <> 0 OR p.soft_reserved <> 0)) AS positions,
  (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'sku', s.sku, 'location', s.location, 'channel', s.channel, 'safety', trim_scale(s.safety_stock)::text,
      'buffer', trim_scale(s.buffer)::text, 'reserved', trim_scale(s.reserved)::text,
      'held', CASE WHEN s.reserved > 0 THEN (SELECT trim_scale(coalesce(sum(r.open), 0))::text FROM reservation r
         WHERE r.sku = s.sku AND r.location = s.location AND r.channel = s.channel AND r.open > 0) ELSE '0' END)), '[]')
     FROM stock_policy s WHERE s.sku = ANY($1::text[])) AS policies,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('sku', d.sku, 'minShelfDays', d.min_shelf_days, 'open', d.open)), '[]')
     FROM (SELECT sku, min_shelf_days, trim_scale(sum(open))::text AS open FROM stock_demand
            WHERE sku = ANY($1::text[]) GROUP BY sku, min_shelf_days) d) AS waiting`,
};

/** Positions of every status, policies and unlocated demand of the items. */
export async function loadStock(tx: Tx, skus: readonly string[]): Promise<StockOfItems> {
  const [row] = await tx.query<StockOfItems>(loadSql, [skus]);
  return row ?? { positions: [], policies: [], waiting: [] };
}
