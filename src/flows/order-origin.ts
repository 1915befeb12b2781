import type { NewEvent } from '../events/index.ts';
import { orderDocuments } from '../exchange/index.ts';
import type { OrderAggregate } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';

/** Notes of orders that are new whether a partner's document stands behind them. The caller saves them. */
export async function noteOrigins(tx: Tx, orders: readonly OrderAggregate[]): Promise<void> {
  const open = orders.filter(({ state }) => state.byDocument === undefined);
  if (open.length === 0) return;
  const origins = await orderDocuments(
    tx,
    open.map((order) => order.id),
  );
  for (const order of open) order.state.byDocument = origins.has(order.id);
}

/**
 * For the data of events that partners may be told of in a document: said where none can be due, so that the flows of
 * documents need not look at every order of a portal.
 */
export function originData(order: OrderAggregate | undefined): { byDocument?: false } {
  return order?.state.byDocument === false ? { byDocument: false } : {};
}

/** The filter of those flows: an event that does not say so is looked at. */
export function mayWantDocuments(event: NewEvent): boolean {
  return event.data?.byDocument !== false;
}
