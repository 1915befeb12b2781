export * from './fulfillment.ts';
export * from './item.ts';
export * from './location.ts';
export * from './party.ts';
export * from './sales-order.ts';
export * from './schema.ts';
