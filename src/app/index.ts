/** The composition root: a hub of all rooms, in one process. */
export { type RunningHub, startHub } from './start-hub.ts';
export { enterReconciliation } from './enter-reconciliation.ts';
