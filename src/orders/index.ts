/** Sales orders: judging what came in, keeping them, and deriving where they stand. */
export { applyFacts, voidShipments } from './apply-facts.ts';
export {
  addHold,
  cancelQuantity,
  type HoldChange,
  lineOf,
  reconcileHolds,
  refreshOrder,
  removeHold,
  restoreRejected,
  setAllocation,
  setLinePrice,
  waiveHold,
} from './change-order.ts';
export { type CreditAnswer, type CreditQuestion, checkCredit } from './check-credit.ts';
export { checkDocument, checkOrder } from './check-order.ts';
export { comparePrice, contractPrice, describePrice, type PriceContext, type PriceVerdict } from './check-price.ts';
export { creditAccountOf } from './credit-account.ts';
export { isLive, parseOrderNumber, unallocatedQuantity } from './derive-order.ts';
export { newOrders } from './insert-new-orders.ts';
export { judgeSubmission } from './judge-submission.ts';
export {
  countInstances,
  countOrders,
  findCancelDateRisks,
  findIdleOrders,
  findHeldOrders,
  findOrderIds,
  listOrders,
  searchOrders,
  sumOrders,
} from './order-queries.ts';
export { addComment, listComments, type OrderComment } from './order-comments.ts';
export { readOrderNumbers } from './order-documents.ts';
export { listFacts } from './order-facts.ts';
export { insertOrders, loadInitialOrder, loadOrders, lockOrders, saveOrders } from './order-store.ts';
export type * from './orders-types.ts';
export { LINE_HOLD_CODES } from './orders-types.ts';
export { markFactOrphans, type ParkedFacts, parkFacts, takeParkedFacts } from './parked-facts.ts';
export { recordBilling, recordErpOrder } from './record-progress.ts';
export { resolveShipTo } from './resolve-ship-to.ts';
