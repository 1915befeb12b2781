import { type Tx, uuidv7 } from '../platform/index.ts';
import type { Exposure, ExposureChange } from './parties-types.ts';

interface ExposureRow {
  account_no: string;
  receivables_minor: number;
  unapplied_cash_minor: number;
  unshipped_minor: number;
  uninvoiced_minor: number;
}

const columns = 'account_no, receivables_minor, unapplied_cash_minor, unshipped_minor, uninvoiced_minor';

function fromRow(row: ExposureRow): Exposure {
  return {
    account: row.account_no,
    receivablesMinor: row.receivables_minor,
    unappliedCashMinor: row.unapplied_cash_minor,
    unshippedMinor: row.unshipped_minor,
    uninvoicedMinor: row.uninvoiced_minor,
  };
}

/** Appends changes of exposure; waits for nobody. */
export async function recordExposure(tx: Tx, changes: readonly ExposureChange[]): Promise<void> {
  const rows = changes
    .map((change) => ({
      id: uuidv7(),
      account_no: change.account,
      receivables_minor: change.receivablesMinor ?? 0,
      unapplied_cash_minor: change.unappliedCashMinor ?? 0,
      unshipped_minor: change.unshippedMinor ?? 0,
      uninvoiced_minor: change.uninvoicedMinor ?? 0,
      reason: change.reason,
    }))
    .filter((r) => r.receivables_minor || r.unapplied_cash_minor || r.unshipped_minor || r.uninvoiced_minor);
  if (rows.length === 0) return;
  await tx.query(
    {
      name: 'parties-record-exposure',
      text: `INSERT INTO exposure_change (tenant_id, id, ${columns}, reason)
        SELECT current_setting('crossdock.tenant'), id, ${columns}, reason
        FROM jsonb_to_recordset($1) AS r(id uuid, account_no text, receivables_minor bigint,
          unapplied_cash_minor bigint, unshipped_minor bigint, uninvoiced_minor bigint, reason text)`,
    },
    [JSON.stringify(rows)],
  );
}

/**
 * Locks accounts in order and folds what was appended since: the only place where exposure is waited for. Answers every
 * account asked for, zero for one that never had any.
 */
export async function lockExposure(tx: Tx, accounts: readonly string[]): Promise<Map<string, Exposure>> {
  const wanted = [...new Set(accounts)].sort();
  if (wanted.length === 0) return new Map();
  let rows = await lockRows(tx, wanted);
  if (rows.length < wanted.length) {
    await tx.query(
      `INSERT INTO customer_exposure (tenant_id, account_no)
       SELECT current_setting('crossdock.tenant'), account FROM unnest($1::text[]) AS account ORDER BY account
       ON CONFLICT DO NOTHING`,
      [wanted],
    );
    rows = await lockRows(tx, wanted);
  }
  const exposures = new Map(rows.map((row) => [row.account_no, fromRow(row)]));
  const folded = await tx.query<ExposureRow>(
    {
      name: 'parties-fold-exposure',
      text: `WITH gone AS (
          DELETE FROM exposure_change WHERE account_no = ANY($1) RETURNING ${columns}
        ), sums AS (
          SELECT account_no, sum(receivables_minor)::bigint AS receivables_minor,
            sum(unapplied_cash_minor)::bigint AS unapplied_cash_minor,
            sum(unshipped_minor)::bigint AS unshipped_minor, sum(uninvoiced_minor)::bigint AS uninvoiced_minor
          FROM gone GROUP BY account_no
        )
        UPDATE customer_exposure e SET receivables_minor = e.receivables_minor + s.receivables_minor,
          unapplied_cash_minor = e.unapplied_cash_minor + s.unapplied_cash_minor,
          unshipped_minor = e.unshipped_minor + s.unshipped_minor,
          uninvoiced_minor = e.uninvoiced_minor + s.uninvoiced_minor
        FROM sums s WHERE e.account_no = s.account_no
        RETURNING ${columns.replaceAll(/(\w+)/g, 'e.$1')}`,
    },
    [wanted],
  );
  for (const row of folded) exposures.set(row.account_no, fromRow(row));
  return exposures;
}

function lockRows(tx: Tx, accounts: readonly string[]): Promise<ExposureRow[]> {
  return tx.query<ExposureRow>(
    {
      name: 'parties-lock-exposure',
      text: `SELECT ${columns} FROM customer_exposure WHERE account_no = ANY($1) ORDER BY account_no FOR UPDATE`,
    },
    [accounts],
  );
}

/** Folds accounts that nobody asks credit for, so that their changes do not pile up; run it now and then. Answers how many. */
export async function foldExposure(tx: Tx, limit = 200): Promise<number> {
  const rows = await tx.query<{ account_no: string }>(
    'SELECT account_no FROM exposure_change GROUP BY account_no HAVING count(*) > 50 ORDER BY account_no LIMIT $1',
    [limit],
  );
  await lockExposure(
    tx,
    rows.map((row) => row.account_no),
  );
  return rows.length;
}

/** Exposure as committed, without locking. */
export async function loadExposure(tx: Tx, accounts: readonly string[]): Promise<Map<string, Exposure>> {
  const rows = await tx.query<ExposureRow>(
    `SELECT account_no, sum(receivables_minor)::bigint AS receivables_minor,
       sum(unapplied_cash_minor)::bigint AS unapplied_cash_minor,
       sum(unshipped_minor)::bigint AS unshipped_minor, sum(uninvoiced_minor)::bigint AS uninvoiced_minor
     FROM (SELECT ${columns} FROM customer_exposure WHERE account_no = ANY($1)
       UNION ALL SELECT ${columns} FROM exposure_change WHERE account_no = ANY($1)) AS both_tables
     GROUP BY account_no`,
    [accounts],
  );
  return new Map(rows.map((row) => [row.account_no, fromRow(row)]));
}
