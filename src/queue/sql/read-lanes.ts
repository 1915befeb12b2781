import type { FailureReason } from '../delivery.ts';
import { markOf } from './mark-of.ts';

/** First statement of a writing transaction: takes its id before any snapshot looks at the lanes' epochs. */
export const takeTransactionId = { name: 'queue-take-xid', text: 'SELECT pg_current_xact_id()::text AS xid' };

/** Where the readers of the lanes may go (read-mark.ts). */
export const takeMark = { name: 'queue-take-mark', text: markOf('delivery_position') };

const readColumns = [
  'position',
  'id',
  'key',
  'operation',
  'payload',
  'event_id',
  'correlation_id',
  'traceparent',
  'natural_key',
  'priority',
  'attempts',
  'after_id',
] as const;

/**
 * New deliveries of lanes: $1 lane ids, $2 where each was read up to, $3 how many each may take, $4 the safe position.
 * One query for all lanes, one index range each. Rows that a former owner of the lane finished or parked are skipped.
 *
 * A lane's rows come as columns, each one JSON array: text that is parsed at once, where the driver makes twelve values of
 * every row one by one (a fifth of the main thread's work on deliveries that cost nothing else).
 */
export const readLanes = {
  name: 'queue-read-lanes',
  text: `
    SELECT l.lane_id, d.*
    FROM unnest($1::integer[], $2::bigint[], $3::integer[]) AS l(lane_id, read_position, room)
    CROSS JOIN LATERAL (
      SELECT ${readColumns.map((name) => `json_agg(d.${name}) AS ${name}`).join(', ')}
      FROM (
        SELECT * FROM delivery AS d
        WHERE d.lane_id = l.lane_id AND d.position > l.read_position AND d.position <= $4
          AND d.state = 'queued' AND NOT d.parked
        ORDER BY d.position LIMIT l.room
      ) AS d
    ) AS d
    WHERE d.position IS NOT NULL`,
};

/** The rows of one lane in order of position: a column each, of equal length. */
export type ReadLane = { lane_id: number } & { [C in (typeof readColumns)[number]]: ReadRow[C][] };

/** @param index of the row in its lane */
export function rowOfLane(lane: ReadLane, index: number): ReadRow {
  return {
    lane_id: lane.lane_id,
    position: lane.position[index]!,
    id: lane.id[index]!,
    key: lane.key[index]!,
    operation: lane.operation[index]!,
    payload: lane.payload[index]!,
    event_id: lane.event_id[index]!,
    correlation_id: lane.correlation_id[index]!,
    traceparent: lane.traceparent[index]!,
    natural_key: lane.natural_key[index]!,
    priority: lane.priority[index]!,
    attempts: lane.attempts[index]!,
    after_id: lane.after_id[index]!,
  };
}

export interface ReadRow {
  lane_id: number;
  position: number;
  id: string;
  key: string;
  operation: string;
  payload: never;
  event_id: string | null;
  correlation_id: string;
  traceparent: string | null;
  natural_key: string | null;
  priority: number;
  attempts: number;
  after_id: string | null;
}

/**
 * What the side table holds for keys, in order: $1 lane ids, $2 keys, $3 how many of each. With the stored output of
 * the last send, whose bytes a retry repeats; and whether one that was put back to be replayed has been overtaken: between the asking and now a later delivery of its key may have come and gone.
 */
export const loadParked = {
  name: 'queue-load-parked',
  text: `
    SELECT p.lane_id, p.position, p.key, p.state, p.due_at, p.tries, p.lookups, p.lookup_failures, p.prepare_anew,
           p.recoveries, p.reason, p.unsure, d.id, d.operation, d.payload, d.event_id, d.correlation_id, d.traceparent, d.natural_key, d.priority,
           d.attempts, d.after_id, coalesce(p.output_message_id, sent.output_message_id) AS output_message_id,
           CASE WHEN p.replayed AND p.state = 'outcome_unknown' THEN EXISTS (
             SELECT FROM delivery AS later WHERE later.lane_id = p.lane_id AND later.position > p.position
               AND later.key = p.key AND NOT later.parked AND later.state <> 'discarded'
           ) ELSE false END AS overtaken
    FROM unnest($1::integer[], $2::text[]) AS k(lane_id, key)
    CROSS JOIN LATERAL (
      SELECT * FROM delivery_parked AS p WHERE p.lane_id = k.lane_id AND p.key = k.key ORDER BY p.position LIMIT $3
    ) AS p
    JOIN delivery AS d ON d.lane_id = p.lane_id AND d.position = p.position
    LEFT JOIN LATERAL (
      SELECT a.output_message_id FROM attempt AS a
      WHERE a.delivery_id = d.id AND a.output_message_id IS NOT NULL ORDER BY a.id DESC LIMIT 1
    ) AS sent ON true
    ORDER BY p.position`,
};

export interface ParkedRow extends ReadRow {
  state: string;
  due_at: Date | null;
  tries: number;
  lookups: number;
  lookup_failures: number;
  prepare_anew: boolean;
  recoveries: number;
  reason: FailureReason | null;
  unsure: boolean;
  output_message_id: string | null;
  overtaken: boolean;
}

/** Gives up replays that were overtaken: $1 lane ids, $2 epochs, $3 positions, $4 now, $5 reason. */
export const giveUpReplays = {
  name: 'queue-give-up-replays',
  text: `
    WITH left_side AS (
      DELETE FROM delivery_parked AS p
      USING unnest($1::integer[], $2::bigint[], $3::bigint[]) AS i(lane_id, epoch, position)
      WHERE p.lane_id = i.lane_id AND p.position = i.position AND p.state = 'outcome_unknown' AND p.replayed
        AND EXISTS (SELECT FROM lane AS l WHERE l.lane_id = i.lane_id AND l.epoch = i.epoch)
      RETURNING p.lane_id, p.position
    )
    UPDATE delivery AS d SET state = 'delivered', parked = false, updated_at = $4, error_text = $5
    FROM left_side AS s WHERE d.lane_id = s.lane_id AND d.position = s.position`,
};

/** $1 tenant, $2 ids. */
export const statesOfParents = {
  name: 'queue-parents',
  text: 'SELECT id, state FROM delivery_now WHERE tenant_id = $1 AND id = ANY ($2::uuid[])',
};

/** Keys with something due at $2 in lanes $1, but for the positions $3 that are being worked; and when the next is due. */
export const findDue = {
  name: 'queue-find-due',
  text: `
    SELECT DISTINCT lane_id, key FROM (
      SELECT lane_id, key FROM delivery_parked
      WHERE due_at <= $2 AND lane_id = ANY ($1::integer[]) AND NOT position = ANY ($3::bigint[])
      ORDER BY due_at LIMIT 1000
    ) AS due`,
};

/** Takes what was decided by hand out of the side table: $1 lane ids, $2 epochs, $3 positions. */
export const sweepGone = {
  name: 'queue-sweep-gone',
  text: `
    DELETE FROM delivery_parked AS p USING unnest($1::integer[], $2::bigint[], $3::bigint[]) AS i(lane_id, epoch, position)
    WHERE p.lane_id = i.lane_id AND p.position = i.position AND p.state = 'gone'
      AND EXISTS (SELECT FROM lane AS l WHERE l.lane_id = i.lane_id AND l.epoch = i.epoch)`,
};
