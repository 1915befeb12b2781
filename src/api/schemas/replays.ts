import { type Static, Type } from 'typebox';
import { closed, Code, Instant, oneOf, Text } from '../../model/index.ts';
import { pageQuery } from './conventions.ts';

const Id = Type.String({ format: 'uuid' });
const Policy = oneOf(['keep', 'new']);
const Rate = Type.Integer({ minimum: 1, maximum: 60_000 });

/** What a replay looks for; all that is given has to match. Times are those of the deliveries' enqueueing. */
export const ReplaySelection = closed({
  states: Type.Optional(
    Type.Array(oneOf(['dead', 'held', 'delivered']), { minItems: 1, maxItems: 3, description: 'default dead' }),
  ),
  since: Type.Optional(Instant),
  until: Type.Optional(Instant),
  destination: Type.Optional(Code),
  operation: Type.Optional(Code),
  partner: Type.Optional(Code),
  errorCode: Type.Optional(Code),
  key: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  exceptionIds: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 1000 })),
  exceptionCode: Type.Optional(Code),
  deliveryIds: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 5000 })),
});
export type ReplaySelection = Static<typeof ReplaySelection>;

export const PlanReplayBody = closed({
  selection: ReplaySelection,
  mode: oneOf(['original', 'current', 'diff'], {
    description: 'the stored bytes; made anew by today’s maps and cross-references; compared, and nothing sent',
  }),
  controlNumbers: Type.Optional(
    oneOf(['keep', 'new'], { description: 'of EDI: default keep, so that the partner recognises a repetition' }),
  ),
  dedupe: Type.Optional(
    oneOf(['keep', 'new'], {
      description: 'the key that the destination tells repetitions by: default keep; new makes a second effect',
    }),
  ),
  ratePerMinute: Type.Optional(Rate),
  reason: Text,
});
export type PlanReplayBody = Static<typeof PlanReplayBody>;

export const DifferenceLines = closed({
  same: Type.Boolean(),
  lines: Type.Array(
    closed({ sign: oneOf(['-', '+', ' '], { description: '- was sent, + would be sent now' }), text: Type.String() }),
  ),
  truncated: Type.Boolean(),
});
export type DifferenceLines = Static<typeof DifferenceLines>;

const Count = Type.Integer({ minimum: 0 });

export const ReplayPreview = closed({
  total: Count,
  eligible: Count,
  groups: Type.Array(closed({ destination: Code, operation: Code, state: Code, count: Count, eligible: Count })),
  skipped: Type.Array(closed({ why: Type.String(), count: Count })),
  outputs: closed({ stored: Count, anew: Count, first: Count }),
  oldestAt: Type.Optional(Instant),
  newestAt: Type.Optional(Instant),
  sample: Type.Array(
    closed({
      deliveryId: Type.String(),
      destination: Type.String(),
      operation: Type.String(),
      difference: Type.Optional(DifferenceLines),
      problem: Type.Optional(Type.String({ description: 'why nothing can be made of it now' })),
    }),
  ),
});
export type ReplayPreview = Static<typeof ReplayPreview>;

export const Replay = closed({
  id: Id,
  state: oneOf(['planned', 'running', 'finished', 'cancelled']),
  selection: ReplaySelection,
  mode: oneOf(['original', 'current', 'diff']),
  controlNumbers: Policy,
  dedupe: Policy,
  ratePerMinute: Type.Integer(),
  reason: Type.String(),
  approvalReasons: Type.Array(oneOf(['count', 'stock', 'new_dedupe']), {
    description: 'why a second person has to agree; empty: nobody has to',
  }),
  preview: ReplayPreview,
  createdBy: Type.String(),
  createdAt: Instant,
  approvedBy: Type.Optional(Type.String()),
  approvedAt: Type.Optional(Instant),
  startedBy: Type.Optional(Type.String()),
  startedAt: Type.Optional(Instant),
  endedBy: Type.Optional(Type.String()),
  endedAt: Type.Optional(Instant),
  progress: closed({
    pending: Count,
    queued: Count,
    compared: Count,
    skipped: Count,
    differing: Count,
    /** States, now, of the deliveries that were put back: of the first 5,000. */
    outcomes: Type.Record(Type.String(), Count),
  }),
});
export type Replay = Static<typeof Replay>;

export const ReplayItem = closed({
  position: Type.Integer(),
  deliveryId: Type.String(),
  destination: Type.String(),
  operation: Type.String(),
  key: Type.String(),
  stateBefore: Type.String(),
  state: oneOf(['pending', 'queued', 'compared', 'skipped']),
  note: Type.Optional(Type.String()),
  differs: Type.Optional(Type.Boolean()),
  difference: Type.Optional(DifferenceLines),
  newDeliveryId: Type.Optional(Type.String()),
  workedAt: Type.Optional(Instant),
  /** State of the delivery now. */
  deliveryState: Type.Optional(Type.String()),
});
export type ReplayItem = Static<typeof ReplayItem>;

export const ReplayDetail = closed({
  ...Replay.properties,
  items: closed({ data: Type.Array(ReplayItem), nextCursor: Type.Optional(Type.String()) }),
});
export type ReplayDetail = Static<typeof ReplayDetail>;

export const ListReplaysQuery = closed({
  ...pageQuery,
  state: Type.Optional(oneOf(['planned', 'running', 'finished', 'cancelled'])),
});
export type ListReplaysQuery = Static<typeof ListReplaysQuery>;

/** Of the items. */
export const GetReplayQuery = closed({
  ...pageQuery,
  state: Type.Optional(oneOf(['pending', 'queued', 'compared', 'skipped'])),
  differs: Type.Optional(Type.Boolean()),
});
export type GetReplayQuery = Static<typeof GetReplayQuery>;

export const RunReplayBody = closed({ reason: Type.Optional(Text) });
export type RunReplayBody = Static<typeof RunReplayBody>;

export const ReplaySettings = closed({
  approvalAbove: Type.Integer({ minimum: 0, maximum: 50_000, description: 'more deliveries need a second person' }),
  ratePerMinute: Rate,
});
export type ReplaySettings = Static<typeof ReplaySettings>;

/** An edited payload, as text or in base64. */
export const ResubmitBody = closed({
  text: Type.Optional(Type.String({ minLength: 1 })),
  base64: Type.Optional(Type.String({ minLength: 1, pattern: '^[A-Za-z0-9+/]+={0,2}$' })),
  reason: Text,
});
export type ResubmitBody = Static<typeof ResubmitBody>;

/** `exceptionId`: it is about stock, and waits for a second person to approve it there. */
export const ResubmittedMessage = closed({ messageId: Code, parentId: Code, exceptionId: Type.Optional(Code) });
export type ResubmittedMessage = Static<typeof ResubmittedMessage>;
