import { waitingInLane } from './waiting-in-lane.ts';

/**
 * Open deliveries per destination, of all tenants. No half of a lane is counted further than $1, for beyond the bound the
 * number makes no difference.
 */
export const countOpen = {
  name: 'queue-count-open',
  text: `
    SELECT l.tenant_id, l.destination, sum(q.n)::integer AS open
    FROM lane AS l CROSS JOIN LATERAL (
      SELECT count(*) AS n FROM (${waitingInLane('1', { most: '$1' })}
      ) AS waiting
    ) AS q
    GROUP BY l.tenant_id, l.destination HAVING sum(q.n) > 0`,
};

/** What people have set for tenants (destination null) and destinations, of all tenants: few rows, read with every count. */
export const intakeBounds = {
  name: 'queue-intake-bounds',
  text: `
    SELECT tenant_id, NULL AS destination, open_max FROM intake_bound WHERE open_max IS NOT NULL
    UNION ALL
    SELECT tenant_id, name, open_max FROM destination WHERE open_max IS NOT NULL`,
};
