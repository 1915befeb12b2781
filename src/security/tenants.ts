import { type Db, HubError, type Tx } from '../platform/index.ts';

export interface Tenant {
  readonly id: string;
  readonly name: string;
  /** A demonstration: test interchanges and the demo's GS1 prefix are welcome. */
  readonly demo: boolean;
}

/** Makes the transaction's tenant exist; a second call leaves it as it is. */
export async function ensureTenant(tx: Tx, tenant: Tenant): Promise<Tenant> {
  await tx.query('INSERT INTO tenant (id, name, demo) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING', [
    tenant.id,
    tenant.name,
    tenant.demo,
  ]);
  const [row] = await tx.query<Tenant>('SELECT id, name, demo FROM tenant WHERE id = $1', [tenant.id]);
  return row!;
}

/** Every tenant, by id. Needs a pool opened as crossdock_engine. */
export async function listTenants(engine: Db): Promise<Tenant[]> {
  return engine.engineTx((tx) => tx.query<Tenant>('SELECT id, name, demo FROM tenant ORDER BY id'));
}

/** The transaction's tenant. @throws HubError NOT_FOUND */
export async function readTenant(tx: Tx): Promise<Tenant> {
  const [row] = await tx.query<Tenant>('SELECT id, name, demo FROM tenant WHERE id = $1', [tx.tenantId]);
  if (row === undefined) throw new HubError('NOT_FOUND');
  return row;
}
