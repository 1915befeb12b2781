/**
 * Deliveries that somebody may want to send again, in the order of the ledger. Two shapes, because the ledger keeps what
 * waits for a person in a side table of few rows, and what was delivered without any mark in rows by lane: a filter on
 * the view's computed state would read everything (measured: 490 ms instead of 6 for ten dead letters among a million).
 */
const columns = `
  d.position, d.lane_id, d.id, l.destination, d.key, d.operation, d.payload, d.event_id, d.correlation_id, d.traceparent,
  d.natural_key, d.priority, d.attempts, d.created_at, d.error_code`;

/** The smallest id of an instant: deliveries are found by the time they were enqueued, which their ids tell. */
const within = `
  ($5::timestamptz IS NULL OR d.id >= ledger_uuid_at($5)) AND ($6::timestamptz IS NULL OR d.id < ledger_uuid_at($6))`;

const matching = `
  ($4::text IS NULL OR l.destination = $4) AND ($7::text IS NULL OR d.operation = $7)
  AND ($8::text IS NULL OR d.error_code = $8) AND ($9::text IS NULL OR d.key = $9)`;

/** $1 tenant, $2 after, $3 limit, $4 destination, $5 since, $6 until, $7 operation, $8 error code, $9 key, $10 states. */
export const findParked = `
  SELECT ${columns}, p.state, true AS parked
  FROM delivery_parked AS p JOIN delivery AS d ON d.lane_id = p.lane_id AND d.position = p.position
  JOIN lane AS l ON l.lane_id = d.lane_id
  WHERE p.tenant_id = $1 AND p.state = ANY ($10::text[]) AND p.position > $2 AND ${within} AND ${matching}
  ORDER BY p.position LIMIT $3`;

/** Delivered ones of outside systems; what a flow has done is not done twice. $1 to $9 as above. */
export const findDelivered = `
  SELECT ${columns}, 'delivered' AS state, d.parked
  FROM lane AS l CROSS JOIN LATERAL (
    SELECT * FROM delivery AS d
    WHERE d.lane_id = l.lane_id AND d.position > $2 AND NOT d.parked
      AND (d.state = 'delivered' OR (d.state = 'queued' AND d.position <= l.cursor_position))
      AND ${within} AND ${matching}
    ORDER BY d.position LIMIT $3
  ) AS d
  WHERE l.tenant_id = $1 AND l.destination NOT LIKE 'flow.%' AND ($4::text IS NULL OR l.destination = $4)
  ORDER BY d.position LIMIT $3`;

/** $1 tenant, $2 ids. */
export const findByIds = `
  SELECT d.position, d.lane_id, d.id, d.destination, d.key, d.operation, d.payload, d.event_id, d.correlation_id,
         d.traceparent, d.natural_key, d.priority, d.attempts, d.created_at, d.error_code, d.state, d.parked
  FROM delivery_now AS d WHERE d.tenant_id = $1 AND d.id = ANY ($2::uuid[]) ORDER BY d.position`;

/**
 * The newest delivery of each key: what lies before it has been overtaken. A whole page of them in one statement. $1 lanes, $2 keys, $3 the lowest position asked for.
 */
export const newestOfKeys = `
  SELECT lane_id, key, max(position) AS position FROM delivery
  WHERE lane_id = ANY ($1::integer[]) AND position >= $3 AND key = ANY ($2::text[]) AND state <> 'discarded'
  GROUP BY lane_id, key`;

/** The stored output of each delivery's last attempt, where attempts have rows of their own. $1 tenant, $2 ids. */
export const lastOutputs = `
  SELECT DISTINCT ON (delivery_id) delivery_id, output_message_id, idempotency FROM attempt
  WHERE tenant_id = $1 AND delivery_id = ANY ($2::uuid[]) AND idempotency IS NOT NULL
  ORDER BY delivery_id, id DESC`;

/** Says how a requeued delivery is rendered. $1 tenant, $2 delivery, $3 anew, $4 output (null: as $5 says), $5 keep output. */
export const chooseRendering = `
  UPDATE delivery_parked AS p SET prepare_anew = $3,
    output_message_id = CASE WHEN $5 THEN p.output_message_id ELSE $4 END
  FROM delivery AS d
  WHERE d.tenant_id = $1 AND d.id = $2 AND p.lane_id = d.lane_id AND p.position = d.position AND p.state <> 'gone'
  RETURNING p.position`;
