import { waitingInLane } from './waiting-in-lane.ts';

/** Deliveries that wait for one destination, by key; no more than $3 are read. $1 tenant, $2 destination. */
export const waitingKeys = `
  SELECT key, count(*)::integer AS n FROM (
    SELECT q.key FROM lane AS l CROSS JOIN LATERAL (${waitingInLane('key')}
    ) AS q
    WHERE l.tenant_id = $1 AND l.destination = $2
    LIMIT $3
  ) AS waiting
  GROUP BY key`;
