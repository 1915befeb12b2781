import { join } from 'node:path';
import {
  checkDatabaseSettings,
  type Config,
  type Db,
  type Logger,
  migrate,
  openDatabase,
  refuseUnfinishedRestore,
  startEmbeddedPostgres,
  type Stopper,
} from '../platform/index.ts';
import type { HealthCheck } from '../api/index.ts';
import { makePartitions } from './chores.ts';
import { countReconciling } from '../operations/index.ts';

export interface Pools {
  /** Requests and flows on behalf of one tenant. */
  readonly app: Db;
  /** The lanes, across tenants. */
  readonly engine: Db;
  /** The owner's connection string: migrations and partitions only. */
  readonly ownerUrl: string;
  /** A superuser's where there is one: it sees more of the server. */
  readonly serverUrl: string;
  readiness(): Promise<HealthCheck[]>;
}

const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations');

/** Starts the embedded PostgreSQL where no DATABASE_URL is given, brings the schema up to date, opens both pools. */
export async function openPools(options: { config: Config; log: Logger; stopper: Stopper }): Promise<Pools> {
  const { config, log, stopper } = options;
  let ownerUrl = config.databaseUrl;
  let serverUrl = config.databaseUrl ?? '';
  if (ownerUrl === undefined) {
    const embedded = await startEmbeddedPostgres({ dataDir: config.dataDir, log });
    stopper.onStop('embedded PostgreSQL', () => embedded.stop());
    ownerUrl = embedded.url;
    serverUrl = embedded.superuserUrl;
  }
  await refuseUnfinishedRestore(ownerUrl);
  await checkDatabaseSettings({ url: ownerUrl, log });
  const { applied } = await migrate({ url: ownerUrl, dir: migrationsDir, log });
  if (applied.length > 0) log.info({ applied }, 'migrations applied');
  await makePartitions(ownerUrl);
  const app = await openDatabase({
    url: ownerUrl,
    role: 'crossdock_app',
    maxConnections: config.appConnections,
    applicationName: 'crossdock',
  });
  stopper.onStop('database pool', () => app.close());
  const engine = await openDatabase({
    url: ownerUrl,
    role: 'crossdock_engine',
    maxConnections: config.engineConnections,
    applicationName: 'crossdock lanes',
    // A transaction of a process that was stopped holds every reader's mark up until the server ends it.
    idleInTransactionTimeoutMs: 10_000,
  });
  stopper.onStop('lanes pool', () => engine.close());
  return {
    app,
    engine,
    ownerUrl,
    serverUrl,
    async readiness() {
      try {
        const restored = await engine.engineTx(countReconciling);
        return [
          { name: 'database', ok: true },
          { name: 'migrations', ok: true },
          // It answers and takes orders in; what is not so is said, and no reason to take it out of service.
          ...(restored === 0
            ? []
            : [
                {
                  name: 'reconciliation',
                  ok: true,
                  degraded: true,
                  detail: 'restored from a backup: all connections are paused',
                },
              ]),
        ];
      } catch (error) {
        return [{ name: 'database', ok: false, detail: error instanceof Error ? error.message : String(error) }];
      }
    },
  };
}
