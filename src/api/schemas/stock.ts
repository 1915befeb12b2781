import { type Static, Type } from 'typebox';
import { Code, closed, Decimal, Instant, LocalDate, oneOf, Quantity } from '../../model/index.ts';
import { pageQuery } from './conventions.ts';

export const AvailabilityQuery = closed({
  sku: Code,
  channel: Type.Optional(Type.String({ minLength: 1, maxLength: 80, description: 'default portal' })),
  location: Type.Optional(Code),
  fresh: Type.Optional(
    Type.Boolean({ description: 'reads the database for this answer, whatever is known in memory' }),
  ),
  explain: Type.Optional(Type.Boolean({ description: 'adds the waterfall of terms' })),
});
export type AvailabilityQuery = Static<typeof AvailabilityQuery>;

/** One term of the formula of domain "Availability to sell". `quantity` is signed: what it adds to or takes from the figure. */
export const WaterfallTerm = closed({
  term: Type.String({
    description:
      'onHand, notSellable, allocated, softReserved, safetyStock, otherChannels, unlocatedDemand, channelBuffer, floor, ats …',
  }),
  label: Type.String(),
  quantity: Decimal,
  location: Type.Optional(Code),
  detail: Type.Optional(Type.String()),
});
export type WaterfallTerm = Static<typeof WaterfallTerm>;

/** The terms of one location; base units. */
export const LocationAvailability = closed({
  location: Code,
  sellable: Type.Boolean(),
  onHand: Decimal,
  byStatus: Type.Record(Type.String(), Decimal),
  /** Of the status `available`. */
  available: Decimal,
  /** On hand and in another status than available. */
  notSellable: Decimal,
  /** Available and ours, living long enough, at a site that sells. */
  eligible: Decimal,
  /** Part of hardAllocated that lies on eligible lots. */
  eligibleAllocated: Decimal,
  hardAllocated: Decimal,
  /** Part of hardAllocated: picked and not shipped yet. */
  picked: Decimal,
  softReserved: Decimal,
  safetyStock: Decimal,
  reservedForOtherChannels: Decimal,
  net: Decimal,
  asOf: Type.Optional(Instant),
  asOfSeq: Type.Optional(Type.Integer()),
});
export type LocationAvailability = Static<typeof LocationAvailability>;

/** Base-unit quantities as decimal strings. */
export const Availability = closed({
  sku: Code,
  channel: Code,
  baseUom: Code,
  description: Type.Optional(Type.String()),
  /** Sum over the locations of what is positive of `net`. */
  sumOfNet: Decimal,
  /** Available to sell on the channel. */
  ats: Decimal,
  unlocatedDemand: Decimal,
  channelBuffer: Decimal,
  locations: Type.Array(LocationAvailability),
  expectedSupply: Type.Array(closed({ poNo: Code, location: Code, quantity: Decimal, dueDate: LocalDate })),
  waterfall: Type.Optional(Type.Array(WaterfallTerm)),
  formula: Type.String({ description: 'version of the formula' }),
  at: Instant,
  asOf: Type.Unsafe<string>({
    ...Instant,
    description: 'all that was committed before this instant is in it; never more than 250 ms before the request',
  }),
});
export type Availability = Static<typeof Availability>;

export const InventoryRow = closed({
  sku: Code,
  description: Type.Optional(Type.String()),
  location: Code,
  lot: Type.Optional(Code),
  expiry: Type.Optional(LocalDate),
  status: oneOf(['available', 'quarantine', 'damaged', 'expired', 'recalled', 'hold']),
  onHand: Decimal,
  hardAllocated: Decimal,
  softReserved: Decimal,
  uom: Code,
  owner: Type.Optional(Code),
  asOf: Type.Optional(Instant),
  asOfSeq: Type.Optional(Type.Integer({ description: 'of the newest snapshot applied' })),
});
export type InventoryRow = Static<typeof InventoryRow>;

export const ListInventoryQuery = closed({
  ...pageQuery,
  sku: Type.Optional(Code),
  location: Type.Optional(Code),
});
export type ListInventoryQuery = Static<typeof ListInventoryQuery>;

/** What became of each line of a change of stock, in the order given. */
export const StockMovements = closed({
  source: Code,
  document: Code,
  lines: Type.Array(
    closed({
      lineNo: Type.Integer(),
      applied: Type.Boolean({ description: 'false: on record before, or contained in a newer snapshot' }),
      duplicate: Type.Boolean({ description: 'true: on record before' }),
      quarantined: Type.Optional(
        Type.Unsafe<string>({ ...Decimal, description: 'base units beyond the purchase order and its tolerance' }),
      ),
    }),
  ),
});
export type StockMovements = Static<typeof StockMovements>;

export const ReservationBody = closed({
  sku: Code,
  quantity: Quantity,
  channel: Code,
  location: Type.Optional(Code),
  demandRef: Type.Optional(Code),
  ttlSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_592_000, description: 'default 900' })),
});
export type ReservationBody = Static<typeof ReservationBody>;

export const Reservation = closed({
  id: Code,
  sku: Code,
  /** Base units. */
  quantity: Decimal,
  uom: Code,
  channel: Code,
  state: Type.String({ description: 'held, confirmed, allocated, consumed, released or expired' }),
  parts: Type.Array(closed({ location: Type.Optional(Code), lot: Type.Optional(Code), quantity: Decimal })),
  expiresAt: Type.Optional(Instant),
});
export type Reservation = Static<typeof Reservation>;
