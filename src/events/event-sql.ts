import { columnsOf, type StatementGroup, type Tx } from '../platform/index.ts';
import { type EntityKind, type MarkReading, markOf } from '../queue/index.ts';
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
 * $1 tenant, $2 now, then a column each. The transaction id comes before any sequence number, as the readers' mark needs
 * it. Answers the sequences in the order of the rows.
 * Columns as binary arrays: measured against one jsonb array, 14 µs of the server's time per event instead of 20.
 */
const insert = {
  name: 'events-insert',
  text: `
    WITH writer AS MATERIALIZED (SELECT pg_current_xact_id() AS xid)
    INSERT INTO event (tenant_id, recorded_at, sequence, id, type, entity_kind, entity_id, key, order_id, version,
                       correlation_id, causation_id, traceparent, occurred_at, data, changed, previous, reason)
    SELECT $1, $2, nextval('event_sequence'), r.id, r.type, r.entity_kind, r.entity_id, r.key, r.order_id, r.version,
           r.correlation_id, r.causation_id, r.traceparent, r.occurred_at::timestamptz, r.rest -> 'data',
           r.rest -> 'changed', r.rest -> 'previous', r.rest ->> 'reason'
    FROM writer, unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
                        $10::text[], $11::text[], $12::text[], $13::text[], $14::jsonb[])
      AS r(id, type, entity_kind, entity_id, key, order_id, version, correlation_id, causation_id, traceparent,
           occurred_at, rest)
    RETURNING sequence`,
};

type UnnumberedEvent = Omit<HubEvent, 'tenantId' | 'sequence' | 'recordedAt'>;

/** Answers the events' sequences. */
export function newEvents(tenantId: string, events: readonly UnnumberedEvent[], now: Date): StatementGroup<number[]> {
  const column = columnsOf(events);
  const params = [
    tenantId,
    now,
    column('uuid', (event) => event.id),
    column('text', (event) => event.type),
    column('text', (event) => event.entity.kind),
    column('text', (event) => event.entity.id),
    column('text', (event) => event.key),
    column('text', (event) => event.orderId),
    column('int8', (event) => event.version),
    column('text', (event) => event.correlationId),
    column('text', (event) => event.causationId),
    column('text', (event) => event.traceparent),
    column('text', (event) => event.occurredAt),
    column('jsonb', restOf),
  ];
  return {
    statements: [{ sql: insert, params }],
    read: ([rows]) => (rows as { sequence: number }[]).map((row) => row.sequence),
  };
}

/** What most events do not have; NULL then. */
function restOf({ data, changed, previous, reason }: UnnumberedEvent): string | undefined {
  if (data === undefined && changed === undefined && previous === undefined && reason === undefined) return undefined;
  return JSON.stringify({ data, changed, previous, reason });
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

/** A mark for readers of the stream. */
export async function takeMark(tx: Tx): Promise<MarkReading> {
  const [row] = await tx.query<MarkReading>({ name: 'events-mark', text: markOf('event_sequence') });
  if (row === undefined) throw new Error('the event sequence is missing');
  return row;
}
