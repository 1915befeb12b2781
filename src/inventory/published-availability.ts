import type { Tx } from '../platform/index.ts';

export interface PublishedAvailability {
  /** `channel|sku`: the id of the entity kind `availability`. */
  id: string;
  channel: string;
  sku: string;
  /** Base units. */
  quantity: string;
  uom: string;
  version: number;
  publishedAt: Date;
}

function availabilityId(channel: string, sku: string): string {
  return `${channel}|${sku}`;
}

/**
 * Notes what a channel is about to be told and answers only the figures that differ from what it was told last, with their
 * new versions.
 */
export async function recordPublished(
  tx: Tx,
  figures: readonly { channel: string; sku: string; quantity: string; uom: string }[],
  now: Date,
): Promise<PublishedAvailability[]> {
  if (figures.length === 0) return [];
  const rows = await tx.query<Omit<PublishedAvailability, 'id'>>(
    `INSERT INTO published_availability AS p (channel, sku, quantity, uom, version, published_at)
     SELECT channel, sku, quantity, uom, 1, $2 FROM jsonb_to_recordset($1::jsonb) AS j(channel text, sku text, quantity numeric, uom text)
     ORDER BY channel, sku
     ON CONFLICT (tenant_id, channel, sku) DO UPDATE SET quantity = EXCLUDED.quantity, uom = EXCLUDED.uom, version = p.version + 1, published_at = EXCLUDED.published_at
       WHERE p.quantity <> EXCLUDED.quantity
     RETURNING channel, sku, trim_scale(quantity)::text AS quantity, uom, version, published_at AS "publishedAt"`,
    [JSON.stringify(figures), now],
  );
  return rows.map((row) => ({ id: availabilityId(row.channel, row.sku), ...row }));
}

/** By entity id, for dispatch; newer than the event that asked for it when more has happened since. */
export async function loadPublishedAvailability(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, PublishedAvailability>> {
  const rows = await tx.query<PublishedAvailability>(
    `SELECT channel || '|' || sku AS id, channel, sku, trim_scale(quantity)::text AS quantity, uom, version, published_at AS "publishedAt"
     FROM published_availability
     WHERE (channel, sku) IN (SELECT split_part(id, '|', 1), substr(id, strpos(id, '|') + 1) FROM unnest($1::text[]) AS id)`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
