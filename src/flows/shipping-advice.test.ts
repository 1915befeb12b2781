import { beforeAll, describe, expect, it } from 'vitest';
import {
  clock,
  drop,
  findOrder,
  hub,
  interchange,
  item,
  message,
  order,
  price,
  problems,
  queue,
  sent,
} from '../../test/harness/edi-hub.ts';
import {
  current,
  exceptionsOf,
  fromReno,
  functional,
  releaseOf,
  reno,
  toReno,
  tx,
  useReno,
} from '../../test/harness/reno-warehouse.ts';
import { putItems, putPriceRules } from '../catalog/index.ts';
import { listFulfillmentOrders, listShipments, readShipments } from '../fulfillment/index.ts';
import { applySnapshots, listPositions } from '../inventory/index.ts';
import { putAgreement } from '../partners/index.ts';

useReno();

let items = 0;
/** An order of ten of an item that DC2 has `onHand` of and nobody else has. */
async function orderedTen(onHand = '10') {
  const sku = `BOX-${++items}`;
  const now = clock.now();
  await tx(async (t) => {
    await putItems(t, [item(sku)], { now });
    await putPriceRules(t, [price(sku, '18.00')], { now });
    const at = { location: 'DC2', asOf: now, asOfSeq: 1000 + items };
    await applySnapshots(t, [{ ...at, positions: [{ sku, quantity: onHand }] }] as never, now);
  });
  await drop(interchange([order(`PO-${sku}`, [`PO1*1*10*EA*18.00*PE*VN*${sku}`])]));
  const { id } = await findOrder(`PO-${sku}`);
  const { fulfillmentNo } = await releaseOf(id);
  return { id, sku, fulfillmentNo };
}

/** A 945 about a release; each carton by its marks and lines. */
const advice = (fulfillmentNo: string, shipmentId: string, ...rest: readonly string[]) => [
  `W06*F*${fulfillmentNo}*20260601*${shipmentId}`,
  'N1*WH**92*DC2',
  ...rest,
  'W03*1',
];
const w12 = (code: string, sku: string, ordered: number, shipped: number) => [
  `W12*${code}*${ordered}*${shipped}*${ordered - shipped}*EA**VN*${sku}`,
  'N9*LI*1',
];
const tell = (set: readonly string[]) => fromReno('945', set, 'SW');
const stockOf = async (sku: string) => {
  const { rows } = await tx((t) => listPositions(t, { sku, limit: 20 }));
  return Object.fromEntries(
    rows.filter((row) => row.onHand !== '0').map((row) => [`${row.location} ${row.status}`, row.onHand]),
  );
};
const operationsOf = async (key: string) =>
  (await tx((t) => queue.deliveries.list(t, { key, limit: 100 }))).map(({ operation }) => operation);

describe('what a warehouse by EDI has shipped', () => {
  beforeAll(() => {
    const { connectionFor } = hub;
    // A carrier that would label, if it were asked.
    hub.connectionFor = (role, selector) => (role === 'carrier' ? 'ups' : connectionFor(role, selector));
  });

  it('is consumed, told to the buyer as it was packed, and nobody is asked for labels', async () => {
    const { id, sku, fulfillmentNo } = await orderedTen('25');
    const [file] = (await toReno()).slice(-1);
    await functional(file!.segments, 'A');
    await tell(
      advice(
        fulfillmentNo,
        'WSH-1',
        'W27*M*UPSN*GROUND',
        'LX*1',
        'MAN*GM*00106141410000000019',
        'MAN*CP*1Z1',
        ...w12('CC', sku, 10, 6),
        'LX*2',
        'MAN*GM*00106141410000000026',
        'MAN*CP*1Z2',
        ...w12('CC', sku, 10, 4),
      ),
    );
    expect((await current(id)).status.milestone).toBe('shipped');
    expect(await releaseOf(id)).toMatchObject({ status: 'shipped' });
    expect(await stockOf(sku)).toEqual({ 'DC2 available': '15' });
    const [shipment] = await tx((t) => readShipments(t, { orderIds: [id] }));
    expect(shipment).toMatchObject({ labelState: 'labelled', shipment: { carrier: 'UPSN', service: 'GROUND' } });
    const notice = await sent('856');
    expect(notice).toEqual(expect.arrayContaining(['MAN*GM*00106141410000000019', 'MAN*GM*00106141410000000026']));
    expect(notice.some((segment) => segment.includes('1Z1'))).toBe(true);
    const operations = await operationsOf(id);
    expect(operations.filter((operation) => operation.startsWith('label.'))).toEqual([]);
    expect(operations.filter((operation) => operation === 'shipment.notify')).toHaveLength(1);
    expect(await exceptionsOf(id)).toEqual([]);
  });

  it('is told to the buyer though the warehouse gave no tracking numbers, without any that we made up', async () => {
    const { id, sku, fulfillmentNo } = await orderedTen();
    await tell(advice(fulfillmentNo, 'WSH-2', 'LX*1', ...w12('CC', sku, 10, 10)));
    const [shipment] = await tx((t) => listShipments(t, { orderIds: [id] }));
    expect(shipment!.packages).toMatchObject([{ packageNo: 1 }]);
    expect(shipment!.packages[0]!.sscc).toBeUndefined();
    const operations = await operationsOf(id);
    expect(operations.filter((operation) => operation.startsWith('label.'))).toEqual([]);
    expect(operations).toContain('shipment.notify');
    expect((await sent('856')).some((segment) => segment.startsWith('MAN*GM'))).toBe(false);
  });
});

describe('what a warehouse by EDI has not shipped', () => {
  it('is backordered where it will not come, and its book stock held until it is counted', async () => {
    const { id, sku, fulfillmentNo } = await orderedTen('25');
    await tell(advice(fulfillmentNo, 'WSH-3', 'LX*1', ...w12('CP', sku, 10, 4)));
    expect((await current(id)).lines[0]!.q).toMatchObject({ shipped: '4', backordered: '6', cancelled: '0' });
    expect(await releaseOf(id)).toMatchObject({ status: 'shipped' });
    expect(await stockOf(sku)).toEqual({ 'DC2 available': '15', 'DC2 hold': '6' });
    expect((await exceptionsOf(id)).map(({ code }) => code).sort()).toEqual(['BACKORDER', 'SHORT_PICK']);
  });

  it('goes out from another site where that has it', async () => {
    const { id, sku, fulfillmentNo } = await orderedTen();
    const at = { location: 'DC1', asOf: clock.now(), asOfSeq: 1000 + items };
    await tx((t) => applySnapshots(t, [{ ...at, positions: [{ sku, quantity: '50' }] }] as never, clock.now()));
    await tell(advice(fulfillmentNo, 'WSH-4', 'LX*1', ...w12('CP', sku, 10, 4)));
    const releases = await tx((t) => listFulfillmentOrders(t, [id]));
    expect(releases.map(({ location, lines }) => [location, lines[0]!.quantity])).toEqual([
      ['DC2', '10'],
      ['DC1', '6'],
    ]);
  });

  it('stays with it where it is still to come', async () => {
    const { id, sku, fulfillmentNo } = await orderedTen();
    await tell(advice(fulfillmentNo, 'WSH-5', 'LX*1', ...w12('BP', sku, 10, 4)));
    expect((await current(id)).lines[0]!.q).toMatchObject({ shipped: '4', backordered: '0', allocated: '10' });
    expect((await current(id)).status.milestone).toBe('partially_shipped');
    expect(await releaseOf(id)).toMatchObject({ status: 'released' });
    expect(await exceptionsOf(id)).toEqual([]);
    await tell(advice(fulfillmentNo, 'WSH-6', 'LX*1', ...w12('CC', sku, 6, 6)));
    expect((await current(id)).status.milestone).toBe('shipped');
  });

  it('is cancelled where the warehouse has cancelled it, and may be all there is', async () => {
    const { id, sku, fulfillmentNo } = await orderedTen();
    await tell(advice(fulfillmentNo, 'WSH-7', 'LX*1', ...w12('CU', sku, 10, 0)));
    expect((await current(id)).status.milestone).toBe('cancelled');
    expect(await releaseOf(id)).toMatchObject({ status: 'cancelled' });
    expect(await tx((t) => listShipments(t, { orderIds: [id] }))).toEqual([]);
    // Nobody had asked for that: customer service is told, once.
    await tell(advice(fulfillmentNo, 'WSH-7A', 'LX*1', ...w12('CU', sku, 10, 0)));
    expect(await exceptionsOf(id)).toMatchObject([
      {
        code: 'CANCELLED_BY_WAREHOUSE',
        ownerRole: 'customer_service',
        data: { lines: [{ lineNo: 1, quantity: '10' }] },
      },
    ]);
  });

  it('is told by the warehouse that has it, and no other', async () => {
    const { id, sku, fulfillmentNo } = await orderedTen();
    const other = { ...reno, id: 'tulsa', partner: 'W300', them: { qualifier: 'ZZ', id: 'TULSA3PL' } };
    await tx((t) => putAgreement(t, other));
    const set = advice(fulfillmentNo, 'WSH-9', 'LX*1', ...w12('CC', sku, 10, 10));
    const told = await drop(interchange([set], { sender: 'TULSA3PL', type: '945', group: 'SW' }));
    expect(await message(told)).toMatchObject({ state: 'held' });
    expect(await problems(told)).toMatchObject([{ cause: expect.stringContaining('which went to W200') }]);
    expect((await current(id)).lines[0]!.q.shipped).toBe('0');
    await tell(set);
    expect((await current(id)).lines[0]!.q.shipped).toBe('10');
  });

  it('is never guessed: another item holds the whole advice', async () => {
    const { id, sku, fulfillmentNo } = await orderedTen();
    const told = await tell(advice(fulfillmentNo, 'WSH-8', 'LX*1', ...w12('CS', sku, 10, 10)));
    expect(await message(told)).toMatchObject({ state: 'held' });
    expect(await problems(told)).toMatchObject([{ code: 'MAP_FAILED', data: { code: 'SUBSTITUTED' } }]);
    expect((await current(id)).lines[0]!.q.shipped).toBe('0');
  });

  it.each([
    [
      'another item than the line asks for',
      'LED',
      '1',
      /^.*LED was shipped under line 1 of release .*, which asks for BOX-/,
    ],
    ['a line that the release has not', undefined, '7', /has no line 7, under which BOX-\d+ was shipped/],
  ])('nor is %s, and what comes after it is worked', async (_, other, line, cause) => {
    const { id, sku, fulfillmentNo } = await orderedTen();
    const wrong = [`W12*CC*10*10**EA**VN*${other ?? sku}`, `N9*LI*${line}`];
    const told = await tell(advice(fulfillmentNo, 'WSH-9', 'LX*1', ...wrong));
    expect(await message(told)).toMatchObject({ state: 'held' });
    const [problem] = await problems(told);
    expect(problem).toMatchObject({ code: 'MAP_FAILED', data: { code: 'ITEM_MISMATCH' } });
    expect(problem!.cause).toMatch(cause);
    expect((await current(id)).lines[0]!.q.shipped).toBe('0');
    await tell(advice(fulfillmentNo, 'WSH-10', 'LX*1', ...w12('CC', sku, 10, 10)));
    expect((await current(id)).lines[0]!.q.shipped).toBe('10');
  });
});

describe('several advices about one release', () => {
  const orders: [string, readonly number[]][] = [
    ['in order', [0, 1]],
    ['the last first', [1, 0]],
    ['the first twice', [0, 0, 1]],
    ['both twice, the last first', [1, 0, 1, 0]],
  ];
  it.each(orders)('come to one state, %s', async (_, sequence) => {
    const { id, sku, fulfillmentNo } = await orderedTen();
    const told = [
      advice(fulfillmentNo, 'A', 'LX*1', ...w12('BP', sku, 10, 4)),
      // What it tells of the line is the line's, whatever has shipped before.
      advice(fulfillmentNo, 'B', 'LX*1', ...w12('CP', sku, 10, 3)),
    ];
    for (const index of sequence) await tell(told[index]!);
    expect((await current(id)).lines[0]!.q).toMatchObject({ shipped: '7', backordered: '3', cancelled: '0' });
    expect(await releaseOf(id)).toMatchObject({ status: 'shipped' });
    expect(await stockOf(sku)).toEqual({ 'DC2 hold': '3' });
    expect(await tx((t) => listShipments(t, { orderIds: [id] }))).toHaveLength(2);
  });

  it('wait for it when they come before it', async () => {
    const last = await orderedTen();
    const next = `SO${Number((await current(last.id)).orderNo.slice(2)) + 1}-1`;
    const sku = `BOX-${items + 1}`;
    await tell(advice(next, 'C', 'LX*1', ...w12('CP', sku, 10, 4)));
    const { id, fulfillmentNo } = await orderedTen();
    expect(fulfillmentNo).toBe(next);
    expect((await current(id)).lines[0]!.q).toMatchObject({ shipped: '4', backordered: '6' });
    expect(await stockOf(sku)).toEqual({ 'DC2 hold': '6' });
  });
});
