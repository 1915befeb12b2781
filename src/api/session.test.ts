import { createHash } from 'node:crypto';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { createApi } from './index.ts';

let api: TestApi;
const consoleDir = mkdtempSync(join(tmpdir(), 'crossdock-console-'));

beforeAll(async () => {
  writeFileSync(join(consoleDir, 'index.html'), '<!doctype html><title>console</title>');
  mkdirSync(join(consoleDir, 'assets'));
  writeFileSync(join(consoleDir, 'assets', 'app-1a2b.js'), 'console.log(1)');
  writeFileSync(join(tmpdir(), 'crossdock-outside.txt'), 'outside');
  api = await testApi({ consoleDir });
});
afterAll(async () => {
  await api?.stop();
  rmSync(consoleDir, { recursive: true });
  rmSync(join(tmpdir(), 'crossdock-outside.txt'), { force: true });
});

const signIn = (payload: object, headers: Record<string, string> = {}) =>
  api.app.inject({ method: 'POST', url: '/v1/session', payload, headers });

describe('the console’s session', () => {
  it('opens with the admin’s key, in a cookie that scripts and other sites never see', async () => {
    const reply = await signIn({ key: api.adminKey });
    expect(reply.statusCode).toBe(200);
    const cookie = String(reply.headers['set-cookie']);
    expect(cookie).toMatch(/^crossdock_session=xds_acme\./);
    for (const attribute of ['HttpOnly', 'SameSite=Strict', 'Path=/']) expect(cookie).toContain(attribute);
    expect(reply.json()).toMatchObject({ tenant: { id: 'acme' }, roles: ['admin'], csrfToken: expect.any(String) });
    expect(reply.body).not.toContain(cookie.split(/[=;]/)[1]);
  });

  it('reads with the cookie alone, and changes only with the CSRF token too', async () => {
    const opened = await signIn({ key: api.adminKey });
    const cookie = String(opened.headers['set-cookie']).split(';')[0]!;
    const { csrfToken } = opened.json();
    expect((await api.app.inject({ url: '/v1/me', headers: { cookie } })).json().csrfToken).toBe(csrfToken);
    const change = (headers: Record<string, string>) =>
      api.app.inject({
        method: 'POST',
        url: '/v1/users',
        headers: { cookie, 'idempotency-key': 'u1', ...headers },
        payload: { email: 'x@y.example', displayName: 'X', password: 'long enough 123', roles: ['finance'] },
      });
    const wrong: Record<string, string>[] = [{}, { 'x-csrf-token': '' }, { 'x-csrf-token': `${csrfToken}x` }];
    for (const headers of wrong) {
      const reply = await change(headers);
      expect([reply.statusCode, reply.json().code]).toEqual([403, 'CSRF_REJECTED']);
    }
    expect((await change({ 'x-csrf-token': csrfToken })).statusCode).toBe(201);
  });

  it('closes for good', async () => {
    const opened = await signIn({ key: api.adminKey });
    const cookie = String(opened.headers['set-cookie']).split(';')[0]!;
    const headers = { cookie, 'x-csrf-token': opened.json().csrfToken };
    const closed = await api.app.inject({ method: 'DELETE', url: '/v1/session', headers });
    expect(closed.statusCode).toBe(204);
    expect(String(closed.headers['set-cookie'])).toMatch(/crossdock_session=;/);
    expect((await api.app.inject({ url: '/v1/me', headers: { cookie } })).statusCode).toBe(401);
  });

  it('opens with a password for the roles of its user', async () => {
    const headers = { authorization: `Bearer ${api.adminKey}`, 'idempotency-key': 'u2' };
    const user = {
      email: 'fin@acme.example',
      displayName: 'Fin',
      password: 'a good long password',
      roles: ['finance'],
    };
    const created = await api.app.inject({ method: 'POST', url: '/v1/users', headers, payload: user });
    expect(created.body).not.toContain('password');
    const opened = await signIn({ email: 'FIN@acme.example', password: 'a good long password' });
    expect(opened.json()).toMatchObject({ displayName: 'Fin', roles: ['finance'] });
    expect(opened.json().actions).not.toContain('order.submit');
    const wrong = await signIn({ email: 'fin@acme.example', password: 'a bad long password' });
    const nobody = await signIn({ email: 'nobody@acme.example', password: 'a bad long password' });
    expect([wrong.statusCode, wrong.json().detail]).toEqual([401, nobody.json().detail]);
  });

  it('cannot be opened from another site', async () => {
    const reply = await signIn({ key: api.adminKey }, { 'sec-fetch-site': 'cross-site' });
    expect(reply.json().code).toBe('CSRF_REJECTED');
    const form = await api.app.inject({
      method: 'POST',
      url: '/v1/session',
      payload: `key=${api.adminKey}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form.statusCode).toBe(415);
  });
});

describe('API keys', () => {
  it('are shown once, work at once, and stop at once when revoked', async () => {
    const headers = { authorization: `Bearer ${api.adminKey}` };
    const payload = { name: 'shop', roles: ['integration'] };
    const created = await api.app.inject({ method: 'POST', url: '/v1/api-keys', headers, payload });
    const { id, key } = created.json();
    const as = { authorization: `Bearer ${key}` };
    expect((await api.app.inject({ url: '/v1/me', headers: as })).json().actor).toBe(`key:${id}`);
    expect((await api.app.inject({ url: '/v1/api-keys', headers })).body).not.toContain(key);
    await api.app.inject({ method: 'DELETE', url: `/v1/api-keys/${id}`, headers });
    expect((await api.app.inject({ url: '/v1/me', headers: as })).statusCode).toBe(401);
  });
});

describe('rotating an API key', () => {
  it('gives a new one of the same roles, and ends the former after its grace', async () => {
    const headers = { authorization: `Bearer ${api.adminKey}` };
    const payload = { name: 'shop', roles: ['integration', 'edi'] };
    const former = (await api.app.inject({ method: 'POST', url: '/v1/api-keys', headers, payload })).json();
    const rotate = (id: string) =>
      api.app.inject({ method: 'POST', url: `/v1/api-keys/${id}/rotate`, headers, payload: { graceHours: 2 } });
    const rotated = (await rotate(former.id)).json();
    expect(rotated).toMatchObject({ name: 'shop', roles: ['integration', 'edi'] });
    const statusOf = async ({ key }: { key: string }) =>
      (await api.app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${key}` } })).statusCode;
    expect([await statusOf(former), await statusOf(rotated)]).toEqual([200, 200]);
    api.clock.advance(2 * 3_600_000 + 1);
    expect([await statusOf(former), await statusOf(rotated)]).toEqual([401, 200]);
    expect((await rotate(former.id)).statusCode).toBe(404);
  });
});

describe('the audit chain', () => {
  it('is hashed again on request, and says where somebody has changed it', async () => {
    const headers = { authorization: `Bearer ${api.adminKey}` };
    const verify = async () => (await api.app.inject({ url: '/v1/audit/verification', headers })).json();
    const { data } = (await api.app.inject({ url: '/v1/audit?limit=1', headers })).json();
    expect(await verify()).toMatchObject({ ok: true, entries: data[0].sequence, head: data[0].hash });
    await api.database.owner.query("UPDATE audit_entry SET actor = 'nobody' WHERE tenant_id = 'acme' AND sequence = 2");
    expect(await verify()).toMatchObject({ ok: false, brokenAt: 2 });
  });
});

describe('the roles', () => {
  it('are told to whoever is signed in, with what each may do', async () => {
    const headers = { authorization: `Bearer ${api.adminKey}` };
    const { data, actions } = (await api.app.inject({ url: '/v1/roles', headers })).json();
    const admin = data.find(({ role }: { role: string }) => role === 'admin');
    expect(admin.actions).toEqual(actions);
    expect(data.find(({ role }: { role: string }) => role === 'finance').actions).not.toContain('delivery.replay');
  });
});

describe('the canonical model', () => {
  it('is published as JSON Schema, each under the address that it names as its own', async () => {
    const { data } = (await api.app.inject({ url: '/schemas' })).json() as { data: { name: string; path: string }[] };
    expect(data.map(({ name }) => name)).toContain('order-submission');
    for (const { path } of data) {
      const reply = await api.app.inject({ url: path });
      expect(reply.headers['content-type']).toContain('application/schema+json');
      expect(reply.json()).toMatchObject({ $id: path, $schema: expect.stringContaining('2020-12') });
    }
    expect((await api.app.inject({ url: '/schemas/no-such/v1' })).json().code).toBe('NOT_FOUND');
  });
});

describe('the console’s files', () => {
  const csp = /default-src 'none'; script-src 'self'/;

  it.each(['/', '/orders', '/orders/123', '/exceptions'])(
    'gives the page for %s, under a strict policy',
    async (url) => {
      const reply = await api.app.inject({ url });
      expect(reply.body).toContain('<title>console</title>');
      expect(reply.headers['content-security-policy']).toMatch(csp);
      expect(reply.headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe/);
      expect(reply.headers['x-frame-options']).toBe('DENY');
      expect(reply.headers['cache-control']).toBe('no-cache');
    },
  );

  it('gives hashed files to keep', async () => {
    const reply = await api.app.inject({ url: '/assets/app-1a2b.js' });
    expect(reply.body).toBe('console.log(1)');
    expect(reply.headers['cache-control']).toContain('immutable');
    expect(reply.headers['content-type']).toMatch('javascript');
  });

  it.each([
    '/../crossdock-outside.txt',
    '/..%2fcrossdock-outside.txt',
    '/assets/..%2f..%2fcrossdock-outside.txt',
    '/%2e%2e/crossdock-outside.txt',
    '/assets/%5c..%5c..%5ccrossdock-outside.txt',
    '/missing.js',
    '/v1/missing',
  ])('gives nothing for %s', async (url) => {
    const reply = await api.app.inject({ url });
    expect(reply.statusCode).toBeGreaterThanOrEqual(400);
    expect(reply.body).not.toContain('outside');
  });
});

describe('probes and documentation', () => {
  it('say that the hub lives and is ready', async () => {
    expect((await api.app.inject({ url: '/livez' })).json().status).toBe('ok');
    expect((await api.app.inject({ url: '/readyz' })).json()).toMatchObject({
      status: 'ok',
      checks: [{ name: 'database' }],
    });
  });

  it('give metrics to the same machine, and to others with a key only', async () => {
    const local = await api.app.inject({ url: '/metrics' });
    expect(local.body).toContain('crossdock_http_request_duration_seconds');
    expect(local.body).not.toContain('acme');
    const proxied = { 'x-forwarded-for': '203.0.113.9' };
    expect((await api.app.inject({ url: '/metrics', headers: proxied })).statusCode).toBe(401);
    const headers = { ...proxied, authorization: `Bearer ${api.adminKey}` };
    expect((await api.app.inject({ url: '/metrics', headers })).statusCode).toBe(200);
  });

  it('read without a script, and load nothing from elsewhere', async () => {
    const reply = await api.app.inject({ url: '/docs' });
    expect(reply.headers['content-security-policy']).toMatch(/default-src 'none'/);
    expect(reply.body).not.toMatch(/<script|src=|https?:\/\/(?!localhost)/);
    expect(reply.body).toContain('POST</span> <code>/v1/orders</code>');
    expect(reply.body).toContain('id="error-DUPLICATE_ORDER"');
    const { info } = (await api.app.inject({ url: '/openapi.json' })).json();
    expect([info.version, reply.body.includes(`<small>${info.version}</small>`)]).toEqual([api.services.version, true]);
  });
});

describe('sign-ins that are refused', () => {
  const from = (remoteAddress: string, payload: object) =>
    api.app.inject({ method: 'POST', url: '/v1/session', payload, remoteAddress });
  const audited = async (action: string) => {
    const headers = { authorization: `Bearer ${api.adminKey}` };
    return (await api.app.inject({ url: `/v1/audit?action=${action}&limit=100`, headers })).json().data;
  };

  it('are audited without what was given, and so is signing out', async () => {
    await from('10.9.9.9', { email: 'who@acme.example', password: 'canary-password' });
    // A password where the address belongs.
    await from('10.9.9.9', { email: 'canary-password', password: 'x' });
    await from('10.9.9.9', { key: 'canary-password-as-key' });
    const entries = (await audited('session.refuse')).filter(
      ({ subject }: { subject: { id: string } }) => subject.id === '10.9.9.9',
    );
    expect(entries.map(({ detail }: { detail: unknown }) => detail)).toEqual([
      { address: '10.9.9.9', by: 'key' },
      { address: '10.9.9.9', by: 'password' },
      { address: '10.9.9.9', by: 'password', email: 'who@acme.example' },
    ]);
    expect(JSON.stringify(entries)).not.toContain('canary');
    expect((await audited('session.close')).length).toBeGreaterThan(0);
  });

  it('make an address wait, whatever names it tries, and only that one', async () => {
    const status = async (address: string, n: number) =>
      (await from(address, { email: `n${n}@acme.example`, password: 'wrong' })).statusCode;
    for (let n = 0; n < 50; n++) expect(await status('10.8.8.8', n)).toBe(401);
    expect(await status('10.8.8.8', 50)).toBe(429);
    expect(await status('10.8.8.9', 50)).toBe(401);
  });

  it('by key make unknown keys of that address wait, and no key that was right before', async () => {
    const ask = async (key: string, remoteAddress = '10.7.7.7') =>
      (await api.app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${key}` }, remoteAddress })).statusCode;
    expect(await ask(api.adminKey)).toBe(200);
    // A program with one key that was revoked asks all day, and shuts nobody out.
    for (let n = 0; n < 120; n++) expect(await ask('guess-0')).toBe(401);
    for (let n = 0; n < 100; n++) expect(await ask(`guess-${n}`)).toBe(401);
    expect(await ask('guess-100')).toBe(429);
    expect(await ask('guess-100', '10.7.7.8')).toBe(401);
    api.services.security.forget();
    expect(await ask(api.adminKey)).toBe(200);
  });
});

describe('behind a proxy', () => {
  it('the client’s address counts where the proxy is trusted, and is not believed otherwise', async () => {
    const trusting = await createApi({
      ...api.services,
      config: { ...api.services.config, trustedProxies: ['10.0.0.5'] },
    });
    const addressOf = async (remoteAddress: string) => {
      await trusting.inject({
        method: 'POST',
        url: '/v1/session',
        payload: { email: `${remoteAddress}@acme.example`, password: 'wrong' },
        remoteAddress,
        headers: { 'x-forwarded-for': '203.0.113.7' },
      });
      const headers = { authorization: `Bearer ${api.adminKey}` };
      const { data } = (await trusting.inject({ url: '/v1/audit?action=session.refuse&limit=1', headers })).json();
      return data[0].detail.address;
    };
    // The minute of the tests before is over: what is audited of refusals has a bound.
    api.clock.advance(61_000);
    expect(await addressOf('10.0.0.5')).toBe('203.0.113.7');
    expect(await addressOf('10.0.0.6')).toBe('10.0.0.6');
    await trusting.close();
  });
});

describe('a password', () => {
  it('leaves no fast hash beside the slow one', async () => {
    const payload = { email: 'slow@acme.example', displayName: 'S', password: 'long enough 123', roles: ['finance'] };
    const headers = { authorization: `Bearer ${api.adminKey}`, 'idempotency-key': 'slow-hash' };
    const post = (body: object) => api.app.inject({ method: 'POST', url: '/v1/users', headers, payload: body });
    expect((await post(payload)).statusCode).toBe(201);
    // Still the same answer for the same body, and a refusal for another.
    expect((await post(payload)).statusCode).toBe(201);
    expect((await post({ ...payload, password: 'another one 123' })).json().code).toBe('IDEMPOTENCY_KEY_REUSED');
    const guess = createHash('sha256')
      .update(`/v1/users\n${JSON.stringify(payload)}`)
      .digest();
    const { rows } = await api.database.owner.query('SELECT request_hash FROM idempotency_key');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter((row: { request_hash: Buffer }) => row.request_hash.equals(guess))).toEqual([]);
  });
});
