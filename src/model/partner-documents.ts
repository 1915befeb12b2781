import { type Static, Type } from 'typebox';
import { DocumentParty } from './sales-order.ts';
import { Code, Currency, closed, Decimal, LocalDate, oneOf, Quantity, RawCode, Text, UnitPrice } from './schema.ts';

/*
 * Documents that a trading partner sends about an order, in one form whichever standard they came in. Codes are the
 * model's own; what partners disagree about (line codes, roles, qualifiers) has been resolved by the map and the agreement.
 */

const References = Type.Record(Type.String({ maxLength: 40 }), Type.String({ maxLength: 120 }), { maxProperties: 40 });

/** An item as both sides name it; `gtin` in its 14-digit form. */
export const itemReference = {
  gtin: Type.Optional(Type.String({ pattern: '^\\d{14}$' })),
  buyerItem: Type.Optional(Code),
  vendorItem: Type.Optional(Code),
  description: Type.Optional(Text),
};
export interface ItemReference {
  gtin?: string;
  buyerItem?: string;
  vendorItem?: string;
  description?: string;
}

/** What becomes of (a part of) an ordered line. */
export const LINE_OUTCOMES = [
  'accepted',
  'price_changed',
  'quantity_changed',
  'backordered',
  'substituted',
  'rejected',
  'held',
] as const;
export type LineOutcome = (typeof LINE_OUTCOMES)[number];

/** X12 855 and EDIFACT ORDRSP: the seller's answer to a purchase order. */
export const PoAcknowledgment = closed({
  partner: Code,
  poNumber: Code,
  release: Type.Optional(Code),
  type: oneOf(['accept', 'change', 'reject']),
  /** Of the answer. */
  date: Type.Optional(LocalDate),
  orderDate: Type.Optional(LocalDate),
  references: Type.Optional(References),
  parties: Type.Optional(Type.Array(DocumentParty, { maxItems: 20 })),
  lines: Type.Array(
    closed({
      lineNo: Type.Optional(Code),
      ...itemReference,
      ordered: Type.Optional(Quantity),
      price: Type.Optional(UnitPrice),
      outcomes: Type.Array(
        closed({
          status: oneOf(LINE_OUTCOMES),
          quantity: Quantity,
          /** When it is to ship. */
          date: Type.Optional(LocalDate),
          /** The seller's number of what comes instead. */
          substitute: Type.Optional(Code),
        }),
      ),
    }),
    { maxItems: 10_000 },
  ),
});
export type PoAcknowledgment = Static<typeof PoAcknowledgment>;

/** X12 860 and EDIFACT ORDCHG: what a buyer wants changed; X12 865: what the seller says to it. */
export const OrderChange = closed({
  partner: Code,
  poNumber: Code,
  release: Type.Optional(Code),
  changeNo: Type.Optional(Code),
  date: Type.Optional(LocalDate),
  orderDate: Type.Optional(LocalDate),
  purpose: oneOf(['change', 'cancel', 'replace']),
  /** Set on an answer to a change. */
  answer: Type.Optional(oneOf(['accept', 'change', 'reject'])),
  requestedDate: Type.Optional(LocalDate),
  lines: Type.Array(
    closed({
      lineNo: Type.Optional(Code),
      item: Type.Optional(
        closed({ gtin: itemReference.gtin, buyerItem: itemReference.buyerItem, vendorItem: itemReference.vendorItem }),
      ),
      description: Type.Optional(Text),
      action: oneOf(['add', 'delete', 'change', 'none']),
      /** The line's quantity after the change. */
      quantity: Type.Optional(Quantity),
      price: Type.Optional(UnitPrice),
      requestedDate: Type.Optional(LocalDate),
      outcome: Type.Optional(oneOf(LINE_OUTCOMES)),
    }),
    { maxItems: 10_000 },
  ),
});
export type OrderChange = Static<typeof OrderChange>;

/** X12 856 and EDIFACT DESADV: what is on its way, package by package. */
export const AdvanceShipNotice = closed({
  partner: Code,
  shipmentNo: Code,
  date: LocalDate,
  shippedOn: Type.Optional(LocalDate),
  expectedOn: Type.Optional(LocalDate),
  scac: Type.Optional(Code),
  carrierName: Type.Optional(Text),
  bol: Type.Optional(Code),
  proNo: Type.Optional(Code),
  packageCount: Type.Optional(Type.Integer({ minimum: 0 })),
  weightGrams: Type.Optional(Type.Integer({ minimum: 0 })),
  poNumbers: Type.Array(Code),
  parties: Type.Optional(Type.Array(DocumentParty, { maxItems: 50 })),
  packages: Type.Array(
    closed({
      sscc: Type.Optional(Type.String({ pattern: '^\\d{18}$' })),
      /** Of the pallet that the package stands on. */
      parentSscc: Type.Optional(Type.String({ pattern: '^\\d{18}$' })),
      tracking: Type.Optional(Code),
      contents: Type.Array(
        closed({
          poNumber: Type.Optional(Code),
          /** Cross-dock: the store (N1*BY of its order) that it is for, where orders of several stores travel together. */
          store: Type.Optional(RawCode),
          lineNo: Type.Optional(Code),
          ...itemReference,
          quantity: Quantity,
          lot: Type.Optional(Code),
          expiry: Type.Optional(LocalDate),
          serials: Type.Optional(Type.Array(Code)),
        }),
      ),
    }),
    { maxItems: 20_000 },
  ),
});
export type AdvanceShipNotice = Static<typeof AdvanceShipNotice>;

/** X12 810 and EDIFACT INVOIC: what a supplier charges. Amounts are minor units of `currency`. */
export const SupplierInvoice = closed({
  partner: Code,
  kind: oneOf(['invoice', 'creditMemo']),
  invoiceNo: Code,
  invoiceDate: LocalDate,
  dueDate: Type.Optional(LocalDate),
  poNumber: Type.Optional(Code),
  orderDate: Type.Optional(LocalDate),
  shipmentNo: Type.Optional(Code),
  currency: Currency,
  references: Type.Optional(References),
  parties: Type.Optional(Type.Array(DocumentParty, { maxItems: 50 })),
  lines: Type.Array(
    closed({
      lineNo: Type.Optional(Code),
      ...itemReference,
      quantity: closed({ value: Decimal, uom: Code }),
      price: Type.Optional(UnitPrice),
      amountMinor: Type.Integer(),
    }),
    { maxItems: 10_000 },
  ),
  charges: Type.Array(closed({ kind: oneOf(['allowance', 'charge']), code: Code, amountMinor: Type.Integer() })),
  taxMinor: Type.Integer(),
  totalMinor: Type.Integer(),
  /** TDS02 to TDS04: the part that a discount for early payment is taken of, what is then due, and the discount. */
  cashDiscount: Type.Optional(
    closed({
      ofMinor: Type.Optional(Type.Integer()),
      dueMinor: Type.Optional(Type.Integer()),
      amountMinor: Type.Optional(Type.Integer()),
    }),
  ),
});
export type SupplierInvoice = Static<typeof SupplierInvoice>;
