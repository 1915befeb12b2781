/** What is done about problems and shown to people: timelines, the control tower, search, impact. */
export { type AtRisk, type ControlTower, controlTower } from './control-tower.ts';
export { exceptionImpact, type Impact } from './exception-impact.ts';
export { findStuckOrders, type StuckOrder } from './find-stuck-orders.ts';
export { type ChecklistStep, firstRunChecklist } from './first-run-checklist.ts';
export type { OperationsServices } from './operations-services.ts';
export { type OrderTimeline, orderTimeline, type TimelineEntry, type TimelineLane } from './order-timeline.ts';
export { type SearchHit, searchEverything } from './search-everything.ts';
