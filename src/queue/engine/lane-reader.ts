import type { Tx } from '../../platform/index.ts';
import type { DeliveryRow } from '../delivery.ts';
import { arrayOfNumbers, arrayOfTexts } from '../sql/pg-array.ts';
import {
  type ParkedRow,
  type ReadLane,
  type ReadRow,
  findDue,
  giveUpReplays,
  loadParked,
  readLanes,
  rowOfLane,
  sweepGone,
  takeMark,
  takeTransactionId,
} from '../sql/read-lanes.ts';
import { freshEffect } from '../step/effect-step.ts';
import type { LaneInput } from '../step/lane-step.ts';
import { type MarkReading, type ReadMarks, markAgeMs, markStep, noMarks } from '../step/read-mark.ts';
import type { Hold } from './hold.ts';
import { type EngineOptions, type OwnedLane, type Route, type Work, limits } from './work.ts';

export interface LaneReader {
  /** These lanes have deliveries up to a position. */
  expect(laneIds: Iterable<number>, position: number): void;
  /** Look at the side table for this key. */
  load(owned: OwnedLane, key: string): void;
  /** Something in the side table may be due. */
  lookForDue(): void;
  kick(): void;
  /** Waits until every transaction that ran at the call has ended. */
  afterRunning(): Promise<void>;
  stop(): Promise<void>;
  readonly idle: boolean;
  readonly markAgeMs: number;
  /** The highest position heard of, from whomever. */
  readonly highestPosition: number;
}

/** Somebody who waits for the transactions that ran when he asked: all before `xid`, once one was taken since. */
interface Waiter {
  xid: number | undefined;
  readonly resolve: () => void;
}

/** Waits between looks while writers are still at work, growing to the last. */
const pausesMs = [0.5, 1, 2, 4, 8];
/** The longest wait for a transaction of this worker itself. */
const ownPauseMs = 250;

/**
 * Reads the lanes: one transaction per round for all of them, and only while there is something to expect. Woken by
 * what this process enqueues, and by the engine's regular look for what others did.
 */
export function createLaneReader(
  options: EngineOptions,
  lanes: ReadonlyMap<number, OwnedLane>,
  apply: (owned: OwnedLane, input: LaneInput<Work>) => void,
  /** Rows in memory, and parked deliveries that are being worked now, by position. */
  hold: Pick<Hold, 'inMemory' | 'worked' | 'writing'>,
  /** What may not leave is not read either: it would fill the memory that others need. */
  isReadable: (owned: OwnedLane) => boolean,
): LaneReader {
  const { engine, clock, log } = options;
  let marks: ReadMarks = noMarks;
  let loads: { owned: OwnedLane; key: string }[] = [];
  let due = false;
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let fruitless = 0;
  /** The oldest transaction that was under way at the last look. */
  let oldestXid = 0;
  let highest = 0;
  let waiters: Waiter[] = [];

  const unread = (owned: OwnedLane, isFull: boolean): boolean =>
    !owned.lost &&
    owned.lane.readPosition < owned.dirtyTo &&
    owned.lane.held < (isFull ? limits.rowsAlwaysPerLane : limits.rowsPerLane) &&
    owned.lane.blockedKeys < limits.blockedKeysPerLane &&
    isReadable(owned);

  function wanting(): OwnedLane[] {
    const isFull = hold.inMemory >= limits.rowsInMemory;
    const found: OwnedLane[] = [];
    for (const owned of lanes.values()) if (unread(owned, isFull)) found.push(owned);
    return found;
  }

  function kick(): void {
    if (stopped) return;
    if (running !== undefined) {
      again = true;
      return;
    }
    running = rounds().finally(() => {
      running = undefined;
      if (again) kick();
    });
  }

  async function rounds(): Promise<void> {
    // Lets everything that the present turn enqueues join the round.
    await new Promise(setImmediate);
    do {
      again = false;
      try {
        await round();
      } catch (error) {
        log.warn({ err: error }, 'lanes could not be read; trying again');
        fruitless = pausesMs.length;
        await pause(200);
      }
      if (wanting().length > 0 || waiters.length > 0) {
        again = true;
        await pause(pausesMs[Math.min(fruitless, pausesMs.length - 1)] ?? 1);
      }
    } while ((again || loads.length > 0 || due) && !stopped);
  }

  async function pause(ms: number): Promise<void> {
    if (fruitless === 0) return;
    const own = hold.writing.get(oldestXid);
    if (own === undefined) return new Promise<void>((resolve) => setTimeout(resolve, ms));
    // It is this worker's own: nothing is to be seen before its end, and that is known without asking again and again.
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ownPauseMs);
    await Promise.race([own, promise]);
    clearTimeout(timer);
  }

  async function round(): Promise<void> {
    const applied: (() => void)[] = [];
    const wanted = wanting();
    const lookDue = due;
    due = false;
    const wantedLoads = loads.splice(0, 500);
    try {
      await engine.engineTx(async (tx) => {
        if (wanted.length > 0 || waiters.length > 0) applied.push(await readNew(tx, wanted));
        if (lookDue) applied.push(await readDue(tx));
        if (wantedLoads.length > 0) applied.push(await readParked(tx, wantedLoads));
      });
    } catch (error) {
      loads = [...wantedLoads, ...loads];
      due ||= lookDue;
      throw error;
    }
    for (const fn of applied) fn();
  }

  async function readNew(tx: Tx, wanted: OwnedLane[]): Promise<() => void> {
    const asked = [...waiters];
    const [reading] = await tx.query<MarkReading>(takeMark);
    if (reading === undefined) throw new Error('the sequence of positions is missing');
    marks = markStep(marks, reading, clock.monotonicMs());
    highest = Math.max(highest, reading.position);
    oldestXid = reading.xmin;
    settleWaiters(reading, asked);
    const { safe } = marks;
    const readable = wanted.filter((owned) => owned.lane.readPosition < safe);
    if (readable.length === 0) {
      fruitless++;
      return () => {};
    }
    const rooms = roomsOf(readable, limits.rowsInMemory - hold.inMemory);
    const read = await tx.query<ReadLane>(readLanes, [
      arrayOfNumbers(readable.map((owned) => owned.laneId)),
      arrayOfNumbers(readable.map((owned) => owned.lane.readPosition)),
      arrayOfNumbers(rooms),
      safe,
    ]);
    fruitless = read.length > 0 ? 0 : fruitless + 1;
    return () => takeIn(readable, rooms, read, safe);
  }

  function takeIn(readable: OwnedLane[], rooms: number[], read: ReadLane[], safe: number): void {
    const ofLane = new Map(read.map((lane) => [lane.lane_id, lane]));
    readable.forEach((owned, index) => {
      if (owned.lost || lanes.get(owned.laneId) !== owned) return;
      const lane = ofLane.get(owned.laneId);
      const works = lane === undefined ? [] : lane.position.map((_, at) => workOfRow(owned, rowOfLane(lane, at)));
      const last = works.at(-1);
      // A full share may have left rows behind it; else the lane is read up to the mark.
      const upTo = works.length === rooms[index] && last !== undefined ? last.position : safe;
      apply(owned, { type: 'read', rows: works, upTo });
    });
  }

  async function readDue(tx: Tx): Promise<() => void> {
    const held = [...lanes.values()].filter((owned) => !owned.lost && isReadable(owned));
    const rows = await tx.query<{ lane_id: number; key: string }>(findDue, [
      arrayOfNumbers(held.map((owned) => owned.laneId)),
      clock.now(),
      arrayOfNumbers([...hold.worked.keys()]),
    ]);
    return () => {
      for (const row of rows) {
        const owned = lanes.get(row.lane_id);
        if (owned !== undefined && !owned.lost) apply(owned, { type: 'due', key: row.key });
      }
    };
  }

  async function readParked(tx: Tx, wantedLoads: { owned: OwnedLane; key: string }[]): Promise<() => void> {
    const wanted = wantedLoads.filter((load) => !load.owned.lost);
    const rows = await tx.query<ParkedRow>(loadParked, [
      arrayOfNumbers(wanted.map((load) => load.owned.laneId)),
      arrayOfTexts(wanted.map((load) => load.key)),
      limits.parkedPerKey,
    ]);
    const gone = rows.filter((row) => row.state === 'gone');
    const overtaken = rows.filter((row) => row.overtaken);
    // Whoever takes a lane over waits for older transactions: so the id comes before the look at the epoch.
    if (gone.length + overtaken.length > 0) await tx.query(takeTransactionId);
    if (gone.length > 0) {
      const owned = gone.map((row) => lanes.get(row.lane_id));
      await tx.query(sweepGone, [
        arrayOfNumbers(gone.map((row) => row.lane_id)),
        arrayOfNumbers(owned.map((one) => one?.epoch ?? -1)),
        arrayOfNumbers(gone.map((row) => row.position)),
      ]);
    }
    const now = clock.now();
    if (overtaken.length > 0) {
      await tx.query(giveUpReplays, [
        arrayOfNumbers(overtaken.map((row) => row.lane_id)),
        arrayOfNumbers(overtaken.map((row) => lanes.get(row.lane_id)?.epoch ?? -1)),
        arrayOfNumbers(overtaken.map((row) => row.position)),
        now,
        'Not replayed: a later delivery of its key exists',
      ]);
    }
    return () => {
      for (const { owned, key } of wanted) {
        if (owned.lost) continue;
        const found = rows.filter((row) => row.lane_id === owned.laneId && row.key === key);
        const ofKey = found.filter((row) => row.state !== 'gone' && !row.overtaken);
        if (ofKey.length === 0 && found.length >= limits.parkedPerKey) {
          // All of them were decided by hand: what lies behind them has not been seen yet.
          loads.push({ owned, key });
          continue;
        }
        const blockedAt = ofKey.findIndex((row) => !isRunnable(row, now));
        const runnable = blockedAt < 0 ? ofKey : ofKey.slice(0, blockedAt);
        const othersRemain = blockedAt >= 0 || found.length >= limits.parkedPerKey;
        apply(owned, { type: 'loaded', key, rows: runnable.map((row) => workOfParked(owned, row)), othersRemain });
      }
    };
  }

  /** @param asked those that waited before the reading was taken: it says nothing about what began since */
  function settleWaiters(reading: MarkReading, asked: readonly Waiter[]): void {
    for (const waiter of asked) waiter.xid ??= reading.xid;
    const isOver = ({ xid }: Waiter): boolean => xid !== undefined && reading.xmin >= xid;
    for (const waiter of waiters) if (isOver(waiter)) waiter.resolve();
    waiters = waiters.filter((waiter) => !isOver(waiter));
  }

  return {
    expect(laneIds, position) {
      highest = Math.max(highest, position);
      for (const laneId of laneIds) {
        const owned = lanes.get(laneId);
        if (owned !== undefined && owned.dirtyTo < position) owned.dirtyTo = position;
      }
      kick();
    },
    load(owned, key) {
      loads.push({ owned, key });
      kick();
    },
    lookForDue() {
      due = true;
      kick();
    },
    kick,
    afterRunning() {
      return new Promise((resolve) => {
        waiters.push({ xid: undefined, resolve });
        kick();
      });
    },
    async stop() {
      stopped = true;
      await running;
    },
    get idle() {
      return running === undefined && loads.length === 0 && !due && wanting().length === 0;
    },
    get markAgeMs() {
      return markAgeMs(marks, clock.monotonicMs());
    },
    get highestPosition() {
      return highest;
    },
  };
}

/** How many rows each lane may read: the free memory in equal parts for the destinations, and each part for its lanes. */
function roomsOf(readable: readonly OwnedLane[], free: number): number[] {
  const lanesOf = new Map<Route, number>();
  for (const { route } of readable) lanesOf.set(route, (lanesOf.get(route) ?? 0) + 1);
  return readable.map(({ route, lane }) => {
    const share = Math.floor(free / lanesOf.size / (lanesOf.get(route) ?? 1));
    return Math.max(1, Math.min(Math.max(share, limits.rowsAlwaysPerLane - lane.held), limits.rowsPerLane - lane.held));
  });
}

function isRunnable(row: ParkedRow, now: Date): boolean {
  if (row.state === 'queued') return true;
  return (row.state === 'retry_wait' || row.state === 'outcome_unknown') && row.due_at !== null && row.due_at <= now;
}

function deliveryOfRow(owned: OwnedLane, row: ReadRow): DeliveryRow {
  const delivery: DeliveryRow = {
    id: row.id,
    position: row.position,
    tenantId: owned.route.tenantId,
    destination: owned.route.name,
    key: row.key,
    operation: row.operation,
    payload: row.payload,
    eventId: row.event_id ?? undefined,
    correlationId: row.correlation_id,
    traceparent: row.traceparent ?? undefined,
    naturalKey: row.natural_key ?? undefined,
    priority: row.priority,
    attempt: row.attempts + 1,
    outputMessageId: undefined,
  };
  if (row.after_id !== null) delivery.afterId = row.after_id;
  return delivery;
}

export function workOfRow(owned: OwnedLane, row: ReadRow): Work {
  return {
    position: row.position,
    key: row.key,
    parked: false,
    owned,
    delivery: deliveryOfRow(owned, row),
    effect: freshEffect,
    loadedAs: 'queued',
  };
}

function workOfParked(owned: OwnedLane, row: ParkedRow): Work {
  const delivery = deliveryOfRow(owned, row);
  if (row.output_message_id !== null && !row.prepare_anew) delivery.outputMessageId = row.output_message_id;
  return {
    position: row.position,
    key: row.key,
    parked: true,
    owned,
    delivery,
    effect: {
      phase: row.state === 'outcome_unknown' || row.unsure ? 'unknown' : 'clear',
      tries: row.tries,
      lookups: row.lookups,
      lookupFailures: row.lookup_failures,
      recoveries: row.recoveries,
      ...(row.reason === null ? {} : { reason: row.reason }),
    },
    loadedAs: row.state as Work['loadedAs'],
  };
}
