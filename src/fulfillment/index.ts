/** Fulfilment orders (one release to one site), shipments, packages and their SSCCs. */
export {
  createFulfillmentOrders,
  dropReleaseLines,
  findFulfillments,
  listFulfillmentOrders,
  loadFulfillmentOrders,
  loadFulfillmentRecords,
  readFulfillmentNumbers,
  type ProgressChange,
  recordProgress,
  recordReleaseOutcome,
  rejectReleased,
  routeAgain,
  withdrawProgress,
} from './fulfillment-orders.ts';
export type * from './fulfillment-types.ts';
export { type Gs1Barcode, ssccBarcode, ssccPng } from './labels/gs1-barcode.ts';
export { drawPackingSlip } from './labels/packing-slip.ts';
export { drawShippingLabels, labelledPackage, type LabelOrder } from './labels/shipping-labels.ts';
export { markOrphans, type ParkedKind, type ParkedReport, parkReports, takeParkedReports } from './parked-reports.ts';
export { fulfillmentStatus, mergeProgress, progressOf } from './progress.ts';
export {
  claimNotifications,
  type Labels,
  moveLabelState,
  recordErpShipments,
  recordLabels,
} from './record-labels.ts';
export { type Packed, recordPacked } from './record-packed.ts';
export { recordShipped, type Shipped, type ShippedDelta, voidShipments } from './record-shipped.ts';
export { recordTracking, type Tracked } from './record-tracking.ts';
export {
  findTrackedOrders,
  listShipments,
  loadShipments,
  readShipmentNumbers,
  readShipments,
  type ShipmentFilter,
  type TrackedOrder,
} from './shipments.ts';
export { allocateSsccs, skipSsccs, ssccOf } from './sscc.ts';
export { findTraceProblems, forgetSerials, recordSerials, type TraceProblem } from './trace-goods.ts';
