import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../test/harness/index.ts';
import { type EmbeddedPostgres, silentLogger, startEmbeddedPostgres } from './index.ts';

let dataDir: string;
const settings = { shared_buffers: '16MB' };
const start = (supervise = true) => startEmbeddedPostgres({ dataDir, log: silentLogger, settings, supervise });
const pidFile = () => join(dataDir, 'postgres', 'cluster', 'postmaster.pid');
const postmasterPid = () => Number(readFileSync(pidFile(), 'utf8').split('\n')[0]);

async function ask(server: EmbeddedPostgres, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: server.url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows[0]?.[0];
  } finally {
    await client.end();
  }
}

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'embedded-'));
  // As root the server runs as another user, who has to get through.
  chmodSync(dataDir, 0o755);
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

it('starts a durable server with checksums, owned by a role without privileges over rows', async () => {
  const server = await start();
  expect(server.adopted).toBe(false);
  expect(await ask(server, "SELECT current_setting('fsync') || current_setting('data_checksums')")).toBe('onon');
  expect(await ask(server, 'SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user')).toBe(false);
  await ask(server, 'CREATE TABLE kept AS SELECT 42 AS n');
  await server.stop();
  expect(existsSync(pidFile())).toBe(false);
});

it('adopts the server of a hub that was killed', async () => {
  const abandoned = await start(false);
  const pid = postmasterPid();
  const server = await start();
  expect(server.adopted).toBe(true);
  expect(server.url).toBe(abandoned.url);
  expect(postmasterPid()).toBe(pid);
  expect(await ask(server, 'SELECT n FROM kept')).toBe(42);
  await server.stop();
  expect(existsSync(pidFile())).toBe(false);
});

it('stays up while another hub uses it', async () => {
  const one = await start();
  const two = await start();
  await one.stop();
  expect(await ask(two, 'SELECT n FROM kept')).toBe(42);
  await two.stop();
  expect(existsSync(pidFile())).toBe(false);
});

it('comes back by itself after kill -9 of the postmaster, with everything committed', async () => {
  const server = await start();
  await ask(server, 'INSERT INTO kept VALUES (43)');
  const pid = postmasterPid();
  process.kill(pid, 'SIGKILL');
  expect(await until(() => ask(server, 'SELECT sum(n)::int FROM kept'), 60_000)).toBe(85);
  expect(postmasterPid()).not.toBe(pid);
  await server.stop();
});

it('starts over a stale postmaster.pid without deleting it first', async () => {
  // As after a power cut: `ready`, and a number that is free again.
  const freeNumber = 4_194_303;
  writeFileSync(pidFile(), `${freeNumber}\n${dataDir}\n1\n5432\n\n\n\nready   \n`);
  const server = await start();
  expect(server.adopted).toBe(false);
  await server.stop();
});

it.runIf(process.getuid?.() === 0)(
  'keeps the database elsewhere, and says so, when its user cannot reach the folder',
  async () => {
    const closed = mkdtempSync(join(tmpdir(), 'closed-'));
    const warnings: object[] = [];
    const log = { ...silentLogger, warn: (fields: object | string) => void warnings.push(Object(fields) as object) };
    const server = await startEmbeddedPostgres({ dataDir: closed, log, settings });
    expect(await ask(server, 'SELECT 1')).toBe(1);
    await server.stop();
    const used = dirname(server.logFile);
    expect(used).toMatch(/^\/var\/lib\/crossdock\/[0-9a-f]{12}$/);
    expect(warnings).toContainEqual({ wanted: join(closed, 'postgres'), used });
    rmSync(closed, { recursive: true });
    rmSync(used, { recursive: true });
  },
);

it('says what is wrong when it cannot start', async () => {
  const wrong = startEmbeddedPostgres({ dataDir, log: silentLogger, settings: { shared_buffers: 'much' } });
  await expect(wrong).rejects.toMatchObject({
    code: 'EMBEDDED_POSTGRES_FAILED',
    message: expect.stringContaining('shared_buffers'),
  });
});
