export const STOCK_STATUSES = ['available', 'quarantine', 'damaged', 'expired', 'recalled', 'hold'] as const;
export type StockStatusName = (typeof STOCK_STATUSES)[number];

/**
 * One wish for stock. Quantities are base units, exact decimals, greater than zero. Demands are served in the order
 * given, so the caller sorts by what counts (order of arrival, priority).
 */
export interface Demand {
  /**
   * Idempotency key, e.g. `order:<id>:<lineNo>`: a second call with the same key answers what the first one got and
   * reserves nothing.
   */
  key: string;
  orderId?: string;
  lineNo?: number;
  sku: string;
  quantity: string;
  channel: string;
  /** True allocates (orders); false is a soft reservation (credit hold, API) that can expire. */
  hard: boolean;
  expiresAt?: Date;
  /** Local date on which it would ship: lots must live `minShelfDays` beyond it. */
  shipDate: string;
  minShelfDays?: number;
  /** FEFO (default): earliest expiry first. FIFO: earliest received first. */
  issue?: 'FIFO' | 'FEFO';
  /** Only these sites; otherwise every sellable one. */
  locations?: readonly string[];
  /** Not from these sites, e.g. the one where it could not be found. */
  notFrom?: readonly string[];
  /** False: all or nothing. */
  partial: boolean;
  /** True: what is missing becomes unlocated demand of (orderId, lineNo), served in turn when stock arrives. */
  backorder: boolean;
  /** True: this is unlocated demand being served in its turn, not a newcomer that has to stay behind it. */
  queued?: boolean;
  /** True: the channel's published figure is the limit (buffer and all unlocated demand taken off), as for API callers. */
  withinAts?: boolean;
  /** Order of unlocated demand; earlier first. Default: now. */
  since?: Date;
  priority?: number;
}

export interface Allocation {
  reservationId: string;
  location: string;
  lot?: string;
  owner?: string;
  expiry?: string;
  quantity: string;
}

export interface Reserved {
  key: string;
  orderId?: string;
  lineNo?: number;
  sku: string;
  requested: string;
  /** Sum of `allocations`. */
  reserved: string;
  /** requested − reserved. */
  short: string;
  /** What was recorded as unlocated demand: `short` or "0". */
  backordered: string;
  /** Date by which acknowledged supply covers the backordered part, after the demand ahead of it. */
  expectedDate?: string;
  allocations: Allocation[];
  /** True when this key had been served before. */
  replayed: boolean;
}

export interface ReservationRecord {
  id: string;
  demandKey: string;
  orderId?: string;
  lineNo?: number;
  sku: string;
  location: string;
  lot?: string;
  expiry?: string;
  channel: string;
  hard: boolean;
  state: 'held' | 'allocated' | 'consumed' | 'released' | 'expired';
  quantity: string;
  /** Still reserved. */
  open: string;
  /** Shipped out of it. */
  consumed: string;
  picked: string;
  expiresAt?: Date;
  fulfillmentId?: string;
}

/** Unlocated demand: accepted, without a reservation. In order of demand. */
export interface OpenDemand {
  orderId: string;
  lineNo: number;
  sku: string;
  channel: string;
  open: string;
  since: Date;
  priority: number;
  minShelfDays: number;
  issue: 'FIFO' | 'FEFO';
}

export interface StockMovement {
  /** What makes it one of a kind: a second movement with the same key is a counted no-op. */
  key: string;
  type:
    | 'receipt'
    | 'putaway'
    | 'adjust'
    | 'count'
    | 'pick'
    | 'ship'
    | 'transferOut'
    | 'transferIn'
    | 'return'
    | 'quarantine'
    | 'statusChange'
    | 'reversal';
  sku: string;
  location: string;
  lot?: string;
  expiry?: string;
  owner?: string;
  /** Default available. */
  status?: StockStatusName;
  /** Base units, signed: added to `status` or, negative, taken from it. */
  quantity: string;
  reason: string;
  docRef?: string;
  /** Receipts: the purchase order, taken off its expected supply. What exceeds it and its tolerance goes into quarantine. */
  poNo?: string;
  orderId?: string;
  /** Connection or user that says so. */
  source: string;
  /** Position in the source's own stock journal, compared with a snapshot's `asOfSeq`. */
  sourceSeq?: number;
  occurredAt: Date;
  actor?: string;
}

/** One location's snapshot in base units; see `StockSnapshot` of the model for the form with units. */
export interface BaseSnapshot {
  location: string;
  asOf: Date;
  asOfSeq: number;
  /** What it leaves unsaid of its items; by default it says all there is to say. */
  unsaid?: readonly Unsaid[];
  positions: readonly {
    sku: string;
    lot?: string;
    expiry?: string;
    status?: StockStatusName;
    owner?: string;
    quantity: string;
  }[];
}

/** What a snapshot does not say of an item: there the book as of then counts. */
export interface Unsaid {
  sku: string;
  /** Its lots, though there may be some: quantities of no lot are spread over those in the book. */
  lots: boolean;
  /** Statuses that it does not state. */
  statuses: readonly StockStatusName[];
  /** Of these, the ones that are contained in what it states as available, and have to be taken off it. */
  contained: readonly StockStatusName[];
}

export interface SnapshotResult {
  location: string;
  asOfSeq: number;
  /** SKUs whose positions were replaced. */
  applied: string[];
  /** SKUs for which a newer snapshot had been applied before. */
  stale: string[];
  /** SKUs whose sellable stock grew: unlocated demand may be served. */
  increased: string[];
}

/** The terms of one location, domain "Availability to sell"; base units. */
export interface LocationTerms {
  location: string;
  sellable: boolean;
  priority: number;
  onHand: string;
  byStatus: Record<StockStatusName, string>;
  /** Stock of status `available` that may be sold: our own, living long enough, at a sellable site. */
  eligible: string;
  /** Part of hardAllocated that lies on eligible lots; lot-less stock counts as one lot. */
  eligibleAllocated: string;
  hardAllocated: string;
  /** Part of hardAllocated that has been picked and not shipped. */
  picked: string;
  softReserved: string;
  safetyStock: string;
  reservedForOtherChannels: string;
  net: string;
  asOf?: Date;
  asOfSeq?: number;
}

export interface AvailabilityTerms {
  sku: string;
  channel: string;
  /** Σ max(0, net) over the locations asked for. */
  sumOfNet: string;
  unlocatedDemand: string;
  channelBuffer: string;
  ats: string;
  locations: LocationTerms[];
  formula: string;
  at: Date;
}

export interface WaterfallTerm {
  term: string;
  label: string;
  /** Signed: what it adds to or takes from the figure. The terms sum up to the last one. */
  quantity: string;
  location?: string;
  detail?: string;
}

export interface CountTask {
  id: string;
  sku: string;
  location: string;
  lot?: string;
  /** Book quantity in status hold that waits for this count. */
  held: string;
  state: 'open' | 'done';
  counted?: string;
  reason: string;
  orderId?: string;
  lineNo?: number;
  fulfillmentId?: string;
  openedAt: Date;
}
