import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { apex, dc1, dc1Stock, led, ledPrice } from '../../test/harness/ridgeline-data.ts';
import { systemClock } from '../platform/index.ts';
import { resolveRelativeDates } from './relative-dates.ts';

let api: TestApi;
let url: string;
const folder = mkdtempSync(join(tmpdir(), 'crossdock-cli-'));
const main = fileURLToPath(new URL('../main.ts', import.meta.url));

beforeAll(async () => {
  api = await testApi();
  url = await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await api?.stop();
  rmSync(folder, { recursive: true });
});

interface Run {
  code: number;
  out: string;
  err: string;
}

/** @param heard called with whatever comes on standard output */
function run(args: string[], env: Record<string, string> = {}, heard?: (text: string) => void): Promise<Run> {
  return new Promise((resolve) => {
    const settings = {
      ...process.env,
      CROSSDOCK_URL: url,
      CROSSDOCK_ADMIN_KEY: api.adminKey,
      CROSSDOCK_DATA: folder,
      ...env,
    };
    const child = execFile(process.execPath, [main, ...args], { env: settings }, (error, out, err) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, out, err });
    });
    if (heard !== undefined) child.stdout?.on('data', heard);
  });
}

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const acme = {
  apiVersion: 'crossdock/v1',
  timeZone: 'America/New_York',
  locations: [dc1],
  items: [led],
  prices: [{ ...ledPrice, validFrom: 'today-30d' }],
  customers: [apex],
  stockPolicies: [{ sku: 'LED', channel: 'marketplace', buffer: '5' }],
  stock: [dc1Stock],
  connections: [
    {
      id: 'erp',
      type: 'demo-erp',
      role: 'erp',
      settings: { baseUrl: 'http://127.0.0.1:9', allowPrivateNetwork: true },
      secrets: { apiKey: 'k', webhookSecret: 'whsec_YSBzZWNyZXQgb2YgdHdlbnR5LWZvdXIhIQ==' },
    },
  ],
  crossReferences: [{ scope: 'C200', type: 'item', external: 'THEIRS', canonical: 'LED' }],
};

describe('crossdock apply', () => {
  it('shows what it would do and does nothing on a dry run', async () => {
    const { code, out, err } = await run(['apply', file('acme.json', acme), '--dry-run']);
    expect([code, out.trim()]).toEqual([0, '7 would be created, 1 changed, 0 are so already']);
    expect(err).toContain('+ customers C200');
    const reply = await api.app.inject({ url: '/v1/items/LED', headers: { authorization: `Bearer ${api.adminKey}` } });
    expect(reply.statusCode).toBe(404);
  });

  it('changes nothing without being told to when nobody can be asked', async () => {
    const { code, err } = await run(['apply', file('acme.json', acme)]);
    expect(code).toBe(2);
    expect(err).toContain('--yes');
  });

  it('makes it so, and finds it so the second time', async () => {
    const first = await run(['apply', file('acme.json', acme), '--yes', '--json']);
    expect([first.code, JSON.parse(first.out)]).toMatchObject([0, { create: 7, applied: true }]);
    const second = JSON.parse((await run(['apply', file('acme.json', acme), '--yes', '--json'])).out);
    expect(second).toMatchObject({ create: 0, change: 0, unchanged: 8, changes: [], warnings: [] });
    const headers = { authorization: `Bearer ${api.adminKey}` };
    expect((await api.app.inject({ url: '/v1/connections/erp', headers })).headers.etag).toBe('"1"');
    expect((await api.app.inject({ url: '/v1/customers/C200', headers })).headers.etag).toBe('"1"');
  });

  it('names each difference, and applies it', async () => {
    const changed = { apiVersion: 'crossdock/v1', customers: [{ ...apex, terms: { netDays: 60 } }] };
    const { code, err } = await run(['apply', file('changed.json', changed), '--yes']);
    expect(code).toBe(0);
    expect(err).toContain('~ customers C200\n    terms.netDays: 30 → 60');
  });

  it('sets the bound of open deliveries, with a reason for the audit, and takes it away again', {
    timeout: 60_000,
  }, async () => {
    const headers = { authorization: `Bearer ${api.adminKey}` };
    const bound = async () => (await api.app.inject({ url: '/v1/intake', headers })).json().openMax;
    const intake = (value: unknown) => ['apply', file('intake.json', { apiVersion: 'crossdock/v1', intake: value })];
    const set = { openMax: 20_000, reason: 'the new ERP is slow' };
    expect((await run([...intake(set), '--dry-run'])).err).toContain('~ intake openMax\n    openMax: absent → 20000');
    expect(await bound()).toBeUndefined();
    expect((await run([...intake(set), '--yes'])).code).toBe(0);
    expect(await bound()).toBe(20_000);
    expect(JSON.parse((await run([...intake(set), '--yes', '--json'])).out)).toMatchObject({ change: 0, unchanged: 1 });
    const audit = await api.app.inject({ url: '/v1/audit?limit=5', headers });
    expect(audit.json().data[0]).toMatchObject({ action: 'intake.configure', reason: 'the new ERP is slow' });
    // A file that does not speak of it leaves it alone.
    await run(['apply', file('other.json', { apiVersion: 'crossdock/v1', locations: [] }), '--yes']);
    expect(await bound()).toBe(20_000);
    for (const wrong of [{ openMax: 0 }, { openmax: 5 }]) expect((await run([...intake(wrong), '--yes'])).code).toBe(1);
    expect(await bound()).toBe(20_000);
    expect((await run([...intake({ openMax: null }), '--yes'])).code).toBe(0);
    expect(await bound()).toBeUndefined();
  });

  it('reads YAML', async () => {
    const yaml =
      'apiVersion: crossdock/v1\nlocations:\n  - code: DC9\n    name: Nine\n    kind: warehouse\n    timeZone: UTC\n    sellable: true\n    priority: 9\n';
    expect((await run(['apply', file('nine.yaml', yaml), '--yes'])).code).toBe(0);
  });

  it.each([
    ['of another version', { apiVersion: 'crossdock/v2' }, 'apiVersion'],
    ['with a part nobody knows', { apiVersion: 'crossdock/v1', orders: [] }, 'unknown parts orders'],
    ['with a list for a setting', { apiVersion: 'crossdock/v1', intake: [] }, 'intake must be an object'],
    ['that is no object', '- 1', 'not an apply file'],
    ['that is not YAML', '{', 'cannot be read'],
    ['with a custom tag', 'apiVersion: !!js/function "x"', 'apiVersion'],
  ])('refuses a file %s', async (_what, content, message) => {
    const { code, err } = await run(['apply', file('bad.yaml', content), '--yes']);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it('says what the hub refuses, and where', async () => {
    const bad = { apiVersion: 'crossdock/v1', items: [{ ...led, sku: 'BAD', status: 'maybe' }] };
    const { code, err } = await run(['apply', file('refused.json', bad), '--yes']);
    expect(code).toBe(1);
    expect(err).toContain('/status: must be one of');
  });
});

describe('crossdock send and trace', () => {
  const order = (customerPo: string) => ({
    channel: 'portal',
    customer: 'C200',
    customerPo,
    lines: [{ sku: 'LED', quantity: { value: '1', uom: 'EA' } }],
  });

  it('hands in an order and tells its story', { timeout: 60_000 }, async () => {
    const sent = await run(['send', file('order.json', order('CLI-1'))]);
    expect([sent.code, sent.out]).toEqual([0, expect.stringMatching(/^order SO\d+: /)]);
    const traced = await run(['trace', 'CLI-1']);
    expect(traced.code).toBe(0);
    expect(traced.out).toContain('Apex Hospital ordered 1 EA LED');
    expect(traced.out).toMatch(/^Order .*times in UTC\n\d{4}-\d{2}-\d{2} {2}\d{2}:\d{2}:/);
    expect(JSON.parse((await run(['trace', 'CLI-1', '--json'])).out)).toMatchObject({ entries: expect.any(Array) });
  });

  it('hands in CSV and names the rows that were refused', async () => {
    const csv = 'customer,customer_po,sku,quantity,uom\nC200,CLI-2,LED,1,EA\nC200,CLI-3,LED,none,EA\n';
    const { code, out } = await run(['send', file('orders.csv', csv)]);
    expect(code).toBe(1);
    expect(out).toContain('1 created, 0 duplicate, 1 refused');
    expect(out).toContain('row 3 quantity:');
  });

  it('hands in EDI', async () => {
    const { code, out } = await run(['send', file('po.edi', 'ISA*00*'), '--partner', 'C200', '--wait', '0']);
    expect([code, out]).toEqual([0, expect.stringContaining('stored, not translated yet')]);
  });

  it('refuses what the hub refuses', async () => {
    expect((await run(['send', file('order.json', order('CLI-1'))])).err).toContain('DUPLICATE_ORDER');
  });
});

describe('crossdock tail', () => {
  beforeAll(() => {
    // The hub looks for news by its clock, which stands still in the other tests.
    (api.services as { clock: unknown }).clock = { ...systemClock, now: () => api.clock.now() };
  });
  const order = (customerPo: string) => ({
    channel: 'portal',
    customer: 'C200',
    customerPo,
    lines: [{ sku: 'LED', quantity: { value: '1', uom: 'EA' } }],
  });
  const events = (out: string): { type: string; orderId: string; correlationId: string }[] =>
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('begins with what has happened, and goes on with what happens, a line of JSON each', {
    timeout: 60_000,
  }, async () => {
    await run(['send', file('order.json', order('TAIL-1'))]);
    let begun: (() => void) | undefined;
    const beginning = new Promise<void>((resolve) => (begun = resolve));
    const args = ['tail', '--type', 'sales.order.received', '--recent', '1', '--count', '2', '--json'];
    const listening = run(args, {}, () => begun?.());
    await beginning;
    await run(['send', file('order.json', order('TAIL-2'))]);
    const { code, out } = await listening;
    expect(code).toBe(0);
    const [first, second] = events(out);
    expect([first?.type, second?.type]).toEqual(['sales.order.received', 'sales.order.received']);
    expect(second?.orderId).not.toBe(first?.orderId);
  });

  it('tells of one order, or one correlation, and of nothing else', { timeout: 60_000 }, async () => {
    await run(['send', file('order.json', order('TAIL-3'))]);
    await run(['send', file('order.json', order('TAIL-4'))]);
    const [told] = events((await run(['tail', '--order', 'TAIL-3', '--recent', '5', '--count', '1', '--json'])).out);
    const trace = JSON.parse((await run(['trace', 'TAIL-3', '--json'])).out);
    expect(told).toMatchObject({ orderId: trace.orderId, correlationId: trace.correlationId });
    const args = ['tail', '--correlation', trace.correlationId, '--recent', '5', '--count', '1'];
    const { out } = await run(args);
    expect(out).toMatch(/^\d{4}-\S+Z {2}sales\.order\.received +order +\S+ {2}correlation \S+\n$/);
  });

  it.each([
    ['an order that is not there', ['--order', 'NO-SUCH-PO'], 5],
    ['a number that is none', ['--recent', 'many'], 2],
    ['too many', ['--recent', '101'], 2],
  ])('refuses %s', async (_what, args, expected) => {
    expect((await run(['tail', ...args])).code).toBe(expected);
  });

  it('needs a hub and a key to begin with', async () => {
    expect((await run(['tail'], { CROSSDOCK_URL: 'http://127.0.0.1:1' })).code).toBe(3);
    expect((await run(['tail'], { CROSSDOCK_ADMIN_KEY: 'wrong-key' })).code).toBe(4);
  });
});

describe('exit codes', () => {
  it.each([
    ['0 for help', ['--help'], {}, 0],
    ['0 for status', ['status'], {}, 0],
    ['2 for no such command', ['fly'], {}, 2],
    ['2 for a missing argument', ['trace'], {}, 2],
    ['2 for a file that is not there', ['send', '/nowhere/x.edi'], {}, 2],
    ['3 when no hub answers', ['status'], { CROSSDOCK_URL: 'http://127.0.0.1:1' }, 3],
    ['4 for a wrong key', ['status'], { CROSSDOCK_ADMIN_KEY: 'wrong-key' }, 4],
    ['4 without any key', ['status'], { CROSSDOCK_ADMIN_KEY: '' }, 4],
    ['5 for what is not there', ['trace', 'NO-SUCH-PO'], {}, 5],
    ['5 for a delivery that is not there', ['replay', '00000000-0000-7000-8000-000000000000', '--reason', 'x'], {}, 5],
  ])('%s', async (_what, args, env, expected) => {
    const { code, out } = await run(args, env);
    expect(code).toBe(expected);
    if (expected > 1) expect(out).toBe('');
  });

  it('come with JSON on standard output when asked for', { timeout: 60_000 }, async () => {
    const { code, out } = await run(['status', '--json'], { CROSSDOCK_URL: 'http://127.0.0.1:1' });
    const failure = { error: expect.stringContaining('No hub answers'), code: 'UNREACHABLE' };
    expect([code, JSON.parse(out)]).toEqual([3, failure]);
    const missing = JSON.parse((await run(['trace', 'NO-SUCH-PO', '--json'])).out);
    expect(missing).toMatchObject({ error: expect.stringContaining('NO-SUCH-PO'), code: 'NOT_FOUND', hits: [] });
    const wrong = await run(['trace', 'X', '--jsn', '--json']);
    expect([wrong.code, JSON.parse(wrong.out)]).toMatchObject([2, { error: expect.any(String), code: 'USAGE' }]);
  });
});

describe('crossdock doctor', () => {
  it('finds what is wrong and says how to mend it', async () => {
    const { code, out } = await run(['doctor', '--json'], { CROSSDOCK_PORT: '99999', CROSSDOCK_TYPO: '1' });
    expect(code).toBe(1);
    const failing = JSON.parse(out).checks.filter((check: { state: string }) => check.state === 'failing');
    expect(failing).toMatchObject([{ name: 'configuration', detail: expect.stringContaining('CROSSDOCK_PORT') }]);
  });

  it('is content with a machine that has what the hub needs', async () => {
    const { code, out } = await run(['doctor', '--json'], {
      CROSSDOCK_PORT: new URL(url).port,
      DATABASE_URL: api.database.url,
    });
    const checks = Object.fromEntries(
      JSON.parse(out).checks.map((check: { name: string; state: string }) => [check.name, check.state]),
    );
    expect(checks).toMatchObject({
      Node: 'ok',
      'data folder': 'ok',
      disk: 'ok',
      port: 'ok',
      database: 'ok',
      clock: 'ok',
    });
    expect(code).toBe(0);
  });
});

describe('crossdock doctor on a database in trouble', () => {
  it('says what keeps deliveries, who has to decide, and how old the last backup is', async () => {
    const { owner } = api.database;
    const look = async () => {
      const { code, out } = await run(['doctor', '--json'], {
        CROSSDOCK_PORT: new URL(url).port,
        DATABASE_URL: api.database.url,
      });
      const checks: { name: string; state: string; detail: string; fix?: string }[] = JSON.parse(out).checks;
      return { code, of: (name: string) => checks.find((check) => check.name === name) };
    };
    const calm = await look();
    expect(calm.of('migrations')).toMatchObject({ state: 'ok', detail: expect.stringContaining('applied') });
    expect(calm.of('breakers')?.state).toBe('ok');
    expect(calm.of('backup')).toMatchObject({ state: 'warning', fix: expect.stringContaining('crossdock backup') });
    expect(calm.of('database')?.detail).toMatch(/^PostgreSQL \d+\.\d+, durable: fsync on/);

    await api.database.app.tx('acme', async (tx) => {
      await api.services.queue.destinations.ensure(tx, [{ name: 'erp', lanes: 1 }]);
      await api.services.queue.enqueue(tx, [
        {
          destination: 'erp',
          key: 'k',
          operation: 'order.create',
          payload: { kind: 'command', entity: { kind: 'order', id: 'k' } },
          correlationId: 'c',
        },
      ]);
      await api.services.queue.destinations.holdOpen(tx, 'erp', { actor: 'ann', reason: 'cut-over' });
    });
    await owner.query("UPDATE delivery SET created_at = now() - interval '3 hours' WHERE key = 'k'");
    await owner.query(
      "INSERT INTO backup_taken VALUES (gen_random_uuid(), 'logical', now() - interval '3 days', '/backups', 1)",
    );
    const trouble = await look();
    expect(trouble.of('breakers')).toMatchObject({ state: 'warning', detail: expect.stringContaining('(cut-over)') });
    expect(trouble.of('oldest delivery')).toMatchObject({ state: 'warning', detail: 'waits 3 h for erp' });
    expect(trouble.of('backup')).toMatchObject({ state: 'warning', detail: 'logical, 3 d ago, in /backups' });
    expect(trouble.of('lanes')).toMatchObject({ state: 'warning', detail: expect.stringContaining('no worker') });
    expect(trouble.of('ledger')?.state).toBe('ok');
    // Nothing of it is broken: scripts that look at the code alone are not alarmed.
    expect(trouble.code).toBe(0);
    // A cursor that has passed what nobody has sent.
    await owner.query("UPDATE lane SET cursor_position = 1e9::bigint WHERE destination = 'erp'");
    const lost = await look();
    expect(lost.of('ledger')).toMatchObject({ state: 'failing', detail: expect.stringContaining('1 to erp (') });
    expect(lost.code).toBe(1);
    await owner.query("UPDATE schema_migration SET checksum = 'x' WHERE name LIKE '0010%'");
    const changed = await look();
    expect(changed.of('migrations')).toMatchObject({
      state: 'failing',
      detail: expect.stringContaining('0010-queue.sql'),
    });
    expect(changed.code).toBe(1);
  });
});

describe('relative dates', () => {
  const at = new Date('2026-03-08T04:30:00Z');

  it('count in the company’s own days, across a change of its clocks', () => {
    const resolve = (value: string) => resolveRelativeDates(value, at, 'America/New_York');
    expect(resolve('today')).toBe('2026-03-07');
    expect(resolve('today+1d')).toBe('2026-03-08');
    expect(resolve('today+2d')).toBe('2026-03-09');
    expect(resolve('today-7d')).toBe('2026-02-28');
    expect(resolve('now')).toBe('2026-03-08T04:30:00.000Z');
  });

  it('are only whole values', () => {
    const value = { a: ['today is', 'nowhere', 5, null], b: { c: 'today+1x' } };
    expect(resolveRelativeDates(value, at, 'UTC')).toEqual(value);
  });
});
