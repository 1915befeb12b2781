import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { HubError } from './errors.ts';
import type { Logger } from './log.ts';
import { sqlState } from './sql-errors.ts';

export interface Migration {
  /** File name, e.g. `0002-ledger.sql`. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 in hex of the text with line ends made `\n`, so that a Windows checkout agrees. */
  readonly checksum: string;
}

const fileName = /^(\d{4})-[a-z0-9]+(-[a-z0-9]+)*\.sql$/;
// Any constant will do; it only has to be the hub's own.
const migrationLock = 4_921_001;

/** The migrations of a folder in order. Refuses wrong names, and numbers that are used twice. */
export async function readMigrations(dir: string): Promise<Migration[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.sql')).sort();
  const numbers = new Set<string>();
  for (const name of names) {
    const number = fileName.exec(name)?.[1];
    if (number === undefined)
      throw new HubError('MIGRATION_FAILED', { message: `${name} is not named NNNN-words.sql` });
    if (numbers.has(number)) throw new HubError('MIGRATION_FAILED', { message: `Two migrations carry ${number}` });
    numbers.add(number);
  }
  return Promise.all(
    names.map(async (name) => {
      const sql = (await readFile(join(dir, name), 'utf8')).replaceAll('\r\n', '\n');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Brings the schema up to date as the owner: makes the two roles, then applies every new `NNNN-*.sql` of `dir` in a
 * transaction of its own. Several hubs may start at once: an advisory lock lets one work while the others wait.
 * Migrations that the database has and the folder lacks are left alone when they are newer than all of the
 * folder's: that is an older hub beside a newer one.
 * @throws HubError MIGRATION_CHANGED, MIGRATION_FAILED (its message names the file and, where known, the line)
 */
export async function migrate(options: { url: string; dir: string; log: Logger }): Promise<{ applied: string[] }> {
  const migrations = await readMigrations(options.dir);
  const client = new pg.Client({ connectionString: options.url, application_name: 'crossdock migrate' });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw new HubError('DATABASE_UNAVAILABLE', { cause: error });
  }
  try {
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    await ensureRoles(client);
    await client.query(`CREATE TABLE IF NOT EXISTS schema_migration (
      name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
    const pending = await pendingMigrations(client, migrations, options.log);
    for (const migration of pending) {
      await applyMigration(client, migration);
      options.log.info({ migration: migration.name }, 'migration applied');
    }
    return { applied: pending.map((m) => m.name) };
  } finally {
    // Ending the session frees the advisory lock.
    await client.end();
  }
}

async function pendingMigrations(client: pg.Client, migrations: Migration[], log: Logger): Promise<Migration[]> {
  const result = await client.query<{ name: string; checksum: string }>('SELECT name, checksum FROM schema_migration');
  const applied = new Map(result.rows.map((row) => [row.name, row.checksum]));
  const latest = migrations.at(-1)?.name ?? '';
  for (const name of applied.keys()) {
    if (migrations.some((m) => m.name === name)) continue;
    if (name < latest) throw new HubError('MIGRATION_CHANGED', { message: `${name} was applied but is missing` });
    log.warn({ migration: name }, 'the database is newer than this hub');
  }
  for (const migration of migrations) {
    const checksum = applied.get(migration.name);
    if (checksum === undefined || checksum === migration.checksum) continue;
    throw new HubError('MIGRATION_CHANGED', {
      message: `${migration.name} differs from what was applied; migrations are forward only, write a new one`,
    });
  }
  return migrations.filter((m) => !applied.has(m.name));
}

async function applyMigration(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
    await client.query('INSERT INTO schema_migration (name, checksum) VALUES ($1, $2)', [
      migration.name,
      migration.checksum,
    ]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new HubError('MIGRATION_FAILED', {
      message: `${migration.name}${lineOf(error, migration.sql)}: ${(error as Error).message}`,
      cause: error,
    });
  }
}

function lineOf(error: unknown, sql: string): string {
  const position = Number((error as pg.DatabaseError).position);
  return position > 0 ? ` line ${sql.slice(0, position).split('\n').length}` : '';
}

/**
 * The roles that everything but migrations runs as. Roles belong to the whole server while advisory locks belong to
 * a database, so two databases may make them at once; the loser meets a harmless error and looks again.
 */
async function ensureRoles(client: pg.Client): Promise<void> {
  for (const role of ['crossdock_app', 'crossdock_engine']) {
    await tolerateRace(() =>
      client.query(`DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
          CREATE ROLE ${role} NOLOGIN NOINHERIT NOBYPASSRLS NOSUPERUSER NOCREATEDB NOCREATEROLE;
        END IF;
      END $$`),
    );
    await tolerateRace(() =>
      client.query(`DO $$ BEGIN
        IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
           AND NOT EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles o ON o.oid = m.member
                           WHERE r.rolname = '${role}' AND o.rolname = current_user
                             AND coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)) THEN
          EXECUTE format('GRANT ${role} TO %I', current_user);
        END IF;
      END $$`),
    );
  }
}

async function tolerateRace(run: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await run();
      return;
    } catch (error) {
      // 23505 and 42710: made by the other one; XX000 "tuple concurrently updated": granted by the other one.
      const racing = ['23505', '42710', 'XX000'].includes(sqlState(error) ?? '');
      if (!racing || attempt >= 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10 * attempt));
    }
  }
}
