import type { DeliveryState, IdempotencyClass, LookupResult, Outcome } from '../../src/queue/index.ts';
import type { PlannedDelivery } from './plan.ts';
import type { SharedBreaker } from './worker-breaker.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler, Task } from './scheduler.ts';

/** The tables of the queue, as rows in memory. Times are simulated ms. */
export interface LaneRecord {
  readonly laneId: number;
  readonly destination: string;
  owner?: string;
  epoch: number;
  cursor: number;
  /** Committed deliveries by position. */
  readonly rows: DeliveryRecord[];
}

export interface DeliveryRecord {
  readonly position: number;
  readonly laneId: number;
  readonly key: string;
  readonly plan: PlannedDelivery;
  /** Transaction that wrote it. */
  readonly xid: number;
  state: DeliveryState;
  parked: boolean;
  attempts: number;
  updatedMs: number;
  /** Position of the newer one of its key that it gave way to. */
  supersededBy?: number;
  readonly createdMs: number;
  /** Position of the one that it waits for. */
  after?: number;
}

export interface ParkedRecord {
  readonly position: number;
  readonly laneId: number;
  readonly key: string;
  state: DeliveryState | 'gone';
  dueMs?: number;
  tries: number;
  lookups: number;
  lookupFailures: number;
  /** Sends in a row that came to no recorded outcome; none where it is not said. */
  recoveries?: number;
  /** Refused, while an earlier send without an answer may stand. */
  unsure?: boolean;
  /** A delivered one that was put back to go again. */
  replayed?: boolean;
}

export interface IntentRecord {
  readonly id: number;
  lanes: number[];
  positions: number[];
  readonly members: readonly IntentMember[];
}

export interface IntentMember {
  readonly laneId: number;
  readonly position: number;
  readonly attemptId: number;
  readonly attempt: number;
  readonly idempotency: IdempotencyClass;
}

export interface AttemptRecord {
  readonly id: number;
  readonly position: number;
  readonly attempt: number;
  readonly kind: 'send' | 'lookup' | 'flow';
  readonly state: string;
  /** An answer to a call; a failure of the hub's own; or written by whoever took the lane over from one that had died. */
  readonly origin: 'call' | 'own' | 'recovered';
  readonly answer?: Outcome | LookupResult;
}

export interface Tables {
  readonly lanes: Map<number, LaneRecord>;
  /** When each worker's lease ends, by the database's clock, and since when it has had one without a gap. */
  readonly leases: Map<string, number>;
  readonly leasedSince: Map<string, number>;
  /** Calls at once that each worker holds, by destination and worker. */
  readonly slots: Map<string, Map<string, { wanted: number; held: number }>>;
  readonly deliveries: Map<number, DeliveryRecord>;
  /** By the plan's name. */
  readonly positions: Map<string, number>;
  readonly parked: Map<number, ParkedRecord>;
  readonly intents: Map<number, IntentRecord>;
  readonly attempts: AttemptRecord[];
  /** By destination. */
  readonly breakers: Map<string, SharedBreaker>;
  /** What people have paused or resumed, by destination. */
  readonly pauses: Map<string, { isPaused: boolean; version: number; committedMs: number }>;
  /** Submissions that were taken in: the unique natural keys of orders. */
  readonly submissions: Set<number>;
  /** What flows have written, once per time it was written. */
  readonly flowEffects: string[];
}

/** One READ COMMITTED transaction. Its writes come into force together at its commit. */
export interface ModelTx {
  readonly actor: Actor;
  xid?: number;
  state: 'open' | 'committing' | 'committed' | 'aborted';
  readonly writes: (() => void)[];
  readonly locks: Set<string>;
  /** The epoch that each lane was written under. */
  readonly epochs: Map<number, number>;
  /** It commits an intent. */
  intends: boolean;
  /** Positions of deliveries that it changed. */
  readonly touched: Set<number>;
  /** Lanes whose cursors it moved, and from where. */
  readonly passed: Map<number, number>;
  waitsFor?: ModelTx;
}

export type LedgerFault = 'unavailable' | 'commit-unknown' | 'deadlock' | 'lanes-lost' | 'internal';

export class LedgerError extends Error {
  readonly fault: LedgerFault;
  readonly laneIds: readonly number[];
  constructor(fault: LedgerFault, laneIds: readonly number[] = [], what = '') {
    super(`${fault} ${what}`);
    this.fault = fault;
    this.laneIds = laneIds;
  }
}

/** Thrown by a statement that needs a row which another transaction holds. */
class LockWait extends Error {
  readonly holder: ModelTx;
  constructor(holder: ModelTx) {
    super('waits');
    this.holder = holder;
  }
}

export interface LedgerWeather {
  readonly brokenStatement: number;
  readonly brokenCommit: number;
  readonly slowStatement: number;
}

export interface Ledger {
  readonly tables: Tables;
  lastPosition: number;
  begin(actor: Actor): ModelTx;
  /** One statement: sees what is committed when it runs, and may have to wait for locks. */
  call<T>(tx: ModelTx, statement: () => T): Task<T>;
  commit(tx: ModelTx): Task;
  abort(tx: ModelTx): void;
  takeXid(tx: ModelTx): number;
  /** The oldest transaction under way, as a snapshot taken now sees it. */
  xmin(): number;
  lock(tx: ModelTx, row: string): void;
  isLocked(row: string): boolean;
  /** What an actor's death or a long freeze does to its transactions. */
  disconnect(actor: Actor, why: 'killed' | 'idle'): void;
  nextId(): number;
}

export interface LedgerOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  weather(): LedgerWeather;
  committed(tx: ModelTx): void;
  /** Something has gone wrong, by its name in the weather. */
  wentWrong(what: keyof LedgerWeather): void;
}

export function createLedger(options: LedgerOptions): Ledger {
  const { scheduler, random } = options;
  const running = new Map<number, ModelTx>();
  const open = new Set<ModelTx>();
  const holders = new Map<string, ModelTx>();
  let waiting: { holder: ModelTx; retry: () => void }[] = [];
  let nextXid = 1;
  let ids = 0;

  function latencyMs(): number {
    const { slowStatement } = options.weather();
    if (slowStatement > 0 && random.chance(slowStatement)) {
      options.wentWrong('slowStatement');
      return random.between(20, 600);
    }
    return random.between(0.1, 1.5);
  }

  function end(tx: ModelTx, state: 'committed' | 'aborted'): void {
    tx.state = state;
    open.delete(tx);
    if (tx.xid !== undefined) running.delete(tx.xid);
    for (const row of tx.locks) holders.delete(row);
    const free = waiting.filter((waiter) => waiter.holder === tx);
    waiting = waiting.filter((waiter) => waiter.holder !== tx);
    for (const waiter of free) waiter.retry();
  }

  function apply(tx: ModelTx): void {
    for (const write of tx.writes) write();
    end(tx, 'committed');
    options.committed(tx);
  }

  function abort(tx: ModelTx): void {
    if (tx.state === 'open' || tx.state === 'committing') end(tx, 'aborted');
  }

  function wouldDeadlock(tx: ModelTx, holder: ModelTx): boolean {
    for (let at: ModelTx | undefined = holder; at !== undefined; at = at.waitsFor) if (at === tx) return true;
    return false;
  }

  function* call<T>(tx: ModelTx, statement: () => T): Task<T> {
    const reply = scheduler.createSignal();
    let answer: { value: T } | { error: LedgerError } | undefined;
    const run = (): void => {
      tx.waitsFor = undefined;
      if (tx.state !== 'open') {
        answer = { error: new LedgerError('unavailable') };
      } else if (random.chance(options.weather().brokenStatement)) {
        options.wentWrong('brokenStatement');
        abort(tx);
        answer = { error: new LedgerError('unavailable') };
      } else {
        try {
          answer = { value: statement() };
        } catch (error) {
          if (error instanceof LockWait && !wouldDeadlock(tx, error.holder)) {
            tx.waitsFor = error.holder;
            waiting.push({ holder: error.holder, retry: () => scheduler.after(0, run) });
            return;
          }
          if (!(error instanceof LockWait) && !(error instanceof LedgerError)) throw error;
          abort(tx);
          answer = { error: error instanceof LedgerError ? error : new LedgerError('deadlock') };
        }
      }
      scheduler.after(latencyMs() / 2, () => reply.fire());
    };
    scheduler.after(latencyMs() / 2, run);
    yield reply;
    if (answer === undefined) throw new Error('a statement was not answered');
    if ('error' in answer) throw answer.error;
    return answer.value;
  }

  function* commit(tx: ModelTx): Task {
    const reply = scheduler.createSignal();
    let known = false;
    if (tx.state === 'open') tx.state = 'committing';
    scheduler.after(latencyMs() / 2, () => {
      if (tx.state === 'committing') {
        const breaks = random.chance(options.weather().brokenCommit);
        if (breaks) options.wentWrong('brokenCommit');
        if (breaks && random.chance(0.5)) abort(tx);
        else {
          apply(tx);
          known = !breaks;
        }
      }
      scheduler.after(latencyMs() / 2, () => reply.fire());
    });
    yield reply;
    if (!known) throw new LedgerError('commit-unknown');
  }

  return {
    tables: emptyTables(),
    lastPosition: 0,
    begin(actor) {
      const tx: ModelTx = {
        actor,
        state: 'open',
        writes: [],
        locks: new Set(),
        epochs: new Map(),
        intends: false,
        touched: new Set(),
        passed: new Map(),
      };
      open.add(tx);
      return tx;
    },
    call,
    commit,
    abort,
    takeXid(tx) {
      if (tx.xid === undefined) running.set((tx.xid = nextXid++), tx);
      return tx.xid;
    },
    xmin() {
      let oldest = nextXid;
      for (const xid of running.keys()) oldest = Math.min(oldest, xid);
      return oldest;
    },
    lock(tx, row) {
      const holder = holders.get(row);
      if (holder === tx) return;
      if (holder !== undefined) throw new LockWait(holder);
      holders.set(row, tx);
      tx.locks.add(row);
    },
    isLocked: (row) => holders.has(row),
    disconnect(actor, why) {
      for (const tx of open) {
        if (tx.actor !== actor || tx.state !== 'open') continue;
        // A backend notices that its client is gone only after a while; meanwhile it holds on to its locks.
        if (why === 'idle') abort(tx);
        else scheduler.after(random.between(0, 50), () => abort(tx));
      }
    },
    nextId: () => ++ids,
  };
}

function emptyTables(): Tables {
  return {
    lanes: new Map(),
    leases: new Map(),
    leasedSince: new Map(),
    slots: new Map(),
    deliveries: new Map(),
    positions: new Map(),
    parked: new Map(),
    intents: new Map(),
    attempts: [],
    breakers: new Map(),
    pauses: new Map(),
    submissions: new Set(),
    flowEffects: [],
  };
}

/** A delivery's state as everybody sees it: what nothing was marked on is delivered once its lane's cursor is past it. */
export function stateNow(tables: Tables, row: DeliveryRecord): DeliveryState {
  if (row.state === 'queued' && !row.parked && row.position <= (tables.lanes.get(row.laneId)?.cursor ?? 0)) {
    return 'delivered';
  }
  if (row.state === 'queued' || row.state === 'retry_wait' || row.state === 'outcome_unknown') {
    for (const intent of tables.intents.values()) if (intent.positions.includes(row.position)) return 'in_flight';
  }
  return row.state;
}

export function isFinal(state: string): boolean {
  return state === 'delivered' || state === 'discarded';
}
