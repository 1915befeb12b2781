import { HubError, isUuid, type Tx, uuidv7 } from '../platform/index.ts';
import { type ExceptionAction, type ExceptionCode, exceptionDefinition } from './exception-catalog.ts';
import type { EntityRef, ExceptionRecord, ExceptionState, NewException } from './exceptions-types.ts';

export interface ExceptionRow {
  id: string;
  version: number;
  code: ExceptionCode;
  class: ExceptionRecord['class'];
  severity: ExceptionRecord['severity'];
  owner_role: ExceptionRecord['ownerRole'];
  dedupe_key: string;
  state: ExceptionState;
  entity_refs: ExceptionRecord['entityRefs'];
  order_id: string | null;
  correlation_id: string | null;
  message_id: string | null;
  delivery_id: string | null;
  cause: string;
  suggested_fix: string | null;
  money_at_risk_minor: number | null;
  currency: string | null;
  data: Record<string, unknown>;
  occurrences: number;
  assignee: string | null;
  snoozed_until: Date | null;
  sla_due: Date;
  opened_at: Date;
  updated_at: Date;
  resolved_at: Date | null;
  resolution: string | null;
  resolved_by: string | null;
  outcome_refs: ExceptionRecord['entityRefs'] | null;
}

export const exceptionColumns = `id, version, code, class, severity, owner_role, dedupe_key, state, entity_refs, order_id, correlation_id,
  message_id, delivery_id, cause, suggested_fix, money_at_risk_minor, currency, data, occurrences, assignee, snoozed_until,
  sla_due, opened_at, updated_at, resolved_at, resolution, resolved_by, outcome_refs`;

/** A release that is refused is retried by its delivery; one that was refused as a document, after it was sent, by itself. */
function hasObject(action: ExceptionAction, { data }: ExceptionRow): boolean {
  const isRelease = data.fulfillmentId !== undefined;
  if (action === 'release_again') return isRelease;
  return !isRelease || (action !== 'retry_delivery' && action !== 'discard_delivery');
}

export function exceptionFromRow(row: ExceptionRow): ExceptionRecord {
  const definition = exceptionDefinition(row.code);
  return {
    id: row.id,
    version: row.version,
    code: row.code,
    class: row.class,
    severity: row.severity,
    ownerRole: row.owner_role,
    desk: definition.desk,
    title: definition.title,
    explanation: definition.explanation,
    blamedSystem: (row.data.blamedSystem as string | undefined) ?? definition.blamedSystem,
    dedupeKey: row.dedupe_key,
    entityRefs: row.entity_refs,
    orderId: row.order_id ?? undefined,
    correlationId: row.correlation_id ?? undefined,
    messageId: row.message_id ?? undefined,
    deliveryId: row.delivery_id ?? undefined,
    cause: row.cause,
    suggestedFix: row.suggested_fix ?? definition.suggestedFix,
    moneyAtRiskMinor: row.money_at_risk_minor ?? undefined,
    currency: row.currency ?? undefined,
    state: row.state,
    assignee: row.assignee ?? undefined,
    snoozedUntil: row.snoozed_until ?? undefined,
    slaDue: row.sla_due,
    allowedActions:
      row.resolved_at === null ? definition.allowedActions.filter((action) => hasObject(action, row)) : [],
    resolution: row.resolution ?? undefined,
    resolvedBy: row.resolved_by ?? undefined,
    outcomeRefs: row.outcome_refs ?? undefined,
    data: row.data,
    occurrences: row.occurrences,
    openedAt: row.opened_at,
    updatedAt: row.updated_at,
    resolvedAt: row.resolved_at ?? undefined,
  };
}

/**
 * Opens exceptions in one statement. One whose dedupeKey is open already is counted, and takes over the newest cause and
 * data. Answers in the order given; `opened` is false for the ones that were open before.
 */
export async function openExceptions(
  tx: Tx,
  exceptions: readonly NewException[],
  now: Date,
): Promise<{ id: string; opened: boolean }[]> {
  if (exceptions.length === 0) return [];
  // The last of a key wins; sorted, so that two transactions with the same keys wait for each other in order.
  const byKey = new Map(exceptions.map((exception) => [exception.dedupeKey, toRecord(exception, now)]));
  const rows = [...byKey.values()].sort((a, b) => (a.dedupe_key < b.dedupe_key ? -1 : 1));
  const written = await tx.query<{ id: string; dedupe_key: string; occurrences: number }>(
    {
      name: 'exceptions-open',
      text: `INSERT INTO exception AS e (tenant_id, id, version, code, class, severity, owner_role, dedupe_key, state,
          entity_refs, order_id, correlation_id, message_id, delivery_id, cause, suggested_fix, money_at_risk_minor,
          currency, data, occurrences, sla_due, opened_at, updated_at)
        SELECT current_setting('crossdock.tenant'), id, 1, code, class, severity, owner_role, dedupe_key, 'open',
          entity_refs, order_id, correlation_id, message_id, delivery_id, cause, suggested_fix, money_at_risk_minor,
          currency, data, 1, sla_due, $2, $2
        FROM jsonb_to_recordset($1) AS r(id uuid, code text, class text, severity text, owner_role text,
          dedupe_key text, entity_refs jsonb, order_id uuid, correlation_id text, message_id uuid, delivery_id text,
          cause text, suggested_fix text, money_at_risk_minor bigint, currency text, data jsonb, sla_due timestamptz)
        ON CONFLICT (tenant_id, dedupe_key) WHERE resolved_at IS NULL DO UPDATE SET
          occurrences = e.occurrences + 1, cause = excluded.cause, data = excluded.data,
          money_at_risk_minor = excluded.money_at_risk_minor, updated_at = excluded.updated_at,
          version = CASE WHEN e.cause = excluded.cause THEN e.version ELSE e.version + 1 END
        RETURNING id, dedupe_key, occurrences`,
    },
    [JSON.stringify(rows), now],
  );
  const found = new Map(written.map((row) => [row.dedupe_key, row]));
  return exceptions.map(({ dedupeKey }) => {
    const row = found.get(dedupeKey)!;
    return { id: row.id, opened: row.occurrences === 1 };
  });
}

function toRecord(exception: NewException, now: Date) {
  const definition = exceptionDefinition(exception.code);
  return {
    id: uuidv7(),
    code: exception.code,
    class: definition.class,
    severity: exception.severity ?? definition.severity,
    owner_role: definition.ownerRole,
    dedupe_key: exception.dedupeKey,
    entity_refs: exception.entityRefs,
    order_id: exception.orderId,
    correlation_id: exception.correlationId,
    message_id: exception.messageId,
    delivery_id: exception.deliveryId,
    cause: exception.cause,
    suggested_fix: exception.suggestedFix,
    money_at_risk_minor: exception.moneyAtRiskMinor,
    currency: exception.currency,
    data: exception.data ?? {},
    sla_due: new Date(now.getTime() + definition.slaMinutes * 60_000),
  };
}

/** Which exceptions are resolved, and how. */
export interface Resolving {
  dedupeKeys?: readonly string[];
  ids?: readonly string[];
  /** Passes over what has happened again, or was changed, after this instant. */
  notSince?: Date;
  resolution: string;
  by: string;
}

/** Resolves what is open of the given keys and ids; answers what it resolved. */
export async function resolveExceptions(tx: Tx, what: Resolving, now: Date): Promise<ExceptionRecord[]> {
  const keys = what.dedupeKeys ?? [];
  const ids = what.ids ?? [];
  if (keys.length === 0 && ids.length === 0) return [];
  // Two updates joined by UNION would touch the row twice; an OR would lose the partial index on the key.
  const rows = await tx.query<ExceptionRow>(
    {
      name: 'exceptions-resolve',
      text: `UPDATE exception SET state = 'resolved', resolved_at = $5, updated_at = $5, resolution = $3, resolved_by = $4,
          snoozed_until = NULL, version = version + 1
        WHERE resolved_at IS NULL AND updated_at <= $6 AND (tenant_id, id) IN (
          SELECT tenant_id, id FROM exception WHERE dedupe_key = ANY($1) AND resolved_at IS NULL
          UNION SELECT tenant_id, id FROM exception WHERE id = ANY($2::uuid[]))
        RETURNING ${exceptionColumns}`,
    },
    [keys, ids, what.resolution, what.by, now, what.notSince ?? 'infinity'],
  );
  return rows.map(exceptionFromRow);
}

/** Names what the end of exceptions has made, in the transaction that resolved them: people are led there. */
export async function linkOutcomes(
  tx: Tx,
  outcomes: readonly { id: string; refs: readonly EntityRef[] }[],
): Promise<void> {
  if (outcomes.length === 0) return;
  await tx.query(
    `UPDATE exception e SET outcome_refs = r.refs FROM jsonb_to_recordset($1) AS r(id uuid, refs jsonb) WHERE e.id = r.id`,
    [JSON.stringify(outcomes)],
  );
}

export async function getException(tx: Tx, id: string): Promise<ExceptionRecord | undefined> {
  if (!isUuid(id)) return undefined;
  const rows = await tx.query<ExceptionRow>(`SELECT ${exceptionColumns} FROM exception WHERE id = $1`, [id]);
  return rows[0] === undefined ? undefined : exceptionFromRow(rows[0]);
}

export async function lockException(tx: Tx, id: string): Promise<ExceptionRecord | undefined> {
  if (!isUuid(id)) return undefined;
  const rows = await tx.query<ExceptionRow>(`SELECT ${exceptionColumns} FROM exception WHERE id = $1 FOR UPDATE`, [id]);
  return rows[0] === undefined ? undefined : exceptionFromRow(rows[0]);
}

/** Orders with an exception that wants somebody, newest first, at most `limit`. */
export async function listOrdersWithOpen(tx: Tx, limit: number): Promise<string[]> {
  const rows = await tx.query<{ order_id: string }>(
    `SELECT DISTINCT order_id FROM exception WHERE order_id IS NOT NULL AND resolved_at IS NULL
     ORDER BY order_id DESC LIMIT $1`,
    [limit],
  );
  return rows.map((row) => row.order_id);
}

/** Open exceptions per order, for the `exception` overlay; orders without any are missing. */
export async function countOpenByOrder(tx: Tx, orderIds: readonly string[]): Promise<Map<string, number>> {
  if (orderIds.length === 0) return new Map();
  const rows = await tx.query<{ order_id: string; count: number }>(
    {
      name: 'exceptions-count-open-by-order',
      text: `SELECT order_id, count(*) AS count FROM exception
        WHERE order_id = ANY($1::uuid[]) AND resolved_at IS NULL GROUP BY order_id`,
    },
    [orderIds],
  );
  return new Map(rows.map((row) => [row.order_id, row.count]));
}

/** Names who looks after it, or with null nobody. @throws HubError NOT_FOUND, PRECONDITION_FAILED, CONFLICT (resolved) */
export async function assignException(
  tx: Tx,
  change: { id: string; assignee: string | null; expectedVersion?: number },
  now: Date,
): Promise<ExceptionRecord> {
  await requireOpen(tx, change.id, change.expectedVersion);
  const rows = await tx.query<ExceptionRow>(
    `UPDATE exception SET assignee = $2, state = CASE WHEN $2::text IS NULL THEN 'open' ELSE 'assigned' END,
       updated_at = $3, version = version + 1 WHERE id = $1 RETURNING ${exceptionColumns}`,
    [change.id, change.assignee, now],
  );
  return exceptionFromRow(rows[0]!);
}

/** @throws HubError NOT_FOUND, PRECONDITION_FAILED, CONFLICT (resolved) */
export async function snoozeException(
  tx: Tx,
  change: { id: string; until: Date; expectedVersion?: number },
  now: Date,
): Promise<ExceptionRecord> {
  await requireOpen(tx, change.id, change.expectedVersion);
  const rows = await tx.query<ExceptionRow>(
    `UPDATE exception SET snoozed_until = $2, updated_at = $3, version = version + 1 WHERE id = $1 RETURNING ${exceptionColumns}`,
    [change.id, change.until, now],
  );
  return exceptionFromRow(rows[0]!);
}

/** Raises the version of an exception that still has this one: something was done about it that shows elsewhere. */
export async function touchException(tx: Tx, change: { id: string; version: number }, now: Date): Promise<void> {
  await tx.query('UPDATE exception SET version = version + 1, updated_at = $3 WHERE id = $1 AND version = $2', [
    change.id,
    change.version,
    now,
  ]);
}

async function requireOpen(tx: Tx, id: string, expectedVersion: number | undefined): Promise<void> {
  const known = await lockException(tx, id);
  if (known === undefined) throw new HubError('NOT_FOUND');
  if (expectedVersion !== undefined && expectedVersion !== known.version) throw new HubError('PRECONDITION_FAILED');
  if (known.resolvedAt !== undefined) throw new HubError('CONFLICT', { message: 'The exception is resolved' });
}
