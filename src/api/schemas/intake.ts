import { type Static, Type } from 'typebox';
import { closed, Text } from '../../model/index.ts';

/** How much may be open before the doors take nothing new, and how much is. */
export const IntakeView = closed({
  /** Set for this tenant; absent: what the hub's own settings say. */
  openMax: Type.Optional(Type.Integer()),
  openMaxInForce: Type.Integer({ description: 'open deliveries beyond which the doors take nothing new' }),
  openDeliveries: Type.Integer({ description: 'as of the last count, a few seconds ago' }),
  closed: Type.Optional(Type.String({ description: 'why the doors take nothing new' })),
  version: Type.Integer(),
});
export type IntakeView = Static<typeof IntakeView>;

/** Needs If-Match. Without `openMax` the hub's own settings hold again. */
export const PutIntakeBody = closed({
  openMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000_000 })),
  reason: Text,
});
export type PutIntakeBody = Static<typeof PutIntakeBody>;
