import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { type TempDir, tempDir } from '../../test/harness/temp-dir.ts';
import {
  type DatabaseSettings,
  checkDatabaseSettings,
  judgeDatabaseSettings,
  silentLogger,
  startEmbeddedPostgres,
} from './index.ts';
import { identity, postgresEnv, preparePostgresHome } from './postgres-home.ts';

const good: DatabaseSettings = {
  serverVersion: 180_000,
  fsync: 'on',
  fullPageWrites: 'on',
  synchronousCommit: 'on',
  dataChecksums: 'on',
};

describe('judgeDatabaseSettings', () => {
  it('accepts the defaults of PostgreSQL 18', () => {
    expect(judgeDatabaseSettings(good)).toEqual({ unsafe: [], warnings: [] });
  });

  it.each([
    [{ fsync: 'off' }, 'fsync is off'],
    [{ fullPageWrites: 'off' }, 'full_page_writes is off'],
    [{ synchronousCommit: 'off' }, 'synchronous_commit is off'],
    [
      { dataChecksums: 'off' },
      'data checksums are off: a page that the disk has spoilt would be read as if it were right (stop the server and run pg_checksums --enable)',
    ],
    [{ serverVersion: 140_012 }, 'server version 14 is older than 15'],
  ])('refuses %o', (change, reason) => {
    expect(judgeDatabaseSettings({ ...good, ...change }).unsafe).toEqual([reason]);
  });

  it('warns of what loses nothing by itself', () => {
    const verdict = judgeDatabaseSettings({ ...good, synchronousCommit: 'local' });
    expect(verdict.unsafe).toEqual([]);
    expect(verdict.warnings).toHaveLength(1);
  });
});

describe('checkDatabaseSettings', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());

  it('refuses a database whose commits do not wait for the disk', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await expect(checkDatabaseSettings({ url: database.url, log: silentLogger })).resolves.toMatchObject({
      synchronousCommit: 'on',
    });
    await database.owner.query(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    await expect(checkDatabaseSettings({ url: database.url, log: silentLogger })).rejects.toMatchObject({
      code: 'UNSAFE_DATABASE_SETTINGS',
    });
  });
});

describe('a server of its own', () => {
  let dir: TempDir;
  beforeEach(() => {
    dir = tempDir('settings');
  });
  afterEach(() => dir.remove());

  async function verdictOf(settings: Record<string, string>): Promise<unknown> {
    const server = await startEmbeddedPostgres({
      dataDir: dir.path,
      log: silentLogger,
      supervise: false,
      settings: { shared_buffers: '16MB', ...settings },
    });
    try {
      return await checkDatabaseSettings({ url: server.url, log: silentLogger }).catch((error: unknown) => error);
    } finally {
      await server.stop();
    }
  }

  it.each([
    ['fsync', 'fsync is off'],
    ['full_page_writes', 'full_page_writes is off'],
    ['synchronous_commit', 'synchronous_commit is off'],
  ])('with %s off is refused by name', async (setting, reason) => {
    expect(await verdictOf({ [setting]: 'off' })).toMatchObject({
      code: 'UNSAFE_DATABASE_SETTINGS',
      message: `The database can lose acknowledged data: ${reason}`,
    });
  });

  it('without data checksums is refused, and told how to get them', async () => {
    const home = await preparePostgresHome(dir.path, silentLogger);
    writeFileSync(home.passwordFile, 'x\n');
    const args = [`--pgdata=${home.clusterDir}`, '--username=postgres', '--auth=trust', '--no-data-checksums'];
    execFileSync(home.binaries.initdb, args, { ...identity(home.runAs), cwd: home.dir, env: postgresEnv() });
    const error = (await verdictOf({})) as Error;
    expect(error).toMatchObject({ code: 'UNSAFE_DATABASE_SETTINGS' });
    expect(error.message).toContain('pg_checksums --enable');
  });
});
