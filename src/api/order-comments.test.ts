import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { putRidgeline } from '../../test/harness/ridgeline-data.ts';
import { createApiKey, type Role } from '../security/index.ts';

let api: TestApi;
let keys = 0;
let orderId: string;

beforeAll(async () => {
  api = await testApi();
  await putRidgeline(api);
  const lines = [{ sku: 'LED', quantity: { value: '1', uom: 'EA' } }];
  const order = await post('/v1/orders', { channel: 'portal', customer: 'C200', customerPo: 'P-talk', lines });
  orderId = order.json().id;
});
afterAll(() => api?.stop());

function post(url: string, payload: object, headers: Record<string, string> = {}) {
  const usual = { authorization: `Bearer ${api.adminKey}`, 'idempotency-key': `k${(keys += 1)}` };
  return api.app.inject({ method: 'POST', url, payload, headers: { ...usual, ...headers } });
}

const get = async (url: string) =>
  (await api.app.inject({ url, headers: { authorization: `Bearer ${api.adminKey}` } })).json();
const comment = (text: unknown, headers?: Record<string, string>) =>
  post(`/v1/orders/${orderId}/comments`, { text }, headers);
interface Entry {
  kind: string;
  title: string;
  detail: string;
  at: string;
  code: string;
}
const said = async (): Promise<Entry[]> =>
  (await get(`/v1/orders/${orderId}/timeline`)).entries.filter((entry: Entry) => entry.kind === 'comment');

async function keyOf(name: string, role: Role): Promise<Record<string, string>> {
  const { db, clock } = api.services;
  const made = await db.tx('acme', (tx) => createApiKey(tx, clock, { name, roles: [role], createdBy: 'test' }));
  return { authorization: `Bearer ${made.key}` };
}

describe('POST /v1/orders/{id}/comments', () => {
  it('stands on the timeline as it was written, with who and when, once', async () => {
    const text = 'Called them: <b>dock 4</b> is closed\nuntil Monday & they know 😀';
    const finance = await keyOf('Fiona', 'finance');
    const reply = await comment(text, { ...finance, 'idempotency-key': 'once' });
    expect([reply.statusCode, reply.json()]).toMatchObject([201, { orderId, text, authorName: 'Fiona' }]);
    const again = await comment(text, { ...finance, 'idempotency-key': 'once' });
    expect(again.json()).toEqual(reply.json());
    expect(await said()).toMatchObject([
      { title: 'Comment by Fiona', detail: text, at: reply.json().writtenAt, code: reply.json().author },
    ]);
    expect(reply.json().author).toMatch(/^key:/);
  });

  it('is in the audit, which does not repeat the words', async () => {
    const { id } = (await comment('a secret word')).json();
    const [entry] = (await get('/v1/audit?limit=1')).data;
    expect(entry).toMatchObject({
      action: 'order.comment',
      subject: { kind: 'order', id: orderId },
      detail: { commentId: id },
    });
    expect(JSON.stringify(entry)).not.toContain('secret');
  });

  it.each([
    ['nothing', ''],
    ['mere space', ' \n\t '],
    ['too much', 'x'.repeat(2_001)],
    ['what is no text', 5],
  ])('refuses %s', async (_what, text) => {
    const before = (await said()).length;
    expect((await comment(text)).statusCode).toBe(422);
    expect(await said()).toHaveLength(before);
  });

  it('cannot be changed or taken away, not even by the hub’s own role', async () => {
    const change = (sql: string) => api.services.db.tx('acme', (tx) => tx.query(sql));
    await expect(change(`UPDATE order_comment SET text = 'other'`)).rejects.toThrow();
    await expect(change('DELETE FROM order_comment')).rejects.toThrow();
  });

  it('is bounded for one order', async () => {
    await api.database.owner.query(
      `INSERT INTO order_comment (tenant_id, id, order_id, text, author, author_name, written_at)
       SELECT 'acme', gen_random_uuid(), $1, 'again', 'a', 'A', now() FROM generate_series(1, 500)`,
      [orderId],
    );
    const reply = await comment('one too many');
    expect([reply.statusCode, reply.json().code]).toEqual([409, 'ACTION_NOT_ALLOWED']);
  });

  it('knows no order that is not there', async () => {
    expect((await post('/v1/orders/00000000-0000-7000-8000-000000000000/comments', { text: 'x' })).statusCode).toBe(
      404,
    );
  });
});
