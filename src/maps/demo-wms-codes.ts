import type { FACT_KINDS, STOCK_CHANGES } from '../model/index.ts';

/**
 * Status codes of the lab's WMS and the kind of fact each one states. ALLOC states nothing about execution (allocation
 * is ours to decide), hence null. A code that is not listed is kept raw and never guessed.
 */
export const demoWmsFactKinds: Readonly<Record<string, (typeof FACT_KINDS)[number] | null>> = {
  RELEASED: 'released',
  WAVED: 'released',
  ALLOC: null,
  SHORT: 'short',
  PICKED: 'picked',
  PACKED: 'packed',
  LABELLED: 'packed',
  MANIFESTED: 'packed',
  SHIPPED: 'shipped',
  CANCEL: 'cancelled',
};

/** Kinds of stock change of the lab's WMS. */
export const demoWmsStockKinds: Readonly<Record<string, (typeof STOCK_CHANGES)[number]>> = {
  RECEIPT: 'receipt',
  RETURN: 'return',
  ADJUST: 'adjust',
  COUNT: 'count',
};
