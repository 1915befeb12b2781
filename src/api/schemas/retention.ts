import { type Static, Type } from 'typebox';
import { closed, Code, Instant, oneOf, Text } from '../../model/index.ts';

const Days = Type.Integer({ minimum: 30, maximum: 36_500 });

export const RetentionSettings = closed({
  enabled: Type.Boolean({ description: 'off: nothing is exported or dropped' }),
  messagesKeptDays: Days,
  eventsKeptDays: Days,
  deliveriesKeptDays: Days,
});
export type RetentionSettings = Static<typeof RetentionSettings>;

export const RetentionPartition = closed({
  table: Type.String(),
  name: Type.String(),
  endsAt: Type.Optional(Instant),
  bytes: Type.Integer(),
  verdict: oneOf(['young', 'open', 'held', 'drop'], {
    description: 'kept for its age; open things refer to it; under a legal hold; may leave after its export',
  }),
  why: Type.Array(Type.String()),
});
export type RetentionPartition = Static<typeof RetentionPartition>;

/** One of: a partner, an order, a time. */
export const PlaceHoldBody = closed({
  kind: oneOf(['partner', 'order', 'range']),
  partner: Type.Optional(Code),
  orderId: Type.Optional(Type.String({ format: 'uuid' })),
  since: Type.Optional(Instant),
  until: Type.Optional(Instant),
  reason: Text,
});
export type PlaceHoldBody = Static<typeof PlaceHoldBody>;

export const LegalHold = closed({
  id: Type.String(),
  kind: oneOf(['partner', 'order', 'range']),
  partner: Type.Optional(Type.String()),
  orderId: Type.Optional(Type.String()),
  since: Type.Optional(Instant),
  until: Type.Optional(Instant),
  reason: Type.String(),
  placedBy: Type.String(),
  placedAt: Instant,
  releasedBy: Type.Optional(Type.String()),
  releasedAt: Type.Optional(Instant),
});
export type LegalHold = Static<typeof LegalHold>;
