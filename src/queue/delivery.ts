import type { Tx } from '../platform/index.ts';

/** The canonical entities that a delivery may point at. */
export type EntityKind =
  | 'order'
  | 'fulfillment'
  | 'shipment'
  | 'invoice'
  | 'payment'
  | 'item'
  | 'customer'
  | 'message'
  | 'document'
  | 'availability';

/** What a delivery is about: a reference and a little data, never a copy of the entity. */
export interface DeliveryPayload {
  kind: 'event' | 'message' | 'command';
  entity?: { kind: EntityKind; id: string };
  messageId?: string;
  data?: Record<string, unknown>;
}

/** One event or command for one destination, to be written in the transaction of what caused it. */
export interface NewDelivery {
  /** `flow.<name>` or the id of a connection. */
  destination: string;
  /** The root business object: deliveries of one key reach a destination in the order of their enqueueing. */
  key: string;
  operation: string;
  payload: DeliveryPayload;
  eventId?: string;
  correlationId: string;
  traceparent?: string;
  naturalKey?: string;
  /**
   * Id of a delivery that has to be delivered before this one goes; for those of another key or destination, since
   * within a key the order holds anyway. When that one is discarded, this one is held for a person.
   */
  after?: string;
  /** Higher goes first among keys that are ready at the same time; never within a key. Default: that of the operation. */
  priority?: number;
}

/** A delivery as its handler sees it. */
export interface DeliveryRow {
  id: string;
  /** Place in the ledger; rises in commit order for the deliveries of one key. */
  position: number;
  tenantId: string;
  destination: string;
  key: string;
  operation: string;
  payload: DeliveryPayload;
  eventId?: string;
  correlationId: string;
  traceparent?: string;
  naturalKey?: string;
  priority: number;
  /** The delivery that has to be delivered before it. */
  afterId?: string;
  /** Ordinal of the attempt now being made: 1 for the first. */
  attempt: number;
  /** The rendered output of an earlier attempt: its bytes are sent again. */
  outputMessageId?: string;
}

/** Exactly one of these at any moment. `in_flight`: an intent is committed and its outcome is not. */
const deliveryStates = [
  'queued',
  'in_flight',
  'retry_wait',
  'outcome_unknown',
  'held',
  'delivered',
  'dead',
  'discarded',
] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/**
 * How an operation of an outside system behaves when it is sent twice (docs/guides/connector.md).
 * A: native idempotent upsert. B: a unique business field, so that a duplicate is refused and can be compared.
 * C: a searchable field that is not unique: look up before every retry. D: none; at most once, then a person.
 */
export type IdempotencyClass = 'A' | 'B' | 'C' | 'D';

export interface Prepared {
  deliveryId: string;
  destination: string;
  operation: string;
  idempotency: IdempotencyClass;
  naturalKey: string;
  /** Native JSON or bytes. */
  body: unknown;
  /** Hash of the body, recorded with the intent. */
  hash: string;
  outputMessageId?: string;
  /** How long an unknown outcome rests before the look-up; longer than the peer's longest server time. */
  settleMs?: number;
  /** Nothing to send: the delivery is discarded with this reason. */
  skip?: string;
}

/**
 * What a send came to. `retryable` with `sent: false` promises that the peer carried nothing out: the connection failed
 * before the first request byte, or the peer said so (429). With `sent: true` the request may have been carried out.
 */
export type Outcome =
  | { kind: 'confirmed'; outsideId?: string; response?: unknown }
  | {
      kind: 'rejected';
      class: 'business' | 'schema' | 'auth';
      code: string;
      message: string;
      response?: unknown;
    }
  | { kind: 'retryable'; sent: boolean; retryAfterMs?: number; detail: string; reason?: FailureReason }
  | { kind: 'unknown'; detail: string; reason?: FailureReason; retryAfterMs?: number; found?: FoundOutside };

/** What a look-up found under the natural key where it is not for the hub to say which of it is right. */
export interface FoundOutside {
  /** Ids over there: several, or one whose content is not what was sent. */
  ids: readonly string[];
  sameContent: boolean;
}

/**
 * Why there is no definite answer, in the words that retry schedules and the circuit breaker go by. `unreachable`: no
 * connection; `timeout`: no (whole) answer in time; `unavailable`: 502, 503, 504; `server_error`: 500 and its like;
 * `broken_reply`: broken off or not in the protocol; `throttled`: 429. Absent: it was not the system's doing.
 */
export const failureReasons = [
  'unreachable',
  'timeout',
  'unavailable',
  'server_error',
  'broken_reply',
  'throttled',
] as const;
export type FailureReason = (typeof failureReasons)[number];

export type LookupResult =
  | { kind: 'found'; outsideId: string; sameContent: boolean; response?: unknown }
  | { kind: 'several'; ids: string[] }
  | { kind: 'none' }
  | { kind: 'unavailable'; detail: string; reason?: FailureReason };

/** A delivery whose attempt has been decided, as the completion's transaction sees it. */
export interface Settled {
  delivery: DeliveryRow;
  state: 'delivered' | 'dead' | 'outcome_unknown' | 'held' | 'retry_wait';
  outcome: Outcome;
  /** Attempts made so far, this one included. */
  attempts: number;
  /** When the queue looks at it again by itself; absent when it waits for a person (or is done). */
  nextAttemptAt?: Date;
}

/** What a system's own health check said. */
export interface HealthAnswer {
  ok: boolean;
  detail: string;
}

/** A destination's circuit breaker has opened, or closed again. */
export interface BreakerChange {
  destination: string;
  to: 'open' | 'closed';
  /** Since when the destination has been down, or was. */
  openedAt?: Date;
  reason?: string;
  detail?: string;
}

/** The flows behind `flow.*` destinations. */
export interface FlowRunner {
  /**
   * Handles deliveries of one flow, of different keys, in the transaction that also completes them. A throw rolls the
   * batch back and its members are run again one by one; a HubError's disposition then decides: retry, held or dead.
   */
  run(tx: Tx, tenantId: string, flow: string, batch: DeliveryRow[]): Promise<void>;
  /**
   * Before the transaction, in one of its own: what has to be known even if handling the deliveries ends the process.
   * `apart` has them handled one by one, each in a transaction of its own; `alone` says that this one is already.
   */
  begin?(tenantId: string, flow: string, batch: DeliveryRow[], alone: boolean): Promise<'together' | 'apart'>;
  /** Business consequences of a flow delivery that failed (exceptions); in the transaction that records the failure. */
  failed?(tx: Tx, tenantId: string, results: Settled[]): Promise<void>;
}

/** Outside systems. */
export interface Deliverer {
  /**
   * Inside the intent's transaction: hydrates, maps, renders with control numbers and stores the output. Where
   * `outputMessageId` is given the stored bytes are used again. A delivery that it leaves out of the answer, or a
   * HubError thrown for a batch of one, fails by the error's disposition.
   */
  prepare(tx: Tx, tenantId: string, batch: DeliveryRow[]): Promise<Map<string, Prepared>>;
  /** Outside of any transaction. Never throws for what the peer does; a throw counts as `unknown`. */
  send(prepared: Prepared, attempt: { attemptId: string; attempt: number; signal: AbortSignal }): Promise<Outcome>;
  /** Finds what an earlier attempt with the same natural key may have left behind. */
  lookup(prepared: Prepared, signal: AbortSignal): Promise<LookupResult>;
  /** Inside the completion's transaction: business consequences of the outcomes. */
  settled(tx: Tx, tenantId: string, results: Settled[]): Promise<void>;
  /** Whether the system of this destination has a health check of its own. */
  hasHealth?(tenantId: string, destination: string): boolean;
  /** Asks the system itself how it is; undefined where its connector has no health check. Never throws. */
  health?(tenantId: string, destination: string, signal: AbortSignal): Promise<HealthAnswer | undefined>;
  /** Inside the transaction that records it: a destination counts as down from now on, or no longer. */
  breakerChanged?(tx: Tx, tenantId: string, change: BreakerChange): Promise<void>;
}
