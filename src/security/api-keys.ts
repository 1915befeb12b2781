import { type Clock, HubError, type Tx, uuidv7 } from '../platform/index.ts';
import { isRole, type Role } from './roles.ts';
import { createToken, hashToken } from './tokens.ts';

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly roles: Role[];
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt?: Date;
  readonly revokedAt?: Date;
  /** Absent: what the hub is set to. */
  readonly requestsPerMinute?: number;
}

interface ApiKeyRow {
  id: string;
  name: string;
  roles: string[];
  created_at: Date;
  created_by: string;
  expires_at: Date | null;
  revoked_at: Date | null;
  requests_per_minute: number | null;
}

function fromRow(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    roles: row.roles.filter(isRole),
    createdAt: row.created_at,
    createdBy: row.created_by,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
    ...(row.requests_per_minute === null ? {} : { requestsPerMinute: row.requests_per_minute }),
  };
}

const columns = 'id, name, roles, created_at, created_by, expires_at, revoked_at, requests_per_minute';

/** Makes a key of the transaction's tenant. The text of the key is in the answer and nowhere else. */
export async function createApiKey(
  tx: Tx,
  clock: Clock,
  request: {
    name: string;
    roles: readonly Role[];
    expiresAt?: Date | undefined;
    requestsPerMinute?: number | undefined;
    createdBy: string;
  },
): Promise<ApiKey & { key: string }> {
  if (tx.tenantId === null) throw new HubError('TENANT_REQUIRED');
  const key = createToken('xdk', tx.tenantId);
  const [row] = await tx.query<ApiKeyRow>(
    `INSERT INTO api_key (tenant_id, id, name, roles, key_hash, created_at, created_by, expires_at, requests_per_minute)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${columns}`,
    [
      tx.tenantId,
      uuidv7(),
      request.name,
      [...request.roles],
      hashToken(key),
      clock.now(),
      request.createdBy,
      request.expiresAt ?? null,
      request.requestsPerMinute ?? null,
    ],
  );
  return { ...fromRow(row!), key };
}

export async function findApiKey(tx: Tx, keyHash: Buffer, now: Date): Promise<ApiKey | undefined> {
  const [row] = await tx.query<ApiKeyRow>(
    `SELECT ${columns} FROM api_key WHERE key_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)`,
    [keyHash, now],
  );
  return row === undefined ? undefined : fromRow(row);
}

export async function listApiKeys(tx: Tx, page: { afterId?: string | undefined; limit: number }): Promise<ApiKey[]> {
  const rows = await tx.query<ApiKeyRow>(
    `SELECT ${columns} FROM api_key WHERE ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2`,
    [page.afterId ?? null, page.limit],
  );
  return rows.map(fromRow);
}

/**
 * Makes a key with the name, roles and limit of another one, which expires at `formerUntil` unless it does so earlier.
 * @returns undefined when there is no such key, or it does not work any more
 */
export async function rotateApiKey(
  tx: Tx,
  clock: Clock,
  request: { id: string; formerUntil: Date; createdBy: string },
): Promise<(ApiKey & { key: string }) | undefined> {
  const [former] = await tx.query<ApiKeyRow>(
    `SELECT ${columns} FROM api_key WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) FOR UPDATE`,
    [request.id, clock.now()],
  );
  if (former === undefined) return undefined;
  await tx.query('UPDATE api_key SET expires_at = least(coalesce(expires_at, $2), $2) WHERE id = $1', [
    request.id,
    request.formerUntil,
  ]);
  return createApiKey(tx, clock, { ...fromRow(former), createdBy: request.createdBy });
}

/**
 * Limits the requests of a key, from the next look-up of it on; null: by what the hub is set to.
 * @returns undefined when there is no such key, or it was revoked
 */
export async function limitApiKey(
  tx: Tx,
  request: { id: string; requestsPerMinute: number | null },
): Promise<ApiKey | undefined> {
  const [row] = await tx.query<ApiKeyRow>(
    `UPDATE api_key SET requests_per_minute = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING ${columns}`,
    [request.id, request.requestsPerMinute],
  );
  return row === undefined ? undefined : fromRow(row);
}

/** @returns false when there is no such key, or it was revoked before. */
export async function revokeApiKey(tx: Tx, clock: Clock, id: string): Promise<boolean> {
  const rows = await tx.query('UPDATE api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id', [
    id,
    clock.now(),
  ]);
  return rows.length > 0;
}
