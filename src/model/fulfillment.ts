import { type Static, Type } from 'typebox';
import { Address, Code, closed, Decimal, Instant, LocalDate, oneOf, Quantity, Text, UnitPrice } from './schema.ts';

export const FulfillmentOrderLine = closed({
  lineNo: Type.Integer({ minimum: 1 }),
  sku: Code,
  /** Base units. */
  quantity: Decimal,
  uom: Code,
  lots: Type.Optional(Type.Array(closed({ lot: Code, quantity: Decimal }))),
});

/** One release to one site. Never changed once sent; a short pick or cancel is a fact about it. */
export const FulfillmentOrder = closed({
  id: Code,
  fulfillmentNo: Code,
  orderId: Code,
  orderNo: Code,
  location: Code,
  carrier: Type.Optional(Code),
  service: Type.Optional(Text),
  shipBy: Type.Optional(LocalDate),
  shipTo: closed({ name: Type.Optional(Text), address: Type.Optional(Address), gln: Type.Optional(Code) }),
  customerPo: Type.Optional(Code),
  status: oneOf(['created', 'released', 'picked', 'packed', 'shipped', 'cancelled', 'rejected']),
  lines: Type.Array(FulfillmentOrderLine, { minItems: 1 }),
});
export type FulfillmentOrder = Static<typeof FulfillmentOrder>;

export const PackageContent = closed({
  lineNo: Type.Integer({ minimum: 1 }),
  sku: Code,
  quantity: Decimal,
  uom: Code,
  lot: Type.Optional(Code),
  expiry: Type.Optional(LocalDate),
  serials: Type.Optional(Type.Array(Code)),
});

export const ShipmentPackage = closed({
  packageNo: Type.Integer({ minimum: 1 }),
  sscc: Type.Optional(Type.String({ pattern: '^\\d{18}$' })),
  tracking: Type.Optional(Code),
  weightGrams: Type.Optional(Type.Integer({ minimum: 0 })),
  contents: Type.Array(PackageContent, { minItems: 1 }),
});
export type ShipmentPackage = Static<typeof ShipmentPackage>;

export const Shipment = closed({
  id: Code,
  shipmentNo: Code,
  orderId: Code,
  orderNo: Code,
  fulfillmentOrderId: Code,
  fulfillmentNo: Code,
  location: Code,
  shipFrom: closed({ name: Text, address: Type.Optional(Address), gln: Type.Optional(Code) }),
  shipTo: closed({ name: Type.Optional(Text), address: Type.Optional(Address), gln: Type.Optional(Code) }),
  carrier: Type.Optional(Code),
  scac: Type.Optional(Code),
  service: Type.Optional(Text),
  proNo: Type.Optional(Code),
  bol: Type.Optional(Code),
  packedAt: Type.Optional(Instant),
  /** Absent until the goods have physically left; an 856 is never sent before. */
  shippedAt: Type.Optional(Instant),
  trackerStatus: oneOf([
    'none',
    'label',
    'in_transit',
    'out_for_delivery',
    'delivered',
    'exception',
    'returned',
    'voided',
  ]),
  voidedAt: Type.Optional(Instant),
  packages: Type.Array(ShipmentPackage, { minItems: 1 }),
  version: Type.Integer(),
});
export type Shipment = Static<typeof Shipment>;

/**
 * A fact: what a source says has happened to a line, cumulative per (source, document, line, kind).
 * The highest `sequence` wins; same sequence with another quantity is CONFLICTING_DUPLICATE.
 */
export const FACT_KINDS = [
  'released',
  'picked',
  'packed',
  'shipped',
  'delivered',
  'short',
  'cancelled',
  'invoiced',
  'returned',
] as const;
export const FulfillmentFact = closed({
  source: Code,
  document: Code,
  fulfillmentNo: Type.Optional(Code),
  orderNo: Type.Optional(Code),
  /** The shipment it belongs to, where known: a void of that shipment takes the fact with it. */
  shipmentNo: Type.Optional(Code),
  lineNo: Type.Integer({ minimum: 1 }),
  kind: oneOf(FACT_KINDS),
  quantity: Decimal,
  uom: Code,
  sequence: Type.Integer({ minimum: 0 }),
  occurredAt: Instant,
  reason: Type.Optional(Text),
});
export type FulfillmentFact = Static<typeof FulfillmentFact>;

/** What a warehouse (or the ERP for a branch) reports as physically shipped; becomes a Shipment. */
export const ShipmentReport = closed({
  source: Code,
  document: Code,
  sequence: Type.Integer({ minimum: 0 }),
  fulfillmentNo: Code,
  shippedAt: Instant,
  carrier: Type.Optional(Code),
  service: Type.Optional(Text),
  proNo: Type.Optional(Code),
  bol: Type.Optional(Code),
  packages: Type.Array(ShipmentPackage, { minItems: 1 }),
});
export type ShipmentReport = Static<typeof ShipmentReport>;

/** Whoever shipped says that a shipment never left: the one that its `document` packed or shipped. */
export const VoidReport = closed({
  source: Code,
  document: Code,
  fulfillmentNo: Code,
  voidedAt: Instant,
  reason: Type.Optional(Text),
});
export type VoidReport = Static<typeof VoidReport>;

export const TrackingReport = closed({
  source: Code,
  tracking: Code,
  status: oneOf(['label', 'in_transit', 'out_for_delivery', 'delivered', 'exception', 'returned', 'voided']),
  occurredAt: Instant,
  sequence: Type.Integer({ minimum: 0 }),
  nativeCode: Code,
  text: Type.Optional(Text),
});
export type TrackingReport = Static<typeof TrackingReport>;

export const InvoiceLine = closed({
  lineNo: Type.Integer({ minimum: 1 }),
  sku: Code,
  /** In the PO's unit, whatever the ERP uses. */
  quantity: Quantity,
  price: UnitPrice,
  amountMinor: Type.Integer(),
});

export const Invoice = closed({
  id: Code,
  kind: oneOf(['invoice', 'creditMemo']),
  invoiceNo: Code,
  orderId: Code,
  orderNo: Code,
  customer: Code,
  customerPo: Type.Optional(Code),
  shipmentNo: Type.Optional(Code),
  currency: Type.String(),
  invoiceDate: LocalDate,
  dueDate: LocalDate,
  lines: Type.Array(InvoiceLine, { minItems: 1 }),
  taxMinor: Type.Integer(),
  freightMinor: Type.Integer(),
  totalMinor: Type.Integer(),
  paidMinor: Type.Integer(),
  status: oneOf(['open', 'partial', 'paid', 'void']),
  postedAt: Instant,
  version: Type.Integer(),
});
export type Invoice = Static<typeof Invoice>;

/** An invoice as the ERP (its issuer) posted it. */
export const InvoiceReport = closed({
  source: Code,
  invoiceNo: Code,
  orderNo: Code,
  shipmentNo: Type.Optional(Code),
  invoiceDate: LocalDate,
  currency: Type.String(),
  lines: Type.Array(
    closed({
      lineNo: Type.Integer({ minimum: 1 }),
      quantity: Quantity,
      unitPrice: UnitPrice,
      amountMinor: Type.Integer(),
    }),
    { minItems: 1 },
  ),
  taxMinor: Type.Integer(),
  freightMinor: Type.Integer(),
  totalMinor: Type.Integer(),
  postedAt: Instant,
});
export type InvoiceReport = Static<typeof InvoiceReport>;

export const PaymentReport = closed({
  source: Code,
  paymentNo: Code,
  customer: Code,
  amountMinor: Type.Integer({ minimum: 1 }),
  currency: Type.String(),
  receivedAt: Instant,
  applications: Type.Optional(Type.Array(closed({ invoiceNo: Code, amountMinor: Type.Integer() }))),
});
export type PaymentReport = Static<typeof PaymentReport>;
