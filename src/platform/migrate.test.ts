import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { migrate, silentLogger } from './index.ts';

let database: TestDatabase;
let dir: string;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  await database.owner.query('DELETE FROM schema_migration; DROP TABLE IF EXISTS a, b');
  dir = mkdtempSync(join(tmpdir(), 'migrate-'));
  put('0001-a.sql', 'CREATE TABLE a (n int);');
  return () => rmSync(dir, { recursive: true });
});

const put = (name: string, sql: string): void => writeFileSync(join(dir, name), sql);
const run = () => migrate({ url: database.url, dir, log: silentLogger });
const exists = async (table: string): Promise<boolean> =>
  (await database.owner.query('SELECT to_regclass($1) IS NOT NULL AS found', [table])).rows[0].found;

it('applies what is new, in order, once', async () => {
  expect(await run()).toEqual({ applied: ['0001-a.sql'] });
  put('0002-b.sql', 'CREATE TABLE b AS SELECT * FROM a;');
  expect(await run()).toEqual({ applied: ['0002-b.sql'] });
  expect(await run()).toEqual({ applied: [] });
});

it('lets one of several hubs work while the others wait', async () => {
  const results = await Promise.all([run(), run(), run()]);
  expect(results.flatMap((r) => r.applied)).toEqual(['0001-a.sql']);
});

it('leaves nothing of a migration that fails, and names its line', async () => {
  put('0002-b.sql', 'CREATE TABLE b (n int);\nSELECT nonsense;\n');
  await expect(run()).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: expect.stringContaining('0002-b.sql line 2'),
  });
  expect([await exists('a'), await exists('b')]).toEqual([true, false]);
});

it('refuses a migration that has changed, but not one with other line ends', async () => {
  await run();
  put('0001-a.sql', 'CREATE TABLE a (n int8);');
  await expect(run()).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' });
  put('0002-b.sql', 'SELECT 1;\n');
  put('0001-a.sql', 'CREATE TABLE a (n int);');
  await run();
  put('0002-b.sql', 'SELECT 1;\r\n');
  expect(await run()).toEqual({ applied: [] });
});

it('lets an older hub start beside a newer one, but misses none in between', async () => {
  put('0002-b.sql', 'CREATE TABLE b (n int);');
  await run();
  rmSync(join(dir, '0002-b.sql'));
  expect(await run()).toEqual({ applied: [] });
  rmSync(join(dir, '0001-a.sql'));
  put('0003-c.sql', 'SELECT 1;');
  await expect(run()).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' });
});

it.each(['2-b.sql', '0002_b.sql', '0002-B.sql', '0001-other.sql'])('refuses the file name %s', async (name) => {
  put(name, 'SELECT 1;');
  await expect(run()).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
});

it('makes roles without any bypass', async () => {
  await run();
  const roles = await database.owner.query(
    "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname LIKE 'crossdock\\__%' ORDER BY 1",
  );
  expect(roles.rows).toEqual([
    { rolname: 'crossdock_app', rolcanlogin: false, rolsuper: false, rolbypassrls: false },
    { rolname: 'crossdock_engine', rolcanlogin: false, rolsuper: false, rolbypassrls: false },
  ]);
});
