import { binaryArray, columnsOf, runGroup, type StatementGroup, type Tx, uuidv7 } from '../platform/index.ts';
import type { NewDelivery } from './delivery.ts';
import { type LaneDirectory, createLaneDirectory, kindOfDestination } from './lane-directory.ts';
import { ruleOfOperation } from './operation-rules.ts';
import { enqueueAfter, enqueueDeliveries } from './sql/enqueue.ts';

/** Told after commit which lanes got deliveries, and the highest position among them. */
export type OnEnqueued = (laneIds: ReadonlySet<number>, lastPosition: number) => void;

export interface Enqueuer {
  /** Answers their ids. */
  enqueue(tx: Tx, deliveries: readonly NewDelivery[]): Promise<string[]>;
  /** What `enqueue` sends, for whoever sends it with statements of its own. Finds the lanes first. */
  prepare(tx: Tx, deliveries: readonly NewDelivery[]): Promise<StatementGroup<string[]>>;
  readonly lanes: LaneDirectory;
}

/**
 * Writes deliveries to their lanes; the engine, where one runs in this process, is told after the commit.
 *
 * @param lanesOf the lanes declared for a destination by name
 */
export function createEnqueuer(
  onEnqueued: OnEnqueued,
  lanesOf?: (destination: string) => number | undefined,
): Enqueuer {
  const lanes = createLaneDirectory(lanesOf);

  async function prepare(tx: Tx, deliveries: readonly NewDelivery[]): Promise<StatementGroup<string[]>> {
    const tenantId = tx.tenantId;
    if (tenantId === null) throw new TypeError('enqueue needs a transaction with a tenant');
    if (deliveries.length === 0) return { statements: [], read: () => [] };
    const laneIdsOf = await lanes.resolve(
      tx,
      deliveries.map((delivery) => delivery.destination),
    );
    const touched = new Set<number>();
    const lane = deliveries.map(({ destination, key }) => {
      const id = laneIdsOf(destination, key);
      touched.add(id);
      return id;
    });
    const ids = deliveries.map(() => uuidv7());
    const column = columnsOf(deliveries);
    const follows = deliveries.some((delivery) => delivery.after !== undefined);
    const params = [
      tenantId,
      binaryArray('int8', lane),
      binaryArray('uuid', ids),
      column('text', (delivery) => delivery.key),
      column('text', (delivery) => delivery.operation),
      column('jsonb', (delivery) => JSON.stringify(delivery.payload)),
      column('uuid', (delivery) => delivery.eventId),
      column('text', (delivery) => delivery.correlationId),
      column('text', (delivery) => delivery.traceparent),
      column('text', (delivery) => delivery.naturalKey),
      column('int8', (delivery) => delivery.priority ?? priorityOf(delivery)),
      ...(follows ? [column('uuid', (delivery) => delivery.after)] : []),
    ];
    return {
      statements: [{ sql: follows ? enqueueAfter : enqueueDeliveries, params }],
      read([written]) {
        const last = (written as { last: number }[])[0]?.last ?? 0;
        tx.afterCommit(() => onEnqueued(touched, last));
        return ids;
      },
    };
  }

  return {
    prepare,
    enqueue: async (tx, deliveries) => runGroup(tx, await prepare(tx, deliveries)),
    lanes,
  };
}

/** Inside the hub everything is equally urgent: the order of the lanes is that of what happened. */
function priorityOf({ destination, operation }: NewDelivery): number {
  return kindOfDestination(destination) === 'flow' ? 0 : ruleOfOperation(operation).priority;
}
