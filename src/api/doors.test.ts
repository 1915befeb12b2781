import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { type MockInstance, afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { putRidgeline } from '../../test/harness/ridgeline-data.ts';

let api: TestApi;
const webhookSecret = `whsec_${Buffer.from('a webhook secret of forty characters ...').toString('base64')}`;
const connection = {
  id: 'erp',
  type: 'demo-erp',
  role: 'erp',
  settings: { baseUrl: 'http://127.0.0.1:8091', allowPrivateNetwork: true },
  secrets: { apiKey: 'k', webhookSecret },
};

beforeAll(async () => {
  api = await testApi();
  await putRidgeline(api);
  const payload = connection;
  const reply = await api.app.inject({ method: 'PUT', url: '/v1/connections/erp', payload, headers: auth() });
  if (reply.statusCode !== 201) throw new Error(reply.body);
});
afterAll(() => api?.stop());

const auth = () => ({ authorization: `Bearer ${api.adminKey}` });
const get = (url: string) => api.app.inject({ url, headers: auth() });

async function waiting(): Promise<{ operation: string; messageId: string }[]> {
  const { data } = (await get('/v1/deliveries?destination=flow.translate-message&limit=500')).json();
  return Promise.all(
    data.map(async (row: { id: string }) => {
      const detail = (await get(`/v1/deliveries/${row.id}`)).json();
      return { operation: detail.operation, messageId: detail.payload.messageId };
    }),
  );
}

describe('POST /v1/webhooks/{connectionId}', () => {
  let ids = 0;
  const body = () =>
    JSON.stringify({ type: 'order.status', data: { externalId: `o-${(ids += 1)}`, status: 'CONFIRMED' } });

  function send(
    payload: string,
    options: { id?: string; at?: Date; secret?: string; connection?: string; headers?: object } = {},
  ) {
    const at = options.at ?? api.clock.now();
    const id = options.id ?? `msg_${(ids += 1)}`;
    const signature = new Webhook(options.secret ?? webhookSecret).sign(id, at, payload);
    return api.app.inject({
      method: 'POST',
      url: `/v1/webhooks/${options.connection ?? 'erp'}`,
      payload,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': signature,
        ...options.headers,
      },
    });
  }

  it('stores a signed message byte for byte and has it translated', async () => {
    const payload = `${body()}  `;
    const reply = await send(payload);
    expect(reply.statusCode).toBe(202);
    const { messageId } = reply.json();
    const message = (await get(`/v1/messages/${messageId}`)).json();
    expect(message).toMatchObject({
      channel: 'webhook',
      connection: 'erp',
      state: 'received',
      raw: { text: payload, encoding: 'utf8' },
    });
    expect((await get(`/v1/messages/${messageId}/raw`)).rawPayload).toEqual(Buffer.from(payload));
    expect(await waiting()).toContainEqual({ operation: 'message.translate', messageId });
  });

  it('refuses what is signed by a stored secret that is none, and says so once', async () => {
    const put = { ...connection, id: 'weak', secrets: { apiKey: 'k', webhookSecret } };
    await api.app.inject({ method: 'PUT', url: '/v1/connections/weak', payload: put, headers: auth() });
    // Stored before its length was looked at.
    await api.services.db.tx('acme', async (tx) => {
      const stored = (await api.services.connections.get(tx, 'weak'))!;
      const { type, role, settings, test } = stored;
      const secrets = { webhookSecret: '-' };
      await api.services.connections.put(
        tx,
        { id: 'weak', type, role, settings, test, secrets },
        { now: api.clock.now() },
      );
    });
    const [id, seconds, payload] = ['msg_weak', Math.floor(api.clock.now().getTime() / 1000), body()];
    const mac = createHmac('sha256', '').update(`${id}.${seconds}.${payload}`).digest('base64');
    const logged = vi.spyOn(api.services.log, 'error') as unknown as MockInstance<
      (fields: object, words: string) => void
    >;
    for (let n = 0; n < 2; n++) {
      const headers = { 'webhook-signature': `v1,${mac}` };
      const reply = await send(payload, { id, connection: 'weak', headers });
      expect([reply.statusCode, reply.json().code]).toEqual([401, 'SIGNATURE_INVALID']);
    }
    const said = logged.mock.calls.filter(([, words]) => words.includes('webhook secret'));
    logged.mockRestore();
    expect(said).toHaveLength(1);
    expect(said[0]![0]).toEqual({ connection: 'weak' });
  });

  it('takes both secrets while one is rotated out, and only the new one afterwards', async () => {
    const headers = auth();
    const put = { ...connection, id: 'erp-two', secrets: { apiKey: 'k', webhookSecret } };
    await api.app.inject({ method: 'PUT', url: '/v1/connections/erp-two', headers, payload: put });
    const change = (step: string) =>
      api.app.inject({
        method: 'POST',
        url: `/v1/connections/erp-two/webhook-secret${step}`,
        headers,
        payload: { reason: 'a laptop was lost' },
      });
    const statusOf = async (secret: string) => (await send(body(), { connection: 'erp-two', secret })).statusCode;
    const rotated = (await change('')).json();
    expect(rotated.webhookSecret).toMatch(/^whsec_/);
    expect(rotated.connection.secrets).toEqual({
      apiKey: { set: true, changedAt: expect.any(String) },
      webhookSecret: { set: true, changedAt: api.clock.now().toISOString() },
      webhookSecretBefore: { set: true, changedAt: api.clock.now().toISOString() },
    });
    expect([await statusOf(webhookSecret), await statusOf(rotated.webhookSecret)]).toEqual([202, 202]);
    expect(Object.keys((await change('/retire')).json().secrets)).toEqual(['apiKey', 'webhookSecret']);
    expect([await statusOf(webhookSecret), await statusOf(rotated.webhookSecret)]).toEqual([401, 202]);
    expect((await change('/retire')).json().code).toBe('CONFLICT');
    const audit = (await get('/v1/audit?subjectId=erp-two')).body;
    expect(audit).toContain('webhook-secret.rotate');
    expect(audit).not.toContain(rotated.webhookSecret.slice(6));
  });

  it('takes a repeated message once, also when the repeats come together', async () => {
    const payload = body();
    const at = api.clock.now();
    const before = (await waiting()).length;
    const replies = await Promise.all(Array.from({ length: 10 }, () => send(payload, { id: 'msg_repeat', at })));
    expect(new Set(replies.map((reply) => reply.statusCode))).toEqual(new Set([202]));
    expect(new Set(replies.map((reply) => reply.json().messageId)).size).toBe(1);
    expect((await waiting()).length).toBe(before + 1);
  });

  it.each([
    [
      'another secret',
      { secret: `whsec_${Buffer.from('somebody else').toString('base64')}` },
      401,
      'SIGNATURE_INVALID',
    ],
    ['a stale timestamp', { at: new Date('2026-06-01T12:54:00Z') }, 401, 'SIGNATURE_STALE'],
    ['a timestamp ahead', { at: new Date('2026-06-01T13:06:00Z') }, 401, 'SIGNATURE_STALE'],
    ['an unknown connection', { connection: 'nobody' }, 401, 'SIGNATURE_INVALID'],
    ['another tenant’s connection', { connection: 'other:erp' }, 401, 'SIGNATURE_INVALID'],
    ['no signature', { headers: { 'webhook-signature': '' } }, 401, 'SIGNATURE_INVALID'],
    ['another content type', { headers: { 'content-type': 'text/plain' } }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ])('refuses %s and stores nothing', async (_what, options, status, code) => {
    const before = (await waiting()).length;
    const reply = await send(body(), options);
    expect([reply.statusCode, reply.json().code]).toEqual([status, code]);
    expect((await waiting()).length).toBe(before);
  });

  it('refuses a body changed by one byte', async () => {
    const payload = body();
    const id = 'msg_flip';
    const at = api.clock.now();
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(webhookSecret).sign(id, at, payload),
    };
    const reply = await api.app.inject({
      method: 'POST',
      url: '/v1/webhooks/erp',
      payload: payload.replace('CONFIRMED', 'CONFIRMEE'),
      headers,
    });
    expect(reply.json().code).toBe('SIGNATURE_INVALID');
  });

  it.each(['{"type":"order.status","type":"x"}', '{', ''])(
    'refuses signed JSON that is malformed, and shows it to people: %j',
    async (payload) => {
      const reply = await send(payload);
      expect([reply.statusCode, reply.json().code]).toEqual([400, 'MALFORMED_JSON']);
      const exception = (await get(`/v1/exceptions/${reply.json().exceptionId}`)).json();
      expect(exception).toMatchObject({ code: 'INVALID_INPUT', cause: expect.stringContaining('Connection erp') });
      const [newest] = (await get('/v1/messages?state=refused&channel=webhook&limit=1')).json().data;
      expect(newest).toMatchObject({ actor: 'connection:erp', byteLength: payload.length });
    },
  );

  it.each(['null', '[]', '1', '"text"', '{"type":7}'])('takes %s for what it is', async (payload) => {
    expect((await send(payload)).statusCode).toBeLessThan(500);
  });

  it('keeps what comes under a used id with other content, does nothing with it, and tells people', async () => {
    const at = api.clock.now();
    const first = await send(body(), { id: 'msg_conflict', at });
    const before = (await waiting()).length;
    const changed = body();
    const second = await send(changed, { id: 'msg_conflict', at });
    expect(second.json()).toMatchObject({ messageId: first.json().messageId, duplicateOf: first.json().messageId });
    expect((await waiting()).length).toBe(before);
    const [exception] = (await get('/v1/exceptions?code=CONFLICTING_DUPLICATE')).json().data;
    expect(exception.cause).toContain(first.json().messageId);
    const kept = (await get(`/v1/messages/${exception.messageId}`)).json();
    expect(kept).toMatchObject({ state: 'rejected', reason: 'CONFLICTING_DUPLICATE', raw: { text: changed } });
  });
});

describe('POST /v1/edi/inbound', () => {
  const edi =
    'ISA*00*          *00*          *ZZ*MERIDIAN       *ZZ*RIDGELINE      *260601*0900*U*00401*000000001*0*P*>~';
  const send = (payload: string | Buffer, type = 'application/edi-x12', url = '/v1/edi/inbound') =>
    api.app.inject({ method: 'POST', url, payload, headers: { ...auth(), 'content-type': type } });

  it('stores the bytes as they are and has them translated', async () => {
    const bytes = Buffer.concat([Buffer.from(edi), Buffer.from([0xe9, 0x0a])]);
    const reply = await send(bytes, 'application/edi-x12', '/v1/edi/inbound?partner=C200');
    expect(reply.statusCode).toBe(202);
    const { messageId } = reply.json();
    expect((await get(`/v1/messages/${messageId}/raw`)).rawPayload).toEqual(bytes);
    expect((await get(`/v1/messages/${messageId}`)).json()).toMatchObject({
      channel: 'edi-http',
      partner: 'C200',
      raw: { encoding: 'base64' },
    });
    expect(await waiting()).toContainEqual({ operation: 'message.translate', messageId });
  });

  it('leaves recognising repeats to the exchange: the same bytes are two messages', async () => {
    const [one, two] = [(await send(edi)).json(), (await send(edi)).json()];
    expect(one.messageId).not.toBe(two.messageId);
  });

  it('refuses nothing at all, with a trace of it in the console', async () => {
    const reply = await send(' \r\n ');
    expect([reply.statusCode, reply.json().code]).toEqual([422, 'EDI_UNREADABLE']);
    const [newest] = (await get('/v1/messages?state=refused&limit=1')).json().data;
    expect(newest).toMatchObject({ channel: 'edi-http', byteLength: 4 });
  });

  it('refuses the name of a partner that nobody has', async () => {
    const reply = await send(edi, 'application/edi-x12', '/v1/edi/inbound?partner=NOBODY');
    expect(reply.statusCode).toBe(422);
    expect(reply.json().errors).toMatchObject([{ pointer: '/partner', code: 'UNKNOWN_PARTNER' }]);
  });

  it('refuses JSON and forms', async () => {
    expect((await send('{}', 'application/json')).statusCode).toBe(415);
    expect((await send('a=b', 'application/x-www-form-urlencoded')).statusCode).toBe(415);
  });
});

describe('POST /v1/reservations', () => {
  let n = 0;
  const reserve = (quantity: string, change: object = {}, key = `r${(n += 1)}`) =>
    api.app.inject({
      method: 'POST',
      url: '/v1/reservations',
      payload: { sku: 'LED', channel: 'portal', quantity: { value: quantity, uom: 'EA' }, ...change },
      headers: { ...auth(), 'idempotency-key': key },
    });
  const ats = async () => (await get('/v1/availability?sku=LED&channel=portal')).json().ats;

  it('takes stock from what may be sold, and gives it back', async () => {
    expect(await ats()).toBe('20');
    const reply = await reserve('2', { quantity: { value: '1', uom: 'BX' } });
    expect(reply.statusCode).toBe(201);
    expect(reply.json()).toMatchObject({
      sku: 'LED',
      quantity: '6',
      uom: 'EA',
      parts: [{ location: 'DC1', quantity: '6' }],
    });
    expect(await ats()).toBe('14');
    const url = String(reply.headers.location);
    expect((await get(url)).json().id).toBe(reply.json().id);
    expect((await api.app.inject({ method: 'DELETE', url, headers: auth() })).statusCode).toBe(204);
    expect(await ats()).toBe('20');
    // Whoever publishes what may be sold, or waits for stock, hears of both.
    const events = await api.services.db.tx('acme', (tx) => api.services.events.list(tx, { entityId: 'LED' }));
    const about = { reservationId: reply.json().id, sku: 'LED', location: 'DC1', quantity: '6' };
    expect(events.filter(({ type }) => type.startsWith('inventory.'))).toMatchObject([
      { type: 'inventory.reservation.held', key: 'LED@DC1', data: about },
      { type: 'inventory.reservation.released', key: 'LED@DC1', data: about },
    ]);
  });

  it('says of when the figure is, and reads the database for who asks', async () => {
    const one = (await get('/v1/availability?sku=LED&channel=portal&explain=true')).json();
    expect(Date.parse(one.asOf)).toBeLessThanOrEqual(Date.parse(one.at));
    expect(Date.parse(one.at) - Date.parse(one.asOf)).toBeLessThanOrEqual(250);
    const two = (await get('/v1/availability?sku=LED&channel=portal&explain=true&fresh=true')).json();
    expect({ ...two, at: one.at, asOf: one.asOf }).toEqual(one);
    expect((await get('/v1/availability?sku=NONE&channel=portal')).json().code).toBe('NOT_FOUND');
  });

  it('answers the same key with the same reservation', async () => {
    const [one, two] = [await reserve('1', {}, 'again'), await reserve('1', {}, 'again')];
    expect(two.json()).toEqual(one.json());
    expect(await ats()).toBe('19');
    expect((await reserve('2', {}, 'again')).json().code).toBe('IDEMPOTENCY_KEY_REUSED');
    await api.app.inject({ method: 'DELETE', url: `/v1/reservations/${one.json().id}`, headers: auth() });
  });

  it('is never given more than there is, however many ask at once', async () => {
    const replies = await Promise.all(Array.from({ length: 50 }, () => reserve('1')));
    expect(replies.filter((reply) => reply.statusCode === 201)).toHaveLength(20);
    const refused = replies.filter((reply) => reply.statusCode !== 201);
    expect(refused).toHaveLength(30);
    for (const reply of refused) expect([reply.statusCode, reply.json().code]).toEqual([409, 'INSUFFICIENT_ATS']);
    expect(await ats()).toBe('0');
  });

  it('explains the figure term by term, up to the figure itself', async () => {
    const body = (await get('/v1/availability?sku=LED&channel=portal&explain=true')).json();
    expect(body).toMatchObject({
      ats: '0',
      baseUom: 'EA',
      locations: [{ location: 'DC1', onHand: '20', softReserved: '20' }],
    });
    expect(body.waterfall.at(-1).quantity).toBe(body.ats);
    expect((await get('/v1/availability?sku=NOPE')).statusCode).toBe(404);
  });
});
