import { type Clock, HubError, type Tx, uuidv7 } from '../platform/index.ts';
import { createPrincipal, type Principal } from './principal.ts';
import { isRole, type Role } from './roles.ts';
import { createToken, csrfTokenOf, hashToken } from './tokens.ts';

/** A working day; a session is not prolonged. */
export const sessionLifetimeMs = 12 * 3_600_000;

interface SessionRow {
  id: string;
  actor: string;
  display_name: string;
  roles: string[];
  expires_at: Date;
  api_key_id: string | null;
  requests_per_minute: number | null;
}

export interface SessionOwner {
  readonly actor: string;
  readonly displayName: string;
  readonly roles: readonly Role[];
  readonly userId?: string;
  readonly apiKeyId?: string;
}

/** Opens a session of the transaction's tenant and forgets the expired ones. Only the token's hash is stored. */
export async function openSession(
  tx: Tx,
  clock: Clock,
  owner: SessionOwner,
): Promise<{ token: string; principal: Principal }> {
  if (tx.tenantId === null) throw new HubError('TENANT_REQUIRED');
  const now = clock.now();
  const expiresAt = new Date(now.getTime() + sessionLifetimeMs);
  const token = createToken('xds', tx.tenantId);
  const id = uuidv7();
  await tx.query('DELETE FROM session WHERE expires_at < $1', [now]);
  await tx.query(
    `INSERT INTO session (tenant_id, id, token_hash, user_id, api_key_id, actor, display_name, roles, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      tx.tenantId,
      id,
      hashToken(token),
      owner.userId ?? null,
      owner.apiKeyId ?? null,
      owner.actor,
      owner.displayName,
      [...owner.roles],
      now,
      expiresAt,
    ],
  );
  const session = { id, csrfToken: csrfTokenOf(token), expiresAt };
  const { actor, displayName, roles } = owner;
  return { token, principal: createPrincipal({ tenantId: tx.tenantId, actor, displayName, roles, session }) };
}

/**
 * The principal of a session token; undefined when it is unknown, expired, or its user or key is no longer valid. Who signed
 * in with a key stays within the key's rate.
 */
export async function findSession(
  tx: Tx,
  token: string,
  now: Date,
  rateOf: (keyId: string, requestsPerMinute: number | undefined) => Pick<Principal, 'rate'>,
): Promise<Principal | undefined> {
  const [row] = await tx.query<SessionRow>(
    `SELECT s.id, s.actor, s.display_name, s.roles, s.expires_at, s.api_key_id, k.requests_per_minute FROM session s
     LEFT JOIN app_user u ON u.id = s.user_id LEFT JOIN api_key k ON k.id = s.api_key_id
     WHERE s.token_hash = $1 AND s.expires_at > $2
       AND (s.user_id IS NULL OR u.active)
       AND (s.api_key_id IS NULL OR (k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)))`,
    [hashToken(token), now],
  );
  if (row === undefined || tx.tenantId === null) return undefined;
  return createPrincipal({
    tenantId: tx.tenantId,
    actor: row.actor,
    displayName: row.display_name,
    roles: row.roles.filter(isRole),
    ...(row.api_key_id === null ? {} : rateOf(row.api_key_id, row.requests_per_minute ?? undefined)),
    session: { id: row.id, csrfToken: csrfTokenOf(token), expiresAt: row.expires_at },
  });
}

export async function closeSession(tx: Tx, sessionId: string): Promise<void> {
  await tx.query('DELETE FROM session WHERE id = $1', [sessionId]);
}
