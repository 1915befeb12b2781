import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { type DatabaseSettings, checkDatabaseSettings, judgeDatabaseSettings, silentLogger } from './index.ts';

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
    [{ serverVersion: 140_012 }, 'server version 14 is older than 15'],
  ])('refuses %o', (change, reason) => {
    expect(judgeDatabaseSettings({ ...good, ...change }).unsafe).toEqual([reason]);
  });

  it('warns of what loses nothing by itself', () => {
    const verdict = judgeDatabaseSettings({ ...good, dataChecksums: 'off', synchronousCommit: 'local' });
    expect(verdict.unsafe).toEqual([]);
    expect(verdict.warnings).toHaveLength(2);
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
