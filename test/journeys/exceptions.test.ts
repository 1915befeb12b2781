import { afterEach, expect, test } from 'vitest';
import { type Journey, type JourneyOptions, startJourney } from './harness.ts';

let journey: Journey | undefined;
const begin = async (options?: JourneyOptions): Promise<Journey> => (journey = await startJourney(options));
afterEach(async () => {
  await journey?.stop();
  journey = undefined;
});

const order = (lines: unknown[], more: Record<string, unknown> = {}) => ({
  channel: 'portal',
  customer: 'C200',
  lines,
  ...more,
});
const read = (id: string) => journey!.api<any>('GET', `/v1/orders/${id}`);
const exceptionOf = (id: string, code: string) =>
  journey!.until(code, async () => {
    const list = await journey!.api<any>('GET', `/v1/exceptions?orderId=${id}`);
    return list.data.find((each: any) => each.code === code);
  });
const act = (exception: any, action: string, input?: Record<string, unknown>) =>
  journey!.api(
    'POST',
    `/v1/exceptions/${exception.id}/actions`,
    { action, reason: 'a test decides', ...(input ? { input } : {}) },
    {
      headers: { 'if-match': `"${exception.version}"` },
    },
  );
const documents = (type: string) =>
  journey!.lab
    .logs('partner')
    .filter((effect) => effect.kind === 'document.received' && (effect as any).type === type) as any[];
const textOf = (effect: any) => effect.segments.map((segment: string[]) => segment.join('*')).join('~');

test('scenario 2: a short pick ships what was found, backorders the rest and asks for a count', async () => {
  await begin({
    change: (document) => {
      for (const snapshot of document.stock) {
        for (const position of snapshot.positions) {
          if (position.sku === 'BLT') position.quantity = snapshot.location === 'DC1' ? '2000' : '0';
        }
      }
    },
  });
  await journey!.lab.dials('wms-dc1', { shortPick: { BLT: '300' } });
  // The parcels stay on the road, or the order would already read partially_delivered.
  await journey!.lab.dials('carrier', { scans: [] });
  const created = await journey!.order(order([{ sku: 'BLT', quantity: { value: '20', uom: 'BX' } }]));
  const done = await journey!.until('1,700 shipped and 300 backordered', async () => {
    const now = await read(created.id);
    return now.lines[0].q.shipped === '1700' && now.lines[0].q.backordered === '300' && now;
  });
  expect(done.status.milestone).toBe('partially_shipped');
  const exception = await exceptionOf(created.id, 'SHORT_PICK');
  expect(exception.ownerRole).toBeTruthy();
  const inventory = await journey!.api<any>('GET', '/v1/inventory?sku=BLT&location=DC1');
  expect(inventory.data.find((row: any) => row.status === 'hold')?.onHand).toBe('300');
  const ats = await journey!.api<any>('GET', '/v1/availability?sku=BLT&channel=portal');
  expect(ats.ats).toBe('0');
});

test('scenario 4: 5 pumps of which 3 are there: 855 says BP 3 and IB 2 with the date, AC', async () => {
  await begin();
  await journey!.lab.control('partner', 'POST', '/_orders', {
    poNumber: 'PO-PMP',
    lines: [{ sku: 'PMP-220', quantity: '5', uom: 'EA', price: '450.00' }],
  });
  const [acknowledgment] = await journey!.until('the 855', async () => documents('855').length > 0 && documents('855'));
  const text = textOf(acknowledgment);
  expect(text).toContain('BAK*00*AC*PO-PMP');
  expect(text).toContain('ACK*BP*3*EA');
  expect(text).toContain('ACK*IB*2*EA*068*20260615');
});

test('scenario 8: identical bytes, a new ISA13, and changed lines under the same PO', async () => {
  await begin();
  await journey!.lab.control('partner', 'POST', '/_orders', {
    poNumber: 'PO-DUP',
    lines: [{ sku: 'LED', quantity: '1', uom: 'EA', price: '18.00' }],
  });
  await journey!.until('855 and 997', async () => documents('855').length === 1 && documents('997').length === 1);
  const taken = (await journey!.api<any>('GET', '/v1/orders?customer=C100&customerPo=PO-DUP')).data[0];
  const { sourceMessageId } = await read(taken.id);
  const raw = await journey!.call('GET', `/v1/messages/${sourceMessageId}/raw`);
  const bytes = String(raw.body);
  expect(bytes).toContain('ST*850');

  await journey!.drop('C100', 'again.edi', bytes);
  await journey!.until('the stored 997 again', async () => documents('997').length === 2);
  expect(textOf(documents('997')[1])).toBe(textOf(documents('997')[0]));

  await journey!.lab.control('partner', 'POST', '/_orders', {
    poNumber: 'PO-DUP',
    lines: [{ sku: 'LED', quantity: '1', uom: 'EA', price: '18.00' }],
  });
  await journey!.until('a third 997', async () => documents('997').length === 3);
  await journey!.until(
    'DUPLICATE_ORDER',
    async () => (await journey!.api<any>('GET', '/v1/exceptions?code=DUPLICATE_ORDER')).data[0],
  );

  await journey!.lab.control('partner', 'POST', '/_orders', {
    poNumber: 'PO-DUP',
    lines: [{ sku: 'LED', quantity: '7', uom: 'EA', price: '18.00' }],
  });
  await journey!.until('a fourth 997', async () => documents('997').length === 4);
  await journey!.until(
    'the change review',
    async () => (await journey!.api<any>('GET', '/v1/exceptions?code=ORDER_CHANGE_REVIEW')).data[0],
  );
  expect(documents('855')).toHaveLength(1);
  expect((await journey!.api<any>('GET', '/v1/orders?customer=C100&customerPo=PO-DUP')).data).toHaveLength(1);
  expect(journey!.lab.logs('erp').filter((effect) => effect.kind === 'order.created')).toHaveLength(1);
});

test('scenario 9: 0.71% off the contract passes and is invoiced as ordered; 3.53% holds the line', async () => {
  await begin();
  const price = (value: string) => ({ value, currency: 'USD', perQty: '1', uom: 'EA' });
  const near = await journey!.order(
    order([{ sku: 'GLV', quantity: { value: '100', uom: 'EA' }, price: price('4.22') }], { customerPo: 'GLV-422' }),
  );
  expect(near.status.onHold).toBe(false);
  const far = await journey!.order(
    order(
      [
        { sku: 'GLV', quantity: { value: '100', uom: 'EA' }, price: price('4.10') },
        { sku: 'LED', quantity: { value: '1', uom: 'EA' } },
      ],
      { customerPo: 'GLV-410' },
    ),
  );
  expect(far.lines[0]?.holds.map((hold) => hold.code)).toEqual(['PRICE_MISMATCH']);
  expect(far.lines[1]?.holds).toEqual([]);
  await journey!.until('the invoice at 4.22', async () => {
    const invoices = await journey!.api<any>('GET', `/v1/orders/${near.id}/invoices`);
    return invoices.data[0]?.totalMinor === 42_200;
  });
  await journey!.until('the other line to ship', async () => (await read(far.id)).lines[1].q.shipped === '1');
  expect((await read(far.id)).lines[0].q).toMatchObject({ released: '0', shipped: '0' });
  const exception = await exceptionOf(far.id, 'PRICE_MISMATCH');
  expect(exception.moneyAtRiskMinor).toBeGreaterThan(0);
  await act(exception, 'accept_price', { price: 'contract' });
  await journey!.until('the held line to ship at the contract price', async () => {
    const now = await read(far.id);
    return now.lines[0].q.shipped === '100' && now.lines[0].price.value.startsWith('4.25');
  });
});

test('scenario 10: an unknown ship-to GLN is held; approving the cross-reference resumes the order', async () => {
  await begin();
  await journey!.lab.control('partner', 'POST', '/_orders', {
    poNumber: 'PO-GLN',
    shipToGln: '0614141900206',
    lines: [{ sku: 'LED', quantity: '2', uom: 'EA', price: '18.00' }],
  });
  const held = await journey!.until(
    'the held order',
    async () => (await journey!.api<any>('GET', '/v1/orders?customer=C100&customerPo=PO-GLN')).data[0],
  );
  const exception = await exceptionOf(held.id, 'SHIPTO_INVALID');
  expect(journey!.lab.logs('erp').filter((effect) => effect.kind === 'order.created')).toHaveLength(0);
  await act(exception, 'approve_cross_reference', { canonicalId: 'DC12' });
  await journey!.until('the shipment', async () => (await read(held.id)).lines[0].q.shipped === '2');
  expect(journey!.lab.logs('erp').filter((effect) => effect.kind === 'order.created')).toHaveLength(1);
  expect(documents('855')).toHaveLength(1);
});

test('scenario 11: over the credit limit the order is held; a payment of 500 releases it by itself', async () => {
  await begin();
  const created = await journey!.order(
    order([{ sku: 'BLT', quantity: { value: '100', uom: 'BX' } }], { customer: 'C300', customerPo: 'BOLT-1' }),
  );
  const exception = await exceptionOf(created.id, 'CREDIT_HOLD');
  expect(exception.moneyAtRiskMinor).toBe(110_000);
  await journey!.lab.control('erp', 'POST', '/_payments', {
    customerAccount: 'C300',
    amountCents: 50_000,
    currency: 'USD',
  });
  await journey!.until('the shipment', async () => (await read(created.id)).lines[0].q.shipped === '10000');
  const closed = await journey!.api<any>('GET', `/v1/exceptions/${exception.id}`);
  expect(closed.state).toBe('resolved');
});

test("scenario 12: 140 orders during the ERP's maintenance window are queued and reserved; 140 ERP orders after it", async () => {
  await begin();
  await journey!.api('POST', '/v1/destinations/erp/pause', { reason: 'maintenance' });
  const ids = await Promise.all(
    Array.from({ length: 140 }, (_, index) =>
      journey!
        .order(order([{ sku: 'BLT', quantity: { value: '1', uom: 'BX' } }], { customerPo: `W-${index}` }))
        .then((created) => created.id),
    ),
  );
  await journey!.until('140 reservations', async () => {
    const page = await journey!.api<any>('GET', '/v1/orders?milestone=allocated&limit=500');
    return page.data.length === 140;
  });
  expect(journey!.lab.logs('erp').filter((effect) => effect.kind === 'order.created')).toHaveLength(0);
  await journey!.api('POST', '/v1/destinations/erp/resume', { reason: 'over' });
  await journey!.until(
    '140 orders in the ERP',
    async () => journey!.lab.logs('erp').filter((effect) => effect.kind === 'order.created').length === 140,
  );
  await journey!.until(
    'all of them to ship',
    async () => {
      const page = await journey!.api<any>('GET', '/v1/orders?milestone=shipped&limit=500');
      return (
        page.data.length === ids.length ||
        (await journey!.api<any>('GET', '/v1/orders?milestone=delivered&limit=500')).data.length + page.data.length ===
          ids.length
      );
    },
    60_000,
  );
  const created = journey!.lab.logs('erp').filter((effect) => effect.kind === 'order.created');
  expect(new Set(created.map((effect) => effect.key)).size).toBe(140);
  expect(created).toHaveLength(140);
}, 120_000);

test('scenario 15: duplicate and late reports change no totals and nobody is told twice', async () => {
  await begin();
  for (const system of ['wms-dc1', 'erp', 'carrier'] as const) {
    await journey!.lab.dials(system, { duplicates: 0.5, repeats: 0.5, outOfOrder: 0.5, outOfOrderMs: 60 });
  }
  await journey!.lab.control('partner', 'POST', '/_orders', {
    poNumber: 'PO-LATE',
    lines: [{ sku: 'LED', quantity: '10', uom: 'EA', price: '18.00' }],
  });
  const created = await journey!.until(
    'the order',
    async () => (await journey!.api<any>('GET', '/v1/orders?customer=C100&customerPo=PO-LATE')).data[0],
  );
  await journey!.until('the 810', async () => documents('810').length > 0);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const done = await read(created.id);
  expect(done.lines[0].q).toMatchObject({ ordered: '10', picked: '10', packed: '10', shipped: '10', invoiced: '10' });
  for (const type of ['855', '856', '810']) expect(documents(type)).toHaveLength(1);
  expect((await journey!.api<any>('GET', '/v1/availability?sku=LED&channel=portal')).ats).toBe('46');
});

test('scenario 16: of 50 callers that reserve one each, 10 win and 40 are told INSUFFICIENT_ATS', async () => {
  await begin({
    only: ['erp'],
    change: (document) => {
      for (const snapshot of document.stock) {
        for (const position of snapshot.positions)
          if (position.sku === 'LED') position.quantity = snapshot.location === 'DC1' ? '20' : '0';
      }
    },
  });
  const replies = await Promise.all(
    Array.from({ length: 50 }, () =>
      journey!.call('POST', '/v1/reservations', { sku: 'LED', quantity: { value: '1', uom: 'EA' }, channel: 'portal' }),
    ),
  );
  expect(replies.filter((reply) => reply.status === 201)).toHaveLength(10);
  const refused = replies.filter((reply) => reply.status === 409);
  expect(refused).toHaveLength(40);
  expect(new Set(refused.map((reply) => reply.body.code))).toEqual(new Set(['INSUFFICIENT_ATS']));
  expect((await journey!.api<any>('GET', '/v1/availability?sku=LED&channel=portal')).ats).toBe('0');
});
