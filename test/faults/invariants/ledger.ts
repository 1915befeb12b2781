import type pg from 'pg';
import { flowDestination, flows } from '../../../src/flows/index.ts';
import type { Violation } from './violation.ts';

/**
 * 5, the ledger sums: every delivery is in one state, marked alike wherever it is marked; no intent is left open; at rest everything is final.
 */
export async function checkLedgerSums(db: pg.Pool): Promise<Violation[]> {
  const none = async (what: string, sql: string): Promise<Violation[]> => {
    const { rows } = await db.query<{ n: number }>(`SELECT count(*)::int AS n FROM (${sql}) AS found`);
    return rows[0]?.n === 0 ? [] : [`${rows[0]?.n} ${what}`];
  };
  return [
    ...(await none(
      'deliveries marked parked without being in the side table, or the other way round',
      `SELECT FROM delivery AS d FULL JOIN delivery_parked AS p ON p.lane_id = d.lane_id AND p.position = d.position
       WHERE (coalesce(d.parked, false) AND p.position IS NULL)
          OR (p.position IS NOT NULL AND (d.position IS NULL OR (NOT d.parked AND p.state <> 'gone')))`,
    )),
    ...(await none(
      'parked deliveries whose state differs between the tables',
      `SELECT FROM delivery AS d JOIN delivery_parked AS p ON p.lane_id = d.lane_id AND p.position = d.position
       WHERE p.state <> d.state AND p.state <> 'gone'`,
    )),
    ...(await none(
      'deliveries with an event that does not exist',
      `
       SELECT FROM delivery AS d WHERE d.event_id IS NOT NULL AND NOT EXISTS (SELECT FROM event AS e WHERE e.id = d.event_id)`,
    )),
    ...(await none(
      'deliveries that share event and destination with another',
      `
       SELECT FROM delivery_now AS d WHERE d.event_id IS NOT NULL GROUP BY d.event_id, d.destination, d.operation HAVING count(*) > 1`,
    )),
    ...(await none(
      'confirmed sends of one delivery beyond the first',
      `
       SELECT FROM attempt_now WHERE kind = 'send' AND state = 'confirmed' GROUP BY delivery_id HAVING count(*) > 1`,
    )),
    ...(await none(
      'deliveries that count as delivered and have no confirmed attempt',
      `SELECT FROM delivery_now AS d WHERE d.state = 'delivered' AND d.destination NOT LIKE 'flow.%'
         AND d.id NOT IN (SELECT delivery_id FROM attempt_now WHERE state = 'confirmed')`,
    )),
    ...(await none('intents left open', 'SELECT FROM intent')),
    ...(await none(
      'messages of which nothing became: neither a delivery nor a recorded reason',
      `SELECT FROM message AS m WHERE m.direction = 'in' AND m.state = 'received' AND NOT EXISTS (
         SELECT FROM delivery AS d WHERE d.payload ->> 'messageId' = m.id::text)`,
    )),
    ...(await none(
      'messages that still wait to be translated',
      `SELECT FROM message WHERE direction = 'in' AND state = 'received'`,
    )),
  ];
}

/**
 * 10: every event has a delivery for each flow that subscribes to its type without a condition.
 * @param since only events from then on
 */
export async function checkPublished(db: pg.Pool, since = new Date(0)): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const flow of flows) {
    if (flow.when !== undefined || flow.on.length === 0) continue;
    const { rows } = await db.query<{ type: string; n: number }>(
      `SELECT e.type, count(*)::int AS n FROM event AS e
       WHERE e.type = ANY ($1::text[]) AND e.id >= ledger_uuid_at($3) AND NOT EXISTS (
         SELECT FROM delivery_now AS d WHERE d.event_id = e.id AND d.destination = $2)
       GROUP BY e.type`,
      [flow.on, flowDestination(flow.name), since],
    );
    for (const row of rows) violations.push(`${row.n} events ${row.type} have no delivery for flow ${flow.name}`);
  }
  return violations;
}
