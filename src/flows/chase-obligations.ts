import { markOverdueObligations, type Obligation } from '../exceptions/index.ts';
import { loadOrders } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import type { NewDelivery } from '../queue/index.ts';
import { flowDestination, type Hub } from './flow.ts';
import { markLateAcknowledgments } from './match-acknowledgments.ts';
import { raiseExceptions } from './raise-exceptions.ts';

/** Which flow does something by itself when its promise falls due, and about what. */
const chasers: Partial<Record<Obligation['kind'], { flow: string; entity: 'order' | 'shipment' }>> = {
  // What is decided is told now, what is held goes under the partner's hold code.
  '855': { flow: 'acknowledge-order', entity: 'order' },
  // The notice goes without the tracking numbers that have not come.
  '856': { flow: 'send-ship-notice', entity: 'shipment' },
};

/**
 * Finds promises that fell due: each becomes an exception, and those that the hub can keep in part are kept in part. Run it
 * every minute for every tenant.
 * @returns how many fell due
 */
export async function chaseObligations(tx: Tx, hub: Hub, limit = 500): Promise<number> {
  const { overdue, exceptions } = await markOverdueObligations(tx, hub.clock.now(), limit, async (orderIds) => {
    const orders = await loadOrders(tx, orderIds);
    return new Map([...orders].map(([id, order]) => [id, order.orderNo]));
  });
  await raiseExceptions(tx, hub, exceptions);
  await hub.enqueue(tx, overdue.flatMap(chaseOf));
  await markLateAcknowledgments(tx, hub);
  return overdue.length;
}

function chaseOf(obligation: Obligation): NewDelivery[] {
  const chaser = chasers[obligation.kind];
  if (chaser === undefined) return [];
  return [
    {
      destination: flowDestination(chaser.flow),
      key: obligation.orderId ?? obligation.subject,
      operation: 'obligation.due',
      payload: { kind: 'command', entity: { kind: chaser.entity, id: obligation.subject }, data: { clock: true } },
      correlationId: obligation.correlationId ?? obligation.subject,
    },
  ];
}
