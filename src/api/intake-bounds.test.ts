import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { type IntakeGate, createIntakeGate } from '../queue/index.ts';
import { silentLogger, systemClock } from '../platform/index.ts';

let api: TestApi;
let gate: IntakeGate;
beforeAll(async () => {
  api = await testApi({ gate: { admit: (tenant) => gate.admit(tenant), ofTenant: (tenant) => gate.ofTenant(tenant) } });
  gate = createIntakeGate({
    engine: api.database.engine,
    clock: systemClock,
    log: silentLogger,
    limits: { ...api.services.config.openMax, freeBytes: 0 },
  });
});
afterAll(() => api.stop());

const call = async (method: 'GET' | 'PUT' | 'PATCH' | 'POST', url: string, payload?: object, version?: number) => {
  const headers = {
    authorization: `Bearer ${api.adminKey}`,
    ...(method === 'POST' ? { 'idempotency-key': `${url}${Math.random()}` } : {}),
    ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
  };
  return api.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
};
const edi = () =>
  api.app.inject({
    method: 'POST',
    url: '/v1/edi/inbound',
    payload: 'ISA*00',
    headers: {
      authorization: `Bearer ${api.adminKey}`,
      'content-type': 'text/plain',
      'idempotency-key': String(Math.random()),
    },
  });
const audited = async (action: string) => {
  const found = await api.database.owner.query(
    'SELECT reason, detail::jsonb FROM audit_entry WHERE action = $1 ORDER BY sequence',
    [action],
  );
  return found.rows;
};
const written = async (): Promise<number> =>
  (await api.database.owner.query('SELECT count(*)::int AS n FROM message')).rows[0].n;

async function enqueue(count: number): Promise<void> {
  await api.database.app.tx('acme', (tx) =>
    api.services.queue.enqueue(
      tx,
      Array.from({ length: count }, (_, n) => ({
        destination: 'erp',
        key: `k${n}`,
        operation: 'order.create',
        payload: { kind: 'command' as const, entity: { kind: 'order' as const, id: `k${n}` } },
        correlationId: 'c',
      })),
    ),
  );
}

test('a bound of a destination closes the doors before anything is written, and taking it away opens them', async () => {
  await enqueue(20);
  await gate.look();
  expect((await edi()).statusCode).toBe(202);
  const before = (await call('GET', '/v1/destinations/erp')).json();
  expect(before).toMatchObject({ openMaxInForce: 500_000 });
  expect(before.openMax).toBeUndefined();
  const bound = { openMax: 20, reason: 'the ERP takes a day for more' };
  expect((await call('PATCH', '/v1/destinations/erp', bound)).statusCode).toBe(428);
  const set = await call('PATCH', '/v1/destinations/erp', bound, before.version);
  expect(set.json()).toMatchObject({ openMax: 20, openMaxInForce: 20 });
  // Who had read it before that has to look again.
  expect((await call('PATCH', '/v1/destinations/erp', bound, before.version)).statusCode).toBe(412);
  await gate.look();
  const messages = await written();
  const refused = await edi();
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '30']);
  expect(refused.json()).toMatchObject({ code: 'INTAKE_CLOSED', detail: expect.stringContaining('erp: 20 open') });
  expect(await written()).toBe(messages);
  // Another change of the destination leaves the bound alone; null takes it away.
  const { version } = (await call('GET', '/v1/destinations/erp')).json();
  const other = await call('PATCH', '/v1/destinations/erp', { concurrency: 3, reason: 'a test' }, version);
  expect(other.json().openMax).toBe(20);
  const gone = await call('PATCH', '/v1/destinations/erp', { openMax: null, reason: 'it is faster now' }, version + 1);
  expect(gone.json()).toMatchObject({ openMaxInForce: 500_000 });
  await gate.look();
  expect((await edi()).statusCode).toBe(202);
  expect(await audited('destination.configure')).toMatchObject([
    { reason: bound.reason, detail: { openMax: 20 } },
    {},
    { detail: { openMax: null } },
  ]);
  expect((await call('PATCH', '/v1/destinations/erp', { openMax: 0, reason: 'no' }, version + 2)).statusCode).toBe(422);
});

test('a tenant has a bound too, under its version, audited; another tenant is not affected', async () => {
  const first = await call('GET', '/v1/intake');
  expect(first.headers.etag).toBe('"0"');
  expect(first.json()).toMatchObject({ openMaxInForce: 1_000_000, version: 0 });
  expect(first.json().openDeliveries).toBeGreaterThanOrEqual(20);
  const bound = { openMax: 10, reason: 'a small desk' };
  expect((await call('PUT', '/v1/intake', bound)).statusCode).toBe(428);
  expect((await call('PUT', '/v1/intake', bound, 0)).json()).toMatchObject({ openMax: 10, version: 1 });
  expect((await call('PUT', '/v1/intake', bound, 0)).statusCode).toBe(412);
  await gate.look();
  expect((await call('GET', '/v1/intake')).json().closed).toMatch(/open deliveries, 10 allowed/);
  expect((await edi()).statusCode).toBe(503);
  gate.admit('other');
  expect((await call('PUT', '/v1/intake', { reason: 'as the hub says' }, 1)).json().openMax).toBeUndefined();
  await gate.look();
  expect((await edi()).statusCode).toBe(202);
  expect(await audited('intake.configure')).toEqual([
    { reason: bound.reason, detail: { openMax: 10 } },
    { reason: 'as the hub says', detail: { openMax: null } },
  ]);
});
