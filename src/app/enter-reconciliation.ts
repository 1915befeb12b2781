import { skipControlNumbers } from '../exchange/index.ts';
import { skipSsccs } from '../fulfillment/index.ts';
import { beginReconciliation, type Reconciliation } from '../operations/index.ts';
import {
  beginHistory,
  type Db,
  openDatabase,
  readServerIdentity,
  type ServerIdentity,
  silentLogger,
  startDatabaseClock,
  withOwner,
} from '../platform/index.ts';
import { listTenants } from '../security/index.ts';

/** More documents than a hub sends between two backups. */
export const defaultGap = 1_000;

export interface PutBackDatabase {
  /** The owner of the schema. */
  readonly ownerUrl: string;
  /** A superuser's URL where there is one. */
  readonly serverUrl: string;
  readonly isEmbedded: boolean;
}

/**
 * Puts every tenant into reconcile mode and moves on what must not be used twice. For a hub that is not running, after its
 * database was put back to an earlier instant.
 */
export async function enterReconciliation(
  database: PutBackDatabase,
  cause: { reason: string; actor: string; backupTakenAt?: Date; gap: number },
): Promise<({ tenant: string } & Pick<Reconciliation, 'paused' | 'doubted'>)[]> {
  const open = (role: 'crossdock_app' | 'crossdock_engine'): Promise<Db> =>
    openDatabase({ url: database.ownerUrl, role, maxConnections: 1, applicationName: 'crossdock restore' });
  const engine = await open('crossdock_engine');
  const tenants = await listTenants(engine).catch(async (error: unknown) => {
    await engine.close();
    throw error;
  });
  const app = await open('crossdock_app');
  const clock = await startDatabaseClock({ db: engine, log: silentLogger });
  try {
    const begun = [];
    for (const { id: tenant } of tenants) {
      const { paused, doubted } = await app.tx(tenant, async (tx) => {
        await skipControlNumbers(tx, cause.gap);
        await skipSsccs(tx, cause.gap);
        const { reason, backupTakenAt, actor } = cause;
        const details = backupTakenAt === undefined ? { reason, actor } : { reason, actor, backupTakenAt };
        return beginReconciliation(tx, { clock }, details);
      });
      begun.push({ tenant, paused, doubted });
    }
    await withOwner(database.ownerUrl, (query) =>
      query(
        `SELECT setval('sales_order_number', last_value + $1) FROM pg_sequences
         WHERE schemaname = 'public' AND sequencename = 'sales_order_number' AND last_value IS NOT NULL`,
        [cause.gap],
      ),
    );
    // Last: a process that dies before this finds the database put back once more, and does it again.
    const { serverUrl: url, isEmbedded } = database;
    const server: ServerIdentity = await readServerIdentity({ url, isEmbedded });
    await engine.engineTx((tx) => beginHistory(tx, server));
    return begun;
  } finally {
    clock.stop();
    await engine.close();
    await app.close();
  }
}
