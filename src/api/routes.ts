import type { Route } from './define-route.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { budgetRoutes } from './routes/budgets.ts';
import { destinationRoutes } from './routes/destinations.ts';
import { doorRoutes } from './routes/doors.ts';
import { exceptionActionRoutes } from './routes/exception-actions.ts';
import { exceptionRoutes } from './routes/exceptions.ts';
import { identityRoutes } from './routes/identity.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { importRoutes } from './routes/import.ts';
import { intakeRoutes } from './routes/intake.ts';
import { labelRoutes } from './routes/labels.ts';
import { masterDataRoutes } from './routes/master-data.ts';
import { messageRoutes } from './routes/messages.ts';
import { orderHoldRoutes } from './routes/order-holds.ts';
import { orderRoutes } from './routes/orders.ts';
import { overviewRoutes } from './routes/overview.ts';
import { partnerRoutes } from './routes/partners.ts';
import { retentionRoutes } from './routes/retention.ts';
import { reconciliationRoutes } from './routes/reconciliation.ts';
import { replayRoutes } from './routes/replays.ts';
import { savedViewRoutes } from './routes/saved-views.ts';
import { shipmentRoutes } from './routes/shipments.ts';
import { stockRoutes } from './routes/stock.ts';
import { webhookSecretRoutes } from './routes/webhook-secrets.ts';

/** Every route of the API, in the order of its documentation. A new one is a declaration and a line in its list. */
export const routes: readonly Route[] = [
  ...overviewRoutes,
  ...orderRoutes,
  ...orderHoldRoutes,
  ...importRoutes,
  ...stockRoutes,
  ...shipmentRoutes,
  ...labelRoutes,
  ...exceptionRoutes,
  ...exceptionActionRoutes,
  ...savedViewRoutes,
  ...messageRoutes,
  ...deliveryRoutes,
  ...replayRoutes,
  ...reconciliationRoutes,
  ...retentionRoutes,
  ...destinationRoutes,
  ...budgetRoutes,
  ...intakeRoutes,
  ...doorRoutes,
  ...masterDataRoutes,
  ...partnerRoutes,
  ...webhookSecretRoutes,
  ...identityRoutes,
  ...apiKeyRoutes,
];
