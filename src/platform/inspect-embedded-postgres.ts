import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { superuserUrlOf } from './embedded-postgres.ts';
import { silentLogger } from './log.ts';
import { preparePostgresHome } from './postgres-home.ts';
import { isLivePostgres, readPostmasterPid } from './postmaster.ts';

/** What there is of the hub's own PostgreSQL, without starting anything. */
export interface EmbeddedPostgresFound {
  readonly clusterDir: string;
  readonly logFile: string;
  /** Of the binaries. */
  readonly version: string;
  /** That the files were made by. */
  readonly filesMajor: number;
  /** Ready, and where a superuser reaches it; undefined: it does not run. */
  readonly superuserUrl: string | undefined;
  /** The last of what it complained about. */
  readonly lastComplaint: string | undefined;
}

/** @returns undefined where none has been made yet @throws HubError EMBEDDED_POSTGRES_FAILED */
export async function inspectEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgresFound | undefined> {
  if (!existsSync(join(resolve(dataDir), 'postgres'))) return undefined;
  const home = await preparePostgresHome(dataDir, silentLogger);
  const versionFile = join(home.clusterDir, 'PG_VERSION');
  if (!existsSync(versionFile)) return undefined;
  const found = readPostmasterPid(home.clusterDir);
  const runs = found !== undefined && found.status === 'ready' && isLivePostgres(found.pid);
  return {
    clusterDir: home.clusterDir,
    logFile: home.logFile,
    version: home.binaries.version,
    filesMajor: Number(readFileSync(versionFile, 'utf8').trim()),
    superuserUrl: runs ? superuserUrlOf(home, found) : undefined,
    lastComplaint: lastComplaint(home.logFile),
  };
}

function lastComplaint(logFile: string): string | undefined {
  if (!existsSync(logFile)) return undefined;
  const lines = readFileSync(logFile, 'utf8').slice(-64_000).split('\n');
  return lines
    .findLast((line) => /\b(FATAL|PANIC):/.test(line) && !/starting up|shutting down|terminating/.test(line))
    ?.trim();
}
