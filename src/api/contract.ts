/**
 * The contract between the API and its TypeScript clients: the console imports types from here and nothing else.
 * `ApiRoutes` names every JSON route with what it takes and gives; a test compares it with the registered routes.
 *
 * Conventions: money in integer minor units beside its currency, quantities as exact decimal strings, instants in
 * RFC 3339 UTC. Lists answer `{data, nextCursor?}` and take `limit` and `after`. POSTs marked `idempotent` need an
 * `Idempotency-Key` header. Routes marked `ifMatch` need `If-Match: "<version>"` (428 without, 412 when stale). With the
 * session cookie every request other than GET sends `X-CSRF-Token` (from Me). Every answer carries `traceparent`.
 * Errors are RFC 9457 problems (`Problem`).
 */
import type {
  Customer,
  ExpectedSupply,
  Invoice,
  Item,
  Location,
  PriceRule,
  Shipment,
  StockChange,
  StockPolicy,
  StockSnapshot,
  Supplier,
} from '../model/index.ts';
import type { Budget, PutBudgetBody } from './schemas/budgets.ts';
import type { Page } from './schemas/conventions.ts';
import type {
  ConnectionBody,
  ConnectionView,
  DryRunQuery,
  ListConfigurationQuery,
  RotatedWebhookSecret,
  Versioned,
} from './schemas/configuration.ts';
import type {
  ActionResult,
  ActionResults,
  ActOnExceptionBody,
  ActOnExceptionsBody,
  Assignee,
  ExceptionDetail,
  ExceptionView,
  ListExceptionsQuery,
} from './schemas/exceptions.ts';
import type {
  ApiKey,
  AuditEntry,
  AuditVerification,
  CreateApiKeyBody,
  CreatedApiKey,
  CreateUserBody,
  ListAuditQuery,
  Me,
  RoleList,
  LimitApiKeyBody,
  RotateApiKeyBody,
  SignInBody,
  UpdateUserBody,
  User,
} from './schemas/identity.ts';
import type {
  CancelOrderBody,
  CreateCommentBody,
  CreateOrderBody,
  HoldOrderBody,
  HoldResult,
  ImportReport,
  ListOrdersQuery,
  OrderComment,
  OrderSummary,
  OrderView,
  ReleaseOrderHoldBody,
  Timeline,
} from './schemas/orders.ts';
import type { IntakeView, PutIntakeBody } from './schemas/intake.ts';
import type { Checklist, ControlTower, SearchResult } from './schemas/overview.ts';
import type {
  CheckReconciliationQuery,
  EndReconciliationBody,
  ReconciliationPage,
  ReconciliationState,
} from './schemas/reconciliation.ts';
import type { LegalHold, PlaceHoldBody, RetentionPartition, RetentionSettings } from './schemas/retention.ts';
import type {
  GetReplayQuery,
  ListReplaysQuery,
  PlanReplayBody,
  Replay,
  ReplayDetail,
  ReplaySettings,
  ResubmitBody,
  ResubmittedMessage,
  RunReplayBody,
} from './schemas/replays.ts';
import type { SavedView, SaveViewBody } from './schemas/saved-views.ts';
import type { VoidResult, VoidShipmentBody } from './schemas/shipments.ts';
import type {
  Availability,
  AvailabilityQuery,
  InventoryRow,
  ListInventoryQuery,
  Reservation,
  ReservationBody,
  StockMovements,
} from './schemas/stock.ts';
import type {
  AcceptedMessage,
  DeliveryDetail,
  DeliverySummary,
  ListDeliveriesQuery,
  ListMessagesQuery,
  MessageDetail,
  MessageSummary,
  ReasonBody,
  ResolveUnknownBody,
} from './schemas/traffic.ts';
import type { Destination, UpdateDestinationBody } from './schemas/destinations.ts';

export type { FulfillmentOrder, Milestone, OrderStatus, SalesOrderLine, ShipmentPackage } from '../model/index.ts';
export type { Page, Problem } from './schemas/conventions.ts';
export type * from './schemas/budgets.ts';
export type * from './schemas/configuration.ts';
export type * from './schemas/destinations.ts';
export type * from './schemas/exceptions.ts';
export type * from './schemas/identity.ts';
export type * from './schemas/orders.ts';
export type * from './schemas/saved-views.ts';
export type * from './schemas/intake.ts';
export type * from './schemas/overview.ts';
export type * from './schemas/reconciliation.ts';
export type * from './schemas/replays.ts';
export type * from './schemas/retention.ts';
export type * from './schemas/shipments.ts';
export type * from './schemas/stock.ts';
export type * from './schemas/traffic.ts';
export type {
  Customer,
  ExpectedSupply,
  Invoice,
  Item,
  Location,
  PriceRule,
  Shipment,
  StockChange,
  StockPolicy,
  StockSnapshot,
  Supplier,
};

interface PutConfiguration<T, View = T> {
  query: DryRunQuery;
  body: T;
  response: View;
  ifMatch: true;
}

/** Method and path → what the route takes and gives. Path parameters are written {so}. */
export interface ApiRoutes {
  // Who am I
  'POST /v1/session': { body: SignInBody; response: Me };
  'DELETE /v1/session': { response: undefined };
  'GET /v1/me': { response: Me };

  // Overview
  'GET /v1/control-tower': { response: ControlTower };
  'GET /v1/search': { query: { q: string; limit?: number }; response: SearchResult };
  'GET /v1/checklist': { response: Checklist };
  /** Server-sent events: `data:` is a StreamedEvent; resumes after `Last-Event-ID`. */
  'GET /v1/events': { query: { types?: string; orderId?: string; recent?: number }; response: 'text/event-stream' };

  // Orders
  'POST /v1/orders': { body: CreateOrderBody; response: OrderView; idempotent: true };
  'GET /v1/orders': { query: ListOrdersQuery; response: Page<OrderSummary> };
  'GET /v1/orders/{id}': { response: OrderView };
  'POST /v1/orders/{id}/cancel': { body: CancelOrderBody; response: OrderView; idempotent: true };
  'POST /v1/orders/{id}/hold': { body: HoldOrderBody; response: HoldResult; ifMatch: true };
  'POST /v1/orders/{id}/release-hold': { body: ReleaseOrderHoldBody; response: HoldResult; ifMatch: true };
  'POST /v1/orders/{id}/comments': { body: CreateCommentBody; response: OrderComment; idempotent: true };
  'GET /v1/orders/{id}/timeline': { response: Timeline };
  'GET /v1/orders/{id}/shipments': { response: Page<Shipment> };
  'GET /v1/orders/{id}/invoices': { response: Page<Invoice> };
  /** Body text/csv. */
  'POST /v1/orders/import': { body: string; response: ImportReport; idempotent: true };
  'GET /v1/orders/import/template.csv': { response: 'text/csv' };

  // Stock
  'GET /v1/availability': { query: AvailabilityQuery; response: Availability };
  'GET /v1/inventory': { query: ListInventoryQuery; response: Page<InventoryRow> };
  'POST /v1/stock-movements': { body: StockChange; response: StockMovements; idempotent: true };
  'POST /v1/reservations': { body: ReservationBody; response: Reservation; idempotent: true };
  'GET /v1/reservations/{id}': { response: Reservation };
  'DELETE /v1/reservations/{id}': { response: undefined };

  // Shipments and invoices
  'GET /v1/shipments/{id}': { response: Shipment };
  'POST /v1/shipments/{id}/void': { body: VoidShipmentBody; response: VoidResult; ifMatch: true };
  'GET /v1/shipments/{id}/labels.pdf': { response: 'application/pdf' };
  'GET /v1/shipments/{id}/labels/{packageNo}.png': { response: 'image/png' };
  'GET /v1/shipments/{id}/packing-slip.pdf': { response: 'application/pdf' };
  'GET /v1/invoices/{id}': { response: Invoice };

  // Exceptions
  'GET /v1/exceptions': { query: ListExceptionsQuery; response: Page<ExceptionView> };
  'GET /v1/exceptions/{id}': { response: ExceptionDetail };
  'POST /v1/exceptions/{id}/actions': { body: ActOnExceptionBody; response: ActionResult; ifMatch: true };
  'POST /v1/exceptions/actions': { body: ActOnExceptionsBody; response: ActionResults };
  'GET /v1/saved-views': { response: Page<SavedView> };
  'POST /v1/saved-views': { body: SaveViewBody; response: SavedView; idempotent: true };
  'DELETE /v1/saved-views/{id}': { response: undefined };
  'GET /v1/assignees': { response: Page<Assignee> };

  // Traffic
  'GET /v1/messages': { query: ListMessagesQuery; response: Page<MessageSummary> };
  'GET /v1/messages/{id}': { response: MessageDetail };
  'GET /v1/messages/{id}/raw': { response: 'application/octet-stream' };
  /** An edited copy of what came in, as a message of its own. */
  'POST /v1/messages/{id}/resubmit': { body: ResubmitBody; response: ResubmittedMessage; idempotent: true };
  'GET /v1/deliveries': { query: ListDeliveriesQuery; response: Page<DeliverySummary> };
  'GET /v1/deliveries/{id}': { response: DeliveryDetail };
  'POST /v1/deliveries/{id}/replay': { body: ReasonBody; response: DeliverySummary };
  'POST /v1/deliveries/{id}/discard': { body: ReasonBody; response: DeliverySummary };
  'POST /v1/deliveries/{id}/release': { body: ReasonBody; response: DeliverySummary };
  'POST /v1/deliveries/{id}/resolve': { body: ResolveUnknownBody; response: DeliverySummary };
  'POST /v1/replays': { body: PlanReplayBody; response: Replay; idempotent: true };
  'GET /v1/replays': { query: ListReplaysQuery; response: Page<Replay> };
  /** With a page of its deliveries. */
  'GET /v1/replays/{id}': { query: GetReplayQuery; response: ReplayDetail };
  'POST /v1/replays/{id}/approve': { body: ReasonBody; response: Replay };
  'POST /v1/replays/{id}/run': { body: RunReplayBody; response: Replay };
  'POST /v1/replays/{id}/cancel': { body: ReasonBody; response: Replay };
  'GET /v1/replay-settings': { response: ReplaySettings };
  'PUT /v1/replay-settings': { body: ReplaySettings; response: ReplaySettings; ifMatch: true };
  'GET /v1/reconciliation': { response: ReconciliationState };
  'POST /v1/reconciliation/check': {
    query: CheckReconciliationQuery;
    body: Record<string, never>;
    response: ReconciliationPage;
  };
  'POST /v1/reconciliation/end': { body: EndReconciliationBody; response: { resumed: string[] } };
  'GET /v1/destinations': { response: Page<Destination> };
  'GET /v1/destinations/{name}': { response: Destination };
  'PATCH /v1/destinations/{name}': { body: UpdateDestinationBody; response: Destination; ifMatch: true };
  'GET /v1/intake': { response: IntakeView };
  'PUT /v1/intake': { query: DryRunQuery; body: PutIntakeBody; response: IntakeView; ifMatch: true };
  'GET /v1/budgets': { response: Page<Budget> };
  'GET /v1/destinations/{name}/budget': { response: Budget };
  'PUT /v1/destinations/{name}/budget': { body: PutBudgetBody; response: Budget; ifMatch: true };
  'POST /v1/destinations/{name}/pause': { body: ReasonBody; response: Destination };
  'POST /v1/destinations/{name}/resume': { body: ReasonBody; response: Destination };
  'POST /v1/destinations/{name}/breaker/hold-open': { body: ReasonBody; response: Destination };
  'POST /v1/destinations/{name}/breaker/reset': { body: ReasonBody; response: Destination };

  // Doors
  /** Raw EDI. */
  'POST /v1/edi/inbound': { body: string; response: AcceptedMessage };
  /** Signed by Standard Webhooks; raw JSON of the outside system. */
  'POST /v1/webhooks/{connectionId}': { body: unknown; response: AcceptedMessage };

  // Configuration
  'GET /v1/customers': { query: ListConfigurationQuery; response: Page<Versioned<Customer>> };
  'GET /v1/customers/{accountNo}': { response: Customer };
  'PUT /v1/customers/{accountNo}': PutConfiguration<Customer>;
  'GET /v1/suppliers': { query: ListConfigurationQuery; response: Page<Versioned<Supplier>> };
  'GET /v1/suppliers/{accountNo}': { response: Supplier };
  'PUT /v1/suppliers/{accountNo}': PutConfiguration<Supplier>;
  'GET /v1/items': { query: ListConfigurationQuery; response: Page<Versioned<Item>> };
  'GET /v1/items/{sku}': { response: Item };
  'PUT /v1/items/{sku}': PutConfiguration<Item>;
  'GET /v1/locations': { query: ListConfigurationQuery; response: Page<Versioned<Location>> };
  'GET /v1/locations/{code}': { response: Location };
  'PUT /v1/locations/{code}': PutConfiguration<Location>;
  'GET /v1/prices': { query: ListConfigurationQuery; response: Page<Versioned<PriceRule>> };
  'GET /v1/prices/{id}': { response: PriceRule };
  'PUT /v1/prices/{id}': PutConfiguration<PriceRule>;
  'GET /v1/stock-policies': { query: ListConfigurationQuery; response: Page<Versioned<StockPolicy>> };
  /** The key is the sku with its location and channel; `-` where there is none. */
  'GET /v1/stock-policies/{sku}/{location}/{channel}': { response: StockPolicy };
  'PUT /v1/stock-policies/{sku}/{location}/{channel}': PutConfiguration<StockPolicy>;
  /** Ordered by `asOfSeq`: items with a newer snapshot are answered under `stale`. No If-Match. */
  'PUT /v1/stock-snapshots/{location}': {
    query: DryRunQuery;
    body: StockSnapshot;
    response: { location: string; asOfSeq: number; applied: string[]; stale: string[]; increased: string[] };
  };
  'GET /v1/expected-supply': { query: ListConfigurationQuery; response: Page<Versioned<ExpectedSupply>> };
  'GET /v1/expected-supply/{poNo}/{sku}/{location}': { response: ExpectedSupply };
  'PUT /v1/expected-supply/{poNo}/{sku}/{location}': PutConfiguration<ExpectedSupply>;
  'GET /v1/agreements': { query: ListConfigurationQuery; response: Page<Versioned<Record<string, unknown>>> };
  'GET /v1/agreements/{id}': { response: Record<string, unknown> };
  'PUT /v1/agreements/{id}': PutConfiguration<Record<string, unknown>>;
  'GET /v1/connections': { query: ListConfigurationQuery; response: Page<Versioned<ConnectionView>> };
  'GET /v1/connections/{id}': { response: ConnectionView };
  'POST /v1/connections/{id}/webhook-secret': { body: ReasonBody; response: RotatedWebhookSecret };
  'POST /v1/connections/{id}/webhook-secret/retire': { body: ReasonBody; response: ConnectionView };
  'PUT /v1/connections/{id}': PutConfiguration<ConnectionBody, ConnectionView>;
  'GET /v1/cross-references': { query: ListConfigurationQuery; response: Page<Versioned<Record<string, unknown>>> };
  'GET /v1/cross-references/{id}': { response: Record<string, unknown> };
  'PUT /v1/cross-references/{id}': PutConfiguration<Record<string, unknown>>;

  // Retention
  'GET /v1/retention': { response: RetentionSettings };
  'PUT /v1/retention': { body: RetentionSettings; response: RetentionSettings; ifMatch: true };
  'GET /v1/retention/partitions': { response: { data: RetentionPartition[] } };
  'GET /v1/legal-holds': { query: { standing?: boolean }; response: Page<LegalHold> };
  'POST /v1/legal-holds': { body: PlaceHoldBody; response: LegalHold; idempotent: true };
  'POST /v1/legal-holds/{id}/release': { body: ReasonBody; response: LegalHold };

  // Administration
  'GET /v1/users': { query: { limit?: number; after?: string }; response: Page<Versioned<User>> };
  'POST /v1/users': { body: CreateUserBody; response: User; idempotent: true };
  'PUT /v1/users/{id}': { body: UpdateUserBody; response: User; ifMatch: true };
  'GET /v1/api-keys': { query: { limit?: number; after?: string }; response: Page<ApiKey> };
  'POST /v1/api-keys': { body: CreateApiKeyBody; response: CreatedApiKey };
  'POST /v1/api-keys/{id}/limit': { body: LimitApiKeyBody; response: ApiKey };
  'POST /v1/api-keys/{id}/rotate': { body: RotateApiKeyBody; response: CreatedApiKey };
  'DELETE /v1/api-keys/{id}': { response: undefined };
  'GET /v1/roles': { response: RoleList };
  'GET /v1/audit/verification': { response: AuditVerification };
  'GET /v1/audit': { query: ListAuditQuery; response: Page<AuditEntry> };
}
