import { loadItems } from '../catalog/index.ts';
import type { EventType, NewEvent } from '../events/index.ts';
import {
  applySnapshots,
  type BaseSnapshot,
  expireReservations,
  type RecordedMovement,
  recordMovements,
  type Release,
  type Released,
  releaseReservations,
  type SnapshotResult,
  type StockMovement,
} from '../inventory/index.ts';
import { addDecimals, convertToBase, type StockSnapshot } from '../model/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import { flowDestination, type Hub } from './flow.ts';

/** Where a change of stock came from: the request or message behind it. */
export interface StockCause {
  correlationId: string;
  traceparent?: string;
  /** Trading partner whose document it was. */
  partner?: string;
}

/** A snapshot, and what it leaves unsaid. */
export type StatedStock = StockSnapshot & Pick<BaseSnapshot, 'unsaid'>;

/** Most items named in one event: a snapshot of a whole site becomes a few events, not one per item. */
const skusPerEvent = 200;

/**
 * Applies snapshots as a site states them, in any of its items' units, and tells those who wait for stock.
 * @throws HubError UNKNOWN_ITEM, UOM_UNKNOWN, UOM_INEXACT: then nothing of them is applied
 */
export async function applyStockSnapshots(
  tx: Tx,
  hub: Hub,
  snapshots: readonly StatedStock[],
  cause: StockCause,
): Promise<SnapshotResult[]> {
  const base = await inBaseUnits(tx, snapshots);
  const results = await applySnapshots(tx, base, hub.clock.now());
  await hub.events.publish(
    tx,
    results.flatMap((result) => snapshotEvents(result, cause)),
  );
  return results;
}

async function inBaseUnits(tx: Tx, snapshots: readonly StatedStock[]): Promise<BaseSnapshot[]> {
  const skus = new Set(snapshots.flatMap((snapshot) => snapshot.positions.map((position) => position.sku)));
  const items = await loadItems(tx, [...skus]);
  return snapshots.map(({ location, asOf, asOfSeq, unsaid = [], positions }) => ({
    location,
    unsaid,
    asOf: new Date(asOf),
    asOfSeq,
    positions: positions.map(({ uom, quantity, ...position }) => {
      const item = items.get(position.sku)?.value;
      if (item === undefined) throw new HubError('UNKNOWN_ITEM', { message: `No item ${position.sku}` });
      const converted = convertToBase(item, { value: quantity, uom });
      if (!converted.ok) throw new HubError(converted.code, { message: `${position.sku}: ${converted.message}` });
      return { ...position, quantity: converted.base };
    }),
  }));
}

function snapshotEvents(result: SnapshotResult, { partner, ...thread }: StockCause): NewEvent[] {
  const events: NewEvent[] = [];
  for (let i = 0; i < result.applied.length; i += skusPerEvent) {
    const skus = result.applied.slice(i, i + skusPerEvent);
    events.push({
      type: 'inventory.snapshot.published',
      entity: { kind: 'availability', id: result.location },
      key: result.location,
      ...thread,
      data: { location: result.location, asOfSeq: result.asOfSeq, skus, ...(partner && { partner }) },
    });
  }
  return events;
}

/** Records receipts, adjustments and transfers (base units), and tells those who wait for stock. */
export async function applyStockMovements(
  tx: Tx,
  hub: Hub,
  movements: readonly StockMovement[],
  { partner, ...thread }: StockCause,
): Promise<RecordedMovement[]> {
  const recorded = await recordMovements(tx, movements, hub.clock.now());
  const news = movements.filter((_, i) => recorded[i]!.duplicate === false);
  await hub.events.publish(
    tx,
    news.map(
      (movement): NewEvent => ({
        type: eventOfMovement(movement),
        entity: { kind: 'availability', id: movement.sku },
        key: `${movement.sku}@${movement.location}`,
        ...thread,
        occurredAt: movement.occurredAt.toISOString(),
        data: { ...dataOf(movement), ...(partner && { partner }) },
        reason: movement.reason,
      }),
    ),
  );
  return recorded;
}

function dataOf({ sku, location, quantity, lot, status, docRef, source }: StockMovement): Record<string, unknown> {
  return { sku, location, quantity, lot, status, document: docRef, source };
}

function eventOfMovement(movement: StockMovement): EventType {
  return movement.type === 'receipt' || movement.type === 'return' || movement.type === 'transferIn'
    ? 'inventory.stock.received'
    : 'inventory.stock.adjusted';
}

/** A part of a reservation, as made or as given back. */
export interface ReservedPart {
  sku: string;
  location: string;
  quantity: string;
  orderId?: string;
}

/** That stock was set aside or is free again; one event per item and site, in the thread of the order or request. */
export function reservationEvents(
  type: 'inventory.reservation.held' | 'inventory.reservation.released',
  parts: readonly ReservedPart[],
  causeOf: (part: ReservedPart) => StockCause,
): NewEvent[] {
  const byPlace = Map.groupBy(parts, ({ sku, location, orderId }) => JSON.stringify([orderId, sku, location]));
  return [...byPlace.values()].map((same): NewEvent => {
    const { sku, location, orderId } = same[0]!;
    return {
      type,
      entity: { kind: 'availability', id: sku },
      key: `${sku}@${location}`,
      ...(orderId === undefined ? {} : { orderId }),
      ...causeOf(same[0]!),
      data: { sku, location, quantity: addDecimals(...same.map(({ quantity }) => quantity)) },
    };
  });
}

/** Gives reservations back and tells those who wait for stock, and the storefront. Answers what was given back. */
export async function releaseStock(
  tx: Tx,
  hub: Hub,
  releases: readonly Release[],
  causeOf: (part: ReservedPart) => StockCause,
): Promise<Released[]> {
  const released = await releaseReservations(tx, releases, hub.clock.now());
  await hub.events.publish(tx, reservationEvents('inventory.reservation.released', released, causeOf));
  return released;
}

/** What may be sold of items has changed without their stock: waiting lines are looked at again, and the storefront told. */
export async function recheckStock(tx: Tx, hub: Hub, skus: readonly string[], cause: StockCause): Promise<void> {
  await hub.enqueue(
    tx,
    ['fill-backorders', 'publish-availability'].map((flow) => ({
      destination: flowDestination(flow),
      key: skus.join(),
      operation: 'stock.recheck',
      payload: { kind: 'command', data: { skus } },
      ...cause,
    })),
  );
}

/** Gives back soft reservations whose time is over. A chore: every minute or so. */
export async function expireStockReservations(tx: Tx, hub: Hub, limit = 500): Promise<number> {
  const expired = await expireReservations(tx, hub.clock.now(), limit);
  await hub.events.publish(
    tx,
    expired.map(
      (reservation): NewEvent => ({
        type: 'inventory.reservation.expired',
        entity: { kind: 'availability', id: reservation.sku },
        key: `${reservation.sku}@${reservation.location}`,
        ...(reservation.orderId === undefined ? {} : { orderId: reservation.orderId }),
        correlationId: reservation.orderId ?? reservation.id,
        data: { sku: reservation.sku, location: reservation.location, quantity: reservation.quantity },
      }),
    ),
  );
  return expired.length;
}
