/** A maintenance window: opens at each time of `cron` (in `zone`) and lasts `durationMinutes`. */
export interface MaintenanceWindow {
  cron: string;
  /** IANA name, e.g. `America/Chicago`. */
  zone: string;
  durationMinutes: number;
}

/** Exponential back-off: `baseMs × factor^n`, at most `maxMs`, jittered; dead after `maxAttempts` tries. */
export interface RetrySchedule {
  baseMs: number;
  factor: number;
  maxMs: number;
  maxAttempts: number;
}

/** A flow or an outside connection, as the queue knows it. */
export interface Destination {
  name: string;
  kind: 'flow' | 'connection';
  /** Fixed once made: keys are hashed over it. */
  lanes: number;
  /** Sends in flight at once; for a flow, deliveries per transaction. */
  concurrency: number;
  paused: boolean;
  pausedReason?: string;
  windows: MaintenanceWindow[];
  retry: RetrySchedule;
  version: number;
}

/** What `ensure` makes when it does not exist yet; what exists is left as it is. */
export interface NewDestination {
  name: string;
  lanes?: number;
  concurrency?: number;
  windows?: MaintenanceWindow[];
  retry?: RetrySchedule;
}

export interface DestinationPatch {
  concurrency?: number;
  windows?: MaintenanceWindow[];
  retry?: RetrySchedule;
}

/** Open deliveries of one destination by state, and when the oldest of them was enqueued. */
export interface Backlog {
  destination: string;
  counts: Partial<Record<'queued' | 'in_flight' | 'retry_wait' | 'outcome_unknown' | 'held' | 'dead', number>>;
  oldestOpenAt?: Date;
  /** Gave way today (UTC) to newer ones of their keys without being sent. */
  supersededToday?: number;
}
