import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statfsSync, statSync, truncateSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { HubError } from './errors.ts';
import type { Logger } from './log.ts';
import { type PostgresHome, identity, postgresEnv } from './postgres-home.ts';

/** The lines of postmaster.pid that matter (PostgreSQL's pidfile.h). */
export interface PostmasterPid {
  readonly pid: number;
  readonly port: number;
  readonly socketDir: string;
  /** `starting`, `ready`, `standby` or `stopping`. */
  readonly status: string;
}

export interface Postmaster extends PostmasterPid {
  /** Undefined when it was already running. */
  readonly child: ChildProcess | undefined;
}

const pollMs = 20;
const megabyte = 1024 * 1024;

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function readPostmasterPid(clusterDir: string): PostmasterPid | undefined {
  let text: string;
  try {
    text = readFileSync(join(clusterDir, 'postmaster.pid'), 'utf8');
  } catch {
    return undefined;
  }
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3] ?? 0), socketDir: lines[4] ?? '', status: lines[7] ?? 'starting' };
}

/** True when the process lives and is a PostgreSQL: numbers of dead processes are given out again. */
export function isLivePostgres(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  try {
    // A zombie still answers to signal 0; field 3 follows the name in parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    if (stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) === 'Z') return false;
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres');
  } catch {
    // No /proc (macOS), or it ended meanwhile: the caller looks again.
    return !existsSync('/proc/self');
  }
}

/**
 * Segments of the log that are done with are kept up to this size to be written again: a new one is filled with zeros first,
 * which was half of the server's system time in a burst of orders and held every commit up for 65 ms (measured). On a small
 * disk the room is worth more: a fiftieth of it.
 */
function keptLogMb(clusterDir: string): number {
  const { blocks, bsize } = statfsSync(clusterDir);
  return Math.min(Math.max(Math.floor((blocks * bsize) / megabyte / 50), 80), 1024);
}

/**
 * Durability stays on; the rest is for a machine that the hub shares with others. Parallel query and JIT never paid
 * for the hub's short statements, and parallel workers need /dev/shm, which containers keep small.
 */
function serverSettings(home: PostgresHome, tcpPort: number | undefined, extra: Record<string, string>): string[] {
  const sharedBuffersMb = Math.min(Math.max(Math.floor(totalmem() / megabyte / 16), 128), 1024);
  const settings: Record<string, string> = {
    listen_addresses: tcpPort === undefined ? '' : '127.0.0.1',
    port: String(tcpPort ?? 5432),
    ...(process.platform === 'win32'
      ? {}
      : { unix_socket_directories: home.socketDir, unix_socket_permissions: '0700' }),
    max_connections: '100',
    shared_buffers: `${sharedBuffersMb}MB`,
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    wal_compression: 'on',
    wal_buffers: '16MB',
    max_wal_size: '4GB',
    min_wal_size: `${keptLogMb(home.clusterDir)}MB`,
    checkpoint_timeout: '15min',
    random_page_cost: '1.1',
    jit: 'off',
    max_parallel_workers_per_gather: '0',
    autovacuum_naptime: '15s',
    log_checkpoints: 'off',
    log_line_prefix: '%m [%p] ',
    cluster_name: 'crossdock',
    ...extra,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/**
 * Starts PostgreSQL on the cluster, or finds the one that already runs there (a hub that was killed leaves it behind).
 * Retries while backends of a killed postmaster still hold its shared memory. postmaster.pid is only read: deleting
 * it could let two postmasters write one cluster.
 *
 * @param tcpPort also listen on 127.0.0.1 at this port.
 */
export async function ensurePostmaster(
  home: PostgresHome,
  options: { tcpPort: number | undefined; settings: Record<string, string>; timeoutMs: number; log: Logger },
): Promise<Postmaster> {
  const deadlineMs = Date.now() + options.timeoutMs;
  let refusals = 0;
  for (;;) {
    const running = await waitUntilReady(home, undefined, deadlineMs);
    if (running !== undefined) return { ...running, child: undefined };
    const logStart = logSize(home);
    const child = spawnPostmaster(home, options.tcpPort, options.settings);
    const ready = await waitUntilReady(home, child, deadlineMs);
    if (ready !== undefined) return { ...ready, child };
    const reason = readFileSync(home.logFile, 'utf8').slice(logStart).trim();
    const passing = /shared memory block|lock file|another postmaster|could not bind|being used by/i.test(reason);
    if (Date.now() > deadlineMs || (!passing && ++refusals >= 3)) {
      throw new HubError('EMBEDDED_POSTGRES_FAILED', {
        message: `PostgreSQL did not start: ${lastLine(reason)}. See ${home.logFile}`,
        detail: reason.slice(-4000),
      });
    }
    options.log.debug({ reason: lastLine(reason) }, 'PostgreSQL was refused its start; trying again');
    await sleep(100);
  }
}

/** Ends the postmaster with a fast shutdown: sessions are cut, everything is flushed, exit within moments. */
export async function stopPostmaster(home: PostgresHome, pid: number, timeoutMs: number): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  signal(pid, 'SIGINT');
  while (isLivePostgres(pid) && readPostmasterPid(home.clusterDir)?.pid === pid) {
    if (Date.now() > deadlineMs) {
      // Immediate shutdown; the next start recovers from the log. Nothing acknowledged is lost.
      signal(pid, 'SIGQUIT');
      return;
    }
    await sleep(pollMs);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function spawnPostmaster(
  home: PostgresHome,
  tcpPort: number | undefined,
  settings: Record<string, string>,
): ChildProcess {
  if (logSize(home) > 16 * megabyte) truncateSync(home.logFile);
  const log = openSync(home.logFile, 'a', 0o600);
  try {
    // A session of its own: Ctrl-C in a terminal reaches the hub alone, which drains before it stops the database.
    const child = spawn(home.binaries.postgres, ['-D', home.clusterDir, ...serverSettings(home, tcpPort, settings)], {
      ...identity(home.runAs),
      cwd: home.clusterDir,
      env: postgresEnv(),
      detached: true,
      stdio: ['ignore', log, log],
    });
    child.on('error', () => {});
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** Waits while a postmaster lives but is not ready; undefined when none lives (any more). */
async function waitUntilReady(
  home: PostgresHome,
  child: ChildProcess | undefined,
  deadlineMs: number,
): Promise<PostmasterPid | undefined> {
  for (;;) {
    const found = readPostmasterPid(home.clusterDir);
    const live = found !== undefined && isLivePostgres(found.pid);
    if (live && found.status === 'ready') return found;
    const childLives = child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
    if (child === undefined ? !live : !childLives) return undefined;
    if (Date.now() > deadlineMs) {
      throw new HubError('EMBEDDED_POSTGRES_FAILED', {
        message: `PostgreSQL is not ready after a long wait (${found?.status ?? 'no state'}). See ${home.logFile}`,
      });
    }
    await sleep(pollMs);
  }
}

function logSize(home: PostgresHome): number {
  return existsSync(home.logFile) ? statSync(home.logFile).size : 0;
}

function lastLine(text: string): string {
  const fatal = text.split('\n').filter((line) => /FATAL|ERROR|PANIC|could not/.test(line));
  return (fatal.at(0) ?? text.split('\n').at(-1) ?? '').replace(/^.*(FATAL|PANIC|ERROR):\s*/, '') || 'no reason given';
}
