import { type Static, Type } from 'typebox';
import { Code, closed, Instant, oneOf, Text } from '../../model/index.ts';
import { Json, pageQuery, Problem } from './conventions.ts';
import { ROLES } from './identity.ts';

export const ExceptionAction = closed({
  action: Code,
  label: Type.String(),
  description: Type.Optional(Type.String()),
  /** JSON Schema of `input`; absent when the action takes none. */
  input: Type.Optional(Json),
});

const EntityRef = closed({ kind: Type.String(), id: Type.String(), label: Type.Optional(Type.String()) });

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
  entityRefs: Type.Array(EntityRef),
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
  outcomeRefs: Type.Optional(
    Type.Array(EntityRef, { description: 'what its end has made: the order, the message that replaced another' }),
  ),
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
  assignee: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'who looks after it: `me`, `none` for what nobody does, or an actor (`user:…`), a name or an e-mail address',
    }),
  ),
  orderId: Type.Optional(Code),
  q: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 120,
      pattern: '\\S',
      description:
        'words of the title, the cause or the label of what it is about; an order number, or a purchase order from its beginning. A page of a search may hold less than `limit` though there is a next one',
    }),
  ),
  overdue: Type.Optional(
    Type.Boolean({ description: '`true`: only what is past its due time; `false`: only what is not' }),
  ),
  snoozed: Type.Optional(
    Type.Boolean({ description: '`false` leaves out what is snoozed until later; `true`: only that. Default: both' }),
  ),
  sort: Type.Optional(
    oneOf(['newest', 'due', 'severity'], {
      description:
        'default `newest`. `due`: soonest first; `severity`: worst first, then by due; both of what is not resolved. A cursor goes on in the order it came from',
    }),
  ),
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

/** What is decided about many at once: it is about the records, not about their causes. */
const bulkActions = ['assign', 'snooze', 'note', 'resolve'] as const;
/** So many at once; a client with more sends them in several requests. */
export const bulkMost = 200;

export const ActOnExceptionsBody = closed({
  action: oneOf(bulkActions),
  reason: Text,
  input: ActOnExceptionBody.properties.input,
  preview: ActOnExceptionBody.properties.preview,
  exceptions: Type.Array(
    closed({
      id: Code,
      version: Type.Integer({ minimum: 1, description: 'as it was seen: the If-Match of this one' }),
    }),
    { minItems: 1, maxItems: bulkMost },
  ),
});
export type ActOnExceptionsBody = Static<typeof ActOnExceptionsBody>;

export const ActionResults = closed({
  preview: Type.Boolean(),
  /** How many it was done to, or would be. */
  done: Type.Integer(),
  /** One per exception, in the order given. */
  results: Type.Array(
    closed({
      id: Code,
      outcome: oneOf(['done', 'refused', 'failed', 'not_tried'], {
        description:
          'failed: something went wrong inside the hub, so that it is not certain that nothing was done; what follows is not_tried',
      }),
      code: Type.Optional(
        Type.String({ description: 'why it was refused or failed; PRECONDITION_FAILED: it has changed' }),
      ),
      message: Type.Optional(Type.String()),
      problem: Type.Optional(Problem),
      effects: Type.Optional(Type.Array(Type.String())),
      version: Type.Optional(Type.Integer({ description: 'the version it has now' })),
    }),
  ),
});
export type ActionResults = Static<typeof ActionResults>;

/** Somebody who can be asked to look after an exception. */
export const Assignee = closed({
  actor: Type.String({ description: '`user:…`: what `assignee` of an exception holds' }),
  name: Type.String(),
  roles: Type.Array(oneOf(ROLES)),
  active: Type.Boolean({ description: 'false: no longer here, or no longer allowed to act; named for what is past' }),
});
export type Assignee = Static<typeof Assignee>;
