import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Keys and session tokens: `<prefix>_<tenant>.<43 characters of base64url>`. The tenant inside says under which
 * row-level security the hash is looked up; it proves nothing by itself.
 */
export type TokenPrefix = 'xdk' | 'xds';

export function createToken(prefix: TokenPrefix, tenantId: string): string {
  return `${prefix}_${tenantId}.${randomBytes(32).toString('base64url')}`;
}

const shape = /^(xdk|xds)_([a-z0-9][a-z0-9-]{0,62})\.[A-Za-z0-9_-]{43}$/;

/** The tenant a token claims to belong to; undefined when it has not the shape of such a token. */
export function tenantOfToken(prefix: TokenPrefix, token: string): string | undefined {
  const match = shape.exec(token);
  return match?.[1] === prefix ? match[2] : undefined;
}

export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** The same as text: what a credential is remembered by while the hub runs. */
export function digestToken(token: string): string {
  return hash('sha256', token, 'base64');
}

/** The CSRF token of a session: bound to it, and of no use to read the session token from. */
export function csrfTokenOf(sessionToken: string): string {
  return hash('sha256', `csrf\0${sessionToken}`, 'base64url');
}

/** Compares two texts in a time that does not tell where they differ. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));
}
