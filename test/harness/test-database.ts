import { createHash, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import {
  type Db,
  databaseTypes,
  migrate,
  openDatabase,
  readMigrations,
  silentLogger,
} from '../../src/platform/index.ts';
import { type TestServer, testServer } from './test-server.ts';

export interface TestDatabase {
  /** The schema owner's URL of this database, to hand to a hub as DATABASE_URL. */
  readonly url: string;
  readonly app: Db;
  readonly engine: Db;
  /** A superuser's pool: sees all tenants' rows, to arrange and to look at what happened. */
  readonly owner: pg.Pool;
  drop(): Promise<void>;
}

const migrationsDir = fileURLToPath(new URL('../../migrations', import.meta.url));
const templateLock = 4_921_101;

/**
 * A fresh database with all migrations applied, cloned from a template that is made once per state of the migrations
 * (tens of milliseconds instead of running them). Drop it in `afterAll`.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const server = await testServer();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await withSuperuser(server, async (client) => {
    const template = await ensureTemplate(client, server);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template} OWNER ${ownerName(client, server)}`);
  });
  const url = urlOfDatabase(server.ownerUrl, name);
  const common = { url, maxConnections: 8, applicationName: 'test' };
  const app = await openDatabase({ ...common, role: 'crossdock_app' });
  const engine = await openDatabase({ ...common, role: 'crossdock_engine' });
  const owner = new pg.Pool({
    connectionString: urlOfDatabase(server.superuserUrl, name),
    max: 4,
    types: databaseTypes,
    application_name: 'test owner',
  });
  owner.on('error', () => {});
  let dropped: Promise<void> | undefined;
  const drop = async (): Promise<void> => {
    await Promise.all([app.close(), engine.close(), owner.end()]);
    await withSuperuser(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  };
  return { url, app, engine, owner, drop: () => (dropped ??= drop()) };
}

/** The same server with another database name. */
function urlOfDatabase(url: string, name: string): string {
  const parsed = new URL(url.replace('@/', '@localhost/'));
  parsed.pathname = `/${name}`;
  return parsed.href;
}

function ownerName(client: pg.Client, server: TestServer): string {
  const user = new URL(server.ownerUrl.replace('@/', '@localhost/')).username;
  return client.escapeIdentifier(user === '' ? (client.user ?? 'postgres') : decodeURIComponent(user));
}

async function withSuperuser<T>(server: TestServer, fn: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: server.superuserUrl, application_name: 'test harness' });
  client.on('error', () => {});
  await client.connect();
  try {
    return await fn(client);
  } finally {
    await client.end();
  }
}

/** Under an advisory lock: the test processes of a run start at the same moment. */
async function ensureTemplate(client: pg.Client, server: TestServer): Promise<string> {
  const migrations = await readMigrations(migrationsDir);
  const hash = createHash('sha256');
  for (const migration of migrations) hash.update(`${migration.name} ${migration.checksum}\n`);
  const template = `template_${hash.digest('hex').slice(0, 16)}`;
  if (await isFinished(client, template)) return template;
  await client.query('SELECT pg_advisory_lock($1)', [templateLock]);
  try {
    if (await isFinished(client, template)) return template;
    // Only a finished template is marked as one; what a killed run left is made anew.
    await client.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${template} OWNER ${ownerName(client, server)}`);
    await migrate({ url: urlOfDatabase(server.ownerUrl, template), dir: migrationsDir, log: silentLogger });
    await client.query(`ALTER DATABASE ${template} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`);
    return template;
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [templateLock]);
  }
}

async function isFinished(client: pg.Client, template: string): Promise<boolean> {
  const result = await client.query('SELECT FROM pg_database WHERE datname = $1 AND datistemplate', [template]);
  return result.rowCount === 1;
}
