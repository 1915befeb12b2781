import type { Clock, Db, Logger, StatementGroup, Tx } from '../platform/index.ts';
import type { Budgets } from './budgets.ts';
import type { Deliverer, DeliveryRow, DeliveryState, FlowRunner, NewDelivery } from './delivery.ts';
import type { Backlog, Destination, DestinationCondition, DestinationPatch, NewDestination } from './destination.ts';

export interface QueueOptions {
  /** Pool of crossdock_app: for enqueueing on behalf of rooms without a transaction of their own. */
  app?: Db;
  /** Pool of crossdock_engine; its idle-in-transaction time-out bounds how long a stopped worker can hold readers up. */
  engine: Db;
  clock: Clock;
  log: Logger;
  /** Uniform in [0, 1). */
  random: () => number;
  flows: FlowRunner;
  deliverer: Deliverer;
  /** How long a silent worker keeps its lanes. Default 15,000. */
  leaseMs?: number;
  /**
   * Name of this worker. A worker that starts under the name of a dead one takes over its lanes at once (with a new
   * epoch, which fences the old one off); so an only process passes a constant. Default: a random name.
   */
  workerId?: string;
  /**
   * How many lanes a destination gets that is made by its first delivery, by name; `undefined`: the default. Lanes that
   * are there stay as they are.
   */
  lanesOf?: (destination: string) => number | undefined;
  /** How often to look without being woken. Default 1,000; never more than a quarter of the lease. */
  pollMs?: number;
}

/** Something done to the ledger by hand. The caller checks roles and writes the audit row in the same transaction. */
export interface ByHand {
  reason: string;
  actor: string;
}

export interface DeliveryFilter {
  state?: DeliveryState;
  destination?: string;
  correlationId?: string;
  key?: string;
  /** Only deliveries before this position: for paging from the newest backwards. */
  beforePosition?: number;
  /** Default 50, at most 500. */
  limit?: number;
}

export interface DeliveryView {
  id: string;
  position: number;
  destination: string;
  key: string;
  operation: string;
  state: DeliveryState;
  attempts: number;
  payload: DeliveryRow['payload'];
  correlationId: string;
  traceparent?: string;
  eventId?: string;
  naturalKey?: string;
  createdAt: Date;
  /** When the state was reached that it now has. */
  updatedAt?: Date;
  /** When the queue tries again by itself. */
  nextAttemptAt?: Date;
  /** Why it is held, dead, waiting or discarded. */
  lastError?: string;
  errorCode?: string;
  outsideId?: string;
  outputMessageId?: string;
  /** Who discarded, released or replayed it last. */
  actor?: string;
}

export interface AttemptView {
  id: string;
  attempt: number;
  kind: 'send' | 'lookup' | 'flow';
  /** `intent` while it is not known what came of it. */
  state:
    | 'intent'
    | 'confirmed'
    | 'rejected'
    | 'retryable'
    | 'unknown'
    | 'none'
    | 'several'
    | 'conflict'
    | 'unavailable';
  naturalKey?: string;
  payloadHash?: string;
  idempotency?: string;
  outputMessageId?: string;
  outsideId?: string;
  startedAt: Date;
  endedAt?: Date;
  durationMs?: number;
  outcome?: unknown;
}

export interface DeliveryDetail extends DeliveryView {
  attemptLog: AttemptView[];
}

/** By hand, on single deliveries; all inside the caller's transaction, effective after its commit. */
export interface Deliveries {
  list(tx: Tx, filter: DeliveryFilter): Promise<DeliveryView[]>;
  /** @throws HubError NOT_FOUND */
  get(tx: Tx, id: string): Promise<DeliveryDetail>;
  /** How many deliveries of each key wait for a destination, `most` deliveries at most. */
  waitingKeys(tx: Tx, destination: string, most: number): Promise<Map<string, number>>;
  /**
   * Tries a dead, held or delivered delivery again with its event id, key and place: a dead or held one with a new
   * budget of attempts; a delivered one by its effect protocol (resent to A and B, looked up at C).
   * @throws HubError NOT_FOUND, ACTION_NOT_ALLOWED (other states; a flow or class D that was delivered; a delivery that
   * a later one of its key has overtaken)
   */
  replay(tx: Tx, id: string, by: ByHand): Promise<void>;
  /** Gives up on a delivery that is not final; the followers of its key go on. @throws NOT_FOUND, ACTION_NOT_ALLOWED */
  discard(tx: Tx, id: string, by: ByHand): Promise<void>;
  /** held → tried again, prepared anew. @throws NOT_FOUND, ACTION_NOT_ALLOWED */
  release(tx: Tx, id: string, by: ByHand): Promise<void>;
  /**
   * Puts back what a destination held because our credentials were refused: they have been changed. Due after
   * `delayMs`, so that every worker knows the new ones by then.
   * @returns how many
   */
  releaseRefused(tx: Tx, destination: string, by: ByHand & { delayMs: number }): Promise<number>;
  /** Decides an unknown outcome: a person has seen it over there, or has seen that it is not there. */
  resolveUnknown(
    tx: Tx,
    id: string,
    resolution: 'confirmed' | 'resend',
    by: ByHand & { outsideId?: string },
  ): Promise<void>;
}

export interface Destinations {
  /** Makes those that do not exist yet, with their lanes. `flow.*` are flows, all others connections. */
  ensure(tx: Tx, destinations: readonly NewDestination[]): Promise<void>;
  list(tx: Tx): Promise<Destination[]>;
  /** @throws HubError NOT_FOUND */
  get(tx: Tx, name: string): Promise<Destination>;
  /** @throws HubError NOT_FOUND, PRECONDITION_FAILED, VALIDATION_FAILED */
  update(tx: Tx, name: string, ifVersion: number, patch: DestinationPatch): Promise<Destination>;
  pause(tx: Tx, name: string, reason: string): Promise<Destination>;
  resume(tx: Tx, name: string): Promise<Destination>;
  /** Breakers and health of the destinations of which something is known. */
  conditions(tx: Tx): Promise<DestinationCondition[]>;
  /** Opens the breaker and keeps it open until it is reset. @throws HubError NOT_FOUND, ACTION_NOT_ALLOWED (flows) */
  holdOpen(tx: Tx, name: string, by: ByHand): Promise<void>;
  /** Closes the breaker, whatever it has seen. @throws HubError NOT_FOUND, ACTION_NOT_ALLOWED (flows) */
  resetBreaker(tx: Tx, name: string): Promise<void>;
  /** Has an open breaker probed by then at the latest: what kept it open has been put right. */
  probeSoon(tx: Tx, name: string, inMs: number): Promise<void>;
  /** True when a maintenance window is open at this instant. */
  inWindow(destination: Destination, at: Date): boolean;
}

export interface QueueStats {
  lanes: number;
  /** Deliveries held in memory. */
  inMemory: number;
  inFlight: number;
  blockedKeys: number;
  delivered: number;
  failed: number;
  /** Gave way to newer ones of their keys. */
  superseded: number;
  /** How long the oldest unpassed mark of the cursor has waited for a writer to finish, in ms: alarm when it grows. */
  markAgeMs: number;
  /** Destinations whose quota has nothing left for what is ready here. */
  quotasSpent: number;
}

export interface Queue {
  /** Takes lanes and works until `stop`. Without it the queue only enqueues and answers. */
  start(): Promise<void>;
  /** Takes nothing new, waits for what is in flight, hands the lanes back. */
  stop(): Promise<void>;
  /**
   * One statement; wakes the lanes after commit. Call it after the key's row is locked: positions of one key must rise
   * in commit order. Unknown destinations are made with default settings.
   */
  enqueue(tx: Tx, deliveries: readonly NewDelivery[]): Promise<string[]>;
  /** What `enqueue` sends, for whoever sends it with statements of its own. Finds the lanes first. */
  prepare(tx: Tx, deliveries: readonly NewDelivery[]): Promise<StatementGroup<string[]>>;
  /** Looks for work now: for signals from other processes. */
  wake(tenantId: string, destination: string): void;
  /** Resolves when everything that was ready has been worked and nothing is in flight; for tests and draining. */
  idle(): Promise<void>;
  /** Open deliveries per destination of the transaction's tenant. */
  backlog(tx: Tx): Promise<Backlog[]>;
  stats(): QueueStats;
  /** Deliveries that this process has made to a destination in the last minute; undefined when it knows nothing of it. */
  perMinute(tenantId: string, destination: string): number | undefined;
  readonly destinations: Destinations;
  readonly budgets: Budgets;
  readonly deliveries: Deliveries;
}
