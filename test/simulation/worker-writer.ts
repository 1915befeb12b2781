import { HubError } from '../../src/platform/index.ts';
import { LedgerError, type ModelTx } from './ledger.ts';
import type { Task } from './scheduler.ts';
import { enqueue } from './submit.ts';
import {
  type Batch,
  closingOf,
  emptyBatch,
  isEmptyBatch,
  rulesOf,
  splitBatch,
  fallbackOf,
  worksOf,
} from './worker-batch.ts';
import type { ModelBudgets } from './worker-budget.ts';
import { createLedgerWrites } from './worker-ledger.ts';
import { awaitParents } from './worker-parents.ts';
import { roomOf, tookOf } from './worker-gate.ts';
import { giveWay, sharesOf } from './worker-shares.ts';
import {
  type Chosen,
  type Decision,
  type OpenIntent,
  type Owned,
  type Route,
  type Work,
  type WorkerState,
  chosenNow,
  chosenOf,
  fenceOf,
  lanesOf,
  limits,
} from './world.ts';

export interface WriterEvents {
  committed(batch: {
    decisions: readonly Decision[];
    handled: readonly Work[];
    parked: readonly Work[];
    overtaken: ReadonlySet<Work>;
    behind: readonly Work[];
  }): void;
  send(work: Work, attemptId: number, intent: OpenIntent): void;
  lookUp(work: Work, attemptId: number, chosen: Chosen): void;
  lanesLost(lanes: readonly Owned[]): void;
  ledgerUncertain(): void;
}

export interface Writer {
  decide(decision: Decision): void;
  park(works: readonly Work[]): void;
  kick(): void;
  readonly loops: readonly Task[];
  readonly idle: boolean;
}

const alive = (work: Work): boolean => !work.owned.lost;

/** The product's writer of the ledger: two loops, one transaction each at a time. */
export function createWriter(worker: WorkerState, events: WriterEvents, budgets: ModelBudgets): Writer {
  const { world } = worker;
  const { ledger, scheduler, statements, steps } = world;
  const kicks = [scheduler.createSignal(), scheduler.createSignal()] as const;
  const { writeDecisions, writeHandled, writeParks } = createLedgerWrites(worker);
  const busy = [false, false];
  let decisions: Decision[] = [];
  let parks: Work[] = [];
  let turn = 0;

  const kick = (): void => {
    for (const signal of kicks) signal.fire();
  };

  worker.wake = kick;

  function collectOutcomes(): Batch {
    const batch = emptyBatch(chosenNow(worker));
    batch.decisions = decisions.splice(0, limits.decisionsPerTransaction).filter((one) => alive(one.work));
    batch.parks = parks.splice(0, limits.decisionsPerTransaction).filter(alive);
    const flowRoom = ({ settings, ready }: Route): number => Math.min(settings.concurrency, ready.size);
    for (const [route, room] of sharesOf(worker, true, limits.flowDeliveriesPerTransaction, flowRoom, turn++)) {
      const works = route.ready.take(room).filter(alive);
      if (works.length > 0) batch.flows.push({ route, works });
    }
    return batch;
  }

  function collectSends(): Batch {
    const batch = emptyBatch(chosenNow(worker));
    const sendRoom = (route: Route): number => Math.max(0, Math.min(roomOf(worker, route), route.ready.size));
    for (const [route, room] of sharesOf(worker, false, limits.intentsPerTransaction, sendRoom, turn++)) {
      const works = budgets.take(route, room).filter((work) => {
        if (!alive(work)) return false;
        if (!giveWay(work, steps, decide)) return true;
        budgets.giveBack(work);
        return false;
      });
      tookOf(worker, route, works.length);
      route.inFlight += works.length;
      batch.sends.push(...works);
    }
    return batch;
  }

  function* loop(index: 0 | 1, collect: () => Batch): Task {
    for (;;) {
      yield kicks[index];
      kicks[index].reset();
      busy[index] = true;
      for (let batch = collect(); !isEmptyBatch(batch); batch = collect()) yield* commitBatch(batch);
      busy[index] = false;
    }
  }

  function* commitBatch(batch: Batch): Task {
    try {
      yield* commit(batch);
    } catch (error) {
      yield* recover(batch, error);
    }
  }

  function* recover(batch: Batch, error: unknown): Task {
    if (error instanceof LedgerError && error.fault === 'lanes-lost') {
      events.lanesLost(lanesOf(worksOf(batch)).filter((owned) => error.laneIds.includes(owned.laneId)));
      putBack(batch);
    } else if (error instanceof LedgerError && error.fault === 'commit-unknown') {
      for (const work of batch.sends) notCalled(work);
      events.ledgerUncertain();
    } else if (error instanceof LedgerError && error.fault === 'unavailable') {
      putBack(batch);
      yield 200;
    } else if (error instanceof LedgerError || error instanceof HubError) {
      if (error instanceof LedgerError && error.fault === 'internal') world.checker.violate(5, error.message);
      const parts = splitBatch(batch);
      if (parts.length > 1) for (const part of parts) yield* commitBatch(part);
      else yield* judge(batch, error);
    } else {
      throw error;
    }
  }

  /** Collected, and then nothing left for the outside. */
  function notCalled(work: Work): void {
    work.owned.route.inFlight--;
    budgets.giveBack(work);
  }

  function putBack(batch: Batch): void {
    decisions = [...batch.decisions.filter((one) => alive(one.work)), ...decisions];
    parks = [...batch.parks.filter(alive), ...parks];
    for (const { route, works } of batch.flows) route.ready.putBack(works.filter(alive));
    for (const work of batch.sends) notCalled(work);
    for (const work of batch.sends.toReversed()) if (alive(work)) work.owned.route.ready.putBack([work]);
    kick();
  }

  /** One delivery, alone in its transaction, failed. */
  function* judge(batch: Batch, error: unknown): Task {
    const decision = batch.decisions[0];
    const work = batch.flows[0]?.works[0] ?? batch.sends[0] ?? decision?.work;
    if (work === undefined || decision?.untold || decision?.superseded) {
      // Written again in a while: its key alone waits.
      scheduler.after(1_000, () => {
        decisions.push(...batch.decisions);
        parks.push(...batch.parks);
        kick();
      });
      return;
    }
    const { retry } = work.owned.route.settings;
    const failure = steps.judgeFailure(error, work.effect.tries, retry, worker.random.next());
    if (decision !== undefined) {
      const fallback = fallbackOf(decision, failure, steps, worker.random.next());
      yield* commitBatch({ ...emptyBatch(), decisions: [fallback] });
      return;
    }
    if (batch.sends.length > 0) notCalled(work);
    const to = work.effect.phase === 'unknown' ? 'outcome_unknown' : (failure.to as Decision['to']);
    const attempt = {
      id: ledger.nextId(),
      position: work.position,
      attempt: work.attempt,
      kind: work.owned.route.isFlow ? ('flow' as const) : ('send' as const),
      state: failure.outcome.kind,
      origin: 'own' as const,
      answer: failure.outcome,
    };
    const effect = { ...work.effect, tries: failure.tries };
    const { outcome, dueInMs } = failure;
    yield* commitBatch({ ...emptyBatch(), decisions: [{ work, to, outcome, effect, attempt, dueInMs }] });
  }

  function* commit(batch: Batch): Task {
    const tx = ledger.begin(worker.actor);
    const sends = new Map<Work, number>();
    let intent: OpenIntent | undefined;
    let overtaken: ReadonlySet<Work>;
    let waiting: ReadonlyMap<Work, Decision>;
    try {
      yield* ledger.call(tx, () => ledger.takeXid(tx));
      overtaken = yield* findOvertaken(tx, batch);
      const counted = batch.decisions.filter((one) => !overtaken.has(one.work));
      for (const decision of counted) tell(decision);
      const handled = batch.flows.flatMap((flow) => flow.works).filter((work) => !overtaken.has(work));
      yield* runFlows(tx, handled, batch);
      const wanted = batch.sends.filter((work) => !overtaken.has(work));
      waiting = yield* awaitParents(worker, tx, wanted);
      for (const work of wanted) if (!waiting.has(work)) prepare(work, sends);
      const closing = closingOf(batch);
      if (counted.length > 0) yield* writeDecisions(tx, counted, closing);
      if (handled.length > 0) yield* writeHandled(tx, handled, closing);
      if (batch.parks.length > 0) yield* writeParks(tx, batch.parks);
      intent = yield* writeIntent(tx, batch, sends);
      yield* ledger.commit(tx);
    } catch (error) {
      ledger.abort(tx);
      throw error;
    }
    afterCommit(batch, overtaken, sends, intent);
    for (const [work, decision] of waiting) {
      notCalled(work);
      decide(decision);
    }
  }

  function* findOvertaken(tx: ModelTx, batch: Batch): Task<ReadonlySet<Work>> {
    const parked = worksOf(batch).filter((work) => work.parked);
    if (parked.length === 0 || !steps.shell.locksParked) return new Set();
    const same = yield* ledger.call(tx, () => statements.lockParked(tx, parked));
    return new Set(parked.filter((work) => !same.has(work.position)));
  }

  /** What the business rooms do about an outcome may fail. */
  function tell(decision: Decision): void {
    if (decision.to === 'discarded' || decision.untold) return;
    const name = `${decision.work.row.plan.name} ${decision.work.attempt} ${decision.to}`;
    if (world.failedSettlements.has(name)) return;
    if (!worker.random.chance(world.dials().settledFails)) return;
    world.failedSettlements.add(name);
    world.faults.set('settledFails', (world.faults.get('settledFails') ?? 0) + 1);
    throw new HubError('INTERNAL', { message: 'an outcome cannot be told' });
  }

  function failsByItself(work: Work): void {
    const { ownFailures, poison } = work.row.plan;
    if (work.attempt <= ownFailures) throw new HubError('INTERNAL', { message: 'it fails by itself' });
    if (work.owned.route.isFlow && poison === 'business') throw new HubError('ACTION_NOT_ALLOWED');
    if (work.owned.route.isFlow && poison === 'schema') throw new HubError('VALIDATION_FAILED');
  }

  function* runFlows(tx: ModelTx, works: readonly Work[], chosen: Chosen): Task {
    const byKey = works.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    for (const work of byKey) {
      const { plan } = work.row;
      yield* ledger.call(tx, () => ledger.lock(tx, `k${plan.key}`));
      failsByItself(work);
      const act = (): void => {
        world.checker.handles(work.row, chosen);
        ledger.tables.flowEffects.push(plan.name);
      };
      if (steps.shell.completesFlowsAtomically) tx.writes.push(act);
      else act();
      if (plan.follows !== undefined) yield* enqueue(world, tx, [plan.follows]);
    }
  }

  function prepare(work: Work, sends: Map<Work, number>): void {
    failsByItself(work);
    sends.set(work, ledger.nextId());
  }

  function* writeIntent(tx: ModelTx, batch: Batch, sends: Map<Work, number>): Task<OpenIntent | undefined> {
    const intended = [...sends].filter(([work]) => isToSend(work));
    if (intended.length === 0) return undefined;
    const lanes = lanesOf(intended.map(([work]) => work)).map(fenceOf);
    const members = intended.map(([work, attemptId]) => ({
      laneId: work.owned.laneId,
      position: work.position,
      attemptId,
      attempt: work.attempt,
      idempotency: work.owned.route.settings.idempotency,
    }));
    if (!steps.shell.commitsIntentFirst) {
      // The mutation: bytes leave while the intent is still to be committed.
      const early = {
        id: -1,
        remaining: members.length,
        ...chosenOf(batch),
      };
      for (const [work, attemptId] of intended) events.send(work, attemptId, early);
      for (const [work] of intended) sends.delete(work);
      batch.sends = batch.sends.filter((work) => sends.has(work));
    }
    const id = yield* ledger.call(tx, () => statements.writeIntent(tx, lanes, members));
    return {
      id,
      remaining: members.length,
      ...chosenOf(batch),
    };
  }

  const turnOf = (work: Work) => steps.effectStep(work.effect, { type: 'begin' }, rulesOf(work), 0).action.type;
  const isToSend = (work: Work): boolean => work.row.plan.notNeeded !== true && turnOf(work) === 'send';

  function afterCommit(
    batch: Batch,
    overtaken: ReadonlySet<Work>,
    sends: ReadonlyMap<Work, number>,
    intent: OpenIntent | undefined,
  ): void {
    const counted = batch.decisions.filter((one) => !overtaken.has(one.work));
    for (const decision of counted) if (decision.intent !== undefined) decision.intent.remaining--;
    for (const work of batch.sends) if (overtaken.has(work)) notCalled(work);
    const handled = batch.flows.flatMap((flow) => flow.works).filter((work) => !overtaken.has(work));
    const behind = batch.decisions
      .filter((one) => one.superseded?.place === 'behind' && overtaken.has(one.work))
      .map((one) => one.work);
    const rest = overtaken.difference(new Set(behind));
    events.committed({ decisions: counted, handled, parked: batch.parks, overtaken: rest, behind });
    for (const [work, attemptId] of sends) {
      if (work.row.plan.notNeeded) aside(work, 'discarded');
      else if (turnOf(work) === 'look-up') events.lookUp(work, attemptId, batch);
      else if (turnOf(work) === 'settle') aside(work, 'outcome_unknown');
      else if (intent !== undefined) events.send(work, attemptId, intent);
    }
  }

  /** Nothing to send, or nothing that may be sent without a person. */
  function aside(work: Work, to: 'discarded' | 'outcome_unknown'): void {
    if (to === 'discarded') notCalled(work);
    else work.owned.route.inFlight--;
    decide({ work, to, outcome: { kind: 'unknown', detail: to }, effect: work.effect });
  }

  function decide(decision: Decision): void {
    decisions.push(decision);
    kick();
  }

  return {
    decide,
    kick,
    park(works) {
      parks.push(...works);
      kick();
    },
    loops: [loop(0, collectOutcomes), loop(1, collectSends)],
    get idle() {
      return !busy[0] && !busy[1] && decisions.length === 0 && parks.length === 0;
    },
  };
}
