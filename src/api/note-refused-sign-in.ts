import { type Clock, isHubError } from '../platform/index.ts';
import { recordAudit } from '../security/index.ts';
import type { SignInBody } from './schemas/identity.ts';
import type { ApiServices } from './services.ts';

/** A minute; anybody can fail to sign in, and a flood of it must not be what the audit consists of. */
const mostPerMinute = 30;
const minuteMs = 60_000;

/** What is logged and audited of a sign-in that failed: who was named, from where, and why. Never what was given as secret. */
export async function noteRefusedSignIn(
  services: ApiServices,
  body: SignInBody,
  address: string,
  error: unknown,
): Promise<void> {
  if (!isHubError(error, 'UNAUTHENTICATED') && !isHubError(error, 'RATE_LIMITED')) return;
  // Some type their password where the address belongs.
  const email = 'email' in body && /^[^@\s]+@[^@\s]+$/.test(body.email) ? body.email : undefined;
  const detail = { address, by: 'key' in body ? 'key' : 'password', ...(email === undefined ? {} : { email }) };
  const allowed = allowancesOf(services);
  // One that was only made to wait costs its sender nothing: a flood of them must not fill the log.
  if (error.code === 'UNAUTHENTICATED' || allowed.toLog())
    services.log.warn({ ...detail, code: error.code }, 'a sign-in was refused');
  if (error.code !== 'UNAUTHENTICATED' || !allowed.toAudit()) return;
  const tenantId = services.security.homeTenantId;
  try {
    await services.db.tx(tenantId, (tx) =>
      recordAudit(tx, services.clock, [
        { actor: 'nobody', action: 'session.refuse', subject: { kind: 'address', id: address }, detail },
      ]),
    );
  } catch (cause) {
    services.log.warn({ err: cause }, 'a refused sign-in could not be audited');
  }
}

interface Allowances {
  toLog(): boolean;
  toAudit(): boolean;
}

const allowances = new WeakMap<ApiServices, Allowances>();

function allowancesOf(services: ApiServices): Allowances {
  const known = allowances.get(services);
  if (known !== undefined) return known;
  const made = { toLog: perMinute(services.clock), toAudit: perMinute(services.clock) };
  allowances.set(services, made);
  return made;
}

function perMinute(clock: Clock): () => boolean {
  let sinceMs = Number.NEGATIVE_INFINITY;
  let count = 0;
  return () => {
    if (clock.monotonicMs() - sinceMs >= minuteMs) [sinceMs, count] = [clock.monotonicMs(), 0];
    count += 1;
    return count <= mostPerMinute;
  };
}
