import {
  type Clock,
  type StatementGroup,
  type Tx,
  instantText,
  isUuid,
  joined,
  runGroup,
  uuidv7,
} from '../platform/index.ts';
import { type NewDelivery, type Queue, type ReadMarks, markStep, noMarks } from '../queue/index.ts';
import { listEvents, loadEvents, newEvents, sequenceOf, takeMark } from './event-sql.ts';
import type { HubEvent, NewEvent, Subscription } from './event.ts';
import type { EventType } from './event-catalog.ts';

export interface EventsOptions {
  clock: Clock;
  subscriptions: readonly Subscription[];
  queue: Pick<Queue, 'prepare'>;
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
  /** What `publish` sends, for whoever sends it with statements of its own, as the last of them. */
  prepare(tx: Tx, events: readonly NewEvent[]): Promise<StatementGroup<HubEvent[]>>;
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

export function createEvents(options: EventsOptions): Events {
  const byType = subscribersByType(options.subscriptions);
  let marks: ReadMarks = noMarks;

  async function prepare(tx: Tx, events: readonly NewEvent[]): Promise<StatementGroup<HubEvent[]>> {
    if (tx.tenantId === null) throw new TypeError('publish needs a transaction with a tenant');
    if (events.length === 0) return { statements: [], read: () => [] };
    const now = options.clock.now();
    const recordedAt = instantText(now);
    const named = events.map((event) => ({
      ...event,
      id: uuidv7(now.getTime()),
      occurredAt: event.occurredAt ?? recordedAt,
    }));
    const tenantId = tx.tenantId;
    const deliveries = fanOut(named, byType);
    // The two statements travel together; the events are written first.
    const group = joined(newEvents(tenantId, named, now), await options.queue.prepare(tx, deliveries));
    return {
      statements: group.statements,
      read(answers) {
        const [sequences] = group.read(answers);
        return named.map(
          (event, index): HubEvent => ({
            ...event,
            tenantId,
            sequence: sequences[index] as number,
            recordedAt,
          }),
        );
      },
    };
  }

  /** Every event up to the answer is decided: committed and visible to the next statement, or rolled back. */
  async function safeSequence(tx: Tx): Promise<number> {
    marks = markStep(marks, await takeMark(tx), options.clock.monotonicMs());
    return marks.safe;
  }

  return {
    publish: async (tx, events) => runGroup(tx, await prepare(tx, events)),
    prepare,
    list: (tx, filter) =>
      listEvents(tx, conditionsOf(filter), filter.afterSequence ?? 0, undefined, limitOf(filter.limit)),
    load: loadEvents,
    async since(tx, afterId, limit) {
      const safe = await safeSequence(tx);
      const after = afterId !== undefined && isUuid(afterId) ? await sequenceOf(tx, afterId) : undefined;
      return listEvents(tx, [], after ?? 0, safe, limitOf(limit));
    },
    latest: safeSequence,
  };
}

function limitOf(limit: number | undefined): number {
  return Math.min(Math.max(limit ?? 200, 1), 1_000);
}

function conditionsOf(filter: EventFilter): [string, unknown][] {
  const conditions: [string, unknown][] = [];
  // The key of everything about an order is the order's id, and it is the key that has the index.
  if (filter.orderId !== undefined) conditions.push(['key', filter.orderId]);
  if (filter.correlationId !== undefined) conditions.push(['correlation_id', filter.correlationId]);
  if (filter.entityId !== undefined) conditions.push(['entity_id', filter.entityId]);
  if (filter.type !== undefined) conditions.push(['type', filter.type]);
  return conditions;
}

function subscribersByType(subscriptions: readonly Subscription[]): Map<EventType, Subscription[]> {
  const byType = new Map<EventType, Subscription[]>();
  for (const subscription of subscriptions) {
    for (const type of subscription.on) {
      const others = byType.get(type);
      if (others === undefined) byType.set(type, [subscription]);
      else others.push(subscription);
    }
  }
  return byType;
}

function fanOut(events: readonly (NewEvent & { id: string })[], byType: Map<EventType, Subscription[]>): NewDelivery[] {
  const deliveries: NewDelivery[] = [];
  for (const event of events) {
    for (const subscription of byType.get(event.type) ?? []) {
      if (subscription.when !== undefined && !subscription.when(event)) continue;
      deliveries.push({
        destination: subscription.destination,
        key: event.key,
        operation: subscription.operation ?? event.type,
        payload: { kind: 'event', entity: event.entity },
        eventId: event.id,
        correlationId: event.correlationId,
        traceparent: event.traceparent,
      });
    }
  }
  return deliveries;
}
