import { request as httpRequest } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { apex, dc1Stock, ledPrice, putRidgeline } from '../../test/harness/ridgeline-data.ts';
import { silentLogger } from '../platform/index.ts';

let api: TestApi;
let keys = 0;

/** What the hub logged: level and words. */
const said: [string, string][] = [];
const noting = (level: string) => (_facts: unknown, words: string) => void said.push([level, words]);

beforeAll(async () => {
  const log = { ...silentLogger, info: noting('info'), error: noting('error') } as typeof silentLogger;
  api = await testApi({ log });
  await putRidgeline(api);
});
afterAll(() => api?.stop());

const order = (change: object = {}) => ({
  channel: 'portal',
  customer: 'C200',
  customerPo: `P-${(keys += 1)}`,
  lines: [{ sku: 'LED', quantity: { value: '1', uom: 'EA' } }],
  ...change,
});

function send(method: 'POST' | 'PUT', url: string, payload: object, headers: Record<string, string> = {}) {
  const credentials = { authorization: `Bearer ${api.adminKey}`, 'idempotency-key': `k${(keys += 1)}` };
  return api.app.inject({ method, url, payload, headers: { ...credentials, ...headers } });
}

const impossible = ['2026-99-99', '0000-00-00', '2026-02-31', '2025-02-29', '2026-13-45', '2026-00-10', '0026-01-01'];

describe('a day that there is not', () => {
  it.each(impossible)('%s is refused where an order carries one, with its place', async (day) => {
    const [line] = order().lines;
    for (const [change, pointer] of [
      [{ orderDate: day }, '/orderDate'],
      [{ requestedDate: day }, '/requestedDate'],
      [{ windows: { shipNotBefore: day } }, '/windows/shipNotBefore'],
      [{ lines: [{ ...line, requestedDate: day }] }, '/lines/0/requestedDate'],
    ] as const) {
      const reply = await send('POST', '/v1/orders', order(change));
      expect(reply.statusCode).toBe(422);
      expect(reply.json()).toMatchObject({
        code: 'VALIDATION_FAILED',
        errors: [{ pointer, code: 'FORMAT', message: expect.stringContaining('YYYY-MM-DD') }],
      });
    }
  });

  it('is refused in what is configured', async () => {
    const certificates = [{ jurisdiction: 'OH', certNo: '1', validFrom: '2026-02-31', validTo: '2027-01-01' }];
    const match = { 'if-match': '*' };
    for (const reply of [
      await send('PUT', '/v1/prices/LED-LIST', { ...ledPrice, validFrom: '2026-99-99' }, match),
      await send('PUT', '/v1/customers/C200', { ...apex, exemptions: certificates }, match),
      await send('PUT', '/v1/stock-snapshots/DC1', { ...dc1Stock, asOf: '2026-12-31T23:59:60Z' }),
    ]) {
      expect([reply.statusCode, reply.json().code]).toEqual([422, 'VALIDATION_FAILED']);
    }
  });

  it('is none of these', async () => {
    for (const day of ['2028-02-29', '2026-12-31', '9999-12-31']) {
      const reply = await send('POST', '/v1/orders', order({ windows: { cancelAfter: day } }));
      expect(reply.statusCode).toBe(201);
    }
  });
});

describe('a purchase order number', () => {
  it('is the same with blanks around it', async () => {
    const first = await send('POST', '/v1/orders', order({ customerPo: ' PO-blank ' }));
    expect(first.json().customerPo).toBe('PO-blank');
    const again = await send('POST', '/v1/orders', order({ customerPo: 'PO-blank' }));
    expect([again.statusCode, again.json().existingId]).toEqual([409, first.json().id]);
  });

  it.each(['   ', 'PO\n1', 'PO\t1', 'PO\u0085'])('of nothing that can be seen is refused: %j', async (customerPo) => {
    const reply = await send('POST', '/v1/orders', order({ customerPo }));
    expect(reply.json()).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ pointer: '/customerPo' }] });
  });
});

describe('a currency', () => {
  it('is one that there is', async () => {
    const reply = await send('POST', '/v1/orders', order({ currency: 'QQQ' }));
    expect(reply.json()).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ pointer: '/currency', message: expect.stringContaining('ISO 4217') }],
    });
  });
});

describe('what no URL of ours has', () => {
  const get = (url: string, headers: Record<string, string> = {}) =>
    api.app.inject({ url, headers: { authorization: `Bearer ${api.adminKey}`, ...headers } });

  it.each([
    ['/v1/orders?customer=%00', '/customer'],
    ['/v1/search?q=%00', '/q'],
    ['/v1/items/%00', '/sku'],
    ['/v1/exceptions?code=a%00b', '/code'],
    ['/v1/messages?state=%00', '/state'],
  ])('%s is refused with its place', async (url, pointer) => {
    const reply = await get(url);
    expect(reply.statusCode).toBe(422);
    expect(reply.json()).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ pointer }] });
  });

  it.each(['%00', ':x', 'x:', '%00:x'])('/v1/webhooks/%s is no fault of the hub', async (id) => {
    const reply = await api.app.inject({
      method: 'POST',
      url: `/v1/webhooks/${id}`,
      payload: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect([401, 422]).toContain(reply.statusCode);
  });

  it.each([
    ['/v1/inventory', ['inventory', 'zzz']],
    ['/v1/inventory', ['inventory', '["a\u0000","","","",""]']],
    ['/v1/orders', ['orders', 'zzz']],
    ['/v1/messages', ['messages', 'zzz']],
    ['/v1/exceptions', ['exceptions', 'zzz']],
    ['/v1/users', ['users', 'zzz']],
    ['/v1/items', ['items', 'a\u0000']],
    ['/v1/cross-references', ['cross-references', '-1']],
  ])('a forged cursor of %s is refused: %j', async (path, forged) => {
    const after = Buffer.from(JSON.stringify(forged)).toString('base64url');
    const reply = await get(`${path}?after=${after}`);
    expect([reply.statusCode, reply.json().code]).toEqual([400, 'INVALID_CURSOR']);
  });

  it('an id longer than any is not there; another method is told which there are', async () => {
    expect((await get(`/v1/orders/${'a'.repeat(400)}`)).statusCode).toBe(404);
    const reply = await api.app.inject({ method: 'PATCH', url: '/v1/orders' });
    expect([reply.statusCode, reply.headers.allow]).toEqual([405, 'POST, GET, HEAD']);
  });

  it('can be asked for by HEAD wherever it can be read, and never holds a stream open', async () => {
    const headers = { authorization: `Bearer ${api.adminKey}` };
    const head = await api.app.inject({ method: 'HEAD', url: '/v1/items/LED', headers });
    expect([head.statusCode, head.headers.etag, head.body]).toEqual([200, '"1"', '']);
    const stream = await api.app.inject({ method: 'HEAD', url: '/v1/events', headers });
    expect([stream.statusCode, stream.headers.allow]).toEqual([405, 'GET']);
  });

  it('is no fault of the hub when its sender goes away', async () => {
    const url = new URL(await api.app.listen({ port: 0, host: '127.0.0.1' }));
    const request = httpRequest(new URL('/v1/orders', url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${api.adminKey}`,
        'idempotency-key': 'gone',
        'content-type': 'application/json',
        'content-length': '1000',
      },
    });
    request.on('error', () => {});
    const arrived = once(api.app.server, 'request');
    request.write('{"channel":');
    await arrived;
    request.destroy();
    await vi.waitFor(() => expect(said).toContainEqual(['info', expect.stringContaining('went away')]), 5_000);
    expect(said.filter(([level]) => level === 'error')).toEqual([]);
  });

  it('carries a trace even where it cannot be read at all', async () => {
    const reply = await get('/v1/orders/a%ff');
    expect(reply.statusCode).toBeLessThan(500);
    expect(reply.headers.traceparent).toMatch(/^00-/);
    expect(reply.headers.traceparent).toContain(reply.json().instance);
  });

  it('has parameters that a route does not know refused, also where it knows none', async () => {
    const reply = await get('/v1/me?colour=red');
    expect(reply.json()).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ pointer: '/colour' }] });
  });
});

describe('what is known to lead nowhere', () => {
  const get = (url: string) => api.app.inject({ url, headers: { authorization: `Bearer ${api.adminKey}` } });

  it.each([
    ['/v1/exceptions?state=nonsense', '/state', 'waitingPartner'],
    ['/v1/exceptions?ownerRole=king', '/ownerRole', 'customer_service'],
    ['/v1/messages?state=nonsense', '/state', 'superseded'],
  ])('%s is refused, naming the choices', async (url, pointer, choice) => {
    const reply = await get(url);
    expect(reply.json()).toMatchObject({
      errors: [{ pointer, code: 'ENUM', message: expect.stringContaining(choice) }],
    });
  });

  it.each([
    [{ name: ' ', roles: ['edi'] }, '/name'],
    [{ name: 'k', roles: ['edi', 'edi'] }, '/roles'],
    [{ name: 'k', roles: ['edi'], expiresAt: '2026-06-01T12:59:59Z' }, '/expiresAt'],
  ])('a key of %j is refused', async (payload, pointer) => {
    const reply = await send('POST', '/v1/api-keys', payload);
    expect([reply.statusCode, reply.json().errors?.[0]?.pointer]).toEqual([422, pointer]);
  });

  it('a user is created with the ETag that changing it needs', async () => {
    const user = { email: 'new@b.example', displayName: 'New', password: 'long enough 123', roles: ['edi'] };
    const created = await send('POST', '/v1/users', user);
    expect([created.statusCode, created.headers.etag]).toEqual([201, '"1"']);
    const url = `/v1/users/${created.json().id}`;
    const changed = await send('PUT', url, { displayName: 'Newer' }, { 'if-match': created.headers.etag as string });
    expect(changed.statusCode).toBe(200);
  });

  it('too many failed attempts to sign in are told after how long it is worth another', async () => {
    const attempt = () => send('POST', '/v1/session', { email: 'x@y.example', password: 'wrong wrong wrong' });
    for (let n = 0; n < 10; n++) expect((await attempt()).statusCode).toBe(401);
    api.clock.advance(5 * 60_000);
    const refused = await attempt();
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '600']);
    expect(refused.json().detail).toContain('10 minutes');
  });
});
