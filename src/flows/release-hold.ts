import { titleInSentence } from '../exceptions/index.ts';
import {
  contractPrice,
  describePrice,
  lockOrders,
  type OrderAggregate,
  saveOrders,
  setLinePrice,
  waiveHold,
} from '../orders/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import type { Act } from './act-on-exception.ts';
import { decideOrders } from './decide-orders.ts';
import type { Hub } from './flow.ts';
import { factsForOrders } from './gather-order-facts.ts';
import { holdIncomplete } from './hold-incomplete.ts';

/** Waives a hold for one order, or for one of its lines, and judges the order again. */
export async function releaseHold(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const aggregate = await lockHeld(tx, act);
  waive(hub, aggregate, act);
  await saveOrders(tx, [aggregate], hub.clock.now());
  const orders = await decideOrders(tx, hub, [aggregate.id], { by: act.actor });
  await holdIncomplete(tx, hub, orders.values());
  return [`${act.record.code} no longer holds order ${aggregate.orderNo}`, ...describeDecision(orders.values())];
}

function waive(hub: Hub, aggregate: OrderAggregate, act: Act): void {
  const { lineNo } = act.record.data;
  waiveHold(aggregate, {
    code: act.record.code,
    lineNo: typeof lineNo === 'number' ? lineNo : undefined,
    by: act.actor,
    at: hub.clock.now().toISOString(),
    reason: act.reason,
  });
}

async function lockHeld(tx: Tx, act: Act): Promise<OrderAggregate> {
  const orderId = act.record.orderId ?? '';
  const aggregate = (await lockOrders(tx, orderId === '' ? [] : [orderId])).get(orderId);
  if (aggregate === undefined) throw new HubError('ACTION_NOT_ALLOWED', { message: 'No order is held by this' });
  return aggregate;
}

/** Fills a line at the buyer's price or at ours. */
export async function decidePrice(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const choice = act.input.price ?? 'po';
  if (choice !== 'po' && choice !== 'contract') {
    throw new HubError('VALIDATION_FAILED', {
      errors: [{ pointer: '/input/price', code: 'ENUM', message: 'must be po or contract' }],
    });
  }
  const aggregate = await lockHeld(tx, act);
  const line = aggregate.document.lines.find(({ lineNo }) => lineNo === act.record.data.lineNo);
  if (line === undefined) throw new HubError('ACTION_NOT_ALLOWED', { message: 'The exception is not about a line' });
  let price = line.price;
  if (choice === 'contract') price = await applyContractPrice(hub, tx, aggregate, line.lineNo);
  else if (line.unpriced === true) {
    throw new HubError('ACTION_NOT_ALLOWED', { message: 'The purchase order states no price' });
  } else waive(hub, aggregate, act);
  await saveOrders(tx, [aggregate], hub.clock.now());
  const orders = await decideOrders(tx, hub, [aggregate.id], { by: act.actor });
  const effect = `Line ${line.lineNo} of order ${aggregate.orderNo} is filled at ${describePrice(price)}`;
  return [effect, ...describeDecision(orders.values())];
}

async function applyContractPrice(hub: Hub, tx: Tx, aggregate: OrderAggregate, lineNo: number) {
  const facts = await factsForOrders(tx, hub.tenantId, hub.clock.now(), hub.timeZone, [aggregate]);
  const { document } = aggregate;
  const line = document.lines[lineNo - 1]!;
  const customer = facts.customer(document.customer);
  const item = facts.itemBySku(line.sku);
  const context = { channel: document.channel, date: document.orderDate, currency: document.currency };
  const ours =
    customer === undefined || item === undefined
      ? undefined
      : contractPrice(item, line.orderedBase, { ...context, customer }, facts);
  if (ours === undefined) {
    throw new HubError('ACTION_NOT_ALLOWED', { message: `We have no price of ${line.sku} for this customer` });
  }
  setLinePrice(aggregate, lineNo, ours);
  return ours.price;
}

/** What orders do now, in words for the person who acted. */
export function describeDecision(orders: Iterable<OrderAggregate>): string[] {
  return [...orders].map(({ order, state }) => {
    if (state.decision === 'accepted' && !order.status.onHold)
      return `Order ${order.orderNo} goes on to the ERP and the warehouse`;
    if (state.decision === 'rejected') return `Order ${order.orderNo} is rejected`;
    const holds = [...order.holds, ...order.lines.flatMap((line) => line.holds)].map((hold) => hold.code);
    return `Order ${order.orderNo} is still held: ${[...new Set(holds)].map(titleInSentence).join(', ')}`;
  });
}
