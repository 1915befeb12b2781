import type pg from 'pg';
import type { Violation } from './violation.ts';

/** 6: within each place (destination and key) the positions rise. Oldest success first. */
export function judgeRising(successes: readonly { place: string; position: number }[]): Violation[] {
  const violations: Violation[] = [];
  const lastOf = new Map<string, number>();
  for (const { place, position } of successes) {
    const last = lastOf.get(place) ?? 0;
    if (position < last) violations.push(`${place}: ${position} succeeded after ${last}`);
    lastOf.set(place, Math.max(position, last));
  }
  return violations;
}

/** 6 by the ledger: the first success of every delivery, in the order in which they were made. */
export async function checkLedgerOrder(db: pg.Pool): Promise<Violation[]> {
  const { rows } = await db.query<{ place: string; position: string }>(
    `SELECT d.destination || ' ' || d.key AS place, d.position FROM delivery_now AS d
     JOIN (SELECT delivery_id, min(id::text) AS first FROM attempt_now WHERE state = 'confirmed' GROUP BY delivery_id) AS a
       ON a.delivery_id = d.id
     ORDER BY a.first`,
  );
  return judgeRising(rows.map(({ place, position }) => ({ place, position: Number(position) })));
}

/** What a replay must not touch of a delivery. */
export interface Standing {
  readonly id: string;
  readonly eventId: string | null;
  readonly key: string;
  readonly position: number;
  readonly state: string;
  readonly reason: string | null;
}

/** The ledger as it stands. */
export async function readStandings(db: pg.Pool): Promise<Standing[]> {
  const { rows } = await db.query<Standing>(
    `SELECT id, event_id AS "eventId", key, position::int AS position, state, coalesce(error_text, error_code) AS reason
     FROM delivery_now ORDER BY position`,
  );
  return rows;
}

/** 7: a redrive keeps event id, key and place; what was superseded says why. */
export function judgeRedriven(before: readonly Standing[], after: readonly Standing[]): Violation[] {
  const now = new Map(after.map((standing) => [standing.id, standing]));
  const violations = before.flatMap((was) => {
    const is = now.get(was.id);
    if (is === undefined) return [`delivery ${was.id} is gone`];
    const same = is.eventId === was.eventId && is.key === was.key && is.position === was.position;
    return same ? [] : [`delivery ${was.id} was at ${was.key} ${was.position} and is at ${is.key} ${is.position}`];
  });
  for (const { id, state, reason } of after) {
    if (state === 'discarded' && reason === null) violations.push(`delivery ${id} is discarded without a reason`);
  }
  return violations;
}

/** 7: nothing goes out after something later of its place has succeeded. Every send, oldest first. */
export function judgeNoOvertaking(
  sends: readonly { place: string; position: number; succeeded: boolean }[],
): Violation[] {
  const violations: Violation[] = [];
  const highest = new Map<string, number>();
  for (const { place, position, succeeded } of sends) {
    const last = highest.get(place) ?? 0;
    if (position < last) violations.push(`${place}: ${position} was sent after ${last} had succeeded`);
    if (succeeded) highest.set(place, Math.max(position, last));
  }
  return violations;
}
