import { compareDecimals, isPositiveDecimal, isZeroDecimal, type SalesOrderLine } from '../model/index.ts';
import { addHold, type HoldProblem, type OrderAggregate, removeHold, saveOrders } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import { exceptionAbout, holdKey } from './announce-holds.ts';
import { flowDestination, type Hub } from './flow.ts';
import { raiseExceptions, settleExceptions } from './raise-exceptions.ts';

/** Reasons of ours for refusing what is not in stock, instead of letting it wait. */
const wantOfStock = new Set(['ITEM_DISCONTINUED', 'BACKORDER_REFUSED', 'SHORT_PICK']);

/** Base units that the order still lacks of a line: what waits for stock, and what we refused for want of it. */
function missingOf(line: SalesOrderLine): string | undefined {
  const { backordered, cancelled } = line.q;
  if (isPositiveDecimal(backordered)) return backordered;
  const { rejected } = line;
  // Who cancelled the rest of the line knows that it is not complete.
  const ours = rejected !== undefined && wantOfStock.has(rejected.reason);
  return ours && compareDecimals(cancelled, rejected.quantity) === 0 ? rejected.quantity : undefined;
}

/** Why an order that must ship complete has to wait; undefined where nothing is missing, or somebody let it go on. */
export function incompleteProblem({ state, order }: OrderAggregate): HoldProblem | undefined {
  const waived = state.waivers.some((waiver) => waiver.code === 'SHIP_COMPLETE');
  if (!order.shipComplete || waived || order.status.milestone === 'cancelled') return undefined;
  const missing = order.lines.flatMap((line) => {
    const quantity = missingOf(line);
    return quantity === undefined ? [] : [{ line, quantity }];
  });
  if (missing.length === 0) return undefined;
  const what = missing.map(({ line, quantity }) => `${quantity} ${line.baseUom} ${line.sku}`).join(', ');
  return {
    code: 'SHIP_COMPLETE',
    causeKey: order.id,
    cause: `The order must ship complete; ${what} ${missing.length > 1 ? 'are' : 'is'} not in stock.`,
    data: {
      missing: missing.map(({ line, quantity }) => ({
        lineNo: line.lineNo,
        sku: line.sku,
        backordered: isZeroDecimal(line.q.backordered) ? undefined : line.q.backordered,
        missing: quantity,
      })),
    },
    moneyAtRiskMinor: order.totals.amountMinor,
  };
}

/**
 * Orders that must ship complete and went on when everything was there: one that lacks something since (a short pick) is
 * held again, so that no more of it leaves, and one that lacks nothing any more goes on. Saves what it changes.
 */
export async function holdIncomplete(tx: Tx, hub: Hub, aggregates: Iterable<OrderAggregate>): Promise<void> {
  const now = hub.clock.now();
  const accepted = [...new Set(aggregates)].filter(({ state }) => state.decision === 'accepted');
  for (const aggregate of accepted) {
    const held = aggregate.state.holds.find(({ code }) => code === 'SHIP_COMPLETE');
    const problem = incompleteProblem(aggregate);
    if (problem !== undefined && held === undefined) await hold(tx, hub, aggregate, problem);
    else if (problem === undefined && held !== undefined) await release(tx, hub, aggregate);
    else continue;
    await saveOrders(tx, [aggregate], now);
  }
}

const aboutOrder = ({ id, document }: OrderAggregate) => ({
  entity: { kind: 'order' as const, id },
  key: id,
  orderId: id,
  correlationId: document.correlationId,
  ...(document.traceparent === undefined ? {} : { traceparent: document.traceparent }),
});

async function hold(tx: Tx, hub: Hub, aggregate: OrderAggregate, problem: HoldProblem): Promise<void> {
  const { id, orderNo } = aggregate;
  const { code, causeKey, cause, data, moneyAtRiskMinor } = problem;
  const [exceptionId] = await raiseExceptions(tx, hub, [
    {
      ...exceptionAbout(aggregate),
      code,
      dedupeKey: holdKey(id, code),
      cause,
      moneyAtRiskMinor,
      data: { ...data, orderNo, causeKey },
    },
  ]);
  addHold(aggregate, { code, causeKey, by: 'hub', exceptionId }, hub.clock.now());
  const added = [{ code }];
  await hub.events.publish(tx, [{ ...aboutOrder(aggregate), type: 'sales.order.held', data: { holds: added, added } }]);
}

async function release(tx: Tx, hub: Hub, aggregate: OrderAggregate): Promise<void> {
  const { id, document } = aggregate;
  removeHold(aggregate, 'SHIP_COMPLETE');
  const dedupeKeys = [holdKey(id, 'SHIP_COMPLETE')];
  await settleExceptions(tx, hub, { dedupeKeys, resolution: 'Nothing is missing any more', by: 'hub' });
  const released = [{ code: 'SHIP_COMPLETE' }];
  await hub.events.publish(tx, [
    { ...aboutOrder(aggregate), type: 'sales.order.holdReleased', data: { released, by: 'hub' } },
  ]);
  await hub.enqueue(tx, [
    {
      destination: flowDestination('release-order'),
      key: id,
      operation: 'release',
      payload: { kind: 'command', entity: { kind: 'order', id } },
      correlationId: document.correlationId,
    },
  ]);
}
