import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOrderDesk, type OpeningStock, type OrderDesk } from '../../test/harness/order-desk.ts';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { listExceptions } from '../exceptions/index.ts';
import { listFulfillmentOrders, listShipments } from '../fulfillment/index.ts';
import { availability, listCountTasks, listPositions, loadReservations } from '../inventory/index.ts';
import { type FulfillmentOrder, isSscc, type OrderLineInput, type ShipmentPackage } from '../model/index.ts';
import { applyFacts } from './apply-facts.ts';
import { applyPayments } from './apply-payment.ts';
import { applyPacked, applyShipments } from './apply-shipments.ts';
import { applyStockMovements } from './apply-stock.ts';
import { applyTracking } from './apply-tracking.ts';
import { fillBackorders } from './fill-backorders.ts';
import type { Flow } from './flow.ts';
import { labelShipment } from './label-shipment.ts';
import { notifyShipment } from './notify-shipment.ts';
import { postInvoices } from './post-invoice.ts';
import { processOrder } from './process-order.ts';
import { publishAvailability } from './publish-availability.ts';
import { recheckHolds } from './recheck-holds.ts';
import { releaseOrder } from './release-order.ts';
import { voidShipments } from './void-shipment.ts';

const flows: readonly Flow[] = [
  processOrder,
  recheckHolds,
  releaseOrder,
  labelShipment,
  notifyShipment,
  fillBackorders,
  publishAvailability,
];

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const open = (stock?: readonly OpeningStock[], without?: readonly string[]): Promise<OrderDesk> =>
  openOrderDesk(database, flows, { ...(stock ? { stock } : {}), ...(without ? { without } : {}) });

function line(sku: string, value: string, uom = 'EA'): OrderLineInput {
  return { sku, quantity: { value, uom } };
}

/** The warehouse's side: what it reports about one release. */
function warehouse(desk: OrderDesk, release: FulfillmentOrder) {
  const source = release.location === 'DC1' ? 'wms-dc1' : 'wms-dc2';
  const at = desk.clock.now().toISOString();
  const say = async (kind: 'picked' | 'short', quantity: string, sequence: number, lineNo = 1): Promise<void> => {
    const { fulfillmentNo } = release;
    const fact = { source, document: fulfillmentNo, fulfillmentNo, lineNo, kind, quantity, uom: 'EA', sequence };
    await desk.tx((tx) => applyFacts(tx, desk.hub, [{ ...fact, occurredAt: at }]));
    await desk.settle();
  };
  const report = (document: string, packages: ShipmentPackage[], sequence: number) => ({
    source,
    document,
    sequence,
    fulfillmentNo: release.fulfillmentNo,
    packages,
  });
  return {
    pick: (quantity: string, sequence = 1) => say('picked', quantity, sequence),
    short: (quantity: string, sequence = 2) => say('short', quantity, sequence),
    async pack(packages: ShipmentPackage[], document = `PK-${release.fulfillmentNo}`, sequence = 3): Promise<void> {
      await desk.tx((tx) => applyPacked(tx, desk.hub, [{ ...report(document, packages, sequence), packedAt: at }]));
      await desk.settle();
    },
    async ship(packages: ShipmentPackage[], document = `PK-${release.fulfillmentNo}`, sequence = 4): Promise<void> {
      await desk.tx((tx) => applyShipments(tx, desk.hub, [{ ...report(document, packages, sequence), shippedAt: at }]));
      await desk.settle();
    },
  };
}

function box(
  packageNo: number,
  sku: string,
  quantity: string,
  more: Partial<ShipmentPackage['contents'][number]> = {},
) {
  return { packageNo, contents: [{ lineNo: 1, sku, quantity, uom: 'EA', ...more }] };
}

async function releasesOf(desk: OrderDesk, orderId: string): Promise<FulfillmentOrder[]> {
  return desk.tx((tx) => listFulfillmentOrders(tx, [orderId]));
}

async function openExceptionsOf(desk: OrderDesk, code: string) {
  const { rows } = await desk.tx((tx) => listExceptions(tx, { state: 'open', code }, { limit: 50 }));
  return rows;
}

async function delivered(desk: OrderDesk, tracking: string, sequence = 5): Promise<void> {
  const at = desk.clock.now().toISOString();
  const report = {
    source: 'carrier',
    tracking,
    status: 'delivered' as const,
    occurredAt: at,
    sequence,
    nativeCode: 'DL',
  };
  await desk.tx((tx) => applyTracking(tx, desk.hub, [report]));
  await desk.settle();
}

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
    const correlations = new Set(
      desk.events.filter((event) => event.orderId === id).map((event) => event.correlationId),
    );
    expect(correlations.size).toBe(1);
  });

  it('goes to two sites with the lots that live long enough, and leaves as two shipments (scenario 3)', async () => {
    const desk = await open();
    await shelfLife(desk, 'C100', 90);
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

describe('a short pick', () => {
  const bolts: OpeningStock[] = [{ location: 'DC1', sku: 'BLT', quantity: '2000' }];

  it('is held until counted, backordered by the rest, and an exception with a count task (scenario 2)', async () => {
    const desk = await open(bolts);
    const id = await desk.submit({ lines: [line('BLT', '20', 'BX')] });
    await desk.settle();
    const [release] = await releasesOf(desk, id);
    const wms = warehouse(desk, release!);
    await wms.pick('1700');
    await wms.short('300');
    await wms.short('300');
    await wms.pack([box(1, 'BLT', '1700')]);
    await wms.ship([box(1, 'BLT', '1700')]);

    const { q } = (await desk.order(id)).lines[0]!;
    expect(q).toMatchObject({
      ordered: '2000',
      allocated: '1700',
      released: '1700',
      shipped: '1700',
      backordered: '300',
    });
    const query = { skus: ['BLT'], channels: ['portal'], shipDate: '2026-06-01', now: desk.clock.now() };
    const [terms] = await desk.tx((tx) => availability(tx, query));
    expect(terms!.locations[0]!.byStatus).toMatchObject({ available: '0', hold: '300' });
    expect(terms!.ats).toBe('0');
    const [exception, ...more] = await openExceptionsOf(desk, 'SHORT_PICK');
    expect(more).toEqual([]);
    expect(exception).toMatchObject({
      orderId: id,
      moneyAtRiskMinor: 3300,
      allowedActions: expect.arrayContaining(['complete_count']),
    });
    const [task] = await desk.tx((tx) => listCountTasks(tx, { state: 'open', limit: 5 }));
    expect(exception!.data).toMatchObject({ countTaskId: task!.id, held: '300', location: 'DC1' });
    expect((await releasesOf(desk, id))[0]!.status).toBe('shipped');
  });

  it('takes the rest from another site when it has some, and releases it there', async () => {
    const desk = await open([...bolts, { location: 'DC2', sku: 'BLT', quantity: '500' }]);
    const id = await desk.submit({ lines: [line('BLT', '20', 'BX')] });
    await desk.settle();
    const [release] = await releasesOf(desk, id);
    await warehouse(desk, release!).pick('1700');
    await warehouse(desk, release!).short('300');
    const releases = await releasesOf(desk, id);
    expect(releases.map((each) => [each.location, each.lines[0]!.quantity])).toEqual([
      ['DC1', '2000'],
      ['DC2', '300'],
    ]);
    const { q } = (await desk.order(id)).lines[0]!;
    expect(q).toMatchObject({ allocated: '2000', backordered: '0', released: '2000' });
  });
});

describe('stock that arrives', () => {
  const receive = async (desk: OrderDesk, quantity: string): Promise<void> => {
    const movement = {
      key: `grn:${quantity}`,
      type: 'receipt' as const,
      sku: 'PMP-220',
      location: 'DC1',
      quantity,
      reason: 'receipt',
      source: 'wms-dc1',
      occurredAt: desk.clock.now(),
    };
    await desk.tx((tx) => applyStockMovements(tx, desk.hub, [movement], { correlationId: 'grn' }));
    await desk.settle();
  };

  it('fills what was backordered and releases it (scenario 4)', async () => {
    const desk = await open();
    const id = await desk.submit({ customer: 'C100', lines: [line('PMP-220', '5')] });
    await desk.settle();
    expect((await desk.order(id)).lines[0]).toMatchObject({
      promisedDate: '2026-06-15',
      q: { allocated: '3', backordered: '2', released: '3' },
    });
    await receive(desk, '1');
    expect((await desk.order(id)).lines[0]!.q).toMatchObject({ allocated: '4', backordered: '1', released: '4' });
    await receive(desk, '7');
    const { lines } = await desk.order(id);
    expect(lines[0]!.q).toMatchObject({ allocated: '5', backordered: '0', released: '5' });
    expect(lines[0]!.promisedDate).toBeUndefined();
    expect((await releasesOf(desk, id)).map((each) => each.lines[0]!.quantity)).toEqual(['3', '1', '1']);
    expect(await desk.ats('PMP-220')).toBe('6');
  });

  it('releases an order that must ship complete once all of it is there (scenario 5)', async () => {
    const desk = await open();
    const id = await desk.submit({ customer: 'C100', shipComplete: true, lines: [line('PMP-220', '5')] });
    await desk.settle();
    expect((await desk.order(id)).holds.map((hold) => hold.code)).toEqual(['SHIP_COMPLETE']);
    expect((await desk.tx((tx) => loadReservations(tx, { orderIds: [id] }))).map((each) => each.open)).toEqual(['3']);
    expect(await releasesOf(desk, id)).toEqual([]);
    await receive(desk, '1');
    expect(await releasesOf(desk, id)).toEqual([]);
    await receive(desk, '2');
    expect((await desk.order(id)).holds).toEqual([]);
    expect((await releasesOf(desk, id)).map((each) => each.lines[0]!.quantity)).toEqual(['5']);
  });

  it('of a phased-out item sells what is left and never backorders (scenario 7)', async () => {
    const desk = await open();
    const id = await desk.submit({ customer: 'C100', lines: [line('FLT', '10'), line('LED', '1')] });
    await desk.settle();
    const order = await desk.order(id);
    expect(order.lines[0]!.q).toMatchObject({ allocated: '4', cancelled: '6', backordered: '0' });
    expect((await releasesOf(desk, id))[0]!.lines.map((each) => [each.sku, each.quantity])).toEqual([
      ['FLT', '4'],
      ['LED', '1'],
    ]);
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

describe('goods that have left', () => {
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

interface Billed {
  quantity: string;
  uom?: string;
  amountMinor: number;
  invoiceNo?: string;
}

async function bill(desk: OrderDesk, orderNo: string, billed: Billed): Promise<void> {
  const { quantity, uom = 'EA', amountMinor, invoiceNo = `INV-${orderNo}` } = billed;
  const report = {
    source: 'erp',
    invoiceNo,
    orderNo,
    invoiceDate: '2026-06-01',
    currency: 'USD',
    lines: [
      {
        lineNo: 1,
        quantity: { value: quantity, uom },
        unitPrice: { value: '18.00', currency: 'USD', perQty: '1', uom: 'EA' },
        amountMinor,
      },
    ],
    taxMinor: 0,
    freightMinor: 0,
    totalMinor: amountMinor,
    postedAt: desk.clock.now().toISOString(),
  };
  await desk.tx((tx) => postInvoices(tx, desk.hub, [report]));
  await desk.settle();
}

describe('an invoice', () => {
  const posted = (desk: OrderDesk) => desk.events.filter((event) => event.type === 'finance.invoice.posted');

  it('for more than has shipped waits, as an exception, until it has', async () => {
    const desk = await open();
    const id = await desk.submit({ lines: [line('LED', '10')] });
    await desk.settle();
    const { orderNo } = await desk.order(id);
    await bill(desk, orderNo, { quantity: '10', amountMinor: 18_000 });
    expect(posted(desk)).toEqual([]);
    expect(await openExceptionsOf(desk, 'INVOICE_MISMATCH')).toHaveLength(1);
    const [release] = await releasesOf(desk, id);
    await warehouse(desk, release!).ship([box(1, 'LED', '10')]);
    expect(posted(desk)).toHaveLength(1);
    expect(await openExceptionsOf(desk, 'INVOICE_MISMATCH')).toEqual([]);
  });

  it('posted again is one invoice, and with other content a conflict', async () => {
    const desk = await open();
    const id = await desk.submit({ lines: [line('LED', '10')] });
    await desk.settle();
    const [release] = await releasesOf(desk, id);
    await warehouse(desk, release!).ship([box(1, 'LED', '10')]);
    const { orderNo } = await desk.order(id);
    await bill(desk, orderNo, { quantity: '10', amountMinor: 18_000 });
    await bill(desk, orderNo, { quantity: '10', amountMinor: 18_000 });
    expect(posted(desk)).toHaveLength(1);
    await bill(desk, orderNo, { quantity: '10', amountMinor: 17_000 });
    expect(posted(desk)).toHaveLength(1);
    expect(await openExceptionsOf(desk, 'CONFLICTING_DUPLICATE')).toHaveLength(1);
    expect((await desk.order(id)).lines[0]!.q.invoiced).toBe('10');
  });

  it('of an order that is not here yet waits for it', async () => {
    const desk = await open();
    const id = await desk.submit({ lines: [line('LED', '10')] });
    await desk.settle();
    const { orderNo } = await desk.order(id);
    const ahead = `SO${Number(orderNo.slice(2)) + 1}`;
    await bill(desk, ahead, { quantity: '1', amountMinor: 1800 });
    const next = await desk.submit({ lines: [line('LED', '1')] });
    await desk.settle();
    expect((await desk.order(next)).orderNo).toBe(ahead);
    const [release] = await releasesOf(desk, next);
    await warehouse(desk, release!).ship([box(1, 'LED', '1')]);
    expect((await desk.order(next)).status.invoice).toBe('invoiced');
    expect(posted(desk).map((event) => event.orderId)).toEqual([next]);
  });
});

function countSent(desk: OrderDesk): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { operation } of desk.sent) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

async function shelfLife(desk: OrderDesk, accountNo: string, minShelfDays: number): Promise<void> {
  const { loadCustomers, putCustomers } = await import('../parties/index.ts');
  await desk.tx(async (tx) => {
    const customer = (await loadCustomers(tx, [accountNo])).get(accountNo)!.value;
    await putCustomers(tx, [{ ...customer, minShelfDays }], { now: desk.clock.now() });
  });
}
