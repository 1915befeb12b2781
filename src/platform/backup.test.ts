import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { order, type ReplayWorld, replayWorld, tenant } from '../../test/harness/replay-world.ts';
import { testServer } from '../../test/harness/test-server.ts';
import { receive } from '../exchange/index.ts';
import { openPools } from '../app/pools.ts';
import { withDatabase } from '../cli/database.ts';
import { ensureTenant, recordAudit } from '../security/index.ts';
import {
  backUpDatabase,
  type BackupManifest,
  createStopper,
  loadConfig,
  readManifest,
  restoreDatabase,
  silentLogger,
  systemClock,
} from './index.ts';

const migrationsDir = fileURLToPath(new URL('../../migrations', import.meta.url));
let world: ReplayWorld;
let superuserUrl: string;
let ownerOfServer: string;
const made: string[] = [];
const dirs: string[] = [];

beforeAll(async () => {
  world = await replayWorld();
  const server = await testServer();
  superuserUrl = at(server.superuserUrl, new URL(world.db.url).pathname.slice(1));
  ownerOfServer = server.ownerUrl;
  await fill();
});
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
  // Not as the owner: the server's own autovacuum may be at work in it, which only a superuser may end.
  await asOwner((await testServer()).superuserUrl, async (client) => {
    for (const name of made.splice(0)) await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
  });
});
afterAll(() => world?.stop());

function at(url: string, database: string): string {
  const parsed = new URL(url.replace('@/', '@localhost/'));
  parsed.pathname = `/${database}`;
  return parsed.href;
}

async function asOwner<T>(url: string, fn: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await fn(client);
  } finally {
    await client.end();
  }
}

/** Rows in partitions of several months, large bytes, and text that COPY has to escape, for two tenants. */
async function fill(): Promise<void> {
  await world.db.app.tx('other', (tx) => ensureTenant(tx, { id: 'other', name: 'Other', demo: false }));
  await world.queue.start();
  await world.enqueue(...Array.from({ length: 200 }, (_, index) => order(`k-${index % 50}`)));
  await world.queue.idle();
  await world.queue.stop();
  await world.enqueue(...Array.from({ length: 30 }, (_, index) => order(`waiting-${index}`, 'shop')));
  for (const id of [tenant, 'other']) {
    await world.db.app.tx(id, async (tx) => {
      await receive(tx, [
        {
          channel: 'webhook',
          contentType: 'x',
          bytes: Buffer.alloc(3_000_000, 7),
          fileName: 'tab\t, \\N, line\nand ü',
        },
        { channel: 'webhook', contentType: 'x', bytes: Buffer.from([0, 255, 10, 92]), reason: '\\.' },
      ]);
      await recordAudit(tx, systemClock, [{ actor: 'a', action: 'b', subject: { kind: 'c', id: 'd' } }]);
    });
  }
}

async function newDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'backup-test-'));
  dirs.push(dir);
  return dir;
}

async function emptyDatabase(): Promise<string> {
  const name = `restore_${randomUUID().replaceAll('-', '')}`;
  await asOwner(ownerOfServer, (client) => client.query(`CREATE DATABASE ${name}`));
  made.push(name);
  return at(ownerOfServer, name);
}

/** Name, count and hash of the content of every table, partitions one by one, read past row-level security. */
async function contents(database: string): Promise<Record<string, string>> {
  return asOwner(at(superuserUrl, database), async (client) => {
    const tables = await client.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1",
    );
    const found: Record<string, string> = {};
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ n: string; hash: string }>(
        `SELECT count(*) AS n, md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) AS hash FROM "${name}" AS t`,
      );
      found[name] = `${rows[0]!.n} ${rows[0]!.hash}`;
    }
    return found;
  });
}

const databaseOf = (url: string): string => new URL(url).pathname.slice(1);
const back = (dir: string, url: string): Promise<BackupManifest> =>
  backUpDatabase({ url, dir, hubVersion: '1', now: new Date() });

describe('a backup', () => {
  it.each(['superuser', 'owner under row-level security'])(
    'taken as %s comes back table by table, row by row, with its sequences and policies',
    async (who) => {
      const dir = await newDir();
      const manifest = await back(dir, who === 'superuser' ? superuserUrl : world.db.url);
      const source = databaseOf(world.db.url);
      const before = await contents(source);
      const counts = Object.fromEntries(manifest.tables.map((table) => [table.name, table.rows]));
      expect(counts).toMatchObject({ message: 204, message_chunk: 6, audit_entry: 2, delivery: 230, tenant: 2 });
      expect(manifest).toMatchObject({
        tenants: [tenant, 'other'],
        readAs: who === 'superuser' ? 'superuser' : 'tenants',
      });
      const url = await emptyDatabase();
      await restoreDatabase({ url, dir, migrationsDir, log: silentLogger });
      expect(await contents(databaseOf(url))).toEqual(before);
      const security = (database: string) =>
        asOwner(at(superuserUrl, database), async (client) => ({
          tables: (
            await client.query(
              "SELECT relname, relrowsecurity, relforcerowsecurity, reloptions FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1",
            )
          ).rows,
          policies: (
            await client.query(
              'SELECT tablename, policyname, roles::text, qual, with_check FROM pg_policies ORDER BY 1, 2',
            )
          ).rows,
          sequences: (await client.query('SELECT sequencename, last_value FROM pg_sequences ORDER BY 1')).rows,
        }));
      const [restored, original] = [await security(databaseOf(url)), await security(source)];
      expect(restored.tables).toEqual(original.tables);
      expect(restored.sequences).toEqual(original.sequences);
      expect(restored.policies).toEqual(original.policies);
    },
  );

  it('is of one instant, however much is written meanwhile', async () => {
    const dir = await newDir();
    let stop = false;
    const writer = async (): Promise<void> => {
      while (!stop) {
        await world.tx(async (tx) => {
          // One row in each table, or none: `audit_entry` is copied first, `message` much later.
          const [received] = await receive(tx, [{ channel: 'pair', contentType: 'x', bytes: Buffer.from('x') }]);
          await recordAudit(tx, systemClock, [
            { actor: 'pair', action: 'b', subject: { kind: 'c', id: received!.id } },
          ]);
        });
      }
    };
    const writing = writer();
    const manifest = await backUpDatabase({
      url: superuserUrl,
      dir,
      hubVersion: '1',
      now: new Date(),
      jobs: 1,
    });
    stop = true;
    await writing;
    expect(manifest.tables.find(({ name }) => name === 'audit_entry')!.rows).toBeGreaterThan(0);
    const url = await emptyDatabase();
    await restoreDatabase({ url, dir, migrationsDir, log: silentLogger });
    const pairs = await asOwner(at(superuserUrl, databaseOf(url)), (client) =>
      client.query(`SELECT (SELECT count(*) FROM audit_entry WHERE actor = 'pair') AS audited,
        (SELECT count(*) FROM message WHERE channel = 'pair') AS received,
        (SELECT count(*) FROM audit_entry AS a JOIN message AS m ON m.id::text = a.subject_id) AS both`),
    );
    const [{ audited, received, both }] = pairs.rows as [Record<string, string>];
    expect([received, both]).toEqual([audited, audited]);
  });

  it('that was tampered with, is unfinished or meets a used database is refused, and leaves nothing', async () => {
    const dir = await newDir();
    const manifest = await back(dir, superuserUrl);
    await expect(back(dir, superuserUrl)).rejects.toMatchObject({ code: 'BACKUP_FAILED' });
    await expect(restoreDatabase({ url: world.db.url, dir, migrationsDir, log: silentLogger })).rejects.toMatchObject({
      code: 'RESTORE_REFUSED',
    });

    const file = join(dir, manifest.tables.find(({ name }) => name === 'tenant')!.file);
    const good = await readFile(file);
    await writeFile(file, gzipSync(gunzipSync(good).toString().replace('Other', 'Ofher')));
    const url = await emptyDatabase();
    await expect(restoreDatabase({ url, dir, migrationsDir, log: silentLogger })).rejects.toMatchObject({
      code: 'BACKUP_INVALID',
    });
    // It was found out before anything was made.
    expect(await contents(databaseOf(url))).toEqual({});
    await writeFile(file, good);

    const newer = { ...manifest, migrations: [...manifest.migrations, { name: '9999-later.sql', checksum: 'x' }] };
    await writeFile(join(dir, 'manifest.json'), JSON.stringify(newer));
    await expect(
      restoreDatabase({ url: await emptyDatabase(), dir, migrationsDir, log: silentLogger }),
    ).rejects.toThrow('newer hub');
    await rm(join(dir, 'manifest.json'));
    await expect(readManifest(dir)).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
  });

  it.each([
    ['is cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 8)],
    ['is empty', () => Buffer.alloc(0)],
    ['is not gzip', () => Buffer.from('text')],
  ])(
    'of which a file %s is refused by the name of the file, and another goes in after it',
    { timeout: 60_000 },
    async (_what, spoil) => {
      const dir = await newDir();
      const manifest = await back(dir, superuserUrl);
      const { file } = manifest.tables.find(({ name }) => name === 'message_chunk')!;
      const good = await readFile(join(dir, file));
      await writeFile(join(dir, file), spoil(good));
      const url = await emptyDatabase();
      const refused = restoreDatabase({ url, dir, migrationsDir, log: silentLogger });
      await expect(refused).rejects.toMatchObject({ code: 'BACKUP_INVALID', message: expect.stringContaining(file) });
      await writeFile(join(dir, file), good);
      await restoreDatabase({ url, dir, migrationsDir, log: silentLogger });
      expect(await contents(databaseOf(url))).toEqual(await contents(databaseOf(world.db.url)));
    },
  );

  it('whose manifest is not what a backup writes is refused before anything is read by it', {
    timeout: 90_000,
  }, async () => {
    const dir = await newDir();
    const manifest = await back(dir, superuserUrl);
    const url = await emptyDatabase();
    const without = <T extends { name: string }>(list: T[], name: string): T[] =>
      list.filter((one) => one.name !== name);
    const wrong: [string, object][] = [
      ['tables', { tables: undefined }],
      ['/tables/0/file', { tables: [{ ...manifest.tables[0]!, file: '../x' }, ...manifest.tables.slice(1)] }],
      ['lacks the table delivery', { tables: without(manifest.tables, 'delivery') }],
      ['lacks the sequence sales_order_number', { sequences: without(manifest.sequences, 'sales_order_number') }],
      ['twice', { tables: [...manifest.tables, manifest.tables[0]!] }],
      ['does not fit', { partitions: manifest.partitions.filter(({ parent }) => parent !== 'message') }],
    ];
    for (const [words, change] of wrong) {
      await writeFile(join(dir, 'manifest.json'), JSON.stringify({ ...manifest, ...change }));
      const refused = restoreDatabase({ url, dir, migrationsDir, log: silentLogger });
      await expect(refused, words).rejects.toMatchObject({
        code: 'BACKUP_INVALID',
        message: expect.stringContaining(words),
      });
      expect(await contents(databaseOf(url)), words).toEqual({});
    }
  });

  it('whose restore was killed leaves what no hub starts on, and the next restore clears it', {
    timeout: 90_000,
  }, async () => {
    const dir = await newDir();
    await back(dir, superuserUrl);
    const url = await emptyDatabase();
    const script = `
      const { restoreDatabase, silentLogger } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
      const [url, dir, migrationsDir] = process.argv.slice(1);
      const onTable = (_table, done) => done === 20 && process.kill(process.pid, 'SIGKILL');
      await restoreDatabase({ url, dir, migrationsDir, log: silentLogger, onTable });`;
    const args = ['--input-type=module', '-e', script, '--', url, dir, migrationsDir];
    const killed = spawn(process.execPath, args, { stdio: 'ignore' });
    expect((await once(killed, 'exit')) as unknown[]).toEqual([null, 'SIGKILL']);
    const config = loadConfig({ DATABASE_URL: url, CROSSDOCK_DATA: dir });
    const stopper = createStopper({ log: silentLogger, clock: systemClock, timeoutMs: 1_000 });
    await expect(openPools({ config, log: silentLogger, stopper })).rejects.toMatchObject({
      code: 'RESTORE_UNFINISHED',
      message: expect.stringContaining('crossdock restore again'),
    });
    // Nor does a command that would take it for what it is not.
    await expect(withDatabase(config, () => Promise.resolve())).rejects.toMatchObject({ code: 'RESTORE_UNFINISHED' });
    await restoreDatabase({ url, dir, migrationsDir, log: silentLogger });
    expect(await contents(databaseOf(url))).toEqual(await contents(databaseOf(world.db.url)));
  });
});
