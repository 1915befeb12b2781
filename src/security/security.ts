import { createHmac, hkdfSync } from 'node:crypto';
import { type Clock, type Db, HubError, type Logger, RecentMap } from '../platform/index.ts';
import { findApiKey } from './api-keys.ts';
import { verifyNothing, verifyPassword } from './passwords.ts';
import { createPrincipal, type Principal } from './principal.ts';
import { createRequestRates } from './request-rates.ts';
import { createSealing, type Sealing } from './sealing.ts';
import { closeSession, findSession, openSession, type SessionOwner } from './sessions.ts';
import { createFailureLimiter, createSignInLimiter } from './sign-in-limiter.ts';
import { digestToken, hashToken, sameText, tenantOfToken } from './tokens.ts';
import { findUserByEmail } from './users.ts';

export interface Security {
  /**
   * The principal behind an API key. Known keys are answered without a query and without a promise: intake asks this
   * for every request.
   * @param digest of the key, `digestToken(key)`, where the caller has it already
   * @param from whose wrong keys are counted; absent: nobody's
   * @throws HubError RATE_LIMITED for a key that has not been right before, after too many wrong ones from there
   */
  authenticateKey(
    key: string,
    digest?: string,
    from?: { readonly ip: string },
  ): Principal | undefined | Promise<Principal | undefined>;
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
  /** Of a request that holds a secret: tells two apart, and is of no use to guess by without the master key. 32 bytes. */
  fingerprint(request: Uint8Array): Buffer;
  /** Tenant that the admin's key and sign-in by e-mail belong to. */
  readonly homeTenantId: string;
}

/** How long a revoked key or closed session may still be honoured by another process of the hub. */
const rememberMs = 10_000;
const mostRemembered = 10_000;
/** Sign-ins being checked at once. */
const mostChecks = 16;
/** Different wrong keys of one address within a quarter of an hour, before keys from there that were never right are not looked at. */
const mostWrongKeys = 100;

export function createSecurity(options: {
  db: Db;
  clock: Clock;
  homeTenantId: string;
  adminKey: string;
  masterKey: Buffer;
  /** Of each API key that has no limit of its own; 0 (the default) is none. */
  requestsPerMinute?: number;
  log: Logger;
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
  const rateOf = createRequestRates(clock, options.requestsPerMinute ?? 0);
  const wrongKeys = createFailureLimiter(clock, mostWrongKeys);
  /** A neighbour's wrong keys must not shut out a program that has worked from the same address all day. */
  const onceRight = new RecentMap<string, true>(mostRemembered);
  /** One key that was revoked and goes on asking is no guessing: only different ones count. */
  const onceWrong = new RecentMap<string, true>(mostRemembered);
  const requestKey = Buffer.from(hkdfSync('sha256', options.masterKey, '', 'crossdock request fingerprints', 32));

  const lookUpKey = async (key: string, digest: string): Promise<Principal | undefined> => {
    const tenantId = tenantOfToken('xdk', key);
    if (tenantId === undefined) return undefined;
    const found = await db.tx(tenantId, (tx) => findApiKey(tx, hashToken(key), clock.now()));
    if (found === undefined) return undefined;
    const facts = { tenantId, actor: `key:${found.id}`, displayName: found.name, roles: found.roles };
    const principal = createPrincipal({ ...facts, ...rateOf(found.id, found.requestsPerMinute) });
    return remembered.keep(digest, principal, found.expiresAt);
  };
  const lookUpSession = async (token: string, digest: string): Promise<Principal | undefined> => {
    const tenantId = tenantOfToken('xds', token);
    if (tenantId === undefined) return undefined;
    const found = await db.tx(tenantId, (tx) => findSession(tx, token, clock.now(), rateOf));
    return found === undefined ? undefined : remembered.keep(digest, found, found.session?.expiresAt);
  };
  const checkKey = async (key: string, digest: string, from: { readonly ip: string } | undefined) => {
    const isKnown = onceRight.get(digest) ?? onceWrong.get(digest) ?? false;
    if (from !== undefined && !isKnown) wrongKeys.check(from.ip);
    const found = sameText(key, options.adminKey) ? remembered.keep(digest, admin) : await lookUpKey(key, digest);
    (found === undefined ? onceWrong : onceRight).set(digest, true);
    if (found === undefined && from !== undefined && !isKnown) noteWrongKey(from.ip, wrongKeys.failed(from.ip));
    return found;
  };
  /** The first, and then those that say that it goes on: a program with a wrong key asks all day. */
  const noteWrongKey = (address: string, count: number): void => {
    if (count === 1 || count === 10 || count === mostWrongKeys) {
      options.log.warn({ address, count }, 'keys that are not valid were sent');
    }
  };
  const authenticateKey: Security['authenticateKey'] = (key, digest = digestToken(key), from) =>
    remembered.get(digest) ?? checkKey(key, digest, from);

  const ownerOf = async (
    credentials: Parameters<Security['signIn']>[0],
  ): Promise<(SessionOwner & { tenantId: string }) | undefined> =>
    'key' in credentials
      ? ownerOfKey(await authenticateKey(credentials.key))
      : ownerOfPassword(db, credentials.tenant ?? homeTenantId, credentials.email, credentials.password);

  return {
    homeTenantId,
    sealing: createSealing({ masterKey: options.masterKey, clock }),
    fingerprint: (request) => createHmac('sha256', requestKey).update(request).digest(),
    authenticateKey,
    authenticateSession(token) {
      const digest = digestToken(token);
      return remembered.get(digest) ?? lookUpSession(token, digest);
    },
    async signIn(credentials, address) {
      const name = 'key' in credentials ? 'key' : credentials.email.toLowerCase();
      limiter.check(name, address);
      // A check of a password takes 19 MiB and tens of milliseconds of a core, whoever asks for it.
      if (checking >= mostChecks) {
        throw new HubError('RATE_LIMITED', {
          message: 'Too many people sign in at once; try again in a moment',
          detail: { retryAfterSeconds: 2 },
        });
      }
      checking += 1;
      const owner = await ownerOf(credentials).finally(() => void (checking -= 1));
      if (owner === undefined) {
        limiter.failed(name, address);
        throw new HubError('UNAUTHENTICATED', { message: 'The credentials are not valid' });
      }
      limiter.succeeded(name, address);
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
