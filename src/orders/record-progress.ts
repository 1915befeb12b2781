import type { Tx } from '../platform/index.ts';
import { lockOrders, saveOrders } from './order-store.ts';
import type { OrderAggregate } from './orders-types.ts';

/** Records the ERP's numbers of orders. Answers those that did not have one before. */
export async function recordErpOrder(
  tx: Tx,
  orders: readonly { orderId: string; erpOrderNo: string }[],
  now: Date,
): Promise<Map<string, OrderAggregate>> {
  const aggregates = await lockOrders(
    tx,
    orders.map((order) => order.orderId),
  );
  const changed = new Map<string, OrderAggregate>();
  for (const { orderId, erpOrderNo } of orders) {
    const aggregate = aggregates.get(orderId);
    if (aggregate === undefined || aggregate.state.erpOrderNo === erpOrderNo) continue;
    aggregate.state.erpOrderNo = erpOrderNo;
    changed.set(orderId, aggregate);
  }
  await saveOrders(tx, changed.values(), now);
  return changed;
}

/** Records absolute totals of what was invoiced (less credit memos), paid and refunded, for the payment axis. */
export async function recordBilling(
  tx: Tx,
  totals: readonly { orderId: string; billedMinor: number; paidMinor: number; refundedMinor?: number }[],
  now: Date,
): Promise<Map<string, OrderAggregate>> {
  const aggregates = await lockOrders(
    tx,
    totals.map((total) => total.orderId),
  );
  const changed = new Map<string, OrderAggregate>();
  for (const { orderId, billedMinor, paidMinor, refundedMinor } of totals) {
    const aggregate = aggregates.get(orderId);
    if (aggregate === undefined) continue;
    Object.assign(aggregate.state, { billedMinor, paidMinor, refundedMinor: refundedMinor ?? 0 });
    changed.set(orderId, aggregate);
  }
  await saveOrders(tx, changed.values(), now);
  return changed;
}
