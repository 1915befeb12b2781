import { type Static, Type } from 'typebox';
import { Code, closed, Instant, oneOf, Text } from '../../model/index.ts';

const DestinationWindow = closed({
  cron: Type.String({ minLength: 1, maxLength: 120, description: 'when it begins, five fields' }),
  zone: Type.String({ minLength: 1, maxLength: 60, description: 'IANA time zone' }),
  durationMinutes: Type.Integer({ minimum: 1, maximum: 10_080 }),
});

const DestinationRetry = closed({
  baseMs: Type.Integer({ minimum: 1, description: 'before the first retry' }),
  factor: Type.Number({ minimum: 1, description: 'each pause is so many times the one before' }),
  maxMs: Type.Integer({ minimum: 1 }),
  maxAttempts: Type.Integer({ minimum: 1, description: 'then it is a dead letter' }),
  jitter: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'share of the pause that is random' })),
});

/** Other schedules for single reasons of failure. */
const DestinationRetryByReason = closed({
  unreachable: Type.Optional(DestinationRetry),
  timeout: Type.Optional(DestinationRetry),
  unavailable: Type.Optional(DestinationRetry),
  server_error: Type.Optional(DestinationRetry),
  broken_reply: Type.Optional(DestinationRetry),
  throttled: Type.Optional(DestinationRetry),
});

/** When the circuit breaker opens, how it probes, and when a person is told. */
export const BreakerSettings = closed({
  consecutiveFailures: Type.Integer({ minimum: 1, description: 'opens after so many failures in a row' }),
  failureRate: Type.Number({ minimum: 0.01, maximum: 1, description: 'or when this share of the calls failed' }),
  minimumCalls: Type.Integer({ minimum: 1, description: 'of so many calls at least' }),
  windowMs: Type.Integer({ minimum: 1_000, description: 'within this time' }),
  probeAfterMs: Type.Integer({ minimum: 10, description: 'pause before the first probe' }),
  probeFactor: Type.Number({ minimum: 1, maximum: 10, description: 'each further pause is so many times longer' }),
  probeMaxMs: Type.Integer({ minimum: 10 }),
  alarmAfterMs: Type.Integer({ minimum: 0, description: 'open for so long: one exception to its owner' }),
});

export const DrainSettings = closed({
  perSecond: Type.Optional(
    Type.Number({ minimum: 0.01, description: 'deliveries a second until the backlog is gone; absent: no limit' }),
  ),
  rampSeconds: Type.Number({ minimum: 0, maximum: 3_600, description: 'calls at a time rise over so long' }),
});

export const HealthSettings = closed({
  intervalMs: Type.Integer({ minimum: 1_000 }),
  timeoutMs: Type.Integer({ minimum: 100, maximum: 60_000 }),
});

/** Absent while nothing is known: it has never opened. */
export const BreakerView = closed({
  state: oneOf(['closed', 'open', 'half_open']),
  since: Instant,
  /** Since when the destination counts as down. */
  openedAt: Type.Optional(Instant),
  nextProbeAt: Type.Optional(Instant),
  /** Openings since it was last closed. */
  rounds: Type.Integer(),
  /** A person holds it open. */
  held: Type.Boolean(),
  heldBy: Type.Optional(Type.String()),
  heldReason: Type.Optional(Type.String()),
  lastReason: Type.Optional(
    Type.String({ description: 'unreachable, timeout, unavailable, server_error, broken_reply, auth or health' }),
  ),
  lastError: Type.Optional(Type.String()),
});
export type BreakerView = Static<typeof BreakerView>;

/** The latest answer of the system's own health check. */
export const HealthView = closed({
  ok: Type.Boolean(),
  detail: Type.String(),
  checkedAt: Instant,
  /** Since when it has been answering so. */
  since: Instant,
  durationMs: Type.Integer(),
});
export type HealthView = Static<typeof HealthView>;

export const Destination = closed({
  name: Code,
  kind: oneOf(['flow', 'connection']),
  /** Of a connection: erp, wms, carrier, storefront, edi. */
  role: Type.Optional(Type.String()),
  lanes: Type.Integer(),
  concurrency: Type.Integer(),
  paused: Type.Boolean(),
  pausedReason: Type.Optional(Type.String()),
  /** Inside a maintenance window now: deliveries queue and spend no attempts. */
  inWindow: Type.Boolean(),
  windows: Type.Array(DestinationWindow),
  retry: DestinationRetry,
  retryByReason: DestinationRetryByReason,
  breaker: BreakerSettings,
  drain: DrainSettings,
  health: HealthSettings,
  breakerNow: Type.Optional(BreakerView),
  /** Open deliveries beyond which the doors take nothing new; absent: what the hub's own settings say. */
  openMax: Type.Optional(Type.Integer()),
  /** What holds: the destination's own bound, or that of the hub's settings. */
  openMaxInForce: Type.Integer(),
  healthNow: Type.Optional(HealthView),
  /** Deliveries in the last minute, as far as the answering process works its lanes. */
  perMinute: Type.Optional(Type.Integer()),
  /** Deliveries per state that is not final, e.g. {"queued": 12}. */
  backlog: Type.Record(Type.String(), Type.Integer()),
  oldestOpenAt: Type.Optional(Instant),
  /** Gave way today (UTC) to newer ones of their keys without being sent. */
  supersededToday: Type.Optional(Type.Integer()),
  version: Type.Integer(),
});
export type Destination = Static<typeof Destination>;

/** Needs If-Match. What is left out stays as it is. */
export const UpdateDestinationBody = closed({
  windows: Type.Optional(Type.Array(DestinationWindow, { maxItems: 20 })),
  retry: Type.Optional(DestinationRetry),
  retryByReason: Type.Optional(DestinationRetryByReason),
  breaker: Type.Optional(Type.Partial(BreakerSettings, { additionalProperties: false })),
  drain: Type.Optional(DrainSettings),
  health: Type.Optional(HealthSettings),
  concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  openMax: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1, maximum: 100_000_000 }), Type.Null()], {
      description: 'open deliveries beyond which the doors take nothing new; null: what the hub’s own settings say',
    }),
  ),
  reason: Text,
});
export type UpdateDestinationBody = Static<typeof UpdateDestinationBody>;
