import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backUpServer, migrate, silentLogger } from './index.ts';

const migrationsDir = fileURLToPath(new URL('../../migrations', import.meta.url));
/** An installed PostgreSQL that has all its tools; the embedded one has no pg_basebackup. */
const bin = existsSync('/usr/lib/postgresql')
  ? readdirSync('/usr/lib/postgresql')
      .filter((major) => Number(major) >= 15)
      .map((major) => join('/usr/lib/postgresql', major, 'bin'))
      .find((dir) => existsSync(join(dir, 'pg_basebackup')) && existsSync(join(dir, 'initdb')))
  : undefined;
const runAs: { uid?: number; gid?: number } | undefined = userInfo().uid === 0 ? userOf('postgres') : {};

function userOf(name: string): { uid: number; gid: number } | undefined {
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':');
  return entry === undefined ? undefined : { uid: Number(entry[2]), gid: Number(entry[3]) };
}

let dir: string;
const running: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'physical-'));
  chmodSync(dir, 0o755);
});
afterEach(() => {
  for (const data of running.splice(0)) tool('pg_ctl', ['--pgdata', data, '--mode=immediate', 'stop']);
  rmSync(dir, { recursive: true, force: true });
});

function tool(name: string, args: string[]): void {
  execFileSync(join(bin ?? '', name), args, { ...runAs, cwd: '/', stdio: 'ignore' });
}

/** A folder of the server's own user. */
function folder(name: string): string {
  const path = join(dir, name);
  mkdirSync(path, { mode: 0o700 });
  if (runAs?.uid !== undefined && runAs.gid !== undefined) chownSync(path, runAs.uid, runAs.gid);
  return path;
}

function start(data: string, socket: string): string {
  tool('pg_ctl', [
    '--pgdata',
    data,
    '--wait',
    '--log',
    join(socket, 'log'),
    '--options',
    `-k ${socket} -c listen_addresses=`,
    'start',
  ]);
  running.push(data);
  return `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(socket)}&port=5432`;
}

async function contents(url: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1",
    );
    const found: Record<string, string> = {};
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ hash: string }>(
        `SELECT count(*) || ' ' || md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) AS hash FROM "${name}" AS t`,
      );
      found[name] = rows[0]!.hash;
    }
    return found;
  } finally {
    await client.end();
  }
}

describe.skipIf(bin === undefined || runAs === undefined)(
  'a physical backup (needs an installed pg_basebackup)',
  () => {
    it('comes back as a server with the same rows in every table, as its notes say', async () => {
      const data = folder('data');
      tool('initdb', [
        '--pgdata',
        data,
        '--username=postgres',
        '--auth=trust',
        '--encoding=UTF8',
        '--locale=C',
        '--data-checksums',
      ]);
      const url = start(data, folder('socket'));
      await migrate({ url, dir: migrationsDir, log: silentLogger });
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(
        `INSERT INTO message (id, tenant_id, direction, channel, content_type, sha256, byte_size, body, correlation_id, state, received_at)
       SELECT (left(uuid_at(now())::text, 24) || lpad(to_hex(n), 12, '0'))::uuid, 'acme', 'in', 'api', 'x', sha256(n::text::bytea), 32, sha256(n::text::bytea), 'c', 'processed', now()
       FROM generate_series(1, 5000) AS n`,
      );
      await client.end();
      const before = await contents(url);
      const backup = join(dir, 'backup');
      const manifest = await backUpServer({ url, dir: backup, hubVersion: '1', now: new Date() });
      expect(manifest).toMatchObject({ kind: 'physical', readAs: 'superuser' });

      const restored = folder('restored');
      for (const [file, into] of [
        ['base.tar.gz', restored],
        ['pg_wal.tar.gz', join(restored, 'pg_wal')],
      ] as const) {
        execFileSync('tar', ['--extract', '--gzip', '--file', join(backup, 'base', file), '--directory', into]);
      }
      if (runAs?.uid !== undefined) execFileSync('chown', ['--recursive', `${runAs.uid}:${runAs.gid}`, restored]);
      const again = start(restored, folder('socket-restored'));
      expect(await contents(again)).toEqual(before);
      expect(manifest.notes.join('\n')).toContain('crossdock reconcile begin');
    }, 120_000);
  },
);
