import { type Static, Type } from 'typebox';
import { Code, closed, Instant, LocalDate, oneOf } from '../model/index.ts';

/**
 * What external codes may name. `item`: external item number → SKU. `ship-to`: `qualifier:code` as on N1 → id of one of
 * the customer's addresses. `location`: `qualifier:code` of a warehouse as on N1 → one of our locations. `customer`: external
 * customer number → account number. `uom`, `carrier`: code → our code. `value`: anything an overlay looks up, as `table:value`.
 */
const CROSS_REFERENCE_TYPES = ['item', 'ship-to', 'location', 'customer', 'uom', 'carrier', 'value'] as const;

/**
 * External code ⇄ canonical id. `scope` is the account number of the partner or the id of the connection that uses the
 * code, or `*` for everybody; the narrower one wins. One external code has at most one meaning at a time.
 */
export const CrossReference = closed({
  scope: Code,
  type: oneOf(CROSS_REFERENCE_TYPES),
  external: Type.String({ minLength: 1, maxLength: 200 }),
  canonical: Type.String({ minLength: 1, maxLength: 200 }),
  validFrom: Type.Optional(LocalDate),
  validTo: Type.Optional(LocalDate),
  /** 0 to 100; a person's approval is 100. Only approved ones are used. */
  confidence: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
  approvedBy: Type.Optional(Code),
  note: Type.Optional(Type.String({ maxLength: 500 })),
});
export type CrossReference = Static<typeof CrossReference>;

export const StoredCrossReference = closed({
  id: Code,
  version: Type.Integer(),
  recordedAt: Instant,
  ...CrossReference.properties,
});
export type StoredCrossReference = CrossReference & { id: string; version: number; recordedAt: string };

/** The external form of an N1 code: qualifier 9, 91, 92, UL … and the code as written. Locations are keyed on both. */
export function shipToExternal(code: { qualifier?: string; code: string }): string {
  return `${code.qualifier ?? ''}:${code.code}`;
}
