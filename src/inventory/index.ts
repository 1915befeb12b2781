/** Stock: where it lies, who has it reserved, what moved it, and what may be sold. */
import type { ExpectedSupply, Location, StockPolicy } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import type {
  AvailabilityTerms,
  BaseSnapshot,
  CountTask,
  Demand,
  OpenDemand,
  PutResult,
  ReservationRecord,
  Reserved,
  SnapshotResult,
  StockMovement,
  WaterfallTerm,
} from './inventory-types.ts';

export type * from './inventory-types.ts';

interface PutOptions {
  now: Date;
  /** If-Match: PRECONDITION_FAILED unless this is the stored version (0: must not exist yet). For a single row only. */
  expectedVersion?: number;
}

// Locations, policies, expected supply
export declare function putLocations(tx: Tx, rows: readonly Location[], options: PutOptions): Promise<PutResult[]>;
export declare function loadLocations(
  tx: Tx,
  codes?: readonly string[],
): Promise<Map<string, Location & { version: number }>>;
export declare function putStockPolicies(
  tx: Tx,
  rows: readonly StockPolicy[],
  options: PutOptions,
): Promise<PutResult[]>;
export declare function listStockPolicies(
  tx: Tx,
  filter?: { sku?: string },
): Promise<(StockPolicy & { version: number })[]>;
export declare function putExpectedSupply(
  tx: Tx,
  rows: readonly ExpectedSupply[],
  options: PutOptions,
): Promise<PutResult[]>;
export declare function listExpectedSupply(
  tx: Tx,
  filter?: { skus?: readonly string[] },
): Promise<(ExpectedSupply & { version: number })[]>;

// Stock
export declare function applySnapshots(
  tx: Tx,
  snapshots: readonly BaseSnapshot[],
  now: Date,
): Promise<SnapshotResult[]>;
export declare function recordMovements(
  tx: Tx,
  movements: readonly StockMovement[],
  now: Date,
): Promise<{ key: string; applied: boolean; duplicate: boolean }[]>;
export declare function listPositions(
  tx: Tx,
  filter: { sku?: string; location?: string; after?: string; limit: number },
): Promise<{ rows: unknown[]; next?: string }>;

// Reservations
/** Serves all demands of a batch in three statements; see Demand and Reserved. Never negative. */
export declare function reserve(tx: Tx, demands: readonly Demand[], now: Date): Promise<Reserved[]>;
/** Gives stock back. Without `quantity` everything still open; with `lineNo` only that line. Also drops its unlocated demand. */
export declare function releaseReservations(
  tx: Tx,
  releases: readonly {
    orderId?: string;
    lineNo?: number;
    demandKey?: string;
    reservationId?: string;
    quantity?: string;
    reason: string;
  }[],
  now: Date,
): Promise<{ orderId?: string; lineNo?: number; sku: string; location: string; quantity: string }[]>;
export declare function expireReservations(tx: Tx, now: Date, limit: number): Promise<ReservationRecord[]>;
export declare function loadReservations(
  tx: Tx,
  filter: { orderIds?: readonly string[]; ids?: readonly string[]; demandKeys?: readonly string[] },
): Promise<ReservationRecord[]>;
/** Unlocated demand in the order in which arriving stock is given to it. */
export declare function openDemands(
  tx: Tx,
  filter: { skus?: readonly string[]; locations?: readonly string[]; limit: number },
): Promise<OpenDemand[]>;
export declare function listCountTasks(
  tx: Tx,
  filter: { state?: 'open' | 'done'; limit: number },
): Promise<CountTask[]>;
/** Ends a count: `counted` of the held base units were found and are sellable again, the rest is written off. */
export declare function completeCounts(
  tx: Tx,
  counts: readonly { taskId: string; counted: string; actor: string }[],
  now: Date,
): Promise<{ taskId: string; sku: string; location: string; restored: string; writtenOff: string }[]>;

// Availability to sell
export declare function availability(
  tx: Tx,
  query: {
    skus: readonly string[];
    channels: readonly string[];
    location?: string;
    shipDate: string;
    minShelfDays?: number;
    now: Date;
  },
): Promise<AvailabilityTerms[]>;
export declare function waterfall(terms: AvailabilityTerms): WaterfallTerm[];
