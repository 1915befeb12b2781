import { loadFulfillmentRecords, routeAgain } from '../fulfillment/index.ts';
import { loadLocations } from '../inventory/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import type { Act } from './act-on-exception.ts';
import type { Hub } from './flow.ts';
import { settleExceptions } from './raise-exceptions.ts';
import { routeOf, sendReleases } from './send-releases.ts';

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
  const status = before?.order.status;
  const neverSent = status === 'created' && before?.connection === undefined;
  if (before === undefined || (status !== 'rejected' && !neverSent)) {
    throw new HubError('ACTION_NOT_ALLOWED', { message: `The release is ${status ?? 'gone'}` });
  }
  const { fulfillmentNo, location } = before.order;
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
