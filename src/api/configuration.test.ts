import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { apex, led, putRidgeline } from '../../test/harness/ridgeline-data.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
  await putRidgeline(api);
});
afterAll(() => api?.stop());

const auth = () => ({ authorization: `Bearer ${api.adminKey}` });
const get = (url: string) => api.app.inject({ url, headers: auth() });
const put = (url: string, payload: unknown, headers: Record<string, string> = {}) =>
  api.app.inject({ method: 'PUT', url, payload: payload as object, headers: { ...auth(), ...headers } });
const codeOf = (reply: { json(): { code?: string } }) => reply.json().code;

describe('configuration', () => {
  const item = { ...led, sku: 'NEW', uoms: [{ code: 'EA', num: 1, den: 1 }] };

  it('is created without If-Match, and changed only with the version that was read', async () => {
    const created = await put('/v1/items/NEW', item);
    expect([created.statusCode, created.headers.etag]).toEqual([201, '"1"']);
    const blind = await put('/v1/items/NEW', { ...item, description: 'B' });
    expect([blind.statusCode, codeOf(blind)]).toEqual([428, 'PRECONDITION_REQUIRED']);
    const changed = await put('/v1/items/NEW', { ...item, description: 'B' }, { 'if-match': '"1"' });
    expect([changed.statusCode, changed.headers.etag]).toEqual([200, '"2"']);
    const stale = await put('/v1/items/NEW', { ...item, description: 'C' }, { 'if-match': '"1"' });
    expect([stale.statusCode, codeOf(stale)]).toEqual([412, 'PRECONDITION_FAILED']);
    expect((await get('/v1/items/NEW')).json().description).toBe('B');
  });

  it('keeps its version when nothing changes, and tells nobody', async () => {
    const before = await get('/v1/items/LED');
    const same = await put('/v1/items/LED', led, { 'if-match': '*' });
    expect([same.statusCode, same.headers.etag]).toEqual([200, before.headers.etag]);
    const { data } = (await get('/v1/audit?subjectId=LED')).json();
    expect(data.map((entry: { action: string }) => entry.action)).toEqual(['item.create']);
  });

  it('is only tried out with dryRun: everything is checked, nothing is kept', async () => {
    const tried = await put('/v1/items/TRIED?dryRun=true', { ...item, sku: 'TRIED' });
    expect([tried.statusCode, tried.headers.etag]).toEqual([201, '"1"']);
    expect((await get('/v1/items/TRIED')).statusCode).toBe(404);
    const { etag } = (await get('/v1/items/LED')).headers as { etag: string };
    const same = await put('/v1/items/LED?dryRun=true', led, { 'if-match': etag });
    expect(same.headers.etag).toBe(etag);
    const other = await put('/v1/items/LED?dryRun=true', { ...led, description: 'B' }, { 'if-match': etag });
    expect([other.statusCode, other.headers.etag === etag]).toEqual([200, false]);
    expect((await get('/v1/items/LED')).json().description).toBe(led.description);
    const { data } = (await get('/v1/audit?subjectId=LED')).json();
    expect(data.map((entry: { action: string }) => entry.action)).toEqual(['item.create']);
    expect((await put('/v1/items/LED?dryRun=true', { ...led, status: 'maybe' })).statusCode).toBe(422);
  });

  it('of safety stock has those who wait for stock, and the storefront, looked at again', async () => {
    const policy = { sku: 'LED', location: 'BR3', safetyStock: '3' };
    expect((await put('/v1/stock-policies/LED/BR3/-', policy, { 'if-match': '*' })).statusCode).toBeLessThan(300);
    for (const flow of ['fill-backorders', 'publish-availability']) {
      const { data } = (await get(`/v1/deliveries?destination=flow.${flow}`)).json();
      expect(data).toHaveLength(1);
    }
  });

  it('is created once when two try at the same time', async () => {
    const race = { ...item, sku: 'RACE' };
    const replies = await Promise.all(Array.from({ length: 8 }, () => put('/v1/items/RACE', race)));
    expect(replies.filter((reply) => reply.statusCode === 201)).toHaveLength(1);
    for (const reply of replies) expect([201, 409, 428, 503]).toContain(reply.statusCode);
  });

  it('leaves an audit record of who changed what', async () => {
    const { data } = (await get('/v1/audit?subjectId=NEW')).json();
    expect(data).toMatchObject([
      { actor: 'admin-key', action: 'item.change', subject: { kind: 'item', id: 'NEW' }, detail: { version: 2 } },
      { action: 'item.create' },
    ]);
  });

  it('refuses a body that contradicts its path', async () => {
    const reply = await put('/v1/items/OTHER', item);
    expect(reply.statusCode).toBe(422);
    expect(reply.json().errors).toMatchObject([{ pointer: '/sku', code: 'KEY_MISMATCH' }]);
    expect((await get('/v1/items/OTHER')).statusCode).toBe(404);
  });

  it('says what is wrong with a body, and stores none of it', async () => {
    const { defaultShipTo: _, ...customer } = { ...apex, accountNo: 'C201' };
    const reply = await put('/v1/customers/C201', { ...customer, block: 'maybe', colour: 'red' });
    expect(reply.json().errors).toEqual(
      expect.arrayContaining([
        { pointer: '/block', code: 'ENUM', message: expect.stringContaining('none, ship, invoice, all') },
        { pointer: '/colour', code: 'UNKNOWN_FIELD', message: expect.any(String) },
      ]),
    );
    expect((await get('/v1/customers/C201')).statusCode).toBe(404);
  });

  it('is found and paged through', async () => {
    for (let n = 1; n <= 5; n++) await put(`/v1/items/PAGE${n}`, { ...item, sku: `PAGE${n}` });
    const first = (await get('/v1/items?q=PAGE&limit=3')).json();
    const second = (await get(`/v1/items?q=PAGE&limit=3&after=${first.nextCursor}`)).json();
    const skus = [...first.data, ...second.data].map(
      (row: { value: { sku: string }; version: number }) => `${row.value.sku} ${row.version}`,
    );
    expect(skus).toEqual(['PAGE1 1', 'PAGE2 1', 'PAGE3 1', 'PAGE4 1', 'PAGE5 1']);
    expect(second.nextCursor).toBeUndefined();
  });

  it('tells subscribers of a change of a customer', async () => {
    await put('/v1/customers/C200', { ...apex, block: 'all' }, { 'if-match': '"1"' });
    await put('/v1/customers/C200', apex, { 'if-match': '"2"' });
    const { rows } = await api.database.owner.query(
      "SELECT type FROM event WHERE entity_kind = 'customer' AND entity_id = 'C200' ORDER BY sequence",
    );
    expect(rows.map((row: { type: string }) => row.type)).toEqual([
      'master.customer.created',
      'master.customer.blocked',
      'master.customer.changed',
    ]);
  });

  it('keys stock policies by item, location and channel', async () => {
    const buffer = { sku: 'LED', channel: 'marketplace', buffer: '5' };
    expect((await put('/v1/stock-policies/LED/-/marketplace', buffer)).statusCode).toBe(201);
    expect((await get('/v1/stock-policies/LED/-/marketplace')).json()).toEqual(buffer);
    expect((await put('/v1/stock-policies/LED/DC1/marketplace', buffer)).statusCode).toBe(422);
  });

  it('takes expected supply in any unit of the item', async () => {
    const supply = {
      poNo: 'PO-1',
      supplier: 'S10',
      sku: 'LED',
      quantity: '2',
      uom: 'BX',
      location: 'DC1',
      dueDate: '2026-06-15',
      acknowledged: true,
    };
    expect((await put('/v1/expected-supply/PO-1/LED/DC1', supply)).statusCode).toBe(201);
    expect((await get('/v1/expected-supply/PO-1/LED/DC1')).json()).toMatchObject({ quantity: '12', uom: 'EA' });
  });
});

describe('stock snapshots', () => {
  const snapshot = (asOfSeq: number, quantity: string, change: object = {}) => ({
    location: 'DC1',
    asOf: '2026-06-01T12:30:00Z',
    asOfSeq,
    positions: [{ sku: 'LED', quantity, uom: 'EA', ...change }],
  });
  const onHand = async () => (await get('/v1/inventory?sku=LED&location=DC1')).json().data[0].onHand;

  it('replace stock in the order of asOfSeq, whatever the order of arrival', async () => {
    expect((await put('/v1/stock-snapshots/DC1', snapshot(5, '50'))).json()).toMatchObject({
      applied: ['LED'],
      stale: [],
    });
    expect((await put('/v1/stock-snapshots/DC1', snapshot(4, '40'))).json()).toMatchObject({
      applied: [],
      stale: ['LED'],
    });
    expect((await put('/v1/stock-snapshots/DC1', snapshot(5, '50'))).json()).toMatchObject({
      applied: [],
      stale: ['LED'],
    });
    expect(await onHand()).toBe('50');
  });

  it('apply wholly or not at all', async () => {
    const mixed = {
      ...snapshot(6, '60'),
      positions: [...snapshot(6, '60').positions, { sku: 'NOPE', quantity: '1', uom: 'EA' }],
    };
    expect((await put('/v1/stock-snapshots/DC1', mixed)).json().code).toBe('UNKNOWN_ITEM');
    expect((await put('/v1/stock-snapshots/DC1', snapshot(6, '1', { uom: 'KG' }))).json().code).toBe('UOM_UNKNOWN');
    expect(await onHand()).toBe('50');
    expect((await put('/v1/stock-snapshots/XX', { ...snapshot(1, '1'), location: 'XX' })).json().code).toBe(
      'UNKNOWN_LOCATION',
    );
  });
});

describe('connections', () => {
  const erp = {
    id: 'erp',
    type: 'demo-erp',
    role: 'erp',
    title: 'Our ERP',
    settings: { baseUrl: 'http://127.0.0.1:8091', idempotency: 'A', allowPrivateNetwork: true },
    secrets: { apiKey: 'canary-api-key-51c9', webhookSecret: 'whsec_Y2FuYXJ5LXdlYmhvb2stc2VjcmV0LWxvbmdlcg==' },
  };

  it('keep secrets to themselves: write-only, sealed, and absent from audit', async () => {
    const created = await put('/v1/connections/erp', erp);
    expect(created.statusCode).toBe(201);
    expect(created.json()).toMatchObject({
      id: 'erp',
      title: 'Our ERP',
      secrets: { apiKey: { set: true }, webhookSecret: { set: true } },
      webhookUrl: expect.stringMatching(/\/v1\/webhooks\/erp$/),
    });
    const read = await get('/v1/connections/erp');
    const listed = await get('/v1/connections');
    const audit = await get('/v1/audit?subjectId=erp');
    const { rows } = await api.database.owner.query(
      "SELECT connection::text || encode(secrets, 'escape') AS text FROM connection",
    );
    for (const text of [created.body, read.body, listed.body, audit.body, rows[0].text]) {
      expect(text).not.toContain('canary');
      expect(text).not.toContain('Y2FuYXJ5');
    }
  });

  it('keep a secret that a change leaves out', async () => {
    const { secrets: _, ...rest } = erp;
    const changed = await put('/v1/connections/erp', { ...rest, title: 'ERP' }, { 'if-match': '"1"' });
    expect([changed.statusCode, changed.headers.etag]).toEqual([200, '"2"']);
    const opened = await api.database.app.tx('acme', (tx) => api.services.connections.secrets(tx, 'erp'));
    expect(opened).toEqual(erp.secrets);
  });

  it('send a stored secret nowhere else than it was given for', async () => {
    const id = 'moving';
    const before = { ...erp, id, settings: { baseUrl: 'https://erp.example', allowPrivateNetwork: false } };
    expect((await put(`/v1/connections/${id}`, before)).statusCode).toBe(201);
    const { secrets: _, ...rest } = before;
    const moved = (settings: object, more: object = {}) =>
      put(
        `/v1/connections/${id}`,
        { ...rest, settings: { ...rest.settings, ...settings }, ...more },
        { 'if-match': '*' },
      );
    const elsewhere = [
      { baseUrl: 'https://evil.example' },
      { baseUrl: 'https://erp.example:8443' },
      { baseUrl: 'http://erp.example' },
      { allowPrivateNetwork: true },
    ];
    for (const settings of elsewhere) {
      const refused = await moved(settings);
      expect([refused.statusCode, refused.json().errors[0].pointer]).toEqual([422, '/secrets/apiKey']);
      expect(refused.json().errors[0].message).toContain('give this one again');
    }
    // The same place, by another way of writing it; and another one, with the secret.
    expect((await moved({ baseUrl: 'https://ERP.example:443/api' })).statusCode).toBe(200);
    expect((await moved(elsewhere[0]!, { secrets: { apiKey: 'given again' } })).statusCode).toBe(200);
    const opened = await api.database.app.tx('acme', (tx) => api.services.connections.secrets(tx, id));
    expect(opened).toEqual({ ...erp.secrets, apiKey: 'given again' });
  });

  it('may come before their secrets, and say which they lack', async () => {
    const { secrets: _, ...rest } = erp;
    const created = await put('/v1/connections/bare', { ...rest, id: 'bare' });
    expect(created.statusCode).toBe(201);
    expect(created.json()).toMatchObject({ secrets: {}, missingSecrets: expect.arrayContaining(['apiKey']) });
    const completed = await put('/v1/connections/bare', { ...erp, id: 'bare' }, { 'if-match': '"1"' });
    expect(completed.json().missingSecrets).toEqual([]);
  });

  it('become destinations', async () => {
    expect((await get('/v1/destinations/erp')).json()).toMatchObject({
      name: 'erp',
      kind: 'connection',
      role: 'erp',
      paused: false,
    });
  });

  it.each([
    [{ ...erp, id: 'x', type: 'nope' }, '/type'],
    [{ ...erp, id: 'x', role: 'wms' }, '/role'],
    [{ ...erp, id: 'x', settings: { ...erp.settings, colour: 'red' } }, '/settings/colour'],
    [{ ...erp, id: 'x', settings: {} }, '/settings/baseUrl'],
    [{ ...erp, id: 'x', secrets: { ...erp.secrets, other: 'y' } }, '/secrets/other'],
    [{ ...erp, id: 'x', secrets: { ...erp.secrets, webhookSecret: '-' } }, '/secrets/webhookSecret'],
    [{ ...erp, id: 'x', secrets: { ...erp.secrets, webhookSecret: 'whsec_c2hvcnQ=' } }, '/secrets/webhookSecret'],
    [{ ...erp, id: 'x', settings: { ...erp.settings, baseUrl: 'https://u:p@erp.example' } }, '/settings/baseUrl'],
    [{ ...erp, id: 'x', settings: { ...erp.settings, baseUrl: 'https://erp.example?key=1' } }, '/settings/baseUrl'],
    [{ ...erp, id: 'x', settings: { ...erp.settings, baseUrl: 'https://erp.example#key' } }, '/settings/baseUrl'],
  ])('are checked by what their connector declares', async (body, pointer) => {
    const reply = await put('/v1/connections/x', body);
    expect(reply.statusCode).toBe(422);
    expect(reply.json().errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });
});

describe('destinations', () => {
  const post = (url: string, payload: object) => api.app.inject({ method: 'POST', url, payload, headers: auth() });

  it('are paused and resumed with a reason that is kept', async () => {
    const paused = await post('/v1/destinations/erp/pause', { reason: 'month end' });
    expect(paused.json()).toMatchObject({ paused: true, pausedReason: 'month end' });
    expect((await post('/v1/destinations/erp/resume', { reason: 'done' })).json().paused).toBe(false);
    const { data } = (await get('/v1/audit?subjectId=erp&limit=2')).json();
    expect(data).toMatchObject([
      { action: 'destination.resume', reason: 'done' },
      { action: 'destination.pause', reason: 'month end' },
    ]);
    expect((await post('/v1/destinations/erp/pause', {})).statusCode).toBe(422);
  });

  it('take maintenance windows with the version that was read', async () => {
    const windows = [{ cron: '0 2 * * 0', zone: 'America/New_York', durationMinutes: 60 }];
    const patch = (headers: Record<string, string>, body: object = { windows, reason: 'weekly' }) =>
      api.app.inject({
        method: 'PATCH',
        url: '/v1/destinations/erp',
        payload: body,
        headers: { ...auth(), ...headers },
      });
    const { etag } = (await get('/v1/destinations/erp')).headers;
    expect((await patch({})).statusCode).toBe(428);
    expect((await patch({ 'if-match': '"77"' })).statusCode).toBe(412);
    expect((await patch({ 'if-match': String(etag) })).json().windows).toEqual(windows);
    const bad = await patch({ 'if-match': '*' }, { windows: [{ ...windows[0], cron: 'often' }], reason: 'x' });
    expect(bad.statusCode).toBe(422);
  });

  it('have budgets, set under their version and audited, with a forecast in words', async () => {
    const url = '/v1/destinations/erp/budget';
    const unset = await get(url);
    expect(unset.json()).toEqual({ destination: 'erp', settings: {}, version: 0 });
    expect(unset.headers.etag).toBe('"0"');
    const send = (ifMatch: string, payload: object) =>
      api.app.inject({ method: 'PUT', url, payload, headers: { ...auth(), 'if-match': ifMatch } });
    const quota = { calls: 5_000, per: 'day', zone: 'America/New_York' };
    const reserves = [{ share: 0.2, minPriority: 60 }];
    const set = await send('"0"', { quota, reserves, reason: 'governance limit' });
    expect(set.json()).toMatchObject({
      settings: { quota, reserves },
      version: 1,
      quota: { left: 5_000, words: '5,000 of 5,000 left; at this pace the day’s quota lasts' },
    });
    expect((await send('"0"', { reason: 'too late' })).statusCode).toBe(412);
    const wrong = await send('"1"', { quota: { ...quota, zone: 'Mars/Olympus' }, reason: 'no such zone' });
    expect(wrong.json()).toMatchObject({ status: 422, errors: [{ pointer: '/quota/zone' }] });
    expect((await get('/v1/budgets')).json().data).toMatchObject([{ destination: 'erp', version: 1 }]);
    expect((await get('/v1/audit?subjectId=erp&limit=1')).json().data).toMatchObject([
      { action: 'destination.budget', reason: 'governance limit' },
    ]);
    expect((await get('/v1/destinations/nowhere/budget')).statusCode).toBe(404);
  });
});

describe('partners', () => {
  it('have agreements and cross-references', async () => {
    const agreement = {
      id: 'meridian',
      partner: 'C100',
      standard: 'x12',
      us: { qualifier: 'ZZ', id: 'RIDGELINE' },
      them: { qualifier: 'ZZ', id: 'MERIDIAN' },
      version: '004010',
      usage: 'production',
    };
    expect((await put('/v1/agreements/meridian', agreement)).statusCode).toBe(201);
    expect((await get('/v1/agreements/meridian')).json()).toEqual(agreement);
    const nowhere = await put('/v1/agreements/nowhere', { ...agreement, id: 'nowhere', timeZone: 'Mars/Olympus' });
    expect([nowhere.statusCode, nowhere.json().errors[0].pointer]).toEqual([422, '/timeZone']);
    const rows = [{ path: 'CUR', use: 'required' }];
    const narrowed = { ...agreement, narrowings: [{ type: '850', version: '004010', rows }] };
    const etag = (await get('/v1/agreements/meridian')).headers.etag as string;
    expect((await put('/v1/agreements/meridian', narrowed, { 'if-match': etag })).statusCode).toBe(200);
    expect((await get('/v1/agreements/meridian')).json()).toEqual(narrowed);
    expect((await put('/v1/agreements/meridian', agreement, { 'if-match': etag })).statusCode).toBe(412);
    rows.push({ path: 'CUR.99', use: 'required' });
    const wrong = await put('/v1/agreements/wide', { ...narrowed, id: 'wide' });
    expect([wrong.statusCode, wrong.json().errors[0].pointer]).toEqual([422, '/narrowings/0/rows/1']);
    const twin = await put('/v1/agreements/twin', { ...agreement, id: 'twin' });
    expect([twin.statusCode, codeOf(twin)]).toEqual([409, 'CONFLICT']);

    const id = '0b0e8a5e-1111-8111-9111-111111111111';
    const reference = { scope: 'C100', type: 'item', external: 'MER-1', canonical: 'LED' };
    expect((await put(`/v1/cross-references/${id}`, reference)).statusCode).toBe(201);
    expect((await get(`/v1/cross-references/${id}`)).json()).toMatchObject({ id, ...reference });
    const found = (await get('/v1/cross-references?scope=C100&type=item&external=MER-1')).json();
    expect(found.data).toMatchObject([{ value: { id, canonical: 'LED' }, version: 1 }]);
  });
});
