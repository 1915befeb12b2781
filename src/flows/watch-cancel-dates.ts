import { listExceptions, type NewException } from '../exceptions/index.ts';
import { findCancelDateRisks, loadOrders } from '../orders/index.ts';
import { localDate, type Tx } from '../platform/index.ts';
import type { Hub } from './flow.ts';
import { raiseExceptions, settleExceptions } from './raise-exceptions.ts';

/** Orders watched per round; the most urgent first. */
const ordersPerRound = 500;
const dayMs = 24 * 3_600_000;

/**
 * Orders that have not shipped a day before the buyer no longer wants them become exceptions; those that shipped since, or
 * were cancelled, stop being ones. Run it every few minutes.
 */
export async function watchCancelDates(tx: Tx, hub: Hub): Promise<void> {
  const tomorrow = localDate(new Date(hub.clock.now().getTime() + dayMs), hub.timeZone);
  const risks = await findCancelDateRisks(tx, tomorrow, ordersPerRound);
  const { rows: open } = await listExceptions(tx, { state: 'open', code: 'CANCEL_DATE_AT_RISK' }, { limit: 1_000 });
  const atRisk = new Set(risks.map(({ orderId }) => orderId));
  const over = open.filter(({ orderId }) => orderId !== undefined && !atRisk.has(orderId));
  await settleExceptions(tx, hub, {
    ids: risks.length < ordersPerRound ? over.map(({ id }) => id) : [],
    resolution: 'It has shipped or is no longer wanted',
    by: 'hub',
  });
  const known = new Set(open.map(({ orderId }) => orderId));
  const fresh = risks.filter(({ orderId }) => !known.has(orderId));
  const orders = await loadOrders(
    tx,
    fresh.map(({ orderId }) => orderId),
  );
  await raiseExceptions(
    tx,
    hub,
    fresh.map(({ orderId, cancelAfter }): NewException => {
      const order = orders.get(orderId)!;
      return {
        code: 'CANCEL_DATE_AT_RISK',
        dedupeKey: `cancel-date:${orderId}`,
        entityRefs: [{ kind: 'order', id: orderId, label: order.orderNo }],
        orderId,
        correlationId: order.correlationId,
        cause: `Order ${order.orderNo} is ${order.status.milestone}, and the buyer does not want it after ${cancelAfter}.`,
        moneyAtRiskMinor: order.totals.amountMinor,
        currency: order.currency,
        data: { cancelAfter, milestone: order.status.milestone },
      };
    }),
  );
}
