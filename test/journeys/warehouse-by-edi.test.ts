import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Effect } from '../../lab/harness.ts';
import { type Journey, startJourney } from './harness.ts';

let journey: Journey;
beforeAll(async () => {
  // Messages are stamped by the database, which knows the real time alone: reports of stock are compared with that.
  journey = await startJourney({ startAt: new Date() });
});
afterAll(() => journey?.stop());

const reno = (kind: string): Effect[] => journey.lab.logs('warehouse-3pl').filter((effect) => effect.kind === kind);
const tell = (path: string, body: unknown) => journey.lab.control('warehouse-3pl', 'POST', path, body);
const read = (id: string): Promise<any> => journey.api<any>('GET', `/v1/orders/${id}`);

/** What the hub believes to lie in Reno, by status. */
async function stock(sku = 'HLM'): Promise<Record<string, string>> {
  const { data } = await journey.api<any>('GET', `/v1/inventory?sku=${sku}&location=DC2`);
  return Object.fromEntries(data.map(({ status, onHand }: any) => [status, onHand]));
}

/** Helmets, which are kept in Reno alone. */
const helmets = (customerPo: string, value: string) =>
  journey.order({
    channel: 'portal',
    customer: 'C200',
    customerPo,
    lines: [{ sku: 'HLM', quantity: { value, uom: 'EA' } }],
  });

const invoiced = (id: string) =>
  journey.until('the invoice', async () => {
    const order = await read(id);
    return order.status.invoice === 'invoiced' && order;
  });

/** A report is as of a second: what it is to contain has to be older. */
async function nextSecond(): Promise<void> {
  const seenMs = Date.now();
  await journey.until('the next second', async () => Date.now() - seenMs > 1_000);
}

test('an 850 that Reno alone can serve: 940, 997 and 945 with the warehouse, then 856 and 810 to the customer', async () => {
  await journey.lab.control('partner', 'POST', '/_orders', {
    poNumber: 'PO-RENO-1',
    lines: [{ sku: 'HLM', quantity: '30', uom: 'EA', price: '24.00' }],
  });
  const { id } = await journey.until(
    'the order',
    async () => (await journey.api<any>('GET', '/v1/orders?customer=C100&customerPo=PO-RENO-1')).data[0],
  );
  const order = await invoiced(id);
  expect(order.lines[0].q).toMatchObject({ ordered: '30', shipped: '30', invoiced: '30' });

  const [release] = reno('document.received');
  expect(release).toMatchObject({ type: '940', key: `${order.orderNo}-1` });
  expect(release!.segments).toContainEqual(['W01', '30', 'EA', '', 'VN', 'HLM']);
  expect(reno('acknowledgment.sent')).toMatchObject([{ accepted: true, types: ['940'] }]);
  const [shipped] = reno('release.shipped') as [any];
  const { data: shipments } = await journey.api<any>('GET', `/v1/orders/${id}/shipments`);
  const [carton] = shipped.cartons;
  expect(shipments).toMatchObject([
    { location: 'DC2', packages: [{ sscc: carton.sscc, tracking: carton.trackingNumber }] },
  ]);
  // Its own labels: the hub has ordered none for it.
  expect(journey.lab.logs('carrier').filter(({ kind }) => kind === 'label.created')).toMatchObject([
    { key: shipped.shipmentNo },
  ]);
  const told = await journey.until('856 and 810', () => {
    const documents = journey.lab.logs('partner').filter(({ kind }) => kind === 'document.received');
    const ofType = (type: string): any => documents.find((document) => document.type === type);
    return Promise.resolve(ofType('856') && ofType('810') && { notice: ofType('856'), invoice: ofType('810') });
  });
  expect(told.notice.segments).toContainEqual(['MAN', 'GM', `00${carton.sscc}`]);
  expect(told.invoice.segments).toContainEqual(['TDS', '72000']);
  await journey.until('its arrival', async () => (await read(id)).status.milestone === 'delivered');
  expect(await stock()).toEqual({ available: '170' });
});

test('a 944 gives the order that waits its goods, and keeps what came damaged apart', async () => {
  const { id } = await helmets('APEX-RENO-1', '200');
  await journey.until('what is there to be shipped', async () => {
    const [line] = (await read(id)).lines;
    return line.q.backordered === '30' && line.q.shipped === '170';
  });
  const lines = [{ sku: 'HLM', quantity: '100', uom: 'EA', damaged: '10' }];
  await tell('/_receipts', { poNumber: 'PO-9003', lines });
  const order = await invoiced(id);
  expect(order.lines[0].q).toMatchObject({ ordered: '200', shipped: '200', invoiced: '200' });
  expect(await stock()).toMatchObject({ available: '60', damaged: '10' });
});

test('a 945 that is short backorders the rest; an 846 puts the book right', async () => {
  await journey.lab.dials('warehouse-3pl', { shortPick: { HLM: '2' } });
  const { id } = await helmets('APEX-RENO-2', '12');
  await journey.until('the short shipment', async () => {
    const [line] = (await read(id)).lines;
    return line.q.shipped === '10' && line.q.backordered === '2';
  });
  const { data: exceptions } = await journey.api<any>('GET', `/v1/exceptions?orderId=${id}`);
  expect(exceptions.map(({ code }: any) => code)).toContain('SHORT_PICK');

  await nextSecond();
  // What is said to have left in the second of a report is part of it.
  await journey.lab.dials('warehouse-3pl', { delaysMs: { pick: 1_100 } });
  await tell('/_stock', { lines: [{ sku: 'HLM', quantity: '500', uom: 'EA' }] });
  await tell('/_reports', {});
  const order = await invoiced(id);
  expect(order.lines[0].q).toMatchObject({ ordered: '12', shipped: '12' });
  await journey.until('one book', async () => {
    const { available } = await stock();
    const state: any = await journey.lab.control('warehouse-3pl', 'GET', '/_state');
    return available === '498' && state.stock.find(({ sku }: any) => sku === 'HLM').good === '498';
  });
});

test('a release is taken back before it is picked; after that it ships', async () => {
  await journey.lab.dials('warehouse-3pl', { delaysMs: { pick: null, pack: null } });
  const back = await helmets('APEX-RENO-3', '5');
  const [first] = await journey.until('its release', async () => {
    const found = reno('release.created').filter(({ key }) => key === `${back.orderNo}-1`);
    return found.length > 0 && found;
  });
  await journey.api('POST', `/v1/orders/${back.id}/cancel`, { reason: 'changed their mind' });
  await journey.until('the cancellation', async () => (await read(back.id)).status.milestone === 'cancelled');
  expect(reno('cancellation.confirmed')).toMatchObject([{ key: first!.key }]);

  const gone = await helmets('APEX-RENO-4', '5');
  const releaseNo = `${gone.orderNo}-1`;
  await journey.until('its release', async () => reno('release.created').some(({ key }) => key === releaseNo));
  await tell('/_progress', { releaseNo, step: 'pick' });
  await journey.api('POST', `/v1/orders/${gone.id}/cancel`, { reason: 'too late' });
  await journey.until('the refusal', async () => reno('cancellation.refused').some(({ key }) => key === releaseNo));
  await tell('/_progress', { releaseNo, step: 'pack' });
  const order = await invoiced(gone.id);
  expect(order.lines[0].q).toMatchObject({ ordered: '5', shipped: '5' });
});
