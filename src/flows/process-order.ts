import { applyFacts } from './apply-facts.ts';
import { decideOrders } from './decide-orders.ts';
import { defineFlow } from './flow.ts';
import { takeFacts } from './take-parked.ts';

/** A new order is judged under locks: holds, credit, stock; then it goes to the ERP, or waits with an owner. */
export const processOrder = defineFlow({
  name: 'process-order',
  on: ['sales.order.received'],
  lanes: 4,
  async handle(tx, batch, hub) {
    const ids = batch.flatMap(({ event, delivery }) => event?.entity.id ?? delivery.payload.entity?.id ?? []);
    const orders = await decideOrders(tx, hub, ids, { by: 'hub' });
    // Reports that named the order before it was here.
    const early = await takeFacts(
      tx,
      hub,
      [...orders.values()].map(({ orderNo }) => orderNo),
    );
    if (early.length > 0) await applyFacts(tx, hub, early);
  },
});
