import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { receive } from '../exchange/index.ts';
import { uuidv7 } from '../platform/index.ts';
import { beginReconciliation } from '../operations/index.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(() => api?.stop());

async function call(method: 'GET' | 'POST' | 'PUT', url: string, payload?: object, more = {}) {
  const headers = { authorization: `Bearer ${api.adminKey}`, 'idempotency-key': uuidv7(), ...more };
  const reply = await api.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  return { status: reply.statusCode, body: reply.json(), etag: reply.headers.etag };
}

it('changes retention under its version, and says what may leave', async () => {
  const first = await call('GET', '/v1/retention');
  expect([first.body.enabled, first.etag]).toEqual([false, '"0"']);
  const wanted = { enabled: true, messagesKeptDays: 90, eventsKeptDays: 90, deliveriesKeptDays: 90 };
  expect((await call('PUT', '/v1/retention', { ...wanted, messagesKeptDays: 1 })).status).toBe(422);
  const changed = await call('PUT', '/v1/retention', wanted, { 'if-match': first.etag });
  expect([changed.status, changed.etag]).toEqual([200, '"1"']);
  expect((await call('PUT', '/v1/retention', wanted, { 'if-match': first.etag })).status).toBe(412);
  const { body } = await call('GET', '/v1/retention/partitions');
  expect(new Set(body.data.map(({ table }: { table: string }) => table))).toEqual(
    new Set(['message', 'message_chunk', 'document', 'event', 'attempt', 'attempt_batch', 'delivery']),
  );
});

it('places and releases legal holds, with their reasons in the audit', async () => {
  const wrong = await call('POST', '/v1/legal-holds', { kind: 'partner', reason: 'case 7' });
  expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([422, '/partner']);
  // Known by what it sent alone.
  await api.services.db.tx('acme', (tx) =>
    receive(tx, [{ channel: 'edi-http', contentType: 'x', bytes: Buffer.from('x'), partner: 'C100' }]),
  );
  const hold = await call('POST', '/v1/legal-holds', { kind: 'partner', partner: 'C100', reason: 'case 7' });
  expect(hold).toMatchObject({ status: 201, body: { partner: 'C100', placedBy: 'admin-key' } });
  expect((await call('GET', '/v1/legal-holds?standing=true')).body.data).toHaveLength(1);
  const released = await call('POST', `/v1/legal-holds/${hold.body.id}/release`, { reason: 'closed' });
  expect(released.body).toMatchObject({ releasedBy: 'admin-key' });
  expect((await call('GET', '/v1/legal-holds?standing=true')).body.data).toEqual([]);
  const { body } = await call('GET', `/v1/audit?subjectId=${hold.body.id}`);
  expect(body.data.map(({ action }: { action: string }) => action)).toEqual(['hold.release', 'hold.place']);
});

it('refuses a hold that would keep nothing, or something else than was asked for', async () => {
  const pointerOf = async (body: object): Promise<unknown> => {
    const reply = await call('POST', '/v1/legal-holds', { reason: 'case 8', ...body });
    return reply.status === 422 ? reply.body.errors?.[0].pointer : reply.status;
  };
  const known = { kind: 'partner', partner: 'C100' };
  expect(await pointerOf({ kind: 'partner', partner: 'C1OO' })).toBe('/partner');
  expect(await pointerOf({ kind: 'order', orderId: '01940000-0000-7000-8000-000000000000' })).toBe('/orderId');
  expect(await pointerOf({ ...known, since: '2020-01-01T00:00:00Z', until: '2021-01-01T00:00:00Z' })).toBe('/since');
  expect(await pointerOf({ kind: 'range' })).toBe('/since');
  const open = await call('POST', '/v1/legal-holds', {
    kind: 'range',
    until: '2021-01-01T00:00:00Z',
    reason: 'case 8',
  });
  expect(open.body).toMatchObject({ since: '1970-01-01T00:00:00.000Z', until: '2021-01-01T00:00:00.000Z' });
});

it('tells of a restored hub on the control tower until people have compared', async () => {
  expect((await call('GET', '/v1/reconciliation')).body).toEqual({ active: false });
  const { db, clock } = api.services;
  await db.tx('acme', (tx) => beginReconciliation(tx, { clock }, { reason: 'restored', actor: 'local:root' }));
  expect((await call('GET', '/v1/reconciliation')).body).toMatchObject({ active: true, reason: 'restored' });
  expect((await call('GET', '/v1/control-tower')).body.reconciliation).toMatchObject({ reason: 'restored' });
  expect((await call('POST', '/v1/reconciliation/check', {})).body).toEqual({ data: [] });
  const ended = await call('POST', '/v1/reconciliation/end', { reason: 'compared', resume: true });
  expect(ended.body).toEqual({ resumed: [] });
  expect((await call('POST', '/v1/reconciliation/end', { reason: 'again' })).body.code).toBe('CONFLICT');
});
