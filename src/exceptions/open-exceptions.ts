import type { Tx } from '../platform/index.ts';
import { type ExceptionCode, exceptionDefinition } from './exception-catalog.ts';
import type { ExceptionRecord } from './exceptions-types.ts';

/** Open exceptions of one kind, owner and currency. */
export interface OpenExceptionCount {
  class: ExceptionRecord['class'];
  ownerRole: ExceptionRecord['ownerRole'];
  /** Absent where no money is named. */
  currency?: string;
  exceptions: number;
  overdue: number;
  moneyAtRiskMinor: number;
}

/** All of them, whatever their number; snoozed ones too. */
export async function countOpenExceptions(
  tx: Tx,
  now: Date,
): Promise<{ counts: OpenExceptionCount[]; orders: number }> {
  const rows = await tx.query<{
    class: ExceptionRecord['class'];
    owner_role: ExceptionRecord['ownerRole'];
    currency: string | null;
    exceptions: number;
    overdue: number;
    minor: number;
  }>(
    {
      name: 'exceptions-count-open',
      text: `SELECT class, owner_role, currency, count(*)::bigint AS exceptions,
          count(*) FILTER (WHERE sla_due < $1)::bigint AS overdue, coalesce(sum(money_at_risk_minor), 0)::bigint AS minor
        FROM exception WHERE resolved_at IS NULL GROUP BY class, owner_role, currency`,
    },
    [now],
  );
  const [orders] = await tx.query<{ n: number }>({
    name: 'exceptions-count-orders',
    text: 'SELECT count(DISTINCT order_id)::bigint AS n FROM exception WHERE resolved_at IS NULL AND order_id IS NOT NULL',
  });
  return {
    counts: rows.map(({ owner_role, currency, minor, ...row }) => ({
      ...row,
      ownerRole: owner_role,
      ...(currency === null ? {} : { currency }),
      moneyAtRiskMinor: minor,
    })),
    orders: orders?.n ?? 0,
  };
}

export interface UrgentException {
  orderId: string;
  code: ExceptionCode;
  title: string;
  cause: string;
  slaDue: Date;
  moneyAtRiskMinor?: number;
  currency?: string;
}

/** What is due first of each order, soonest first. */
export async function mostUrgentOfOrders(tx: Tx, limit: number): Promise<UrgentException[]> {
  const rows = await tx.query<{
    order_id: string;
    code: ExceptionCode;
    cause: string;
    sla_due: Date;
    money_at_risk_minor: number | null;
    currency: string | null;
  }>(
    {
      name: 'exceptions-most-urgent',
      text: `SELECT * FROM (
          SELECT DISTINCT ON (order_id) order_id, code, cause, sla_due, money_at_risk_minor, currency FROM exception
          WHERE resolved_at IS NULL AND order_id IS NOT NULL ORDER BY order_id, sla_due
        ) AS of_order ORDER BY sla_due LIMIT $1`,
    },
    [limit],
  );
  return rows.map((row) => ({
    orderId: row.order_id,
    code: row.code,
    title: exceptionDefinition(row.code).title,
    cause: row.cause,
    slaDue: row.sla_due,
    ...(row.money_at_risk_minor === null ? {} : { moneyAtRiskMinor: row.money_at_risk_minor }),
    ...(row.currency === null ? {} : { currency: row.currency }),
  }));
}
