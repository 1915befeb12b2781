import { type Static, Type } from 'typebox';
import {
  Address,
  Code,
  Currency,
  closed,
  Decimal,
  Instant,
  LocalDate,
  Money,
  oneOf,
  Quantity,
  RawCode,
  Text,
  UnitPrice,
  WrittenNumber,
} from './schema.ts';

const Codes = Type.Record(Type.String({ maxLength: 40 }), Type.String({ maxLength: 120 }), { maxProperties: 40 });

/** Local dates as the buyer stated them; all are echoed on 855, 856 and 810. */
export const Windows = closed({
  requestedShip: Type.Optional(LocalDate),
  requestedDelivery: Type.Optional(LocalDate),
  shipNotBefore: Type.Optional(LocalDate),
  shipNotAfter: Type.Optional(LocalDate),
  deliverNotBefore: Type.Optional(LocalDate),
  deliverNotAfter: Type.Optional(LocalDate),
  cancelAfter: Type.Optional(LocalDate),
});
export type Windows = Static<typeof Windows>;

/** A party as named on the document: role BY, ST, BT, SE … with its raw code and what was written beside it. */
export const DocumentParty = closed({
  role: Code,
  raw: Type.Optional(RawCode),
  name: Type.Optional(Text),
  address: Type.Optional(Address),
});

/** Ship-to as a submission may give it: the id of one of the customer's addresses, a raw partner code (GLN, 92 …), or a one-off address. */
export const ShipToInput = Type.Union([
  Code,
  closed({ code: RawCode, name: Type.Optional(Text), address: Type.Optional(Address) }),
  closed({ name: Type.Optional(Text), address: Address }),
]);
export type ShipToInput = Static<typeof ShipToInput>;

export const OrderLineInput = closed({
  /** PO101 verbatim; the API may leave it out. */
  customerLineNo: Type.Optional(Code),
  sku: Type.Optional(Code),
  gtin: Type.Optional(Type.String({ pattern: '^\\d{8,14}$' })),
  buyerItem: Type.Optional(Code),
  vendorItem: Type.Optional(Code),
  description: Type.Optional(Text),
  quantity: Quantity,
  price: Type.Optional(UnitPrice),
  /** PO105, the basis-of-price code verbatim. */
  priceBasis: Type.Optional(Code),
  /** How many the buyer counts to a pack (PO401, QTY 59), kept beside the unit; nothing is converted by it. */
  packFactor: Type.Optional(Decimal),
  requestedDate: Type.Optional(LocalDate),
});
export type OrderLineInput = Static<typeof OrderLineInput>;

/** More lines than this are several orders. */
export const mostOrderLines = 1000;

/**
 * What every door hands to `flows/submit-order`: API, storefront, CSV and 850 alike.
 * `customer` is an account number; doors resolve partner ids to it through the agreement before they submit.
 */
export const OrderSubmission = closed({
  channel: Code,
  customer: Code,
  customerPo: Type.Optional(WrittenNumber),
  release: Type.Optional(WrittenNumber),
  purpose: Type.Optional(oneOf(['original', 'change', 'cancel'])),
  orderDate: Type.Optional(LocalDate),
  requestedDate: Type.Optional(LocalDate),
  windows: Type.Optional(Windows),
  shipTo: Type.Optional(ShipToInput),
  currency: Type.Optional(Currency),
  shipComplete: Type.Optional(Type.Boolean()),
  partnerRefs: Type.Optional(Codes),
  parties: Type.Optional(Type.Array(DocumentParty, { maxItems: 20 })),
  freight: Type.Optional(
    closed({
      payer: Type.Optional(Code),
      scac: Type.Optional(Code),
      service: Type.Optional(Text),
      routing: Type.Optional(Text),
    }),
  ),
  terms: Type.Optional(
    closed({
      code: Type.Optional(Code),
      netDays: Type.Optional(Type.Integer()),
      discPct: Type.Optional(Decimal),
      discDays: Type.Optional(Type.Integer()),
      text: Type.Optional(Text),
    }),
  ),
  nativeId: Type.Optional(Code),
  test: Type.Optional(Type.Boolean()),
  notes: Type.Optional(Type.Array(Text, { maxItems: 20 })),
  lines: Type.Array(OrderLineInput, { minItems: 1, maxItems: mostOrderLines }),
});
export type OrderSubmission = Static<typeof OrderSubmission>;

export const Hold = closed({ code: Code, since: Instant, by: Code, exceptionId: Type.Optional(Code) });
export type Hold = Static<typeof Hold>;

/** The hold that a person puts on: nothing but a person, or a cancel, ends it. */
export const MANUAL_HOLD = 'MANUAL_HOLD';

/** Cumulative base-unit quantities of one line; decimal strings. Status is derived from these alone. */
export const LineQuantities = closed({
  ordered: Decimal,
  cancelled: Decimal,
  allocated: Decimal,
  backordered: Decimal,
  released: Decimal,
  picked: Decimal,
  packed: Decimal,
  shipped: Decimal,
  delivered: Decimal,
  invoiced: Decimal,
  returned: Decimal,
});
export type LineQuantities = Static<typeof LineQuantities>;

export const MILESTONES = [
  'received',
  'credit_approved',
  'backordered',
  'partially_allocated',
  'allocated',
  'released',
  'picked',
  'packed',
  'partially_shipped',
  'shipped',
  'partially_delivered',
  'delivered',
  'cancelled',
  'returned',
] as const;
export const Milestone = oneOf(MILESTONES);
export type Milestone = (typeof MILESTONES)[number];

export const OrderStatus = closed({
  milestone: Milestone,
  onHold: Type.Boolean(),
  exception: Type.Boolean(),
  invoice: oneOf(['none', 'partial', 'invoiced']),
  payment: oneOf(['unpaid', 'partial', 'paid', 'overpaid', 'refunded']),
});
export type OrderStatus = Static<typeof OrderStatus>;

export const SalesOrderLine = closed({
  lineNo: Type.Integer({ minimum: 1 }),
  customerLineNo: Type.Optional(Code),
  sku: Code,
  description: Type.Optional(Text),
  gtin: Type.Optional(Code),
  buyerItem: Type.Optional(Code),
  vendorItem: Type.Optional(Code),
  /** The item number as ordered, before any substitution. */
  orderedItemRef: Code,
  /** As ordered, in the buyer's unit. */
  ordered: Quantity,
  /** Base units per ordered unit, exactly num/den. */
  num: Type.Integer({ minimum: 1 }),
  den: Type.Integer({ minimum: 1 }),
  baseUom: Code,
  price: UnitPrice,
  priceSource: oneOf(['po', 'contract', 'list', 'promo', 'override']),
  priceBasis: Type.Optional(Code),
  packFactor: Type.Optional(Decimal),
  /** Extended price of the ordered quantity, minor units, rounded half up once. */
  amountMinor: Type.Integer(),
  promisedDate: Type.Optional(LocalDate),
  requestedDate: Type.Optional(LocalDate),
  substitutedFor: Type.Optional(Type.Integer()),
  /** A service or charge: no goods move. */
  service: Type.Optional(Type.Boolean()),
  /** Base units we will not supply (part of `q.cancelled`), and why: ITEM_DISCONTINUED, BACKORDER_REFUSED, REJECTED … */
  rejected: Type.Optional(closed({ quantity: Decimal, reason: Code })),
  /** Steps nobody reported that are known to have happened because a later one was reported. */
  inferred: Type.Optional(Type.Array(Code)),
  holds: Type.Array(Hold),
  q: LineQuantities,
  milestone: Milestone,
});
export type SalesOrderLine = Static<typeof SalesOrderLine>;

export const SalesOrder = closed({
  id: Code,
  orderNo: Code,
  version: Type.Integer(),
  correlationId: Code,
  channel: Code,
  customer: Code,
  customerName: Text,
  customerPo: Type.Optional(Code),
  release: Type.Optional(Code),
  purpose: oneOf(['original', 'change', 'cancel']),
  orderDate: LocalDate,
  requestedDate: Type.Optional(LocalDate),
  windows: Windows,
  shipTo: closed({
    id: Type.Optional(Code),
    name: Type.Optional(Text),
    address: Type.Optional(Address),
    raw: Type.Optional(RawCode),
    gln: Type.Optional(Code),
    resolved: Type.Boolean(),
  }),
  billTo: Type.Optional(Code),
  currency: Type.String(),
  terms: closed({
    netDays: Type.Integer(),
    discPct: Type.Optional(Decimal),
    discDays: Type.Optional(Type.Integer()),
    code: Type.Optional(Code),
    text: Type.Optional(Text),
  }),
  taxContext: closed({ exempt: Type.Boolean(), certNo: Type.Optional(Code), estimatedMinor: Type.Integer() }),
  freight: Type.Optional(
    closed({
      payer: Type.Optional(Code),
      scac: Type.Optional(Code),
      service: Type.Optional(Text),
      routing: Type.Optional(Text),
    }),
  ),
  partnerRefs: Codes,
  parties: Type.Array(DocumentParty),
  shipComplete: Type.Boolean(),
  holds: Type.Array(Hold),
  totals: closed({ lines: Type.Integer(), amountMinor: Type.Integer() }),
  money: Type.Optional(Money),
  nativeId: Type.Optional(Code),
  erpOrderNo: Type.Optional(Code),
  naturalKey: Code,
  fingerprint: Code,
  sourceMessageId: Type.Optional(Code),
  test: Type.Boolean(),
  status: OrderStatus,
  portalStatus: Text,
  lines: Type.Array(SalesOrderLine),
  createdAt: Instant,
  updatedAt: Instant,
});
export type SalesOrder = Static<typeof SalesOrder>;
