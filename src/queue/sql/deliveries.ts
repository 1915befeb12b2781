import type { DeliveryState } from '../delivery.ts';
import type { AttemptView, DeliveryView } from '../queue.ts';
import { behindCursor } from './waiting-in-lane.ts';

export interface DeliveryRowFull {
  lane_id: number;
  position: number;
  id: string;
  destination: string;
  kind: 'flow' | 'connection';
  key: string;
  operation: string;
  payload: DeliveryView['payload'];
  event_id: string | null;
  correlation_id: string;
  traceparent: string | null;
  natural_key: string | null;
  state: DeliveryState;
  parked: boolean;
  attempts: number;
  created_at: Date;
  updated_at: Date | null;
  due_at: Date | null;
  error_code: string | null;
  error_text: string | null;
  outside_id: string | null;
  actor: string | null;
}

export interface AttemptRow {
  id: string;
  attempt: number;
  kind: AttemptView['kind'];
  state: AttemptView['state'];
  natural_key: string | null;
  payload_hash: string | null;
  idempotency: string | null;
  output_message_id: string | null;
  outside_id: string | null;
  duration_ms: number | null;
  outcome: unknown;
}

const columns = `
  d.lane_id, d.position, d.id, d.destination, CASE WHEN d.destination LIKE 'flow.%' THEN 'flow' ELSE 'connection' END AS kind,
  d.key, d.operation, d.payload, d.event_id, d.correlation_id, d.traceparent, d.natural_key, d.state, d.parked, d.attempts,
  d.created_at, p.due_at, d.error_code, d.error_text, d.actor, d.updated_at, d.outside_id`;

const joins = `
  LEFT JOIN delivery_parked AS p ON p.lane_id = d.lane_id AND p.position = d.position AND p.state <> 'gone'`;

/** $1 tenant, $2 id. */
export const deliveryById = `SELECT ${columns} FROM delivery_now AS d ${joins} WHERE d.tenant_id = $1 AND d.id = $2`;

/** Locks the row in the side table, so that the lane's owner and a person do not decide at once. $1 tenant, $2 id. */
export const lockForHand = `
  SELECT p.position FROM delivery AS d JOIN delivery_parked AS p ON p.lane_id = d.lane_id AND p.position = d.position
  WHERE d.tenant_id = $1 AND d.id = $2 FOR UPDATE OF p`;

/** $1 tenant, $2 correlation, $3 before, $4 destination, $5 key, $6 state, $7 limit. */
export const deliveriesByCorrelation = `
  SELECT * FROM (SELECT ${columns} FROM delivery_now AS d ${joins} WHERE d.tenant_id = $1 AND d.correlation_id = $2) AS found
  WHERE position < $3 AND ($4::text IS NULL OR destination = $4) AND ($5::text IS NULL OR key = $5)
    AND ($6::text IS NULL OR state = $6)
  ORDER BY position DESC LIMIT $7`;

/** $1 tenant, $2 state, $3 before, $4 destination, $5 key, $6 limit. */
export const deliveriesParked = `
  SELECT * FROM (
    SELECT ${columns} FROM delivery_parked AS s JOIN delivery_now AS d ON d.lane_id = s.lane_id AND d.position = s.position ${joins}
    WHERE s.tenant_id = $1 AND s.state = $2 AND s.position < $3 AND ($4::text IS NULL OR d.destination = $4)
      AND ($5::text IS NULL OR s.key = $5)
    ORDER BY s.position DESC LIMIT $6
  ) AS found WHERE state = $2`;

/** The newest of each lane, then the newest of these. $1 lanes, $2 before, $3 state, $4 limit. */
export const deliveriesOfLanes = `
  SELECT ${columns} FROM (
    SELECT n.* FROM unnest($1::integer[]) AS wanted(lane_id) CROSS JOIN LATERAL (
      SELECT * FROM delivery_now AS d WHERE d.lane_id = wanted.lane_id AND d.position < $2
        AND ($3::text IS NULL OR d.state = $3)
      ORDER BY d.position DESC LIMIT $4
    ) AS n
    ORDER BY n.position DESC LIMIT $4
  ) AS d ${joins}
  ORDER BY d.position DESC`;

/**
 * The newest of one key by the key's index, in all lanes at once: lane by lane would pass all of the key's deliveries
 * for each lane that holds none. $1 key, $2 before, $3 lanes, $4 state, $5 limit.
 */
export const deliveriesOfKey = `
  SELECT ${columns} FROM (
    SELECT * FROM delivery_now AS n WHERE n.key = $1 AND n.position < $2 AND n.lane_id = ANY ($3::integer[])
      AND ($4::text IS NULL OR n.state = $4)
    ORDER BY n.position DESC LIMIT $5
  ) AS d ${joins}
  ORDER BY d.position DESC`;

/**
 * What waits to be delivered: behind the cursors by range, before them by the side table, whatever lies before. $1 tenant,
 * $2 state, $3 before, $4 lanes, $5 key, $6 limit.
 */
export const deliveriesWaiting = `
  SELECT ${columns} FROM (
    SELECT n.* FROM lane AS l CROSS JOIN LATERAL (
      SELECT * FROM delivery_now AS d WHERE d.lane_id = l.lane_id AND d.position > l.cursor_position AND d.position < $3
        AND NOT d.parked AND d.state = $2 AND ($5::text IS NULL OR d.key = $5)
      ORDER BY d.position DESC LIMIT $6
    ) AS n WHERE l.tenant_id = $1 AND l.lane_id = ANY ($4::integer[])
    UNION ALL
    SELECT d.* FROM delivery_parked AS s JOIN delivery_now AS d ON d.lane_id = s.lane_id AND d.position = s.position
    WHERE s.tenant_id = $1 AND s.position < $3 AND s.lane_id = ANY ($4::integer[]) AND d.state = $2
      AND ($5::text IS NULL OR s.key = $5)
  ) AS d ${joins}
  ORDER BY d.position DESC LIMIT $6`;

/** What open intents name, as above: they are few, however long the queue is. */
export const deliveriesInFlight = `
  SELECT ${columns} FROM (
    SELECT n.* FROM intent AS i JOIN delivery_now AS n ON n.lane_id = ANY (i.lanes) AND n.position = ANY (i.positions)
    WHERE i.tenant_id = $1 AND n.state = $2 AND n.position < $3 AND n.lane_id = ANY ($4::integer[])
      AND ($5::text IS NULL OR n.key = $5)
  ) AS d ${joins}
  ORDER BY d.position DESC LIMIT $6`;

/** Discarded ones have an index of their own, as above. */
export const deliveriesDiscarded = `
  SELECT ${columns} FROM (
    SELECT n.* FROM unnest($4::integer[]) AS wanted(lane_id) CROSS JOIN LATERAL (
      SELECT o.position FROM delivery AS o WHERE o.tenant_id = $1 AND o.lane_id = wanted.lane_id AND o.position < $3
        AND o.state = 'discarded' AND o.state = $2 AND ($5::text IS NULL OR o.key = $5)
      ORDER BY o.position DESC LIMIT $6
    ) AS found JOIN delivery_now AS n ON n.lane_id = wanted.lane_id AND n.position = found.position
  ) AS d ${joins}
  ORDER BY d.position DESC LIMIT $6`;

/** $1 tenant, $2 delivery. Oldest first. */
export const attemptsOf = `
  SELECT id, attempt, kind, state, natural_key, payload_hash, idempotency, output_message_id, outside_id, duration_ms,
         outcome
  FROM attempt WHERE tenant_id = $1 AND delivery_id = $2 ORDER BY id`;

/**
 * The batches in which deliveries were confirmed at their first attempt. $1 tenant, $2 positions. By the view, because the
 * table's row-level security would keep the index on `span` from being used (measured: 24 ms for one attempt among those of
 * a million deliveries, 0.1 ms by the view).
 */
export const batchesOf = `
  SELECT DISTINCT b.id, b.members FROM unnest($2::bigint[]) AS wanted(position)
  JOIN attempt_batch_of_tenant AS b ON b.tenant_id = $1 AND b.span @> wanted.position AND b.positions @> ARRAY[wanted.position]`;

/** $1 lane, $2 key, $3 position. */
export const hasLaterDelivery = `
  SELECT 1 AS later FROM delivery WHERE lane_id = $1 AND key = $2 AND position > $3 AND state <> 'discarded' LIMIT 1`;

/** Open deliveries: behind the cursors of the tenant's lanes by range, before them by the side table. $1 tenant. */
export const backlogCounts = `
  SELECT l.destination, 'queued' AS state, coalesce(sum(q.n), 0)::integer AS n, min(q.oldest) AS oldest
  FROM lane AS l CROSS JOIN LATERAL (
    SELECT count(*) AS n, min(d.created_at) AS oldest FROM delivery AS d
    WHERE ${behindCursor}
  ) AS q
  WHERE l.tenant_id = $1 GROUP BY l.destination
  UNION ALL
  SELECT l.destination, p.state, count(*)::integer, min(p.created_at)
  FROM delivery_parked AS p JOIN lane AS l ON l.lane_id = p.lane_id
  WHERE p.tenant_id = $1 AND p.state <> 'gone' GROUP BY l.destination, p.state`;

/** $1 tenant, $2 now. */
export const talliesOfDay = `
  SELECT destination, superseded FROM delivery_tally
  WHERE tenant_id = $1 AND day = ($2::timestamptz AT TIME ZONE 'UTC')::date`;

/**
 * What a destination holds because our credentials were refused, put back with a new budget of tries and prepared anew.
 * $1 tenant, $2 destination, $3 now, $4 actor, $5 reason, $6 when it is due.
 */
export const releaseRefused = `
  WITH refused AS (
    SELECT p.lane_id, p.position FROM delivery_parked AS p
    JOIN lane AS l ON l.lane_id = p.lane_id AND l.destination = $2
    JOIN delivery AS d ON d.lane_id = p.lane_id AND d.position = p.position
    WHERE p.tenant_id = $1 AND p.state = 'held' AND d.error_code = 'AUTH_FAILED'
    ORDER BY p.position FOR UPDATE OF p
  ),
  due AS (
    UPDATE delivery_parked AS p SET state = 'retry_wait', due_at = $6, tries = 0, lookups = 0, lookup_failures = 0,
      recoveries = 0, reason = NULL, prepare_anew = true, replayed = false
    FROM refused AS r WHERE p.lane_id = r.lane_id AND p.position = r.position
  )
  UPDATE delivery AS d SET state = 'retry_wait', updated_at = $3, actor = $4, error_text = $5
  FROM refused AS r WHERE d.lane_id = r.lane_id AND d.position = r.position
  RETURNING d.position`;
