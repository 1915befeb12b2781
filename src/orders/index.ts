/** Sales orders: judging what came in, keeping them, and deriving where they stand. */
import type { LineFactTotals, OrderSubmission, SalesOrder } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import type {
  FactResult,
  HoldProblem,
  InsertResult,
  JudgeContext,
  Judgement,
  OrderAggregate,
  OrderDocument,
  OrderFact,
  OrderFacts,
  OrderFilter,
  Waiver,
} from './orders-types.ts';

export type * from './orders-types.ts';

// Judging: pure
export declare function judgeSubmission(
  submission: OrderSubmission,
  facts: OrderFacts,
  context: JudgeContext,
): Judgement;
/** What holds an order that was recorded, judged with today's facts; waived codes are left out. */
export declare function checkOrder(aggregate: OrderAggregate, facts: OrderFacts): HoldProblem[];

// Storage
export declare function insertOrders(tx: Tx, documents: readonly OrderDocument[]): Promise<InsertResult[]>;
/** Locks in id order; unknown ids are missing from the answer. */
export declare function lockOrders(tx: Tx, ids: readonly string[]): Promise<Map<string, OrderAggregate>>;
/** Derives status and exposure anew and writes what changed, in two statements whatever the number of orders. */
export declare function saveOrders(tx: Tx, aggregates: Iterable<OrderAggregate>, now: Date): Promise<void>;
export declare function loadOrders(tx: Tx, ids: readonly string[]): Promise<Map<string, SalesOrder>>;
/** The order as the 201 showed it. */
export declare function loadInitialOrder(tx: Tx, id: string): Promise<SalesOrder | undefined>;
export declare function findOrderIds(
  tx: Tx,
  keys: { orderNos?: readonly string[]; erpOrderNos?: readonly string[]; naturalKeys?: readonly string[] },
): Promise<Map<string, string>>;
/** Newest first; `after` is the id of the last order of the page before. */
export declare function listOrders(
  tx: Tx,
  filter: OrderFilter,
  page: { limit: number; after?: string },
): Promise<{ rows: SalesOrder[]; next?: string }>;
/** By order number, purchase order, ERP number or the source's own id. */
export declare function searchOrders(tx: Tx, text: string, limit: number): Promise<SalesOrder[]>;
/** Orders on hold whose hold keys (code, or code and cause: `SHIPTO_INVALID:UL:0614141900206`) match one of `keys`; oldest first. */
export declare function findHeldOrders(
  tx: Tx,
  filter: { keys: readonly string[]; customers?: readonly string[] },
  limit: number,
): Promise<string[]>;
/** Open orders by milestone, and those on hold, for the control tower. */
export declare function countOrders(
  tx: Tx,
): Promise<{ milestone: string; onHold: boolean; orders: number; amountMinor: number }[]>;

// Changes of a locked order; call saveOrders afterwards
export declare function refreshOrder(aggregate: OrderAggregate): SalesOrder;
/** Absolute base-unit quantities that the hub has reserved and backordered for the line. */
export declare function setAllocation(
  aggregate: OrderAggregate,
  lineNo: number,
  allocation: { allocated?: string; backordered?: string; promisedDate?: string | null },
): void;
/** Adds to what the hub cancelled of the line. */
export declare function cancelQuantity(
  aggregate: OrderAggregate,
  lineNo: number,
  quantity: string,
  rejectedFor?: string,
): void;
export declare function addHold(
  aggregate: OrderAggregate,
  hold: { code: string; lineNo?: number; by: string; exceptionId?: string },
  now: Date,
): boolean;
export declare function removeHold(aggregate: OrderAggregate, code: string, lineNo?: number): boolean;
export declare function waiveHold(aggregate: OrderAggregate, waiver: Waiver): void;
/** The ERP's number for the order. */
export declare function recordErpOrder(
  tx: Tx,
  orders: readonly { orderId: string; erpOrderNo: string }[],
  now: Date,
): Promise<Map<string, OrderAggregate>>;
/** Absolute totals of what was invoiced and paid, for the payment axis. */
export declare function recordBilling(
  tx: Tx,
  totals: readonly { orderId: string; billedMinor: number; paidMinor: number; refundedMinor?: number }[],
  now: Date,
): Promise<Map<string, OrderAggregate>>;

// Facts
export declare function applyFacts(tx: Tx, facts: readonly OrderFact[], now: Date): Promise<FactResult>;
/** An authoritative void: every source's facts of these shipments stop counting. */
export declare function voidShipments(
  tx: Tx,
  shipments: readonly { orderId: string; shipmentNo: string; reason: string }[],
  now: Date,
): Promise<FactResult>;
/** Facts that waited for these fulfilment or order numbers; apply them now that the parents exist. */
export declare function takeParkedFacts(tx: Tx, parents: readonly string[]): Promise<OrderFact[]>;
/** Opens ORPHAN_EVENT for facts parked longer than 24 hours and drops them; run it every few minutes. */
export declare function expireParkedFacts(tx: Tx, now: Date, limit?: number): Promise<number>;
export declare function loadFactTotals(
  tx: Tx,
  orderIds: readonly string[],
): Promise<Map<string, Map<number, LineFactTotals>>>;
