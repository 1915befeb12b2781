import { type Static, type TSchema, Type } from 'typebox';

/** Shorthands shared by every canonical schema. Unknown fields are refused everywhere (`additionalProperties: false`). */
export const strict = { additionalProperties: false } as const;

export function closed<P extends Record<string, TSchema>>(properties: P, options: Record<string, unknown> = {}) {
  return Type.Object(properties, { ...strict, ...options });
}

/** A string enum written as JSON Schema `enum`, so that error messages list the choices. */
export function oneOf<const T extends string>(values: readonly T[], options: Record<string, unknown> = {}) {
  return Type.Unsafe<T>({ type: 'string', enum: [...values], ...options });
}

export const Id = Type.String({ format: 'uuid', description: 'UUIDv7' });
export const Code = Type.String({ minLength: 1, maxLength: 80 });
/**
 * A number as somebody else writes it, by which we know it again: a purchase order's, say. Neither blank nor with line
 * breaks or other control characters, which nobody can see; blanks around it are taken off where it comes in.
 */
export const WrittenNumber = Type.String({
  minLength: 1,
  maxLength: 80,
  pattern: '^(?=.*\\S)[^\\u0000-\\u001f\\u007f-\\u009f]*$',
});
export const Text = Type.String({ minLength: 1, maxLength: 500 });
export const LocalDate = Type.String({
  format: 'date',
  description: 'Local calendar date, ISO 8601; a day that there is, of the years 1900 to 9999',
});
export const Instant = Type.String({ format: 'date-time', description: 'RFC 3339 instant, UTC' });

/** Exact decimal as a string: at most 18 digits before and 9 after the point. */
export const Decimal = Type.String({ pattern: '^-?\\d{1,18}(\\.\\d{1,9})?$', maxLength: 29 });
export const PositiveDecimal = Type.String({
  pattern: '^(?=.*[1-9])\\d{1,18}(\\.\\d{1,9})?$',
  maxLength: 29,
  description: 'Exact decimal greater than zero',
});

/** One that ISO 4217 knows: an amount in none is nobody's to post. */
export const Currency = Type.String({ pattern: '^[A-Z]{3}$', format: 'iso-4217', description: 'ISO 4217' });

/** A quantity always carries its unit (domain decision 4). */
export const Quantity = closed({ value: PositiveDecimal, uom: Code });
export type Quantity = Static<typeof Quantity>;

/** Price per `perQty` of `uom`, e.g. 11.00 per 100 EA. */
export const UnitPrice = closed({
  value: Type.String({ pattern: '^\\d{1,12}(\\.\\d{1,6})?$' }),
  currency: Currency,
  perQty: PositiveDecimal,
  uom: Code,
});
export type UnitPrice = Static<typeof UnitPrice>;

/** Integer minor units (cents) and ISO 4217 currency. */
export const Money = closed({ minor: Type.Integer(), currency: Currency });
export type Money = Static<typeof Money>;

/** An identifier as the partner wrote it: N1 qualifier (9, 91, 92, UL, ZZ …) or `GLN`, and its code. */
export const RawCode = closed({ qualifier: Type.Optional(Code), code: Code });
export type RawCode = Static<typeof RawCode>;

export const Address = closed({
  lines: Type.Array(Text, { minItems: 1, maxItems: 4 }),
  city: Text,
  region: Type.Optional(Code),
  postal: Code,
  country: Type.String({ pattern: '^[A-Z]{2}$' }),
});
export type Address = Static<typeof Address>;
