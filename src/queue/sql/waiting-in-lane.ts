import type { Tx } from '../../platform/index.ts';
import type { DeliveryState } from '../delivery.ts';

/**
 * Deliveries `d` that the cursor of their lane `l` has not passed: a range of the lane's index, whatever lies before. What
 * was set aside of them is in the side table.
 */
export const behindCursor = `d.lane_id = l.lane_id AND d.position > l.cursor_position AND d.state = 'queued' AND NOT d.parked`;

interface WaitingOptions {
  /** No more of either half is read than this parameter says, so that a backlog of half a million costs what a small one does. */
  most?: `$${number}`;
  /** Of those behind the cursor the first alone. */
  firstOnly?: boolean;
  /** Of what was set aside these states alone; else whatever is not through. */
  aside?: readonly DeliveryState[];
}

/**
 * What waits in a lane `l`: behind its cursor by index range, before it by the side table. For a subquery that is lateral to
 * `lane AS l`. Everybody who asks what waits asks by this.
 *
 * @param columns of both tables, e.g. `key` or `created_at`; or a constant where rows are only counted
 */
export function waitingInLane(columns: string, { most, firstOnly, aside }: WaitingOptions = {}): string {
  const limit = most === undefined ? '' : ` LIMIT ${most}`;
  const first = firstOnly === true ? ' ORDER BY d.position LIMIT 1' : limit;
  const states = aside?.map((state) => `'${state}'`).join(', ');
  return `
    (SELECT ${columns} FROM delivery AS d WHERE ${behindCursor}${first})
    UNION ALL
    (SELECT ${columns} FROM delivery_parked AS p
     WHERE p.lane_id = l.lane_id AND ${states === undefined ? `p.state <> 'gone'` : `p.state IN (${states})`}${limit})`;
}

/** A row per lane whatever the backlog. */
const oldest = {
  name: 'queue-oldest-waiting',
  text: `
    SELECT l.destination, (extract(epoch FROM now() - min(q.created_at)) * 1000)::bigint AS age_ms
    FROM lane AS l CROSS JOIN LATERAL (${waitingInLane('created_at', { firstOnly: true, aside: ['queued', 'retry_wait'] })}
    ) AS q
    GROUP BY l.destination ORDER BY 2 DESC LIMIT 1`,
};

/** The delivery that has waited longest of those that go by themselves, of all tenants; undefined when none waits. */
export async function oldestWaiting(tx: Tx): Promise<{ destination: string; ageMs: number } | undefined> {
  const [row] = await tx.query<{ destination: string; age_ms: number }>(oldest);
  return row === undefined ? undefined : { destination: row.destination, ageMs: row.age_ms };
}
