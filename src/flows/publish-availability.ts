import { loadItems } from '../catalog/index.ts';
import type { NewEvent } from '../events/index.ts';
import { availableQuantities, recordPublished } from '../inventory/index.ts';
import { loadOrders } from '../orders/index.ts';
import { localDate, type Tx } from '../platform/index.ts';
import type { Settled } from '../queue/index.ts';
import { channelOf } from './find-connection.ts';
import { defineFlow, type FlowInput, type Hub } from './flow.ts';

/**
 * Tells the storefront what it may sell on its channel whenever stock, reservations or demand changed; only figures that differ from the
 * last one told are sent. Orders that were decided together ask for it together (decide-orders). The quantity is read when it is sent, so a burst of changes ends in the newest.
 */
export const publishAvailability = defineFlow({
  name: 'publish-availability',
  on: [
    'inventory.stock.received',
    'inventory.stock.adjusted',
    'inventory.stock.counted',
    'inventory.stock.statusChanged',
    'inventory.snapshot.published',
    'inventory.reservation.held',
    'inventory.reservation.expired',
    'inventory.reservation.released',
    'sales.order.cancelled',
    'sales.line.cancelled',
  ],
  lanes: 2,
  async handle(tx: Tx, batch: readonly FlowInput[], hub: Hub) {
    const shop = hub.connectionFor('storefront');
    if (shop === undefined) return;
    const skus = await skusOf(tx, batch);
    if (skus.length === 0) return;
    await publish(tx, hub, skus, shop, batch[0]!.delivery.correlationId);
  },
  settles: { 'availability.publish': announcePublished },
});

/** The channel has taken the figure: that, and not that it was sent, is when it sells by it. */
async function announcePublished(tx: Tx, results: readonly Settled[], hub: Hub): Promise<void> {
  const told = results.flatMap(({ delivery, state }) => {
    const id = delivery.payload.entity?.id;
    return state === 'delivered' && id !== undefined ? [{ delivery, id }] : [];
  });
  if (told.length === 0) return;
  await hub.events.publish(
    tx,
    told.map(({ delivery: { key, correlationId, traceparent, destination, naturalKey }, id }): NewEvent => {
      // Asked for as `<figure>:<version>`; a later figure may have gone in its place.
      const asked = Number(naturalKey?.split(':').at(-1));
      return {
        type: 'availability.ats.published',
        entity: { kind: 'availability', id },
        key,
        correlationId,
        ...(traceparent === undefined ? {} : { traceparent }),
        data: { sku: id.slice(id.indexOf('|') + 1), channel: id.split('|')[0], connection: destination },
        ...(Number.isInteger(asked) ? { version: asked } : {}),
      };
    }),
  );
}

async function publish(tx: Tx, hub: Hub, skus: readonly string[], shop: string, correlationId: string): Promise<void> {
  const now = hub.clock.now();
  const channels = [channelOf(hub, shop)];
  const figures = await availableQuantities(tx, { skus, channels, shipDate: localDate(now, hub.timeZone) });
  const items = await loadItems(tx, skus);
  const sold = figures.flatMap(({ sku, channel, ats }) => {
    const item = items.get(sku)?.value;
    if (item === undefined) return [];
    // Whole base units: nobody can order the rest.
    return [{ sku, channel, quantity: ats.split('.')[0]!, uom: item.baseUom }];
  });
  const changed = await recordPublished(tx, sold, now);
  await hub.events.publish(
    tx,
    changed.map(
      (figure): NewEvent => ({
        type: 'availability.ats.changed',
        entity: { kind: 'availability', id: figure.id },
        key: figure.id,
        correlationId,
        data: { sku: figure.sku, channel: figure.channel, quantity: figure.quantity, uom: figure.uom },
        version: figure.version,
      }),
    ),
  );
  await hub.enqueue(
    tx,
    changed.map((figure) => ({
      destination: shop,
      key: figure.id,
      operation: 'availability.publish',
      payload: { kind: 'command', entity: { kind: 'availability', id: figure.id } },
      correlationId,
      naturalKey: `${figure.id}:${figure.version}`,
    })),
  );
}

async function skusOf(tx: Tx, batch: readonly FlowInput[]): Promise<string[]> {
  const skus = new Set<string>();
  const orderIds = new Set<string>();
  for (const { event, delivery } of batch) {
    const { sku, skus: several } = event?.data ?? delivery.payload.data ?? {};
    const named: unknown[] = [sku, ...(Array.isArray(several) ? several : [])];
    for (const sku of named) if (typeof sku === 'string') skus.add(sku);
    if (named.every((sku) => typeof sku !== 'string') && event?.orderId !== undefined) orderIds.add(event.orderId);
  }
  const orders = await loadOrders(tx, [...orderIds]);
  for (const order of orders.values()) for (const line of order.lines) skus.add(line.sku);
  return [...skus].sort();
}
