import { freshEffect } from '../../src/queue/step/effect-step.ts';
import type { LaneInput } from '../../src/queue/step/lane-step.ts';
import { type MarkReading, type ReadMarks, noMarks } from '../../src/queue/step/read-mark.ts';
import { type DeliveryRecord, LedgerError, type ModelTx, type ParkedRecord } from './ledger.ts';
import type { Signal, Task } from './scheduler.ts';
import { isOpen } from './worker-gate.ts';
import { type Owned, type Work, type WorkerState, fenceOf, limits, wallMs } from './world.ts';

export interface Reader {
  expect(laneIds: Iterable<number>, position: number): void;
  load(owned: Owned, key: string): void;
  lookForDue(): void;
  kick(): void;
  /** Waits until every transaction that ran at the call has ended. */
  afterRunning(): Task;
  run(): Task;
  readonly idle: boolean;
  readonly highestPosition: number;
}

/** The product's reader of lanes, statement by statement. */
export function createReader(worker: WorkerState, apply: (owned: Owned, input: LaneInput<Work>) => void): Reader {
  const { world, lanes } = worker;
  const { ledger, scheduler, statements, steps } = world;
  const kicked = scheduler.createSignal();
  let marks: ReadMarks = noMarks;
  let loads: { owned: Owned; key: string }[] = [];
  let due = false;
  let busy = false;
  let highest = 0;
  let waiters: Waiter[] = [];

  const mostOf = (owned: Owned, isFull: boolean): number =>
    isFull || !isOpen(worker, owned.route) ? limits.rowsAlwaysPerLane : limits.rowsPerLane;
  const wanting = (): Owned[] => {
    const isFull = worker.held >= limits.rowsInMemory;
    return [...lanes.values()].filter(
      (owned) => !owned.lost && owned.lane.readPosition < owned.dirtyTo && owned.lane.held < mostOf(owned, isFull),
    );
  };
  const kick = (): void => kicked.fire();

  function* run(): Task {
    let pauseMs = 1;
    for (;;) {
      yield kicked;
      kicked.reset();
      busy = true;
      const before = worker.held;
      try {
        yield* round();
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        kicked.fire();
        yield 50;
      }
      busy = false;
      if (wanting().length > 0 || waiters.length > 0) {
        kicked.fire();
        pauseMs = worker.held === before ? Math.min(pauseMs * 2, 16) : 1;
        yield pauseMs;
      }
    }
  }

  function* round(): Task {
    const applied: (() => void)[] = [];
    const wanted = wanting();
    const lookDue = due;
    due = false;
    const wantedLoads = loads.splice(0, 500);
    if (wanted.length === 0 && waiters.length === 0 && !lookDue && wantedLoads.length === 0) return;
    const tx = ledger.begin(worker.actor);
    try {
      if (wanted.length > 0 || waiters.length > 0) yield* readNew(tx, wanted, applied);
      if (lookDue) applied.push(yield* ledger.call(tx, readDue));
      if (wantedLoads.length > 0) applied.push(yield* readParked(tx, wantedLoads));
      yield* ledger.commit(tx);
    } catch (error) {
      ledger.abort(tx);
      loads = [...wantedLoads, ...loads];
      due ||= lookDue;
      throw error;
    }
    for (const fn of applied) fn();
  }

  /** One statement, whose parts nothing keeps together: the snapshot, the sequence's value, the own transaction id. */
  function* takeMark(tx: ModelTx): Task<MarkReading> {
    const xmin = yield* ledger.call(tx, () => ledger.xmin());
    const position = ledger.lastPosition;
    const xid = yield* ledger.call(tx, () => ledger.takeXid(tx));
    return { xmin, position, xid };
  }

  function* readNew(tx: ModelTx, wanted: readonly Owned[], applied: (() => void)[]): Task {
    const before = [...waiters];
    const reading = yield* takeMark(tx);
    const asked = steps.shell.stampsOnlyWhoAskedBefore ? before : waiters;
    marks = steps.markStep(marks, reading, scheduler.nowMs);
    highest = Math.max(highest, reading.position);
    settleWaiters(reading, asked);
    const { safe } = marks;
    const readable = wanted.filter((owned) => owned.lane.readPosition < safe);
    if (readable.length === 0) return;
    const rooms = roomsOf(readable);
    applied.push(
      yield* ledger.call(tx, () => {
        const read = readable.map((owned, index) => ({
          owned,
          room: rooms[index] ?? 0,
          rows: readLane(owned, safe, rooms[index] ?? 0),
        }));
        return () => read.forEach((one) => takeIn(one.owned, one.room, one.rows, safe));
      }),
    );
  }

  function roomsOf(readable: readonly Owned[]): number[] {
    const lanesOf = Map.groupBy(readable, (owned) => owned.route);
    const free = limits.rowsInMemory - worker.held;
    return readable.map((owned) => {
      const share = Math.floor(free / lanesOf.size / (lanesOf.get(owned.route)?.length ?? 1));
      const { held } = owned.lane;
      return Math.max(1, Math.min(Math.max(share, limits.rowsAlwaysPerLane - held), mostOf(owned, false) - held));
    });
  }

  function readLane(owned: Owned, safe: number, room: number): DeliveryRecord[] {
    const rows = (ledger.tables.lanes.get(owned.laneId)?.rows ?? []).filter(
      (row) => row.position > owned.lane.readPosition && row.position <= safe && row.state === 'queued' && !row.parked,
    );
    const inOrder = steps.shell.readsByPosition
      ? rows
      : rows.toSorted((a, b) => a.xid - b.xid || a.position - b.position);
    return inOrder.slice(0, Math.max(0, room));
  }

  function takeIn(owned: Owned, room: number, rows: readonly DeliveryRecord[], safe: number): void {
    if (owned.lost || lanes.get(owned.laneId) !== owned) return;
    const works = rows.map((row) => workOfRow(owned, row));
    const last = works.at(-1);
    const upTo = works.length === room && last !== undefined ? last.position : safe;
    apply(owned, { type: 'read', rows: works, upTo });
  }

  function readDue(): () => void {
    const keys = new Map<string, { laneId: number; key: string }>();
    for (const row of ledger.tables.parked.values()) {
      if (row.dueMs === undefined || row.dueMs > wallMs(worker)) continue;
      if (!lanes.has(row.laneId) || worker.worked.has(row.position)) continue;
      keys.set(`${row.laneId} ${row.key}`, { laneId: row.laneId, key: row.key });
    }
    return () => {
      for (const { laneId, key } of keys.values()) {
        const owned = lanes.get(laneId);
        if (owned !== undefined && !owned.lost) apply(owned, { type: 'due', key });
      }
    };
  }

  function* readParked(tx: ModelTx, wantedLoads: readonly { owned: Owned; key: string }[]): Task<() => void> {
    const wanted = wantedLoads.filter((load) => !load.owned.lost);
    const found = yield* ledger.call(tx, () =>
      wanted.map(({ owned, key }) => ({ owned, key, rows: sideTable(owned, key) })),
    );
    const overtaken = new Set(found.flatMap(({ rows }) => rows.filter((row) => row.overtaken)));
    const isSwept = (row: LoadedRow): boolean => row.state === 'gone' || overtaken.has(row);
    if (found.some(({ rows }) => rows.some(isSwept))) {
      yield* ledger.call(tx, () => ledger.takeXid(tx));
      yield* ledger.call(tx, () => {
        for (const { owned, rows } of found) {
          for (const row of rows) {
            if (row.state === 'gone') statements.sweepGone(tx, [{ ...fenceOf(owned), position: row.position }]);
            else if (overtaken.has(row)) statements.giveUpReplay(tx, fenceOf(owned), row.position);
          }
        }
      });
    }
    const nowMs = wallMs(worker);
    return () => {
      for (const { owned, key, rows } of found) {
        if (owned.lost) continue;
        const ofKey = rows.filter((row) => !isSwept(row));
        if (ofKey.length === 0 && rows.length >= limits.parkedPerKey) {
          // All of them were decided by hand: what lies behind them has not been seen yet.
          loads.push({ owned, key });
          kick();
          continue;
        }
        const blockedAt = ofKey.findIndex((row) => !isRunnable(row, nowMs));
        const runnable = blockedAt < 0 ? ofKey : ofKey.slice(0, blockedAt);
        const othersRemain = blockedAt >= 0 || rows.length >= limits.parkedPerKey;
        const works = runnable.map((row) => workOfParked(owned, row, ledger.tables.deliveries.get(row.position)!));
        apply(owned, { type: 'loaded', key, rows: works, othersRemain });
      }
    };
  }

  /** The first rows of a key, with what their deliveries say at the same moment. */
  function sideTable(owned: Owned, key: string): LoadedRow[] {
    return [...ledger.tables.parked.values()]
      .filter((row) => row.laneId === owned.laneId && row.key === key)
      .toSorted((a, b) => a.position - b.position)
      .slice(0, limits.parkedPerKey)
      .map((row) => ({
        ...row,
        attempts: ledger.tables.deliveries.get(row.position)?.attempts ?? 0,
        overtaken: steps.shell.givesUpOvertakenReplays && wasOvertaken(row),
      }));
  }

  /** Put back to be replayed, and between the asking and now a later one of its key has come. */
  function wasOvertaken(row: ParkedRecord): boolean {
    if (row.state !== 'outcome_unknown' || !row.replayed) return false;
    return (ledger.tables.lanes.get(row.laneId)?.rows ?? []).some(
      (later) => later.position > row.position && later.key === row.key && !later.parked && later.state !== 'discarded',
    );
  }

  function settleWaiters(reading: MarkReading, asked: readonly Waiter[]): void {
    for (const waiter of asked) waiter.xid ??= reading.xid;
    waiters = waiters.filter((waiter) => {
      if (waiter.xid === undefined || reading.xmin < waiter.xid) return true;
      waiter.signal.fire();
      return false;
    });
  }

  return {
    run,
    kick,
    expect(laneIds, position) {
      highest = Math.max(highest, position);
      for (const laneId of laneIds) {
        const owned = lanes.get(laneId);
        if (owned !== undefined) owned.dirtyTo = Math.max(owned.dirtyTo, position);
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
    *afterRunning() {
      const signal = scheduler.createSignal();
      waiters.push({ signal });
      kick();
      yield signal;
    },
    get idle() {
      return !busy && loads.length === 0 && !due && wanting().length === 0;
    },
    get highestPosition() {
      return highest;
    },
  };
}

interface Waiter {
  xid?: number;
  readonly signal: Signal;
}

interface LoadedRow extends ParkedRecord {
  readonly attempts: number;
  readonly overtaken: boolean;
}

function isRunnable(row: ParkedRecord, nowMs: number): boolean {
  if (row.state === 'queued') return true;
  return (
    (row.state === 'retry_wait' || row.state === 'outcome_unknown') && row.dueMs !== undefined && row.dueMs <= nowMs
  );
}

export function workOfRow(owned: Owned, row: DeliveryRecord): Work {
  const { position, key } = row;
  return {
    position,
    key,
    parked: false,
    owned,
    row,
    attempt: row.attempts + 1,
    effect: freshEffect,
    loadedAs: 'queued',
  };
}

function workOfParked(owned: Owned, parked: ParkedRecord & { attempts: number }, row: DeliveryRecord): Work {
  const { position, key, state, tries, lookups, lookupFailures, recoveries = 0, attempts } = parked;
  const phase = state === 'outcome_unknown' || parked.unsure ? 'unknown' : 'clear';
  const effect = { phase, tries, lookups, lookupFailures, recoveries } as const;
  return { position, key, parked: true, owned, row, attempt: attempts + 1, effect, loadedAs: state };
}
