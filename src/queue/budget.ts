/** So many calls in so many seconds, and at most `burst` of them at once (default: those of one second, at least one). */
export interface RateLimit {
  calls: number;
  /** 1 for "per second", 60 for "per minute". */
  perSeconds: number;
  burst?: number;
}

/** So many calls in each hour or day by the wall clock of `zone`, as an ERP's governance limit counts them. */
export interface Quota {
  calls: number;
  per: 'hour' | 'day';
  /** IANA name. */
  zone: string;
}

/** The last `share` of the quota is only for deliveries of `minPriority` and above. */
export interface Reserve {
  share: number;
  minPriority: number;
}

/** What a destination may be asked, by all workers together. What is left out is not bounded. */
export interface BudgetSettings {
  rate?: RateLimit;
  quota?: Quota;
  reserves?: Reserve[];
  /** Calls at once, of all workers together; a destination's `concurrency` is each worker's own. */
  concurrency?: number;
}

/** When a quota ends at the present pace, and when it begins anew. */
export interface QuotaForecast {
  limit: number;
  used: number;
  left: number;
  resetsAt: Date;
  /** Calls per hour lately. */
  perHour: number;
  /** Deliveries that wait for a call. */
  waiting: number;
  /** Absent when it lasts until it resets. */
  exhaustedAt?: Date;
}

export interface Budget {
  destination: string;
  settings: BudgetSettings;
  /** 0 while nobody has set anything. */
  version: number;
  quota?: QuotaForecast;
}
