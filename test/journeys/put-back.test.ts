import { execFileSync } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningHub, startHub } from '../../src/app/start-hub.ts';
import { examineDatabase } from '../../src/cli/doctor-database.ts';
import { loadConfig, silentLogger, startEmbeddedPostgres } from '../../src/platform/index.ts';
import { tempDir } from '../harness/index.ts';

const key = 'put-back-admin-key-0123456789';
const folder = tempDir();
const dataDir = join(folder.path, 'data');
let cluster: string;
const copy = join(folder.path, 'copy');

const start = (dir = dataDir): Promise<RunningHub> =>
  startHub({
    config: loadConfig({ CROSSDOCK_DATA: dir, CROSSDOCK_ADMIN_KEY: key, CROSSDOCK_PORT: '0' }),
    log: silentLogger,
    tenant: { id: 'main', name: 'Main', demo: false },
  });

async function call(hub: RunningHub, method: string, path: string, body?: object): Promise<any> {
  const reply = await fetch(hub.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': path },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await reply.json();
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(answer)}`);
  return answer;
}

const isPaused = async (hub: RunningHub): Promise<boolean> => (await call(hub, 'GET', '/v1/destinations/erp')).paused;
const reconciliation = (hub: RunningHub) => call(hub, 'GET', '/v1/reconciliation');

/** A base backup as PostgreSQL's own interface makes it (pg_basebackup does the same over a replication connection). */
async function copyCluster(): Promise<void> {
  const server = await startEmbeddedPostgres({ dataDir, log: silentLogger });
  const client = new pg.Client({ connectionString: server.superuserUrl });
  await client.connect();
  try {
    await client.query("SELECT pg_backup_start('by hand', true)");
    cpSync(cluster, copy, {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !/postmaster\.(pid|opts)$|pg_internal\.init/.test(path),
    });
    const { rows } = await client.query<{ label: string }>('SELECT labelfile AS label FROM pg_backup_stop(false)');
    writeFileSync(join(copy, 'backup_label'), rows[0]!.label);
    // The log up to the end of the copy belongs to it.
    cpSync(join(cluster, 'pg_wal'), join(copy, 'pg_wal'), { recursive: true });
  } finally {
    await client.end();
    await server.stop();
  }
}

/** Puts a copy where the cluster was, owned as it was. */
function putBack(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  execFileSync('cp', ['--archive', from, to]);
  execFileSync('chown', ['--recursive', '--reference', dirname(to), to]);
  execFileSync('chmod', ['700', to]);
}

beforeAll(async () => {
  const hub = await start();
  const server = await startEmbeddedPostgres({ dataDir, log: silentLogger });
  cluster = join(dirname(server.logFile), 'cluster');
  await server.stop();
  const settings = { baseUrl: 'http://127.0.0.1:9', allowPrivateNetwork: true };
  await call(hub, 'PUT', '/v1/connections/erp', {
    id: 'erp',
    type: 'demo-erp',
    role: 'erp',
    settings,
    secrets: {
      apiKey: 'k',
      webhookSecret: `whsec_${Buffer.from('a secret of forty characters ..........').toString('base64')}`,
    },
  });
  await copyCluster();
  await hub.stop('the copy is taken');
}, 120_000);
afterAll(() => folder.remove());

test('a stop, and a crash of hub and server, are no restore', async () => {
  const after = await start();
  expect(await isPaused(after)).toBe(false);
  const server = await startEmbeddedPostgres({ dataDir, log: silentLogger });
  const client = new pg.Client({ connectionString: server.superuserUrl });
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query<{ pid: string }>(
    "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1) AS pid",
  );
  process.kill(Number(rows[0]!.pid), 'SIGKILL');
  await server.stop().catch(() => {});
  await after.stop('a crash').catch(() => {});
  const again = await start();
  expect(await isPaused(again)).toBe(false);
  expect((await reconciliation(again)).open).toBeFalsy();
  await again.stop('the test ends');
}, 120_000);

test('a physical copy put back by hand starts paused, once, whether the data folder remembers it or not', async () => {
  putBack(copy, cluster);
  // The doctor sees it before the hub does, and starts nothing unless it is told to.
  const config = loadConfig({ CROSSDOCK_DATA: dataDir });
  const stopped = await examineDatabase(config, false);
  expect(stopped.map(({ name, state }) => [name, state])).toEqual([
    ['database', 'warning'],
    ['database files', 'ok'],
  ]);
  const inside = await examineDatabase(config, true);
  expect(inside.find(({ name }) => name === 'history')).toMatchObject({
    state: 'warning',
    detail: expect.stringContaining('the database was put back'),
  });
  expect(inside.find(({ name }) => name === 'lanes')?.detail).toMatch(/^4\b/);
  const hub = await start();
  expect(await isPaused(hub)).toBe(true);
  const state = await reconciliation(hub);
  expect(JSON.stringify(state)).toMatch(/The database was put back: this data folder has seen it later/);
  const ready = await (await fetch(`${hub.url}/readyz`)).json();
  expect(ready).toMatchObject({ status: 'degraded' });
  await call(hub, 'POST', '/v1/reconciliation/end', { reason: 'compared', resume: true });
  expect(await isPaused(hub)).toBe(false);
  await hub.stop('compared');
  const next = await start();
  expect(await isPaused(next)).toBe(false);
  await next.stop('the test ends');

  // Nobody remembers it: the label of the copy tells.
  putBack(copy, cluster);
  rmSync(join(dataDir, 'database-mark.json'));
  const forgetful = await start();
  expect(await isPaused(forgetful)).toBe(true);
  expect(JSON.stringify(await reconciliation(forgetful))).toMatch(/started from a physical copy of \d{4}-/);
  await forgetful.stop('the test ends');
  const still = await start();
  expect(await isPaused(still)).toBe(true);
  await call(still, 'POST', '/v1/reconciliation/end', { reason: 'compared', resume: true });
  await still.stop('compared');
  const quiet = await start();
  expect(await isPaused(quiet)).toBe(false);
  await quiet.stop('the test ends');
}, 180_000);

test('files that were copied from a stopped server are known by what the data folder has seen', async () => {
  const cold = join(folder.path, 'cold');
  execFileSync('cp', ['--archive', cluster, cold]);
  const later = await start();
  await later.stop('something was done');
  putBack(cold, cluster);
  const hub = await start();
  expect(await isPaused(hub)).toBe(true);
  await hub.stop('the test ends');
}, 120_000);
