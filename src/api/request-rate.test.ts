import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { createSecurity } from '../security/index.ts';
import { silentLogger } from '../platform/index.ts';
import { createApi } from './index.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(() => api?.stop());

const admin = () => ({ authorization: `Bearer ${api.adminKey}` });
const post = (url: string, payload: object) =>
  api.app.inject({ method: 'POST', url, headers: admin(), payload }).then((reply) => reply.json());
const read = (key: string, app = api.app) =>
  app.inject({ url: '/v1/roles', headers: { authorization: `Bearer ${key}` } });

describe('the rate of an API key', () => {
  it('is told with every answer, refuses what goes beyond, and begins anew after a minute', async () => {
    const { key } = await post('/v1/api-keys', { name: 'shop', roles: ['integration'], requestsPerMinute: 2 });
    const first = await read(key);
    expect(first.statusCode).toBe(200);
    expect(first.headers).toMatchObject({ 'ratelimit-policy': '"key";q=2;w=60', ratelimit: '"key";r=1;t=60' });
    api.clock.advance(15_000);
    expect((await read(key)).headers.ratelimit).toBe('"key";r=0;t=45');
    const refused = await read(key);
    expect(refused.statusCode).toBe(429);
    expect(refused.json()).toMatchObject({ code: 'RATE_LIMITED', detail: 'This key may make 2 requests a minute' });
    expect(refused.headers).toMatchObject({ 'retry-after': '45', ratelimit: '"key";r=0;t=45' });
    api.clock.advance(45_000);
    expect((await read(key)).headers.ratelimit).toBe('"key";r=1;t=60');
  });

  it('is no rate where nobody has set one, and another key’s is not touched', async () => {
    const { key } = await post('/v1/api-keys', { name: 'free', roles: ['integration'] });
    for (let n = 0; n < 5; n++) {
      const reply = await read(key);
      expect([reply.statusCode, reply.headers.ratelimit, reply.headers['ratelimit-policy']]).toEqual([
        200,
        undefined,
        undefined,
      ]);
    }
  });

  it('holds for a session that was opened with the key', async () => {
    const { key } = await post('/v1/api-keys', { name: 'script', roles: ['integration'], requestsPerMinute: 2 });
    const opened = await api.app.inject({ method: 'POST', url: '/v1/session', payload: { key } });
    const cookie = String(opened.headers['set-cookie']).split(';')[0]!;
    const bySession = () => api.app.inject({ url: '/v1/roles', headers: { cookie } });
    expect((await bySession()).statusCode).toBe(200);
    expect((await read(key)).statusCode).toBe(200);
    expect((await bySession()).statusCode).toBe(429);
  });

  it('is changed at once, kept by rotation, and in the audit', async () => {
    const { id, key } = await post('/v1/api-keys', { name: 'wild', roles: ['integration'] });
    expect((await read(key)).statusCode).toBe(200);
    const limited = await post(`/v1/api-keys/${id}/limit`, { requestsPerMinute: 1, reason: 'it asks all the time' });
    expect(limited).toMatchObject({ id, requestsPerMinute: 1 });
    expect([(await read(key)).statusCode, (await read(key)).statusCode]).toEqual([200, 429]);
    expect(await post(`/v1/api-keys/${id}/rotate`, {})).toMatchObject({ requestsPerMinute: 1 });
    expect(await post(`/v1/api-keys/${id}/limit`, { reason: 'mended' })).not.toHaveProperty('requestsPerMinute');
    expect((await read(key)).statusCode).toBe(200);
    expect(await post(`/v1/api-keys/${id}/limit`, { requestsPerMinute: 0, reason: 'none' })).toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    const audit = await api.app.inject({ url: `/v1/audit?subjectId=${id}`, headers: admin() });
    expect(audit.json().data).toMatchObject([
      { action: 'api-key.limit', reason: 'mended', detail: { requestsPerMinute: null } },
      { action: 'api-key.rotate' },
      { action: 'api-key.limit', reason: 'it asks all the time', detail: { requestsPerMinute: 1 } },
      { action: 'api-key.create' },
    ]);
  });

  it('is the hub’s for keys without one, and never the administrator’s', async () => {
    const { key } = await post('/v1/api-keys', { name: 'usual', roles: ['integration'] });
    const security = createSecurity({
      db: api.services.db,
      clock: api.clock,
      homeTenantId: 'acme',
      adminKey: api.adminKey,
      masterKey: Buffer.alloc(32, 1),
      requestsPerMinute: 1,
      log: silentLogger,
    });
    const app = await createApi({ ...api.services, security });
    expect([(await read(key, app)).statusCode, (await read(key, app)).statusCode]).toEqual([200, 429]);
    expect([(await read(api.adminKey, app)).statusCode, (await read(api.adminKey, app)).statusCode]).toEqual([
      200, 200,
    ]);
    await app.close();
  });

  it('leaves no trace of what it refuses at a door', async () => {
    const { key } = await post('/v1/api-keys', { name: 'door', roles: ['admin'], requestsPerMinute: 1 });
    const submit = (n: number) =>
      api.app.inject({
        method: 'POST',
        url: '/v1/orders',
        headers: { authorization: `Bearer ${key}`, 'idempotency-key': `rate-${n}` },
        payload: { nonsense: n },
      });
    const count = async () =>
      (await api.database.owner.query<{ n: number }>('SELECT count(*)::int AS n FROM message')).rows[0]!.n;
    expect((await submit(1)).statusCode).toBe(422);
    const recorded = await count();
    expect((await submit(2)).statusCode).toBe(429);
    expect(await count()).toBe(recorded);
  });
});
