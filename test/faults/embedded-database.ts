import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { silentLogger, startEmbeddedPostgres } from '../../src/platform/index.ts';
import { databaseTypes } from '../../src/platform/db.ts';

/** The embedded PostgreSQL of a hub that is running in `dataDir`, seen from beside it. */
export async function ownerOfEmbedded(dataDir: string): Promise<pg.Pool> {
  // Finds the one that the hub has started; nothing is started or stopped by this.
  const found = await startEmbeddedPostgres({ dataDir, log: silentLogger, supervise: false });
  const pool = new pg.Pool({
    connectionString: found.superuserUrl.replace('/postgres?', '/crossdock?'),
    max: 2,
    types: databaseTypes,
    application_name: 'fault suite',
  });
  pool.on('error', () => {});
  return pool;
}

export const clusterDirOf = (dataDir: string): string => join(dataDir, 'postgres', 'cluster');

/** The postmaster's process number, or undefined while there is none. */
export function postmasterPid(dataDir: string): number | undefined {
  try {
    const [first = ''] = readFileSync(join(clusterDirOf(dataDir), 'postmaster.pid'), 'utf8').split('\n');
    return Number(first) || undefined;
  } catch {
    return undefined;
  }
}
