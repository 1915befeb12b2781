import { type Tx, uuidv7 } from '../platform/index.ts';
import type { NewDelivery } from './delivery.ts';
import { type LaneDirectory, createLaneDirectory, kindOfDestination } from './lane-directory.ts';
import { ruleOfOperation } from './operation-rules.ts';
import { enqueueDeliveries } from './sql/enqueue.ts';

/** Told after commit which lanes got deliveries, and the highest position among them. */
export type OnEnqueued = (laneIds: ReadonlySet<number>, lastPosition: number) => void;

export interface Enqueuer {
  enqueue(tx: Tx, deliveries: readonly NewDelivery[]): Promise<string[]>;
  readonly lanes: LaneDirectory;
}

/** Writes deliveries to their lanes; the engine, where one runs in this process, is told after the commit. */
export function createEnqueuer(onEnqueued: OnEnqueued): Enqueuer {
  const lanes = createLaneDirectory();

  async function enqueue(tx: Tx, deliveries: readonly NewDelivery[]): Promise<string[]> {
    const tenantId = tx.tenantId;
    if (tenantId === null) throw new TypeError('enqueue needs a transaction with a tenant');
    if (deliveries.length === 0) return [];
    const laneIdsOf = await lanes.resolve(
      tx,
      deliveries.map((delivery) => delivery.destination),
    );
    const ids: string[] = [];
    const touched = new Set<number>();
    const rows = deliveries.map((delivery) => {
      const id = uuidv7();
      const lane = laneIdsOf(delivery.destination, delivery.key);
      ids.push(id);
      touched.add(lane);
      return {
        lane,
        id,
        key: delivery.key,
        operation: delivery.operation,
        payload: delivery.payload,
        event: delivery.eventId,
        correlation: delivery.correlationId,
        trace: delivery.traceparent,
        natural: delivery.naturalKey,
        priority: delivery.priority ?? priorityOf(delivery),
      };
    });
    const [written] = await tx.query<{ last: number }>(enqueueDeliveries, [JSON.stringify(rows), tenantId]);
    const last = written?.last ?? 0;
    tx.afterCommit(() => onEnqueued(touched, last));
    return ids;
  }

  return { enqueue, lanes };
}

/** Inside the hub everything is equally urgent: the order of the lanes is that of what happened. */
function priorityOf({ destination, operation }: NewDelivery): number {
  return kindOfDestination(destination) === 'flow' ? 0 : ruleOfOperation(operation).priority;
}
