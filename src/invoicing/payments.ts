import type { PaymentReport } from '../model/index.ts';
import { type Tx, uuidv7 } from '../platform/index.ts';
import { hashReport } from './invoices.ts';
import type { AppliedPayment } from './invoicing-types.ts';

interface OpenInvoice {
  id: string;
  source: string;
  invoiceNo: string;
  orderId: string;
  customer: string;
  currency: string;
  totalMinor: number;
  paidMinor: number;
}

interface StoredPayment {
  id: string;
  key: string;
  reportHash: string;
  unappliedMinor: number;
}

const keyOf = (report: Pick<PaymentReport, 'source' | 'paymentNo'>): string => `${report.source}|${report.paymentNo}`;

/**
 * Sets payments off against invoices: those that the report names, else the one open invoice of exactly that amount, else
 * nothing. What is left over stays unapplied and counts for the customer's credit all the same. Once per (source, number).
 */
export async function applyPayments(tx: Tx, reports: readonly PaymentReport[], now: Date): Promise<AppliedPayment[]> {
  if (reports.length === 0) return [];
  const invoices = await lockInvoices(tx, reports);
  const known = await readPayments(tx, reports);
  const results: AppliedPayment[] = [];
  const fresh = new Map<string, AppliedPayment>();
  for (const report of reports) {
    const before = known.get(keyOf(report));
    const twin = fresh.get(keyOf(report));
    if (before !== undefined || twin !== undefined) {
      const same = (before?.reportHash ?? hashReport(twin!.report)) === hashReport(report);
      const id = before?.id ?? twin!.id;
      const unappliedMinor = before?.unappliedMinor ?? twin!.unappliedMinor;
      const outcome = same ? 'duplicate' : 'conflict';
      results.push({ report, id, outcome, applied: [], unappliedMinor, unknownInvoices: [] });
      continue;
    }
    const result = applyOne(report, invoices, now);
    fresh.set(keyOf(report), result);
    results.push(result);
  }
  await writePayments(tx, [...fresh.values()], now);
  return results;
}

/** Invoices that the payments may touch, locked in order of id. */
async function lockInvoices(tx: Tx, reports: readonly PaymentReport[]): Promise<OpenInvoice[]> {
  const numbers = reports.flatMap((report) => report.applications?.map((application) => application.invoiceNo) ?? []);
  const blind = reports.filter((report) => (report.applications?.length ?? 0) === 0).map((report) => report.customer);
  return tx.query<OpenInvoice>(
    `SELECT i.id, i.source, i.invoice_no AS "invoiceNo", i.order_id AS "orderId", i.customer, i.currency, b.total_minor AS "totalMinor",
       b.paid_minor AS "paidMinor"
     FROM invoice_balance b JOIN invoice i ON i.id = b.invoice_id
     WHERE (i.invoice_no = ANY($1::text[]) OR (b.customer = ANY($2::text[]) AND b.status IN ('open', 'partial'))) AND b.status <> 'void'
     ORDER BY b.invoice_id FOR UPDATE OF b`,
    [numbers, blind],
  );
}

async function readPayments(tx: Tx, reports: readonly PaymentReport[]): Promise<Map<string, StoredPayment>> {
  const rows = await tx.query<StoredPayment>(
    `SELECT id, source || '|' || payment_no AS key, report_hash AS "reportHash", unapplied_minor AS "unappliedMinor"
     FROM payment WHERE (source, payment_no) IN (SELECT source, "paymentNo" FROM jsonb_to_recordset($1::jsonb) AS r(source text, "paymentNo" text))`,
    [JSON.stringify(reports)],
  );
  return new Map(rows.map((row) => [row.key, row]));
}

function applyOne(report: PaymentReport, invoices: OpenInvoice[], now: Date): AppliedPayment {
  const result: AppliedPayment = {
    report,
    id: uuidv7(now.getTime()),
    outcome: 'applied',
    applied: [],
    unappliedMinor: report.amountMinor,
    unknownInvoices: [],
  };
  for (const { invoiceNo, amountMinor } of wishesOf(report, invoices)) {
    const invoice =
      invoices.find((each) => each.invoiceNo === invoiceNo && each.source === report.source) ??
      invoices.find((each) => each.invoiceNo === invoiceNo && each.customer === report.customer);
    if (invoice === undefined || invoice.currency !== report.currency) {
      result.unknownInvoices.push(invoiceNo);
      continue;
    }
    const takeMinor = Math.min(amountMinor, invoice.totalMinor - invoice.paidMinor, result.unappliedMinor);
    if (takeMinor <= 0) continue;
    invoice.paidMinor += takeMinor;
    result.unappliedMinor -= takeMinor;
    const openMinor = invoice.totalMinor - invoice.paidMinor;
    const paidInFull = openMinor === 0;
    const known = result.applied.find((each) => each.invoiceId === invoice.id);
    if (known === undefined) {
      result.applied.push({
        invoiceId: invoice.id,
        invoiceNo,
        orderId: invoice.orderId,
        amountMinor: takeMinor,
        openMinor,
        paidInFull,
      });
    } else {
      known.amountMinor += takeMinor;
      known.openMinor = openMinor;
      known.paidInFull = paidInFull;
    }
  }
  return result;
}

function wishesOf(report: PaymentReport, invoices: readonly OpenInvoice[]) {
  if (report.applications !== undefined && report.applications.length > 0) return report.applications;
  const matching = invoices.filter(
    (invoice) =>
      invoice.customer === report.customer &&
      invoice.currency === report.currency &&
      invoice.totalMinor - invoice.paidMinor === report.amountMinor,
  );
  // Two invoices of the same amount: which one is meant is not ours to guess.
  return matching.length === 1 ? [{ invoiceNo: matching[0]!.invoiceNo, amountMinor: report.amountMinor }] : [];
}

async function writePayments(tx: Tx, payments: readonly AppliedPayment[], now: Date): Promise<void> {
  if (payments.length === 0) return;
  const rows = payments.map(({ report, id, unappliedMinor }) => ({
    id,
    source: report.source,
    payment_no: report.paymentNo,
    customer: report.customer,
    currency: report.currency,
    amount_minor: report.amountMinor,
    unapplied_minor: unappliedMinor,
    report_hash: hashReport(report),
    received_at: report.receivedAt,
  }));
  const applications = payments.flatMap(({ id, applied }) =>
    applied.map(({ invoiceId, amountMinor }) => ({ payment_id: id, invoice_id: invoiceId, amount_minor: amountMinor })),
  );
  await tx.query(
    `WITH paid AS (
      INSERT INTO payment (id, source, payment_no, customer, currency, amount_minor, unapplied_minor, report_hash, received_at, recorded_at)
      SELECT id, source, payment_no, customer, currency, amount_minor, unapplied_minor, report_hash, received_at, $3
      FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, source text, payment_no text, customer text, currency text, amount_minor bigint,
        unapplied_minor bigint, report_hash text, received_at timestamptz)
    ), given AS (
      SELECT * FROM jsonb_to_recordset($2::jsonb) AS a(payment_id uuid, invoice_id uuid, amount_minor bigint)
    ), applied AS (
      INSERT INTO payment_application (payment_id, invoice_id, amount_minor) SELECT payment_id, invoice_id, amount_minor FROM given
    )
    UPDATE invoice_balance b SET paid_minor = b.paid_minor + g.amount_minor, version = b.version + 1,
      status = CASE WHEN b.paid_minor + g.amount_minor >= b.total_minor THEN 'paid' ELSE 'partial' END
    FROM (SELECT invoice_id, sum(amount_minor) AS amount_minor FROM given GROUP BY invoice_id) g WHERE b.invoice_id = g.invoice_id`,
    [JSON.stringify(rows), JSON.stringify(applications), now],
  );
}

export interface Payment {
  id: string;
  paymentNo: string;
  source: string;
  customer: string;
  currency: string;
  amountMinor: number;
  unappliedMinor: number;
  receivedAt: string;
  applications: { invoiceId: string; invoiceNo: string; amountMinor: number }[];
}

/** Public form by id, for dispatch. */
export async function loadPayments(tx: Tx, ids: readonly string[]): Promise<Map<string, Payment>> {
  const rows = await tx.query<Omit<Payment, 'receivedAt'> & { receivedAt: Date }>(
    `SELECT p.id, p.payment_no AS "paymentNo", p.source, p.customer, p.currency, p.amount_minor AS "amountMinor",
       p.unapplied_minor AS "unappliedMinor", p.received_at AS "receivedAt",
       coalesce((SELECT jsonb_agg(jsonb_build_object('invoiceId', a.invoice_id, 'invoiceNo', i.invoice_no, 'amountMinor', a.amount_minor))
         FROM payment_application a JOIN invoice i ON i.id = a.invoice_id WHERE a.payment_id = p.id), '[]') AS applications
     FROM payment p WHERE p.id = ANY($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, { ...row, receivedAt: row.receivedAt.toISOString() }]));
}
