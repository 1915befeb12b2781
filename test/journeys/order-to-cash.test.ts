import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Journey, startJourney } from './harness.ts';

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney();
});
afterAll(() => journey?.stop());

const availability = async (channel: string) =>
  (await journey.api<{ ats: string }>('GET', `/v1/availability?sku=LED&channel=${channel}`)).ats;

/** The order once the ERP has invoiced it and the goods have arrived. */
const invoiced = (id: string) =>
  journey.until('the invoice', async () => {
    const order = await journey.api<any>('GET', `/v1/orders/${id}`);
    return order.status.invoice === 'invoiced' && order;
  });

test('scenario 1: a portal order of 10 LED walks from received to invoiced, each step once', async () => {
  expect(await availability('portal')).toBe('56');
  expect(await availability('marketplace')).toBe('51');

  const order = await journey.order({
    channel: 'portal',
    customer: 'C200',
    customerPo: 'APEX-1',
    lines: [{ sku: 'LED', quantity: { value: '10', uom: 'EA' } }],
  });
  expect(order.status.onHold).toBe(false);
  expect(order.lines[0]?.price).toMatchObject({ value: '18.00', currency: 'USD' });
  await journey.until('the reservation', async () => (await availability('portal')) === '46');
  expect(await availability('marketplace')).toBe('41');

  const done = await invoiced(order.id);
  expect(done.lines[0].q).toMatchObject({ ordered: '10', shipped: '10', invoiced: '10' });
  expect(await availability('portal')).toBe('46');

  const erp = journey.lab.logs('erp').filter((effect) => effect.kind === 'order.created');
  expect(erp).toHaveLength(1);
  const releases = (['wms-dc1', 'warehouse-3pl'] as const).flatMap((name) =>
    journey.lab.logs(name).filter((effect) => effect.kind === 'release.created'),
  );
  expect(releases).toHaveLength(1);
  const shipments = await journey.api<any>('GET', `/v1/orders/${order.id}/shipments`);
  expect(shipments.data).toHaveLength(1);
  expect(shipments.data[0].packages[0].sscc).toMatch(/^\d{18}$/);
  expect(shipments.data[0].packages[0].tracking).toBeTruthy();
  const invoices = await journey.api<any>('GET', `/v1/orders/${order.id}/invoices`);
  expect(invoices.data).toHaveLength(1);
  expect(invoices.data[0].totalMinor).toBe(18_000);
});

test('an 850 in the folder: 997 and 855 back, then release, 856 and 810, on one timeline with one correlation id', async () => {
  await journey.lab.control('partner', 'POST', '/_orders', {
    poNumber: 'PO-850-1',
    lines: [{ sku: 'LED', quantity: '4', uom: 'EA', price: '18.00' }],
  });
  const order = await journey.until('the order', async () => {
    const found = await journey.api<any>('GET', '/v1/orders?customer=C100&customerPo=PO-850-1');
    return found.data[0];
  });
  await invoiced(order.id);
  const received = await journey.until('856 and 810', async () => {
    const types = journey.lab
      .logs('partner')
      .filter((effect) => effect.kind === 'document.received')
      .map((effect: any) => effect.type);
    return ['997', '855', '856', '810'].every((type) => types.includes(type)) && types;
  });
  for (const type of ['855', '856', '810']) expect(received.filter((each: string) => each === type)).toHaveLength(1);

  const timeline = await journey.api<any>('GET', `/v1/orders/${order.id}/timeline`);
  const kinds = new Set(
    timeline.lanes
      .filter((lane: any) => timeline.entries.some((entry: any) => entry.lane === lane.id))
      .map((lane: any) => lane.kind),
  );
  for (const kind of ['hub', 'erp', 'wms', 'carrier', 'edi']) expect(kinds).toContain(kind);
  const messages = await journey.api<any>('GET', `/v1/messages?correlationId=${order.correlationId}&limit=200`);
  const topics = messages.data.map((message: any) => message.topic);
  expect(topics.join(' ')).toContain('855');
  expect(topics.join(' ')).toContain('856');
  expect(topics.join(' ')).toContain('810');
});

test('the storefront: an order placed there is shipped back to it', async () => {
  await journey.lab.control('storefront', 'POST', '/_orders', { lineItems: [{ sku: 'LED', quantity: 2 }] });
  const order = await journey.until('the storefront order', async () => {
    const found = await journey.api<any>('GET', '/v1/orders?channel=storefront');
    return found.data[0] ?? (await journey.api<any>('GET', '/v1/orders?customer=C500')).data[0];
  });
  await invoiced(order.id);
  await journey.until('the fulfilment in the shop', async () =>
    journey.lab.logs('storefront').some((effect) => effect.kind === 'fulfillment.created'),
  );
});

test('a CSV file: good orders are taken whole, a bad row refuses its own order and says why', async () => {
  const template = await journey.call('GET', '/v1/orders/import/template.csv');
  const header = String(template.body).split('\n')[0]!.trim().split(',');
  const line = (values: Record<string, string>) => header.map((name) => values[name] ?? '').join(',');
  const csv = [
    header.join(','),
    line({ channel: 'portal', customer: 'C200', customer_po: 'CSV-1', sku: 'LED', quantity: '1', uom: 'EA' }),
    line({ channel: 'portal', customer: 'C200', customer_po: 'CSV-2', sku: 'LED', quantity: '1', uom: 'EA' }),
    line({ channel: 'portal', customer: 'C200', customer_po: 'CSV-2', sku: 'NO-SUCH', quantity: '1', uom: 'EA' }),
  ].join('\n');
  const reply = await journey.call('POST', '/v1/orders/import', csv, { headers: { 'content-type': 'text/csv' } });
  expect(reply.status).toBeLessThan(300);
  expect(reply.body).toMatchObject({ created: 1, refused: 1 });
  const refused = reply.body.rows.filter((row: any) => row.outcome === 'refused');
  expect(refused.map((row: any) => row.row)).toEqual([3, 4]);
  expect((await journey.api<any>('GET', '/v1/orders?customer=C200&customerPo=CSV-2')).data).toHaveLength(0);
  const [taken] = (await journey.api<any>('GET', '/v1/orders?customer=C200&customerPo=CSV-1')).data;
  await invoiced(taken.id);
});

test('an order that takes the last of all sites: what the branch ships is invoiced as what the warehouses ship', async () => {
  const quantity = await availability('portal');
  const order = await journey.order({
    channel: 'portal',
    customer: 'C200',
    customerPo: 'APEX-ALL',
    lines: [{ sku: 'LED', quantity: { value: quantity, uom: 'EA' } }],
  });
  const done = await invoiced(order.id);
  expect(done.lines[0].q).toMatchObject({ ordered: quantity, shipped: quantity, invoiced: quantity });
  const shipments = await journey.api<any>('GET', `/v1/orders/${order.id}/shipments`);
  expect(shipments.data.map((shipment: any) => shipment.location).toSorted()).toEqual(['BR3', 'DC1', 'DC2']);
  const invoices = await journey.api<any>('GET', `/v1/orders/${order.id}/invoices`);
  expect(invoices.data).toHaveLength(3);
  const totals = invoices.data.map((invoice: any) => invoice.totalMinor as number);
  expect(totals.reduce((sum: number, minor: number) => sum + minor, 0)).toBe(Number(quantity) * 1_800);
  // What the ERP has shipped itself it is not told of again.
  const told = journey.lab.logs('erp').filter((effect: any) => {
    return effect.kind === 'shipment.created' && effect.document.customerReference === order.orderNo;
  });
  expect(told).toHaveLength(2);
});

test('flows have the lanes that they declare', async () => {
  const rows = await journey.hub.pools.engine.engineTx((tx) =>
    tx.query<{ destination: string; n: number }>(
      'SELECT destination, count(*)::integer AS n FROM lane WHERE destination = ANY ($1) GROUP BY destination',
      [['flow.process-order', 'flow.publish-availability', 'flow.recheck-holds']],
    ),
  );
  const lanes = Object.fromEntries(rows.map(({ destination, n }) => [destination, n]));
  expect(lanes).toMatchObject({ 'flow.process-order': 4, 'flow.publish-availability': 2 });
});

test('goods that the warehouse takes in go to the order that waits for them; what it cannot mean waits for a person', async () => {
  const { id } = await journey.order({
    channel: 'portal',
    customer: 'C200',
    customerPo: 'APEX-WAITS',
    lines: [{ sku: 'LED', quantity: { value: '200', uom: 'EA' } }],
  });
  await journey.until('the backorder', async () => {
    const order = await journey.api<any>('GET', `/v1/orders/${id}`);
    return Number(order.lines[0].q.backordered) > 0;
  });
  const line = { sku: 'LED', qty: '300', uom: 'EA' };
  await journey.lab.control('wms-dc1', 'POST', '/_stock', { docNo: 'GR-1', type: 'RECEIPT', lines: [line] });
  await invoiced(id);
  expect(await availability('portal')).toBe('100');

  const lost = { docNo: 'GR-2', type: 'ADJUST', lines: [{ ...line, qty: '-1', sku: 'NOT-OURS' }] };
  await journey.lab.control('wms-dc1', 'POST', '/_stock', lost);
  const held = await journey.until('the exception', async () => {
    const { data } = await journey.api<any>('GET', '/v1/exceptions');
    return data.find((each: any) => each.code === 'MAP_FAILED');
  });
  expect(held.cause).toContain('No item NOT-OURS');
  expect(await availability('portal')).toBe('100');
});
