import type { SalesOrder } from '../model/index.ts';
import { loadOrders } from '../orders/index.ts';
import type { ApiServices } from './services.ts';

const longestWaitMs = 10_000;
const lookEveryMs = 40;
const decided = new Set(['sales.order.accepted', 'sales.order.held', 'sales.order.rejected', 'sales.order.cancelled']);

/** Milliseconds of `Prefer: wait=n` (RFC 7240 §4.3); undefined when it is not asked for. */
export function readPreferredWait(header: string | string[] | undefined): number | undefined {
  const text = Array.isArray(header) ? header.join(',') : header;
  const match = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,4})"?/i.exec(text ?? '');
  return match === null ? undefined : Math.min(Number(match[1]) * 1000, longestWaitMs);
}

/**
 * Waits until credit and allocation of a new order are decided, and answers the order as it then is; undefined when the
 * time runs out first. The decision is made by a flow, perhaps in another process, so it is looked for in the ledger.
 */
export async function awaitDecision(
  services: Pick<ApiServices, 'db' | 'events' | 'clock'>,
  tenantId: string,
  orderId: string,
  waitMs: number,
): Promise<SalesOrder | undefined> {
  const { db, events, clock } = services;
  const deadlineMs = clock.monotonicMs() + waitMs;
  for (;;) {
    const order = await db.tx(tenantId, async (tx) => {
      const happened = await events.list(tx, { orderId, limit: 50 });
      if (!happened.some((event) => decided.has(event.type))) return undefined;
      return (await loadOrders(tx, [orderId])).get(orderId);
    });
    if (order !== undefined || clock.monotonicMs() >= deadlineMs) return order;
    await new Promise<void>((resolve) => clock.setTimeout(resolve, lookEveryMs));
  }
}
