import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { dc1, led, putRidgeline } from '../../test/harness/ridgeline-data.ts';

let api: TestApi;
let url: string;
const folder = mkdtempSync(join(tmpdir(), 'crossdock-apply-'));
const main = fileURLToPath(new URL('../main.ts', import.meta.url));

// Each run of a command is a process that loads its modules; some tests here run four.
vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  api = await testApi();
  await putRidgeline(api);
  url = await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await api?.stop();
  rmSync(folder, { recursive: true });
});

function run(args: string[], input = ''): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, CROSSDOCK_URL: url, CROSSDOCK_ADMIN_KEY: api.adminKey, CROSSDOCK_DATA: folder };
    const child = execFile(process.execPath, [main, ...args], { env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
    child.stdin?.end(input);
  });
}

/** The file by standard input, as a pipe would. */
const apply = (parts: object, ...options: string[]) =>
  run(['apply', '-', ...options], JSON.stringify({ apiVersion: 'crossdock/v1', ...parts }));
const read = (path: string) => api.app.inject({ url: path, headers: { authorization: `Bearer ${api.adminKey}` } });
const item = (sku: string, change: object = {}) => {
  const { uoms: _, ...rest } = led;
  return { ...rest, sku, uoms: [{ code: 'EA', num: 1, den: 1 }], ...change };
};

describe('crossdock apply with secrets', () => {
  const erp = (apiKey: string) => ({
    connections: [
      {
        id: 'erp',
        type: 'demo-erp',
        role: 'erp',
        settings: { baseUrl: 'http://127.0.0.1:9', allowPrivateNetwork: true },
        secrets: { apiKey, webhookSecret: 'whsec_dGhpcnR5LXR3by1ieXRlcy1vZi1hLXNlY3JldA==' },
      },
    ],
  });

  it('tells whether they differ without showing them', async () => {
    expect((await apply(erp('one'), '--yes')).code).toBe(0);
    expect(JSON.parse((await apply(erp('one'), '--dry-run', '--json')).out)).toMatchObject({ change: 0, unchanged: 1 });
    const { out, err } = await apply(erp('another'), '--dry-run');
    expect(out).toContain('1 changed');
    expect(err).toContain('~ connections erp\n    secrets:');
    expect(err + out).not.toContain('another');
    // A dry run has stored nothing.
    expect((await read('/v1/connections/erp')).headers.etag).toBe('"1"');
    expect(JSON.parse((await apply(erp('one'), '--yes', '--json')).out)).toMatchObject({ change: 0, unchanged: 1 });
  });
});

describe('crossdock apply of a file that is wrong', () => {
  it('finds a misspelt field before anything is written, also on a dry run', async () => {
    const parts = { items: [item('H1'), item('H2', { descripton: 'x' }), item('H3')] };
    for (const option of ['--yes', '--dry-run']) {
      const { code, err } = await apply(parts, option);
      expect(code).toBe(1);
      expect(err).toContain('items H2: /descripton: is not known here');
    }
    const { code, out } = await apply(parts, '--yes', '--json');
    expect([code, JSON.parse(out)]).toMatchObject([1, { code: 'VALIDATION_FAILED', problems: [{ key: 'H2' }] }]);
    expect((await read('/v1/items/H1')).statusCode).toBe(404);
  });

  it('finds an entry that is there twice, and settings that its connector does not take', async () => {
    const broken = { id: 'wms', type: 'demo-wms', role: 'wms', settings: {} };
    const { code, err } = await apply({ items: [item('D1'), item('D1')], connections: [broken] }, '--yes');
    expect(code).toBe(1);
    expect(err).toContain('items D1: is in the file more than once');
    expect(err).toContain('connections wms: /settings/baseUrl: is missing');
    expect((await read('/v1/items/D1')).statusCode).toBe(404);
  });

  it('says what was applied when the hub refuses the rest', async () => {
    const supply = {
      poNo: 'P1',
      sku: 'S1',
      location: dc1.code,
      quantity: '1',
      uom: 'XX',
      supplier: 'V1',
      dueDate: '2030-01-01',
      acknowledged: true,
    };
    const parts = { items: [item('S1')], expectedSupply: [supply] };
    const { code, out } = await apply(parts, '--yes', '--json');
    expect([code, JSON.parse(out)]).toMatchObject([
      1,
      {
        error: expect.stringContaining('UOM_UNKNOWN'),
        code: 'UOM_UNKNOWN',
        applied: [{ part: 'items', key: 'S1' }],
        notApplied: [{ part: 'expectedSupply' }],
      },
    ]);
    expect((await apply(parts, '--yes')).err).toContain(
      'applied before it: nothing\nnot applied: expectedSupply P1/S1',
    );
  });

  it.each([
    ['an entry that is no object', { items: [null] }, 'items[0] must be an object'],
    ['a time zone that is none', { timeZone: 'Mars/Olympus' }, 'timeZone "Mars/Olympus" is not an IANA time zone'],
  ])('refuses %s in words', async (_what, parts, words) => {
    const { code, err } = await apply(parts, '--yes');
    expect(code).toBe(2);
    expect(err).toContain(words);
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe('crossdock apply of what refers to nothing', () => {
  it('says so in the plan', async () => {
    const parts = {
      locations: [{ ...dc1, fulfilledBy: 'nobody' }],
      items: [item('R1')],
      crossReferences: [
        { scope: 'C200', type: 'item', external: 'A', canonical: 'R1' },
        { scope: 'C200', type: 'item', external: 'B', canonical: 'NONE' },
      ],
    };
    const { code, err } = await apply(parts, '--dry-run');
    expect(code).toBe(0);
    expect(err).toContain('! locations DC1: fulfilledBy refers to nobody, which is not there among the connections');
    expect(err).toContain(
      '! crossReferences C200 item B: canonical refers to NONE, which is not there among the items',
    );
    expect(err).not.toContain('refers to R1');
  });

  const { fulfilledBy: _, ...handWorked } = dc1;
  const agreement = {
    id: 'reno',
    partner: 'W200',
    standard: 'x12',
    us: { qualifier: 'ZZ', id: 'RIDGELINE' },
    them: { qualifier: 'ZZ', id: 'RENO3PL' },
    version: '004010',
    usage: 'production',
    outbound: ['940'],
  };

  it('takes a warehouse for the partner of the agreement that its location names', async () => {
    const without = await apply({ agreements: [agreement] }, '--dry-run');
    expect(without.err).toContain('partner refers to W200, which is not there');
    const reno = { ...handWorked, code: 'DC2', agreement: 'reno' };
    const { err } = await apply({ locations: [reno], agreements: [agreement] }, '--yes');
    expect(err).not.toContain('refers to');
    // The hub knows it now, whatever the file says.
    const changed = { ...agreement, outbound: ['940', '943'] };
    expect((await apply({ agreements: [changed] }, '--dry-run')).err).not.toContain('refers to');
  });

  it('refuses a location whose releases could go two ways', async () => {
    const both = { ...handWorked, code: 'DC3', fulfilledBy: 'wms', agreement: 'reno' };
    const { code, err } = await apply({ locations: [both] }, '--yes');
    expect(code).not.toBe(0);
    expect(err).toContain(
      'locations DC3: /agreement: releases go by a connection (fulfilledBy: wms) or by EDI (agreement: reno), and not by both',
    );
    expect((await read('/v1/locations/DC3')).statusCode).toBe(404);
  });
});

describe('crossdock send of standard input', () => {
  it('tells a CSV from an order', async () => {
    const sent = await run(['send', '-'], 'customer,customer_po,sku,quantity,uom\nC200,STDIN-1,LED,1,EA\n');
    expect(sent).toMatchObject({ code: 0, out: expect.stringContaining('1 created') });
    const order = {
      channel: 'portal',
      customer: 'C200',
      customerPo: 'STDIN-2',
      lines: [{ sku: 'LED', quantity: { value: '1', uom: 'EA' } }],
    };
    expect(await run(['send', '-'], JSON.stringify(order))).toMatchObject({ code: 0 });
  });
});

describe('crossdock start', () => {
  const start = (env: Record<string, string>) =>
    new Promise<{ code: number; err: string }>((resolve) => {
      const settings = { ...process.env, CROSSDOCK_DATA: join(folder, 'hub'), ...env };
      execFile(process.execPath, [main, 'start'], { env: settings }, (error, _out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), err }),
      );
    });

  it('says that its port is taken before it starts a database', async () => {
    const { port } = new URL(url);
    const { code, err } = await start({ CROSSDOCK_PORT: port, DATABASE_URL: 'postgres://127.0.0.1:1/none' });
    expect(code).toBe(1);
    expect(err).toBe(`ALREADY_RUNNING: 127.0.0.1:${port} is taken: stop what uses it, or set CROSSDOCK_PORT\n`);
  });

  it('says what is wrong with its data folder', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const { code, err } = await start({ CROSSDOCK_DATA: file, CROSSDOCK_PORT: '0' });
    expect(code).toBe(2);
    expect(err).toContain(`The data folder ${file} cannot be used: ${file} is not a folder.`);
    expect(err).not.toMatch(/\n\s+at /);
  });
});
