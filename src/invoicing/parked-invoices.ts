import type { InvoiceReport } from '../model/index.ts';
import { type Tx, uuidv7 } from '../platform/index.ts';

export interface ParkedInvoice {
  id: string;
  orderNo: string;
  report: InvoiceReport;
  correlationId?: string;
}

/** Keeps invoices of orders that are not known yet. */
export async function parkInvoices(
  tx: Tx,
  reports: readonly { report: InvoiceReport; correlationId?: string }[],
  now: Date,
): Promise<void> {
  if (reports.length === 0) return;
  const rows = reports.map((parked) => ({ id: uuidv7(now.getTime()), orderNo: parked.report.orderNo, ...parked }));
  await tx.query(
    `INSERT INTO parked_invoice (id, order_no, report, correlation_id, parked_at)
     SELECT id, "orderNo", report, "correlationId", $2
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, "orderNo" text, report jsonb, "correlationId" text)`,
    [JSON.stringify(rows), now],
  );
}

/** Takes the invoices that waited for these order numbers, in order of arrival; they are the caller's now. */
export async function takeParkedInvoices(
  tx: Tx,
  orderNos: readonly string[],
): Promise<Pick<ParkedInvoice, 'id' | 'report'>[]> {
  if (orderNos.length === 0) return [];
  const rows = await tx.query<{ id: string; report: InvoiceReport }>(
    {
      name: 'invoicing-take-parked',
      text: 'DELETE FROM parked_invoice WHERE order_no = ANY($1::text[]) RETURNING id, report',
    },
    [orderNos],
  );
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Marks invoices that have waited since before `before` as orphans and answers them; each is answered once. */
export async function markInvoiceOrphans(tx: Tx, before: Date, now: Date, limit: number): Promise<ParkedInvoice[]> {
  return tx.query<ParkedInvoice>(
    `UPDATE parked_invoice SET orphaned_at = $2 WHERE id IN (
       SELECT id FROM parked_invoice WHERE orphaned_at IS NULL AND parked_at < $1 ORDER BY parked_at LIMIT $3 FOR UPDATE SKIP LOCKED)
     RETURNING id, order_no AS "orderNo", report, correlation_id AS "correlationId"`,
    [before, now, limit],
  );
}
