import type { Tx } from '../platform/index.ts';
import type { EntityKind } from '../queue/index.ts';
import type { HubEvent } from './event.ts';
import type { EventType } from './event-catalog.ts';

interface EventRow {
  id: string;
  tenant_id: string;
  sequence: number;
  type: string;
  entity_kind: string;
  entity_id: string;
  key: string;
  order_id: string | null;
  version: number | null;
  correlation_id: string;
  causation_id: string | null;
  traceparent: string | null;
  occurred_at: Date;
  recorded_at: Date;
  data: Record<string, unknown> | null;
  changed: string[] | null;
  previous: Record<string, unknown> | null;
  reason: string | null;
}

const columns = `id, tenant_id, sequence, type, entity_kind, entity_id, key, order_id, version, correlation_id, causation_id,
  traceparent, occurred_at, recorded_at, data, changed, previous, reason`;

function eventOfRow(row: EventRow): HubEvent {
  const event: HubEvent = {
    id: row.id,
    tenantId: row.tenant_id,
    sequence: row.sequence,
    type: row.type as EventType,
    entity: { kind: row.entity_kind as EntityKind, id: row.entity_id },
    key: row.key,
    correlationId: row.correlation_id,
    occurredAt: row.occurred_at.toISOString(),
    recordedAt: row.recorded_at.toISOString(),
  };
  if (row.order_id !== null) event.orderId = row.order_id;
  if (row.version !== null) event.version = row.version;
  if (row.causation_id !== null) event.causationId = row.causation_id;
  if (row.traceparent !== null) event.traceparent = row.traceparent;
  if (row.data !== null) event.data = row.data;
  if (row.changed !== null) event.changed = row.changed;
  if (row.previous !== null) event.previous = row.previous;
  if (row.reason !== null) event.reason = row.reason;
  return event;
}

/**
 * $1 rows as one jsonb array, $2 tenant, $3 now. The transaction id comes before any sequence number, as the readers'
 * mark needs it. Answers the sequences in the order of the rows.
 */
const insert = {
  name: 'events-insert',
  text: `
    WITH writer AS MATERIALIZED (SELECT pg_current_xact_id() AS xid)
    INSERT INTO event (id, tenant_id, sequence, type, entity_kind, entity_id, key, order_id, version, correlation_id,
                       causation_id, traceparent, occurred_at, recorded_at, data, changed, previous, reason)
    SELECT r.id, $2, nextval('event_sequence'), r.type, r."entityKind", r."entityId", r.key, r."orderId", r.version,
           r."correlationId", r."causationId", r.traceparent, coalesce(r."occurredAt", $3), $3, r.data, r.changed,
           r.previous, r.reason
    FROM writer, jsonb_to_recordset($1::jsonb) AS r(id uuid, type text, "entityKind" text, "entityId" text, key text,
      "orderId" text, version integer, "correlationId" text, "causationId" text, traceparent text,
      "occurredAt" timestamptz, data jsonb, changed jsonb, previous jsonb, reason text)
    RETURNING sequence`,
};

export async function insertEvents(
  tx: Tx,
  events: readonly Omit<HubEvent, 'tenantId' | 'sequence' | 'recordedAt'>[],
  now: Date,
): Promise<number[]> {
  const rows = events.map(({ entity, ...event }) => ({ ...event, entityKind: entity.kind, entityId: entity.id }));
  const answer = await tx.query<{ sequence: number }>(insert, [JSON.stringify(rows), tx.tenantId, now]);
  return answer.map((row) => row.sequence);
}

export async function loadEvents(tx: Tx, ids: readonly string[]): Promise<Map<string, HubEvent>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<EventRow>(
    { name: 'events-load', text: `SELECT ${columns} FROM event WHERE id = ANY ($1::uuid[])` },
    [ids],
  );
  return new Map(rows.map((row) => [row.id, eventOfRow(row)]));
}

/** @param conditions column → wanted value; columns are this room's own names, never input */
export async function listEvents(
  tx: Tx,
  conditions: readonly (readonly [column: string, value: unknown])[],
  afterSequence: number,
  upToSequence: number | undefined,
  limit: number,
): Promise<HubEvent[]> {
  const params: unknown[] = [tx.tenantId, afterSequence, limit];
  const wanted = conditions.map(([column, value]) => `AND ${column} = $${params.push(value)}`);
  if (upToSequence !== undefined) wanted.push(`AND sequence <= $${params.push(upToSequence)}`);
  const rows = await tx.query<EventRow>(
    `SELECT ${columns} FROM event WHERE tenant_id = $1 AND sequence > $2 ${wanted.join(' ')} ORDER BY sequence LIMIT $3`,
    params,
  );
  return rows.map(eventOfRow);
}

export async function sequenceOf(tx: Tx, id: string): Promise<number | undefined> {
  const [row] = await tx.query<{ sequence: number }>('SELECT sequence FROM event WHERE tenant_id = $1 AND id = $2', [
    tx.tenantId,
    id,
  ]);
  return row?.sequence;
}

/** A mark for readers of the stream; the order of its three parts matters (queue: read-mark). */
export async function takeMark(tx: Tx): Promise<{ xmin: number; position: number; xid: number }> {
  const [row] = await tx.query<{ xmin: number; position: number; xid: number }>({
    name: 'events-mark',
    text: `
      WITH noted AS MATERIALIZED (
        SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS position FROM event_sequence
      )
      SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin, position,
             pg_current_xact_id()::text::bigint AS xid FROM noted`,
  });
  if (row === undefined) throw new Error('the event sequence is missing');
  return row;
}
