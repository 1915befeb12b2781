import type { DeliveryState } from '../../src/queue/index.ts';
import { type DeliveryRecord, LedgerError, type ModelTx, isFinal, stateNow } from './ledger.ts';
import { closedBreaker } from '../../src/queue/step/breaker-step.ts';
import { type Act, settleMs } from './plan.ts';
import type { Actor, Task } from './scheduler.ts';
import type { TimelineEntry, World } from './world.ts';

type BreakerAct = 'hold breaker' | 'probe soon' | 'reset breaker';
type PauseAct = 'pause' | 'resume';
type DeliveryAct = Exclude<Act['kind'], BreakerAct | PauseAct>;
type ByHandAct = Extract<TimelineEntry, { kind: 'by hand' }>['act'];

/** Waits for a person: the queue will not look at it again by itself. */
export function waitsForPerson(world: World, row: DeliveryRecord): boolean {
  const state = stateNow(world.ledger.tables, row);
  if (state === 'held' || state === 'dead') return true;
  return state === 'outcome_unknown' && world.ledger.tables.parked.get(row.position)?.dueMs === undefined;
}

/** People at their desks: they see what is parked, and decide as deliveries.ts lets them. */
export function createPerson(world: World, changed: () => void) {
  const { ledger, statements, checker, scheduler } = world;
  const { tables } = ledger;
  const actor: Actor = { name: 'person', alive: true, frozenUntilMs: 0 };

  function requeue(tx: ModelTx, row: DeliveryRecord, state: 'retry_wait' | 'outcome_unknown'): void {
    const { position, laneId, key } = row;
    ledger.lock(tx, `p${position}`);
    const dueMs = scheduler.nowMs;
    const replayed = stateNow(tables, row) === 'delivered';
    const unsure = tables.parked.get(position)?.unsure;
    // Who puts it back by hand does not want it to wait for another one any more.
    statements.change(tx, row, { state, parked: true, updatedMs: dueMs, after: undefined });
    tx.writes.push(() =>
      tables.parked.set(position, {
        position,
        laneId,
        key,
        state,
        dueMs,
        tries: 0,
        lookups: 0,
        lookupFailures: 0,
        unsure,
        replayed,
      }),
    );
  }

  function finish(tx: ModelTx, row: DeliveryRecord, state: 'delivered' | 'discarded'): void {
    statements.change(tx, row, { state, parked: false, updatedMs: scheduler.nowMs });
    tx.writes.push(() => {
      const side = tables.parked.get(row.position);
      if (side !== undefined) Object.assign(side, { state: 'gone', dueMs: scheduler.nowMs });
    });
  }

  /** The state, when it allows the act; the row's place in the side table is locked by then. */
  function take(row: DeliveryRecord, allowed: readonly DeliveryState[]): DeliveryState | undefined {
    const state = stateNow(tables, row);
    return allowed.includes(state) && (state === 'delivered' || row.parked) ? state : undefined;
  }

  /** A send of it that nobody can call back any more, and that may still be carried out, has been by now. */
  const hasSettled = (row: DeliveryRecord): boolean => scheduler.nowMs - row.updatedMs > settleMs;

  function decide(tx: ModelTx, row: DeliveryRecord, kind: DeliveryAct): ByHandAct | undefined {
    if (kind === 'resolve') {
      if (take(row, ['outcome_unknown']) === undefined || !hasSettled(row)) return undefined;
      const isThere = (world.peers.get(row.plan.destination)?.effectsOf(row.plan.name).length ?? 0) > 0;
      if (isThere) finish(tx, row, 'delivered');
      else requeue(tx, row, 'retry_wait');
      return isThere ? 'confirmed' : 'resend';
    }
    if (kind === 'discard') {
      if (take(row, ['queued', 'retry_wait', 'outcome_unknown', 'held', 'dead']) === undefined) return undefined;
      finish(tx, row, 'discarded');
      return kind;
    }
    const state = take(row, kind === 'release' ? ['held'] : ['dead', 'held', 'delivered']);
    if (state === undefined) return undefined;
    if (state !== 'delivered') {
      requeue(tx, row, 'retry_wait');
      return kind;
    }
    const { isFlow, idempotency } = world.destinations.get(row.plan.destination)!;
    const overtaken = (tables.lanes.get(row.laneId)?.rows ?? []).some(
      (other) => other.key === row.key && other.position > row.position && other.state !== 'discarded',
    );
    if (isFlow || idempotency === 'D' || (overtaken && world.steps.shell.refusesOvertakingReplay)) return undefined;
    requeue(tx, row, 'outcome_unknown');
    return kind;
  }

  function* act(row: DeliveryRecord, kind: DeliveryAct): Task {
    const tx = ledger.begin(actor);
    try {
      yield* ledger.call(tx, () => {
        ledger.takeXid(tx);
        // A replay is asked for in the business transaction of its key, as everything that enqueues is.
        ledger.lock(tx, `k${row.key}`);
        if (tables.parked.has(row.position)) ledger.lock(tx, `p${row.position}`);
      });
      const found = stateNow(tables, row);
      const decision = yield* ledger.call(tx, () => decide(tx, row, kind));
      if (decision === undefined) {
        ledger.abort(tx);
        return;
      }
      const told = decision === 'release' ? 'replay' : decision;
      tx.writes.push(() => {
        checker.decidedByHand(row, told);
        const attempts = tables.attempts.filter((attempt) => attempt.position === row.position).length;
        world.timeline.push({ kind: 'by hand', name: row.plan.name, found, act: decision, attempts });
      });
      yield* ledger.commit(tx);
      changed();
    } catch (error) {
      ledger.abort(tx);
      if (!(error instanceof LedgerError)) throw error;
    }
  }

  /** Holds a breaker open, lets it be probed soon, or closes it; over whatever state it is in. */
  function* actOnBreaker(destination: string, kind: BreakerAct): Task {
    const tx = ledger.begin(actor);
    try {
      yield* ledger.call(tx, () => {
        ledger.lock(tx, `b${destination}`);
        const row = tables.breakers.get(destination);
        const inputs = {
          'hold breaker': { type: 'hold', detail: 'by hand' },
          'probe soon': { type: 'probe-soon', inMs: 0 },
          'reset breaker': { type: 'reset' },
        } as const;
        const { breaker } = world.destinations.get(destination)!;
        const before = row?.state ?? closedBreaker;
        const { state } = world.steps.breakerStep(before, inputs[kind], breaker, scheduler.nowMs, 0);
        const version = (row?.version ?? 0) + 1;
        tx.writes.push(() =>
          tables.breakers.set(destination, { state, version, by: 'person', committedMs: scheduler.nowMs }),
        );
      });
      yield* ledger.commit(tx);
      changed();
    } catch (error) {
      ledger.abort(tx);
      if (!(error instanceof LedgerError)) throw error;
    }
  }

  /** Pauses a destination, a flow too, or lets it go on. */
  function* turn(destination: string, kind: PauseAct): Task {
    const tx = ledger.begin(actor);
    try {
      yield* ledger.call(tx, () => {
        ledger.lock(tx, `d${destination}`);
        const version = (tables.pauses.get(destination)?.version ?? 0) + 1;
        tx.writes.push(() => {
          tables.pauses.set(destination, { isPaused: kind === 'pause', version, committedMs: scheduler.nowMs });
          checker.gates.turned(destination, kind);
        });
      });
      yield* ledger.commit(tx);
      changed();
    } catch (error) {
      ledger.abort(tx);
      if (!(error instanceof LedgerError)) throw error;
    }
  }

  const isPauseAct = (kind: Act['kind']): kind is PauseAct => kind === 'pause' || kind === 'resume';
  const isBreakerAct = (kind: Act['kind']): kind is BreakerAct => kind.endsWith('breaker') || kind === 'probe soon';

  return {
    actor,
    /** One of the plan's acts, on one of those that it fits. */
    *perform({ kind, choice }: Act): Task {
      if (isPauseAct(kind)) {
        const all = [...world.destinations.keys()];
        const destination = all[Math.floor(choice * all.length)];
        if (destination !== undefined) yield* turn(destination, kind);
        return;
      }
      if (isBreakerAct(kind)) {
        const outside = [...world.peers.keys()];
        const destination = outside[Math.floor(choice * outside.length)];
        if (destination !== undefined) yield* actOnBreaker(destination, kind);
        return;
      }
      const rows = [...tables.deliveries.values()].filter((row) => {
        const state = stateNow(tables, row);
        return kind === 'replay' ? ['dead', 'held', 'delivered'].includes(state) : row.parked && !isFinal(state);
      });
      const fitting = kind === 'resolve' ? rows.filter((row) => row.state === 'outcome_unknown') : rows;
      const row = fitting[Math.floor(choice * fitting.length)];
      if (row !== undefined) yield* act(row, kind);
    },
    /** Works through whatever waits for a person, until the end of the run. */
    *workOff(): Task {
      for (;;) {
        for (const [destination, { isPaused }] of tables.pauses) if (isPaused) yield* turn(destination, 'resume');
        for (const [destination, { state }] of tables.breakers) {
          if (state.held) yield* actOnBreaker(destination, 'reset breaker');
        }
        for (const row of [...tables.deliveries.values()]) {
          if (!waitsForPerson(world, row)) continue;
          const { poison, foreign } = row.plan;
          const hopeless = poison !== undefined || (foreign === true && row.state === 'outcome_unknown');
          if (row.state === 'outcome_unknown' && !foreign) yield* act(row, 'resolve');
          else yield* act(row, hopeless ? 'discard' : 'replay');
        }
        yield 250;
      }
    },
  };
}
