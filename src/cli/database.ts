import { userInfo } from 'node:os';
import {
  type Config,
  createLogger,
  type Logger,
  refuseUnfinishedRestore,
  startEmbeddedPostgres,
} from '../platform/index.ts';

export interface CommandDatabase {
  /** The owner of the schema. */
  readonly ownerUrl: string;
  /** Sees every tenant's rows where there is one: the embedded server's own superuser. */
  readonly readerUrl: string;
  /** A superuser's URL for copies of the whole server. */
  readonly serverUrl: string;
  /** The hub's own server. */
  readonly isEmbedded: boolean;
  readonly log: Logger;
}

/**
 * Runs a command on the hub's database, whether a hub is running on it or not.
 * @throws HubError RESTORE_UNFINISHED unless `toRestore`: half of a backup is nothing to back up or to reconcile
 */
export async function withDatabase<T>(
  config: Config,
  run: (database: CommandDatabase) => Promise<T>,
  { toRestore = false } = {},
): Promise<T> {
  const log = createLogger({ level: 'warn', name: 'crossdock' });
  if (config.databaseUrl !== undefined) {
    const url = config.databaseUrl;
    if (!toRestore) await refuseUnfinishedRestore(url);
    return run({ ownerUrl: url, readerUrl: url, serverUrl: url, isEmbedded: false, log });
  }
  const server = await startEmbeddedPostgres({ dataDir: config.dataDir, log });
  try {
    if (!toRestore) await refuseUnfinishedRestore(server.url);
    const reader = new URL(server.superuserUrl);
    reader.pathname = new URL(server.url).pathname;
    return await run({
      ownerUrl: server.url,
      readerUrl: reader.href,
      serverUrl: server.superuserUrl,
      isEmbedded: true,
      log,
    });
  } finally {
    // Stays up while a hub uses it.
    await server.stop();
  }
}

/** Who works at the machine itself, for the audit. */
export function localActor(): string {
  return `local:${userInfo().username}`;
}
