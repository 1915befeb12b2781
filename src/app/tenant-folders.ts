import { join } from 'node:path';

/** Letters that name a folder and nothing else, on every file system. */
const plain = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/**
 * Where a tenant's files lie. The hub's own tenant has the data folder itself, so that a partner's folder is
 * `$CROSSDOCK_DATA/partners/<account>`; every other tenant has one of its own below `tenants`. Two tenants with partners
 * of one account number never share a folder, whatever a connection's settings say.
 */
export function tenantDataDir(dataDir: string, homeTenantId: string, tenantId: string): string {
  if (tenantId === homeTenantId) return dataDir;
  // Any other id still gets a folder, and only one tenant can have it: `~` is in no plain id.
  const name = plain.test(tenantId) ? tenantId : `~${Buffer.from(tenantId).toString('hex')}`;
  return join(dataDir, 'tenants', name);
}
