import { type Static, Type } from 'typebox';
import {
  Address,
  Code,
  closed,
  Decimal,
  Instant,
  LocalDate,
  oneOf,
  PositiveDecimal,
  Text,
  UnitPrice,
} from './schema.ts';

export const Location = closed({
  code: Code,
  name: Text,
  kind: oneOf(['warehouse', 'branch', '3pl', 'store', 'consignment', 'vmi', 'transit', 'dropship']),
  gln: Type.Optional(Type.String({ pattern: '^\\d{13}$' })),
  timeZone: Code,
  address: Type.Optional(Address),
  sellable: Type.Boolean(),
  /** Site choice order: lower first. */
  priority: Type.Integer(),
  /** Connection that releases are sent to (a WMS, or the ERP for a branch that ships through it). */
  fulfilledBy: Type.Optional(Code),
  /**
   * Agreement of a warehouse that works by EDI, instead of `fulfilledBy`: releases go to it as documents under this agreement
   * (940), and what it tells of stock under it (846, 944, 947) is this location's.
   */
  agreement: Type.Optional(Code),
  /** GS1 company prefix used for SSCCs of this site's shipments. */
  companyPrefix: Type.Optional(Type.String({ pattern: '^\\d{6,12}$' })),
});
export type Location = Static<typeof Location>;

/** Safety stock per item and location, and buffers per channel, in base units. */
export const StockPolicy = closed({
  sku: Code,
  location: Type.Optional(Code),
  channel: Type.Optional(Code),
  safetyStock: Type.Optional(Decimal),
  buffer: Type.Optional(Decimal),
  /** Set aside for `channel` at `location`: taken off what every other channel may sell. */
  reserved: Type.Optional(Decimal),
});
export type StockPolicy = Static<typeof StockPolicy>;

export const StockStatus = oneOf(['available', 'quarantine', 'damaged', 'expired', 'recalled', 'hold']);

/** A stock snapshot for one location: replaces the location's positions of the items it names. `asOfSeq` orders snapshots; an older one is never applied. */
export const StockSnapshot = closed({
  location: Code,
  asOf: Instant,
  asOfSeq: Type.Integer({ minimum: 0 }),
  positions: Type.Array(
    closed({
      sku: Code,
      lot: Type.Optional(Code),
      expiry: Type.Optional(LocalDate),
      status: Type.Optional(StockStatus),
      owner: Type.Optional(Code),
      quantity: Decimal,
      uom: Code,
    }),
    { maxItems: 50_000 },
  ),
});
export type StockSnapshot = Static<typeof StockSnapshot>;

/** Kinds of change that a site reports; picks and shipments are told as facts of their fulfilment order. */
export const STOCK_CHANGES = ['receipt', 'return', 'adjust', 'count', 'transferIn', 'transferOut'] as const;

/**
 * What changed of a location's stock, under one document of the source's own (a goods receipt, a count, a transfer). Line by
 * line it counts once, however often it is told.
 */
export const StockChange = closed({
  /** Who says so: a WMS, the ERP, a 3PL. Documents are numbered by it. */
  source: Code,
  document: Code,
  location: Code,
  type: oneOf(STOCK_CHANGES),
  occurredAt: Instant,
  poNo: Type.Optional(
    Type.Unsafe<string>({
      ...Code,
      description:
        'purchase order that a receipt is for: taken off its expected supply, and what exceeds that and its tolerance goes into quarantine',
    }),
  ),
  sourceSeq: Type.Optional(
    Type.Integer({
      minimum: 0,
      description:
        'place in the source’s own stock journal, compared with the `asOfSeq` of its snapshots; without it `occurredAt` is compared with `asOf`',
    }),
  ),
  lines: Type.Array(
    closed({
      lineNo: Type.Integer({ minimum: 1 }),
      sku: Code,
      lot: Type.Optional(Code),
      expiry: Type.Optional(LocalDate),
      status: Type.Optional(StockStatus),
      owner: Type.Optional(Code),
      quantity: Type.Unsafe<string>({
        ...Decimal,
        description: 'signed: above zero for receipt, return and transferIn, below it for transferOut',
      }),
      uom: Code,
      reason: Type.Optional(Code),
      poNo: Type.Optional(Type.Unsafe<string>({ ...Code, description: 'where it is another one than the document’s' })),
    }),
    { minItems: 1, maxItems: 1_000 },
  ),
});
export type StockChange = Static<typeof StockChange>;

/** A price rule: narrowest scope wins (customer, then channel, then list), then priority, then largest minQty reached. */
export const PriceRule = closed({
  id: Code,
  kind: oneOf(['list', 'contract', 'promo', 'break']),
  sku: Code,
  customer: Type.Optional(Code),
  channel: Type.Optional(Code),
  price: UnitPrice,
  minQty: Type.Optional(PositiveDecimal),
  validFrom: LocalDate,
  validTo: Type.Optional(LocalDate),
  priority: Type.Integer(),
});
export type PriceRule = Static<typeof PriceRule>;

/** Expected supply, e.g. an acknowledged purchase order line; base units. */
export const ExpectedSupply = closed({
  poNo: Code,
  supplier: Code,
  sku: Code,
  quantity: Decimal,
  uom: Code,
  location: Code,
  dueDate: LocalDate,
  acknowledged: Type.Boolean(),
  overPct: Type.Optional(
    Type.String({
      pattern: '^(100|\\d{1,2}(\\.\\d{1,3})?)$',
      description:
        'percent of the order that may come in beyond it, 0 where it is left out; what exceeds that is put in quarantine',
    }),
  ),
});
export type ExpectedSupply = Static<typeof ExpectedSupply>;
