import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  checkDatabaseSettings,
  type Config,
  type Db,
  inspectEmbeddedPostgres,
  judgeDatabaseSettings,
  judgeMark,
  openDatabase,
  refuseUnfinishedRestore,
  readMark,
  readMarksSeen,
  readMigrations,
  readServerClockSkewMs,
  readServerIdentity,
  silentLogger,
  startEmbeddedPostgres,
  type Tx,
  withOwner,
} from '../platform/index.ts';
import { masterKeyFile } from '../security/index.ts';
import { ageWords, type Check, failing, ok, warning } from './doctor-check.ts';
import { examineLanes } from './doctor-lanes.ts';
import { checkWarehouses } from './doctor-warehouses.ts';

const migrationsDir = fileURLToPath(new URL('../../migrations', import.meta.url));
const gigabyte = 1024 ** 3;
const mostClockSkewMs = 5_000;
/** A nightly backup, and two hours of grace. */
const backupAgeMs = 26 * 3_600_000;
const longTransactionMs = 10 * 60_000;

/**
 * Everything about the database, from whether it can be reached to what waits in it. Looks only. The hub's own server is
 * not started unless `start` says so: somebody in trouble may not want that.
 */
export async function examineDatabase(config: Config, start: boolean): Promise<Check[]> {
  if (config.databaseUrl !== undefined) return examineServer(config, config.databaseUrl);
  const found = await inspectEmbeddedPostgres(config.dataDir);
  if (found === undefined) {
    return [ok('database', 'embedded PostgreSQL, not made yet: the first start makes it in the data folder')];
  }
  const files = await checkFiles(found);
  if (files.state === 'failing' || (found.superuserUrl === undefined && !start)) {
    const last = found.lastComplaint === undefined ? '' : `; it last said: ${found.lastComplaint}`;
    const stopped = warning(
      'database',
      `embedded PostgreSQL in ${found.clusterDir} does not run${last}`,
      `start the hub; or crossdock doctor --start, to look inside without it; the log is ${found.logFile}`,
    );
    return files.state === 'failing' ? [files] : [stopped, files];
  }
  if (found.superuserUrl !== undefined) return [...(await examineServer(config, found.superuserUrl)), files];
  const server = await startEmbeddedPostgres({ dataDir: config.dataDir, log: silentLogger });
  try {
    const url = new URL(server.superuserUrl);
    url.pathname = new URL(server.url).pathname;
    return [...(await examineServer(config, url.href)), files];
  } finally {
    await server.stop();
  }
}

async function checkFiles(found: { clusterDir: string; version: string; filesMajor: number }): Promise<Check> {
  const name = 'database files';
  const major = Number(found.version.split('.')[0]);
  if (found.filesMajor !== major) {
    return failing(
      name,
      `${found.clusterDir} was made by PostgreSQL ${found.filesMajor}, this hub brings ${major}`,
      'back up with the hub that made it (crossdock backup), and restore with this one into an empty data folder',
    );
  }
  const disk = await statfs(found.clusterDir).catch(() => undefined);
  if (disk === undefined) return warning(name, `${found.clusterDir}; the free space is not known`, 'check its rights');
  const free = disk.bavail * disk.bsize;
  const detail = `${found.clusterDir}, ${sizeWords(free)} free`;
  if (free >= gigabyte) return ok(name, detail);
  return failing(name, detail, 'free space on this disk: below 256 MB the doors close; crossdock retention --dry-run');
}

async function examineServer(config: Config, url: string): Promise<Check[]> {
  const server = await checkServer(url);
  if (server.state === 'failing') return [server];
  const clock = judgeClock(await readServerClockSkewMs(url));
  const restore = await refuseUnfinishedRestore(url).catch((error: Error) => error);
  // What is in it is no hub's database yet.
  if (restore !== undefined) return [server, clock, failing('restore', restore.message, 'crossdock restore DIR')];
  let engine: Db;
  try {
    engine = await openDatabase({
      url,
      role: 'crossdock_engine',
      maxConnections: 1,
      applicationName: 'crossdock doctor',
    });
  } catch {
    return [server, clock, warning('migrations', 'the schema is not made yet', 'start the hub: it makes it')];
  }
  try {
    const migrations = await engine.engineTx((tx) => checkMigrations(tx, url));
    // What is looked at below is of this version's tables.
    if (migrations.state !== 'ok') return [server, clock, migrations];
    return [
      server,
      clock,
      await engine.engineTx(checkSize),
      migrations,
      await engine.engineTx((tx) => checkKeysOfSecrets(tx, config)),
      await checkMark(engine, config, url),
      await engine.engineTx(checkBackup),
      await engine.engineTx(checkSessions),
      ...(await examineLanes(engine, config)),
      await checkWarehouses(engine),
    ];
  } finally {
    await engine.close();
  }
}

async function checkServer(url: string): Promise<Check> {
  const name = 'database';
  try {
    const settings = await checkDatabaseSettings({ url, log: silentLogger });
    const { warnings } = judgeDatabaseSettings(settings);
    const version = `PostgreSQL ${Math.floor(settings.serverVersion / 10_000)}.${settings.serverVersion % 10_000}`;
    const durable = `fsync ${settings.fsync}, full_page_writes ${settings.fullPageWrites}, synchronous_commit ${settings.synchronousCommit}, data checksums ${settings.dataChecksums}`;
    if (warnings.length > 0) return warning(name, `${version}: ${warnings.join('; ')}`, 'set synchronous_commit to on');
    return ok(name, `${version}, durable: ${durable}`);
  } catch (error) {
    const { message, cause } = error as Error;
    const detail = cause instanceof Error ? `${message}: ${cause.message}` : message;
    return failing(name, detail, 'check DATABASE_URL, that the server runs, and its settings');
  }
}

function judgeClock(skewMs: number): Check {
  const detail = `${Math.round(Math.abs(skewMs))} ms apart from the database's`;
  if (Math.abs(skewMs) <= mostClockSkewMs) return ok('clock', detail);
  return failing('clock', detail, 'synchronise the clocks of both machines (NTP)');
}

async function checkSize(tx: Tx): Promise<Check> {
  const [row] = await tx.query<{ bytes: number; name: string }>(
    'SELECT pg_database_size(current_database())::bigint AS bytes, current_database() AS name',
  );
  return ok('size', `database ${row?.name ?? ''} takes ${sizeWords(row?.bytes ?? 0)}`);
}

async function checkMigrations(tx: Tx, url: string): Promise<Check> {
  const name = 'migrations';
  const [table] = await tx.query<{ there: boolean }>(
    `SELECT to_regclass('public.schema_migration') IS NOT NULL AS there`,
  );
  if (table?.there !== true) return warning(name, 'the schema is not made yet', 'start the hub: it makes it');
  const known = new Map((await readMigrations(migrationsDir)).map((each) => [each.name, each.checksum]));
  const applied = new Map((await readApplied(url)).map((row) => [row.name, row.checksum]));
  const changed = [...applied]
    .filter(([file, sum]) => known.has(file) && known.get(file) !== sum)
    .map(([file]) => file);
  if (changed.length > 0) {
    return failing(
      name,
      `not as they were applied: ${changed.join(', ')}`,
      'use the files of the release: git checkout migrations',
    );
  }
  const pending = [...known.keys()].filter((file) => !applied.has(file));
  if (pending.length > 0) {
    return warning(
      name,
      `${pending.length} to come: ${pending.join(', ')}`,
      'start this hub: it applies them; back up first',
    );
  }
  const newer = applied.size - known.size;
  if (newer > 0) return ok(name, `all ${known.size}, and ${newer} of a newer hub`);
  return ok(name, `all ${known.size} applied, the last is ${[...known.keys()].at(-1) ?? ''}`);
}

/** As whoever the connection is of: the working roles may not read it. */
async function readApplied(url: string): Promise<{ name: string; checksum: string }[]> {
  const rows = await withOwner(url, (query) => query('SELECT name, checksum FROM schema_migration'));
  return rows as { name: string; checksum: string }[];
}

async function checkKeysOfSecrets(tx: Tx, config: Config): Promise<Check> {
  const name = 'master key';
  const [row] = await tx.query<{ n: number }>('SELECT count(*)::integer AS n FROM tenant_key');
  const file = join(config.dataDir, masterKeyFile);
  const isThere = config.masterKey !== undefined || (await stat(file).catch(() => undefined)) !== undefined;
  if (isThere) return ok(name, config.masterKey === undefined ? file : 'from CROSSDOCK_MASTER_KEY');
  if ((row?.n ?? 0) === 0) return ok(name, 'not made yet, and nothing is sealed with one');
  return failing(
    name,
    `secrets are stored, and ${file} is missing`,
    'put the file back from where it is kept apart; a new one opens none of them',
  );
}

async function checkMark(engine: Db, config: Config, url: string): Promise<Check> {
  const name = 'history';
  const server = await readServerIdentity({ url, isEmbedded: config.databaseUrl === undefined });
  const { mark, isUsed, reconciling } = await engine.engineTx(async (tx) => {
    const [row] = await tx.query<{ tenants: number; reconciling: number }>(
      `SELECT (SELECT count(*) FROM tenant)::integer AS tenants,
         (SELECT count(*) FROM reconciliation WHERE ended_at IS NULL)::integer AS reconciling`,
    );
    return { mark: await readMark(tx), isUsed: (row?.tenants ?? 0) > 0, reconciling: row?.reconciling ?? 0 };
  });
  const why = judgeMark(mark, server, readMarksSeen(config.dataDir), isUsed);
  if (why !== undefined) {
    return warning(
      name,
      `the database was put back: ${why}`,
      'start the hub: it comes up paused; then crossdock reconcile',
    );
  }
  if (reconciling > 0) {
    return warning(
      name,
      'put back and not yet compared: its connections are paused',
      'crossdock reconcile, then crossdock reconcile end --resume',
    );
  }
  return ok(
    name,
    mark === undefined ? 'no hub has marked it yet' : `never put back, last marked ${mark.markedAt.toISOString()}`,
  );
}

async function checkBackup(tx: Tx): Promise<Check> {
  const name = 'backup';
  const [last] = await tx.query<{ kind: string; taken_at: Date; directory: string; age_ms: number }>(
    `SELECT kind, taken_at, directory, (extract(epoch FROM now() - taken_at) * 1000)::bigint AS age_ms
     FROM backup_taken ORDER BY taken_at DESC LIMIT 1`,
  );
  const fix = 'crossdock backup DIR, every night; keep master.key apart from it';
  if (last === undefined) return warning(name, 'none by crossdock backup is known of', fix);
  const detail = `${last.kind}, ${ageWords(last.age_ms)} ago, in ${last.directory}`;
  return last.age_ms <= backupAgeMs ? ok(name, detail) : warning(name, detail, fix);
}

/** Connections left, and transactions that hold everybody's cleaning-up and the lanes' reading mark up. */
async function checkSessions(tx: Tx): Promise<Check> {
  const name = 'sessions';
  const [row] = await tx.query<{ used: number; most: number; oldest_ms: number | null; who: string | null }>(
    `SELECT count(*)::integer AS used, current_setting('max_connections')::integer AS most,
       max(extract(epoch FROM now() - xact_start) * 1000)::bigint AS oldest_ms,
       (array_agg(coalesce(application_name, '') || ' (pid ' || pid || ')' ORDER BY xact_start))[1] AS who
     FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  );
  if (row === undefined) return ok(name, 'not known');
  const detail = `${row.used} of ${row.most} connections`;
  if (row.used > row.most * 0.9) return warning(name, detail, 'raise max_connections, or run fewer hubs on it');
  if ((row.oldest_ms ?? 0) > longTransactionMs) {
    return warning(
      name,
      `${detail}; a transaction is ${ageWords(row.oldest_ms ?? 0)} old: ${row.who ?? 'unknown'}`,
      'end it: what was enqueued since may wait for it, and nothing is cleaned up',
    );
  }
  return ok(name, detail);
}

function sizeWords(bytes: number): string {
  return bytes >= gigabyte ? `${(bytes / gigabyte).toFixed(1)} GB` : `${Math.round(bytes / 1024 ** 2)} MB`;
}
