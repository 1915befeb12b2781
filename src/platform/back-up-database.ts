import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { type BackedUpTable, backupFormat, type BackupManifest, manifestFile } from './backup-manifest.ts';
import { copyOut } from './copy-rows.ts';
import { HubError } from './errors.ts';

export interface BackUpOptions {
  /** A superuser's URL, or the owner's: then every tenant's rows are read under row-level security, tenant by tenant. */
  url: string;
  /** Made when it does not exist; must be empty. */
  dir: string;
  hubVersion: string;
  now: Date;
  /** Connections that copy at once. Default 2. */
  jobs?: number;
  onTable?(table: BackedUpTable, done: number, total: number): void;
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * A logical backup under one snapshot, while the hub works: every table by COPY, gzipped, with its rows and hash in the
 * manifest. Streams: memory does not grow with the data.
 * @throws HubError BACKUP_FAILED, DATABASE_UNAVAILABLE
 */
export async function backUpDatabase(options: BackUpOptions): Promise<BackupManifest> {
  await prepareFolder(options.dir);
  const keeper = await connect(options.url);
  try {
    await keeper.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const manifest = await describeDatabase(keeper, options);
    const snapshot = (await keeper.query<{ id: string }>('SELECT pg_export_snapshot() AS id')).rows[0]!.id;
    manifest.tables = await copyTables(options, await tablesOf(keeper), manifest, snapshot);
    // Sequences know no snapshot: read last, they are at least as far as any row.
    manifest.sequences = await sequencesOf(keeper);
    await writeDurably(join(options.dir, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  } finally {
    await keeper.end();
  }
}

export async function prepareFolder(dir: string): Promise<void> {
  // It holds everything that the database holds.
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if ((await readdir(dir)).length > 0) throw new HubError('BACKUP_FAILED', { message: `${dir} is not empty` });
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'crossdock backup' });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (cause) {
    throw new HubError('DATABASE_UNAVAILABLE', { cause });
  }
  return client;
}

async function describeDatabase(client: pg.Client, options: BackUpOptions): Promise<BackupManifest> {
  const [self] = (
    await client.query<{ database: string; version: number; all: boolean }>(
      `SELECT current_database() AS database, current_setting('server_version_num')::int AS version,
         rolsuper OR rolbypassrls AS all FROM pg_roles WHERE rolname = current_user`,
    )
  ).rows;
  const roles = await client.query<BackupManifest['roles'][number]>(
    `SELECT rolname AS name, rolsuper AS superuser, rolbypassrls AS "bypassRls", rolcanlogin AS login FROM pg_roles
     WHERE rolname LIKE 'crossdock%' OR rolname = current_user ORDER BY 1`,
  );
  const migrations = await client.query<{ name: string; checksum: string }>(
    'SELECT name, checksum FROM schema_migration ORDER BY name',
  );
  const partitions = await client.query<BackupManifest['partitions'][number]>(
    `SELECT p.relname AS parent, c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound,
       coalesce(c.reloptions, '{}') AS options
     FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid JOIN pg_class AS p ON p.oid = i.inhparent
     WHERE p.relkind = 'p' AND p.relnamespace = 'public'::regnamespace ORDER BY 1, 2`,
  );
  if (self?.all !== true) await client.query('SET LOCAL ROLE crossdock_engine');
  const tenants = await client.query<{ id: string }>('SELECT id FROM tenant ORDER BY id');
  await client.query('RESET ROLE');
  return {
    format: backupFormat,
    kind: 'logical',
    takenAt: options.now.toISOString(),
    hubVersion: options.hubVersion,
    serverVersion: self!.version,
    database: self!.database,
    readAs: self!.all ? 'superuser' : 'tenants',
    tenants: tenants.rows.map((row) => row.id),
    roles: roles.rows,
    migrations: migrations.rows,
    partitions: partitions.rows,
    sequences: [],
    tables: [],
    notes: ['The master key and the admin key are not in the database: keep them apart from this backup.'],
  };
}

async function sequencesOf(client: pg.Client): Promise<BackupManifest['sequences']> {
  const rows = await client.query<{ name: string; last: string | null }>(
    "SELECT sequencename AS name, last_value::text AS last FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1",
  );
  return rows.rows;
}

interface Table {
  name: string;
  columns: string[];
  protected: boolean;
  /** The lanes' role sees all tenants' rows of it. */
  engineSeesAll: boolean;
}

/** Ordinary tables and the parents of partitions; a parent's rows are read through it. */
async function tablesOf(client: pg.Client): Promise<Table[]> {
  const rows = await client.query<Table>(
    `SELECT c.relname AS name, c.relrowsecurity AS protected,
       (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
       EXISTS (SELECT FROM pg_policy AS p JOIN pg_roles AS r ON r.oid = ANY (p.polroles)
        WHERE p.polrelid = c.oid AND r.rolname = 'crossdock_engine' AND p.polcmd IN ('*', 'r')
          AND pg_get_expr(p.polqual, c.oid) = 'true') AS "engineSeesAll"
     FROM pg_class AS c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
  );
  return rows.rows;
}

async function copyTables(
  options: BackUpOptions,
  tables: readonly Table[],
  manifest: BackupManifest,
  snapshot: string,
): Promise<BackedUpTable[]> {
  const done: BackedUpTable[] = [];
  const waiting = [...tables];
  const work = async (): Promise<void> => {
    const client = await connect(options.url);
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await client.query(`SET TRANSACTION SNAPSHOT ${client.escapeLiteral(snapshot)}`);
      for (let table = waiting.shift(); table !== undefined; table = waiting.shift()) {
        const copied = await copyTable(client, options.dir, table, manifest);
        done.push(copied);
        options.onTable?.(copied, done.length, tables.length);
      }
    } finally {
      await client.end();
    }
  };
  await Promise.all(Array.from({ length: options.jobs ?? 2 }, work));
  return done.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function copyTable(
  client: pg.Client,
  dir: string,
  table: Table,
  manifest: BackupManifest,
): Promise<BackedUpTable> {
  const file = `${table.name}.copy.gz`;
  const hash = createHash('sha256');
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  let rows = 0;
  const copy = async function* (): AsyncGenerator<Buffer> {
    for (const reader of readersOf(table, manifest)) {
      if (reader.role !== undefined) await client.query(`SET LOCAL ROLE ${reader.role}`);
      await client.query("SELECT set_config('crossdock.tenant', $1, true)", [reader.tenant ?? '']);
      // Through a query: a parent of partitions has no rows of its own to copy.
      const part = copyOut(
        client,
        `COPY (SELECT ${table.columns.map(quote).join(', ')} FROM ${quote(table.name)}) TO STDOUT`,
      );
      yield* part.rows as AsyncIterable<Buffer>;
      rows += await part.done;
      if (reader.role !== undefined) await client.query('RESET ROLE');
    }
  };
  await pipeline(
    copy,
    count,
    createGzip({ level: 1 }),
    createWriteStream(join(dir, file), { mode: 0o600, flush: true }),
  );
  return { name: table.name, columns: table.columns, file, rows, bytes, sha256: hash.digest('hex') };
}

/** As whom a table's rows are read: the owner itself sees nothing of what row-level security is forced on. */
function readersOf(table: Table, manifest: BackupManifest): { role?: string; tenant?: string }[] {
  if (manifest.readAs === 'superuser' || !table.protected) return [{}];
  if (table.engineSeesAll) return [{ role: 'crossdock_engine' }];
  return manifest.tenants.map((tenant) => ({ role: 'crossdock_app', tenant }));
}

/** Under its name only once it is on the disk. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
