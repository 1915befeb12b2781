import { describe, expect, it } from 'vitest';
import {
  bill,
  box,
  countSent,
  delivered,
  line,
  openExceptionsOf,
  releasesOf,
  setShelfLife,
  warehouse,
} from '../../test/fulfillment/desk-reports.ts';
import { useShippingDesks } from '../../test/fulfillment/shipping-desk.ts';
import { listShipments } from '../fulfillment/index.ts';
import { listPositions } from '../inventory/index.ts';
import { type FulfillmentOrder, isSscc } from '../model/index.ts';
import { applyPayments } from './apply-payment.ts';
import { applyShipments } from './apply-shipments.ts';
import { labelShipment } from './label-shipment.ts';
import { voidShipments } from './void-shipment.ts';

const open = useShippingDesks();

describe('an order on its way to the customer', () => {
  it('is released, picked, packed, labelled, shipped, delivered, billed and paid (scenario 1)', async () => {
    const desk = await open();
    const id = await desk.submit({ customer: 'C200', lines: [line('LED', '10')] });
    await desk.settle();
    expect([await desk.ats('LED', 'marketplace'), await desk.ats('LED', 'portal')]).toEqual(['41', '46']);
    const [release, ...others] = await releasesOf(desk, id);
    expect(others).toEqual([]);
    expect(release).toMatchObject({ location: 'DC1', status: 'released', lines: [{ lineNo: 1, quantity: '10' }] });
    expect((await desk.order(id)).status.milestone).toBe('released');

    const wms = warehouse(desk, release!);
    await wms.pick('10');
    expect((await desk.order(id)).status.milestone).toBe('picked');
    await wms.pack([box(1, 'LED', '6'), box(2, 'LED', '4')]);
    const [packed] = await desk.tx((tx) => listShipments(tx, { orderIds: [id] }));
    expect(packed!.packages.map((parcel) => isSscc(parcel.sscc!))).toEqual([true, true]);
    expect(packed!.packages.map((parcel) => parcel.tracking)).toEqual([
      `TRK-${packed!.shipmentNo}-1`,
      `TRK-${packed!.shipmentNo}-2`,
    ]);
    expect(packed!.shippedAt).toBeUndefined();
    expect(desk.sent.some((sent) => sent.operation === 'shipment.create')).toBe(false);

    await wms.ship([box(1, 'LED', '6'), box(2, 'LED', '4')]);
    const [shipped, second] = await desk.tx((tx) => listShipments(tx, { orderIds: [id] }));
    expect(second).toBeUndefined();
    expect(shipped!.packages.map((parcel) => parcel.sscc)).toEqual(packed!.packages.map((parcel) => parcel.sscc));
    expect((await desk.order(id)).status.milestone).toBe('shipped');
    expect([await desk.ats('LED', 'marketplace'), await desk.ats('LED', 'portal')]).toEqual(['41', '46']);
    await delivered(desk, `TRK-${packed!.shipmentNo}-1`);
    expect((await desk.order(id)).status.milestone).toBe('partially_delivered');
    await delivered(desk, `TRK-${packed!.shipmentNo}-2`);
    expect((await desk.order(id)).status.milestone).toBe('delivered');

    const order = await desk.order(id);
    await bill(desk, order.orderNo, { quantity: '10', amountMinor: 18_000 });
    expect((await desk.order(id)).status).toMatchObject({ invoice: 'invoiced', payment: 'unpaid' });
    const payment = { source: 'erp', paymentNo: 'P1', customer: 'C200', amountMinor: 18_000, currency: 'USD' };
    const receivedAt = desk.clock.now().toISOString();
    await desk.tx((tx) => applyPayments(tx, desk.hub, [{ ...payment, receivedAt }]));
    expect((await desk.order(id)).status.payment).toBe('paid');

    expect(countSent(desk)).toEqual({
      'order.create': 1,
      'release.create': 1,
      'label.create': 1,
      'label.attach': 1,
      'shipment.create': 1,
      'availability.publish': 1,
    });
    const told = (type: string) => desk.events.filter((event) => event.type === type).map((event) => event.data);
    expect(told('inventory.stock.shipped')).toMatchObject([
      { sku: 'LED', location: 'DC1', quantity: '10', lineNo: 1, shipmentNo: packed!.shipmentNo },
    ]);
    expect(told('availability.ats.published')).toEqual([
      expect.objectContaining({ sku: 'LED', channel: 'marketplace' }),
    ]);
    const correlations = new Set(
      desk.events.filter((event) => event.orderId === id).map((event) => event.correlationId),
    );
    expect(correlations.size).toBe(1);
  });

  it('goes to two sites with the lots that live long enough, and leaves as two shipments (scenario 3)', async () => {
    const desk = await open();
    await setShelfLife(desk, 'C100', 90);
    const id = await desk.submit({ customer: 'C100', channel: 'edi', lines: [line('GLV', '900')] });
    await desk.settle();
    const releases = await releasesOf(desk, id);
    expect(releases.map((release) => [release.location, release.lines[0]!.lots])).toEqual([
      ['DC1', [{ lot: 'L2', quantity: '600' }]],
      ['DC2', [{ lot: 'L3', quantity: '300' }]],
    ]);
    expect(desk.sent.filter((sent) => sent.operation === 'release.create').map((sent) => sent.destination)).toEqual([
      'wms-dc1',
      'wms-dc2',
    ]);
    await warehouse(desk, releases[0]!).ship([box(1, 'GLV', '600', { lot: 'L2' })]);
    expect((await desk.order(id)).status.milestone).toBe('partially_shipped');
    await warehouse(desk, releases[1]!).ship([box(1, 'GLV', '300', { lot: 'L3' })]);
    expect((await desk.order(id)).status.milestone).toBe('shipped');
    expect(await desk.tx((tx) => listShipments(tx, { orderIds: [id] }))).toHaveLength(2);
    const { rows } = await desk.tx((tx) => listPositions(tx, { sku: 'GLV', limit: 20 }));
    expect(rows.map((row) => [row.lot, row.onHand, row.hardAllocated])).toEqual([
      ['L1', '200', '0'],
      ['L2', '0', '0'],
      ['L3', '0', '0'],
    ]);
  });

  it('ships through the ERP where a branch has no warehouse system', async () => {
    const desk = await open([{ location: 'BR3', sku: 'FLT13', quantity: '20' }]);
    const id = await desk.submit({ lines: [line('FLT13', '5')] });
    await desk.settle();
    const [release] = await releasesOf(desk, id);
    expect(desk.sent.find((sent) => sent.operation === 'release.create')?.destination).toBe('erp');
    const at = desk.clock.now().toISOString();
    const packages = [box(1, 'FLT13', '5')];
    const { fulfillmentNo } = release!;
    const posted = { source: 'erp', document: 'GI-1', sequence: 1, fulfillmentNo, shippedAt: at, packages };
    await desk.tx((tx) => applyShipments(tx, desk.hub, [posted]));
    await desk.settle();
    const [shipment] = await desk.tx((tx) => listShipments(tx, { orderIds: [id] }));
    expect(isSscc(shipment!.packages[0]!.sscc!)).toBe(true);
    expect(shipment!.packages[0]!.tracking).toMatch(/^TRK-/);
    expect((await desk.order(id)).status.milestone).toBe('shipped');
    // The ERP posted it itself; it only gets the labels.
    expect(countSent(desk)).toMatchObject({ 'label.create': 1, 'label.attach': 1 });
    expect(countSent(desk)['shipment.create']).toBeUndefined();
  });

  it('of a storefront tells the shop once the labels are there', async () => {
    const desk = await open();
    const id = await desk.submit({
      customer: 'C500',
      channel: 'marketplace',
      nativeId: 'SHOP-7',
      lines: [line('LED', '1')],
    });
    await desk.settle();
    const [release] = await releasesOf(desk, id);
    let labels = 0;
    desk.answer('label.create', () => (labels++ === 0 ? undefined : { kind: 'unknown', detail: '' }));
    await warehouse(desk, release!).pack([box(1, 'LED', '1')]);
    await warehouse(desk, release!).ship([box(1, 'LED', '1')]);
    expect(countSent(desk)['fulfillment.create']).toBeUndefined();
    const asked = desk.sent.find((sent) => sent.operation === 'label.create')!;
    const response = { carrier: 'UPS', labels: [{ packageNo: 1, tracking: 'TRK-LATE' }] };
    const outcome = { kind: 'confirmed' as const, response };
    await desk.tx((tx) =>
      labelShipment.settles['label.create']!(
        tx,
        [{ delivery: asked.delivery, state: 'delivered', outcome, attempts: 2 }],
        desk.hub,
      ),
    );
    await desk.settle();
    const told = desk.sent.filter((sent) => sent.operation === 'fulfillment.create');
    expect(told.map((sent) => sent.delivery.payload.data)).toEqual([{ nativeOrderId: 'SHOP-7' }]);
    expect(countSent(desk)['shipment.create']).toBe(1);
  });

  it('that the carrier refuses a label for is announced without tracking', async () => {
    const desk = await open();
    desk.answer('label.create', () => ({
      kind: 'rejected',
      class: 'business',
      code: 'ADDRESS',
      message: 'no such place',
    }));
    const id = await desk.submit({ lines: [line('LED', '1')] });
    await desk.settle();
    const [release] = await releasesOf(desk, id);
    await warehouse(desk, release!).pack([box(1, 'LED', '1')]);
    await warehouse(desk, release!).ship([box(1, 'LED', '1')]);
    expect(countSent(desk)['shipment.create']).toBe(1);
  });
});

describe('reports out of order', () => {
  it('that a package was delivered waits for its shipment, and moves no stock (scenario 14)', async () => {
    const desk = await open();
    await delivered(desk, 'TRK-SO-EARLY');
    const id = await desk.submit({ lines: [line('LED', '10')] });
    await desk.settle();
    const [release] = await releasesOf(desk, id);
    desk.answer('label.create', () => ({
      kind: 'confirmed',
      response: { carrier: 'UPS', labels: [{ packageNo: 1, tracking: 'TRK-SO-EARLY' }] },
    }));
    await warehouse(desk, release!).pack([box(1, 'LED', '10')]);
    expect((await desk.order(id)).status.milestone).toBe('delivered');
    const onHand = async (): Promise<string | undefined> =>
      (await desk.tx((tx) => listPositions(tx, { sku: 'LED', location: 'DC1', limit: 1 }))).rows[0]?.onHand;
    expect(await onHand()).toBe('50');
    await warehouse(desk, release!).ship([box(1, 'LED', '10')]);
    expect((await desk.order(id)).status.milestone).toBe('delivered');
    expect((await desk.order(id)).lines[0]!.q).toMatchObject({ shipped: '10', delivered: '10' });
    expect(await onHand()).toBe('40');
  });

  it('repeated or late change nothing and tell nobody again (scenario 15)', async () => {
    const desk = await open();
    const id = await desk.submit({ lines: [line('LED', '10')] });
    await desk.settle();
    const [release] = await releasesOf(desk, id);
    const wms = warehouse(desk, release!);
    await wms.pick('10');
    await wms.pick('10');
    await wms.pack([box(1, 'LED', '10')]);
    await wms.ship([box(1, 'LED', '10')]);
    const before = { order: await desk.order(id), events: desk.events.length, sent: desk.sent.length };
    await wms.ship([box(1, 'LED', '10')]);
    await wms.pack([box(1, 'LED', '10')]);
    await wms.pick('4', 0);
    await wms.ship([box(1, 'LED', '4')], undefined, 2);
    const after = await desk.order(id);
    expect(after.lines[0]!.q).toEqual(before.order.lines[0]!.q);
    expect([desk.events.length, desk.sent.length]).toEqual([before.events, before.sent]);
    expect(desk.events.filter((event) => event.type === 'fulfillment.order.picked')).toHaveLength(1);
    expect(await desk.ats('LED')).toBe('46');
  });

  it('that a release was shipped before the hub made it wait for it', async () => {
    const desk = await open();
    const id = await desk.submit({ lines: [line('LED', '2')] });
    const { orderNo } = await desk.order(id);
    const early = { id: '', fulfillmentNo: `${orderNo}-1`, location: 'DC1' } as FulfillmentOrder;
    await desk.tx((tx) =>
      applyShipments(tx, desk.hub, [
        {
          source: 'wms-dc1',
          document: 'D',
          sequence: 1,
          fulfillmentNo: early.fulfillmentNo,
          shippedAt: desk.clock.now().toISOString(),
          packages: [box(1, 'LED', '2')],
        },
      ]),
    );
    await desk.settle();
    expect((await desk.order(id)).status.milestone).toBe('shipped');
    expect(await desk.tx((tx) => listShipments(tx, { orderIds: [id] }))).toHaveLength(1);
  });
});

describe('reports that cannot be', () => {
  const openOrder = async () => {
    const desk = await open();
    const id = await desk.submit({ lines: [line('LED', '10')] });
    await desk.settle();
    const [release] = await releasesOf(desk, id);
    return { desk, id, wms: warehouse(desk, release!) };
  };

  it('because they say something else than before under the same number are a conflict', async () => {
    const { desk, id, wms } = await openOrder();
    await wms.ship([box(1, 'LED', '6')], 'D', 1);
    await wms.ship([box(1, 'LED', '6')], 'D', 1);
    expect(await openExceptionsOf(desk, 'CONFLICTING_DUPLICATE')).toEqual([]);
    await wms.ship([box(1, 'LED', '10')], 'D', 1);
    const [conflict] = await openExceptionsOf(desk, 'CONFLICTING_DUPLICATE');
    expect(conflict!.cause).toContain('again with 10 EA of line 1');
    expect((await desk.order(id)).lines[0]!.q.shipped).toBe('6');
  });

  it('because more was picked or shipped than was ordered are an exception until they are corrected', async () => {
    const { desk, wms } = await openOrder();
    await wms.pick('99', 1);
    expect((await openExceptionsOf(desk, 'OVER_SHIPMENT')).map((each) => each.data.quantity)).toEqual(['99']);
    await wms.pick('10', 2);
    expect(await openExceptionsOf(desk, 'OVER_SHIPMENT')).toEqual([]);
    await wms.ship([box(1, 'LED', '12')], 'D', 1);
    expect((await openExceptionsOf(desk, 'OVER_SHIPMENT'))[0]!.cause).toContain('12 EA of LED are reported shipped');
    await wms.ship([box(1, 'LED', '10')], 'D', 2);
    expect(await openExceptionsOf(desk, 'OVER_SHIPMENT')).toEqual([]);
  });
});

describe('goods that have left', () => {
  it("are fewer when a later report says so: the rest is on hand, and still the order's", async () => {
    const desk = await open();
    const id = await desk.submit({ lines: [line('LED', '10')] });
    await desk.settle();
    const [release] = await releasesOf(desk, id);
    const wms = warehouse(desk, release!);
    await wms.ship([box(1, 'LED', '10')]);
    await wms.ship([box(1, 'LED', '8')], undefined, 5);
    expect((await desk.order(id)).lines[0]).toMatchObject({ milestone: 'partially_shipped', q: { shipped: '8' } });
    const position = (await desk.tx((tx) => listPositions(tx, { sku: 'LED', location: 'DC1', limit: 1 }))).rows[0];
    expect(position).toMatchObject({ onHand: '42', hardAllocated: '2' });
    await wms.ship([box(1, 'LED', '10')], undefined, 6);
    await wms.ship([box(1, 'LED', '9')], undefined, 7);
    const [shipment] = await desk.tx((tx) => listShipments(tx, { orderIds: [id] }));
    const undo = { shipmentNo: shipment!.shipmentNo, reason: 'left on the dock' };
    await desk.tx((tx) => voidShipments(tx, desk.hub, [undo]));
    const voided = (await desk.tx((tx) => listPositions(tx, { sku: 'LED', location: 'DC1', limit: 1 }))).rows[0];
    expect(voided).toMatchObject({ onHand: '50', hardAllocated: '10' });
    await wms.ship([box(1, 'LED', '10')], 'AGAIN', 1);
    expect((await desk.order(id)).status.milestone).toBe('shipped');
    expect(await desk.ats('LED')).toBe('46');
  });

  it('without the serials that they are traced by are shipped, and an exception', async () => {
    const desk = await open();
    const id = await desk.submit({ lines: [line('PMP-220', '2')] });
    await desk.settle();
    const [release] = await releasesOf(desk, id);
    const wms = warehouse(desk, release!);
    await wms.ship([box(1, 'PMP-220', '2', { serials: ['S1'] })]);
    expect((await desk.order(id)).status.milestone).toBe('shipped');
    expect((await openExceptionsOf(desk, 'TRACE_BREAK')).map((each) => each.orderId)).toEqual([id]);
    await wms.ship([box(1, 'PMP-220', '2', { serials: ['S1', 'S2'] })], undefined, 5);
    expect(await openExceptionsOf(desk, 'TRACE_BREAK')).toEqual([]);
  });

  it('under a serial that had left before are an exception', async () => {
    const desk = await open();
    for (const _ of ['first', 'second']) {
      const id = await desk.submit({ lines: [line('PMP-220', '1')] });
      await desk.settle();
      const [release] = await releasesOf(desk, id);
      await warehouse(desk, release!).ship([box(1, 'PMP-220', '1', { serials: ['S1'] })]);
    }
    expect(await openExceptionsOf(desk, 'SERIAL_DUP')).toHaveLength(1);
  });

  it('come back when the shipment is void, and its SSCC is not used again', async () => {
    const desk = await open();
    const id = await desk.submit({ lines: [line('LED', '10')] });
    await desk.settle();
    const [release] = await releasesOf(desk, id);
    const wms = warehouse(desk, release!);
    await wms.pack([box(1, 'LED', '10')]);
    await wms.ship([box(1, 'LED', '10')]);
    const [first] = await desk.tx((tx) => listShipments(tx, { orderIds: [id] }));
    const undo = { shipmentNo: first!.shipmentNo, reason: 'left on the dock' };
    expect(await desk.tx((tx) => voidShipments(tx, desk.hub, [undo]))).toEqual([first!.shipmentNo]);
    expect(await desk.tx((tx) => voidShipments(tx, desk.hub, [undo]))).toEqual([]);
    await desk.settle();
    expect((await desk.order(id)).status.milestone).toBe('packed');
    const position = (await desk.tx((tx) => listPositions(tx, { sku: 'LED', location: 'DC1', limit: 1 }))).rows[0];
    expect(position).toMatchObject({ onHand: '50', hardAllocated: '10' });
    await wms.ship([box(1, 'LED', '10')], 'AGAIN', 1);
    const shipments = await desk.tx((tx) => listShipments(tx, { orderIds: [id] }));
    expect(new Set(shipments.map((each) => each.packages[0]!.sscc)).size).toBe(2);
    expect((await desk.order(id)).status.milestone).toBe('shipped');
    expect(await desk.ats('LED')).toBe('46');
  });
});
