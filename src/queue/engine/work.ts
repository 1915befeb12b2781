import type { Clock, Db, Logger } from '../../platform/index.ts';
import type { Deliverer, DeliveryRow, FlowRunner, IdempotencyClass, Outcome, Prepared, Settled } from '../delivery.ts';
import type { Destination } from '../destination.ts';
import type { BreakerState } from '../step/breaker-step.ts';
import type { DrainState } from '../step/drain-step.ts';
import type { EffectState } from '../step/effect-step.ts';
import type { LaneRow, LaneState } from '../step/lane-step.ts';
import type { WindowStatus } from '../step/window-step.ts';
import type { HeldBudget } from './budget-keeper.ts';
import type { RateMeter } from './rate-meter.ts';
import type { ReadyQueue } from './ready-queue.ts';

/** A destination of one tenant, with what is ready to go there. */
export interface Route {
  readonly tenantId: string;
  readonly name: string;
  readonly isFlow: boolean;
  settings: Destination;
  window: WindowStatus;
  readonly ready: ReadyQueue<Work>;
  /** Sends under way, from their collection for an intent on. */
  inFlight: number;
  /** What this worker holds of its budget, where it has one. */
  budget: HeldBudget | undefined;
  breaker: BreakerState;
  /** Version of the breaker's row that the state was made from; 0 when there is none. */
  breakerVersion: number;
  /** The breaker has changed and its row does not say so yet. */
  unsaved: boolean;
  /** The system is being asked how it is, as the probe of its breaker: nothing is sent until it has answered. */
  asking: boolean;
  /** When the system's own health check is due, in monotonic ms. */
  nextCheckMs: number;
  /** A window or the breaker has kept deliveries back since they last went freely. */
  wasBack: boolean;
  /** How the backlog goes out afterwards. */
  drain: DrainState | undefined;
  readonly rate: RateMeter;
}

/** A lane that this worker holds under an epoch. */
export interface OwnedLane {
  readonly laneId: number;
  /** Place among the lanes of its destination, from 0. */
  readonly laneNo: number;
  readonly epoch: number;
  readonly route: Route;
  readonly lane: LaneState<Work>;
  /** True once another worker has it, or it was handed back: nothing of it is written any more. */
  lost: boolean;
  /** There may be unread rows up to here. */
  dirtyTo: number;
  savedCursor: number;
}

/** One delivery on its way through this worker. */
export interface Work extends LaneRow {
  readonly position: number;
  readonly key: string;
  readonly parked: boolean;
  readonly owned: OwnedLane;
  readonly delivery: DeliveryRow;
  readonly effect: EffectState;
  /** State in the side table when it was loaded; `queued` when it did not come from there. */
  readonly loadedAs: 'queued' | 'retry_wait' | 'outcome_unknown';
}

/** What an attempt came to, for the attempt table. */
export interface AttemptRecord {
  readonly id: string;
  readonly kind: 'send' | 'lookup' | 'flow';
  readonly state: string;
  readonly prepared?: Prepared;
  readonly durationMs: number;
  readonly outsideId?: string;
  readonly outcome?: unknown;
}

/** A batch committed as an intent; its row goes when nobody of it is on the way any more. */
export interface OpenIntent {
  readonly id: string;
  remaining: number;
  /** Of these, those that this worker will not decide: their lanes have passed to another, or a person decided them. */
  dropped: number;
}

/** A delivery in a committed intent; an array, because thousands of them a second are written and hardly any is read. */
export type IntentMember = [
  laneId: number,
  epoch: number,
  position: number,
  attemptId: string,
  attempt: number,
  idempotency: IdempotencyClass,
  naturalKey: string,
  hash: string,
  outputMessageId: string | null,
  settleMs: number | null,
];

/** What becomes of a delivery, to be committed. */
export interface Decision {
  readonly work: Work;
  readonly to: Settled['state'] | 'discarded';
  readonly outcome: Outcome;
  readonly effect: EffectState;
  readonly attempt?: AttemptRecord;
  readonly intent?: OpenIntent;
  readonly dueInMs?: number;
  readonly code?: string;
  /** A definite refusal: the next attempt is prepared anew. */
  readonly prepareAnew?: boolean;
  /** Gives way to a newer delivery of its key: as the head, or from behind it. */
  readonly superseded?: 'head' | 'behind';
  /** Recorded without telling the business rooms: telling them is what failed. */
  readonly untold?: boolean;
  /** In place of one that could not be recorded. */
  readonly isFallback?: boolean;
}

export interface EngineOptions {
  readonly engine: Db;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  readonly flows: FlowRunner;
  readonly deliverer: Deliverer;
  readonly leaseMs: number;
  readonly workerId: string;
  readonly pollMs: number;
}

/** Memory is bounded: rows of a lane in memory, and rows of all lanes. */
export const limits = {
  rowsPerLane: 2_500,
  rowsInMemory: 10_000,
  /** What a lane may always hold, however full the memory is of others: nobody is starved by a flood elsewhere. */
  rowsAlwaysPerLane: 50,
  /** Beyond this the lane is not read until some key is free again. */
  blockedKeysPerLane: 20_000,
  /** Parked rows of one key taken at once. */
  parkedPerKey: 50,
  decisionsPerTransaction: 1_000,
  intentsPerTransaction: 1_000,
  flowDeliveriesPerTransaction: 200,
  sendTimeoutMs: 120_000,
} as const;
