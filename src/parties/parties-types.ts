import type { Customer, Supplier } from '../model/index.ts';

/** A stored record; `version` is its ETag. */
export interface Versioned<T> {
  readonly value: T;
  readonly version: number;
  readonly updatedAt: Date;
}

/** What a PUT did. The same content again is `unchanged` and keeps its version. */
export interface PutOutcome<T> {
  readonly key: string;
  readonly version: number;
  readonly outcome: 'created' | 'changed' | 'unchanged';
  readonly previous?: T;
  readonly value: T;
}

export interface PutOptions {
  readonly now: Date;
  /** If-Match, for a single record: PRECONDITION_FAILED unless it is the stored version (0: must not exist yet). */
  readonly expectedVersion?: number;
}

export interface PageRequest {
  readonly limit: number;
  /** Key of the last record of the page before. */
  readonly after?: string;
  /** Prefix of the key, or part of the name. */
  readonly query?: string;
}

export interface Page<T> {
  readonly rows: T[];
  /** `after` of the next page; absent on the last. */
  readonly next?: string;
}

export type CustomerRecord = Versioned<Customer>;
export type SupplierRecord = Versioned<Supplier>;

/** Amounts in minor units of the account's currency. */
export interface Exposure {
  readonly account: string;
  readonly receivablesMinor: number;
  readonly unappliedCashMinor: number;
  /** Accepted and not shipped. */
  readonly unshippedMinor: number;
  /** Shipped and not invoiced. */
  readonly uninvoicedMinor: number;
}

/** A change of an account's exposure; absent amounts are zero. */
export interface ExposureChange {
  readonly account: string;
  readonly receivablesMinor?: number;
  readonly unappliedCashMinor?: number;
  readonly unshippedMinor?: number;
  readonly uninvoicedMinor?: number;
  /** What caused it: order, invoice or payment number. */
  readonly reason: string;
}
