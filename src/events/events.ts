import type { Clock, Tx } from '../platform/index.ts';
import type { Queue } from '../queue/index.ts';
import type { HubEvent, NewEvent, Subscription } from './event.ts';
import type { EventType } from './event-catalog.ts';

export interface EventsOptions {
  clock: Clock;
  subscriptions: readonly Subscription[];
  queue: Pick<Queue, 'enqueue'>;
}

export interface EventFilter {
  /** Events of one sales order, oldest first. */
  orderId?: string;
  correlationId?: string;
  entityId?: string;
  type?: EventType;
  /** Only events after this sequence. */
  afterSequence?: number;
  /** Default 200, at most 1,000. */
  limit?: number;
}

export interface Events {
  /**
   * Records the events and fans them out to their subscribers, in two statements of the caller's transaction whatever
   * the number of events. Call it after the rows of the entities are locked: sequences rise in commit order.
   */
  publish(tx: Tx, events: readonly NewEvent[]): Promise<HubEvent[]>;
  /** Oldest first. */
  list(tx: Tx, filter: EventFilter): Promise<HubEvent[]>;
  load(tx: Tx, ids: readonly string[]): Promise<Map<string, HubEvent>>;
  /**
   * The events after the one named (all kept, when absent or no longer known), in sequence, for a stream that misses
   * none: events that a transaction still running may precede are left for the next call.
   */
  since(tx: Tx, afterId: string | undefined, limit: number): Promise<HubEvent[]>;
  /** Sequence of the newest event that `since` would hand out; where a new stream begins. */
  latest(tx: Tx): Promise<number>;
}
