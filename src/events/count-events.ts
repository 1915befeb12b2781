import type { Tx } from '../platform/index.ts';
import type { EventType } from './event-catalog.ts';

export interface EventCount {
  readonly type: EventType;
  /** The minute the event was recorded in. */
  readonly minute: Date;
  readonly count: number;
}

/** Ids run ahead of the clock when it steps back, never behind it by more than clocks of several hubs differ. */
const slackMs = 3_600_000;

/** The smallest UUIDv7 of a millisecond: ids sort by time, so that a range of them prunes partitions. */
function firstIdOf(timeMs: number): string {
  const hex = timeMs.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** How often each type was recorded per minute in [from, until); minutes without any are left out. */
export async function countEvents(tx: Tx, types: readonly EventType[], from: Date, until: Date): Promise<EventCount[]> {
  return tx.query<EventCount>(
    {
      name: 'events-count',
      text: `SELECT type, date_trunc('minute', recorded_at) AS minute, count(*)::int AS count FROM event
             WHERE id >= $1::uuid AND recorded_at >= $2 AND recorded_at < $3 AND type = ANY($4::text[])
             GROUP BY 1, 2 ORDER BY 2, 1`,
    },
    [firstIdOf(from.getTime() - slackMs), from, until, types],
  );
}
