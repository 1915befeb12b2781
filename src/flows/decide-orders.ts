import type { NewEvent } from '../events/index.ts';
import { isPositiveDecimal, MANUAL_HOLD } from '../model/index.ts';
import {
  checkOrder,
  type HoldChange,
  isLive,
  lockOrders,
  type OrderAggregate,
  type OrderCheck,
  type OrderFacts,
  reconcileHolds,
  refreshOrder,
  removeHold,
  saveOrders,
  setLinePrice,
} from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import { flowDestination, type Hub } from './flow.ts';
import { decideCredit } from './decide-credit.ts';
import { announceHolds, type HoldNews } from './announce-holds.ts';
import { factsForOrders } from './gather-order-facts.ts';
import { noteOrigins, originData } from './order-origin.ts';
import { reserveStock } from './reserve-stock.ts';

/** An order on its way to a decision. */
export interface Undecided {
  readonly aggregate: OrderAggregate;
  readonly check: OrderCheck;
  readonly change: HoldChange;
  /** Nothing had been decided about it before. */
  readonly first: boolean;
}

export interface DecideOptions {
  /** Who is behind it: `hub`, or a person. */
  readonly by: string;
  readonly causationId?: string;
}

/**
 * Judges orders with today's master data, under their locks: holds, credit, stock, and whether they go on. Called when an
 * order comes in and again whenever a cause of a hold may be gone; what has been decided stays decided. Statements are per
 * table, not per order. Order of locks: orders by id, accounts, items.
 */
export async function decideOrders(
  tx: Tx,
  hub: Hub,
  orderIds: readonly string[],
  options: DecideOptions,
): Promise<Map<string, OrderAggregate>> {
  const now = hub.clock.now();
  const aggregates = await lockOrders(tx, orderIds);
  const open = [...aggregates.values()].filter(({ state }) => state.decision === 'open');
  if (open.length === 0) return aggregates;
  const [facts] = await Promise.all([factsForOrders(tx, hub.tenantId, now, hub.timeZone, open), noteOrigins(tx, open)]);
  const undecided = open.map((aggregate) => examine(aggregate, facts));
  await decideCredit(tx, undecided, facts);
  await reserveStock(tx, hub, undecided, facts);
  const events: NewEvent[] = [];
  const holdNews: HoldNews[] = [];
  const goingOn: GoingOn[] = [];
  const erp = hub.connectionFor('erp');
  for (const one of undecided) {
    const outcome = conclude(one);
    const part = goAhead(one.aggregate, outcome, erp !== undefined);
    if (part !== undefined) goingOn.push(part);
    holdNews.push({ ...one, outcome });
  }
  await announceHolds(tx, hub, holdNews, options);
  await saveOrders(tx, open, now);
  for (const { aggregate, change, first, outcome } of holdNews) {
    events.push(...decisionEvents(aggregate, change, first, outcome, options));
  }
  await tellShop(tx, hub, holdNews);
  events.push(...(await sendToErp(tx, hub, erp, goingOn)));
  if (events.length > 0) await hub.events.publish(tx, events);
  return aggregates;
}

/** What the orders have taken can be sold no more: one delivery for all that were decided together. */
async function tellShop(tx: Tx, hub: Hub, news: readonly HoldNews[]): Promise<void> {
  if (hub.connectionFor('storefront') === undefined) return;
  const taken = news.filter(({ outcome, first, change }) => outcome === 'accepted' || first || change.added.length > 0);
  const [one] = taken;
  if (one === undefined) return;
  const skus = new Set(taken.flatMap(({ aggregate }) => aggregate.document.lines.map((line) => line.sku)));
  await hub.enqueue(tx, [
    {
      destination: flowDestination('publish-availability'),
      key: one.aggregate.id,
      operation: 'availability.check',
      payload: { kind: 'command', data: { skus: [...skus].sort() } },
      correlationId: one.aggregate.document.correlationId,
    },
  ]);
}

function examine(aggregate: OrderAggregate, facts: OrderFacts): Undecided {
  const first = aggregate.state.credit === 'unchecked' && aggregate.state.reserveRound === 0;
  const check = checkOrder(aggregate, facts);
  if (check.shipTo !== undefined) aggregate.state.shipTo = check.shipTo;
  for (const [lineNo, price] of check.prices) setLinePrice(aggregate, lineNo, price);
  // Credit and completeness are decided by the steps that follow, and holds by hand by a person.
  const change = reconcileHolds(
    aggregate,
    check.problems.filter((problem) => problem.code !== 'CREDIT_HOLD'),
    { keep: ['CREDIT_HOLD', 'SHIP_COMPLETE', MANUAL_HOLD], now: facts.now },
  );
  refreshOrder(aggregate);
  return { aggregate, check, change, first };
}

export type Conclusion = 'accepted' | 'rejected' | 'held';

/** An order goes on when nothing holds it and every line is decided; without a line left it is rejected. */
function conclude({ aggregate, change }: Undecided): Conclusion {
  const order = refreshOrder(aggregate);
  if (order.status.milestone === 'cancelled') {
    for (const { code, since } of aggregate.state.holds.map((hold) => ({ ...hold }))) {
      if (removeHold(aggregate, code)) change.released.push({ code, since });
    }
    aggregate.state.decision = 'rejected';
    return 'rejected';
  }
  if (order.status.onHold) return 'held';
  aggregate.state.decision = 'accepted';
  return 'accepted';
}

function decisionEvents(
  aggregate: OrderAggregate,
  change: HoldChange,
  first: boolean,
  outcome: Conclusion,
  options: DecideOptions,
): NewEvent[] {
  const { order, document } = aggregate;
  const base = {
    entity: { kind: 'order' as const, id: order.id },
    key: order.id,
    orderId: order.id,
    correlationId: document.correlationId,
    traceparent: document.traceparent,
    causationId: options.causationId,
    version: order.version,
  };
  const events: NewEvent[] = [];
  const released = change.released.map(({ code, lineNo }) => ({ code, lineNo }));
  if (released.length > 0) {
    events.push({ ...base, type: 'sales.order.holdReleased', data: { released, by: options.by } });
    if (released.some(({ code }) => code === 'CREDIT_HOLD')) events.push({ ...base, type: 'credit.order.approved' });
  }
  for (const line of order.lines) {
    const rejected = line.rejected?.quantity;
    if (!first || !isLive(line)) continue;
    const data = {
      lineNo: line.lineNo,
      sku: line.sku,
      allocated: line.q.allocated,
      backordered: line.q.backordered,
      rejected,
    };
    if (isPositiveDecimal(line.q.backordered)) events.push({ ...base, type: 'sales.line.backordered', data });
  }
  const origin = originData(aggregate);
  if (outcome === 'accepted') {
    events.push({ ...base, type: 'sales.order.accepted', data: { by: options.by, ...origin } });
  }
  if (outcome === 'rejected') {
    const reason = rejectionReason(aggregate);
    events.push({
      ...base,
      type: 'sales.order.rejected',
      reason,
      ...(origin.byDocument === false ? { data: origin } : {}),
    });
  }
  const added = change.added.map(({ code, lineNo }) => ({ code, lineNo }));
  if (outcome === 'held' && (first || added.length > 0)) {
    const holds = [
      ...order.holds.map(({ code }) => ({ code })),
      ...order.lines.flatMap((line) => line.holds.map(({ code }) => ({ code, lineNo: line.lineNo }))),
    ];
    events.push({ ...base, type: 'sales.order.held', data: { holds, added } });
    if (holds.some(({ code }) => code === 'CREDIT_HOLD')) events.push({ ...base, type: 'credit.order.declined' });
    if (holds.some(({ code }) => code === 'PRICE_MISMATCH')) events.push({ ...base, type: 'pricing.order.mismatched' });
  }
  return events;
}

function rejectionReason({ state }: OrderAggregate): string {
  return state.cancelReason ?? state.lines.find((line) => line.rejected !== undefined)?.rejected?.reason ?? 'rejected';
}

/** An order of which something may now go to the ERP: for the first time, or lines that joined later. */
interface GoingOn {
  readonly aggregate: OrderAggregate;
  readonly first: boolean;
}

/**
 * A hold on the order keeps all of it back, a hold on a line only that line: what is decided goes to the ERP and the
 * warehouse, and a line that is freed later joins the same ERP order. An order that must ship complete waits for all of it.
 */
function goAhead(aggregate: OrderAggregate, outcome: Conclusion, hasErp: boolean): GoingOn | undefined {
  const { state, order } = aggregate;
  if (outcome === 'rejected' || state.holds.length > 0) return undefined;
  if (outcome === 'held' && order.shipComplete) return undefined;
  const free = order.lines.filter((line) => line.holds.length === 0 && line.milestone !== 'cancelled');
  const known = new Set(state.goneLines ?? []);
  const joining = free.filter((line) => !known.has(line.lineNo));
  if (joining.length === 0) return undefined;
  const first = known.size === 0;
  state.goneLines = [...known, ...joining.map((line) => line.lineNo)].sort((a, b) => a - b);
  if (hasErp) state.erpRequested = true;
  // Without an ERP the hub's own record is the order.
  else state.erpOrderNo ??= aggregate.orderNo;
  return { aggregate, first };
}

/**
 * Has what goes on entered in the ERP: a new order, or the lines that joined an order it has. Where the tenant has no ERP,
 * the hub's own record is the order, and it is announced at once.
 */
async function sendToErp(tx: Tx, hub: Hub, erp: string | undefined, goingOn: readonly GoingOn[]): Promise<NewEvent[]> {
  if (goingOn.length === 0) return [];
  if (erp === undefined) {
    return goingOn.map(
      ({ aggregate: { order, document }, first }): NewEvent => ({
        type: first ? 'sales.order.created' : 'sales.order.changed',
        entity: { kind: 'order', id: order.id },
        key: order.id,
        orderId: order.id,
        correlationId: order.correlationId,
        traceparent: document.traceparent,
        version: order.version,
        data: { erp: null },
      }),
    );
  }
  await hub.enqueue(
    tx,
    goingOn.map(({ aggregate: { order, document }, first }) => ({
      destination: erp,
      key: order.id,
      operation: first ? 'order.create' : 'order.change',
      payload: { kind: 'command', entity: { kind: 'order', id: order.id } },
      correlationId: order.correlationId,
      traceparent: document.traceparent,
      naturalKey: order.naturalKey,
    })),
  );
  return [];
}

/** Asks for orders to be judged again later, in a transaction of their own. */
export function recheckDelivery(request: RecheckRequest, correlationId: string) {
  return {
    destination: flowDestination('recheck-holds'),
    key: `recheck:${request.keys?.join() ?? ''}:${request.customers?.join() ?? ''}`,
    operation: 'recheck',
    payload: { kind: 'command' as const, data: { recheck: request } },
    correlationId,
  };
}

/** Which held orders to judge again: those with one of the hold keys, of these customers, after this id. */
export interface RecheckRequest {
  keys?: string[];
  customers?: string[];
  after?: string;
}
