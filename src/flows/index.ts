/** Flows: when this happens, do that. Business and traffic meet here and nowhere else. */
import type { Flow } from './flow.ts';
import { reportDeliveryTrouble } from './report-delivery-trouble.ts';

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
export * from './submit-order.ts';

/** Every flow of the hub, explicitly; a test fails when a flow's file is missing here. */
export const flows: readonly Flow[] = [reportDeliveryTrouble];
