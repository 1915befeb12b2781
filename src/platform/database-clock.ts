import { type Clock, systemClock } from './clock.ts';
import type { Db } from './db.ts';
import type { Logger } from './log.ts';
import { serverClockSql } from './read-server-clock.ts';

export interface DatabaseClock extends Clock {
  stop(): void;
}

/** What one round trip tells of how far the database's clock is ahead of our monotonic time: no less and no more than. */
export interface OffsetBounds {
  readonly leastMs: number;
  readonly mostMs: number;
}

const samplesEach = 3;

const readClock = { name: 'platform-read-clock', text: serverClockSql };

/**
 * The database's clock, kept by the process's monotonic time and an offset that is measured anew every few seconds: all hubs
 * of a database agree on what is due, whatever their own clocks show, and asking costs no round trip. While the database
 * does not answer, the last offset holds.
 * @throws HubError DATABASE_UNAVAILABLE when it cannot be measured at the start
 */
export async function startDatabaseClock(options: {
  /** Opened as crossdock_engine. */
  db: Db;
  log: Logger;
  /** What time passes by; its `now` is never asked. */
  local?: Pick<Clock, 'monotonicMs' | 'setTimeout'>;
  everyMs?: number;
}): Promise<DatabaseClock> {
  const { db, log, local = systemClock, everyMs = 5_000 } = options;
  let offsetMs = offsetAfter(undefined, await sampleOffset(db, local));
  let stopped = false;
  let cancel = (): void => {};
  const repeat = (): void => {
    cancel = local.setTimeout(() => void measure(), everyMs);
  };
  async function measure(): Promise<void> {
    try {
      offsetMs = offsetAfter(offsetMs, await sampleOffset(db, local));
    } catch (error) {
      log.debug({ error }, 'the clock of the database could not be read');
    }
    if (!stopped) repeat();
  }
  repeat();
  return {
    now: () => new Date(local.monotonicMs() + offsetMs),
    monotonicMs: () => local.monotonicMs(),
    setTimeout: (fn, delayMs) => local.setTimeout(fn, delayMs),
    stop() {
      stopped = true;
      cancel();
    },
  };
}

/** Reads only, so that its COMMIT writes nothing. */
function sampleOffset(db: Db, local: Pick<Clock, 'monotonicMs'>): Promise<OffsetBounds[]> {
  return db.engineTx(async (tx) => {
    const samples: OffsetBounds[] = [];
    while (samples.length < samplesEach) {
      const sentMs = local.monotonicMs();
      const [row] = await tx.query<{ ms: number }>(readClock);
      samples.push({ leastMs: row!.ms - local.monotonicMs(), mostMs: row!.ms - sentMs });
    }
    return samples;
  });
}

/**
 * An estimate that no round trip contradicts is kept, so that a slow one moves nothing. Otherwise the middle of what all of
 * them allow, or of the shortest where they contradict each other (the database's clock was set meanwhile).
 */
export function offsetAfter(before: number | undefined, samples: readonly OffsetBounds[]): number {
  const leastMs = Math.max(...samples.map((sample) => sample.leastMs));
  const mostMs = Math.min(...samples.map((sample) => sample.mostMs));
  if (before !== undefined && leastMs <= before && before <= mostMs) return before;
  if (leastMs <= mostMs) return (leastMs + mostMs) / 2;
  const shortest = samples.reduce((a, b) => (b.mostMs - b.leastMs < a.mostMs - a.leastMs ? b : a));
  return (shortest.leastMs + shortest.mostMs) / 2;
}
