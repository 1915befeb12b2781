import { type Static, Type } from 'typebox';
import { Code, closed, LocalDate, oneOf, PositiveDecimal, Text } from './schema.ts';

/** 1 `code` = num/den base units, exactly. `decimals` is the finest step a quantity may have in this unit. */
export const ItemUom = closed({
  code: Code,
  num: Type.Integer({ minimum: 1 }),
  den: Type.Integer({ minimum: 1 }),
  gtin: Type.Optional(Type.String({ pattern: '^\\d{14}$' })),
  decimals: Type.Optional(Type.Integer({ minimum: 0, maximum: 6 })),
});
export type ItemUom = Static<typeof ItemUom>;

export const Item = closed({
  sku: Code,
  description: Text,
  type: oneOf(['stock', 'nonstock', 'service', 'kit']),
  status: oneOf(['draft', 'active', 'phaseOut', 'discontinued', 'blocked']),
  baseUom: Code,
  /** The base unit itself is listed too (num 1, den 1), with its GTIN. */
  uoms: Type.Array(ItemUom, { minItems: 1, maxItems: 50 }),
  /** Smallest step of a base-unit quantity, e.g. "1" or "0.01". */
  increment: PositiveDecimal,
  tracking: oneOf(['none', 'lot', 'serial', 'both']),
  shelfLifeDays: Type.Optional(Type.Integer({ minimum: 1 })),
  issue: oneOf(['FIFO', 'FEFO']),
  taxClass: Code,
  substitutes: Type.Optional(
    Type.Array(
      closed({ sku: Code, kind: oneOf(['supersede', 'alternate']), ratio: PositiveDecimal, consent: Type.Boolean() }),
    ),
  ),
  lastSellDate: Type.Optional(LocalDate),
  /** Base units on one line from which a person has to say that they are meant. Default 10,000,000. */
  implausibleFrom: Type.Optional(PositiveDecimal),
  unitWeightGrams: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type Item = Static<typeof Item>;
