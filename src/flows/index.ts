/** Flows: when this happens, do that. Business and traffic meet here and nowhere else. */
import { acknowledgeOrder } from './acknowledge-order.ts';
import { cancelOrderFlow } from './cancel-order.ts';
import { fillBackorders } from './fill-backorders.ts';
import type { Flow } from './flow.ts';
import { labelShipment } from './label-shipment.ts';
import { matchAcknowledgments } from './match-acknowledgments.ts';
import { notifyShipment } from './notify-shipment.ts';
import { processOrder } from './process-order.ts';
import { publishAvailability } from './publish-availability.ts';
import { recheckHolds } from './recheck-holds.ts';
import { releaseOrder } from './release-order.ts';
import { reportDeliveryTrouble } from './report-delivery-trouble.ts';
import { resumeHeld } from './resume-held.ts';
import { sendInvoice } from './send-invoice.ts';
import { sendShipNotice } from './send-ship-notice.ts';
import { translateMessage } from './translate-message.ts';

export {
  defineFlow,
  type Flow,
  type FlowInput,
  flowDestination,
  type Hub,
  type Settlement,
} from './flow.ts';

export { createKnownUp, type KnownUp } from './known-up.ts';
export { closeOpenedBefore, reportFlowFailures } from './report-delivery-trouble.ts';
export { reportBreakerChange, tryAgainSoon, watchBreakers } from './watch-breakers.ts';
export { actOnException, type ExceptionDeed } from './act-on-exception.ts';
export {
  applyStockSnapshots,
  expireStockReservations,
  recheckStock,
  type StockCause,
} from './apply-stock.ts';
export { applyStockChange } from './apply-stock-change.ts';
export { cancelOrder, type CancelRequest } from './cancel-order.ts';
export { raiseExceptions } from './raise-exceptions.ts';
export { holdByHand, releaseByHand } from './hold-by-hand.ts';
export { chaseObligations } from './chase-obligations.ts';
export { type Arrival, createMessageIntake, type MessageIntake, takeMessages } from './message-intake.ts';
export { type ResumeRequest, resumeForAgreement, resumeMessages } from './resume-messages.ts';
export { type Resubmission, resubmitMessage } from './resubmit-message.ts';
export * from './submit-order.ts';
export { releaseWhatWaits } from './release-again.ts';
export { obstacleOf } from './send-releases.ts';
export { voidShipments } from './void-shipment.ts';
export { sweepParked } from './sweep-parked.ts';
export { watchBudgets } from './watch-budgets.ts';
export { watchCancelDates } from './watch-cancel-dates.ts';
export { watchControlNumbers } from './watch-control-numbers.ts';

/** Every flow of the hub, explicitly; a test fails when a flow's file is missing here. */
export const flows: readonly Flow[] = [
  acknowledgeOrder,
  cancelOrderFlow,
  fillBackorders,
  labelShipment,
  matchAcknowledgments,
  notifyShipment,
  processOrder,
  publishAvailability,
  recheckHolds,
  releaseOrder,
  reportDeliveryTrouble,
  resumeHeld,
  sendInvoice,
  sendShipNotice,
  translateMessage,
];
