/** Flows: when this happens, do that. Business and traffic meet here and nowhere else. */
import { acknowledgeOrder } from './acknowledge-order.ts';
import type { Flow } from './flow.ts';
import { matchAcknowledgments } from './match-acknowledgments.ts';
import { reportDeliveryTrouble } from './report-delivery-trouble.ts';
import { sendInvoice } from './send-invoice.ts';
import { sendShipNotice } from './send-ship-notice.ts';
import { translateMessage } from './translate-message.ts';

export {
  defineFlow,
  type ConnectionRole,
  type Flow,
  type FlowInput,
  flowDestination,
  type Hub,
  type Settlement,
} from './flow.ts';

export { reportFlowFailures } from './report-delivery-trouble.ts';
export { applyStockMovements, applyStockSnapshots, type StockCause } from './apply-stock.ts';
export { cancelOrder, type CancelRequest } from './cancel-order.ts';
export { chaseObligations } from './chase-obligations.ts';
export { type ResumeRequest, resumeForAgreement, resumeMessages } from './resume-messages.ts';
export * from './submit-order.ts';

/** Every flow of the hub, explicitly; a test fails when a flow's file is missing here. */
export const flows: readonly Flow[] = [
  acknowledgeOrder,
  matchAcknowledgments,
  reportDeliveryTrouble,
  sendInvoice,
  sendShipNotice,
  translateMessage,
];
