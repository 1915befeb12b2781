import type { Tx } from '../platform/index.ts';
import type { DeliveryRow, DeliveryState } from './delivery.ts';
import { behindCursor } from './sql/waiting-in-lane.ts';

/**
 * Pauses every connection that is working, and answers their names. For a hub whose memory has a gap; none may be
 * working the lanes meanwhile, or it will notice late.
 */
export async function pauseConnections(tx: Tx, reason: string): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    `UPDATE destination SET paused = true, paused_reason = $2, version = version + 1
     WHERE tenant_id = $1 AND kind = 'connection' AND NOT paused RETURNING name`,
    [tx.tenantId, reason],
  );
  return rows.map((row) => row.name).sort();
}

/**
 * Makes the outcome of everything unknown that was not yet known to be sent: after a restore it may have been sent all the
 * same, by the hub that took the backup, later. The lanes then do what they do about any unknown outcome: send again under
 * the same key where that is harmless, look up where it can be looked up, and wait for a person where neither is possible.
 * What an open intent names is left to the lanes, which doubt it by themselves. What is held or dead waits for a person anyway.
 * @returns how many deliveries
 */
export async function doubtUnsent(tx: Tx, now: Date): Promise<number> {
  const unsent = await tx.query(
    `WITH unsent AS (
       UPDATE delivery AS d SET state = 'outcome_unknown', parked = true, updated_at = $2,
         error_code = 'OUTCOME_UNKNOWN', error_text = 'It may have been sent after the backup was taken'
       FROM lane AS l
       WHERE l.tenant_id = $1 AND l.destination NOT LIKE 'flow.%' AND ${behindCursor}
         AND NOT EXISTS (SELECT FROM intent AS i WHERE i.positions @> ARRAY[d.position])
       RETURNING d.lane_id, d.position, d.tenant_id, d.key, d.id, d.created_at)
     INSERT INTO delivery_parked (lane_id, position, tenant_id, key, delivery_id, state, due_at, created_at)
     SELECT lane_id, position, tenant_id, key, id, 'outcome_unknown', $2, created_at FROM unsent RETURNING 1`,
    [tx.tenantId, now],
  );
  const waiting = await tx.query(
    `WITH waiting AS (
       UPDATE delivery_parked AS p SET state = 'outcome_unknown', due_at = $2, lookups = 0, lookup_failures = 0
       FROM lane AS l
       WHERE l.tenant_id = $1 AND l.destination NOT LIKE 'flow.%' AND p.lane_id = l.lane_id
         AND p.state IN ('queued', 'retry_wait')
         AND NOT EXISTS (SELECT FROM intent AS i WHERE i.positions @> ARRAY[p.position])
       RETURNING p.lane_id, p.position)
     UPDATE delivery AS d SET state = 'outcome_unknown', updated_at = $2, error_code = 'OUTCOME_UNKNOWN',
       error_text = 'It may have been sent after the backup was taken'
     FROM waiting AS w WHERE d.lane_id = w.lane_id AND d.position = w.position RETURNING 1`,
    [tx.tenantId, now],
  );
  return unsent.length + waiting.length;
}

/** A delivery to an outside system of which it is not known that it arrived. */
export interface Unsettled extends DeliveryRow {
  state: DeliveryState;
  createdAt: Date;
}

/** In the order of the ledger: queued, in flight, waiting for a retry, or of unknown outcome. */
export async function findUnsettled(tx: Tx, page: { after: number; limit: number }): Promise<Unsettled[]> {
  const rows = await tx.query<Record<string, never>>(
    `SELECT d.position, d.id, d.destination, d.key, d.operation, d.payload, d.event_id, d.correlation_id, d.traceparent,
       d.natural_key, d.priority, d.attempts, d.created_at, d.state,
       coalesce(p.output_message_id, sent.output_message_id) AS output_message_id
     FROM (
       SELECT p.lane_id, p.position FROM delivery_parked AS p JOIN lane AS l ON l.lane_id = p.lane_id
       WHERE p.tenant_id = $1 AND l.destination NOT LIKE 'flow.%' AND p.position > $2
         AND p.state IN ('queued', 'retry_wait', 'outcome_unknown')
       UNION
       SELECT q.lane_id, q.position FROM lane AS l CROSS JOIN LATERAL (
         SELECT d.lane_id, d.position FROM delivery AS d
         WHERE d.lane_id = l.lane_id AND d.position > greatest(l.cursor_position, $2) AND d.state = 'queued' AND NOT d.parked
         ORDER BY d.position LIMIT $3) AS q
       WHERE l.tenant_id = $1 AND l.destination NOT LIKE 'flow.%'
       ORDER BY position LIMIT $3
     ) AS open
     JOIN delivery_now AS d ON d.lane_id = open.lane_id AND d.position = open.position
     LEFT JOIN delivery_parked AS p ON p.lane_id = d.lane_id AND p.position = d.position
     LEFT JOIN LATERAL (
       SELECT a.output_message_id FROM attempt AS a
       WHERE a.delivery_id = d.id AND a.output_message_id IS NOT NULL ORDER BY a.id DESC LIMIT 1
     ) AS sent ON true
     ORDER BY d.position`,
    [tx.tenantId, page.after, page.limit],
  );
  return rows.map((row) => unsettledOf(row, tx.tenantId ?? ''));
}

function unsettledOf(row: Record<string, never>, tenantId: string): Unsettled {
  const found: Unsettled = {
    id: row['id']!,
    position: row['position']!,
    tenantId,
    destination: row['destination']!,
    key: row['key']!,
    operation: row['operation']!,
    payload: row['payload']!,
    correlationId: row['correlation_id']!,
    priority: row['priority']!,
    attempt: (row['attempts']! as number) + 1,
    state: row['state']!,
    createdAt: row['created_at']!,
  };
  if (row['event_id'] !== null) found.eventId = row['event_id']!;
  if (row['traceparent'] !== null) found.traceparent = row['traceparent']!;
  if (row['natural_key'] !== null) found.naturalKey = row['natural_key']!;
  if (row['output_message_id'] !== null) found.outputMessageId = row['output_message_id']!;
  return found;
}
