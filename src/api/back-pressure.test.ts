import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { intakeCheck } from '../app/intake.ts';
import { HubError } from '../platform/index.ts';

let api: TestApi;
let closed = false;
let reachable = true;
beforeAll(async () => {
  api = await testApi({
    readiness: async () => [
      { name: 'database', ok: reachable },
      intakeCheck({ status: { ...(closed ? { closed: 'full' } : {}), closedTenants: 0, openDeliveries: 0 } }),
    ],
    gate: {
      admit(tenantId) {
        if (closed && tenantId === 'acme') throw new HubError('INTAKE_CLOSED', { message: 'too much is open' });
      },
    },
  });
});
afterAll(() => api.stop());

const post = (url: string, payload: string | object, headers: Record<string, string> = {}) =>
  api.app.inject({
    method: 'POST',
    url,
    payload,
    headers: { authorization: `Bearer ${api.adminKey}`, 'idempotency-key': url, ...headers },
  });

test('every door answers 503 with Retry-After before anything is written; what is inside can be read and changed', async () => {
  closed = true;
  const order = { channel: 'portal', customer: 'C200', lines: [{ sku: 'LED', quantity: { value: '1', uom: 'EA' } }] };
  const replies = [
    await post('/v1/orders', order),
    await post('/v1/orders/import', 'customer,sku\nC200,LED\n', { 'content-type': 'text/csv' }),
    await post('/v1/edi/inbound', 'ISA*00', { 'content-type': 'text/plain' }),
  ];
  for (const reply of replies) {
    expect(reply.statusCode).toBe(503);
    expect(reply.headers['retry-after']).toBe('30');
    expect(reply.headers['content-type']).toContain('application/problem+json');
    expect(reply.json()).toMatchObject({ code: 'INTAKE_CLOSED', detail: 'too much is open' });
  }
  const { rows } = await api.database.owner.query(
    'SELECT (SELECT count(*) FROM message)::int + (SELECT count(*) FROM delivery)::int AS written',
  );
  expect(rows).toEqual([{ written: 0 }]);
  const read = await api.app.inject({ url: '/v1/orders', headers: { authorization: `Bearer ${api.adminKey}` } });
  expect(read.statusCode).toBe(200);
  closed = false;
  expect((await post('/v1/edi/inbound', 'ISA*00', { 'content-type': 'text/plain' })).statusCode).toBe(202);
});

test('a webhook is refused likewise, once it has proved where it comes from', async () => {
  const webhookSecret = `whsec_${Buffer.from('a webhook secret of forty characters ...').toString('base64')}`;
  const settings = { baseUrl: 'http://127.0.0.1:8091', allowPrivateNetwork: true };
  const payload = { id: 'erp', type: 'demo-erp', role: 'erp', settings, secrets: { apiKey: 'k', webhookSecret } };
  const headers = { authorization: `Bearer ${api.adminKey}` };
  expect((await api.app.inject({ method: 'PUT', url: '/v1/connections/erp', payload, headers })).statusCode).toBe(201);
  const body = JSON.stringify({ type: 'order.status', data: { externalId: 'o-1', status: 'CONFIRMED' } });
  const at = api.clock.now();
  const send = (secret: string) =>
    api.app.inject({
      method: 'POST',
      url: '/v1/webhooks/erp',
      payload: body,
      headers: {
        'content-type': 'application/json',
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': new Webhook(secret).sign('msg_1', at, body),
      },
    });
  closed = true;
  // Whoever cannot sign does not learn how full the hub is.
  expect(
    (await send(`whsec_${Buffer.from('another secret of forty characters ....').toString('base64')}`)).statusCode,
  ).toBe(401);
  const refused = await send(webhookSecret);
  expect(refused.statusCode).toBe(503);
  expect(refused.headers['retry-after']).toBe('30');
  closed = false;
  // The same webhook again: what was refused was not remembered as taken in.
  const taken = await send(webhookSecret);
  expect(taken.statusCode).toBe(202);
  expect(taken.json().duplicateOf).toBeUndefined();
});

test('a balancer keeps a process whose doors are closed, and takes out one without a database', async () => {
  const probe = async (): Promise<[number, string]> => {
    const reply = await api.app.inject({ url: '/readyz' });
    return [reply.statusCode, reply.json().status];
  };
  expect(await probe()).toEqual([200, 'ok']);
  closed = true;
  expect(await probe()).toEqual([200, 'degraded']);
  const { checks } = (await api.app.inject({ url: '/readyz' })).json();
  expect(checks[1]).toEqual({ name: 'intake', ok: true, degraded: true, detail: 'nothing new is taken in: full' });
  reachable = false;
  expect(await probe()).toEqual([503, 'failing']);
  closed = false;
  reachable = true;
});
