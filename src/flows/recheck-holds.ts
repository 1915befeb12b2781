import type { HubEvent } from '../events/index.ts';
import { isZeroDecimal } from '../model/index.ts';
import { findHeldOrders, LINE_HOLD_CODES, loadOrders } from '../orders/index.ts';
import { loadCustomersWithParents } from '../parties/index.ts';
import type { Tx } from '../platform/index.ts';
import { backorderKey } from './announce-holds.ts';
import { decideOrders, type RecheckRequest, recheckDelivery } from './decide-orders.ts';
import { defineFlow, type FlowInput, type Hub } from './flow.ts';
import { settleExceptions } from './raise-exceptions.ts';

/** Orders judged again per transaction; more follow in the next one. */
const ordersPerRound = 200;

/**
 * Whenever the cause of a hold may be gone, the orders held for it are judged again: all siblings at once. A payment or a
 * cancellation frees credit, master data frees what it held, a cross-reference frees ship-tos, stock frees complete orders.
 */
export const recheckHolds = defineFlow({
  name: 'recheck-holds',
  on: [
    'finance.payment.received',
    'finance.payment.applied',
    'sales.order.cancelled',
    'sales.order.changed',
    'sales.line.cancelled',
    'sales.line.allocated',
    'sales.line.partiallyAllocated',
    'master.customer.created',
    'master.customer.changed',
    'master.customer.blocked',
    'master.item.created',
    'master.item.changed',
    'master.price.changed',
    'master.xref.created',
    'master.xref.changed',
  ],
  // An order changes for many reasons; a part of it that a warehouse gave back names the customer.
  when: ({ type, data }) => type !== 'sales.order.changed' || typeof data?.customer === 'string',
  lanes: 2,
  async handle(tx, batch, hub) {
    await settleFilledBackorders(tx, hub, batch);
    const ids = new Set(batch.flatMap(({ event }) => (isFill(event) ? (event.orderId ?? event.key) : [])));
    for (const request of await requestsOf(tx, batch)) {
      const found = await findHeldOrders(tx, request, ordersPerRound);
      for (const id of found) ids.add(id);
      if (found.length < ordersPerRound) continue;
      const rest = { ...request, after: found.at(-1)! };
      await hub.enqueue(tx, [recheckDelivery(rest, batch[0]!.delivery.correlationId)]);
    }
    await decideOrders(tx, hub, [...ids], { by: 'hub' });
  },
});

function isFill(event: HubEvent | undefined): event is HubEvent {
  return event?.type === 'sales.line.allocated' || event?.type === 'sales.line.partiallyAllocated';
}

async function settleFilledBackorders(tx: Tx, hub: Hub, batch: readonly FlowInput[]): Promise<void> {
  const filled = batch.flatMap(({ event }) => (isFill(event) ? (event.orderId ?? event.key) : []));
  if (filled.length === 0) return;
  const orders = await loadOrders(tx, [...new Set(filled)]);
  const keys = [...orders.values()].flatMap((order) =>
    order.lines.flatMap((line) => (isZeroDecimal(line.q.backordered) ? [backorderKey(order.id, line.lineNo)] : [])),
  );
  await settleExceptions(tx, hub, { dedupeKeys: keys, resolution: 'Stock has arrived', by: 'hub' });
}

async function requestsOf(tx: Tx, batch: readonly FlowInput[]): Promise<RecheckRequest[]> {
  const requests = batch.flatMap(({ event, delivery }): RecheckRequest[] => {
    const asked = delivery.payload.data?.recheck;
    if (event === undefined) return asked === undefined ? [] : [asked as RecheckRequest];
    return requestOf(event);
  });
  const paid = batch.flatMap(({ event }) => (event === undefined ? [] : creditAccounts(event)));
  if (paid.length === 0) return requests;
  const accounts = new Set([...paid, ...(await loadCustomersWithParents(tx, paid)).keys()]);
  return [...requests, { keys: [...accounts].map((account) => `CREDIT_HOLD:${account}`) }];
}

/** Accounts whose exposure the event may have lowered. */
function creditAccounts(event: HubEvent): string[] {
  if (!/^(finance|master\.customer|sales\.order\.(cancelled|changed)|sales\.line\.cancelled)/.test(event.type))
    return [];
  const customer = event.entity.kind === 'customer' ? event.entity.id : event.data?.customer;
  return typeof customer === 'string' ? [customer] : [];
}

function requestOf(event: HubEvent): RecheckRequest[] {
  const { id } = event.entity;
  switch (event.type) {
    case 'master.customer.created':
    case 'master.customer.changed':
    case 'master.customer.blocked':
      // Members of a group are held for what stands above them.
      return [{ customers: [id] }, { keys: [`CUSTOMER_BLOCKED:${id}`] }];
    case 'master.item.created':
    case 'master.item.changed':
      return [{ keys: LINE_HOLD_CODES.map((code) => `${code}:${id}`) }];
    case 'master.price.changed':
      return [{ keys: priceCodes.map((code) => `${code}:${id}`) }];
    case 'master.xref.created':
    case 'master.xref.changed': {
      const { scope, type, external } = event.data ?? {};
      if (type !== 'ship-to') return [];
      return [{ keys: [scope === '*' ? 'SHIPTO_INVALID' : `SHIPTO_INVALID:${String(scope)}:${String(external)}`] }];
    }
    default:
      return [];
  }
}

const priceCodes = ['PRICE_MISMATCH', 'PRICE_MISSING', 'PRICE_UNIT'];
