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
  /** Part of the key or of the name. */
  readonly query?: string;
}

/** `next` is the `after` of the next page; absent on the last. */
export interface Page<T> {
  readonly rows: T[];
  readonly next?: string;
}
