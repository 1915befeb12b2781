import { parseCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HubError } from '../platform/index.ts';
import { digestToken, type Principal, type Security, sameText } from '../security/index.ts';
import type { Route } from './define-route.ts';
import { spendRequest } from './request-rate.ts';
import type { Timed } from './timed.ts';
import type { Trace } from './trace.ts';

export const sessionCookie = 'crossdock_session';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | undefined;
    trace: Trace | undefined;
    bytes: Buffer | undefined;
    /** Monotonic. */
    startedMs: number;
    timed: Timed | undefined;
  }
  interface FastifyContextConfig {
    door?: string;
  }
}

/**
 * Finds out who asks and whether they may, from the headers alone and before the body is read: nobody without
 * credentials can make the hub take in ten megabytes. Answers without a promise for known API keys.
 */
export function authorize(
  security: Security,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): void | Promise<void> {
  if (route.access === 'public' || route.access === 'signature') return;
  const found = authenticate(security, request);
  if (found instanceof Promise) return found.then((principal) => admit(route, request, reply, principal));
  admit(route, request, reply, found);
}

interface ReadKey {
  readonly authorization: string;
  readonly key: string;
  readonly digest: string;
}

/** Of each open connection the key it sent last: who keeps a connection sends the same, and has it hashed once. */
const readKeys = new WeakMap<object, ReadKey>();

function readKey(connection: object, authorization: string): ReadKey | undefined {
  const known = readKeys.get(connection);
  if (known?.authorization === authorization) return known;
  const key = /^Bearer +([\x21-\x7e]{1,500}) *$/i.exec(authorization)?.[1];
  if (key === undefined) return undefined;
  const read = { authorization, key, digest: digestToken(key) };
  readKeys.set(connection, read);
  return read;
}

/** The identity behind a request's credentials, if there is one. A key that is given is never passed over for a cookie. */
export function authenticate(
  security: Security,
  request: FastifyRequest,
): Principal | undefined | Promise<Principal | undefined> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const read = readKey(request.raw.socket, authorization);
    return read === undefined ? undefined : security.authenticateKey(read.key, read.digest, request);
  }
  const { cookie } = request.headers;
  if (cookie === undefined) return undefined;
  const token = parseCookie(cookie)[sessionCookie];
  return token === undefined || token.length > 500 ? undefined : security.authenticateSession(token);
}

function admit(route: Route, request: FastifyRequest, reply: FastifyReply, principal: Principal | undefined): void {
  if (principal === undefined) throw new HubError('UNAUTHENTICATED');
  // Before anything else is said to it: what a key is refused counts as well.
  if (principal.rate !== undefined) spendRequest(principal.rate, reply);
  if (principal.session !== undefined && route.method !== 'GET') {
    const token = request.headers['x-csrf-token'];
    if (typeof token !== 'string' || !sameText(token, principal.session.csrfToken)) throw new HubError('CSRF_REJECTED');
  }
  const { access } = route;
  if (access !== 'signed-in' && !principal.actions.has(access as never)) {
    throw new HubError('FORBIDDEN', { message: `This needs the permission ${access}` });
  }
  request.principal = principal;
}
