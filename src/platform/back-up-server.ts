import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { backupFormat, type BackupManifest, manifestFile } from './backup-manifest.ts';
import { prepareFolder, writeDurably } from './back-up-database.ts';
import { HubError } from './errors.ts';

export interface BackUpServerOptions {
  /** A superuser's URL, or that of a role with REPLICATION. */
  url: string;
  dir: string;
  hubVersion: string;
  now: Date;
  onLine?(text: string): void;
}

/**
 * A copy of the whole server by pg_basebackup, gzipped, with the log that makes it consistent. The embedded PostgreSQL does
 * not bring the tool: it has to be installed, in the server's major version or a newer one.
 * @throws HubError BACKUP_FAILED, DATABASE_UNAVAILABLE
 */
export async function backUpServer(options: BackUpServerOptions): Promise<BackupManifest> {
  const server = await readServer(options.url);
  const major = Math.floor(server.version / 10_000);
  const tool = findTool(major);
  if (tool === undefined) {
    throw new HubError('BACKUP_FAILED', {
      message: `No pg_basebackup of version ${major} or newer is installed; leave out --physical for a logical backup`,
    });
  }
  await prepareFolder(options.dir);
  const args = ['--format=tar', '--gzip', '--wal-method=stream', '--checkpoint=fast', '--manifest-checksums=SHA256'];
  await run(tool, [...args, '--no-password', '--pgdata', join(options.dir, 'base'), '--dbname', options.url], options);
  const files = readdirSync(join(options.dir, 'base')).sort();
  const manifest: BackupManifest = {
    format: backupFormat,
    kind: 'physical',
    takenAt: options.now.toISOString(),
    hubVersion: options.hubVersion,
    serverVersion: server.version,
    database: server.database,
    readAs: 'superuser',
    tenants: [],
    roles: [],
    migrations: [],
    partitions: [],
    sequences: [],
    tables: [],
    notes: [
      'The master key and the admin key are not in the database: keep them apart from this backup.',
      'Unpack base/base.tar.gz into an empty data directory and base/pg_wal.tar.gz into its pg_wal, start PostgreSQL, then the hub: it starts paused by itself where it can tell (see the guide), otherwise run first: crossdock reconcile begin',
      ...(await Promise.all(files.map(async (file) => `${file} ${await hashOf(join(options.dir, 'base', file))}`))),
    ],
  };
  await writeDurably(join(options.dir, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

async function readServer(url: string): Promise<{ version: number; database: string }> {
  const client = new pg.Client({ connectionString: url, application_name: 'crossdock backup' });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number; database: string }>(
      "SELECT current_setting('server_version_num')::int AS version, current_database() AS database",
    );
    return rows[0]!;
  } catch (cause) {
    throw new HubError('DATABASE_UNAVAILABLE', { cause });
  } finally {
    await client.end().catch(() => {});
  }
}

/** On the path, or where distributions keep several versions beside each other. */
function findTool(leastMajor: number): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const candidates = ['pg_basebackup', ...versions.map((version) => join(root, version, 'bin', 'pg_basebackup'))];
  return candidates.find((candidate) => {
    const answer = spawnSync(candidate, ['--version'], { encoding: 'utf8' });
    const major = Number(/\) (\d+)/.exec(answer.stdout ?? '')?.[1] ?? 0);
    return answer.status === 0 && major >= leastMajor;
  });
}

function run(tool: string, args: readonly string[], options: BackUpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4_000);
      options.onLine?.(chunk.toString().trimEnd());
    });
    child.on('error', (cause) => reject(new HubError('BACKUP_FAILED', { cause })));
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new HubError('BACKUP_FAILED', { message: `pg_basebackup failed: ${said.trim()}` }));
    });
  });
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}`;
}
