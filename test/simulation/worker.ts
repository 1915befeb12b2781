import { closedBreaker, verdictOf, verdictOfLookup } from '../../src/queue/step/breaker-step.ts';
import { createReadyQueue } from '../../src/queue/engine/ready-queue.ts';
import type { EffectInput } from '../../src/queue/step/effect-step.ts';
import type { LaneInput } from '../../src/queue/step/lane-step.ts';
import { LedgerError } from './ledger.ts';
import { type PlannedDestination, clockSkewMaxMs } from './plan.ts';
import { randomStream } from './random.ts';
import type { Actor, Task } from './scheduler.ts';
import { rulesOf } from './worker-batch.ts';
import { createBreakers } from './worker-breaker.ts';
import { endDrains, tookOver } from './worker-gate.ts';
import { type ClaimedLane, type LookAround, createKeeper } from './worker-keeper.ts';
import { createReader } from './worker-reader.ts';
import { createModelBudgets } from './worker-budget.ts';
import { type Writer, type WriterEvents, createWriter } from './worker-writer.ts';
import {
  type Chosen,
  type OpenIntent,
  type Owned,
  type Route,
  type Work,
  type WorkerState,
  type World,
  chosenOf,
  limits,
  wallDate,
} from './world.ts';

export interface ModelWorker {
  readonly actor: Actor;
  readonly name: string;
  enqueued(laneIds: ReadonlySet<number>, position: number): void;
  changed(): void;
  /** Drains and hands its lanes back; then it is gone. */
  stop(gone: () => void): Task;
}

interface Call {
  readonly work: Work;
  readonly startedMs: number;
  readonly isLookup: boolean;
  /** It is under way no more, as far as the outside is concerned. */
  back(): void;
  end(input: EffectInput): void;
}

function* lookIn(reader: { lookForDue(): void }, ms: number): Task {
  yield ms;
  reader.lookForDue();
}

function newRoute(worker: WorkerState, settings: PlannedDestination): Route {
  return {
    name: settings.name,
    isFlow: settings.isFlow,
    settings,
    window: worker.world.steps.windowStatus(settings.windows, wallDate(worker)),
    ready: createReadyQueue((work) => work.row.plan.priority),
    inFlight: 0,
    breaker: closedBreaker,
    breakerVersion: 0,
    unsaved: false,
    asking: false,
    nextCheckMs: 0,
    wasBack: false,
    drain: undefined,
  };
}

function newWorkerState(world: World, name: string, life: number): WorkerState {
  const actor: Actor = { name: `${name}.${life}`, alive: true, frozenUntilMs: 0 };
  const random = randomStream(world.plan.seed, `worker ${actor.name}`);
  return {
    actor,
    name,
    random,
    world,
    skewMs: random.chance(0.3) ? random.between(-clockSkewMaxMs, clockSkewMaxMs) : 0,
    lanes: new Map(),
    routes: new Map(),
    worked: new Map(),
    held: 0,
    stopping: false,
    lookedMs: Number.NEGATIVE_INFINITY,
    settingsMs: Number.NEGATIVE_INFINITY,
    paused: new Set(),
    workers: 1,
    wake: () => {},
    leaseUntilMs: Number.NEGATIVE_INFINITY,
  };
}

/** One worker process: the shell around the pure steps, as the product's engine is, over the model of the ledger. */
export function startWorker(world: World, name: string, life: number, pollMs: number): ModelWorker {
  const worker = newWorkerState(world, name, life);
  const { actor, random } = worker;
  const { scheduler, steps, ledger, checker } = world;
  const { lanes } = worker;
  const ticks = scheduler.createSignal();
  const calls = new Set<Call>();
  const who = { by: worker.name, life: actor.name };
  let [takeOwn, lastPosition, settingsRead] = [true, 0, 0];

  const keeper = createKeeper(worker, routeOf, startOver);
  const reader = createReader(worker, apply);
  const breakers = createBreakers(worker, () => {
    writer.kick();
    reader.lookForDue();
  });
  const budgets = createModelBudgets(
    worker,
    () => [...world.destinations.keys()].map(routeOf),
    () => writer.kick(),
  );
  const events: WriterEvents = {
    committed({ decisions, handled, parked, overtaken, behind }) {
      for (const { work, to, dueInMs, superseded } of decisions) {
        if (superseded?.place === 'behind') {
          apply(work.owned, { type: 'superseded', rows: [work] });
          continue;
        }
        const final = to === 'delivered' || to === 'discarded';
        apply(work.owned, final ? { type: 'finished', rows: [work] } : { type: 'blocked', row: work });
        if (dueInMs !== undefined) scheduler.spawn(actor, lookIn(reader, dueInMs));
      }
      for (const work of handled) apply(work.owned, { type: 'finished', rows: [work] });
      for (const work of overtaken) {
        apply(work.owned, { type: 'blocked', row: work });
        apply(work.owned, { type: 'due', key: work.key });
      }
      for (const work of behind) {
        apply(work.owned, { type: 'superseded', rows: [work] });
        apply(work.owned, { type: 'due', key: work.key });
      }
      for (const [owned, rows] of Map.groupBy(parked, (work) => work.owned)) apply(owned, { type: 'parked', rows });
      reader.kick();
    },
    send,
    lookUp,
    lanesLost(lost) {
      for (const owned of lost) drop(owned);
      ticks.fire();
    },
    ledgerUncertain() {
      startOver();
      ticks.fire();
    },
  };
  const writer: Writer = createWriter(worker, events, budgets);

  function startOver(): void {
    for (const owned of lanes.values()) drop(owned);
    takeOwn = true;
    if (!keeper.leaseHolds()) budgets.lapsed();
  }

  function routeOf(destination: string): Route {
    let route = worker.routes.get(destination);
    if (route === undefined) {
      const settings = world.destinations.get(destination)!;
      route = newRoute(worker, settings);
      worker.routes.set(destination, route);
      breakers.begin(route);
    }
    return route;
  }

  function apply(owned: Owned, input: LaneInput<Work>): void {
    if (owned.lost) return;
    const decided = input.type === 'finished' ? input.rows : input.type === 'blocked' ? [input.row] : [];
    for (const row of decided) if (row.parked) worker.worked.delete(row.position);
    const before = owned.lane.held;
    const { actions } = steps.laneStep(owned.lane, input);
    worker.held += owned.lane.held - before;
    for (const work of actions.ready) {
      owned.route.ready.push(work);
      if (work.parked) worker.worked.set(work.position, owned);
    }
    if (actions.park.length > 0) writer.park(actions.park);
    if (actions.ready.length > 0) writer.kick();
    for (const key of actions.load) reader.load(owned, key);
  }

  function drop(owned: Owned | undefined): void {
    if (owned !== undefined) owned.lost = true;
    if (owned === undefined || lanes.get(owned.laneId) !== owned) return;
    worker.held -= owned.lane.held;
    lanes.delete(owned.laneId);
    for (const [position, of] of worker.worked) if (of === owned) worker.worked.delete(position);
  }

  function startCall(work: Work, attemptId: number, isCalled: boolean, chosen: Chosen, intent?: OpenIntent): Call {
    const isProbe = work.owned.route.breaker.phase !== 'closed';
    const { name } = work.owned.route;
    const call: Call = {
      back: isCalled
        ? checker.calls(name, { stamp: budgets.stampOf(work), actor, worker: worker.name, chosen, isProbe })
        : () => {},
      work,
      startedMs: scheduler.nowMs,
      isLookup: intent === undefined,
      end(input) {
        call.back();
        if (!calls.delete(call)) return;
        const { route } = work.owned;
        route.inFlight--;
        if (input.type === 'outcome') breakers.heard(route, verdictOf(input.outcome));
        if (input.type === 'lookup') breakers.heard(route, verdictOfLookup(input.result));
        const rules = { ...rulesOf(work), isProbe };
        const { state: effect, action } = steps.effectStep(work.effect, input, rules, random.next());
        if (action.type !== 'settle') throw new Error(`an answer cannot lead to ${action.type}`);
        const answer = input.type === 'outcome' ? input.outcome : input.type === 'lookup' ? input.result : undefined;
        const attempt = {
          id: attemptId,
          position: work.position,
          attempt: work.attempt,
          kind: intent === undefined ? ('lookup' as const) : ('send' as const),
          state: answer?.kind ?? '',
          origin: 'call' as const,
          answer,
        };
        const { to, outcome, dueInMs } = action;
        writer.decide({ work, to, outcome, effect, attempt, intent, dueInMs, wasSent: true });
      },
    };
    calls.add(call);
    return call;
  }

  /** An answer reaches a process that may be stopped or dead by then. */
  const arrive = (fn: () => void): void => {
    scheduler.spawn(
      actor,
      (function* (): Task {
        yield 0;
        fn();
      })(),
    );
  };

  function send(work: Work, attemptId: number, intent: OpenIntent): void {
    const isTooLate = steps.shell.checksLeaseBeforeSend && (work.owned.lost || !keeper.leaseHolds());
    const call = startCall(work, attemptId, !isTooLate, intent, intent);
    if (isTooLate) {
      call.end({ type: 'outcome', outcome: { kind: 'retryable', sent: false, detail: 'The lease had run out' } });
      return;
    }
    const isProbe = work.owned.route.breaker.phase !== 'closed';
    checker.sends(work.row, work.owned.epoch, { ...who, ...chosenOf(intent), isProbe });
    world.peers.get(work.owned.route.name)?.send(work.row.plan, (outcome) => {
      call.back();
      checker.answered(work.row, outcome);
      arrive(() => call.end({ type: 'outcome', outcome }));
    });
  }

  function lookUp(work: Work, attemptId: number, chosen: Chosen): void {
    const isTooLate = steps.shell.checksLeaseBeforeSend && (work.owned.lost || !keeper.leaseHolds());
    const call = startCall(work, attemptId, !isTooLate, chosen);
    if (isTooLate) {
      call.end({ type: 'lookup', result: { kind: 'unavailable', detail: 'The lease had run out' } });
      return;
    }
    checker.looksUp(work.row, { ...who, ...chosenOf(chosen), isProbe: false });
    world.peers.get(work.owned.route.name)?.lookUp(work.row.plan, (result) => {
      call.back();
      checker.lookedUp(work.row, result);
      arrive(() => call.end({ type: 'lookup', result }));
    });
  }

  function expire(): void {
    for (const call of calls) {
      if (scheduler.nowMs - call.startedMs < limits.sendTimeoutMs) continue;
      call.end(
        call.isLookup
          ? { type: 'lookup', result: { kind: 'unavailable', detail: 'no answer', reason: 'timeout' } }
          : { type: 'outcome', outcome: { kind: 'unknown', detail: 'no answer', reason: 'timeout' } },
      );
    }
  }

  function* look(): Task {
    const around = yield* keeper.look();
    if (worker.stopping) return;
    breakers.take(around.breakers, around.readMs);
    worker.workers = Math.max(1, around.workers);
    checker.gates.sees(actor.name, worker.workers);
    yield* readSettings(around);
    for (const owned of [...lanes.values()]) if (owned.lost) drop(owned);
    if (around.held !== lanes.size || takeOwn) {
      for (const laneId of yield* keeper.lost(lanes.values())) drop(lanes.get(laneId));
    }
    const missing = around.held - lanes.size;
    takeOwn &&= missing > 0;
    const share = Math.ceil(around.lanes / Math.max(1, around.workers));
    if (takeOwn || (around.free > 0 && lanes.size < share)) {
      yield* takeLanes(Math.max(takeOwn ? missing : 0, share - lanes.size));
    } else if (lanes.size > share) {
      yield* handOver(lanes.size - share);
    }
    if (around.position > lastPosition) {
      lastPosition = around.position;
      reader.expect(lanes.keys(), around.position);
    }
    if (around.due) reader.lookForDue();
    expire();
    budgets.tend();
    yield* breakers.tend();
    endDrains(worker);
    reader.kick();
    yield* keeper.saveCursors(lanes.values());
    writer.kick();
  }

  /** Read anew when somebody has set something. */
  function* readSettings({ settings, readMs }: LookAround): Task {
    if (settings === settingsRead) {
      worker.settingsMs = readMs;
    } else if (settingsRead === 0 || steps.shell.readsSettingsAgain) {
      const { paused, readMs: atMs } = yield* keeper.loadSettings();
      worker.paused = paused;
      worker.settingsMs = atMs;
      settingsRead = settings;
    }
  }

  function* takeLanes(max: number): Task {
    const claimed: ClaimedLane[] = yield* keeper.claim(max, takeOwn, new Set(lanes.keys()));
    if (claimed.length === 0) return;
    if (steps.shell.waitsForOlderTransactions) yield* reader.afterRunning();
    for (const owned of yield* keeper.open(claimed)) {
      drop(lanes.get(owned.laneId));
      owned.dirtyTo = reader.highestPosition;
      lanes.set(owned.laneId, owned);
      // What a former holder had freed of a key and not worked off waits for nothing: nobody else would look for it.
      for (const key of [...owned.lane.chains.keys()]) apply(owned, { type: 'due', key });
      tookOver(worker, owned.route);
    }
    reader.lookForDue();
  }

  function* handOver(count: number): Task {
    const quiet = [...lanes.values()].filter((owned) => owned.lane.held === 0).slice(0, count);
    yield* keeper.saveCursors(quiet);
    yield* keeper.handBack(quiet, false);
    for (const owned of quiet) drop(owned);
  }

  function* tick(): Task {
    for (;;) {
      ticks.reset();
      try {
        yield* look();
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        takeOwn = true;
      }
      if (worker.stopping) return;
      scheduler.after(pollMs, () => ticks.fire());
      yield ticks;
    }
  }

  function* stop(gone: () => void): Task {
    worker.stopping = true;
    while (calls.size > 0 || !writer.idle || !reader.idle) {
      expire();
      yield 20;
    }
    try {
      yield* budgets.stop();
      yield* keeper.saveCursors(lanes.values());
      yield* keeper.handBack(lanes.values(), true);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
    }
    actor.alive = false;
    ledger.disconnect(actor, 'killed');
    gone();
  }

  scheduler.spawn(actor, reader.run());
  for (const loop of writer.loops) scheduler.spawn(actor, loop);
  scheduler.spawn(actor, tick());
  return {
    actor,
    name,
    enqueued(laneIds, position) {
      if (!actor.alive || worker.stopping) return;
      for (const laneId of laneIds) if (!lanes.has(laneId)) ticks.fire();
      reader.expect(laneIds, position);
    },
    changed: () => ticks.fire(),
    stop,
  };
}
