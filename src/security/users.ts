import { type Clock, HubError, isUniqueViolation, isUuid, type Tx, uuidv7 } from '../platform/index.ts';
import { isRole, type Role } from './roles.ts';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
  readonly roles: Role[];
  readonly active: boolean;
  readonly createdAt: Date;
  readonly version: number;
}

interface UserRow {
  id: string;
  email: string;
  display_name: string;
  password_hash: string;
  roles: string[];
  active: boolean;
  created_at: Date;
  version: number;
}

function fromRow(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    displayName: row.display_name,
    roles: row.roles.filter(isRole),
    active: row.active,
    createdAt: row.created_at,
    version: row.version,
  };
}

const columns = 'id, email, display_name, password_hash, roles, active, created_at, version';

/**
 * @param request.passwordHash from `hashPassword`, made before the transaction: hashing takes tens of milliseconds.
 * @throws HubError CONFLICT when the address is taken.
 */
export async function createUser(
  tx: Tx,
  clock: Clock,
  request: { email: string; displayName: string; passwordHash: string; roles: readonly Role[] },
): Promise<User> {
  try {
    const [row] = await tx.query<UserRow>(
      `INSERT INTO app_user (tenant_id, id, email, display_name, password_hash, roles, created_at)
       VALUES (current_setting('crossdock.tenant'), $1, $2, $3, $4, $5, $6) RETURNING ${columns}`,
      [uuidv7(), request.email, request.displayName, request.passwordHash, [...request.roles], clock.now()],
    );
    return fromRow(row!);
  } catch (error) {
    if (isUniqueViolation(error, 'app_user_email')) {
      throw new HubError('CONFLICT', { message: 'There is a user with this e-mail address', cause: error });
    }
    throw error;
  }
}

export async function findUserByEmail(tx: Tx, email: string): Promise<(User & { passwordHash: string }) | undefined> {
  const [row] = await tx.query<UserRow>(`SELECT ${columns} FROM app_user WHERE lower(email) = lower($1) AND active`, [
    email,
  ]);
  return row === undefined ? undefined : { ...fromRow(row), passwordHash: row.password_hash };
}

export async function listUsers(tx: Tx, page: { afterId?: string | undefined; limit: number }): Promise<User[]> {
  const rows = await tx.query<UserRow>(
    `SELECT ${columns} FROM app_user WHERE ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2`,
    [page.afterId ?? null, page.limit],
  );
  return rows.map(fromRow);
}

/** The actors that people know by this name or e-mail address, at most ten. */
export async function actorsNamed(tx: Tx, name: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    'SELECT id FROM app_user WHERE lower(display_name) = lower($1) OR lower(email) = lower($1) ORDER BY id LIMIT 10',
    [name.trim()],
  );
  return rows.map(({ id }) => `user:${id}`);
}

/** What people call an actor; the actor itself where it is neither a person nor a key. */
export async function nameOfActor(tx: Tx, actor: string): Promise<string> {
  return (await namesOfActors(tx, [actor])).get(actor) ?? actor;
}

/** What people call actors: the names of users and of API keys; others are left out. */
export async function namesOfActors(tx: Tx, actors: readonly string[]): Promise<Map<string, string>> {
  const idsOf = (kind: string): string[] =>
    [...new Set(actors)]
      .filter((actor) => actor.startsWith(`${kind}:`))
      .map((actor) => actor.slice(kind.length + 1))
      .filter(isUuid);
  const rows = await tx.query<{ actor: string; name: string }>(
    `SELECT 'user:' || id AS actor, display_name AS name FROM app_user WHERE id = ANY($1::uuid[])
     UNION ALL SELECT 'key:' || id, name FROM api_key WHERE id = ANY($2::uuid[])`,
    [idsOf('user'), idsOf('key')],
  );
  return new Map(rows.map(({ actor, name }) => [actor, name]));
}

export interface UserChange {
  readonly displayName?: string | undefined;
  readonly passwordHash?: string | undefined;
  readonly roles?: readonly Role[] | undefined;
  readonly active?: boolean | undefined;
}

/**
 * Changes a user and ends their sessions, since those carry the roles they began with.
 * @throws HubError NOT_FOUND, PRECONDITION_FAILED when `version` is not the stored one.
 */
export async function updateUser(tx: Tx, id: string, version: number | '*', change: UserChange): Promise<User> {
  const [stored] = await tx.query<UserRow>(`SELECT ${columns} FROM app_user WHERE id = $1 FOR UPDATE`, [id]);
  if (stored === undefined) throw new HubError('NOT_FOUND');
  if (version !== '*' && stored.version !== version) throw new HubError('PRECONDITION_FAILED');
  const [row] = await tx.query<UserRow>(
    `UPDATE app_user SET display_name = $2, password_hash = $3, roles = $4, active = $5, version = version + 1
     WHERE id = $1 RETURNING ${columns}`,
    [
      id,
      change.displayName ?? stored.display_name,
      change.passwordHash ?? stored.password_hash,
      change.roles === undefined ? stored.roles : [...change.roles],
      change.active ?? stored.active,
    ],
  );
  await tx.query('DELETE FROM session WHERE user_id = $1', [id]);
  return fromRow(row!);
}
