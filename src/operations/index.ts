/** What is done about problems and shown to people: timelines, the control tower, search, impact. */
export { type AtRisk, type ControlTower, controlTower } from './control-tower.ts';
export { exceptionImpact, type Impact } from './exception-impact.ts';
export { findStuckOrders, type StuckOrder } from './find-stuck-orders.ts';
export { type ChecklistStep, firstRunChecklist } from './first-run-checklist.ts';
export { nameSubjects, type Subject } from './name-subjects.ts';
export type { OperationsServices } from './operations-services.ts';
export { type OrderTimeline, orderTimeline, type TimelineEntry, type TimelineLane } from './order-timeline.ts';
export { type SearchHit, searchEverything } from './search-everything.ts';
export {
  type OperationsSettings,
  readSetting,
  type ReplaySettings,
  type RetentionSettings,
  writeSetting,
} from './operations-settings.ts';
export { planReplay, type PlanRequest, type ReplayServices } from './plan-replay.ts';
export type { Difference, DifferenceLine } from './replay-difference.ts';
export {
  getPlan,
  listItems,
  listPlans,
  progressOf,
  queuedDeliveryIds,
  type ReplayItem,
  type ReplayItemState,
  type ReplayPlan,
  type ReplayPreview,
  type ReplayProgress,
  type ReplayQuery,
  type ReplayState,
} from './replay-plan.ts';
export { approveReplay, cancelReplay, type ReplayRunner, startReplay, workReplays } from './run-replays.ts';
export {
  beginReconciliation,
  checkUnsettled,
  countReconciling,
  endReconciliation,
  type Finding,
  judge,
  openReconciliation,
  type Reconciled,
  type Reconciliation,
  type ReconcileServices,
} from './reconciliation.ts';
export { describeMessage, describeOperation } from './timeline-words.ts';
export { type HoldSubject, type LegalHold, listHolds, placeHold, releaseHold } from './legal-holds.ts';
export { type LedgerPartition, listPartitions, reasonsToKeep } from './retention-partitions.ts';
export {
  type ExportManifest,
  type JudgedPartition,
  type RetentionOptions,
  retentionPlan,
  runRetention,
  type Verdict,
} from './retention-run.ts';
