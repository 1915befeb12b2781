import { countOpenByOrder } from '../exceptions/index.ts';
import { findIdleOrders, loadOrders } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import type { OperationsServices } from './operations-services.ts';

/** How long an order may rest at a milestone before somebody should look; absent: it may rest there. */
const restMinutes: Readonly<Record<string, number>> = {
  received: 5,
  credit_approved: 15,
  allocated: 30,
  released: 24 * 60,
  picked: 12 * 60,
  packed: 12 * 60,
  shipped: 10 * 24 * 60,
};
const leastRestMinutes = Math.min(...Object.values(restMinutes));
const mostLooked = 500;

export interface StuckOrder {
  orderId: string;
  reason: string;
  /** When it should have moved on. */
  dueAt: Date;
}

/**
 * Orders that nothing holds, nobody has an exception for, and that still do not move: the cases that no rule foresaw.
 * A delivery that waits for its destination (paused, in a maintenance window, retried) explains the rest, and is named.
 */
export async function findStuckOrders(
  tx: Tx,
  services: Pick<OperationsServices, 'queue'>,
  now: Date,
): Promise<StuckOrder[]> {
  const idle = await findIdleOrders(tx, new Date(now.getTime() - leastRestMinutes * 60_000), mostLooked);
  if (idle.length === 0) return [];
  const explained = await countOpenByOrder(tx, idle);
  const orders = await loadOrders(
    tx,
    idle.filter((id) => !explained.has(id)),
  );
  const stuck: StuckOrder[] = [];
  for (const order of orders.values()) {
    const { milestone } = order.status;
    const minutes = restMinutes[milestone];
    if (minutes === undefined) continue;
    const dueAt = new Date(Date.parse(order.updatedAt) + minutes * 60_000);
    if (dueAt > now) continue;
    const waiting = await waitingFor(tx, services, order.id);
    const words = milestone.replaceAll('_', ' ');
    stuck.push({ orderId: order.id, reason: `Not moving: ${words} since ${order.updatedAt}${waiting}`, dueAt });
  }
  return stuck;
}

async function waitingFor(tx: Tx, services: Pick<OperationsServices, 'queue'>, orderId: string): Promise<string> {
  const deliveries = await services.queue.deliveries.list(tx, { key: orderId, limit: 50 });
  const open = deliveries.findLast((delivery) => !['delivered', 'discarded'].includes(delivery.state));
  return open === undefined ? '' : `, ${open.operation} to ${open.destination} is ${open.state.replaceAll('_', ' ')}`;
}
