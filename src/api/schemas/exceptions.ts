import { type Static, Type } from 'typebox';
import { Code, closed, Instant, oneOf, Text } from '../../model/index.ts';
import { Json, pageQuery } from './conventions.ts';
import { ROLES } from './identity.ts';

export const ExceptionAction = closed({
  action: Code,
  label: Type.String(),
  description: Type.Optional(Type.String()),
  /** JSON Schema of `input`; absent when the action takes none. */
  input: Type.Optional(Json),
});

export const ExceptionView = closed({
  id: Code,
  code: Code,
  class: oneOf(['business', 'technical', 'data']),
  severity: Type.String({ description: 'low, medium, high or critical' }),
  ownerRole: Type.String(),
  title: Type.String(),
  explanation: Type.String(),
  /** What happened this time, in words. */
  cause: Type.String(),
  suggestedFix: Type.Optional(Type.String()),
  blamedSystem: Type.Optional(Type.String({ description: 'erp, wms, carrier, partner, hub …' })),
  state: Type.String({ description: 'open, autoRetry, assigned, waitingPartner, resolved or suppressed' }),
  assignee: Type.Optional(Type.String()),
  snoozedUntil: Type.Optional(Instant),
  entityRefs: Type.Array(closed({ kind: Type.String(), id: Type.String(), label: Type.Optional(Type.String()) })),
  orderId: Type.Optional(Type.String()),
  correlationId: Type.Optional(Type.String()),
  messageId: Type.Optional(Type.String()),
  deliveryId: Type.Optional(Type.String()),
  moneyAtRiskMinor: Type.Optional(Type.Integer()),
  currency: Type.Optional(Type.String()),
  openedAt: Instant,
  dueAt: Type.Optional(Instant),
  resolvedAt: Type.Optional(Instant),
  resolution: Type.Optional(Type.String()),
  resolvedBy: Type.Optional(Type.String()),
  allowedActions: Type.Array(Code),
  data: Type.Optional(Json),
  version: Type.Integer(),
});
export type ExceptionView = Static<typeof ExceptionView>;

/** What waits because of an exception. */
export const Impact = closed({
  orders: Type.Integer(),
  /** Money at risk, minor units per currency. */
  money: Type.Array(closed({ currency: Type.String(), minor: Type.Integer() })),
  /** Other open exceptions of the same cause: fix once, release all. */
  siblings: Type.Integer(),
  waitingDeliveries: Type.Integer(),
  isLowerBound: Type.Optional(
    Type.Boolean({ description: 'more wait than were counted: orders, money and deliveries are at least so many' }),
  ),
  dueAt: Type.Optional(Instant),
  secondsLeft: Type.Optional(Type.Integer()),
});
export type Impact = Static<typeof Impact>;

const ExceptionHistoryEntry = closed({
  at: Instant,
  actor: Type.String(),
  action: Type.String(),
  reason: Type.Optional(Type.String()),
});

export const ExceptionDetail = closed({
  ...ExceptionView.properties,
  actions: Type.Array(ExceptionAction),
  impact: Impact,
  history: Type.Array(ExceptionHistoryEntry),
});
export type ExceptionDetail = Static<typeof ExceptionDetail>;

export const ListExceptionsQuery = closed({
  ...pageQuery,
  state: Type.Optional(
    oneOf(['open', 'autoRetry', 'assigned', 'waitingPartner', 'resolved', 'suppressed', 'all'], {
      description: 'default `open`: every state that is not resolved; `all` for all',
    }),
  ),
  class: Type.Optional(oneOf(['business', 'technical', 'data'])),
  code: Type.Optional(Code),
  ownerRole: Type.Optional(oneOf(ROLES)),
  assignee: Type.Optional(Code),
  orderId: Type.Optional(Code),
});
export type ListExceptionsQuery = Static<typeof ListExceptionsQuery>;

/** Needs If-Match with the exception's version. */
export const ActOnExceptionBody = closed({
  action: Code,
  reason: Text,
  input: Type.Optional(Type.Record(Type.String({ maxLength: 80 }), Json, { maxProperties: 50 })),
  /** True: answers what would happen and changes nothing. */
  preview: Type.Optional(Type.Boolean()),
});
export type ActOnExceptionBody = Static<typeof ActOnExceptionBody>;

export const ActionResult = closed({
  exception: ExceptionView,
  preview: Type.Boolean(),
  /** What the action did, or would do, in words. */
  effects: Type.Array(Type.String()),
});
export type ActionResult = Static<typeof ActionResult>;
