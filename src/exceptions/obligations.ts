import { type Tx, uuidv7 } from '../platform/index.ts';
import type { NewException, NewObligation, Obligation, ObligationKind } from './exceptions-types.ts';
import { overdueException } from './overdue-exception.ts';

interface ObligationRow {
  id: string;
  kind: ObligationKind;
  subject: string;
  state: Obligation['state'];
  due_at: Date;
  order_id: string | null;
  correlation_id: string | null;
  partner: string | null;
  data: Record<string, unknown>;
  opened_at: Date;
  closed_at: Date | null;
}

const columns = 'id, kind, subject, state, due_at, order_id, correlation_id, partner, data, opened_at, closed_at';

function fromRow(row: ObligationRow): Obligation {
  return {
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    state: row.state,
    dueAt: row.due_at,
    orderId: row.order_id ?? undefined,
    correlationId: row.correlation_id ?? undefined,
    partner: row.partner ?? undefined,
    data: row.data,
    openedAt: row.opened_at,
    closedAt: row.closed_at ?? undefined,
  };
}

function overdueKey(obligation: { kind: string; subject: string }): string {
  return `overdue:${obligation.kind}:${obligation.subject}`;
}

/** Starts clocks; one that runs already for (kind, subject) keeps its due time. */
export async function openObligations(tx: Tx, obligations: readonly NewObligation[], now: Date): Promise<void> {
  if (obligations.length === 0) return;
  const rows = obligations
    .map((o) => ({
      id: uuidv7(),
      kind: o.kind,
      subject: o.subject,
      due_at: o.dueAt,
      order_id: o.orderId,
      correlation_id: o.correlationId,
      partner: o.partner,
      data: { ...o.data, ...(o.label === undefined ? {} : { label: o.label }) },
    }))
    .sort((a, b) => (`${a.kind}:${a.subject}` < `${b.kind}:${b.subject}` ? -1 : 1));
  await tx.query(
    {
      name: 'exceptions-open-obligations',
      text: `INSERT INTO obligation (tenant_id, id, kind, subject, state, due_at, order_id, correlation_id, partner, data, opened_at)
        SELECT current_setting('crossdock.tenant'), id, kind, subject, 'open', due_at, order_id, correlation_id, partner,
          data, $2
        FROM jsonb_to_recordset($1) AS r(id uuid, kind text, subject text, due_at timestamptz, order_id uuid,
          correlation_id text, partner text, data jsonb)
        ON CONFLICT (tenant_id, kind, subject) WHERE closed_at IS NULL DO NOTHING`,
    },
    [JSON.stringify(rows), now],
  );
}

/**
 * Stops clocks. The exceptions of those that had fallen due are the caller's to resolve.
 * @returns the keys of those exceptions, which may be resolved already
 */
export async function closeObligations(
  tx: Tx,
  closed: readonly { kind: ObligationKind; subject: string }[],
  now: Date,
  outcome: 'met' | 'withdrawn' = 'met',
): Promise<string[]> {
  if (closed.length === 0) return [];
  const rows = await tx.query<ObligationRow>(
    {
      name: 'exceptions-close-obligations',
      text: `UPDATE obligation o SET state = $2, closed_at = $3
        FROM jsonb_to_recordset($1) AS r(kind text, subject text)
        WHERE o.kind = r.kind AND o.subject = r.subject AND o.closed_at IS NULL
        RETURNING ${columns.replaceAll(/(\w+)/g, 'o.$1')}`,
    },
    [JSON.stringify(closed), outcome, now],
  );
  return rows.filter((row) => row.due_at <= now).map(overdueKey);
}

/**
 * Obligations newly past due: marks them overdue. The exception of each is the caller's to raise. Run it every minute or so.
 * @param orderNumbers what people call the orders of these ids; those it does not know go by their id
 */
export async function markOverdueObligations(
  tx: Tx,
  now: Date,
  limit: number,
  orderNumbers: (orderIds: readonly string[]) => Promise<ReadonlyMap<string, string>> = () =>
    Promise.resolve(new Map()),
): Promise<{ overdue: Obligation[]; exceptions: NewException[] }> {
  const rows = await tx.query<ObligationRow>(
    `UPDATE obligation SET state = 'overdue' WHERE (tenant_id, id) IN (
       SELECT tenant_id, id FROM obligation WHERE state = 'open' AND due_at <= $1
       ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING ${columns}`,
    [now, limit],
  );
  const overdue = rows.map(fromRow);
  const numbers = await orderNumbers([...new Set(overdue.flatMap((obligation) => obligation.orderId ?? []))]);
  const exceptions = overdue.map((obligation) =>
    overdueException(obligation, overdueKey(obligation), numbers.get(obligation.orderId ?? '')),
  );
  return { overdue, exceptions };
}

export async function listObligations(
  tx: Tx,
  filter: { state?: Obligation['state']; kind?: ObligationKind; orderId?: string; partner?: string },
  limit: number,
): Promise<Obligation[]> {
  const rows = await tx.query<ObligationRow>(
    `SELECT ${columns} FROM obligation WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR kind = $2)
       AND ($3::uuid IS NULL OR order_id = $3) AND ($4::text IS NULL OR partner = $4) ORDER BY due_at LIMIT $5`,
    [filter.state ?? null, filter.kind ?? null, filter.orderId ?? null, filter.partner ?? null, limit],
  );
  return rows.map(fromRow);
}
