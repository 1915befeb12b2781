import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { putRidgeline } from '../../test/harness/ridgeline-data.ts';
import { openExceptions } from '../exceptions/index.ts';
import { bodyLimitBytes } from './index.ts';

let api: TestApi;
let keys = 0;

beforeAll(async () => {
  api = await testApi();
  await putRidgeline(api);
});
afterAll(() => api?.stop());

const auth = () => ({ authorization: `Bearer ${api.adminKey}` });

function post(url: string, payload: string | Buffer | object, headers: Record<string, string> = {}) {
  return api.app.inject({
    method: 'POST',
    url,
    payload,
    headers: {
      ...auth(),
      'content-type': 'application/json',
      'idempotency-key': `k${(keys += 1)}`,
      ...headers,
    },
  });
}

const get = (url: string) => api.app.inject({ url, headers: auth() });

const order = (customerPo: string, change: object = {}) => ({
  channel: 'portal',
  customer: 'C200',
  customerPo,
  lines: [{ sku: 'LED', quantity: { value: '10', uom: 'EA' } }],
  ...change,
});

async function countOf(table: string): Promise<number> {
  const { rows } = await api.database.owner.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
  return rows[0]!.n;
}

describe('POST /v1/orders', () => {
  it('answers 201 with where the order is, its version and the order itself', async () => {
    const reply = await post('/v1/orders', order('P-1'));
    expect(reply.statusCode).toBe(201);
    const body = reply.json();
    expect(reply.headers.location).toBe(`/v1/orders/${body.id}`);
    expect(reply.headers.etag).toBe(`"${body.version}"`);
    expect(body).toMatchObject({
      customerPo: 'P-1',
      status: { milestone: expect.any(String), onHold: false, exception: false, invoice: 'none', payment: 'unpaid' },
      lines: [{ lineNo: 1, sku: 'LED', ordered: { value: '10', uom: 'EA' }, q: { ordered: '10', shipped: '0' } }],
    });
    expect((await get(`/v1/orders/${body.id}`)).json()).toMatchObject({ id: body.id, orderNo: body.orderNo });
  });

  it('goes on with the caller’s trace: it is the order’s correlation id', async () => {
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const reply = await post('/v1/orders', order('P-trace'), { traceparent: `00-${trace}-b7ad6b7169203331-01` });
    expect(reply.json().correlationId).toBe(trace);
    expect(reply.headers.traceparent).toMatch(new RegExp(`^00-${trace}-`));
  });

  it('takes a GTIN for an item and a box for its pieces', async () => {
    const lines = [{ gtin: '00614141100088', quantity: { value: '2', uom: 'BX' } }];
    const reply = await post('/v1/orders', order('P-gtin', { lines }));
    expect(reply.json().lines[0]).toMatchObject({
      sku: 'LED',
      ordered: { value: '2', uom: 'BX' },
      q: { ordered: '12' },
    });
  });

  it('answers the same key and body with the same order, and writes it once', async () => {
    const before = await countOf('sales_order');
    const headers = { 'idempotency-key': 'same-key' };
    const [first, second] = [
      await post('/v1/orders', order('P-same'), headers),
      await post('/v1/orders', order('P-same'), headers),
    ];
    expect(second.statusCode).toBe(201);
    expect(second.json()).toEqual(first.json());
    expect(await countOf('sales_order')).toBe(before + 1);
  });

  it('refuses the same key with another body, and writes nothing', async () => {
    const headers = { 'idempotency-key': 'reused-key' };
    await post('/v1/orders', order('P-reuse-1'), headers);
    const before = await countOf('sales_order');
    const reply = await post('/v1/orders', order('P-reuse-2'), headers);
    expect(reply.statusCode).toBe(422);
    expect(reply.json().code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await countOf('sales_order')).toBe(before);
  });

  it('answers the same purchase order under a new key with 409 and the order that is there', async () => {
    const first = await post('/v1/orders', order('P-dup'));
    const reply = await post('/v1/orders', order('P-dup'));
    expect(reply.statusCode).toBe(409);
    expect(reply.headers['content-type']).toMatch('application/problem+json');
    expect(reply.json()).toMatchObject({ code: 'DUPLICATE_ORDER', status: 409, existingId: first.json().id });
  });

  it('makes one order of fifty that come at once with one key', async () => {
    const before = await countOf('sales_order');
    const headers = { 'idempotency-key': 'fifty' };
    const replies = await Promise.all(Array.from({ length: 50 }, () => post('/v1/orders', order('P-fifty'), headers)));
    const created = replies.filter((reply) => reply.statusCode === 201);
    expect(new Set(created.map((reply) => reply.json().id)).size).toBe(1);
    expect(replies.every((reply) => reply.statusCode === 201 || reply.json().code === 'IDEMPOTENCY_IN_FLIGHT')).toBe(
      true,
    );
    expect(await countOf('sales_order')).toBe(before + 1);
  });

  it.each([
    ['UNKNOWN_CUSTOMER', { customer: 'C999' }],
    ['UNKNOWN_ITEM', { lines: [{ sku: 'NOPE', quantity: { value: '1', uom: 'EA' } }] }],
    ['UOM_UNKNOWN', { lines: [{ sku: 'LED', quantity: { value: '1', uom: 'KG' } }] }],
    ['UOM_INEXACT', { lines: [{ sku: 'LED', quantity: { value: '0.5', uom: 'EA' } }] }],
    ['QUANTITY_INVALID', { lines: [{ sku: 'LED', quantity: { value: '999999999999999999', uom: 'EA' } }] }],
    ['MONEY_INVALID', { lines: [{ sku: 'LED', quantity: { value: '999999999999', uom: 'EA' } }] }],
  ])('refuses %s with 422, no order, and an exception for people', async (code, change) => {
    const before = await countOf('sales_order');
    const reply = await post('/v1/orders', order(`P-${code}`, change));
    expect(reply.statusCode).toBe(422);
    expect(reply.json()).toMatchObject({ code, status: 422, exceptionId: expect.any(String) });
    expect(await countOf('sales_order')).toBe(before);
    const exception = await get(`/v1/exceptions/${reply.json().exceptionId}`);
    expect(exception.json().code).toBe(code);
  });

  it('takes a known customer’s unknown ship-to as an order on hold', async () => {
    const reply = await post(
      '/v1/orders',
      order('P-shipto', { shipTo: { code: { qualifier: 'UL', code: '0614141900206' } } }),
    );
    expect(reply.statusCode).toBe(201);
    expect(reply.json().status.onHold).toBe(true);
    expect(reply.json().holds.map((hold: { code: string }) => hold.code)).toContain('SHIPTO_INVALID');
  });

  it('waits for the decision when asked to, and not longer than asked', async () => {
    const pending = post('/v1/orders', order('P-wait'), { prefer: 'wait=1' });
    const tick = setInterval(() => api.clock.advance(50), 5);
    const reply = await pending.finally(() => clearInterval(tick));
    // Nobody works the lanes in this test: the answer is what was known at once, and does not claim to have waited.
    expect(reply.statusCode).toBe(201);
    expect(reply.headers['preference-applied']).toBeUndefined();
  });
});

describe('a body that is not an order', () => {
  const valid = JSON.stringify(order('P-bad'));

  it.each([
    ['malformed JSON', '{"channel":', 400, 'MALFORMED_JSON', 'SYNTAX'],
    ['nothing at all', '', 400, 'MALFORMED_JSON', 'SYNTAX'],
    ['a repeated name', valid.replace('"channel"', '"channel":"x","channel"'), 400, 'MALFORMED_JSON', 'DUPLICATE_KEY'],
    ['__proto__', valid.replace('{', '{"__proto__":{"roles":["admin"]},'), 400, 'MALFORMED_JSON', 'FORBIDDEN_KEY'],
    ['65 levels', '['.repeat(65) + ']'.repeat(65), 400, 'MALFORMED_JSON', 'TOO_DEEP'],
    ['100,001 values', `[${'1,'.repeat(100_000)}1]`, 400, 'MALFORMED_JSON', 'TOO_MANY_VALUES'],
    ['an unknown field', valid.replace('{', '{"colour":"red",'), 422, 'VALIDATION_FAILED', 'UNKNOWN_FIELD'],
    ['no lines', JSON.stringify(order('P-bad', { lines: [] })), 422, 'VALIDATION_FAILED', 'MINITEMS'],
    ['a number for a quantity', valid.replace('"10"', '10'), 422, 'VALIDATION_FAILED', 'TYPE'],
    ['an array', `[${valid}]`, 422, 'VALIDATION_FAILED', 'TYPE'],
    ['NUL in a text', valid.replace('P-bad', 'P\\u0000'), 400, 'MALFORMED_JSON', 'INVALID_TEXT'],
  ])('refuses %s, writes no order, and shows it to people', async (_what, body, status, code, detail) => {
    const before = await countOf('sales_order');
    const reply = await post('/v1/orders', body);
    expect(reply.statusCode).toBe(status);
    expect(reply.headers['content-type']).toMatch('application/problem+json');
    expect(reply.json()).toMatchObject({ code, status, instance: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(reply.json().errors[0].code).toBe(detail);
    expect(await countOf('sales_order')).toBe(before);
    const [newest] = (await get('/v1/messages?state=refused&limit=1')).json().data;
    expect(newest).toMatchObject({ channel: 'api', state: 'refused', byteLength: Buffer.byteLength(body) });
    expect(newest.reason).toContain(code);
    const exception = (await get(`/v1/exceptions/${reply.json().exceptionId}`)).json();
    expect(exception).toMatchObject({ code: 'INVALID_INPUT', class: 'data' });
    // One client's mistakes of a kind are one exception, which is announced when it opens.
    const news = await api.database.app.tx('acme', (tx) =>
      tx.query('SELECT type FROM event WHERE entity_id = $1', [exception.id]),
    );
    expect(news).toEqual([{ type: 'ops.exception.opened' }]);
  });

  it('refuses one byte more than 10 MB with 413, and takes 10 MB', async () => {
    const padded = (length: number): string => {
      const text = JSON.stringify(order('P-big', { notes: [] }));
      return text + ' '.repeat(length - text.length);
    };
    const over = await post('/v1/orders', padded(bodyLimitBytes + 1));
    expect(over.statusCode).toBe(413);
    expect(over.json()).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', exceptionId: expect.any(String) });
    const [newest] = (await get('/v1/messages?state=refused&limit=1')).json().data;
    expect(newest.reason).toContain('PAYLOAD_TOO_LARGE');
    expect((await post('/v1/orders', padded(bodyLimitBytes))).statusCode).toBe(201);
  });

  it('refuses other media types, and a missing key', async () => {
    expect((await post('/v1/orders', valid, { 'content-type': 'text/plain' })).json().code).toBe(
      'UNSUPPORTED_MEDIA_TYPE',
    );
    expect((await post('/v1/orders', valid, { 'content-type': 'application/xml' })).statusCode).toBe(415);
    const { 'idempotency-key': _, ...headers } = {
      ...auth(),
      'content-type': 'application/json',
      'idempotency-key': '',
    };
    const reply = await api.app.inject({ method: 'POST', url: '/v1/orders', payload: valid, headers });
    expect(reply.statusCode).toBe(400);
    expect(reply.json().code).toBe('IDEMPOTENCY_KEY_REQUIRED');
  });
});

describe('reading orders', () => {
  it('finds one by purchase order and customer', async () => {
    await post('/v1/orders', order('P-find'));
    const reply = await get('/v1/orders?customerPo=P-find&customer=C200');
    expect(reply.json().data).toMatchObject([
      { customerPo: 'P-find', customer: 'C200', lineCount: 1, amountMinor: 18_000 },
    ]);
    expect((await get('/v1/orders?customerPo=P-find&customer=C300')).json().data).toEqual([]);
  });

  it('tells apart those with an exception and those on hold', async () => {
    const held = (await post('/v1/orders', order('P-apart', { shipTo: { code: { code: 'NOWHERE' } } }))).json();
    const ids = async (query: string): Promise<string[]> =>
      (await get(`/v1/orders?limit=500&${query}`)).json().data.map((row: { id: string }) => row.id);
    expect(await ids('onHold=true')).toContain(held.id);
    expect(await ids('onHold=false')).not.toContain(held.id);
    const opened = {
      code: 'BACKORDER' as const,
      dedupeKey: 'apart',
      entityRefs: [],
      orderId: held.id as string,
      cause: 'x',
    };
    await api.database.app.tx('acme', (tx) => openExceptions(tx, [opened], api.clock.now()));
    expect(await ids('exception=true')).toContain(held.id);
    expect(await ids('exception=false')).not.toContain(held.id);
    expect(await ids('exception=false')).not.toHaveLength(0);
  });

  it('pages through all of them, each once, newest first', async () => {
    const seen: string[] = [];
    let url: string | undefined = '/v1/orders?limit=3';
    while (url !== undefined) {
      const { data, nextCursor } = (await get(url)).json() as { data: { id: string }[]; nextCursor?: string };
      seen.push(...data.map((row) => row.id));
      url = nextCursor === undefined ? undefined : `/v1/orders?limit=3&after=${nextCursor}`;
    }
    expect(seen).toHaveLength(await countOf('sales_order'));
    expect(seen).toEqual([...new Set(seen)].sort().reverse());
  });

  it.each([
    ['/v1/orders?after=nonsense', 400, 'INVALID_CURSOR'],
    ['/v1/orders?limit=0', 422, 'VALIDATION_FAILED'],
    ['/v1/orders?limit=501', 422, 'VALIDATION_FAILED'],
    ['/v1/orders?milestone=lost', 422, 'VALIDATION_FAILED'],
    ['/v1/orders?colour=red', 422, 'VALIDATION_FAILED'],
    ['/v1/orders/not-a-uuid', 404, 'NOT_FOUND'],
    ['/v1/orders/00000000-0000-7000-8000-000000000000', 404, 'NOT_FOUND'],
    ['/v1/nothing', 404, 'NOT_FOUND'],
  ])('answers %s with %i', async (url, status, code) => {
    const reply = await get(url);
    expect(reply.statusCode).toBe(status);
    expect(reply.json()).toMatchObject({ code, status });
  });

  it('answers a method that a path does not know with 405', async () => {
    const reply = await api.app.inject({ method: 'DELETE', url: '/v1/orders', headers: auth() });
    expect(reply.statusCode).toBe(405);
    expect(reply.json().code).toBe('METHOD_NOT_ALLOWED');
  });

  it('tells an order’s story', async () => {
    const { id, correlationId } = (await post('/v1/orders', order('P-story'))).json();
    const timeline = (await get(`/v1/orders/${id}/timeline`)).json();
    expect(timeline).toMatchObject({ orderId: id, correlationId, truncated: false });
    expect(timeline.lanes.map((lane: { id: string }) => lane.id)).toEqual(expect.arrayContaining(['hub', 'api']));
    const told = timeline.entries.map(
      (entry: { lane: string; code?: string; kind: string }) => `${entry.lane} ${entry.kind} ${entry.code}`,
    );
    expect(told).toEqual(expect.arrayContaining(['hub event sales.order.received', 'api message order']));
  });
});

describe('POST /v1/orders/import', () => {
  const csv = (text: string, headers: Record<string, string> = {}) =>
    post('/v1/orders/import', text, { 'content-type': 'text/csv', ...headers });
  const header = 'customer,customer_po,sku,quantity,uom\n';

  it('reports every row; a bad row refuses its whole order and no other', async () => {
    const before = await countOf('sales_order');
    const reply = await csv(`${header}C200,I-1,LED,1,EA\nC200,I-2,LED,2,EA\nC200,I-2,LED,x,EA\nC200,I-3,NOPE,1,EA\n`);
    expect(reply.statusCode).toBe(200);
    const report = reply.json();
    expect(report).toMatchObject({ created: 1, duplicates: 0, refused: 2, messageId: expect.any(String) });
    expect(report.rows).toMatchObject([
      { row: 2, outcome: 'accepted', errors: [] },
      { row: 3, outcome: 'refused', errors: [] },
      { row: 4, outcome: 'refused', errors: [{ column: 'quantity', code: 'QUANTITY_INVALID' }] },
      { row: 5, outcome: 'refused', errors: [{ column: 'sku', code: 'UNKNOWN_ITEM' }] },
    ]);
    expect(await countOf('sales_order')).toBe(before + 1);
  });

  it('answers the same key and file again with the same orders', async () => {
    const file = `${header}C200,I-10,LED,1,EA\nC200,I-11,LED,1,EA\n`;
    const headers = { 'idempotency-key': 'import-again' };
    const first = (await csv(file, headers)).json();
    const before = await countOf('sales_order');
    const second = (await csv(file, headers)).json();
    expect(second.orders.map((entry: { orderId: string }) => entry.orderId)).toEqual(
      first.orders.map((entry: { orderId: string }) => entry.orderId),
    );
    expect(await countOf('sales_order')).toBe(before);
    expect((await csv(`${file}C200,I-12,LED,1,EA\n`, headers)).json().code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('names a purchase order that is there already', async () => {
    await post('/v1/orders', order('I-20'));
    const report = (await csv(`${header}C200,I-20,LED,10,EA\n`)).json();
    expect(report).toMatchObject({
      created: 0,
      duplicates: 1,
      orders: [{ outcome: 'duplicate', orderId: expect.any(String) }],
    });
  });

  it('refuses a file of which nothing can be read, and shows it to people', async () => {
    const reply = await csv(`${header}C200,I-30,LED,many,EA\n`);
    expect(reply.statusCode).toBe(422);
    expect(reply.json()).toMatchObject({ code: 'IMPORT_INVALID', errors: [{ pointer: '/rows/2/quantity' }] });
    expect((await csv('a,b\n1,2\n')).json().code).toBe('IMPORT_INVALID');
    const [newest] = (await get('/v1/messages?state=refused&limit=1')).json().data;
    expect(newest.channel).toBe('csv');
  });

  it('reports an order that fails beside those that are taken, and the report again under its key', async () => {
    const real = api.services.intake;
    let down = true;
    (api.services as { intake: unknown }).intake = {
      ...real,
      submit: (tenantId: string, request: Parameters<typeof real.submit>[1]) =>
        down && request.submission.customerPo === 'I-41'
          ? Promise.reject(new Error('a condition nobody thought of'))
          : real.submit(tenantId, request),
    };
    const file = `${header}C200,I-40,LED,1,EA\nC200,I-41,LED,1,EA\n`;
    const headers = { 'idempotency-key': 'import-fails' };
    const reply = await csv(file, headers);
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toMatchObject({
      created: 1,
      refused: 1,
      orders: [{ outcome: 'created' }, { outcome: 'refused', code: 'INTERNAL' }],
      rows: [
        { row: 2, outcome: 'accepted' },
        { row: 3, outcome: 'refused', errors: [{ code: 'INTERNAL' }] },
      ],
    });
    expect(reply.body).not.toContain('nobody thought of');
    const repeated = await csv(file, headers);
    expect(repeated.json()).toMatchObject({ created: 1, refused: 1 });
    // What failed for a while is tried again; once everything has an answer, this is what the key answers.
    down = false;
    const whole = (await csv(file, headers)).json();
    expect(whole).toMatchObject({ created: 2, refused: 0 });
    down = true;
    expect((await csv(file, headers)).json()).toEqual(whole);
    (api.services as { intake: unknown }).intake = real;
  });

  it('offers its template', async () => {
    const template = await get('/v1/orders/import/template.csv');
    expect(template.headers['content-type']).toMatch('text/csv');
    const report = (await csv(template.body)).json();
    expect(report).toMatchObject({ created: 1, refused: 0 });
  });
});
