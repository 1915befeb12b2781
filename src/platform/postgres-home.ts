import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { makeDataFolder } from './data-folder.ts';
import { HubError } from './errors.ts';
import type { Logger } from './log.ts';

/** The user that PostgreSQL runs as when the hub is root; PostgreSQL refuses to run as root itself. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
}

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly version: string;
}

/** Where the embedded PostgreSQL lives. */
export interface PostgresHome {
  readonly dir: string;
  /** PGDATA. */
  readonly clusterDir: string;
  readonly socketDir: string;
  readonly logFile: string;
  readonly passwordFile: string;
  readonly runAs: RunAs | undefined;
  readonly binaries: PostgresBinaries;
}

const sharedRoot = '/var/lib/crossdock';
// sun_path holds 104 bytes on macOS and 108 on Linux, with the file name `.s.PGSQL.5432` in it.
const longestSocketDir = 85;

/**
 * Finds the binaries and a folder that the PostgreSQL user can reach. As root under an untraversable path (such as
 * /root) both are copied below /var/lib/crossdock, and a warning says so.
 */
export async function preparePostgresHome(dataDir: string, log: Logger): Promise<PostgresHome> {
  const runAs = process.platform !== 'win32' && userInfo().uid === 0 ? unprivilegedUser() : undefined;
  const wanted = join(resolve(dataDir), 'postgres');
  const dir = reachableHome(wanted, runAs, log);
  const clusterDir = join(dir, 'cluster');
  if (dir !== wanted) moveCluster(join(wanted, 'cluster'), clusterDir, runAs, log);
  return {
    dir,
    clusterDir,
    socketDir: makeSocketDir(dir, runAs),
    logFile: join(dir, 'postgres.log'),
    passwordFile: join(dir, 'password'),
    runAs,
    binaries: reachableBinaries(await findBinaries(), runAs, log),
  };
}

/** Makes a folder that only PostgreSQL's user (and root) can enter. */
function makePrivateDir(dir: string, runAs: RunAs | undefined): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (runAs !== undefined) chownSync(dir, runAs.uid, runAs.gid);
}

/** The variables PostgreSQL is started with: its messages are read, so they stay in English; PG* of the caller stay out. */
export function postgresEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PG') && !name.startsWith('LC_'));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

export const identity = (runAs: RunAs | undefined): { uid?: number; gid?: number } =>
  runAs === undefined ? {} : { uid: runAs.uid, gid: runAs.gid };

function unprivilegedUser(): RunAs {
  // `postgres` where the system has it; `nobody` is in every passwd file. initdb insists on a user with a name.
  for (const user of ['postgres', 'nobody']) {
    const uid = numberFrom('id', ['-u', user]);
    const gid = numberFrom('id', ['-g', user]);
    if (uid !== undefined && gid !== undefined && uid !== 0) return { uid, gid, user };
  }
  throw new HubError('EMBEDDED_POSTGRES_FAILED', {
    message: 'PostgreSQL does not run as root, and neither the user postgres nor nobody exists',
  });
}

function numberFrom(command: string, args: string[]): number | undefined {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  const text = result.status === 0 ? result.stdout.trim() : '';
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function reachableHome(wanted: string, runAs: RunAs | undefined, log: Logger): string {
  makeDataFolder(dirname(wanted));
  makePrivateDir(wanted, runAs);
  if (runAs === undefined || canWorkIn(wanted, runAs)) return wanted;
  const moved = movedHome(wanted);
  mkdirSync(sharedRoot, { recursive: true, mode: 0o755 });
  makePrivateDir(moved, runAs);
  if (!canWorkIn(moved, runAs)) {
    throw new HubError('EMBEDDED_POSTGRES_FAILED', {
      message: `The user ${runAs.user} can reach neither ${wanted} nor ${moved}`,
    });
  }
  log.warn({ wanted, used: moved }, `the user ${runAs.user} cannot reach ${wanted}: the database is kept in ${moved}`);
  return moved;
}

/**
 * The name is remembered in the folder itself: a folder that was deleted and made again (a fresh clone in the same
 * place) must not find the database of its predecessor.
 */
function movedHome(wanted: string): string {
  const note = join(wanted, 'kept-in');
  if (existsSync(note)) return readFileSync(note, 'utf8').trim();
  const moved = join(sharedRoot, hashOf(`${wanted} ${randomUUID()}`));
  writeFileSync(note, `${moved}\n`);
  return moved;
}

function canWorkIn(dir: string, runAs: RunAs): boolean {
  const probe = ['-c', 'cd "$1" && test -w .', 'sh', dir];
  return spawnSync('/bin/sh', probe, { ...identity(runAs), cwd: '/', stdio: 'ignore' }).status === 0;
}

/** A cluster made before its folder became unreachable moves along, once. */
function moveCluster(from: string, to: string, runAs: RunAs | undefined, log: Logger): void {
  if (existsSync(to) || !existsSync(join(from, 'PG_VERSION'))) return;
  const unfinished = `${to}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  cpSync(from, unfinished, { recursive: true, preserveTimestamps: true });
  if (runAs !== undefined) spawnSync('chown', ['-R', `${runAs.uid}:${runAs.gid}`, unfinished]);
  renameSync(unfinished, to);
  log.warn({ from, to }, 'the database was copied to a folder that PostgreSQL can reach');
}

function makeSocketDir(home: string, runAs: RunAs | undefined): string {
  const inside = join(home, 'socket');
  const dir = inside.length <= longestSocketDir ? inside : join(tmpdir(), `crossdock-${hashOf(home)}`);
  makePrivateDir(dir, runAs);
  const stat = lstatSync(dir);
  const owner = runAs?.uid ?? process.getuid?.();
  // Somebody else's folder under /tmp would let them stand in for the database.
  if (!stat.isDirectory() || (owner !== undefined && (stat.uid !== owner || (stat.mode & 0o077) !== 0))) {
    throw new HubError('EMBEDDED_POSTGRES_FAILED', { message: `${dir} is not a private folder of PostgreSQL's user` });
  }
  return dir;
}

/** The package with this machine's binaries; npm installs the one that fits. */
async function findBinaries(): Promise<PostgresBinaries> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const found = (await import(name)) as { postgres: string; initdb: string };
    const manifest = JSON.parse(readFileSync(join(dirname(found.postgres), '../../package.json'), 'utf8')) as {
      version: string;
    };
    return { postgres: found.postgres, initdb: found.initdb, version: manifest.version };
  } catch (error) {
    throw new HubError('EMBEDDED_POSTGRES_FAILED', {
      message: `No embedded PostgreSQL for ${process.platform} on ${process.arch}: set DATABASE_URL to a PostgreSQL ≥15`,
      cause: error,
    });
  }
}

function reachableBinaries(found: PostgresBinaries, runAs: RunAs | undefined, log: Logger): PostgresBinaries {
  if (runs(found.postgres, runAs)) return found;
  const target = join(sharedRoot, `postgresql-${found.version}`);
  const inTarget = (binary: string): string => join(target, 'bin', basename(binary));
  const copied = { ...found, postgres: inTarget(found.postgres), initdb: inTarget(found.initdb) };
  if (runAs !== undefined && !(existsSync(copied.postgres) && runs(copied.postgres, runAs))) {
    copyBinaries(dirname(dirname(found.postgres)), target);
    log.warn({ used: target }, `the user ${runAs.user} cannot run ${found.postgres}: its files were copied`);
  }
  if (runAs !== undefined && runs(copied.postgres, runAs)) return copied;
  throw new HubError('EMBEDDED_POSTGRES_FAILED', { message: `${found.postgres} does not run on this machine` });
}

/** Built aside and renamed, so that two starts at once never see half a copy. */
function copyBinaries(from: string, target: string): void {
  const unfinished = `${target}.${process.pid}`;
  mkdirSync(sharedRoot, { recursive: true, mode: 0o755 });
  // The libraries' version links are relative; resolved ones would lead back to where nobody gets through.
  cpSync(from, unfinished, { recursive: true, verbatimSymlinks: true });
  spawnSync('chmod', ['-R', 'a+rX', unfinished]);
  rmSync(target, { recursive: true, force: true });
  try {
    renameSync(unfinished, target);
  } catch (error) {
    // Another start was faster; its copy is as good.
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
}

function runs(postgres: string, runAs: RunAs | undefined): boolean {
  const result = spawnSync(postgres, ['--version'], {
    ...identity(runAs),
    cwd: '/',
    env: postgresEnv(),
    stdio: 'ignore',
  });
  return result.status === 0;
}
