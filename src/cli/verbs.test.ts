import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { putRidgeline } from '../../test/harness/ridgeline-data.ts';
import { openExceptions } from '../exceptions/index.ts';
import { actOnException, cancelOrder } from '../flows/index.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
// Each step is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

let api: TestApi;
let url: string;

beforeAll(async () => {
  api = await testApi({ flows: { actOnException, cancelOrder } });
  await putRidgeline(api);
  url = await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => api?.stop());

function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, CROSSDOCK_URL: url, CROSSDOCK_ADMIN_KEY: api.adminKey };
    execFile(process.execPath, [main, ...args], { env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

async function submit(customerPo: string): Promise<{ id: string; orderNo: string }> {
  const reply = await api.app.inject({
    method: 'POST',
    url: '/v1/orders',
    payload: {
      channel: 'portal',
      customer: 'C200',
      customerPo,
      lines: [{ sku: 'LED', quantity: { value: '2', uom: 'EA' } }],
    },
    headers: { authorization: `Bearer ${api.adminKey}`, 'idempotency-key': customerPo },
  });
  return reply.json();
}

const audit = async (subjectId: string): Promise<{ action: string; reason?: string }[]> => {
  const headers = { authorization: `Bearer ${api.adminKey}` };
  return (await api.app.inject({ url: `/v1/audit?subjectId=${subjectId}`, headers })).json().data;
};

it('shows an order by its PO, notes on it, and cancels it with a reason', async () => {
  const { id, orderNo } = await submit('PO-CLI-1');
  const shown = await run('order', 'show', 'PO-CLI-1');
  expect([shown.code, shown.out]).toEqual([0, expect.stringContaining(`${orderNo}  `)]);
  expect((await run('order', 'note', orderNo, 'the buyer has called')).code).toBe(0);
  expect((await run('order', 'cancel', orderNo)).code).toBe(2);
  expect((await run('order', 'cancel', orderNo, '--reason', 'x', '--line', 'one')).code).toBe(2);
  const cancelled = await run('order', 'cancel', orderNo, '--reason', 'ordered twice', '--json');
  expect([cancelled.code, JSON.parse(cancelled.out).status.milestone]).toEqual([0, 'cancelled']);
  expect(await audit(id)).toMatchObject([
    { action: 'order.cancel', reason: 'ordered twice' },
    { action: 'order.comment' },
  ]);
  expect((await run('order', 'show', 'NO-SUCH')).code).toBe(5);
});

it('holds an order by hand after a look at what that does, and lets it go again', async () => {
  const { id, orderNo } = await submit('PO-CLI-HOLD');
  const seen = await run('order', 'hold', orderNo, '--reason', 'the buyer rings back', '--dry-run');
  expect([seen.code, seen.err]).toEqual([0, expect.stringContaining('Preview only')]);
  expect(seen.out).toContain(`Order ${orderNo} is held by hand`);
  expect(await audit(id)).toEqual([]);
  expect((await run('order', 'hold', orderNo, '--reason', 'the buyer rings back')).code).toBe(0);
  const again = await run('order', 'hold', orderNo, '--reason', 'x');
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('held by hand already')]);
  expect((await run('order', 'show', orderNo)).out).toContain('on hold: MANUAL_HOLD');
  const freed = await run('order', 'release', orderNo, '--reason', 'agreed');
  expect([freed.code, freed.out]).toEqual([0, expect.stringContaining('no longer held by hand')]);
  expect((await run('order', 'show', orderNo)).out).not.toContain('on hold');
  expect(await audit(id)).toMatchObject([{ action: 'order.hold', reason: 'the buyer rings back' }]);
});

it('says why no hold can be waived, and where to decide instead', async () => {
  const { id, orderNo } = await submit('PO-CLI-2');
  const none = await run('order', 'release', orderNo, '--reason', 'agreed');
  expect([none.code, none.err]).toEqual([1, expect.stringContaining('No hold')]);
  const price = { code: 'PRICE_MISMATCH', dedupeKey: 'p', entityRefs: [], orderId: id, cause: 'x' } as const;
  await api.services.db.tx('acme', (tx) => openExceptions(tx, [price], api.services.clock.now()));
  const other = await run('order', 'release', orderNo, '--reason', 'agreed');
  expect([other.code, other.err]).toEqual([1, expect.stringContaining(`PRICE_MISMATCH: `)]);
});

it('pauses, drains and resumes a destination, each with its reason', async () => {
  const connection = {
    id: 'erp',
    type: 'demo-erp',
    role: 'erp',
    settings: { baseUrl: 'http://127.0.0.1:9', allowPrivateNetwork: true },
    secrets: { apiKey: 'k', webhookSecret: 'whsec_YSBzZWNyZXQgb2YgdHdlbnR5LWZvdXIhIQ==' },
  };
  const headers = { authorization: `Bearer ${api.adminKey}` };
  const put = await api.app.inject({ method: 'PUT', url: '/v1/connections/erp', payload: connection, headers });
  expect(put.statusCode, put.body).toBe(201);
  expect((await run('destination', 'list')).out).toMatch(/^erp +erp +running +nothing waits/);
  expect((await run('destination', 'pause', 'erp')).code).toBe(2);
  const paused = await run('destination', 'pause', 'erp', '--reason', 'month end');
  expect([paused.code, paused.out]).toEqual([0, expect.stringContaining('paused: month end')]);
  expect((await run('destination', 'drain', 'erp', '--reason', 'slowly')).code).toBe(2);
  const slow = await run('destination', 'drain', 'erp', '--reason', 'slowly', '--per-second', '2.5', '--json');
  expect(JSON.parse(slow.out).drain).toMatchObject({ perSecond: 2.5 });
  const free = await run('destination', 'drain', 'erp', '--reason', 'done', '--no-limit', '--json');
  expect(JSON.parse(free.out).drain.perSecond).toBeUndefined();
  expect(JSON.parse((await run('destination', 'resume', 'erp', '--reason', 'over', '--json')).out).paused).toBe(false);
  expect((await run('destination', 'show', 'nobody')).code).toBe(5);
  expect((await audit('erp')).slice(0, 4).map(({ reason }) => reason)).toEqual(['over', 'done', 'slowly', 'month end']);
});

it('has no shipment to void where none is found', async () => {
  expect((await run('shipment', 'void', 'S-NONE', '--reason', 'x')).code).toBe(5);
});
