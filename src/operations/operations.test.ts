import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { putRidgeline } from '../../test/harness/ridgeline-data.ts';
import { getException, openExceptions } from '../exceptions/index.ts';
import { insertDocuments } from '../exchange/index.ts';
import type { Tx } from '../platform/index.ts';
import { controlTower, exceptionImpact, firstRunChecklist, orderTimeline, searchEverything } from './index.ts';

let api: TestApi;
let keys = 0;

beforeAll(async () => {
  api = await testApi();
});
afterAll(() => api?.stop());

const inAcme = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => api.database.app.tx('acme', fn);

async function submit(
  customerPo: string,
  change: object = {},
): Promise<{ id: string; orderNo: string; correlationId: string }> {
  const reply = await api.app.inject({
    method: 'POST',
    url: '/v1/orders',
    headers: { authorization: `Bearer ${api.adminKey}`, 'idempotency-key': `k${(keys += 1)}` },
    payload: {
      channel: 'portal',
      customer: 'C200',
      customerPo,
      lines: [{ sku: 'LED', quantity: { value: '2', uom: 'EA' } }],
      ...change,
    },
  });
  if (reply.statusCode !== 201) throw new Error(reply.body);
  return reply.json();
}

const tower = async () => {
  // Past what consoles share.
  api.clock.advance(1_000);
  return inAcme((tx) => controlTower(tx, api.services));
};

describe('the first-run checklist', () => {
  it('ticks itself as the hub fills', async () => {
    const empty = await inAcme((tx) => firstRunChecklist(tx, api.services));
    expect(empty.done).toBe(0);
    await putRidgeline(api);
    const filled = await inAcme((tx) => firstRunChecklist(tx, api.services));
    expect(filled.steps.filter((step) => step.done).map((step) => step.id)).toEqual([
      'items',
      'locations',
      'customers',
      'prices',
      'stock',
    ]);
  });

  it('ticks a connection when no secret of it is missing', async () => {
    const connect = (secrets: Record<string, string>) =>
      inAcme(async (tx) => {
        const settings = { baseUrl: 'http://127.0.0.1:9' };
        const connection = { id: 'tick', type: 'demo-erp', role: 'erp' as const, settings, secrets, test: false };
        await api.services.connections.put(tx, connection, { now: api.clock.now() });
        const { steps } = await firstRunChecklist(tx, api.services);
        return steps.find((step) => step.id === 'erp')?.done;
      });
    expect(await connect({})).toBe(false);
    expect(await connect({ apiKey: 'k', webhookSecret: 'whsec_c2VjcmV0' })).toBe(true);
  });
});

describe('the control tower', () => {
  it('counts open orders by milestone and currency, and what came in by the minute', async () => {
    const before = await tower();
    await submit('T-1');
    await submit('T-2');
    const after = await tower();
    expect(after.totals.openOrders).toBe(before.totals.openOrders + 2);
    const received = after.backlog.reduce((sum, row) => sum + row.orders, 0);
    expect(received).toBe(after.totals.openOrders);
    expect(after.backlog.find((row) => row.orders > 0)?.money).toEqual([{ currency: 'USD', minor: 2 * 2 * 1800 }]);
    expect(after.throughput).toHaveLength(60);
    expect(after.throughput.reduce((sum, row) => sum + row.received, 0)).toBe(after.totals.receivedToday);
    expect(after.totals.receivedToday).toBe(before.totals.receivedToday + 2);
  });

  it('keeps counting right across minutes and midnight', async () => {
    api.clock.advance(10 * 60_000);
    await submit('T-3');
    const later = await tower();
    expect(later.totals.receivedToday).toBe(3);
    expect(later.throughput.filter((row) => row.received > 0).map((row) => row.received)).toEqual([2, 1]);
    // Midnight UTC is eleven hours after one in the afternoon.
    api.clock.advance(11 * 3_600_000);
    await submit('T-4');
    const nextDay = await tower();
    expect(nextDay.totals.receivedToday).toBe(1);
    expect(nextDay.throughput.reduce((sum, row) => sum + row.received, 0)).toBe(1);
  });

  it('names orders that rest too long without a reason, and what they wait for', async () => {
    const order = await submit('T-stuck');
    expect((await tower()).atRisk.map((row) => row.orderId)).not.toContain(order.id);
    api.clock.advance(20 * 60_000);
    const risk = (await tower()).atRisk.find((row) => row.orderId === order.id);
    expect(risk).toMatchObject({
      code: 'STUCK',
      reason: expect.stringMatching(/sales\.order\.received to flow\.process-order is queued/),
    });
  });

  it('ranks what is at risk by when it is due, one row an order', async () => {
    const order = await submit('T-risk');
    const exception = {
      entityRefs: [],
      orderId: order.id,
      cause: 'x',
      moneyAtRiskMinor: 500,
      currency: 'USD',
    } as const;
    await inAcme((tx) =>
      openExceptions(
        tx,
        [
          { ...exception, code: 'BACKORDER', dedupeKey: 'b' },
          { ...exception, code: 'CREDIT_HOLD', dedupeKey: 'c' },
        ],
        api.clock.now(),
      ),
    );
    const after = await tower();
    expect(after.atRisk.filter((row) => row.orderId === order.id)).toMatchObject([{ code: 'CREDIT_HOLD' }]);
    expect(after.exceptions).toMatchObject({ open: 2, overdue: 0, byClass: { business: 2 } });
    expect(after.exceptions.moneyAtRisk).toEqual([{ currency: 'USD', minor: 1000 }]);
    const dues = after.atRisk.map((row) => row.dueAt ?? '');
    expect(dues).toEqual([...dues].sort());
  });

  it('shows a tenant nothing of another', async () => {
    const other = await api.database.app.tx('other', (tx) => controlTower(tx, api.services));
    expect(other.totals).toMatchObject({ openOrders: 0, receivedToday: 0 });
    expect(other.atRisk).toEqual([]);
  });
});

describe('search', () => {
  const find = async (text: string) =>
    (await inAcme((tx) => searchEverything(tx, api.services, text, 20))).map((hit) => `${hit.kind} by ${hit.matched}`);

  it('finds by what is written on papers, labels and screens', async () => {
    const order = await submit('PO-7788');
    expect(await find('PO-7788')).toContain('order by PO');
    expect(await find('PO-77')).toContain('order by PO');
    expect(await find('po-77')).toContain('order by PO');
    expect(await find('PO')).not.toContain('order by PO');
    expect(await find('00614141100088')).toContain('item by GTIN');
    expect(await find(order.orderNo)).toContain('order by order number');
    expect(await find(order.id)).toContain('order by id');
    expect(await find(order.correlationId)).toContain('order by correlation');
    expect(await find('LED')).toContain('item by SKU');
    expect(await find('Apex')).toContain('customer by customer');
    expect(await find('C200')).toContain('customer by customer');
  });

  it('finds nothing, without fuss, for anything else', async () => {
    for (const text of [
      '%',
      "' OR 1=1 --",
      '(00)106141410000000019',
      '000000001',
      '😀',
      '\\',
      '_',
      '00000000-0000-7000-8000-000000000000',
    ]) {
      expect(await find(text)).toEqual([]);
    }
  });
});

describe('an order’s timeline', () => {
  it('is told in order of time, and leaves out what belongs to other orders', async () => {
    const order = await submit('T-line');
    await submit('T-line-2');
    const timeline = await inAcme((tx) => orderTimeline(tx, api.services, order.id));
    expect(timeline?.entries.length).toBeGreaterThan(1);
    const times = timeline!.entries.map((entry) => entry.at);
    expect(times).toEqual([...times].sort());
    expect(new Set(timeline!.entries.map((entry) => entry.lane))).toEqual(new Set(['api', 'hub']));
    expect(timeline!.entries.filter((entry) => entry.code === 'sales.order.received')).toHaveLength(1);
  });

  it('is nobody else’s', async () => {
    const order = await submit('T-mine');
    expect(await api.database.app.tx('other', (tx) => orderTimeline(tx, api.services, order.id))).toBeUndefined();
  });
});

describe('the impact of an exception', () => {
  it('counts siblings of the same cause, their orders and their money', async () => {
    const orders = [await submit('I-1'), await submit('I-2'), await submit('I-3')];
    const ids = await inAcme((tx) =>
      openExceptions(
        tx,
        orders.map(({ id }, n) => ({
          code: 'SHIPTO_INVALID' as const,
          dedupeKey: `s${n}`,
          entityRefs: [],
          orderId: id,
          cause: 'unknown ship-to',
          moneyAtRiskMinor: 1000,
          currency: n === 2 ? 'EUR' : 'USD',
          data: { causeKey: n === 2 ? 'another' : 'same' },
        })),
        api.clock.now(),
      ),
    );
    const reply = await api.app.inject({
      url: `/v1/exceptions/${ids[0]!.id}`,
      headers: { authorization: `Bearer ${api.adminKey}` },
    });
    expect(reply.json().impact).toMatchObject({
      orders: 2,
      siblings: 1,
      money: [{ currency: 'USD', minor: 2000 }],
      waitingDeliveries: 1,
    });
    expect(reply.json().impact.secondsLeft).toBeGreaterThan(0);
  });
});

describe('search by control number', () => {
  it('puts what is written exactly so before what is padded otherwise', async () => {
    const document = {
      direction: 'in',
      standard: 'x12',
      version: '004010',
      type: '850',
      ordinal: 0,
      state: 'translated',
      correlationId: 'c',
    } as const;
    await inAcme((tx) =>
      insertDocuments(tx, [
        { ...document, interchangeControl: '000000077', groupControl: '5', control: '0001' },
        { ...document, interchangeControl: '000000078', groupControl: '6', control: '0077' },
      ]),
    );
    const find = async (text: string) =>
      (await inAcme((tx) => searchEverything(tx, api.services, text, 20))).map((hit) => hit.matched);
    expect(await find('000000077')).toEqual(['ISA13', 'ST02']);
    expect(await find('0077')).toEqual(['ST02', 'ISA13']);
    expect(await find('77')).toHaveLength(2);
    expect(await find('6')).toEqual(['GS06']);
  });
});

describe('the impact of a system that is down', () => {
  it('is what waits for it: deliveries, orders, and what these come to', async () => {
    const orders = [await submit('D-1'), await submit('D-2')];
    const impact = await inAcme(async (tx) => {
      await api.services.queue.destinations.ensure(tx, [{ name: 'down-erp', lanes: 2 }]);
      const command = (key: string, operation: string) => ({
        destination: 'down-erp',
        key,
        operation,
        payload: { kind: 'command' as const, entity: { kind: 'order' as const, id: key } },
        correlationId: key,
      });
      const keys = [...orders.map((order) => order.id), orders[0]!.id, 'LED@DC1'];
      await api.services.queue.enqueue(
        tx,
        keys.map((key) => command(key, 'order.create')),
      );
      const data = { destination: 'down-erp' };
      const [opened] = await openExceptions(
        tx,
        [{ code: 'ENDPOINT_DOWN', dedupeKey: 'down', entityRefs: [], cause: 'x', data }],
        api.clock.now(),
      );
      const record = (await getException(tx, opened!.id))!;
      const open = await exceptionImpact(tx, api.services, record);
      return { open, over: await exceptionImpact(tx, api.services, { ...record, state: 'resolved' }) };
    });
    expect(impact.open).toMatchObject({ orders: 2, waitingDeliveries: 4, money: [{ currency: 'USD', minor: 7200 }] });
    expect(impact.open.isLowerBound).toBeUndefined();
    expect(impact.over).toMatchObject({ orders: 0, waitingDeliveries: 0, money: [] });
  });
});

describe('the control tower of a bad day', () => {
  it('counts every open exception, however many, and what they come to', async () => {
    const many = 1_250;
    const order = await submit('MANY');
    const before = await tower();
    await inAcme((tx) =>
      openExceptions(
        tx,
        Array.from({ length: many }, (_, n) => ({
          code: 'BACKORDER' as const,
          dedupeKey: `many-${n}`,
          entityRefs: [],
          cause: 'none left',
          moneyAtRiskMinor: 100,
          currency: 'USD',
          ...(n === 0 ? { orderId: order.id } : {}),
        })),
        api.clock.now(),
      ),
    );
    const { exceptions, totals, atRisk } = await tower();
    expect(exceptions.open - before.exceptions.open).toBe(many);
    const usd = (list: typeof exceptions.moneyAtRisk) => list.find(({ currency }) => currency === 'USD')?.minor ?? 0;
    expect(usd(exceptions.moneyAtRisk) - usd(before.exceptions.moneyAtRisk)).toBe(many * 100);
    expect(totals.withException - before.totals.withException).toBe(1);
    // What the exception puts at risk, not what the order comes to.
    expect(atRisk.find(({ orderId }) => orderId === order.id)).toMatchObject({ code: 'BACKORDER', amountMinor: 100 });
  });
});
