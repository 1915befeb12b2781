import { type Clock, type Db, HubError } from '../platform/index.ts';
import { findApiKey } from './api-keys.ts';
import { verifyNothing, verifyPassword } from './passwords.ts';
import { createPrincipal, type Principal } from './principal.ts';
import { createSealing, type Sealing } from './sealing.ts';
import { closeSession, findSession, openSession, type SessionOwner } from './sessions.ts';
import { createSignInLimiter } from './sign-in-limiter.ts';
import { digestToken, hashToken, sameText, tenantOfToken } from './tokens.ts';
import { findUserByEmail } from './users.ts';

export interface Security {
  /**
   * The principal behind an API key. Known keys are answered without a query and without a promise: intake asks this
   * for every request.
   * @param digest of the key, `digestToken(key)`, where the caller has it already
   */
  authenticateKey(key: string, digest?: string): Principal | undefined | Promise<Principal | undefined>;
  authenticateSession(token: string): Principal | undefined | Promise<Principal | undefined>;
  /**
   * Opens a browser session. The admin's key opens the first one; afterwards people sign in with their password.
   * @throws HubError UNAUTHENTICATED, RATE_LIMITED
   */
  signIn(
    credentials: { key: string } | { email: string; password: string; tenant?: string | undefined },
    address: string,
  ): Promise<{ token: string; principal: Principal }>;
  signOut(principal: Principal): Promise<void>;
  /** Forgets what is remembered of keys and sessions, after a change to them. */
  forget(): void;
  readonly sealing: Sealing;
  /** Tenant that the admin's key and sign-in by e-mail belong to. */
  readonly homeTenantId: string;
}

/** How long a revoked key or closed session may still be honoured by another process of the hub. */
export const rememberMs = 10_000;
const mostRemembered = 10_000;
/** Sign-ins being checked at once. */
const mostChecks = 16;

export function createSecurity(options: {
  db: Db;
  clock: Clock;
  homeTenantId: string;
  adminKey: string;
  masterKey: Buffer;
}): Security {
  const { db, clock, homeTenantId } = options;
  const admin = createPrincipal({
    tenantId: homeTenantId,
    actor: 'admin-key',
    displayName: 'Administrator',
    roles: ['admin'],
  });
  const limiter = createSignInLimiter(clock);
  let checking = 0;
  const remembered = createMemory(clock);

  const lookUpKey = async (key: string, digest: string): Promise<Principal | undefined> => {
    const tenantId = tenantOfToken('xdk', key);
    if (tenantId === undefined) return undefined;
    const found = await db.tx(tenantId, (tx) => findApiKey(tx, hashToken(key), clock.now()));
    if (found === undefined) return undefined;
    const facts = { tenantId, actor: `key:${found.id}`, displayName: found.name, roles: found.roles };
    return remembered.keep(digest, createPrincipal(facts), found.expiresAt);
  };
  const lookUpSession = async (token: string, digest: string): Promise<Principal | undefined> => {
    const tenantId = tenantOfToken('xds', token);
    if (tenantId === undefined) return undefined;
    const found = await db.tx(tenantId, (tx) => findSession(tx, token, clock.now()));
    return found === undefined ? undefined : remembered.keep(digest, found, found.session?.expiresAt);
  };
  const authenticateKey = (
    key: string,
    digest = digestToken(key),
  ): Principal | undefined | Promise<Principal | undefined> => {
    const known = remembered.get(digest);
    if (known !== undefined) return known;
    if (sameText(key, options.adminKey)) return remembered.keep(digest, admin);
    return lookUpKey(key, digest);
  };

  const ownerOf = async (
    credentials: Parameters<Security['signIn']>[0],
  ): Promise<(SessionOwner & { tenantId: string }) | undefined> =>
    'key' in credentials
      ? ownerOfKey(await authenticateKey(credentials.key))
      : ownerOfPassword(db, credentials.tenant ?? homeTenantId, credentials.email, credentials.password);

  return {
    homeTenantId,
    sealing: createSealing({ masterKey: options.masterKey, clock }),
    authenticateKey,
    authenticateSession(token) {
      const digest = digestToken(token);
      return remembered.get(digest) ?? lookUpSession(token, digest);
    },
    async signIn(credentials, address) {
      const subject = 'key' in credentials ? `key@${address}` : `${credentials.email.toLowerCase()}@${address}`;
      limiter.check(subject);
      // A check of a password takes 19 MiB and tens of milliseconds of a core, whoever asks for it.
      if (checking >= mostChecks) throw new HubError('RATE_LIMITED', { message: 'Too many people sign in at once' });
      checking += 1;
      const owner = await ownerOf(credentials).finally(() => void (checking -= 1));
      if (owner === undefined) {
        limiter.failed(subject);
        throw new HubError('UNAUTHENTICATED', { message: 'The credentials are not valid' });
      }
      limiter.succeeded(subject);
      return db.tx(owner.tenantId, (tx) => openSession(tx, clock, owner));
    },
    async signOut(principal) {
      const { session } = principal;
      if (session === undefined) return;
      await db.tx(principal.tenantId, (tx) => closeSession(tx, session.id));
      remembered.clear();
    },
    forget: () => remembered.clear(),
  };
}

async function ownerOfKey(
  principal: Principal | undefined,
): Promise<(SessionOwner & { tenantId: string }) | undefined> {
  if (principal === undefined) return undefined;
  const { tenantId, actor, displayName, roles } = principal;
  return {
    tenantId,
    actor,
    displayName,
    roles,
    ...(actor.startsWith('key:') ? { apiKeyId: actor.slice(4) } : {}),
  };
}

async function ownerOfPassword(
  db: Db,
  tenantId: string,
  email: string,
  password: string,
): Promise<(SessionOwner & { tenantId: string }) | undefined> {
  const user = await db.tx(tenantId, (tx) => findUserByEmail(tx, email));
  const valid = user === undefined ? await verifyNothing(password) : await verifyPassword(password, user.passwordHash);
  if (user === undefined || !valid) return undefined;
  return { tenantId, actor: `user:${user.id}`, displayName: user.displayName, roles: user.roles, userId: user.id };
}

interface Memory {
  get(digest: string): Principal | undefined;
  keep(digest: string, principal: Principal, expiresAt?: Date): Principal;
  clear(): void;
}

/** Valid credentials only, by digest, for a short time. Others are asked for each time: they are cheap to make up. */
function createMemory(clock: Clock): Memory {
  const entries = new Map<string, { principal: Principal; untilMs: number; expiresAt: Date | undefined }>();
  return {
    get(digest) {
      const entry = entries.get(digest);
      if (entry === undefined) return undefined;
      const expired = entry.expiresAt !== undefined && entry.expiresAt <= clock.now();
      if (!expired && clock.monotonicMs() < entry.untilMs) return entry.principal;
      entries.delete(digest);
      return undefined;
    },
    keep(digest, principal, expiresAt) {
      if (entries.size >= mostRemembered) entries.clear();
      entries.set(digest, { principal, untilMs: clock.monotonicMs() + rememberMs, expiresAt });
      return principal;
    },
    clear: () => entries.clear(),
  };
}
