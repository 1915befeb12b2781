import type { FailureReason } from './delivery.ts';

/** A maintenance window: opens at each time of `cron` (five fields, in `zone`) and lasts `durationMinutes`. */
export interface MaintenanceWindow {
  cron: string;
  /** IANA name, e.g. `America/Chicago`. */
  zone: string;
  durationMinutes: number;
}

/**
 * Exponential back-off: `baseMs × factor^n`, at most `maxMs`, of which the share `jitter` (0 to 1, default 0.5) is
 * random; dead after `maxAttempts` tries.
 */
export interface RetrySchedule {
  baseMs: number;
  factor: number;
  maxMs: number;
  maxAttempts: number;
  jitter?: number;
}

/** Other schedules for single reasons of failure; `retry` is for all others. */
export type RetryByReason = Partial<Record<FailureReason, RetrySchedule>>;

/** When the circuit breaker opens, how it probes, and when a person is told. */
export interface BreakerSettings {
  /** Opens after so many failures in a row that say the system is down … */
  consecutiveFailures: number;
  /** … or when this share of at least `minimumCalls` calls within `windowMs` failed so. */
  failureRate: number;
  minimumCalls: number;
  windowMs: number;
  /** First pause before a probe; each failed probe makes it `probeFactor` times longer, up to `probeMaxMs`. */
  probeAfterMs: number;
  probeFactor: number;
  probeMaxMs: number;
  /** Open for so long: one exception to the destination's owner. */
  alarmAfterMs: number;
}

/** How fast a backlog goes out after a maintenance window or an open breaker. */
export interface DrainSettings {
  /** Deliveries a second until the backlog is gone; absent: as fast as the concurrency lets. */
  perSecond?: number;
  /** Over so many seconds calls at a time rise from one to the destination's concurrency. */
  rampSeconds: number;
}

/** The connector's own health check, where it has one. */
export interface HealthSettings {
  intervalMs: number;
  timeoutMs: number;
}

export const defaultBreaker: BreakerSettings = {
  consecutiveFailures: 5,
  failureRate: 0.5,
  minimumCalls: 20,
  windowMs: 60_000,
  probeAfterMs: 2_000,
  probeFactor: 2,
  probeMaxMs: 60_000,
  alarmAfterMs: 60_000,
};
export const defaultDrain: DrainSettings = { rampSeconds: 10 };
export const defaultHealth: HealthSettings = { intervalMs: 30_000, timeoutMs: 5_000 };

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
  retryByReason: RetryByReason;
  breaker: BreakerSettings;
  drain: DrainSettings;
  health: HealthSettings;
  /** Open deliveries beyond which the tenant's doors take nothing new; absent: what the hub's own settings say. */
  openMax?: number;
  version: number;
}

/** What `ensure` makes when it does not exist yet; what exists is left as it is. */
export interface NewDestination {
  name: string;
  lanes?: number;
  concurrency?: number;
  windows?: MaintenanceWindow[];
  retry?: RetrySchedule;
  breaker?: Partial<BreakerSettings>;
}

export interface DestinationPatch {
  concurrency?: number;
  windows?: MaintenanceWindow[];
  retry?: RetrySchedule;
  retryByReason?: RetryByReason;
  breaker?: Partial<BreakerSettings>;
  drain?: DrainSettings;
  health?: HealthSettings;
  /** Null: what the hub's own settings say. */
  openMax?: number | null;
}

/** What is known of a destination besides its settings: whether it is up, and since when. */
export interface DestinationCondition {
  destination: string;
  /** Absent: it has never opened. */
  breaker?: {
    state: 'closed' | 'open' | 'half_open';
    since: Date;
    openedAt?: Date;
    nextProbeAt?: Date;
    /** Openings since it was last closed. */
    rounds: number;
    held: boolean;
    heldBy?: string;
    heldReason?: string;
    lastReason?: string;
    lastError?: string;
  };
  /** Latest answer of the system's own health check; absent: it has none, or was not asked yet. */
  health?: { ok: boolean; detail: string; checkedAt: Date; since: Date; durationMs: number };
}

/** Open deliveries of one destination by state, and when the oldest of them was enqueued. */
export interface Backlog {
  destination: string;
  counts: Partial<Record<'queued' | 'in_flight' | 'retry_wait' | 'outcome_unknown' | 'held' | 'dead', number>>;
  oldestOpenAt?: Date;
  /** Gave way today (UTC) to newer ones of their keys without being sent. */
  supersededToday?: number;
}
