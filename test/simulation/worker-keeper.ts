import { type IntentMember, type LaneRecord, type ModelTx, isFinal } from './ledger.ts';
import { leaseMs } from './plan.ts';
import type { Task } from './scheduler.ts';
import { rulesOf, settledRow } from './worker-batch.ts';
import { workOfRow } from './worker-reader.ts';
import type { SharedBreaker } from './worker-breaker.ts';
import { type Decision, type Owned, type Route, type WorkerState, fenceOf, wallMs } from './world.ts';

export interface LookAround {
  readonly breakers: ReadonlyMap<string, SharedBreaker>;
  /** When this was read. */
  readonly readMs: number;
  readonly position: number;
  readonly free: number;
  readonly held: number;
  readonly lanes: number;
  readonly workers: number;
  /** Rises with whatever people set. */
  readonly settings: number;
  readonly due: boolean;
}

export interface ClaimedLane {
  readonly laneId: number;
  readonly destination: string;
  readonly epoch: number;
  readonly cursor: number;
}

/** The worker's hold on its lanes: lease, claim, recovery of what a former holder left behind, handing back. */
export function createKeeper(worker: WorkerState, routeOf: (destination: string) => Route, onLapse: () => void) {
  const { world, actor, name } = worker;
  const { ledger, scheduler, statements, steps, checker } = world;
  const { tables } = ledger;

  const leaseHolds = (): boolean => scheduler.nowMs < worker.leaseUntilMs;

  function renew(tx: ModelTx): void {
    const untilMs = scheduler.nowMs + leaseMs;
    tx.writes.push(() => {
      if ((tables.leases.get(name) ?? Number.NEGATIVE_INFINITY) < scheduler.nowMs) {
        tables.leasedSince.set(name, scheduler.nowMs);
      }
      tables.leases.set(name, untilMs);
    });
  }

  const isFree = (lane: LaneRecord): boolean => {
    if (lane.owner === undefined) return true;
    const untilMs = tables.leases.get(lane.owner);
    return untilMs === undefined || untilMs < scheduler.nowMs;
  };

  function* inTx<T>(body: (tx: ModelTx) => Task<T>): Task<T> {
    const tx = ledger.begin(actor);
    try {
      const answer = yield* body(tx);
      yield* ledger.commit(tx);
      return answer;
    } catch (error) {
      ledger.abort(tx);
      throw error;
    }
  }

  function* renewing<T>(statement: (tx: ModelTx) => T, always: boolean): Task<T> {
    // Counted from before the statement, and believed in only once that is committed.
    const fromMs = scheduler.nowMs;
    const ages = always || fromMs > worker.leaseUntilMs - (leaseMs * 2) / 3;
    const believesEarly = ages && !steps.shell.believesLeaseAfterCommit;
    const answer = yield* inTx(function* (tx) {
      if (ages) yield* ledger.call(tx, () => renew(tx));
      if (believesEarly) worker.leaseUntilMs = fromMs + leaseMs;
      return yield* ledger.call(tx, () => statement(tx));
    });
    if (ages) {
      if (!leaseHolds() && steps.shell.startsOverAfterLapse) onLapse();
      worker.leaseUntilMs = fromMs + leaseMs;
    }
    return answer;
  }

  function lookAround(): LookAround {
    const lanes = [...tables.lanes.values()];
    return {
      position: ledger.lastPosition,
      free: lanes.filter(isFree).length,
      held: lanes.filter((lane) => lane.owner === name).length,
      lanes: lanes.length,
      breakers: new Map(tables.breakers),
      readMs: scheduler.nowMs,
      settings: [...tables.pauses.values()].reduce((sum, pause) => sum + pause.version, 0),
      workers: [...tables.leases.values()].filter((untilMs) => untilMs >= scheduler.nowMs).length,
      due: [...tables.parked.values()].some((row) => row.dueMs !== undefined && row.dueMs <= wallMs(worker)),
    };
  }

  /** Free ones, and those that are this worker's in the ledger and that it does not hold. */
  function claimLanes(tx: ModelTx, max: number, ownToo: boolean, held: ReadonlySet<number>): ClaimedLane[] {
    const claimed: ClaimedLane[] = [];
    for (const lane of tables.lanes.values()) {
      if (claimed.length >= max) break;
      if (!isFree(lane) && !(ownToo && lane.owner === name && !held.has(lane.laneId))) continue;
      if (ledger.isLocked(`l${lane.laneId}`)) continue;
      ledger.lock(tx, `l${lane.laneId}`);
      const { laneId, destination, cursor } = lane;
      const epoch = lane.epoch + 1;
      claimed.push({ laneId, destination, epoch, cursor });
      tx.writes.push(() => Object.assign(lane, { owner: name, epoch }));
    }
    return claimed;
  }

  function* open(claimed: readonly ClaimedLane[]): Task<Owned[]> {
    for (const lane of claimed) checker.opened(lane.laneId, lane.epoch);
    const fresh = new Map(claimed.map((lane) => [lane.laneId, ownedLane(lane, [])]));
    yield* inTx((tx) => recoverIntents(tx, fresh));
    const blocked = yield* inTx((tx) =>
      ledger.call(tx, () => [...tables.parked.values()].map(({ laneId, key }) => ({ laneId, key }))),
    );
    return claimed.map((lane) => {
      const keys = blocked.filter((row) => row.laneId === lane.laneId).map((row) => row.key);
      return ownedLane(lane, [...new Set(keys)]);
    });
  }

  function ownedLane(lane: ClaimedLane, keys: readonly string[]): Owned {
    return {
      laneId: lane.laneId,
      epoch: lane.epoch,
      route: routeOf(lane.destination),
      lane: steps.newLane(lane.laneId, lane.cursor, keys),
      lost: false,
      dirtyTo: 0,
      savedCursor: lane.cursor,
    };
  }

  function* recoverIntents(tx: ModelTx, owned: ReadonlyMap<number, Owned>): Task {
    yield* ledger.call(tx, () => ledger.takeXid(tx));
    const intents = yield* ledger.call(tx, () => {
      const found = [...tables.intents.values()].filter((intent) => intent.lanes.some((id) => owned.has(id)));
      for (const intent of found) ledger.lock(tx, `i${intent.id}`);
      return found;
    });
    if (intents.length === 0) return;
    const members = intents.flatMap((intent) => intent.members).filter((member) => owned.has(member.laneId));
    const recovered = yield* ledger.call(tx, () =>
      members.filter(isOpenMember).map((member) => recover(owned.get(member.laneId)!, member)),
    );
    if (recovered.length > 0 && steps.shell.recoversIntents) {
      const rows = recovered.map((one) => settledRow(one, wallMs(worker)));
      yield* ledger.call(tx, () => statements.settle(tx, rows));
      yield* ledger.call(tx, () =>
        statements.writeAttempts(
          tx,
          recovered.flatMap((one) => one.attempt ?? []),
        ),
      );
    }
    yield* ledger.call(tx, () => {
      const taken = new Set(owned.keys());
      const positions = new Set(members.map((member) => member.position));
      tx.writes.push(() => {
        for (const intent of intents) {
          intent.lanes = intent.lanes.filter((id) => !taken.has(id));
          intent.positions = intent.positions.filter((position) => !positions.has(position));
          if (intent.lanes.length === 0) tables.intents.delete(intent.id);
        }
      });
    });
  }

  /** Neither decided nor told of: the request may have left. */
  function isOpenMember(member: IntentMember): boolean {
    const row = tables.deliveries.get(member.position);
    const lane = tables.lanes.get(member.laneId);
    if (row === undefined || lane === undefined || isFinal(row.state)) return false;
    if (!['queued', 'retry_wait', 'outcome_unknown'].includes(row.state)) return false;
    if (tables.parked.get(member.position)?.state === 'gone') return false;
    if (!row.parked && row.position <= lane.cursor) return false;
    return !tables.attempts.some((attempt) => attempt.id === member.attemptId);
  }

  function recover(owned: Owned, member: IntentMember): Decision {
    const row = tables.deliveries.get(member.position)!;
    const read = workOfRow(owned, row);
    const { tries = 0, recoveries = 0 } = tables.parked.get(member.position) ?? {};
    const before = { ...read.effect, tries, recoveries };
    const work = { ...read, parked: row.parked, attempt: member.attempt, effect: before };
    const { state, action } = steps.effectStep(before, { type: 'recovered' }, rulesOf(work), worker.random.next());
    if (action.type !== 'settle') throw new Error('what is recovered is settled');
    return {
      work,
      to: action.to,
      outcome: action.outcome,
      effect: state,
      dueInMs: action.dueInMs,
      attempt: {
        id: member.attemptId,
        position: member.position,
        attempt: member.attempt,
        kind: 'send',
        state: 'unknown',
        origin: 'recovered',
        answer: action.outcome,
      },
    };
  }

  return {
    leaseHolds,
    look: () => renewing(lookAround, false),
    /** What people have paused, and when this was read. */
    loadSettings: () =>
      inTx((tx) =>
        ledger.call(tx, () => ({
          readMs: scheduler.nowMs,
          paused: new Set(
            [...tables.pauses].filter(([, { isPaused }]) => isPaused).map(([destination]) => destination),
          ),
        })),
      ),
    claim: (max: number, ownToo: boolean, held: ReadonlySet<number>) =>
      renewing((tx) => claimLanes(tx, max, ownToo, held), true),
    open,
    *saveCursors(lanes: Iterable<Owned>): Task {
      const moved = [...lanes]
        .filter((owned) => !owned.lost && steps.cursorOf(owned.lane) > owned.savedCursor)
        .map((owned) => ({ owned, cursor: steps.cursorOf(owned.lane) }));
      if (moved.length === 0) return;
      const cursors = moved.map(({ owned, cursor }) => ({ ...fenceOf(owned), cursor }));
      yield* inTx((tx) => ledger.call(tx, () => statements.saveCursors(tx, cursors)));
      for (const { owned, cursor } of moved) owned.savedCursor = cursor;
    },
    *lost(lanes: Iterable<Owned>): Task<number[]> {
      const held = [...lanes];
      return yield* inTx((tx) =>
        ledger.call(tx, () =>
          held.filter((owned) => tables.lanes.get(owned.laneId)?.epoch !== owned.epoch).map((owned) => owned.laneId),
        ),
      );
    },
    *handBack(lanes: Iterable<Owned>, ending: boolean): Task {
      const held = [...lanes].filter((owned) => !owned.lost);
      for (const owned of held) owned.lost = true;
      yield* inTx((tx) =>
        ledger.call(tx, () => {
          for (const owned of held) {
            const lane = tables.lanes.get(owned.laneId)!;
            ledger.lock(tx, `l${owned.laneId}`);
            if (lane.epoch === owned.epoch) tx.writes.push(() => (lane.owner = undefined));
          }
          if (ending) tx.writes.push(() => tables.leases.delete(name));
        }),
      );
    },
  };
}

export type Keeper = ReturnType<typeof createKeeper>;
