import type { Tx } from '../platform/index.ts';
import type { StockStatusName } from './inventory-types.ts';

export interface PositionView {
  sku: string;
  location: string;
  lot?: string;
  expiry?: string;
  owner?: string;
  status: StockStatusName;
  onHand: string;
  hardAllocated: string;
  softReserved: string;
  asOf?: Date;
  asOfSeq?: number;
}

interface Row extends Omit<PositionView, 'lot' | 'owner' | 'expiry' | 'asOf' | 'asOfSeq'> {
  lot: string;
  owner: string;
  expiry: string | null;
  asOf: Date | null;
  asOfSeq: number | null;
}

/** A page of positions by item, location, lot; `next` is the `after` of the following page. */
export async function listPositions(
  tx: Tx,
  filter: { sku?: string; location?: string; after?: string; limit: number },
): Promise<{ rows: PositionView[]; next?: string }> {
  const after = filter.after === undefined ? null : (JSON.parse(filter.after) as string[]);
  const rows = await tx.query<Row>(
    `SELECT p.sku, p.location, p.lot, p.owner, p.status, p.expiry, trim_scale(p.on_hand)::text AS "onHand",
       trim_scale(p.hard_allocated)::text AS "hardAllocated", trim_scale(p.soft_reserved)::text AS "softReserved",
       m.as_of AS "asOf", m.as_of_seq AS "asOfSeq"
     FROM inventory_position p LEFT JOIN snapshot_mark m ON m.location = p.location AND m.sku = p.sku
     WHERE ($1::text IS NULL OR p.sku = $1) AND ($2::text IS NULL OR p.location = $2)
       AND ($3::text[] IS NULL OR (p.sku, p.location, p.lot, p.owner, p.status) > ($3[1], $3[2], $3[3], $3[4], $3[5]))
     ORDER BY p.sku, p.location, p.lot, p.owner, p.status LIMIT $4`,
    [filter.sku ?? null, filter.location ?? null, after, filter.limit + 1],
  );
  const page = rows.slice(0, filter.limit);
  const last = page.at(-1);
  const more = rows.length > filter.limit && last !== undefined;
  return {
    rows: page.map(toView),
    ...(more ? { next: JSON.stringify([last.sku, last.location, last.lot, last.owner, last.status]) } : {}),
  };
}

export interface StatusSum {
  sku: string;
  status: StockStatusName;
  quantity: string;
}

/** What there is of items at a location, by status; nothing for what there is none of. */
export function sumPositions(tx: Tx, location: string, skus: readonly string[]): Promise<StatusSum[]> {
  return tx.query<StatusSum>(
    `SELECT sku, status, trim_scale(sum(on_hand))::text AS quantity FROM inventory_position
     WHERE location = $1 AND sku = ANY($2::text[]) GROUP BY sku, status HAVING sum(on_hand) <> 0 ORDER BY sku, status`,
    [location, skus],
  );
}

function toView({ lot, owner, expiry, asOf, asOfSeq, ...row }: Row): PositionView {
  return {
    ...row,
    ...(lot === '' ? {} : { lot }),
    ...(owner === '' ? {} : { owner }),
    ...(expiry === null ? {} : { expiry }),
    ...(asOf === null ? {} : { asOf }),
    ...(asOfSeq === null ? {} : { asOfSeq }),
  };
}
