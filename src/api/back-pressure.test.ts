import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { HubError } from '../platform/index.ts';

let api: TestApi;
let closed = false;
beforeAll(async () => {
  api = await testApi({
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
