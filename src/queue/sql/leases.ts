import { lastOfSequence } from '../../platform/index.ts';

/** $1 worker, $2 lease in ms. By the database's clock alone, so that workers' clocks may differ. */
export const renewLease = {
  name: 'queue-renew-lease',
  text: `
    INSERT INTO lane_worker (worker_id, lease_until) VALUES ($1, clock_timestamp() + $2 * interval '1 ms')
    ON CONFLICT (worker_id) DO UPDATE SET lease_until = excluded.lease_until`,
};

/**
 * Takes lanes: free ones, those of workers whose lease has run out, and (with $3) those that are this worker's and not
 * among $4, which it holds: a former process of its name had them, or it was interrupted while it took them or handed
 * them back. $2 at most. The higher epoch fences off whoever held them.
 */
export const claimLanes = {
  name: 'queue-claim-lanes',
  text: `
    UPDATE lane AS l SET owner = $1, epoch = l.epoch + 1
    FROM (
      SELECT f.lane_id FROM lane AS f LEFT JOIN lane_worker AS w ON w.worker_id = f.owner
      WHERE f.owner IS NULL OR w.worker_id IS NULL OR w.lease_until < clock_timestamp() 
        OR ($3 AND f.owner = $1 AND NOT f.lane_id = ANY ($4::integer[]))
      ORDER BY f.lane_id LIMIT $2 FOR UPDATE OF f SKIP LOCKED
    ) AS free
    WHERE l.lane_id = free.lane_id
    RETURNING l.lane_id, l.tenant_id, l.destination, l.lane_no, l.epoch, l.cursor_position`,
};

/** Which of the lanes $1 are no longer held under the epochs $2. */
export const findLostLanes = {
  name: 'queue-find-lost',
  text: `
    SELECT i.lane_id FROM unnest($1::integer[], $2::bigint[]) AS i(lane_id, epoch)
    WHERE NOT EXISTS (SELECT FROM lane AS l WHERE l.lane_id = i.lane_id AND l.epoch = i.epoch)`,
};

/** Hands lanes back: $1 lane ids, $2 epochs. */
export const releaseLanes = {
  name: 'queue-release-lanes',
  text: `
    UPDATE lane AS l SET owner = NULL
    FROM unnest($1::integer[], $2::bigint[]) AS i(lane_id, epoch)
    WHERE l.lane_id = i.lane_id AND l.epoch = i.epoch`,
};

export const endLease = { name: 'queue-end-lease', text: 'DELETE FROM lane_worker WHERE worker_id = $1' };

/** $1 lane ids, $2 epochs, $3 cursors. */
export const saveCursors = {
  name: 'queue-save-cursors',
  text: `
    UPDATE lane AS l SET cursor_position = i.cursor_position
    FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS i(lane_id, epoch, cursor_position)
    WHERE l.lane_id = i.lane_id AND l.epoch = i.epoch AND l.cursor_position < i.cursor_position`,
};

/** The look at everything that is not woken: one statement, however many lanes and tenants there are. $1 worker, $2 now. */
export const lookAround = {
  name: 'queue-look-around',
  text: `
    SELECT ${lastOfSequence('delivery_position')} AS position,
           (SELECT count(*) FROM lane AS f LEFT JOIN lane_worker AS w ON w.worker_id = f.owner
            WHERE f.owner IS NULL OR w.worker_id IS NULL OR w.lease_until < clock_timestamp())::integer AS free,
           (SELECT count(*) FROM lane WHERE owner = $1)::integer AS held,
           (SELECT count(*) FROM lane)::integer AS lanes,
           (SELECT count(*) FROM lane_worker WHERE lease_until >= clock_timestamp())::integer AS workers,
           (SELECT coalesce(sum(version::bigint + 1000003), 0) FROM destination) AS destinations,
           (SELECT coalesce(sum(version::bigint + 1000003), 0) FROM destination_budget) AS budgets,
           (SELECT coalesce(sum(version + 1000003), 0) FROM destination_breaker) AS breakers,
           EXISTS (SELECT FROM delivery_parked WHERE due_at <= $2) AS due`,
};

export interface LookAroundRow {
  position: number;
  free: number;
  held: number;
  lanes: number;
  workers: number;
  destinations: string | number;
  budgets: string | number;
  breakers: string | number;
  due: boolean;
}

/** Keys with parked deliveries in lanes $1. */
export const blockedKeys = {
  name: 'queue-blocked-keys',
  text: 'SELECT DISTINCT lane_id, key FROM delivery_parked WHERE lane_id = ANY ($1::integer[])',
};

/** Batches that a former owner of the lanes $1 had committed as intents. */
export const openIntents = {
  name: 'queue-open-intents',
  text: 'SELECT id, tenant_id, lanes, members FROM intent WHERE lanes && $1::integer[] FOR UPDATE',
};

/** The deliveries behind members of open intents: $1 lane ids, $2 positions, $3 attempt ids. Only those still open. */
export const openMembers = {
  name: 'queue-open-members',
  text: `
    SELECT d.lane_id, d.position, d.id, d.key, d.operation, d.payload, d.event_id, d.correlation_id, d.traceparent,
           d.natural_key, d.priority, d.attempts, d.after_id, d.parked, p.tries, p.recoveries
    FROM unnest($1::integer[], $2::bigint[], $3::uuid[]) AS m(lane_id, position, attempt_id)
    JOIN delivery AS d ON d.lane_id = m.lane_id AND d.position = m.position
    JOIN lane AS l ON l.lane_id = m.lane_id
    LEFT JOIN delivery_parked AS p ON p.lane_id = m.lane_id AND p.position = m.position
    WHERE d.state IN ('queued', 'retry_wait', 'outcome_unknown') AND p.state IS DISTINCT FROM 'gone'
      AND (d.parked OR d.position > l.cursor_position)
      AND NOT EXISTS (SELECT FROM attempt AS a WHERE a.delivery_id = d.id AND a.id = m.attempt_id)`,
};

/** Takes lanes $2 and their positions $3 out of intents $1, and intents that no lane is left in away. */
export const closeRecovered = {
  name: 'queue-close-recovered',
  text: `
    WITH kept AS (
      UPDATE intent SET lanes = ARRAY(SELECT unnest(lanes) EXCEPT SELECT unnest($2::integer[])),
        positions = ARRAY(SELECT unnest(positions) EXCEPT SELECT unnest($3::bigint[]))
      WHERE id = ANY ($1::uuid[]) AND NOT lanes <@ $2::integer[]
    )
    DELETE FROM intent WHERE id = ANY ($1::uuid[]) AND lanes <@ $2::integer[]`,
};
