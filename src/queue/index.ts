/** Lanes: every event or command for a destination, delivered in order per key, with retries, holds and replay. */
export {
  type Connection,
  type ConnectionRole,
  type Connections,
  type NewConnection,
  type SecretBox,
  createConnections,
} from './connections.ts';
export type { Budget, BudgetSettings, Quota, QuotaForecast, RateLimit, Reserve } from './budget.ts';
export type { Budgets } from './budgets.ts';
export {
  type BreakerChange,
  type Deliverer,
  type DeliveryPayload,
  type DeliveryRow,
  type DeliveryState,
  type EntityKind,
  type FailureReason,
  type FoundOutside,
  type FlowRunner,
  type HealthAnswer,
  type IdempotencyClass,
  type LookupResult,
  type NewDelivery,
  type Outcome,
  type Prepared,
  type Settled,
  failureReasons,
} from './delivery.ts';
export type {
  Backlog,
  BreakerSettings,
  Destination,
  DestinationCondition,
  DestinationPatch,
  DrainSettings,
  HealthSettings,
  MaintenanceWindow,
  NewDestination,
  RetryByReason,
  RetrySchedule,
} from './destination.ts';
export { type GroupCommit, type GroupCommitOptions, createGroupCommit } from './group-commit.ts';
export type {
  AttemptView,
  ByHand,
  Deliveries,
  DeliveryDetail,
  DeliveryFilter,
  DeliveryView,
  Destinations,
  Queue,
  QueueOptions,
  QueueStats,
} from './queue.ts';
export { markOf } from './sql/mark-of.ts';
export { retryAfterMsOf } from './step/wait.ts';
export { type MarkReading, type ReadMarks, markStep, noMarks } from './step/read-mark.ts';
export { type Enqueuer, createEnqueuer } from './enqueuer.ts';
export { type IntakeBound, mostOpen, readIntakeBound, writeIntakeBound } from './intake-bounds.ts';
export { type IntakeGate, createIntakeGate } from './intake-gate.ts';
export type { IntakeLimits } from './step/intake-step.ts';
export { findUnconfirmed, type Unconfirmed } from './sql/unconfirmed.ts';
export { behindCursor, oldestWaiting } from './sql/waiting-in-lane.ts';
export { quotaWords } from './step/forecast-step.ts';
export { createQueue } from './create-queue.ts';
export { maintainPartitions } from './maintain-partitions.ts';
export {
  countStates,
  findReplayable,
  type Rendering,
  replayAs,
  type Replayable,
  type ReplayObstacle,
  type ReplaySelection,
  statesOf,
} from './find-replayable.ts';
export { doubtUnsent, findUnsettled, pauseConnections, type Unsettled } from './doubt-deliveries.ts';
