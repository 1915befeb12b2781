import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { putRidgeline } from '../../test/harness/ridgeline-data.ts';
import { createApiKey, type Role } from '../security/index.ts';

let api: TestApi;
let id: string;
beforeAll(async () => {
  api = await testApi();
  await putRidgeline(api);
  const line = { sku: 'LED', quantity: { value: '2', uom: 'EA' } };
  const made = await api.app.inject({
    method: 'POST',
    url: '/v1/orders',
    payload: { channel: 'portal', customer: 'C200', lines: [line, line] },
    headers: { authorization: `Bearer ${api.adminKey}`, 'idempotency-key': 'hold' },
  });
  ({ id } = made.json());
});
afterAll(() => api?.stop());

async function keyOf(role: Role): Promise<string> {
  const { db, clock } = api.services;
  const asked = { name: `the ${role}`, roles: [role], createdBy: 'test' };
  return (await db.tx('acme', (tx) => createApiKey(tx, clock, asked))).key;
}
const post = async (key: string, deed: 'hold' | 'release-hold', payload: object, version = '*') => {
  const headers = { authorization: `Bearer ${key}`, 'if-match': version };
  const reply = await api.app.inject({ method: 'POST', url: `/v1/orders/${id}/${deed}`, payload, headers });
  return { status: reply.statusCode, etag: reply.headers.etag, ...reply.json() };
};
const read = async (url: string) =>
  (await api.app.inject({ url, headers: { authorization: `Bearer ${api.adminKey}` } })).json();

it('an order is held and released by who may, with a reason and the version that was seen', async () => {
  const desk = await keyOf('customer_service');
  const reason = 'the buyer rings back';
  expect((await post(await keyOf('finance'), 'hold', { reason })).code).toBe('FORBIDDEN');
  expect((await post(desk, 'hold', {})).code).toBe('VALIDATION_FAILED');
  expect((await post(desk, 'hold', { reason, lines: [] })).code).toBe('VALIDATION_FAILED');
  expect((await post(desk, 'hold', { reason, lines: [3] })).code).toBe('NOT_FOUND');
  expect((await post(desk, 'hold', { reason }, '"99"')).code).toBe('PRECONDITION_FAILED');
  const preview = await post(desk, 'hold', { reason, preview: true });
  expect(preview).toMatchObject({ preview: true, order: { status: { onHold: true } } });
  expect((await read(`/v1/orders/${id}`)).status.onHold).toBe(false);

  const held = await post(desk, 'hold', { reason });
  expect([held.status, held.order.holds[0].code]).toEqual([200, 'MANUAL_HOLD']);
  expect(await post(desk, 'hold', { reason }, held.etag)).toMatchObject({ status: 409, code: 'CONFLICT' });
  const { data: open } = await read(`/v1/exceptions?orderId=${id}`);
  expect(open).toMatchObject([{ code: 'MANUAL_HOLD', cause: `the customer_service holds the order: ${reason}` }]);

  const freed = await post(desk, 'release-hold', { reason: 'agreed' }, held.etag);
  expect([freed.status, freed.order.status.onHold]).toEqual([200, false]);
  expect((await post(desk, 'release-hold', { reason: 'agreed' })).code).toBe('CONFLICT');
  const { data: audit } = await read(`/v1/audit?subjectId=${id}`);
  expect(audit).toMatchObject([
    { action: 'order.release-hold', reason: 'agreed' },
    { action: 'order.hold', reason },
  ]);
  const { entries } = await read(`/v1/orders/${id}/timeline`);
  const details = entries.flatMap((entry: { title: string; detail?: string }) =>
    /^(On hold|Hold lifted): held by hand/i.test(entry.title) ? [entry.detail] : [],
  );
  expect(details).toEqual([`${reason}, by the customer_service`, 'agreed, by the customer_service']);
});

it('lets nobody but them release it by its exception', async () => {
  await post(await keyOf('operations'), 'hold', { reason: 'wait', lines: [1] });
  const [exception] = (await read(`/v1/exceptions?orderId=${id}&state=open`)).data;
  const reply = await api.app.inject({
    method: 'POST',
    url: `/v1/exceptions/${exception.id}/actions`,
    payload: { action: 'release_hold', reason: 'x' },
    headers: { authorization: `Bearer ${await keyOf('finance')}`, 'if-match': '*' },
  });
  expect(reply.json().code).toBe('FORBIDDEN');
});
