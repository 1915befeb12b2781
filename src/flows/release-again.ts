import { listExceptions } from '../exceptions/index.ts';
import { type FulfillmentRecord, loadFulfillmentRecords, routeAgain } from '../fulfillment/index.ts';
import { loadLocations } from '../inventory/index.ts';
import { lockOrders, type OrderAggregate } from '../orders/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import type { Act } from './act-on-exception.ts';
import { flowDestination, type Hub } from './flow.ts';
import { settleExceptions } from './raise-exceptions.ts';
import { routeOf, sendReleases, unroutedKey, wayTo } from './send-releases.ts';

/**
 * Sends a release that never got through, to where its site gets its releases now: it was never sent for want of a way, or
 * its warehouse refused the document. It keeps its number, by which a warehouse would know a repetition.
 */
export async function releaseAgain(hub: Hub, tx: Tx, { record: { id, data, deliveryId }, actor, reason }: Act) {
  const { fulfillmentId } = data;
  if (deliveryId !== undefined || typeof fulfillmentId !== 'string') {
    throw new HubError('ACTION_NOT_ALLOWED', { message: 'Its delivery still stands: retry that' });
  }
  // The caller holds the order's lock: of two who do this at once the second finds it on its way.
  const [before] = await loadFulfillmentRecords(tx, { ids: [fulfillmentId] });
  if (before === undefined || (before.order.status !== 'rejected' && !isWaiting(before))) {
    throw new HubError('ACTION_NOT_ALLOWED', { message: `The release is ${before?.order.status ?? 'gone'}` });
  }
  const { fulfillmentNo, location, orderId } = before.order;
  const order = (await lockOrders(tx, [orderId])).get(orderId)!;
  if (isHeld(order)) throw new HubError('ACTION_NOT_ALLOWED', { message: `Order ${order.orderNo} is on hold` });
  const site = (await loadLocations(tx, [location])).get(location)?.value;
  const route = routeOf(hub, location, site);
  // It is off what could not be done before it is done: what still stands in the way is no second exception.
  await settleExceptions(tx, hub, { ids: [id], resolution: `Released again: ${reason}`, by: actor });
  const record = await routeAgain(tx, fulfillmentId, route);
  const [unrouted] = await sendReleases(tx, hub, [record]);
  if (unrouted !== undefined)
    throw new HubError('ACTION_NOT_ALLOWED', { message: `${unrouted.cause}. ${unrouted.fix}` });
  const how = route.agreement === undefined ? route.connection : `agreement ${route.agreement}`;
  return [
    how === undefined
      ? `Release ${fulfillmentNo} is worked by hand at ${location}`
      : `Release ${fulfillmentNo} goes to ${location} by ${how}`,
  ];
}

/** Of one that is put before a person for want of a way: it still is on none. */
const isWaiting = ({ order, connection }: FulfillmentRecord): boolean =>
  order.status === 'created' && connection === undefined;

const isHeld = ({ state }: OrderAggregate): boolean => state.holds.length > 0;

/** Operation of the delivery that has what waits for a way looked at anew. */
export const RELEASE_WAITING = 'release.waiting';
const mostAtOnce = 200;

/** A location or an agreement has changed: releases that could not go out may have their way now. */
export async function releaseWhatWaits(tx: Tx, hub: Hub, correlationId: string): Promise<void> {
  const { rows } = await listExceptions(tx, { code: 'RELEASE_UNROUTED', state: 'open' }, { limit: 1 });
  if (rows.length > 0) await hub.enqueue(tx, [lookAgain(correlationId)]);
}

const lookAgain = (correlationId: string) => ({
  destination: flowDestination('release-order'),
  key: RELEASE_WAITING,
  operation: RELEASE_WAITING,
  payload: { kind: 'command' as const },
  correlationId,
});

/** Sends those that have a way now, oldest first; the others go on waiting for a person. */
export async function sendWaiting(tx: Tx, hub: Hub, correlationId: string): Promise<void> {
  const list = async () =>
    (await listExceptions(tx, { code: 'RELEASE_UNROUTED', state: 'open' }, { limit: mostAtOnce, sort: 'due' })).rows;
  const seen = await list();
  const locked = await lockOrders(
    tx,
    seen.flatMap(({ orderId }) => orderId ?? []),
  );
  // What a person has released meanwhile is on its way, and no longer put before anybody.
  const rows = (await list()).filter(({ orderId }) => locked.has(orderId ?? ''));
  const ids = rows.flatMap(({ data }) => (typeof data.fulfillmentId === 'string' ? [data.fulfillmentId] : []));
  const waiting = (await loadFulfillmentRecords(tx, { ids })).filter(isWaiting);
  const sites = waiting.length === 0 ? new Map() : await loadLocations(tx);
  const ready: FulfillmentRecord[] = [];
  for (const { order } of waiting) {
    if (isHeld(locked.get(order.orderId)!)) continue;
    const route = routeOf(hub, order.location, sites.get(order.location)?.value);
    const { agreement } = route;
    const way = agreement === undefined ? undefined : await wayTo(tx, hub, order.location, agreement);
    if (way?.obstacle !== undefined) continue;
    ready.push(await routeAgain(tx, order.id, route));
  }
  if (ready.length === 0) return;
  await settleExceptions(tx, hub, {
    dedupeKeys: ready.map(({ order }) => unroutedKey(order.id)),
    resolution: 'What was in its way has changed',
    by: 'hub',
  });
  await sendReleases(tx, hub, ready);
  if (seen.length === mostAtOnce) await hub.enqueue(tx, [lookAgain(correlationId)]);
}
