import { closedMeanwhile } from './breakers.ts';

/**
 * What a writer of the ledger commits in batches. Every statement joins the lanes with the epochs it was given: after
 * another worker has taken a lane over, nothing of it is written, and the statement, seeing too few rows, fails by itself.
 * So it may be sent with COMMIT behind it; why it was refused is looked up afterwards.
 */
const heldLanes = `
  held AS MATERIALIZED (
    SELECT l.lane_id FROM unnest($1::integer[], $2::bigint[]) AS h(lane_id, epoch)
    JOIN lane AS l ON l.lane_id = h.lane_id AND l.epoch = h.epoch
  )`;

/** Fails with the SQLSTATE `refusedState` unless the condition holds. */
const unless = (condition: string): string => `CASE WHEN ${condition} THEN true ELSE ledger_refuse() END`;

/** @see ledger_refuse() of the migrations */
export const refusedState = 'XD001';

/**
 * Commits what is about to be sent. $1 lanes, $2 epochs, $3 id, $4 tenant, $5 positions, $6 members, $7 destinations, $8 the
 * versions of their breakers that this worker goes by. Refused unless it holds its lanes, no breaker has moved since, and none is
 * paused: two more look-ups by key in the statement, so that no call begins once a pause or another worker's opening is
 * committed.
 */
export const writeIntent = {
  name: 'queue-write-intent',
  text: `
    WITH ${heldLanes}
    INSERT INTO intent (id, tenant_id, lanes, positions, members)
    SELECT $3, $4, $1::integer[], $5::bigint[], $6
    WHERE ${unless(`(SELECT count(*) FROM held) = cardinality($1::integer[])
      AND NOT EXISTS (${closedMeanwhile(4, 7, 8)})`)}`,
};

/** Refused when one of the destinations $2 of tenant $1 is paused, or its breaker has moved on from the versions $3. */
export const refuseClosed = {
  name: 'queue-refuse-closed',
  text: `SELECT ${unless(`NOT EXISTS (${closedMeanwhile(1, 2, 3)})`)}`,
};

/** Parked deliveries must still be as they were when they were loaded; locks them. $1 lanes, $2 positions, $3 states. */
export const lockParked = {
  name: 'queue-lock-parked',
  text: `
    SELECT p.position FROM unnest($1::integer[], $2::bigint[], $3::text[]) AS i(lane_id, position, state)
    JOIN delivery_parked AS p ON p.lane_id = i.lane_id AND p.position = i.position AND p.state = i.state
    ORDER BY p.position FOR UPDATE OF p`,
};

/**
 * Moves the cursors of lanes, and thereby delivers what they pass: a delivery that is neither parked nor otherwise
 * marked counts as delivered once its lane's cursor has passed it. The common case so writes one lane row per batch
 * instead of one row per delivery (the update cost as much as the attempt). $1 lanes, $2 epochs, $3 cursors.
 */
const passLanes = `
  held AS (
    UPDATE lane AS l SET cursor_position = greatest(l.cursor_position, h.cursor_position)
    FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS h(lane_id, epoch, cursor_position)
    WHERE l.lane_id = h.lane_id AND l.epoch = h.epoch
    RETURNING l.lane_id
  )`;

/** Those that were done before one that lies in front of them: $4 now, $5 lane ids, $6 positions. */
const markAhead = `
  ahead AS (
    UPDATE delivery AS d SET state = 'delivered', attempts = d.attempts + 1, updated_at = $4
    FROM unnest($5::integer[], $6::bigint[]) AS i(lane_id, position)
    WHERE d.lane_id = i.lane_id AND d.position = i.position AND d.state = 'queued' AND NOT d.parked
      AND i.lane_id = ANY (ARRAY(SELECT lane_id FROM held))
    RETURNING 1
  )`;

const allPassed = `(SELECT count(*) FROM held) = cardinality($1::integer[])
      AND (SELECT count(*) FROM ahead) = cardinality($5::integer[])`;

/**
 * First attempts that were confirmed: their state and their attempts, whatever their number, in two rows and one per
 * lane. $1 to $6 as above, $7 tenant, $8 id of the batch, $9 positions in order, $10 members; $11 intents that are through.
 */
export const completeConfirmed = {
  name: 'queue-complete-confirmed',
  text: `
    WITH ${passLanes}, ${markAhead},
    tried AS (
      INSERT INTO attempt_batch (id, tenant_id, span, positions, members)
      SELECT $8, $7, int8range(p.positions[1], p.positions[cardinality(p.positions)], '[]'), p.positions, $10
      FROM (SELECT $9::bigint[] AS positions) AS p
    ),
    closed AS (DELETE FROM intent WHERE id = ANY ($11::uuid[]))
    SELECT ${unless(allPassed)}`,
};

/** Deliveries to flows that were handled in this transaction; $1 to $6 as above. */
export const completeFlows = {
  name: 'queue-complete-flows',
  text: `
    WITH ${passLanes}, ${markAhead}
    SELECT ${unless(allPassed)}`,
};

/**
 * Everything else that becomes of a delivery: $1 lanes, $2 epochs, $3 now, $4 rows as jsonb. A final one leaves the side
 * table, another one enters it or is renewed there.
 */
export const settle = {
  name: 'queue-settle',
  text: `
    WITH ${heldLanes},
    decided AS MATERIALIZED (
      SELECT i.* FROM jsonb_to_recordset($4::jsonb) AS i(lane integer, position bigint, state text, attempts smallint, final boolean,
        parked boolean, code text, text text, outside text, due timestamptz, tries smallint, lookups smallint,
        failures smallint, anew boolean, recoveries smallint, reason text, unsure boolean)
      WHERE i.lane IN (SELECT lane_id FROM held)
    ),
    left_side AS (
      DELETE FROM delivery_parked AS p USING decided AS i
      WHERE p.lane_id = i.lane AND p.position = i.position AND i.final AND i.parked
    ),
    changed AS (
      UPDATE delivery AS d SET state = i.state, parked = NOT i.final, attempts = i.attempts, updated_at = $3,
        error_code = i.code, error_text = i.text, outside_id = coalesce(i.outside, d.outside_id)
      FROM decided AS i
      WHERE d.lane_id = i.lane AND d.position = i.position AND d.parked = i.parked
      RETURNING d.lane_id, d.position, d.tenant_id, d.key, d.id, d.created_at
    ),
    entered AS (
      INSERT INTO delivery_parked AS p (lane_id, position, tenant_id, key, delivery_id, state, due_at, tries, lookups,
        lookup_failures, prepare_anew, recoveries, reason, unsure, created_at)
      SELECT d.lane_id, d.position, d.tenant_id, d.key, d.id, i.state, i.due, i.tries, i.lookups, i.failures, i.anew,
             i.recoveries, i.reason, i.unsure, d.created_at
      FROM changed AS d JOIN decided AS i ON i.lane = d.lane_id AND i.position = d.position
      WHERE NOT i.final
      ON CONFLICT (lane_id, position) DO UPDATE SET state = excluded.state, due_at = excluded.due_at,
        tries = excluded.tries, lookups = excluded.lookups, lookup_failures = excluded.lookup_failures,
        prepare_anew = excluded.prepare_anew, recoveries = excluded.recoveries, reason = excluded.reason,
        unsure = excluded.unsure
    )
    SELECT ${unless('(SELECT count(*) FROM changed) = jsonb_array_length($4::jsonb)')}`,
};

/** Followers of blocked heads: $1 lanes, $2 epochs, $3 lane ids, $4 positions. */
export const parkFollowers = {
  name: 'queue-park-followers',
  text: `
    WITH ${heldLanes},
    changed AS (
      UPDATE delivery AS d SET parked = true
      FROM unnest($3::integer[], $4::bigint[]) AS i(lane_id, position)
      WHERE d.lane_id = i.lane_id AND d.position = i.position AND d.state = 'queued' AND NOT d.parked
        AND i.lane_id IN (SELECT lane_id FROM held)
      RETURNING d.lane_id, d.position, d.tenant_id, d.key, d.id, d.created_at
    ),
    entered AS (
      INSERT INTO delivery_parked (lane_id, position, tenant_id, key, delivery_id, state, created_at)
      SELECT lane_id, position, tenant_id, key, id, 'queued', created_at FROM changed
    )
    SELECT ${unless('(SELECT count(*) FROM changed) = cardinality($3::integer[])')}`,
};

/** Attempts that did not simply succeed at first: $1 lanes, $2 epochs, $3 tenant, $4 rows as jsonb. */
export const writeAttempts = {
  name: 'queue-write-attempts',
  text: `
    WITH ${heldLanes}
    INSERT INTO attempt (id, tenant_id, delivery_id, attempt, kind, state, epoch, idempotency, natural_key, payload_hash,
                         output_message_id, duration_ms, outside_id, outcome)
    SELECT i.id, $3, i.delivery, i.attempt, i.kind, i.state, i.epoch, i.class, i.key, i.hash, i.output, i.duration,
           i.outside, i.outcome
    FROM jsonb_to_recordset($4::jsonb) AS i(lane integer, id uuid, delivery uuid, attempt smallint, kind text, state text,
      epoch bigint, class text, key text, hash text, output text, duration integer, outside text,
      outcome jsonb)
    WHERE i.lane IN (SELECT lane_id FROM held)`,
};

/** $1 tenant, $2 now, $3 destinations, $4 how many of each. */
export const tally = {
  name: 'queue-tally',
  text: `
    INSERT INTO delivery_tally AS t (tenant_id, destination, day, superseded)
    SELECT $1, i.destination, ($2::timestamptz AT TIME ZONE 'UTC')::date, i.n
    FROM unnest($3::text[], $4::integer[]) AS i(destination, n)
    ON CONFLICT (tenant_id, destination, day) DO UPDATE SET superseded = t.superseded + excluded.superseded`,
};

/** Batches whose members all have their attempts: $1 ids. */
export const closeIntents = { name: 'queue-close-intents', text: 'DELETE FROM intent WHERE id = ANY ($1::uuid[])' };

/**
 * Takes away intents $3 of a worker that decides none of their members any more, as soon as no lane is left in them but
 * those that it holds ($1, $2): until then another one has to learn from them what may have been sent. Answers those
 * that were there at its beginning.
 */
export const closeStrays = {
  name: 'queue-close-strays',
  text: `
    WITH ${heldLanes},
    gone AS (DELETE FROM intent WHERE id = ANY ($3::uuid[]) AND lanes <@ ARRAY(SELECT lane_id FROM held))
    SELECT id FROM intent WHERE id = ANY ($3::uuid[])`,
};

/** Members that wait again are no longer on their way: $1 intent ids, $2 positions. */
export const shrinkIntents = {
  name: 'queue-shrink-intents',
  text: `
    UPDATE intent SET positions = ARRAY(SELECT unnest(positions) EXCEPT SELECT unnest($2::bigint[]))
    WHERE id = ANY ($1::uuid[])`,
};
