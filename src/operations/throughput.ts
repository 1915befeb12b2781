import { countEvents, type EventType } from '../events/index.ts';
import type { Tx } from '../platform/index.ts';

const counted = {
  'sales.order.received': 'received',
  'shipping.shipment.shipped': 'shipped',
  'finance.invoice.posted': 'invoiced',
} as const satisfies Partial<Record<EventType, string>>;
type Counter = (typeof counted)[keyof typeof counted];

export type Tally = Record<Counter, number>;
export interface MinuteTally extends Tally {
  readonly minute: Date;
}

const minuteMs = 60_000;
const hourOfMinutes = 60;
/** A minute is counted again until this long after its end: transactions that began in it may still commit. */
const settleMs = 2 * minuteMs;

interface Counted {
  /** Tallies by minute since midnight; what is before `upToMs` is final. */
  minutes: Map<number, Tally>;
  fromMs: number;
  upToMs: number;
}

/**
 * Counts of the day, kept in memory: minutes that are over do not change, so that a look at the control tower reads the
 * last few minutes only, however busy the day was. Rebuilt from the ledger after a restart.
 */
export interface Throughput {
  /** The last 60 minutes, oldest first, and the sums since midnight UTC. */
  read(tx: Tx, now: Date): Promise<{ minutes: MinuteTally[]; today: Tally }>;
}

export function createThroughput(): Throughput {
  const tenants = new Map<string, Counted>();
  return {
    async read(tx, now) {
      const tenantId = tx.tenantId ?? '';
      const thisMinuteMs = Math.floor(now.getTime() / minuteMs) * minuteMs;
      const midnightMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
      const fromMs = Math.min(midnightMs, thisMinuteMs - (hourOfMinutes - 1) * minuteMs);
      const known = tenants.get(tenantId) ?? { minutes: new Map<number, Tally>(), fromMs, upToMs: fromMs };
      const readFromMs = fromMs < known.fromMs ? fromMs : known.upToMs;
      const rows = await countEvents(
        tx,
        Object.keys(counted) as EventType[],
        new Date(readFromMs),
        new Date(thisMinuteMs + minuteMs),
      );
      for (const minute of known.minutes.keys()) {
        if (minute >= readFromMs || minute < fromMs) known.minutes.delete(minute);
      }
      for (const { type, minute, count } of rows) {
        const tally = known.minutes.get(minute.getTime()) ?? { received: 0, shipped: 0, invoiced: 0 };
        tally[counted[type as keyof typeof counted]] = count;
        known.minutes.set(minute.getTime(), tally);
      }
      known.fromMs = fromMs;
      known.upToMs = Math.max(fromMs, Math.floor((now.getTime() - settleMs) / minuteMs) * minuteMs);
      tenants.set(tenantId, known);
      return { minutes: lastHour(known, thisMinuteMs), today: sumSince(known, midnightMs) };
    },
  };
}

function lastHour(known: Counted, thisMinuteMs: number): MinuteTally[] {
  return Array.from({ length: hourOfMinutes }, (_, index) => {
    const minuteAtMs = thisMinuteMs - (hourOfMinutes - 1 - index) * minuteMs;
    const tally = known.minutes.get(minuteAtMs) ?? { received: 0, shipped: 0, invoiced: 0 };
    return { minute: new Date(minuteAtMs), ...tally };
  });
}

function sumSince(known: Counted, sinceMs: number): Tally {
  const sum: Tally = { received: 0, shipped: 0, invoiced: 0 };
  for (const [minute, tally] of known.minutes) {
    if (minute < sinceMs) continue;
    sum.received += tally.received;
    sum.shipped += tally.shipped;
    sum.invoiced += tally.invoiced;
  }
  return sum;
}
