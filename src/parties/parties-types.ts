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
