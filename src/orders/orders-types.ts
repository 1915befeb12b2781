import type { Static } from 'typebox';
import type {
  Customer,
  FulfillmentFact,
  Hold,
  Item,
  LineFactTotals,
  MANUAL_HOLD,
  Milestone,
  OrderSubmission,
  PriceRule,
  RawCode,
  SalesOrder,
  SalesOrderLine,
  UnitProblem,
} from '../model/index.ts';
import type { NewException } from '../exceptions/index.ts';
import type { ErrorCode, ErrorDetail } from '../platform/index.ts';

type RawCodeValue = Static<typeof RawCode>;

/** Codes that hold a whole order back from the ERP. */
export type OrderHoldCode =
  | 'CUSTOMER_BLOCKED'
  | 'TEST_IN_PRODUCTION'
  | 'FX_STALE'
  | 'SHIPTO_INVALID'
  | 'CREDIT_HOLD'
  | 'SHIP_COMPLETE';
/** Codes that hold a line. */
export const LINE_HOLD_CODES = [
  'PRICE_MISMATCH',
  'PRICE_MISSING',
  'PRICE_UNIT',
  'ITEM_DISCONTINUED',
  'ITEM_BLOCKED',
  'QUANTITY_IMPLAUSIBLE',
  'PACK_MISMATCH',
] as const;
export type LineHoldCode = (typeof LINE_HOLD_CODES)[number];
export type HoldCode = OrderHoldCode | LineHoldCode | typeof MANUAL_HOLD;

/** Codes that somebody should know about while the order goes on. */
export type NoticeCode = 'EXEMPTION_EXPIRED' | 'TERMS_MISMATCH';

/** A hold as the state keeps it: with its cause, so that siblings are found. */
export type StateHold = Hold & { causeKey?: string };

/** A reason to hold an order, or with `lineNo` one of its lines. */
export interface HoldProblem {
  readonly code: HoldCode;
  readonly lineNo?: number;
  readonly cause: string;
  readonly suggestedFix?: string;
  readonly moneyAtRiskMinor: number;
  /** What siblings with the same cause share, e.g. the raw ship-to code: fix once, release all. */
  readonly causeKey: string;
  readonly data: Record<string, unknown>;
}

export interface Notice {
  readonly code: NoticeCode;
  readonly cause: string;
  readonly data: Record<string, unknown>;
}

/** What judging an order against today's master data came to. */
export interface OrderCheck {
  readonly problems: HoldProblem[];
  readonly notices: Notice[];
  /** Where it goes, when that could be resolved now and could not before. */
  readonly shipTo?: SalesOrder['shipTo'];
  /** Prices of lines that had none so far. */
  readonly prices: ReadonlyMap<number, LinePrice>;
}

export interface LinePrice {
  readonly price: SalesOrderLine['price'];
  readonly priceSource: SalesOrderLine['priceSource'];
  readonly amountMinor: number;
}

/** A person let the order, or one of its lines, go on despite a hold code. */
export interface Waiver {
  code: string;
  lineNo?: number;
  by: string;
  at: string;
  reason: string;
}

/** An order as it came in; never changes afterwards. `orderedBase` is in base units. */
export interface OrderDocument
  extends Omit<SalesOrder, 'version' | 'orderNo' | 'status' | 'portalStatus' | 'lines' | 'updatedAt' | 'erpOrderNo'> {
  /** Whose credit limit it counts against. */
  creditAccount: string;
  /** W3C trace context of the submission; everything that follows from the order carries it. */
  traceparent?: string;
  /** Terms as the purchase order stated them; ours apply. */
  statedTerms?: OrderSubmission['terms'];
  lines: DocumentLine[];
}
export interface DocumentLine
  extends Omit<SalesOrderLine, 'q' | 'milestone' | 'promisedDate' | 'rejected' | 'inferred'> {
  orderedBase: string;
  /** Neither the buyer nor our lists priced it; `price` is then a zero that means nothing. */
  unpriced?: boolean;
}

/** What changes about a line. Absent means: as in the document, zero, or none. */
export interface LineState {
  lineNo: number;
  allocated?: string;
  backordered?: string;
  /** Cancelled or rejected by the hub. */
  cancelled?: string;
  rejected?: { quantity: string; reason: string };
  promisedDate?: string;
  price?: SalesOrderLine['price'];
  priceSource?: SalesOrderLine['priceSource'];
  amountMinor?: number;
  holds?: StateHold[];
  /** Sums of facts that are not zero. */
  facts?: Partial<LineFactTotals>;
}

/** What changes about an order. */
export interface OrderState {
  /** `open` until every line is decided and nothing holds it; then it goes on and never comes back. */
  decision: 'open' | 'accepted' | 'rejected';
  credit: 'unchecked' | 'approved' | 'held';
  /** What the order cost when credit was granted, with tax and less what was cancelled; above it credit is asked again. */
  grantedMinor?: number;
  holds: StateHold[];
  waivers: Waiver[];
  /** Counts reservations, so that a renewed one has a key of its own. */
  reserveRound: number;
  /** Whether a partner's document stands behind it, which may want documents in answer; absent: not looked up yet. */
  byDocument?: boolean;
  /** Stock is set aside softly while the order is held. */
  softReserved?: boolean;
  /** Codes of notices that were given. */
  notices?: string[];
  shipTo?: SalesOrder['shipTo'];
  shipComplete?: boolean;
  cancelReason?: string;
  erpOrderNo?: string;
  /** It was handed to the ERP's lane. */
  erpRequested?: boolean;
  /** Numbers of the lines that have gone on to the ERP and the warehouse; others are held or cancelled. */
  goneLines?: number[];
  billedMinor?: number;
  paidMinor?: number;
  refundedMinor?: number;
  /** What this order adds to its account's exposure, as recorded there. */
  exposure?: { unshippedMinor: number; uninvoicedMinor: number };
  lines: LineState[];
}

/** An order locked for change. Mutate it with the functions of this room, then `saveOrders`. */
export interface OrderAggregate {
  readonly id: string;
  readonly orderNo: string;
  readonly document: OrderDocument;
  readonly state: OrderState;
  /** As loaded or last saved. */
  version: number;
  /** RFC 3339; as loaded or last saved. */
  updatedAt: string;
  /** As it is now, derived anew after changes by the functions of this room and by `saveOrders`. */
  order: SalesOrder;
}

/** What judging needs to know. Functions answer from memory or from rows fetched before: judging does no I/O. */
export interface OrderFacts {
  tenantId: string;
  now: Date;
  /** Local date of the company. */
  today: string;
  customer(accountNo: string): Customer | undefined;
  itemBySku(sku: string): Item | undefined;
  itemByGtin(gtin: string): { item: Item; uom: string } | undefined;
  pricesOf(sku: string): readonly PriceRule[];
  /** Approved cross-reference of a partner's item number: a SKU. */
  itemReference?(customer: string, external: string): string | undefined;
  /** Approved cross-reference of a raw ship-to code: the id of an address of the customer. */
  shipToReference?(customer: string, code: RawCodeValue): string | undefined;
}

export interface JudgeContext {
  orderId: string;
  correlationId: string;
  traceparent?: string;
  sourceMessageId?: string;
  instance?: number;
}

export type Judgement =
  | { outcome: 'order'; document: OrderDocument }
  | { outcome: 'refused'; code: ErrorCode; message: string; errors: ErrorDetail[] };

export type InsertResult =
  | { outcome: 'created'; order: SalesOrder }
  | { outcome: 'duplicate'; existingId: string; existingOrderNo: string; differs: boolean };

export interface OrderFilter {
  customer?: string;
  customerPo?: string;
  channel?: string;
  orderNo?: string;
  milestone?: Milestone;
  onHold?: boolean;
  /** Neither delivered, cancelled nor returned. */
  open?: boolean;
  /** With (or without) an exception that wants somebody. */
  exception?: boolean;
  /** Orders created from then on. */
  since?: Date;
}

/** A fact with the order it belongs to; without one it is looked up by `orderNo` and else parked. */
export interface OrderFact extends FulfillmentFact {
  orderId?: string;
}

/** A line's total of one kind went up (or, by a correction or void, down) because of facts. */
export interface LineChange {
  orderId: string;
  lineNo: number;
  kind: FulfillmentFact['kind'];
  before: string;
  after: string;
  /** Newest of the facts that caused it. */
  occurredAt: string;
}

export interface FactResult {
  /** Locked, changed and saved. */
  orders: Map<string, OrderAggregate>;
  /** Empty for repeated or late facts: then nobody is notified again. */
  changes: LineChange[];
  /** Facts of unknown parents, kept until these appear. */
  parked: OrderFact[];
  /** Same key, sequence and content: counted no-ops. */
  duplicates: number;
  /** Same key and sequence, other content. */
  conflicts: OrderFact[];
  /** Unit that the line's item does not know, or a line that the order does not have. */
  unusable: { fact: OrderFact; code: UnitProblem['code'] | 'UNKNOWN_LINE' }[];
  /** What the facts' caller has to raise: conflicts, and cancels that came too late. */
  exceptions: NewException[];
}
