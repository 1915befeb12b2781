import { type Static, Type } from 'typebox';
import { closed, Shipment, Text } from '../../model/index.ts';

/** Needs If-Match with the shipment's version. */
export const VoidShipmentBody = closed({
  /** Kept in the audit record, and told to those who hear of the void. */
  reason: Text,
  /** True: answers what would happen and changes nothing. */
  preview: Type.Optional(Type.Boolean()),
});
export type VoidShipmentBody = Static<typeof VoidShipmentBody>;

export const VoidResult = closed({
  shipment: Shipment,
  preview: Type.Boolean(),
  /** What the void did, or would do, in words. */
  effects: Type.Array(Type.String()),
});
export type VoidResult = Static<typeof VoidResult>;
