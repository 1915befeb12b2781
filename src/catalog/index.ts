/** What is sold: items with their units, and the prices they are sold at. */
import type { Item, PriceRule, UnitPrice } from '../model/index.ts';
import type { Clock, Db, Tx } from '../platform/index.ts';

export interface Versioned<T> {
  readonly value: T;
  readonly version: number;
  readonly updatedAt: Date;
}
export interface PutOutcome<T> {
  readonly key: string;
  readonly version: number;
  readonly outcome: 'created' | 'changed' | 'unchanged';
  readonly previous?: T;
  readonly value: T;
}
export interface PutOptions {
  readonly now: Date;
  readonly expectedVersion?: number;
}
export interface PageRequest {
  readonly limit: number;
  readonly after?: string;
  readonly query?: string;
}
export interface Page<T> {
  readonly rows: T[];
  readonly next?: string;
}

/** @throws HubError VALIDATION_FAILED (units, GTIN check digits), PRECONDITION_FAILED */
export declare function putItems(tx: Tx, rows: readonly Item[], options: PutOptions): Promise<PutOutcome<Item>[]>;
export declare function loadItems(tx: Tx, skus: readonly string[]): Promise<Map<string, Versioned<Item>>>;
export declare function listItems(tx: Tx, page: PageRequest): Promise<Page<Versioned<Item>>>;
export declare function putPriceRules(
  tx: Tx,
  rows: readonly PriceRule[],
  options: PutOptions,
): Promise<PutOutcome<PriceRule>[]>;
export declare function loadPriceRules(tx: Tx, skus: readonly string[]): Promise<Map<string, PriceRule[]>>;
export declare function getPriceRule(tx: Tx, id: string): Promise<Versioned<PriceRule> | undefined>;
export declare function listPriceRules(tx: Tx, page: PageRequest): Promise<Page<Versioned<PriceRule>>>;

export interface PriceQuery {
  customer: string;
  channel: string;
  /** Local date of the order. */
  date: string;
  /** Base units. */
  quantity: string;
  currency: string;
}
export interface ChosenPrice {
  price: UnitPrice;
  source: 'contract' | 'list' | 'promo';
  ruleId: string;
}
/** The rule that applies: narrowest scope, then priority, then the largest minQty reached. Pure. */
export declare function choosePrice(
  item: Item,
  rules: readonly PriceRule[],
  query: PriceQuery,
): ChosenPrice | undefined;

export interface CatalogSnapshot {
  itemBySku(sku: string): Item | undefined;
  /** Any GTIN of any of the item's units, 8 to 14 digits; the unit it identifies comes with it. */
  itemByGtin(gtin: string): { item: Item; uom: string } | undefined;
  pricesOf(sku: string): readonly PriceRule[];
}
/** The catalog of each tenant in memory, kept fresh by `refresh` after a commit and by polling a revision. */
export interface CatalogDirectory {
  open(tenantId: string): Promise<CatalogSnapshot>;
  refresh(tenantId: string): Promise<void>;
  stop(): void;
}
export declare function createCatalogDirectory(options: { db: Db; clock: Clock; pollMs?: number }): CatalogDirectory;
