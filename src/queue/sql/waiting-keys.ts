/**
 * Deliveries that wait for one destination, by key: behind the cursors by index range, before them by the side table. No more
 * than $3 are read, so that a backlog of half a million costs a page what one of a few thousand does. $1 tenant,
 * $2 destination.
 */
export const waitingKeys = `
  SELECT key, count(*)::integer AS n FROM (
    SELECT q.key FROM lane AS l CROSS JOIN LATERAL (
      SELECT d.key FROM delivery AS d
      WHERE d.lane_id = l.lane_id AND d.position > l.cursor_position AND d.state = 'queued' AND NOT d.parked
      UNION ALL
      SELECT p.key FROM delivery_parked AS p WHERE p.lane_id = l.lane_id AND p.state <> 'gone'
    ) AS q
    WHERE l.tenant_id = $1 AND l.destination = $2
    LIMIT $3
  ) AS waiting
  GROUP BY key`;
