import pg from 'pg';
import { HubError } from './errors.ts';
import type { Logger } from './log.ts';

export interface DatabaseSettings {
  readonly serverVersion: number;
  readonly fsync: string;
  readonly fullPageWrites: string;
  readonly synchronousCommit: string;
  readonly dataChecksums: string;
}

/** The least `server_version_num` the hub runs on. */
const leastServerVersion = 150_000;

export interface SettingsVerdict {
  /** Reasons to refuse: with these an acknowledged message can be lost, or spoilt without anybody noticing. */
  readonly unsafe: string[];
  /** Worth saying: nothing is lost as long as this server lives. */
  readonly warnings: string[];
}

/** Judges the settings that durability rests on. Pure. */
export function judgeDatabaseSettings(settings: DatabaseSettings): SettingsVerdict {
  const unsafe: string[] = [];
  const warnings: string[] = [];
  if (settings.serverVersion < leastServerVersion) {
    unsafe.push(`server version ${Math.floor(settings.serverVersion / 10_000)} is older than 15`);
  }
  if (settings.fsync !== 'on') unsafe.push('fsync is off');
  if (settings.fullPageWrites !== 'on') unsafe.push('full_page_writes is off');
  if (settings.synchronousCommit === 'off') unsafe.push('synchronous_commit is off');
  if (settings.dataChecksums !== 'on') {
    unsafe.push(
      'data checksums are off: a page that the disk has spoilt would be read as if it were right (stop the server and run pg_checksums --enable)',
    );
  }
  if (settings.synchronousCommit === 'local' || settings.synchronousCommit === 'remote_write') {
    warnings.push(`synchronous_commit is ${settings.synchronousCommit}: a failover can lose the last commits`);
  }
  return { unsafe, warnings };
}

/**
 * Reads the server's settings and refuses to go on with those that can lose acknowledged data.
 * @throws HubError UNSAFE_DATABASE_SETTINGS, DATABASE_UNAVAILABLE
 */
export async function checkDatabaseSettings(options: { url: string; log: Logger }): Promise<DatabaseSettings> {
  const settings = await readDatabaseSettings(options.url);
  const verdict = judgeDatabaseSettings(settings);
  if (verdict.unsafe.length > 0) {
    throw new HubError('UNSAFE_DATABASE_SETTINGS', {
      message: `The database can lose acknowledged data: ${verdict.unsafe.join(', ')}`,
      errors: verdict.unsafe.map((message) => ({ pointer: 'DATABASE_URL', code: 'unsafe', message })),
    });
  }
  for (const warning of verdict.warnings) options.log.warn(warning);
  return settings;
}

async function readDatabaseSettings(url: string): Promise<DatabaseSettings> {
  const client = new pg.Client({ connectionString: url, application_name: 'crossdock check' });
  client.on('error', () => {});
  try {
    await client.connect();
    const result = await client.query<DatabaseSettings>(`SELECT
      current_setting('server_version_num')::int AS "serverVersion", current_setting('fsync') AS fsync,
      current_setting('full_page_writes') AS "fullPageWrites",
      current_setting('synchronous_commit') AS "synchronousCommit",
      current_setting('data_checksums') AS "dataChecksums"`);
    return result.rows[0]!;
  } catch (error) {
    throw new HubError('DATABASE_UNAVAILABLE', { cause: error });
  } finally {
    await client.end().catch(() => {});
  }
}
