import { type Static, Type } from 'typebox';
import { closed, Instant, oneOf, Text } from '../../model/index.ts';
import { pageQuery } from './conventions.ts';

/** Whether the hub's database was put back to an earlier instant and has not been compared with the outside yet. */
export const ReconciliationState = closed({
  active: Type.Boolean(),
  reason: Type.Optional(Type.String()),
  begunAt: Type.Optional(Instant),
  backupTakenAt: Type.Optional(Instant),
  paused: Type.Optional(Type.Array(Type.String())),
  doubted: Type.Optional(Type.Integer({ description: 'deliveries whose outcome became unknown' })),
});
export type ReconciliationState = Static<typeof ReconciliationState>;

const ReconciliationItem = closed({
  position: Type.Integer(),
  deliveryId: Type.String(),
  destination: Type.String(),
  operation: Type.String(),
  key: Type.String(),
  naturalKey: Type.Optional(Type.String()),
  state: Type.String(),
  createdAt: Instant,
  idempotency: Type.Optional(Type.String()),
  finding: oneOf(['there', 'differs', 'absent', 'several', 'cannot_tell']),
  outsideId: Type.Optional(Type.String()),
  wouldDo: Type.String({ description: 'what the lanes do about it once its destination is resumed' }),
});
export const ReconciliationPage = closed({
  data: Type.Array(ReconciliationItem),
  nextCursor: Type.Optional(Type.String()),
});
export type ReconciliationPage = Static<typeof ReconciliationPage>;

export const CheckReconciliationQuery = closed({ ...pageQuery });
export type CheckReconciliationQuery = Static<typeof CheckReconciliationQuery>;

export const EndReconciliationBody = closed({ reason: Text, resume: Type.Optional(Type.Boolean()) });
export type EndReconciliationBody = Static<typeof EndReconciliationBody>;
