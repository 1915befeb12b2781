import { type Static, Type } from 'typebox';
import { Address, Code, Currency, closed, LocalDate, oneOf, Text } from './schema.ts';

/** One address of a party. `id` is the code by which `shipTo` may name it; `gln` is matched exactly, never fuzzily. */
export const PartyAddress = closed({
  id: Code,
  usage: oneOf(['billTo', 'shipTo', 'remitTo', 'shipFrom']),
  name: Type.Optional(Text),
  address: Address,
  gln: Type.Optional(Type.String({ pattern: '^\\d{13}$' })),
  active: Type.Optional(Type.Boolean({ description: 'default true' })),
});
export type PartyAddress = Static<typeof PartyAddress>;

export const Terms = closed({
  netDays: Type.Integer({ minimum: 0, maximum: 365 }),
  discPct: Type.Optional(Type.String({ pattern: '^\\d{1,2}(\\.\\d{1,3})?$' })),
  discDays: Type.Optional(Type.Integer({ minimum: 0, maximum: 365 })),
  code: Type.Optional(Code),
});
export type Terms = Static<typeof Terms>;

/** Customer: accountNo is the key of PUT /v1/customers/{accountNo}. Credit limit and opening AR in minor units of `currency`. */
export const Customer = closed({
  accountNo: Code,
  legalName: Text,
  parentAccountNo: Type.Optional(Code),
  status: oneOf(['active', 'inactive']),
  block: oneOf(['none', 'ship', 'invoice', 'all']),
  currency: Currency,
  terms: Terms,
  credit: closed({
    status: oneOf(['ok', 'watch', 'hold', 'cod']),
    limitMinor: Type.Optional(Type.Integer({ minimum: 0, description: 'absent: no limit' })),
    openReceivablesMinor: Type.Integer({ description: 'AR balance reported by the ERP; payments lower it' }),
    uninvoicedShipmentsMinor: Type.Optional(
      Type.Integer({ minimum: 0, description: 'shipped before the hub went live' }),
    ),
    unshippedOrdersMinor: Type.Optional(
      Type.Integer({ minimum: 0, description: 'open orders from before the hub went live' }),
    ),
  }),
  taxExempt: Type.Optional(Type.Boolean()),
  exemptions: Type.Optional(
    Type.Array(closed({ jurisdiction: Code, certNo: Code, validFrom: LocalDate, validTo: LocalDate }), {
      maxItems: 100,
    }),
  ),
  allowPartial: Type.Boolean(),
  allowBackorder: Type.Boolean(),
  shipComplete: Type.Optional(Type.Boolean()),
  substitution: oneOf(['never', 'ask', 'auto']),
  minShelfDays: Type.Integer({ minimum: 0 }),
  defaultShipTo: Type.Optional(Code),
  addresses: Type.Array(PartyAddress, { maxItems: 2000 }),
  priceTolerance: Type.Optional(closed({ pct: Type.String(), perLineMinor: Type.Integer() })),
});
export type Customer = Static<typeof Customer>;

export const Supplier = closed({
  accountNo: Code,
  legalName: Text,
  status: oneOf(['active', 'inactive']),
  channel: oneOf(['edi', 'portal', 'email']),
  leadDays: Type.Integer({ minimum: 0 }),
  overPct: Type.String(),
  underPct: Type.String(),
});
export type Supplier = Static<typeof Supplier>;
