import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { HubError } from './errors.ts';
import type { Logger } from './log.ts';
import { type PostgresHome, identity, postgresEnv, preparePostgresHome } from './postgres-home.ts';
import {
  type Postmaster,
  type PostmasterPid,
  ensurePostmaster,
  isLivePostgres,
  sleep,
  stopPostmaster,
} from './postmaster.ts';

export interface EmbeddedPostgres {
  /** The owner's URL: the role `crossdock`, neither superuser nor exempt from row-level security. */
  readonly url: string;
  /** A superuser's URL on the database `postgres`, for the test harness and for repairs. */
  readonly superuserUrl: string;
  /** Undefined on Windows. */
  readonly socketDir: string | undefined;
  /** True when a PostgreSQL left behind by a killed hub was taken over. */
  readonly adopted: boolean;
  readonly logFile: string;
  /** Stops the server, unless another hub still uses it. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  dataDir: string;
  log: Logger;
  /** Also listen on 127.0.0.1 at this port (with a password). Otherwise a Unix socket in a private folder is all. */
  port?: number;
  /** Server settings on top of the hub's own, for tests. */
  settings?: Record<string, string>;
  /** False: nobody restarts it, and `stop` stops it whoever else uses it. For the test harness. */
  supervise?: boolean;
}

/** Recovery after a crash replays up to 4 GB of log: be patient. */
const startTimeoutMs = 120_000;

// Two hubs may set up the same server at once.
const setUpLock = 4_921_003;
// Every hub that uses the server holds this lock shared; who gets it exclusively is the last one.
const usersLock = 4_921_002;

/**
 * Runs a PostgreSQL of the hub's own in `dataDir/postgres`. Adopts a live one of the same folder; restarts one that
 * dies while the hub lives (pools reconnect, the address stays the same).
 * @throws HubError EMBEDDED_POSTGRES_FAILED
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const home = await preparePostgresHome(options.dataDir, options.log);
  await initCluster(home);
  const tcpPort = options.port ?? (process.platform === 'win32' ? await freePort() : undefined);
  const start = (): Promise<Postmaster> =>
    ensurePostmaster(home, {
      tcpPort,
      settings: options.settings ?? {},
      timeoutMs: startTimeoutMs,
      log: options.log,
    });
  const first = await start();
  const urlOf = urlMaker(home, first);
  await ensureOwnDatabase(urlOf('postgres', 'postgres'), readFileSync(home.passwordFile, 'utf8').trim());
  const supervisor = new Supervisor({ home, start, log: options.log, url: urlOf('crossdock', 'crossdock') });
  const supervised = options.supervise !== false;
  if (supervised) await supervisor.watch(first);
  return {
    url: urlOf('crossdock', 'crossdock'),
    superuserUrl: urlOf('postgres', 'postgres'),
    socketDir: process.platform === 'win32' ? undefined : first.socketDir,
    adopted: first.child === undefined,
    logFile: home.logFile,
    stop: () => (supervised ? supervisor.stop() : stopPostmaster(home, first.pid, 30_000)),
  };
}

/** A superuser's URL on the hub's database, for what looks at a server that runs. */
export const superuserUrlOf = (home: PostgresHome, server: PostmasterPid): string =>
  urlMaker(home, server)('postgres', 'crossdock');

function urlMaker(home: PostgresHome, server: PostmasterPid): (user: string, database: string) => string {
  if (process.platform === 'win32') {
    const password = readFileSync(home.passwordFile, 'utf8').trim();
    return (user, database) => `postgresql://${user}:${password}@127.0.0.1:${server.port}/${database}`;
  }
  const host = encodeURIComponent(server.socketDir);
  return (user, database) => `postgresql://${user}@localhost/${database}?host=${host}&port=${server.port}`;
}

/** initdb works in a folder aside; only a finished cluster gets its name, so that a kill in between leaves none. */
async function initCluster(home: PostgresHome): Promise<void> {
  if (existsSync(join(home.clusterDir, 'PG_VERSION'))) return;
  const release = await lockFolder(join(home.dir, 'initdb.lock'));
  try {
    if (existsSync(join(home.clusterDir, 'PG_VERSION'))) return;
    const unfinished = `${home.clusterDir}.new`;
    rmSync(unfinished, { recursive: true, force: true });
    writeFileSync(home.passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
    if (home.runAs !== undefined) chownSync(home.passwordFile, home.runAs.uid, home.runAs.gid);
    await runInitdb(home, unfinished);
    renameSync(unfinished, home.clusterDir);
  } finally {
    release();
  }
}

function runInitdb(home: PostgresHome, target: string): Promise<void> {
  const args = [
    `--pgdata=${target}`,
    '--username=postgres',
    // The socket lies in a folder that only its user can enter; over TCP the password counts.
    '--auth-local=trust',
    '--auth-host=scram-sha-256',
    `--pwfile=${home.passwordFile}`,
    '--locale=C',
    '--encoding=UTF8',
    '--data-checksums',
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(home.binaries.initdb, args, {
      ...identity(home.runAs),
      cwd: home.dir,
      env: postgresEnv(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-8000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (cause) => reject(new HubError('EMBEDDED_POSTGRES_FAILED', { cause })));
    child.on('close', (status) => {
      if (status === 0) return resolve();
      const reason = output.trim().split('\n').slice(-3).join(' ');
      reject(new HubError('EMBEDDED_POSTGRES_FAILED', { message: `initdb failed: ${reason}`, detail: output }));
    });
  });
}

/** Holds a lock file with this process's number; one of a dead process is taken over. */
async function lockFolder(file: string): Promise<() => void> {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (!holderLives(file)) rmSync(file, { force: true });
    else await sleep(50);
  }
}

function holderLives(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid === process.pid) return false;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function ensureOwnDatabase(superuserUrl: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl, application_name: 'crossdock set-up' });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [setUpLock]);
    const state = await client.query<{ role: boolean; database: boolean }>(`SELECT
      EXISTS (SELECT FROM pg_roles WHERE rolname = 'crossdock') AS role,
      EXISTS (SELECT FROM pg_database WHERE datname = 'crossdock') AS database`);
    if (!state.rows[0]!.role) {
      await client.query(
        `CREATE ROLE crossdock LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB CREATEROLE PASSWORD ${client.escapeLiteral(password)}`,
      );
      await client.query('GRANT pg_monitor, pg_checkpoint TO crossdock');
    }
    if (!state.rows[0]!.database) await client.query('CREATE DATABASE crossdock OWNER crossdock');
  } finally {
    await client.end();
  }
}

/** Keeps one connection open: it tells when the server dies, and counts this hub among the server's users. */
class Supervisor {
  readonly #home: PostgresHome;
  readonly #start: () => Promise<Postmaster>;
  readonly #log: Logger;
  readonly #url: string;
  #pid = 0;
  #keeper: pg.Client | undefined;
  #stopping: Promise<void> | undefined;
  #restarting: Promise<void> | undefined;

  constructor(options: { home: PostgresHome; start: () => Promise<Postmaster>; log: Logger; url: string }) {
    this.#home = options.home;
    this.#start = options.start;
    this.#log = options.log;
    this.#url = options.url;
  }

  async watch(server: Postmaster): Promise<void> {
    this.#pid = server.pid;
    const keeper = new pg.Client({ connectionString: this.#url, application_name: 'crossdock keeper' });
    keeper.on('error', () => {});
    await keeper.connect();
    await keeper.query('SELECT pg_advisory_lock_shared($1)', [usersLock]);
    this.#keeper = keeper;
    keeper.on('end', () => {
      if (this.#stopping === undefined && this.#keeper === keeper) this.#restarting = this.#restart();
    });
  }

  async #restart(): Promise<void> {
    this.#log.error({ pid: this.#pid, alive: isLivePostgres(this.#pid) }, 'lost PostgreSQL; bringing it back');
    for (let delayMs = 50; this.#stopping === undefined; delayMs = Math.min(delayMs * 2, 5000)) {
      try {
        const server = await this.#start();
        await this.watch(server);
        this.#log.warn({ pid: server.pid }, 'PostgreSQL is back');
        return;
      } catch (error) {
        this.#log.error({ err: error }, 'PostgreSQL could not be restarted; trying again');
        await sleep(delayMs);
      }
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await this.#restarting;
    const last = await this.#releaseUse();
    await this.#keeper?.end().catch(() => {});
    if (last) await stopPostmaster(this.#home, this.#pid, 30_000);
    else this.#log.info('PostgreSQL stays up: another hub uses it');
  }

  async #releaseUse(): Promise<boolean> {
    try {
      await this.#keeper?.query('SELECT pg_advisory_unlock_shared($1)', [usersLock]);
      const result = await this.#keeper?.query<{ last: boolean }>('SELECT pg_try_advisory_lock($1) AS last', [
        usersLock,
      ]);
      return result?.rows[0]?.last ?? true;
    } catch {
      // The server is gone or going; a fast shutdown on top does no harm.
      return true;
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
