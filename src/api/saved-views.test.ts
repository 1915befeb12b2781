import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { createApiKey } from '../security/index.ts';

let api: TestApi;
let ann: string;
let bob: string;
beforeAll(async () => {
  api = await testApi();
  const keyOf = (name: string) =>
    api.services.db.tx('acme', (tx) =>
      createApiKey(tx, api.services.clock, { name, roles: ['finance'], createdBy: 'test' }),
    );
  [ann, bob] = [(await keyOf('ann')).key, (await keyOf('bob')).key];
});
afterAll(() => api?.stop());

let sent = 0;
const call = async (key: string, method: 'GET' | 'POST' | 'DELETE', path = '', payload?: object) => {
  const headers = { authorization: `Bearer ${key}`, 'idempotency-key': `v${(sent += 1)}` };
  const reply = await api.app.inject({ method, url: `/v1/saved-views${path}`, headers, ...(payload && { payload }) });
  return { status: reply.statusCode, body: reply.body === '' ? undefined : reply.json() };
};
const save = (key: string, name: string, filters: object = { code: 'CREDIT_HOLD' }) =>
  call(key, 'POST', '', { name, filters });
const names = async (key: string) =>
  (await call(key, 'GET')).body.data.map(({ name }: { name: string }) => name) as string[];

it('views are kept under a name, for oneself alone, and deleted', async () => {
  const made = await save(ann, ' Credit ', { code: 'CREDIT_HOLD', overdue: 'yes' });
  expect([made.status, made.body.name]).toEqual([201, 'Credit']);
  expect((await call(ann, 'GET')).body.data).toMatchObject([{ filters: { code: 'CREDIT_HOLD', overdue: 'yes' } }]);
  expect(await names(bob)).toEqual([]);
  expect((await call(bob, 'DELETE', `/${made.body.id}`)).status).toBe(404);
  // One of the same name gives way.
  expect((await save(ann, 'Credit', { q: 'apex' })).body.id).toBe(made.body.id);
  expect((await call(ann, 'GET')).body.data).toMatchObject([{ filters: { q: 'apex' } }]);
  expect((await call(ann, 'DELETE', `/${made.body.id}`)).status).toBe(204);
  expect((await call(ann, 'DELETE', `/${made.body.id}`)).status).toBe(404);
  expect(await names(ann)).toEqual([]);
});

it('are at most twenty a person, also when they are kept at once', async () => {
  const wanted = Array.from({ length: 24 }, (_, n) => `View ${n}`);
  const statuses = (await Promise.all(wanted.map((name) => save(ann, name)))).map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(20);
  expect(new Set(statuses)).toEqual(new Set([201, 409]));
  const [first] = await names(ann);
  expect((await save(ann, first!, {})).status).toBe(201);
  expect((await save(bob, 'Mine')).status).toBe(201);
});

it.each([
  ['no name', { name: ' ', filters: {} }],
  ['a name that is too long', { name: 'x'.repeat(61), filters: {} }],
  ['a filter that there is not', { name: 'x', filters: { colour: 'red' } }],
  ['a filter without a value', { name: 'x', filters: { q: '' } }],
])('%s is refused', async (_, body) => {
  expect((await call(bob, 'POST', '', body)).body.code).toBe('VALIDATION_FAILED');
});
