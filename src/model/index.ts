/** The canonical model: schemas, exact arithmetic, units, money, identifiers and derived status. Pure. */
export * from './decimal.ts';
export * from './fact-totals.ts';
export * from './fulfillment.ts';
export * from './identifiers.ts';
export * from './item.ts';
export * from './json-schemas.ts';
export * from './location.ts';
export * from './milestones.ts';
export * from './money.ts';
export * from './natural-key.ts';
export * from './partner-documents.ts';
export * from './party.ts';
export * from './sales-order.ts';
export * from './schema.ts';
export * from './trade-reports.ts';
export * from './units.ts';
export type * from './versioned.ts';
export { instantOfLocal } from './local-time.ts';
