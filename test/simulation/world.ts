import type { DeliveryState, Outcome } from '../../src/queue/index.ts';
import type { BudgetState } from '../../src/queue/step/budget-step.ts';
import type { DrainState } from '../../src/queue/step/drain-step.ts';
import type { EffectState } from '../../src/queue/step/effect-step.ts';
import type { LaneRow, LaneState } from '../../src/queue/step/lane-step.ts';
import type { BreakerState } from '../../src/queue/step/breaker-step.ts';
import type { WindowStatus } from '../../src/queue/step/window-step.ts';
import type { ReadyQueue } from '../../src/queue/engine/ready-queue.ts';
import type { Checker } from './checker.ts';
import type { Door } from './door.ts';
import type { AttemptRecord, DeliveryRecord, Ledger } from './ledger.ts';
import type { Peer } from './peer.ts';
import type { Dials, Plan, PlannedDelivery, PlannedDestination } from './plan.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import type { Statements } from './statements.ts';
import type { Steps } from './steps.ts';

/** Simulated time 0 as a date; a full minute, and in one of the plan's maintenance windows' gaps or not as it comes. */
export const epochMs = Date.parse('2026-06-01T12:01:00Z');

/** What came from outside, in the order of its commits: what a replay on PostgreSQL repeats. */
export type TimelineEntry =
  | { readonly kind: 'enqueued'; readonly deliveries: readonly PlannedDelivery[] }
  | {
      readonly kind: 'by hand';
      readonly name: string;
      readonly found: DeliveryState;
      readonly act: 'discard' | 'release' | 'replay' | 'confirmed' | 'resend';
      /** Attempts on record by then. */
      readonly attempts: number;
    };

/** Everything there is, in one place and under one seed. */
export interface World {
  readonly plan: Plan;
  readonly steps: Steps;
  readonly scheduler: Scheduler;
  readonly ledger: Ledger;
  readonly statements: Statements;
  readonly checker: Checker;
  readonly peers: ReadonlyMap<string, Peer>;
  readonly destinations: ReadonlyMap<string, PlannedDestination>;
  readonly dials: () => Dials;
  /** The lane of a key. */
  laneOf(destination: string, key: string): number;
  /** Whoever holds it asks the system how it is. */
  firstLaneOf(destination: string): number;
  readonly door: Door;
  /** What went wrong, by kind. */
  readonly faults: Map<string, number>;
  /** The budgets' rows, by destination. */
  readonly budgets: Map<string, BudgetState>;
  readonly timeline: TimelineEntry[];
  /** Settlements that failed once already. */
  readonly failedSettlements: Set<string>;
}

/** Small enough that every limit is met all the time. */
export const limits = {
  rowsPerLane: 6,
  rowsInMemory: 30,
  rowsAlwaysPerLane: 2,
  parkedPerKey: 3,
  decisionsPerTransaction: 20,
  intentsPerTransaction: 10,
  flowDeliveriesPerTransaction: 10,
  sendTimeoutMs: 1_200,
} as const;

export interface Route {
  readonly name: string;
  readonly isFlow: boolean;
  readonly settings: PlannedDestination;
  window: WindowStatus;
  readonly ready: ReadyQueue<Work>;
  inFlight: number;
  breaker: BreakerState;
  breakerVersion: number;
  unsaved: boolean;
  /** The system is being asked how it is, as the probe of its breaker: nothing is sent until it has answered. */
  asking: boolean;
  nextCheckMs: number;
  /** A window or the breaker has kept deliveries back since they last went freely. */
  wasBack: boolean;
  drain: DrainState | undefined;
}

export interface Owned {
  readonly laneId: number;
  readonly epoch: number;
  readonly route: Route;
  readonly lane: LaneState<Work>;
  lost: boolean;
  dirtyTo: number;
  savedCursor: number;
}

export interface Work extends LaneRow {
  readonly owned: Owned;
  readonly row: DeliveryRecord;
  readonly attempt: number;
  readonly effect: EffectState;
  readonly loadedAs: string;
}

/** When a batch was chosen to be sent. */
export interface Chosen {
  /** By the worker's clock. */
  readonly collectedAt: Date;
  /** By the world's. */
  readonly collectedMs: number;
  /** When the worker had last read the breakers of all by then. */
  readonly lookedMs: number;
  /** And what people have set. */
  readonly settingsMs: number;
}

export interface OpenIntent extends Chosen {
  readonly id: number;
  remaining: number;
}

export interface Decision {
  readonly work: Work;
  readonly to: 'delivered' | 'dead' | 'outcome_unknown' | 'held' | 'retry_wait' | 'discarded';
  readonly outcome: Outcome;
  readonly effect: EffectState;
  readonly attempt?: AttemptRecord;
  readonly intent?: OpenIntent;
  readonly dueInMs?: number;
  readonly untold?: boolean;
  /** In place of one that could not be recorded. */
  readonly isFallback?: boolean;
  /** Gives way to the newer one at this position: as the head, or from behind it. */
  readonly superseded?: { readonly by: number; readonly place: 'head' | 'behind' };
  /** It comes from a call to the outside. */
  readonly wasSent?: boolean;
}

/** One worker process, as its parts see it. */
export interface WorkerState {
  readonly actor: Actor;
  readonly name: string;
  readonly random: Random;
  readonly world: World;
  /** How far its wall clock is off. */
  readonly skewMs: number;
  readonly lanes: Map<number, Owned>;
  readonly routes: Map<string, Route>;
  /** Parked deliveries being worked. */
  readonly worked: Map<number, Owned>;
  held: number;
  stopping: boolean;
  /** When it last read what all workers share of the breakers. */
  lookedMs: number;
  /** When it last knew what people have set, and what they have paused. */
  settingsMs: number;
  paused: ReadonlySet<string>;
  /** Workers whose lease holds, this one included, as of the last look. */
  workers: number;
  /** There may be room for more now. */
  wake(): void;
  /** Its own lease, counted from before the statement that renewed it. */
  leaseUntilMs: number;
}

export function wallMs(worker: WorkerState): number {
  return worker.world.scheduler.nowMs + worker.skewMs;
}

export function wallDate(worker: WorkerState): Date {
  return new Date(epochMs + wallMs(worker));
}

export function isInWindow(worker: WorkerState, route: Route): boolean {
  const { window } = route;
  const now = wallDate(worker);
  if (window.until !== undefined && now >= window.until) {
    route.window = worker.world.steps.windowStatus(route.settings.windows, now);
  }
  return route.window.inWindow;
}

export function callsAllowedTo(worker: WorkerState, route: Route): number {
  return worker.world.steps.callsAllowed(route.breaker, worker.name, wallMs(worker));
}

export function fenceOf(owned: Owned): { laneId: number; epoch: number } {
  return { laneId: owned.laneId, epoch: owned.epoch };
}

/** What the worker knows, at the moment when it chooses what goes. */
export function chosenNow(worker: WorkerState): Chosen {
  const { lookedMs, settingsMs } = worker;
  return { collectedAt: wallDate(worker), collectedMs: worker.world.scheduler.nowMs, lookedMs, settingsMs };
}

export function chosenOf({ collectedAt, collectedMs, lookedMs, settingsMs }: Chosen): Chosen {
  return { collectedAt, collectedMs, lookedMs, settingsMs };
}

/** The lanes of works, each once. */
export function lanesOf(works: readonly Work[]): Owned[] {
  return [...new Set(works.map((work) => work.owned))];
}
