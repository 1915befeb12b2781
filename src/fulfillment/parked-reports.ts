import { type Tx, uuidv7 } from '../platform/index.ts';

export type ParkedKind = 'packed' | 'shipment' | 'tracking' | 'void';

export interface ParkedReport<R = unknown> {
  id: string;
  kind: ParkedKind;
  /** Fulfilment number or tracking number; of a void the fulfilment number with the document it voids. */
  parentKey: string;
  report: R;
  correlationId?: string;
}

/** Keeps reports whose fulfilment order or package is not known yet. */
export async function parkReports(tx: Tx, reports: readonly Omit<ParkedReport, 'id'>[], now: Date): Promise<void> {
  if (reports.length === 0) return;
  const rows = reports.map((report) => ({ id: uuidv7(now.getTime()), ...report }));
  await tx.query(
    `INSERT INTO parked_report (id, kind, parent_key, report, correlation_id, parked_at)
     SELECT id, kind, "parentKey", report, "correlationId", $2
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, kind text, "parentKey" text, report jsonb, "correlationId" text)`,
    [JSON.stringify(rows), now],
  );
}

/** Takes the reports that waited for these parents, in order of arrival; they are the caller's now. */
export async function takeParkedReports<R>(
  tx: Tx,
  kinds: readonly ParkedKind[],
  parentKeys: readonly string[],
): Promise<ParkedReport<R>[]> {
  if (parentKeys.length === 0) return [];
  const rows = await tx.query<ParkedReport<R> & { correlationId: string | null }>(
    {
      name: 'fulfillment-take-parked',
      text: `DELETE FROM parked_report WHERE kind = ANY($1::text[]) AND parent_key = ANY($2::text[])
             RETURNING id, kind, parent_key AS "parentKey", report, correlation_id AS "correlationId"`,
    },
    [kinds, parentKeys],
  );
  return rows
    .map(({ correlationId, ...row }) => ({ ...row, ...(correlationId === null ? {} : { correlationId }) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Marks reports that have waited since before `before` as orphans and answers them; each is answered once. */
export async function markOrphans(tx: Tx, before: Date, now: Date, limit: number): Promise<ParkedReport[]> {
  return tx.query<ParkedReport>(
    `UPDATE parked_report SET orphaned_at = $2 WHERE id IN (
       SELECT id FROM parked_report WHERE orphaned_at IS NULL AND parked_at < $1 ORDER BY parked_at LIMIT $3 FOR UPDATE SKIP LOCKED)
     RETURNING id, kind, parent_key AS "parentKey", report, correlation_id AS "correlationId"`,
    [before, now, limit],
  );
}
