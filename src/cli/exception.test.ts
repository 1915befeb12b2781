import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { getException, openExceptions } from '../exceptions/index.ts';
import { actOnException } from '../flows/index.ts';
import { instantAhead } from './exception-act.ts';
import type { Tx } from '../platform/index.ts';

let api: TestApi;
let url: string;
let ids: string[];
const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const inAcme = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => api.database.app.tx('acme', fn);

beforeAll(async () => {
  api = await testApi({ flows: { actOnException } });
  url = await api.app.listen({ port: 0, host: '127.0.0.1' });
  const opened = await inAcme((tx) =>
    openExceptions(
      tx,
      [
        { code: 'NO_ROUTE', dedupeKey: 'a', entityRefs: [], cause: 'nobody takes an 860' },
        {
          code: 'CREDIT_HOLD',
          dedupeKey: 'b',
          entityRefs: [],
          cause: 'Meridian is over',
          moneyAtRiskMinor: 5_000,
          currency: 'JPY',
        },
        { code: 'AUTH_FAILED', dedupeKey: 'c', entityRefs: [], cause: 'the ERP said 401' },
      ],
      api.clock.now(),
    ),
  );
  ids = opened.map(({ id }) => id);
});
afterAll(() => api?.stop());

function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, CROSSDOCK_URL: url, CROSSDOCK_ADMIN_KEY: api.adminKey };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'exception', ...args], { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}
const stateOf = async (id: string) => (await inAcme((tx) => getException(tx, id)))!;

it('lists what matches, due first, and shows one with what can be done', { timeout: 60_000 }, async () => {
  const all = JSON.parse((await run('list', '--json')).out) as { data: { id: string }[] };
  expect(all.data.map(({ id }) => id)).toEqual([ids[2], ids[1], ids[0]]);
  const some = await run('list', '--q', 'meridian', '--owner-role', 'finance');
  expect(some.out).toContain('CREDIT_HOLD: Meridian is over');
  expect(some.out.trim().split('\n')).toHaveLength(2);
  const one = await run('show', ids[1]!);
  expect(one.out).toMatch(/release_hold +Waives this hold/);
  expect(one.out).toContain('(5000 JPY)');
  expect((await run('show', '01940000-0000-7000-8000-000000000000')).code).toBe(5);
  const wrong = await run('list', '--owner-role', 'king');
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('customer_service')]);
});

it('previews, and does nothing unless it is told to', { timeout: 60_000 }, async () => {
  const noReason = await run('act', 'note', ids[0]!);
  expect([noReason.code, noReason.err]).toEqual([2, expect.stringContaining('--reason')]);
  expect((await run('act', 'note', '--reason', 'x')).code).toBe(2);
  expect((await run('act', 'note', ids[0]!, '--code', 'NO_ROUTE', '--reason', 'x')).code).toBe(2);
  const dry = await run('act', 'assign', ids[0]!, '--to', 'bob', '--reason', 'his turn', '--dry-run');
  expect([dry.code, dry.err]).toEqual([0, expect.stringContaining('would: bob looks after it')]);
  // Nobody can be asked here.
  const unasked = await run('act', 'assign', ids[0]!, '--to', 'bob', '--reason', 'his turn');
  expect([unasked.code, unasked.out]).toEqual([1, expect.stringContaining('Nothing was changed')]);
  expect((await stateOf(ids[0]!)).version).toBe(1);
});

it('acts on one, and on all that match, and says which did not take it', { timeout: 60_000 }, async () => {
  const one = await run('act', 'assign', ids[0]!, '--to', 'bob', '--reason', 'his turn', '--yes');
  expect([one.code, one.out.trim()]).toEqual([0, 'bob looks after it']);
  expect((await stateOf(ids[0]!)).assignee).toBe('bob');
  const many = await run('act', 'resolve', '--state', 'open', '--reason', 'all dealt with', '--yes', '--json');
  expect(many.err).toContain('2 of 3 will take it');
  expect(many.err).toContain('Over the credit limit');
  expect(JSON.parse(many.out)).toMatchObject({ preview: false, done: 2 });
  expect((await stateOf(ids[0]!)).resolution).toBe('all dealt with');
  expect((await stateOf(ids[1]!)).state).toBe('open');
  const none = await run('act', 'resolve', '--state', 'open', '--reason', 'all dealt with', '--yes');
  expect([none.code, none.out.trim()]).toEqual([1, 'Nothing was changed']);
});

it('takes a time ahead', () => {
  const now = new Date('2026-06-01T13:00:00Z');
  expect(instantAhead('90m', now)).toBe('2026-06-01T14:30:00.000Z');
  expect(instantAhead('2d', now)).toBe('2026-06-03T13:00:00.000Z');
  expect(instantAhead('2026-07-01T00:00:00Z', now)).toBe('2026-07-01T00:00:00.000Z');
  expect(() => instantAhead('soon', now)).toThrow(/neither an instant/);
});
