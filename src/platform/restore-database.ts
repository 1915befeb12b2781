import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { type BackedUpTable, type BackupManifest, readManifest } from './backup-manifest.ts';
import { copyIn } from './copy-rows.ts';
import { HubError } from './errors.ts';
import type { Logger } from './log.ts';
import { migrate, readMigrations } from './migrate.ts';
import { beginRestore, endRestore, isMarker, undoRestore, withRestoreClient } from './restore-marker.ts';
import { sqlState } from './sql-errors.ts';
import { readTable, refuseOther, verifyTables } from './verify-backup.ts';

export interface RestoreOptions {
  /** The owner's URL of an empty database. */
  url: string;
  dir: string;
  migrationsDir: string;
  log: Logger;
  onTable?(table: BackedUpTable, done: number, total: number): void;
  /** Still to be done before a hub may work on it. */
  onRestored?(manifest: BackupManifest): Promise<void>;
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Puts a logical backup into an empty database: the schema as it was when the backup was taken, the rows in one
 * transaction with every hash compared, then the migrations that are newer than the backup. Nothing works the result yet.
 *
 * Every file is read and compared before the database is touched. From then to the end a mark stands in the database: no hub
 * starts on it, and another restore begins by clearing it. A restore that fails clears it itself.
 * @throws HubError BACKUP_INVALID (manifest, hash, row count, unknown migrations), RESTORE_REFUSED (the database is not empty)
 */
export async function restoreDatabase(options: RestoreOptions): Promise<BackupManifest> {
  const manifest = await readManifest(options.dir);
  if (manifest.kind !== 'logical') {
    throw new HubError('RESTORE_REFUSED', {
      message: 'A physical backup is unpacked into a data folder of PostgreSQL, not into a database',
    });
  }
  await refuseUnknownMigrations(options, manifest);
  await verifyTables(options.dir, manifest);
  await beginRestore(options.url, options.dir);
  try {
    await migrateAsThen(options, manifest);
    await load(options, manifest);
    await migrate({ url: options.url, dir: options.migrationsDir, log: options.log });
    await options.onRestored?.(manifest);
  } catch (error) {
    await undoRestore(options.url).catch((cause: unknown) =>
      options.log.error({ err: cause }, 'what the restore left could not be cleared; the next restore does it'),
    );
    throw error;
  }
  await endRestore(options.url);
  return manifest;
}

async function refuseUnknownMigrations(options: RestoreOptions, manifest: BackupManifest): Promise<void> {
  const known = new Map((await readMigrations(options.migrationsDir)).map((entry) => [entry.name, entry.checksum]));
  for (const { name, checksum } of manifest.migrations) {
    if (known.get(name) === checksum) continue;
    const message = known.has(name)
      ? `Migration ${name} is another one here than in the backup`
      : `The backup has migration ${name}, which this hub does not know: restore it with a newer hub`;
    throw new HubError('BACKUP_INVALID', { message });
  }
}

/** The schema of that day: the migrations that the backup names, and no later one. */
async function migrateAsThen(options: RestoreOptions, manifest: BackupManifest): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'crossdock-restore-'));
  try {
    for (const { name } of manifest.migrations) await copyFile(join(options.migrationsDir, name), join(dir, name));
    await migrate({ url: options.url, dir, log: options.log });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function load(options: RestoreOptions, manifest: BackupManifest): Promise<void> {
  return withRestoreClient(options.url, async (client) => {
    await client.query('BEGIN');
    try {
      await refuseOtherSchema(client, manifest);
      await makePartitions(client, manifest);
      const tables = await inOrderOfReference(client, manifest.tables);
      await client.query(`TRUNCATE ${tables.map((table) => quote(table.name)).join(', ')}`);
      for (const [index, table] of tables.entries()) {
        await loadTable(client, options.dir, table);
        options.onTable?.(table, index + 1, tables.length);
      }
      for (const { name, last } of manifest.sequences) {
        if (last !== null) await client.query('SELECT setval($1::regclass, $2::bigint)', [quote(name), last]);
      }
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {});
      throw asInvalid(error);
    }
    await client.query('ANALYZE');
  });
}

/** Data that does not fit its own schema (22 data exception, 23 constraint, 42 unknown or double names) is a bad backup. */
function asInvalid(error: unknown): unknown {
  const state = sqlState(error);
  if (state === undefined || !/^(22|23|42)/.test(state)) return error;
  return new HubError('BACKUP_INVALID', {
    message: `The backup does not fit: ${(error as Error).message}`,
    cause: error,
  });
}

/** What the backup's own migrations make, and what the backup says it holds, are the same tables, columns and sequences. */
async function refuseOtherSchema(client: pg.Client, manifest: BackupManifest): Promise<void> {
  const tables = await client.query<{ name: string; columns: string[] }>(
    `SELECT c.relname AS name, (SELECT array_agg(a.attname::text) FROM pg_attribute AS a
       WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
     FROM pg_class AS c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition`,
  );
  const sequences = await client.query<{ name: string }>(
    "SELECT sequencename AS name FROM pg_sequences WHERE schemaname = 'public'",
  );
  const columnsOf = ({ name, columns }: { name: string; columns: string[] }): string[] => [
    `the table ${name}`,
    ...columns.map((column) => `${name}.${column}`),
  ];
  const made = [
    ...tables.rows.filter(({ name }) => !isMarker(name)).flatMap(columnsOf),
    ...sequences.rows.map(({ name }) => `the sequence ${name}`),
  ];
  const held = [...manifest.tables.flatMap(columnsOf), ...manifest.sequences.map(({ name }) => `the sequence ${name}`)];
  const [missing] = made.filter((one) => !held.includes(one));
  const [foreign] = held.filter((one, index) => !made.includes(one) || held.indexOf(one) !== index);
  if (missing === undefined && foreign === undefined) return;
  const message =
    missing === undefined
      ? `The backup lists ${foreign}, which its migrations do not make or which it lists twice`
      : `The backup lacks ${missing}, which its migrations make`;
  throw new HubError('BACKUP_INVALID', { message });
}

/** Those of the backup instead of those that today would make: rows of long ago need theirs. */
async function makePartitions(client: pg.Client, manifest: BackupManifest): Promise<void> {
  const made = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
     JOIN pg_class AS p ON p.oid = i.inhparent WHERE p.relkind = 'p' AND p.relnamespace = 'public'::regnamespace`,
  );
  for (const { name } of made.rows) await client.query(`DROP TABLE ${quote(name)}`);
  for (const { parent, name, bound, options } of manifest.partitions) {
    if (
      !/^FOR VALUES FROM \([^;]*\) TO \([^;]*\)$|^DEFAULT$/.test(bound) ||
      options.some((text) => !/^\w+=\w+$/.test(text))
    )
      throw new HubError('BACKUP_INVALID', { message: `Partition ${name} has an unreadable definition` });
    const storage = options.length === 0 ? '' : ` WITH (${options.join(', ')})`;
    await client.query(`CREATE TABLE ${quote(name)} PARTITION OF ${quote(parent)} ${bound}${storage}`);
    await protect(client, parent, name);
  }
}

/** A partition carries its parent's policies itself: whoever names it directly sees no more than through its parent. */
async function protect(client: pg.Client, parent: string, name: string): Promise<void> {
  await client.query(`ALTER TABLE ${quote(name)} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`);
  const policies = await client.query<{ policy: string; command: string; roles: string; using: string; check: string }>(
    `SELECT polname AS policy, CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
         WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command,
       coalesce((SELECT string_agg(quote_ident(rolname), ', ') FROM pg_roles WHERE oid = ANY (polroles)), 'PUBLIC') AS roles,
       coalesce(' USING (' || pg_get_expr(polqual, polrelid) || ')', '') AS using,
       coalesce(' WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')', '') AS check
     FROM pg_policy WHERE polrelid = $1::regclass`,
    [quote(parent)],
  );
  for (const { policy, command, roles, using, check } of policies.rows) {
    await client.query(`CREATE POLICY ${quote(policy)} ON ${quote(name)} FOR ${command} TO ${roles}${using}${check}`);
  }
}

/** What is referred to comes first. */
async function inOrderOfReference(client: pg.Client, tables: readonly BackedUpTable[]): Promise<BackedUpTable[]> {
  const references = await client.query<{ from: string; to: string }>(
    `SELECT conrelid::regclass::text AS from, confrelid::regclass::text AS to FROM pg_constraint
     WHERE contype = 'f' AND conrelid <> confrelid AND connamespace = 'public'::regnamespace`,
  );
  const ordered: BackedUpTable[] = [];
  let waiting = [...tables];
  while (waiting.length > 0) {
    const names = new Set(waiting.map((table) => table.name));
    const ready = waiting.filter(
      (table) => !references.rows.some(({ from, to }) => from === table.name && names.has(to)),
    );
    if (ready.length === 0) throw new HubError('BACKUP_INVALID', { message: 'Tables refer to each other in a circle' });
    ordered.push(...ready);
    waiting = waiting.filter((table) => !ready.includes(table));
  }
  return ordered;
}

async function loadTable(client: pg.Client, dir: string, table: BackedUpTable): Promise<void> {
  const name = quote(table.name);
  const [before] = (
    await client.query<{ force: boolean }>(
      'SELECT relforcerowsecurity AS force FROM pg_class WHERE oid = $1::regclass',
      [name],
    )
  ).rows;
  // The owner, and only within this transaction: nobody else sees the table before it is protected again.
  if (before?.force === true) await client.query(`ALTER TABLE ${name} NO FORCE ROW LEVEL SECURITY`);
  const hash = createHash('sha256');
  const read = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of readTable(dir, table)) {
      hash.update(chunk);
      yield chunk;
    }
  };
  const rows = await copyIn(client, `COPY ${name} (${table.columns.map(quote).join(', ')}) FROM STDIN`, read());
  if (before?.force === true) await client.query(`ALTER TABLE ${name} FORCE ROW LEVEL SECURITY`);
  refuseOther(table, rows, hash.digest('hex'));
}
