import { skipControlNumbers } from './exchange/index.ts';
import { skipSsccs } from './fulfillment/index.ts';
import { type CommandDatabase, localActor } from './main-database.ts';
import { beginReconciliation, type Reconciliation } from './operations/index.ts';
import { type Db, openDatabase, systemClock, withOwner } from './platform/index.ts';
import { listTenants } from './security/index.ts';

/**
 * Puts every tenant into reconcile mode and moves on what must not be used twice. For a hub that is not running, after its
 * database was put back to an earlier instant.
 */
export async function enterReconciliation(
  database: Pick<CommandDatabase, 'ownerUrl'>,
  cause: { reason: string; backupTakenAt?: Date; gap: number },
): Promise<({ tenant: string } & Pick<Reconciliation, 'paused' | 'doubted'>)[]> {
  const open = (role: 'crossdock_app' | 'crossdock_engine'): Promise<Db> =>
    openDatabase({ url: database.ownerUrl, role, maxConnections: 1, applicationName: 'crossdock restore' });
  const engine = await open('crossdock_engine');
  const tenants = await listTenants(engine);
  await engine.close();
  const app = await open('crossdock_app');
  const actor = localActor();
  try {
    const begun = [];
    for (const { id: tenant } of tenants) {
      const { paused, doubted } = await app.tx(tenant, async (tx) => {
        await skipControlNumbers(tx, cause.gap);
        await skipSsccs(tx, cause.gap);
        const { reason, backupTakenAt } = cause;
        const details = backupTakenAt === undefined ? { reason, actor } : { reason, actor, backupTakenAt };
        return beginReconciliation(tx, { clock: systemClock }, details);
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
    return begun;
  } finally {
    await app.close();
  }
}
