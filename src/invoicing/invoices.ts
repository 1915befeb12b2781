import { createHash } from 'node:crypto';
import type { Invoice } from '../model/index.ts';
import { addDays, type Tx, uuidv7 } from '../platform/index.ts';
import type { InvoiceDraft, PostedInvoice } from './invoicing-types.ts';

interface Row {
  id: string;
  kind: Invoice['kind'];
  source: string;
  invoiceNo: string;
  orderId: string;
  orderNo: string;
  customer: string;
  customerPo: string | null;
  shipmentNo: string | null;
  currency: string;
  invoiceDate: string;
  dueDate: string;
  lines: Invoice['lines'];
  taxMinor: number;
  freightMinor: number;
  totalMinor: number;
  paidMinor: number;
  status: Invoice['status'];
  reportHash: string;
  correlationId: string;
  traceparent: string | null;
  postedAt: Date;
  announcedAt: Date | null;
  version: number;
}

const selectSql = `SELECT i.id, i.kind, i.source, i.invoice_no AS "invoiceNo", i.order_id AS "orderId", i.order_no AS "orderNo", i.customer,
  i.customer_po AS "customerPo", i.shipment_no AS "shipmentNo", i.currency, i.invoice_date AS "invoiceDate", i.due_date AS "dueDate",
  i.lines, i.tax_minor AS "taxMinor", i.freight_minor AS "freightMinor", i.total_minor AS "totalMinor", b.paid_minor AS "paidMinor",
  b.status, i.report_hash AS "reportHash", i.correlation_id AS "correlationId", i.traceparent, i.posted_at AS "postedAt",
  b.announced_at AS "announcedAt", b.version
  FROM invoice i JOIN invoice_balance b ON b.invoice_id = i.id`;

function toInvoice(row: Row): Invoice {
  const { customerPo, shipmentNo } = row;
  return {
    id: row.id,
    kind: row.kind,
    invoiceNo: row.invoiceNo,
    orderId: row.orderId,
    orderNo: row.orderNo,
    customer: row.customer,
    ...(customerPo === null ? {} : { customerPo }),
    ...(shipmentNo === null ? {} : { shipmentNo }),
    currency: row.currency,
    invoiceDate: row.invoiceDate,
    dueDate: row.dueDate,
    lines: row.lines,
    taxMinor: row.taxMinor,
    freightMinor: row.freightMinor,
    totalMinor: row.totalMinor,
    paidMinor: row.paidMinor,
    status: row.status,
    postedAt: row.postedAt.toISOString(),
    version: row.version,
  };
}

/** SHA-256 of a report with its keys in order, in hex. */
export function hashReport(report: object): string {
  const ordered = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(ordered);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, each]) => [key, ordered(each)]),
    );
  };
  return createHash('sha256')
    .update(JSON.stringify(ordered(report)))
    .digest('hex');
}

/**
 * Records invoices as their issuer posted them, once per (source, number), for good: a posted invoice is corrected by a
 * credit memo only. `problems` of the drafts are the caller's to report; what could be read of the lines is kept.
 */
export async function postInvoices(tx: Tx, drafts: readonly InvoiceDraft[], now: Date): Promise<PostedInvoice[]> {
  if (drafts.length === 0) return [];
  const rows = drafts.map(({ report, order, lines }) => ({
    id: uuidv7(now.getTime()),
    source: report.source,
    invoice_no: report.invoiceNo,
    order_id: order.id,
    order_no: order.orderNo,
    customer: order.customer,
    customer_po: order.customerPo,
    shipment_no: report.shipmentNo,
    currency: report.currency,
    invoice_date: report.invoiceDate,
    due_date: addDays(report.invoiceDate, order.terms.netDays),
    lines: lines.lines,
    tax_minor: report.taxMinor,
    freight_minor: report.freightMinor,
    total_minor: report.totalMinor,
    report_hash: hashReport(report),
    correlation_id: order.correlationId,
    traceparent: order.traceparent,
    posted_at: report.postedAt,
  }));
  const inserted = await tx.query<{ id: string }>(
    {
      name: 'invoicing-insert',
      text: `WITH posted AS (
        INSERT INTO invoice (id, source, invoice_no, kind, order_id, order_no, customer, customer_po, shipment_no, currency, invoice_date,
          due_date, lines, tax_minor, freight_minor, total_minor, report_hash, correlation_id, traceparent, posted_at, recorded_at)
        SELECT id, source, invoice_no, 'invoice', order_id, order_no, customer, customer_po, shipment_no, currency, invoice_date, due_date,
          lines, tax_minor, freight_minor, total_minor, report_hash, correlation_id, traceparent, posted_at, $2
        FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, source text, invoice_no text, order_id uuid, order_no text, customer text,
          customer_po text, shipment_no text, currency text, invoice_date date, due_date date, lines jsonb, tax_minor bigint,
          freight_minor bigint, total_minor bigint, report_hash text, correlation_id text, traceparent text, posted_at timestamptz)
        ORDER BY source, invoice_no
        ON CONFLICT (tenant_id, source, invoice_no) DO NOTHING RETURNING id, customer, total_minor
      )
      INSERT INTO invoice_balance (invoice_id, customer, total_minor, status)
      SELECT id, customer, total_minor, CASE WHEN total_minor = 0 THEN 'paid' ELSE 'open' END FROM posted RETURNING invoice_id AS id`,
    },
    [JSON.stringify(rows), now],
  );
  const fresh = new Set(inserted.map((row) => row.id));
  const stored = await tx.query<Row>(`${selectSql} WHERE i.invoice_no = ANY($1::text[])`, [
    rows.map((row) => row.invoice_no),
  ]);
  const byNumber = new Map(stored.map((row) => [`${row.source}|${row.invoiceNo}`, row]));
  return drafts.map(({ report }, i): PostedInvoice => {
    const row = byNumber.get(`${report.source}|${report.invoiceNo}`)!;
    const same = row.reportHash === rows[i]!.report_hash;
    const isNew = fresh.delete(row.id);
    return {
      report,
      outcome: isNew ? 'posted' : same ? 'duplicate' : 'conflict',
      invoice: toInvoice(row),
      correlationId: row.correlationId,
      ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
    };
  });
}

/** Invoices of orders that nobody has been told about, with what they bill per line in base units left to the caller. */
export async function listUnannounced(tx: Tx, orderIds: readonly string[]): Promise<Invoice[]> {
  if (orderIds.length === 0) return [];
  const rows = await tx.query<Row>(
    {
      name: 'invoicing-unannounced',
      text: `${selectSql} WHERE i.order_id = ANY($1::uuid[]) AND b.announced_at IS NULL ORDER BY i.posted_at, i.id`,
    },
    [orderIds],
  );
  return rows.map(toInvoice);
}

/** Marks invoices as told to everybody; answers those that had not been. */
export async function announceInvoices(tx: Tx, ids: readonly string[], now: Date): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await tx.query<{ id: string }>(
    `UPDATE invoice_balance SET announced_at = $2 WHERE invoice_id = ANY($1::uuid[]) AND announced_at IS NULL
     RETURNING invoice_id AS id`,
    [ids, now],
  );
  return rows.map((row) => row.id);
}

/** Public form by id, for dispatch. */
export async function loadInvoices(tx: Tx, ids: readonly string[]): Promise<Map<string, Invoice>> {
  const rows = await tx.query<Row>(`${selectSql} WHERE i.id = ANY($1::uuid[])`, [ids]);
  return new Map(rows.map((row) => [row.id, toInvoice(row)]));
}

/** What people call invoices, and their orders, by id: no more of them than that. */
export async function readInvoiceNumbers(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, { invoiceNo: string; orderId: string }>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<{ id: string; invoiceNo: string; orderId: string }>(
    {
      name: 'invoicing-numbers',
      text: `SELECT id, invoice_no AS "invoiceNo", order_id AS "orderId" FROM invoice WHERE id = ANY($1::uuid[])`,
    },
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export interface InvoiceFilter {
  orderIds?: readonly string[];
  invoiceNos?: readonly string[];
  customer?: string;
  /** Neither paid nor void. */
  open?: boolean;
  limit?: number;
}

/** Newest first. */
export async function listInvoices(tx: Tx, filter: InvoiceFilter): Promise<Invoice[]> {
  const rows = await tx.query<Row>(
    `${selectSql} WHERE ($1::uuid[] IS NULL OR i.order_id = ANY($1)) AND ($2::text[] IS NULL OR i.invoice_no = ANY($2))
       AND ($3::text IS NULL OR i.customer = $3) AND ($4 OR b.status IN ('open', 'partial'))
     ORDER BY i.invoice_date DESC, i.id DESC LIMIT $5`,
    [
      filter.orderIds ?? null,
      filter.invoiceNos ?? null,
      filter.customer ?? null,
      filter.open !== true,
      filter.limit ?? 1000,
    ],
  );
  return rows.map(toInvoice);
}

/** What was billed and paid of orders, for the payment axis; minor units. */
export async function billingOfOrders(
  tx: Tx,
  orderIds: readonly string[],
): Promise<{ orderId: string; billedMinor: number; paidMinor: number }[]> {
  if (orderIds.length === 0) return [];
  return tx.query(
    {
      name: 'invoicing-billing-of-orders',
      text: `SELECT i.order_id AS "orderId", sum(CASE i.kind WHEN 'invoice' THEN i.total_minor ELSE -i.total_minor END)::bigint AS "billedMinor",
        sum(b.paid_minor)::bigint AS "paidMinor"
      FROM invoice i JOIN invoice_balance b ON b.invoice_id = i.id
      WHERE i.order_id = ANY($1::uuid[]) AND b.status <> 'void' GROUP BY i.order_id`,
    },
    [orderIds],
  );
}
