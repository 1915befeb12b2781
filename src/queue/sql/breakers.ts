/** The shared part of circuit breakers. Rows are few and change on transitions only, so that plain statements do. */
const breakerColumns = `tenant_id, destination, phase, since, opened_at, rounds, next_probe_at, probe_by,
  probe_until, held, held_by, held_reason, last_reason, last_error, version`;

export interface BreakerRow {
  tenant_id: string;
  destination: string;
  phase: 'closed' | 'open' | 'half_open';
  since: Date;
  opened_at: Date | null;
  rounds: number;
  next_probe_at: Date | null;
  probe_by: string | null;
  probe_until: Date | null;
  held: boolean;
  held_by: string | null;
  held_reason: string | null;
  last_reason: string | null;
  last_error: string | null;
  version: number;
}

export const loadBreakers = { name: 'queue-load-breakers', text: `SELECT ${breakerColumns} FROM destination_breaker` };

/**
 * The destinations to which nothing may leave any more as somebody takes it: their breakers have moved on from the versions
 * he goes by, or they are paused. A look-up by key for each.
 *
 * @param tenant @param destinations @param versions numbers of the statement's parameters
 */
export const closedMeanwhile = (tenant: number, destinations: number, versions: number): string => `
        SELECT k.destination FROM unnest($${destinations}::text[], $${versions}::bigint[]) AS k(destination, version)
        JOIN destination AS d ON d.tenant_id = $${tenant} AND d.name = k.destination
        LEFT JOIN destination_breaker AS b ON b.tenant_id = $${tenant} AND b.destination = k.destination
        WHERE d.paused OR b.version > k.version`;

/** $1 tenant, $2 destination. */
export const lockBreaker = {
  name: 'queue-lock-breaker',
  text: `SELECT ${breakerColumns} FROM destination_breaker WHERE tenant_id = $1 AND destination = $2 FOR UPDATE`,
};

/**
 * Writes a transition over the version $12 that it was made from (0: there was no row); no row comes back when another
 * worker, or a person, was first. $1 tenant, $2 destination, $3 phase, $4 since, $5 opened at, $6 rounds, $7 next
 * probe, $8 probe by, $9 probe until, $10 last reason, $11 last error, $13 held, $14 held by, $15 why.
 */
export const writeBreaker = {
  name: 'queue-write-breaker',
  text: `
    INSERT INTO destination_breaker AS b (tenant_id, destination, phase, since, opened_at, rounds, next_probe_at, probe_by,
      probe_until, last_reason, last_error, held, held_by, held_reason)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $13, $14, $15
    ON CONFLICT (tenant_id, destination) DO UPDATE SET phase = excluded.phase, since = excluded.since,
      opened_at = excluded.opened_at, rounds = excluded.rounds, next_probe_at = excluded.next_probe_at,
      probe_by = excluded.probe_by, probe_until = excluded.probe_until, last_reason = excluded.last_reason,
      last_error = excluded.last_error, held = excluded.held, held_by = excluded.held_by,
      held_reason = excluded.held_reason, version = b.version + 1
    WHERE b.version = $12
    RETURNING version`,
};

/** $1 tenant, $2 destination, $3 ok, $4 detail, $5 checked at, $6 duration in ms. */
export const writeHealth = {
  name: 'queue-write-health',
  text: `
    INSERT INTO destination_health AS h (tenant_id, destination, ok, detail, checked_at, since, duration_ms)
    VALUES ($1, $2, $3, $4, $5, $5, $6)
    ON CONFLICT (tenant_id, destination) DO UPDATE SET ok = excluded.ok, detail = excluded.detail,
      checked_at = excluded.checked_at, duration_ms = excluded.duration_ms,
      since = CASE WHEN h.ok = excluded.ok THEN h.since ELSE excluded.since END`,
};
