import { type Static, Type } from 'typebox';
import {
  Code,
  closed,
  Instant,
  LocalDate,
  MILESTONES,
  Milestone,
  OrderStatus,
  OrderSubmission,
  oneOf,
  SalesOrder,
  Text,
} from '../../model/index.ts';
import { pageQuery } from './conventions.ts';

/** Body of POST /v1/orders: what every door submits. */
export const CreateOrderBody = OrderSubmission;
export type CreateOrderBody = Static<typeof CreateOrderBody>;

export const OrderView = SalesOrder;
export type OrderView = SalesOrder;

/** One row of a list of orders. Money in minor units of `currency`. */
export const OrderSummary = closed({
  id: Code,
  orderNo: Code,
  version: Type.Integer(),
  correlationId: Code,
  channel: Code,
  customer: Code,
  customerName: Text,
  customerPo: Type.Optional(Code),
  orderDate: LocalDate,
  requestedDate: Type.Optional(LocalDate),
  currency: Type.String(),
  amountMinor: Type.Integer(),
  lineCount: Type.Integer(),
  erpOrderNo: Type.Optional(Code),
  /** Codes of the holds on the order and on its lines, without repetition. */
  holds: Type.Array(Code),
  status: OrderStatus,
  portalStatus: Text,
  createdAt: Instant,
  updatedAt: Instant,
});
export type OrderSummary = Static<typeof OrderSummary>;

export const ListOrdersQuery = closed({
  ...pageQuery,
  customer: Type.Optional(Code),
  customerPo: Type.Optional(Code),
  channel: Type.Optional(Code),
  orderNo: Type.Optional(Code),
  milestone: Type.Optional(Milestone),
  onHold: Type.Optional(Type.Boolean()),
  exception: Type.Optional(Type.Boolean()),
  open: Type.Optional(Type.Boolean({ description: 'true: neither delivered, cancelled nor returned' })),
});
export type ListOrdersQuery = Static<typeof ListOrdersQuery>;

const lineNos = (absent: string) =>
  Type.Optional(
    Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 1000, description: `absent: ${absent}` }),
  );

export const CancelOrderBody = closed({
  reason: Text,
  lines: lineNos('the whole order'),
});
export type CancelOrderBody = Static<typeof CancelOrderBody>;

/** Needs If-Match with the order's version, as its release does. */
export const HoldOrderBody = closed({
  /** Kept in the audit record, on the timeline and in the exception. */
  reason: Text,
  lines: lineNos('the whole order'),
  /** True: answers what would happen and changes nothing. */
  preview: Type.Optional(Type.Boolean()),
});
export type HoldOrderBody = Static<typeof HoldOrderBody>;

export const ReleaseOrderHoldBody = closed({
  reason: Text,
  lines: lineNos('wherever it is held by hand'),
  preview: Type.Optional(Type.Boolean()),
});
export type ReleaseOrderHoldBody = Static<typeof ReleaseOrderHoldBody>;

export const HoldResult = closed({
  order: SalesOrder,
  preview: Type.Boolean(),
  /** What it did, or would do, in words. */
  effects: Type.Array(Type.String()),
});
export type HoldResult = Static<typeof HoldResult>;

export const CreateCommentBody = closed({
  text: Type.String({
    minLength: 1,
    maxLength: 2000,
    pattern: '\\S',
    description: 'plain text; line breaks stand as they are',
  }),
});
export type CreateCommentBody = Static<typeof CreateCommentBody>;

/** It stands as it was written. */
export const OrderComment = closed({
  id: Type.String(),
  orderId: Type.String(),
  text: Type.String(),
  /** As in the audit. */
  author: Type.String(),
  authorName: Type.String({ description: 'what the author was called when writing' }),
  writtenAt: Instant,
});
export type OrderComment = Static<typeof OrderComment>;

/** Outcome of one order of a CSV file. `rows` are line numbers of the file; the header is row 1. */
const ImportedOrder = closed({
  rows: Type.Array(Type.Integer()),
  customer: Type.Optional(Type.String()),
  customerPo: Type.Optional(Type.String()),
  outcome: oneOf(['created', 'duplicate', 'refused']),
  orderId: Type.Optional(Type.String()),
  orderNo: Type.Optional(Type.String()),
  code: Type.Optional(Type.String({ description: 'error code when refused or duplicate' })),
  message: Type.Optional(Type.String()),
});

const ImportRow = closed({
  row: Type.Integer({ description: 'line of the file; the header is row 1' }),
  outcome: oneOf(['accepted', 'refused']),
  orderId: Type.Optional(Type.String()),
  errors: Type.Array(closed({ column: Type.String(), code: Type.String(), message: Type.String() })),
});

export const ImportReport = closed({
  messageId: Type.Optional(Type.String()),
  created: Type.Integer(),
  duplicates: Type.Integer(),
  refused: Type.Integer(),
  orders: Type.Array(ImportedOrder),
  rows: Type.Array(ImportRow),
});
export type ImportReport = Static<typeof ImportReport>;

/** What a timeline's entry is about; the ids lead to the resource's own route. */
const TimelineRefs = closed({
  eventId: Type.Optional(Type.String()),
  messageId: Type.Optional(Type.String()),
  documentId: Type.Optional(Type.String()),
  deliveryId: Type.Optional(Type.String()),
  attemptId: Type.Optional(Type.String()),
  exceptionId: Type.Optional(Type.String()),
  fulfillmentOrderId: Type.Optional(Type.String()),
  shipmentId: Type.Optional(Type.String()),
  invoiceId: Type.Optional(Type.String()),
});

export const TimelineEntry = closed({
  id: Type.String(),
  lane: Type.String({ description: 'id of a lane of this timeline' }),
  at: Instant,
  endedAt: Type.Optional(Instant),
  kind: oneOf(['event', 'message', 'document', 'delivery', 'attempt', 'exception', 'comment']),
  /** Words for a person, e.g. "Order created in the ERP". */
  title: Type.String(),
  detail: Type.Optional(Type.String()),
  /** Type of the event, operation of the delivery, type of the document, code of the exception. */
  code: Type.Optional(Type.String()),
  tone: oneOf(['ok', 'info', 'waiting', 'warning', 'failed']),
  direction: Type.Optional(oneOf(['in', 'out'])),
  /** State of a delivery or exception, as in its own resource. */
  state: Type.Optional(Type.String()),
  refs: TimelineRefs,
});
export type TimelineEntry = Static<typeof TimelineEntry>;

export const TimelineLane = closed({
  id: Type.String(),
  title: Type.String(),
  kind: oneOf(['hub', 'erp', 'wms', 'carrier', 'storefront', 'edi', 'api', 'other']),
});
export type TimelineLane = Static<typeof TimelineLane>;

/** Everything that happened to one order, in order of time, one lane per system. */
export const Timeline = closed({
  orderId: Type.String(),
  orderNo: Type.String(),
  correlationId: Type.String(),
  lanes: Type.Array(TimelineLane),
  entries: Type.Array(TimelineEntry),
  /** True when the oldest entries were left out (more than 2,000). */
  truncated: Type.Boolean(),
});
export type Timeline = Static<typeof Timeline>;

export { MILESTONES };
