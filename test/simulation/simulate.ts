import { laneOfKey } from '../../src/queue/hash-key.ts';
import { ceilingOf } from '../../src/queue/step/budget-step.ts';
import { type Checker, type Violation, createChecker } from './checker.ts';
import { isSettled } from './checker-end.ts';
import { type AttemptRecord, type Ledger, createLedger, isFinal, stateNow } from './ledger.ts';
import { type Peer, createPeer } from './peer.ts';
import { createDoor } from './door.ts';
import { createPerson, waitsForPerson } from './person.ts';
import { type Dials, type Plan, type PlannedDelivery, noDials } from './plan.ts';
import { randomStream } from './random.ts';
import { type Actor, type Scheduler, createScheduler } from './scheduler.ts';
import { createStatements } from './statements.ts';
import { type Steps, productSteps } from './steps.ts';
import { submit } from './submit.ts';
import { type ModelWorker, startWorker } from './worker.ts';
import { quotaPeriodMs } from './worker-budget.ts';
import type { TimelineEntry, World } from './world.ts';

export interface FinalRow {
  readonly name: string;
  readonly position: number;
  readonly state: string;
}

export interface SimulationResult {
  readonly plan: Plan;
  readonly violations: readonly Violation[];
  /** How often each invariant was judged, and what went wrong, by kind. */
  readonly judged: Readonly<Record<number, number>>;
  readonly faults: ReadonlyMap<string, number>;
  readonly deliveries: number;
  readonly requests: number;
  readonly steps: number;
  readonly simulatedMs: number;
  /** From the end of all faults until nothing was left that the hub can do by itself, and until all was drained. */
  readonly settledAfterMs: number;
  readonly drainedAfterMs: number;
  readonly attempts: readonly AttemptRecord[];
  readonly timeline: readonly TimelineEntry[];
  /** The ledger's deliveries in the end, by position. */
  readonly rows: readonly FinalRow[];
}

/**
 * The stated bound of liveness: this long after the last fault everything is done that needs no person, wherever nothing
 * is in the way that is meant to be: a maintenance window (a minute here), the wait for another delivery (looked at every
 * 15 seconds at last), a budget or a drain (three calls for each delivery, as fast as it allows).
 */
export const livenessBoundMs = 40_000;
/** And with people at their desks, who look four times a second, this long after that all is drained. */
export const drainBoundMs = 120_000;

/** One run: faults and work, then no more faults, then people work off what needs them. */
export function simulate(plan: Plan, steps: Steps = productSteps, tell?: (line: string) => void): SimulationResult {
  const run = createRun(plan, steps, tell);
  const { world, checker, scheduler } = run;
  run.scheduleEverything();
  // In slices, so that a run that has failed ends at once.
  for (let atMs = 0; atMs < plan.safetyMs && checker.violations.length === 0; atMs += 500) scheduler.runUntil(atMs);
  run.endFaults();
  const extraMs = meantWaitMs(plan);
  const settledAfterMs = runUntil(run, run.needsNobody, livenessBoundMs + extraMs);
  if (settledAfterMs === undefined) reportStuck(run);
  scheduler.spawn(run.person.actor, run.person.workOff());
  const drainedAfterMs = runUntil(run, run.isDrained, drainBoundMs + extraMs * 2);
  const meant = plan.submissions.filter((submission) => !submission.rollsBack).map(({ id }) => id);
  if (checker.violations.length === 0) checker.finish(run.expected(), meant);
  const { tables } = world.ledger;
  return {
    plan,
    violations: checker.violations,
    judged: checker.judged,
    faults: world.faults,
    deliveries: tables.deliveries.size,
    requests: [...world.peers.values()].reduce((sum, peer) => sum + peer.requests, 0),
    steps: scheduler.steps,
    simulatedMs: scheduler.nowMs,
    settledAfterMs: settledAfterMs ?? Number.POSITIVE_INFINITY,
    drainedAfterMs: drainedAfterMs ?? Number.POSITIVE_INFINITY,
    attempts: tables.attempts,
    timeline: world.timeline,
    rows: [...tables.deliveries.values()]
      .toSorted((a, b) => a.position - b.position)
      .map((row) => ({ name: row.plan.name, position: row.position, state: stateNow(tables, row) })),
  };
}

/** What the plan itself makes deliveries wait for, at most. */
function meantWaitMs({ destinations, submissions, workers }: Plan): number {
  const deliveries = submissions.flatMap((submission) => submission.deliveries);
  const windowMs = destinations.some((destination) => destination.windows.length > 0) ? 60_000 : 0;
  const parentsMs = deliveries.filter((delivery) => delivery.after !== undefined).length * 15_000;
  const slowMs = destinations.map(({ name, budget = {}, drain }) => {
    const calls = deliveries.filter((one) => one.destination === name || one.follows?.destination === name).length * 3;
    const quotaMs = budget.quota === undefined ? 0 : (calls / ceilingOf(budget, 0)) * quotaPeriodMs;
    // Each worker has its share of a drain's rate, and one of them may have all the lanes.
    const drainMs = drain?.perSecond === undefined ? 0 : (calls * 1_000 * workers) / drain.perSecond;
    return Math.max(quotaMs, drainMs, budget.rate === undefined ? 0 : (calls * 1_000) / budget.rate.calls);
  });
  return windowMs + Math.min(parentsMs, 60_000) + Math.max(0, ...slowMs);
}

type Run = ReturnType<typeof createRun>;

/** @returns how long it took; undefined when the bound was passed or something is already wrong */
function runUntil(run: Run, condition: () => boolean, boundMs: number): number | undefined {
  const { scheduler, checker } = run;
  const startMs = scheduler.nowMs;
  while (!condition()) {
    if (checker.violations.length > 0 || scheduler.nowMs - startMs > boundMs) return undefined;
    scheduler.runUntil(scheduler.nowMs + 250);
  }
  return scheduler.nowMs - startMs;
}

/** What is open although the bound has passed: held up by another key's blocked head, or just so. */
function reportStuck({ world, checker, waitsBehindPerson }: Run): void {
  if (checker.violations.length > 0) return;
  const { tables } = world.ledger;
  for (const row of tables.deliveries.values()) {
    if (isFinal(stateNow(tables, row)) || waitsBehindPerson(row.position)) continue;
    const rows = tables.lanes.get(row.laneId)?.rows ?? [];
    const blockedKeys = rows.filter((other) => other.key !== row.key && waitsForPerson(world, other));
    const breaker = tables.breakers.get(row.plan.destination)?.state.phase ?? 'closed';
    const where = `${row.plan.name} (${row.plan.destination}/${row.key}, lane ${row.laneId}, breaker ${breaker})`;
    const message = `${where} is still ${stateNow(tables, row)}`;
    checker.violate(blockedKeys.length > 0 ? 13 : 11, message);
  }
}

function createRun(plan: Plan, steps: Steps, tell?: (line: string) => void) {
  const scheduler = createScheduler();
  const started = { faultsOn: true };
  const faults = new Map<string, number>();
  const wentWrong = (what: string): void => void faults.set(what, (faults.get(what) ?? 0) + 1);
  const dials = (): Dials => (started.faultsOn ? plan.dials : noDials);
  const ledger: Ledger = createLedger({
    scheduler,
    random: randomStream(plan.seed, 'ledger'),
    weather: dials,
    wentWrong,
    committed: (tx) => {
      checker.committed(tx);
      if (tx.intends) crew.intended(tx.actor);
    },
  });
  const destinations = new Map(plan.destinations.map((destination) => [destination.name, destination]));
  const peers = new Map<string, Peer>();
  const checker: Checker = createChecker({
    ledger,
    destinations,
    peer: (name) => peers.get(name),
    nowMs: () => scheduler.nowMs,
    tell,
  });
  for (const destination of plan.destinations) {
    if (destination.isFlow) continue;
    const happened = (delivery: PlannedDelivery): void => checker.happened(destination.name, delivery.name);
    peers.set(destination.name, createPeer(destination, { seed: plan.seed, scheduler, dials, happened, wentWrong }));
  }
  const laneIds = makeLanes(ledger, plan);
  const world: World = {
    plan,
    steps,
    scheduler,
    ledger,
    statements: createStatements(ledger, () => scheduler.nowMs, steps.shell.fencesWrites),
    checker,
    peers,
    destinations,
    dials,
    laneOf: (destination, key) => {
      const lanes = laneIds.get(destination) ?? [];
      return lanes[laneOfKey(key, lanes.length)]!;
    },
    firstLaneOf: (destination) => laneIds.get(destination)?.[0] ?? 0,
    door: createDoor(() => world, randomStream(plan.seed, 'door')),
    faults,
    failedSettlements: new Set(),
    budgets: new Map(),
    timeline: [],
  };
  const crew = createCrew(world);
  const person = createPerson(world, () => crew.some()?.changed());
  return {
    world,
    checker,
    scheduler,
    person,
    ...judges(world),
    scheduleEverything() {
      scheduler.spawn(world.door.actor, world.door.run());
      scheduleEverything(world, scheduler, crew, person);
    },
    endFaults() {
      started.faultsOn = false;
      for (const peer of peers.values()) peer.downUntilMs = 0;
      crew.everybodyBack();
    },
  };
}

function makeLanes(ledger: Ledger, plan: Plan): Map<string, number[]> {
  const laneIds = new Map<string, number[]>();
  let laneId = 0;
  for (const { name, lanes } of plan.destinations) {
    const ids = Array.from({ length: lanes }, () => ++laneId);
    laneIds.set(name, ids);
    for (const id of ids) {
      ledger.tables.lanes.set(id, { laneId: id, destination: name, epoch: 0, cursor: 0, rows: [] });
    }
  }
  return laneIds;
}

/** What is left to do, and for whom. */
function judges(world: World) {
  const { tables } = world.ledger;
  const isOpen = (position: number): boolean => {
    const row = tables.deliveries.get(position);
    return row !== undefined && !isFinal(stateNow(tables, row));
  };
  /** One of its key up to it waits for a person, or for another delivery that does; or its destination does. */
  const waitsBehindPerson = (position: number): boolean => {
    const row = tables.deliveries.get(position)!;
    const { destination } = row.plan;
    if (tables.breakers.get(destination)?.state.held || tables.pauses.get(destination)?.isPaused) return true;
    return (tables.lanes.get(row.laneId)?.rows ?? []).some((other) => {
      if (other.key !== row.key || other.position > position) return false;
      if (waitsForPerson(world, other)) return true;
      // Parents have lower positions: this comes to an end.
      const { after } = other;
      return after !== undefined && isOpen(other.position) && isOpen(after) && waitsBehindPerson(after);
    });
  };
  return {
    waitsBehindPerson,
    needsNobody: (): boolean =>
      [...tables.deliveries.values()].every((row) => isFinal(stateNow(tables, row)) || waitsBehindPerson(row.position)),
    isDrained: (): boolean =>
      world.door.clients === 0 &&
      tables.parked.size === 0 &&
      [...tables.intents.values()].every((intent) => isSettled(tables, intent)) &&
      [...tables.deliveries.values()].every((row) => isFinal(stateNow(tables, row))),
    /** Everything that was committed, and what flows have written since. */
    expected(): ReadonlySet<string> {
      const names = new Set<string>();
      const add = (delivery: PlannedDelivery): void => {
        names.add(delivery.name);
        if (delivery.follows !== undefined && tables.flowEffects.includes(delivery.name)) add(delivery.follows);
      };
      for (const { id, deliveries } of world.plan.submissions) if (tables.submissions.has(id)) deliveries.forEach(add);
      return names;
    },
  };
}

/** The workers, each life of them. */
function createCrew(world: World) {
  const { plan, scheduler, ledger } = world;
  const random = randomStream(plan.seed, 'crew');
  const pollMs = random.pick([100, 250, 1_000]);
  const lives = Array.from({ length: plan.workers }, () => 0);
  const workers: ModelWorker[] = [];
  const traps = new Map<number, () => void>();
  const start = (index: number): void => {
    if (workers[index]?.actor.alive) return;
    workers[index] = startWorker(world, `w${index}`, (lives[index] = (lives[index] ?? 0) + 1), pollMs);
  };
  lives.forEach((_, index) => scheduler.after(index === 0 ? 0 : random.between(0, 3_000), () => start(index)));
  return {
    start,
    of: (index: number): ModelWorker | undefined => workers[index],
    some: (): ModelWorker | undefined => {
      const awake = workers.filter((worker) => worker?.actor.alive);
      return awake.length === 0 || random.chance(0.5) ? undefined : random.pick(awake);
    },
    /** Does this to the worker when it next commits an intent. */
    arm(index: number, trap: () => void): void {
      traps.set(index, trap);
    },
    intended(actor: Actor): void {
      const index = workers.findIndex((worker) => worker?.actor === actor);
      const trap = traps.get(index);
      traps.delete(index);
      trap?.();
    },
    crash(index: number): void {
      const worker = workers[index];
      if (worker === undefined || !worker.actor.alive) return;
      worker.actor.alive = false;
      ledger.disconnect(worker.actor, 'killed');
    },
    freeze(index: number, forMs: number): void {
      const actor = workers[index]?.actor;
      if (actor === undefined || !actor.alive) return;
      actor.frozenUntilMs = scheduler.nowMs + forMs;
      // The database ends transactions that have stood still for too long.
      scheduler.after(1_000, () => {
        if (actor.frozenUntilMs > scheduler.nowMs) ledger.disconnect(actor, 'idle');
      });
    },
    everybodyBack(): void {
      traps.clear();
      workers.forEach((worker) => (worker.actor.frozenUntilMs = Math.min(worker.actor.frozenUntilMs, scheduler.nowMs)));
      lives.forEach((_, index) => start(index));
    },
  };
}

function scheduleEverything(
  world: World,
  scheduler: Scheduler,
  crew: ReturnType<typeof createCrew>,
  person: ReturnType<typeof createPerson>,
): void {
  const { plan } = world;
  const client: Actor = { name: 'client', alive: true, frozenUntilMs: 0 };
  for (const submission of plan.submissions) {
    const hand = (times: string): void => {
      const random = randomStream(plan.seed, `submission ${submission.id} ${times}`);
      const worker = crew.some();
      const task = submit(world, client, random, submission, (lanes, at) => worker?.enqueued(lanes, at));
      scheduler.spawn(client, task);
    };
    scheduler.after(submission.atMs, () => hand('once'));
    if (submission.repeated) scheduler.after(submission.atMs + 30, () => hand('again'));
  }
  for (const act of plan.acts) scheduler.after(act.atMs, () => scheduler.spawn(person.actor, person.perform(act)));
  for (const fault of plan.faults) scheduler.after(fault.atMs, () => happen(world, crew, fault));
}

function happen(world: World, crew: ReturnType<typeof createCrew>, fault: Plan['faults'][number]): void {
  const { scheduler, faults } = world;
  faults.set(fault.kind, (faults.get(fault.kind) ?? 0) + 1);
  switch (fault.kind) {
    case 'crash':
      crew.crash(fault.worker);
      scheduler.after(fault.downMs, () => crew.start(fault.worker));
      break;
    case 'crash at intent':
      crew.arm(fault.worker, () => {
        crew.crash(fault.worker);
        scheduler.after(fault.downMs, () => crew.start(fault.worker));
      });
      break;
    case 'freeze at intent':
      crew.arm(fault.worker, () => crew.freeze(fault.worker, fault.forMs));
      break;
    case 'stop': {
      const worker = crew.of(fault.worker);
      const gone = (): void => scheduler.after(fault.downMs, () => crew.start(fault.worker));
      if (worker !== undefined) scheduler.spawn(worker.actor, worker.stop(gone));
      break;
    }
    case 'freeze':
      crew.freeze(fault.worker, fault.forMs);
      break;
    case 'outage': {
      const peer = world.peers.get(fault.destination);
      if (peer !== undefined) peer.downUntilMs = scheduler.nowMs + fault.forMs;
      break;
    }
  }
}
