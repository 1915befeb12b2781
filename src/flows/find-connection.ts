import type { Hub } from './flow.ts';

/** The connection that makes labels for a carrier: one of its name, else the tenant's first. */
export function carrierFor(hub: Hub, carrier: string | undefined): string | undefined {
  const named = carrier === undefined ? undefined : hub.connectionFor('carrier', carrier);
  return named ?? hub.connectionFor('carrier');
}

/** Whether the folder of a partner is a mailbox that others share, as a value-added network's is. */
export function isSharedMailbox(hub: Hub, partner: string): boolean {
  const id = hub.connectionFor('edi', partner);
  const { folder, sharedMailbox } = (id === undefined ? undefined : hub.connection(id))?.settings ?? {};
  // A connection that only carries what we send to the partner says nothing about the folder that is the partner's own.
  return sharedMailbox === true && folder === partner;
}

/** The channel whose orders and stock figures a storefront connection carries. */
export function channelOf(hub: Hub, connection: string): string {
  const { channel } = hub.connection(connection)?.settings ?? {};
  return typeof channel === 'string' ? channel : 'storefront';
}

/** The storefront that orders of a channel came from; orders of other doors carry native ids too and have no shop. */
export function shopFor(hub: Hub, channel: string): string | undefined {
  const named = hub.connectionFor('storefront', channel);
  if (named !== undefined) return named;
  const first = hub.connectionFor('storefront');
  return first !== undefined && channelOf(hub, first) === channel ? first : undefined;
}
