import type {
  BreakerSettings,
  BudgetSettings,
  DrainSettings,
  IdempotencyClass,
  IntakeLimits,
  MaintenanceWindow,
  RetrySchedule,
} from '../../src/queue/index.ts';
import {
  askHealth,
  boundCalls,
  doorsOf,
  drainSlowly,
  followParents,
  holdBreakers,
  markSuperseding,
  pauseDestinations,
} from './plan-extras.ts';
import { type Random, randomStream } from './random.ts';

/** Everything that is going to happen from outside, by seed. A plan is data, so that a failing one can be made smaller. */
export interface Plan {
  readonly seed: number;
  readonly destinations: readonly PlannedDestination[];
  readonly workers: number;
  readonly submissions: readonly Submission[];
  readonly faults: readonly Fault[];
  readonly acts: readonly Act[];
  readonly dials: Dials;
  /** How long faults go on. */
  readonly safetyMs: number;
  /** How much may be open before nothing new is taken in; undefined: any number. */
  readonly doors?: IntakeLimits;
}

export interface PlannedDestination {
  readonly name: string;
  readonly isFlow: boolean;
  readonly idempotency: IdempotencyClass;
  readonly lanes: number;
  readonly concurrency: number;
  readonly windows: readonly MaintenanceWindow[];
  readonly retry: RetrySchedule;
  readonly breaker: BreakerSettings;
  /** What it may be asked by all workers together. */
  readonly budget?: BudgetSettings;
  /** How fast a backlog goes out after a window or an open breaker. */
  readonly drain?: DrainSettings;
  /** It says itself how it is, so that its breaker is probed by that. */
  readonly hasHealth?: boolean;
}

/** One business transaction: deliveries of some keys, committed late, early or never. */
export interface Submission {
  readonly id: number;
  readonly atMs: number;
  readonly deliveries: readonly PlannedDelivery[];
  /** Between the positions and the commit. */
  readonly holdMs: number;
  /** The transaction id is taken by an earlier write, before the keys are locked. */
  readonly writesBefore: boolean;
  readonly rollsBack: boolean;
  /** The same, handed in once more by a client that did not wait for the answer. */
  readonly repeated: boolean;
}

export interface PlannedDelivery {
  /** Unique in the plan; part of the natural key. */
  readonly name: string;
  readonly destination: string;
  readonly key: string;
  readonly priority: number;
  /** Always refused by the peer, or by the flow. */
  readonly poison?: 'business' | 'schema';
  /** The peer already has something else under this natural key. */
  readonly foreign?: boolean;
  /** Failures of the hub's own handling (preparing; a flow's transaction) before it works. */
  readonly ownFailures: number;
  /** Nothing to send, as preparing it finds out. */
  readonly notNeeded?: boolean;
  /** Only the newest of its key counts: it may give way to a newer one of this kind that was not sent either. */
  readonly supersedes?: boolean;
  /** Not before this one is through: of another key, and written before it. */
  readonly after?: string;
  /** What a flow writes when it has handled this. */
  readonly follows?: PlannedDelivery;
}

export type Fault =
  | { readonly kind: 'crash' | 'stop'; readonly atMs: number; readonly worker: number; readonly downMs: number }
  | { readonly kind: 'freeze'; readonly atMs: number; readonly worker: number; readonly forMs: number }
  /** At the very moment when the next intent of the worker is committed, before it hears of that. */
  | { readonly kind: 'crash at intent'; readonly atMs: number; readonly worker: number; readonly downMs: number }
  | { readonly kind: 'freeze at intent'; readonly atMs: number; readonly worker: number; readonly forMs: number }
  | { readonly kind: 'outage'; readonly atMs: number; readonly destination: string; readonly forMs: number };

/** Something a person does to a parked delivery, a breaker or a destination, chosen among those there are. */
export interface Act {
  readonly atMs: number;
  readonly kind:
    | 'discard'
    | 'release'
    | 'replay'
    | 'resolve'
    | 'hold breaker'
    | 'probe soon'
    | 'reset breaker'
    | 'pause'
    | 'resume';
  readonly choice: number;
}

/** How often what goes wrong; each seed has its own mixture. */
export interface Dials {
  readonly unreachable: number;
  readonly throttled: number;
  readonly lostReply: number;
  readonly lateCommit: number;
  readonly unsureError: number;
  readonly unknownError: number;
  readonly noAnswer: number;
  readonly duplicated: number;
  readonly refused: number;
  readonly lookupUnavailable: number;
  readonly settledFails: number;
  readonly brokenStatement: number;
  readonly brokenCommit: number;
  readonly slowStatement: number;
}

export const noDials: Dials = {
  unreachable: 0,
  throttled: 0,
  lostReply: 0,
  lateCommit: 0,
  unsureError: 0,
  unknownError: 0,
  noAnswer: 0,
  duplicated: 0,
  refused: 0,
  lookupUnavailable: 0,
  settledFails: 0,
  brokenStatement: 0,
  brokenCommit: 0,
  slowStatement: 0,
};

export const retry: RetrySchedule = { baseMs: 100, factor: 2, maxMs: 3_000, maxAttempts: 5 };
/** Quick, so that it opens and closes often within a run. */
const breaker: BreakerSettings = {
  consecutiveFailures: 4,
  failureRate: 0.6,
  minimumCalls: 10,
  windowMs: 5_000,
  probeAfterMs: 200,
  probeFactor: 2,
  probeMaxMs: 1_500,
  alarmAfterMs: 60_000,
};
/** A backlog goes out at once. */
export const noDrain: DrainSettings = { rampSeconds: 0 };
/** One that never opens. */
export const noBreaker: BreakerSettings = { ...breaker, consecutiveFailures: 1e6, minimumCalls: 1e6 };
export const settleMs = 2_000;
/** How long after its last byte a request may still be carried out, and until a look-up can see it. */
export const serverMaxMs = settleMs * 0.9;
/** How far workers' clocks are off at most; the settle time has to allow for twice that. */
export const clockSkewMaxMs = settleMs * 0.04;
export const leaseMs = 1_500;

/** Windows as a maintenance calendar has them: simulated time begins on a minute. */
const windows: readonly MaintenanceWindow[] = [{ cron: '*/2 * * * *', zone: 'America/Chicago', durationMinutes: 1 }];

export function makePlan(seed: number): Plan {
  const random = randomStream(seed, 'plan');
  const safetyMs = random.pick([8_000, 15_000, 30_000, 70_000]);
  const destinations = makeDestinations(random, randomStream(seed, 'breakers'), safetyMs);
  const workers = 1 + random.below(3);
  const submissions = makeSubmissions(random, destinations, safetyMs);
  const doors = doorsOf(seed);
  return {
    seed,
    destinations: drainSlowly(seed, askHealth(seed, boundCalls(seed, destinations))),
    workers,
    submissions: followParents(seed, markSuperseding(seed, submissions)),
    faults: makeFaults(random, destinations, workers, safetyMs),
    acts: [...makeActs(random, safetyMs), ...holdBreakers(seed, safetyMs), ...pauseDestinations(seed, safetyMs)],
    dials: makeDials(random),
    safetyMs,
    ...(doors === undefined ? {} : { doors }),
  };
}

function makeDestinations(random: Random, breakers: Random, safetyMs: number): PlannedDestination[] {
  const classes: IdempotencyClass[] = ['A', 'B', 'C', 'D'];
  const make = (name: string, idempotency: IdempotencyClass): PlannedDestination => ({
    name,
    isFlow: name.startsWith('flow.'),
    idempotency,
    lanes: 1 + random.below(3),
    concurrency: random.pick([1, 2, 5, 16]),
    windows: safetyMs >= 70_000 && random.chance(0.7) ? windows : [],
    retry,
    breaker: breakers.chance(0.7) ? { ...breaker, consecutiveFailures: breakers.pick([2, 4, 8]) } : noBreaker,
  });
  const outside = random.chance(0.5) ? [random.pick(classes)] : [random.pick(classes), random.pick(classes)];
  const made = outside.map((idempotency, index) => make(`peer-${index}-${idempotency.toLowerCase()}`, idempotency));
  if (random.chance(0.5)) made.push(make('flow.react', 'A'));
  return made;
}

function makeSubmissions(random: Random, destinations: readonly PlannedDestination[], safetyMs: number): Submission[] {
  const keys = 2 + random.below(9);
  const poisonRate = random.pick([0, 0, 0.03, 0.1]);
  const failureRate = random.pick([0, 0, 0.1]);
  const rollbackRate = random.pick([0, 0.1, 0.3]);
  const longHold = random.chance(0.4);
  const outside = destinations.filter((destination) => !destination.isFlow);
  let made = 0;
  const makeDelivery = (destination: PlannedDestination, key: string): PlannedDelivery => ({
    name: `n${made++}`,
    destination: destination.name,
    key,
    priority: random.chance(0.2) ? random.below(3) : 0,
    poison: random.chance(poisonRate) ? random.pick(['business', 'schema'] as const) : undefined,
    foreign: destination.idempotency === 'C' && random.chance(0.01),
    ownFailures: random.chance(failureRate) ? 1 + random.below(7) : 0,
    notNeeded: random.chance(0.02),
    follows: destination.isFlow && random.chance(0.7) ? makeDelivery(random.pick(outside), key) : undefined,
  });
  return Array.from({ length: 6 + random.below(35) }, (_, id) => {
    const deliveries = Array.from({ length: random.chance(0.1) ? 8 : 1 + random.below(3) }, () =>
      makeDelivery(random.pick(destinations), `k${random.below(keys)}`),
    );
    return {
      id,
      atMs: random.next() ** 2 * safetyMs * 0.9,
      deliveries,
      holdMs: longHold && random.chance(0.3) ? random.between(50, 3_000) : random.between(0, 5),
      writesBefore: random.chance(0.5),
      rollsBack: random.chance(rollbackRate),
      repeated: random.chance(0.1),
    };
  });
}

function makeFaults(
  random: Random,
  destinations: readonly PlannedDestination[],
  workers: number,
  safetyMs: number,
): Fault[] {
  const faults: Fault[] = [];
  const some = (max: number, make: (atMs: number) => Fault): void => {
    if (random.chance(0.4)) return;
    for (let i = random.below(max + 1); i > 0; i--) faults.push(make(random.next() * safetyMs * 0.95));
  };
  const worker = (): number => random.below(workers);
  some(4, (atMs) => ({ kind: 'crash', atMs, worker: worker(), downMs: random.pick([20, 300, 4_000]) }));
  some(2, (atMs) => ({ kind: 'stop', atMs, worker: worker(), downMs: random.pick([20, 300, 4_000]) }));
  some(4, (atMs) => ({
    kind: 'freeze',
    atMs,
    worker: worker(),
    forMs: random.pick([100, leaseMs * 1.1, leaseMs * 1.5, leaseMs * 4]),
  }));
  const longFreeze = (): number => random.pick([leaseMs * 1.1, leaseMs * 1.5, leaseMs * 4]);
  some(2, (atMs) => ({ kind: 'crash at intent', atMs, worker: worker(), downMs: random.pick([20, 4_000]) }));
  some(2, (atMs) => ({ kind: 'freeze at intent', atMs, worker: worker(), forMs: longFreeze() }));
  some(2, (atMs) => ({
    kind: 'outage',
    atMs,
    destination: random.pick(destinations).name,
    forMs: random.between(200, 6_000),
  }));
  return faults;
}

function makeActs(random: Random, safetyMs: number): Act[] {
  if (random.chance(0.3)) return [];
  return Array.from({ length: random.below(25) }, () => ({
    atMs: random.next() * safetyMs,
    kind: random.pick(['discard', 'release', 'replay', 'replay', 'resolve'] as const),
    choice: random.next(),
  }));
}

function makeDials(random: Random): Dials {
  const rate = (high: number): number => (random.chance(0.5) ? 0 : random.next() ** 2 * high);
  return {
    ...noDials,
    unreachable: rate(0.5),
    throttled: rate(0.3),
    lostReply: rate(0.4),
    lateCommit: rate(0.4),
    unsureError: rate(0.4),
    unknownError: rate(0.4),
    noAnswer: rate(0.1),
    duplicated: rate(0.3),
    refused: rate(0.2),
    lookupUnavailable: rate(0.5),
    settledFails: rate(0.05),
    brokenStatement: rate(0.02),
    brokenCommit: rate(0.05),
    slowStatement: rate(0.1),
  };
}
