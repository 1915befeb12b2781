import { expect, it } from 'vitest';
import { box, line, openExceptionsOf, releasesOf, warehouse } from '../../test/fulfillment/desk-reports.ts';
import { useShippingDesks } from '../../test/fulfillment/shipping-desk.ts';
import { listShipments } from '../fulfillment/index.ts';
import { listPositions } from '../inventory/index.ts';
import { indexMaps } from '../maps/index.ts';
import { applyTracking } from './apply-tracking.ts';
import { sweepParked } from './sweep-parked.ts';
import { applyVoids } from './void-shipment.ts';

const open = useShippingDesks();

async function shipped() {
  const desk = await open();
  const id = await desk.submit({ lines: [line('LED', '10')] });
  await desk.settle();
  const [release] = await releasesOf(desk, id);
  const wms = warehouse(desk, release!);
  await wms.pack([box(1, 'LED', '6'), box(2, 'LED', '4')], 'D');
  await wms.ship([box(1, 'LED', '6'), box(2, 'LED', '4')], 'D');
  const standing = async () => ({
    milestone: (await desk.order(id)).status.milestone,
    onHand: (await desk.tx((tx) => listPositions(tx, { sku: 'LED', location: 'DC1', limit: 1 }))).rows[0]!.onHand,
  });
  expect(await standing()).toEqual({ milestone: 'shipped', onHand: '40' });
  return { desk, id, standing, fulfillmentNo: release!.fulfillmentNo };
}

it('a shipment that its warehouse voids has not shipped', async () => {
  const { desk, standing, fulfillmentNo } = await shipped();
  const at = desk.clock.now().toISOString();
  const context = { source: 'wms-dc1', settings: {}, receivedAt: at, lookup: () => undefined };
  const native = { releaseNo: fulfillmentNo, docNo: 'D', at, reason: 'left on the dock' };
  const [result] = indexMaps().inbound('demo-wms', 'shipment.voided')!.map(native, context);
  if (result?.kind !== 'void') throw new Error('no void');
  await desk.tx((tx) => applyVoids(tx, desk.hub, [result.value]));
  expect(await standing()).toEqual({ milestone: 'packed', onHand: '50' });
  await desk.tx((tx) => applyVoids(tx, desk.hub, [result.value]));
  const voids = desk.events.filter(({ type }) => type === 'shipping.shipment.voided');
  expect(voids.map(({ reason }) => reason)).toEqual(['left on the dock']);
});

/** Everything that is said of one release, in the order given. */
async function told(...said: ('pack' | 'ship' | 'void')[]) {
  const desk = await open();
  const id = await desk.submit({ lines: [line('LED', '10')] });
  await desk.settle();
  const [release] = await releasesOf(desk, id);
  const { fulfillmentNo } = release!;
  const wms = warehouse(desk, release!);
  const voidedAt = desk.clock.now().toISOString();
  for (const what of said) {
    if (what === 'pack') await wms.pack([box(1, 'LED', '10')], 'D');
    if (what === 'ship') await wms.ship([box(1, 'LED', '10')], 'D');
    if (what === 'void')
      await desk.tx((tx) => applyVoids(tx, desk.hub, [{ source: 'wms-dc1', document: 'D', fulfillmentNo, voidedAt }]));
    await desk.settle();
  }
  const { milestone } = (await desk.order(id)).status;
  const positions = await desk.tx((tx) => listPositions(tx, { sku: 'LED', location: 'DC1', limit: 1 }));
  const shipments = await desk.tx((tx) => listShipments(tx, { orderIds: [id] }));
  return {
    end: { milestone, onHand: positions.rows[0]!.onHand, shipments: shipments.map(({ trackerStatus: is }) => is) },
    desk,
  };
}

it.each([
  [['void', 'pack', 'ship'] as const],
  [['pack', 'void', 'ship'] as const],
  [['pack', 'ship', 'void', 'void'] as const],
  [['void', 'void', 'pack', 'ship', 'ship'] as const],
])('a void ends in the same whenever it comes: %j', async (said) => {
  const { end } = await told(...said);
  expect(end).toEqual({ milestone: 'packed', onHand: '50', shipments: ['voided'] });
});

it('labels are not asked for a shipment that was void before it was packed', async () => {
  const { desk } = await told('void', 'pack');
  expect(desk.sent.map(({ operation }) => operation)).not.toContain('label.create');
});

it('a void of what does not come within a day is told to somebody, until it comes after all', async () => {
  const { desk, id, fulfillmentNo } = await shipped();
  const voidedAt = desk.clock.now().toISOString();
  const unknown = { source: 'wms-dc1', document: 'X', fulfillmentNo, voidedAt };
  await desk.tx((tx) => applyVoids(tx, desk.hub, [unknown, { ...unknown, document: 'Y', fulfillmentNo: 'NONE' }]));
  expect(await openExceptionsOf(desk, 'ORPHAN_EVENT')).toEqual([]);
  desk.clock.advance(25 * 3_600_000);
  await desk.tx((tx) => sweepParked(tx, desk.hub));
  const orphans = await openExceptionsOf(desk, 'ORPHAN_EVENT');
  expect(new Set(orphans.map(({ orderId }) => orderId))).toEqual(new Set([id, undefined]));
  const [release] = await releasesOf(desk, id);
  await warehouse(desk, release!).ship([box(1, 'LED', '1')], 'X');
  expect((await openExceptionsOf(desk, 'ORPHAN_EVENT')).map(({ orderId }) => orderId)).toEqual([undefined]);
});

it('a shipment of which the carrier voids every package has not shipped', async () => {
  const { desk, id, standing } = await shipped();
  const [shipment] = await desk.tx((tx) => listShipments(tx, { orderIds: [id] }));
  const occurredAt = desk.clock.now().toISOString();
  const [one, two] = shipment!.packages.map(({ tracking }) => ({
    source: 'carrier',
    tracking: tracking!,
    status: 'voided' as const,
    occurredAt,
    sequence: 9,
    nativeCode: 'CA',
  }));
  await desk.tx((tx) => applyTracking(tx, desk.hub, [one!]));
  expect((await standing()).milestone).toBe('shipped');
  await desk.tx((tx) => applyTracking(tx, desk.hub, [two!]));
  expect(await standing()).toEqual({ milestone: 'packed', onHand: '50' });
});
