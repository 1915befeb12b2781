/** Stock: where it lies, who has it reserved, what moved it, and what may be sold. */
export { applySnapshots } from './apply-snapshots.ts';
export {
  type AvailabilityQuery,
  availability,
  availabilityOf,
  availableQuantities,
  waterfall,
} from './availability.ts';
export { assignFulfillment, consumeReservations, recordPicked, type ShippedStock } from './consume-reservations.ts';
export { listExpectedSupply, putExpectedSupply, supplyKey } from './expected-supply.ts';
export {
  type CompletedCount,
  completeCounts,
  holdShortStock,
  listCountTasks,
  type ShortPick,
} from './hold-short-stock.ts';
export type * from './inventory-types.ts';
export { listPositions, type PositionView, type StatusSum, sumPositions } from './list-positions.ts';
export { loadLocations, putLocations } from './locations.ts';
export { lockItems } from './lock-items.ts';
export {
  loadReservations,
  type ReleasedStock,
  releasedStock,
  type ReservationFilter,
} from './open-reservations.ts';
export {
  loadPublishedAvailability,
  type PublishedAvailability,
  recordPublished,
} from './published-availability.ts';
export { type RecordedMovement, recordMovements } from './record-movements.ts';
export { expireReservations, type Release, type Released, releaseReservations } from './release-reservations.ts';
export { reserve } from './reserve.ts';
export { type FoundPick, restoreShortStock } from './restore-short-stock.ts';
export { restoreShipped, returnShipped } from './restore-shipped.ts';
export { openDemands, serveDemands } from './serve-demands.ts';
export { pruneStockChanges } from './stock-change-log.ts';
export { createStockDirectory, type ItemFacts, type StockDirectory, type StockView } from './stock-directory.ts';
export { listStockPolicies, policyKey, putStockPolicies } from './stock-policies.ts';
