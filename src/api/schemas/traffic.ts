import { type Static, Type } from 'typebox';
import { Code, closed, Instant, oneOf, Text } from '../../model/index.ts';
import { Json, pageQuery } from './conventions.ts';

export const MessageSummary = closed({
  id: Code,
  direction: oneOf(['in', 'out']),
  channel: Type.String({ description: 'api, csv, webhook, edi-http, edi-folder …' }),
  connection: Type.Optional(Type.String()),
  partner: Type.Optional(Type.String()),
  doorPartner: Type.Optional(
    Type.String({ description: 'whose door it came by, where the door knows; `partner` is whom the content names' }),
  ),
  topic: Type.Optional(Type.String()),
  title: Type.String({ description: 'what it is, in words: "Pick report", "EDI interchange"' }),
  contentType: Type.String(),
  byteLength: Type.Integer(),
  sha256: Type.Optional(Type.String()),
  state: Type.String({
    description:
      'in: received, processed, held, rejected, duplicate, ignored, refused, superseded; out: ready, sent, failed',
  }),
  reason: Type.Optional(Type.String()),
  connector: Type.Optional(Type.String()),
  fileName: Type.Optional(Type.String()),
  correlationId: Type.Optional(Type.String()),
  traceparent: Type.Optional(Type.String()),
  actor: Type.Optional(Type.String()),
  test: Type.Optional(Type.Boolean()),
  inReplyTo: Type.Optional(Type.String()),
  deliveryId: Type.Optional(Type.String()),
  at: Instant,
});
export type MessageSummary = Static<typeof MessageSummary>;

const MessageDocument = closed({
  id: Type.String(),
  type: Type.String(),
  standard: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
  control: Type.Optional(Type.String()),
  state: Type.String({ description: 'translated, held, duplicate, rejected, ignored, planned, rendered, sent …' }),
  reason: Type.Optional(Type.String({ description: 'why it is in this state, or what was done with it' })),
  verdict: Type.Optional(Type.String({ description: 'accepted, accepted_with_errors, rejected or unchecked' })),
  ackState: Type.Optional(
    Type.String({ description: 'of what we sent: none, awaiting, accepted, rejected, overdue …' }),
  ),
  orderId: Type.Optional(Type.String()),
  issues: Type.Array(Json),
  canonical: Type.Optional(Json),
});
export type MessageDocument = Static<typeof MessageDocument>;

/** raw ↔ canonical ↔ output. `raw.text` is at most 256 KiB; /v1/messages/{id}/raw gives every byte. */
export const MessageDetail = closed({
  ...MessageSummary.properties,
  raw: closed({
    text: Type.String(),
    encoding: oneOf(['utf8', 'base64']),
    truncated: Type.Boolean(),
  }),
  documents: Type.Array(MessageDocument),
  canonical: Type.Optional(Json),
  /** Messages that the hub sent because of this one. */
  outputs: Type.Array(MessageSummary),
  /** Edited copies that were sent in again in its place. */
  children: Type.Array(MessageSummary),
  exceptions: Type.Array(
    closed({ id: Type.String(), code: Type.String(), cause: Type.String(), state: Type.String() }),
  ),
});
export type MessageDetail = Static<typeof MessageDetail>;

const MESSAGE_STATES = [
  'received',
  'processed',
  'held',
  'rejected',
  'duplicate',
  'ignored',
  'refused',
  'superseded',
  'ready',
  'sent',
  'failed',
] as const;

export const ListMessagesQuery = closed({
  ...pageQuery,
  direction: Type.Optional(oneOf(['in', 'out'])),
  channel: Type.Optional(Code),
  partner: Type.Optional(Code),
  connection: Type.Optional(Code),
  state: Type.Optional(oneOf(MESSAGE_STATES)),
  correlationId: Type.Optional(Code),
});
export type ListMessagesQuery = Static<typeof ListMessagesQuery>;

/** As the queue has them, which the console must not reach for the sake of its types. */
const DELIVERY_STATES = [
  'queued',
  'in_flight',
  'retry_wait',
  'outcome_unknown',
  'held',
  'delivered',
  'dead',
  'discarded',
] as const;

export const DeliverySummary = closed({
  id: Code,
  destination: Code,
  key: Code,
  operation: Code,
  title: Type.String({ description: 'the operation in words: "Order to the ERP"' }),
  state: oneOf(DELIVERY_STATES),
  attempts: Type.Integer(),
  correlationId: Type.String(),
  eventId: Type.Optional(Type.String()),
  naturalKey: Type.Optional(Type.String()),
  entity: Type.Optional(closed({ kind: Type.String(), id: Type.String() })),
  /** What it is about as people call it; the ids lead to where that can be looked at. */
  about: Type.Optional(
    closed({
      text: Type.String({ description: '"Shipment SO1000002-1-S1", "Invoice (810) 0001"' }),
      orderId: Type.Optional(Type.String()),
      orderNo: Type.Optional(Type.String()),
      messageId: Type.Optional(Type.String()),
      sku: Type.Optional(Type.String()),
    }),
  ),
  createdAt: Instant,
  updatedAt: Type.Optional(Instant),
  nextAttemptAt: Type.Optional(Instant),
  lastError: Type.Optional(Type.String()),
  errorCode: Type.Optional(Type.String()),
  actor: Type.Optional(Type.String({ description: 'who released, replayed or discarded it last' })),
  outsideId: Type.Optional(Type.String()),
});
export type DeliverySummary = Static<typeof DeliverySummary>;

export const Attempt = closed({
  id: Type.String(),
  attempt: Type.Integer(),
  kind: Type.String({ description: 'send, lookup or flow' }),
  state: Type.String({
    description: 'intent while it is not known what came of it; confirmed, rejected, retryable, unknown …',
  }),
  naturalKey: Type.Optional(Type.String()),
  payloadHash: Type.Optional(Type.String()),
  idempotency: Type.Optional(Type.String({ description: 'class A, B, C or D of the operation' })),
  outputMessageId: Type.Optional(Type.String()),
  outsideId: Type.Optional(Type.String()),
  startedAt: Instant,
  endedAt: Type.Optional(Instant),
  durationMs: Type.Optional(Type.Number()),
  outcome: Type.Optional(Json),
});

export const DeliveryDetail = closed({
  ...DeliverySummary.properties,
  payload: Json,
  outputMessageId: Type.Optional(Type.String()),
  attemptLog: Type.Array(Attempt),
});
export type DeliveryDetail = Static<typeof DeliveryDetail>;

export const ListDeliveriesQuery = closed({
  ...pageQuery,
  state: Type.Optional(oneOf(DELIVERY_STATES)),
  destination: Type.Optional(Code),
  correlationId: Type.Optional(Code),
  key: Type.Optional(Code),
});
export type ListDeliveriesQuery = Static<typeof ListDeliveriesQuery>;

/** A change by hand always carries its reason. */
export const ReasonBody = closed({ reason: Text });
export type ReasonBody = Static<typeof ReasonBody>;

export const ResolveUnknownBody = closed({
  resolution: oneOf(['confirmed', 'resend']),
  outsideId: Type.Optional(Code),
  reason: Text,
});
export type ResolveUnknownBody = Static<typeof ResolveUnknownBody>;

export const AcceptedMessage = closed({
  messageId: Code,
  correlationId: Type.Optional(Type.String()),
  duplicateOf: Type.Optional(Type.String()),
});
export type AcceptedMessage = Static<typeof AcceptedMessage>;

/** `data:` of a server-sent event; its `id:` is the event's id and its `event:` the type. */
export const StreamedEvent = closed({
  id: Type.String(),
  type: Type.String(),
  entity: closed({ kind: Type.String(), id: Type.String() }),
  key: Type.String(),
  orderId: Type.Optional(Type.String()),
  orderNo: Type.Optional(Type.String()),
  correlationId: Type.String(),
  sequence: Type.Optional(Type.Integer()),
  occurredAt: Instant,
  recordedAt: Instant,
  reason: Type.Optional(Type.String()),
  data: Type.Optional(Json),
});
export type StreamedEvent = Static<typeof StreamedEvent>;
