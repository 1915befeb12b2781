import { type Static, type TSchema, Type } from 'typebox';
import { itemReference } from './partner-documents.ts';
import { Code, Currency, closed, Decimal, LocalDate, oneOf, Quantity, Text, UnitPrice } from './schema.ts';

/*
 * Documents that report or announce something between companies: catalogues, stock, sales, receipts, returns, money,
 * transport. One form for both standards. Amounts are minor units of `currency`.
 */

const Minor = Type.Integer();
const Item = closed({
  gtin: itemReference.gtin,
  buyerItem: itemReference.buyerItem,
  vendorItem: itemReference.vendorItem,
});
/** A party by name and code. */
const Party = closed({ name: Type.Optional(Text), code: Type.Optional(Code), qualifier: Type.Optional(Code) });
const optional = <T extends TSchema>(schema: T) => Type.Optional(schema);
const many = <T extends TSchema>(schema: T) => Type.Array(schema, { maxItems: 100_000 });
const Any = closed({ value: Decimal, uom: Code });
/** Of the clock on the wall where the document was made. */
const LocalTime = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?$' });

/** X12 832, EDIFACT PRICAT. */
export const PriceCatalogue = closed({
  partner: Code,
  catalogueNo: Code,
  date: optional(LocalDate),
  validFrom: optional(LocalDate),
  validTo: optional(LocalDate),
  currency: Currency,
  supplier: optional(Party),
  buyer: optional(Party),
  lines: many(
    closed({
      item: optional(Item),
      description: optional(Text),
      price: optional(UnitPrice),
      minimum: optional(Quantity),
    }),
  ),
});
export type PriceCatalogue = Static<typeof PriceCatalogue>;

export const STOCK_KINDS = [
  'onHand',
  'available',
  'committed',
  'onOrder',
  'inTransit',
  'damaged',
  'onHold',
  'backordered',
] as const;
/** X12 846, EDIFACT INVRPT: what a warehouse or supplier has, or what may be sold. */
export const InventoryReport = closed({
  partner: Code,
  reportNo: Code,
  date: LocalDate,
  time: optional(LocalTime),
  warehouse: optional(Party),
  lines: many(
    closed({
      item: optional(Item),
      lot: optional(Code),
      expiry: optional(LocalDate),
      quantities: optional(many(closed({ kind: oneOf(STOCK_KINDS), quantity: Any }))),
    }),
  ),
});
export type InventoryReport = Static<typeof InventoryReport>;

/** X12 820, EDIFACT REMADV: which invoices a payment is for. */
export const Remittance = closed({
  partner: Code,
  paymentNo: Code,
  paidOn: optional(LocalDate),
  currency: Currency,
  amountMinor: Minor,
  payer: optional(Party),
  payee: optional(Party),
  applications: optional(
    many(
      closed({
        invoiceNo: Code,
        paidMinor: Minor,
        invoicedMinor: optional(Minor),
        discountMinor: optional(Minor),
        deduction: optional(closed({ code: optional(Code), amountMinor: optional(Minor) })),
      }),
    ),
  ),
});
export type Remittance = Static<typeof Remittance>;

export const SALES_KINDS = ['sold', 'returned', 'onHand', 'onOrder', 'received'] as const;
/** X12 852 and 867, EDIFACT SLSRPT: what was sold on, by place. */
export const SalesReport = closed({
  partner: Code,
  reportNo: optional(Code),
  /** Who sold, and whose goods were sold. */
  buyer: optional(Party),
  supplier: optional(Party),
  from: optional(LocalDate),
  to: optional(LocalDate),
  places: many(
    closed({
      place: optional(Code),
      lines: optional(
        many(
          closed({
            item: optional(Item),
            activities: optional(many(closed({ kind: oneOf(SALES_KINDS), quantity: Any }))),
          }),
        ),
      ),
    }),
  ),
});
export type SalesReport = Static<typeof SalesReport>;

/** X12 861 and 944, EDIFACT RECADV: what arrived of an order or shipment, and in which state. */
export const ReceivingAdvice = closed({
  partner: Code,
  receiptNo: Code,
  receivedOn: LocalDate,
  /** Who received, and who had sent. */
  buyer: optional(Party),
  supplier: optional(Party),
  warehouse: optional(Party),
  poNumber: optional(Code),
  shipmentNo: optional(Code),
  depositorOrderNo: optional(Code),
  lines: many(
    closed({
      lineNo: optional(Code),
      item: optional(Item),
      /** All that came in, what is wrong with it included. */
      received: optional(Any),
      /** What of it is good, where the document says so itself. */
      accepted: optional(Any),
      damaged: optional(Any),
      short: optional(Any),
      over: optional(Any),
      /** There, and neither good nor damaged: of poor quality, the wrong product, refused. */
      rejected: optional(Any),
      lot: optional(Code),
      expiry: optional(LocalDate),
      poNumber: optional(Code),
    }),
  ),
});
export type ReceivingAdvice = Static<typeof ReceivingAdvice>;

/** X12 943: goods on their way into somebody's warehouse. */
export const ExpectedReceipt = closed({
  partner: Code,
  shipmentNo: Code,
  date: optional(LocalDate),
  depositorOrderNo: optional(Code),
  poNumber: optional(Code),
  warehouse: optional(Party),
  lines: many(closed({ item: optional(Item), quantity: Any, lot: optional(Code) })),
});
export type ExpectedReceipt = Static<typeof ExpectedReceipt>;

/** X12 947: what a warehouse changed in its books. The quantity is signed; reasons stay as the warehouse wrote them. */
export const StockAdjustment = closed({
  partner: Code,
  adjustmentNo: optional(Code),
  date: LocalDate,
  warehouse: optional(Party),
  lines: many(closed({ reason: Code, quantity: Any, item: optional(Item), lot: optional(Code) })),
});
export type StockAdjustment = Static<typeof StockAdjustment>;

/** X12 180: goods that a customer wants to send back, or was allowed to. */
export const ReturnRequest = closed({
  partner: Code,
  purpose: oneOf(['request', 'authorisation', 'notification']),
  returnNo: Code,
  date: LocalDate,
  poNumber: optional(Code),
  rmaNo: optional(Code),
  lines: optional(
    many(closed({ item: optional(Item), quantity: Quantity, price: optional(UnitPrice), reason: optional(Code) })),
  ),
});
export type ReturnRequest = Static<typeof ReturnRequest>;

/** X12 812: a deduction or credit beside invoices. */
export const CreditDebitAdjustment = closed({
  partner: Code,
  adjustmentNo: Code,
  date: LocalDate,
  currency: Currency,
  kind: oneOf(['credit', 'debit']),
  amountMinor: Minor,
  invoiceNo: optional(Code),
  invoiceDate: optional(LocalDate),
  poNumber: optional(Code),
  lines: optional(
    many(
      closed({
        reason: Code,
        kind: oneOf(['credit', 'debit']),
        amountMinor: optional(Minor),
        quantity: optional(Quantity),
        item: optional(Item),
      }),
    ),
  ),
});
export type CreditDebitAdjustment = Static<typeof CreditDebitAdjustment>;

/** X12 824, EDIFACT APERAK: what the receiver's application thinks of a document that was well-formed. */
export const ApplicationAdvice = closed({
  partner: Code,
  adviceNo: Code,
  date: optional(LocalDate),
  verdict: oneOf(['accepted', 'accepted_with_errors', 'rejected']),
  /** The document's own number: purchase order, shipment, invoice. */
  reference: optional(Code),
  errors: optional(many(closed({ code: Code, text: optional(Text) }))),
});
export type ApplicationAdvice = Static<typeof ApplicationAdvice>;

/** X12 864: text for people. */
export const TextMessage = closed({
  partner: Code,
  subject: optional(Text),
  date: optional(LocalDate),
  messages: many(closed({ reference: Code, subject: optional(Text), lines: optional(many(Text)) })),
});
export type TextMessage = Static<typeof TextMessage>;

/** X12 870: how far an order is. */
export const OrderStatusAdvice = closed({
  partner: Code,
  reportNo: Code,
  date: LocalDate,
  orders: many(
    closed({
      poNumber: optional(Code),
      lines: optional(
        many(
          closed({
            lineNo: optional(Code),
            item: optional(Item),
            ordered: optional(Quantity),
            statuses: optional(many(closed({ status: Code, date: optional(LocalDate) }))),
          }),
        ),
      ),
    }),
  ),
});
export type OrderStatusAdvice = Static<typeof OrderStatusAdvice>;

const Stop = closed({
  stopNo: optional(Code),
  kind: oneOf(['pickup', 'delivery']),
  place: optional(Party),
  on: optional(LocalDate),
  orders: optional(many(Code)),
});

/** X12 204, EDIFACT IFTMIN: a load offered to a carrier. */
export const LoadTender = closed({
  partner: Code,
  shipmentNo: Code,
  scac: optional(Code),
  purpose: oneOf(['original', 'cancel', 'change']),
  payer: optional(Code),
  weightGrams: optional(Type.Integer()),
  stops: optional(many(Stop)),
});
export type LoadTender = Static<typeof LoadTender>;

/** X12 990: the carrier's answer. */
export const TenderResponse = closed({
  partner: Code,
  shipmentNo: Code,
  scac: Code,
  date: optional(LocalDate),
  answer: oneOf(['accepted', 'declined']),
});
export type TenderResponse = Static<typeof TenderResponse>;

/** X12 210: what the carrier charges. */
export const FreightInvoice = closed({
  partner: Code,
  invoiceNo: Code,
  shipmentNo: optional(Code),
  invoiceDate: LocalDate,
  scac: optional(Code),
  payer: optional(Code),
  currency: Currency,
  totalMinor: Minor,
  deliveredOn: optional(LocalDate),
  references: optional(many(closed({ qualifier: Code, value: Code }))),
  charges: optional(many(closed({ description: optional(Text), code: optional(Code), amountMinor: optional(Minor) }))),
});
export type FreightInvoice = Static<typeof FreightInvoice>;

/** X12 753: goods that are ready and want to know by whom they go; X12 754: the answer. */
export const RoutingRequest = closed({
  partner: Code,
  requestNo: Code,
  date: LocalDate,
  shipFrom: optional(Party),
  destinations: optional(many(closed({ place: optional(Party), orders: optional(many(Code)) }))),
});
export type RoutingRequest = Static<typeof RoutingRequest>;
export const RoutingInstruction = closed({
  partner: Code,
  requestNo: Code,
  date: LocalDate,
  shipments: optional(
    many(closed({ scac: optional(Code), pickupOn: optional(LocalDate), orders: optional(many(Code)) })),
  ),
});
export type RoutingInstruction = Static<typeof RoutingInstruction>;

/** X12 816: the places of a partner. */
export const OrganizationDirectory = closed({
  partner: Code,
  date: optional(LocalDate),
  groups: optional(
    many(
      closed({
        level: Code,
        members: optional(
          many(closed({ role: Code, name: optional(Text), qualifier: optional(Code), code: optional(Code) })),
        ),
      }),
    ),
  ),
});
export type OrganizationDirectory = Static<typeof OrganizationDirectory>;
