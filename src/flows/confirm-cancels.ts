import type { NewEvent } from '../events/index.ts';
import { type FulfillmentRecord, progressOf } from '../fulfillment/index.ts';
import { addDecimals, isPositiveDecimal, maxDecimal, subtractDecimals } from '../model/index.ts';
import type { OrderAggregate } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import { applyFacts } from './apply-facts.ts';
import type { Hub } from './flow.ts';
import { holdIncomplete } from './hold-incomplete.ts';

/** The warehouse has given the releases back: that is a fact about each of their lines. */
export async function confirmCancels(tx: Tx, hub: Hub, records: readonly FulfillmentRecord[]): Promise<void> {
  if (records.length === 0) return;
  const occurredAt = hub.clock.now().toISOString();
  const { orders } = await applyFacts(
    tx,
    hub,
    records.flatMap(({ order, connection, progress }) =>
      order.lines.flatMap((line) => {
        const quantity = notLeft(line, progress);
        if (!isPositiveDecimal(quantity)) return [];
        return [
          {
            source: connection ?? 'hub',
            document: `${order.fulfillmentNo}-cancel`,
            fulfillmentNo: order.fulfillmentNo,
            orderId: order.orderId,
            lineNo: line.lineNo,
            kind: 'cancelled' as const,
            quantity,
            uom: line.uom,
            sequence: 1,
            occurredAt,
          },
        ];
      }),
    ),
  );
  await announceCancels(tx, hub, orders.values());
}

/** Tells the ERP and all who listen that a warehouse has given back what it had of these orders, or a part of it. */
export async function announceCancels(tx: Tx, hub: Hub, orders: Iterable<OrderAggregate>): Promise<void> {
  const list = [...orders];
  await holdIncomplete(tx, hub, list);
  const events: NewEvent[] = [];
  for (const aggregate of list) {
    const { order, document } = aggregate;
    const whole = order.status.milestone === 'cancelled';
    events.push({
      type: whole ? 'sales.order.cancelled' : 'sales.order.changed',
      entity: { kind: 'order', id: order.id },
      key: order.id,
      orderId: order.id,
      correlationId: document.correlationId,
      traceparent: document.traceparent,
      version: order.version,
      reason: aggregate.state.cancelReason,
      data: { customer: document.customer },
    });
    await tellErp(tx, hub, aggregate);
  }
  await hub.events.publish(tx, events);
}

/** What the warehouse gives back of a line: neither what has left it nor what it never found. */
function notLeft(line: FulfillmentRecord['order']['lines'][number], progress: FulfillmentRecord['progress']): string {
  const of = (kind: 'shipped' | 'delivered' | 'short'): string => progressOf(progress, line.lineNo, kind);
  return subtractDecimals(line.quantity, addDecimals(maxDecimal(of('shipped'), of('delivered')), of('short')));
}

/** The ERP keeps its own figures: it is told the cumulative cancelled quantities of lines that it has or will get. */
export async function tellErp(tx: Tx, hub: Hub, aggregate: OrderAggregate): Promise<void> {
  const erp = hub.connectionFor('erp');
  // A line that was held all along never reached the ERP.
  const lines = (aggregate.state.goneLines ?? []).filter((lineNo) =>
    isPositiveDecimal(aggregate.order.lines[lineNo - 1]?.q.cancelled ?? '0'),
  );
  if (erp === undefined || aggregate.state.erpRequested !== true || lines.length === 0) return;
  await hub.enqueue(tx, [
    {
      destination: erp,
      key: aggregate.id,
      operation: 'order.cancel',
      payload: { kind: 'command', entity: { kind: 'order', id: aggregate.id }, data: { lines } },
      correlationId: aggregate.document.correlationId,
      traceparent: aggregate.document.traceparent,
      naturalKey: aggregate.document.naturalKey,
    },
  ]);
}
