import { stringifySetCookie } from 'cookie';
import { HubError, isUuid, type Tx } from '../../platform/index.ts';
import {
  createUser as storeUser,
  hashPassword,
  listAudit,
  listUsers,
  type Principal,
  recordAudit,
  readTenant,
  ROLES,
  roleActions,
  ACTIONS,
  verifyAudit,
  sessionLifetimeMs,
  type User as StoredUser,
  updateUser as changeUser,
} from '../../security/index.ts';
import { sessionCookie } from '../authenticate.ts';
import { pageOf, readPage } from '../cursor.ts';
import { defineRoute } from '../define-route.ts';
import { noteRefusedSignIn } from '../note-refused-sign-in.ts';
import { etagOf, readIfMatch } from '../precondition.ts';
import { runOnce } from '../run-once.ts';
import { IdParams, page, pageQuery } from '../schemas/conventions.ts';
import { closed } from '../../model/index.ts';
import { versionedPage } from '../schemas/configuration.ts';
import {
  AuditEntry,
  AuditVerification,
  CreateUserBody,
  ListAuditQuery,
  Me,
  RoleList,
  SignInBody,
  UpdateUserBody,
  User,
} from '../schemas/identity.ts';
import type { ApiServices } from '../services.ts';

const tag = 'Identity';
const cookieOfSession = { name: sessionCookie, path: '/', httpOnly: true, sameSite: 'strict' } as const;
const PageQuery = closed(pageQuery);

async function describeMe(services: ApiServices, principal: Principal): Promise<Me> {
  const tenant = await services.db.tx(principal.tenantId, (tx) => readTenant(tx));
  return {
    tenant,
    actor: principal.actor,
    displayName: principal.displayName,
    roles: [...principal.roles],
    actions: [...principal.actions],
    ...(principal.session === undefined
      ? {}
      : { csrfToken: principal.session.csrfToken, expiresAt: principal.session.expiresAt.toISOString() }),
  };
}

export const signIn = defineRoute({
  method: 'POST',
  path: '/v1/session',
  access: 'public',
  tag,
  summary: 'Sign in to the console',
  description:
    'With an API key (the admin’s key opens the first session) or with e-mail and password. Sets an HttpOnly cookie.',
  body: SignInBody,
  // Anybody may send it.
  bodyLimitBytes: 8 * 1024,
  response: Me,
  problems: ['UNAUTHENTICATED', 'RATE_LIMITED'],
  async handle({ body, address, headers, reply, raw }, services) {
    // A page of somebody else must not be able to sign a person in as somebody else.
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new HubError('CSRF_REJECTED');
    const { token, principal } = await services.security.signIn(body, address).catch(async (error: unknown) => {
      await noteRefusedSignIn(services, body, address, error);
      throw error;
    });
    await services.db.tx(principal.tenantId, (tx) =>
      recordAudit(tx, services.clock, [
        {
          actor: principal.actor,
          action: 'session.open',
          subject: { kind: 'session', id: principal.session!.id },
          detail: { address },
        },
      ]),
    );
    const secure = raw.protocol === 'https' || services.config.publicUrl.startsWith('https:');
    void reply.header(
      'set-cookie',
      stringifySetCookie({ ...cookieOfSession, value: token, secure, maxAge: sessionLifetimeMs / 1000 }),
    );
    return { body: await describeMe(services, principal) };
  },
});

export const signOut = defineRoute({
  method: 'DELETE',
  path: '/v1/session',
  access: 'signed-in',
  tag,
  summary: 'Sign out',
  status: 204,
  async handle({ principal, reply }, services) {
    await services.security.signOut(principal);
    const { session } = principal;
    if (session !== undefined) {
      await services.db.tx(principal.tenantId, (tx) =>
        note(tx, services, principal, 'session.close', 'session', session.id),
      );
    }
    void reply.header('set-cookie', stringifySetCookie({ ...cookieOfSession, value: '', expires: new Date(0) }));
    return { status: 204 };
  },
});

export const getMe = defineRoute({
  method: 'GET',
  path: '/v1/me',
  access: 'signed-in',
  tag,
  summary: 'Who am I, and what may I do',
  response: Me,
  handle: async ({ principal }, services) => ({ body: await describeMe(services, principal) }),
});

function viewUser(user: StoredUser): User {
  return { ...user, createdAt: user.createdAt.toISOString() };
}

export const listUsersRoute = defineRoute({
  method: 'GET',
  path: '/v1/users',
  access: 'identity.manage',
  tag,
  summary: 'List users',
  query: PageQuery,
  response: versionedPage(User),
  async handle({ query, principal }, services) {
    const { limit, after } = readPage('users', query, 'uuid');
    const users = await services.db.tx(principal.tenantId, (tx) => listUsers(tx, { limit: limit + 1, afterId: after }));
    const data = users.slice(0, limit).map((user) => ({ value: viewUser(user), version: user.version }));
    return { body: pageOf('users', data, users.length > limit ? data.at(-1)?.value.id : undefined) };
  },
});

export const createUser = defineRoute({
  method: 'POST',
  path: '/v1/users',
  access: 'identity.manage',
  tag,
  summary: 'Create a user',
  body: CreateUserBody,
  status: 201,
  response: User,
  etag: true,
  idempotent: true,
  problems: ['CONFLICT'],
  async handle(request, services) {
    const { password, ...facts } = request.body;
    const passwordHash = await hashPassword(password);
    const work = async (tx: Tx) => {
      const user = await storeUser(tx, services.clock, { ...facts, passwordHash });
      await note(tx, services, request.principal, 'user.create', 'user', user.id, {
        email: user.email,
        roles: user.roles,
      });
      const headers = { location: `/v1/users/${user.id}`, etag: etagOf(user.version) };
      return { status: 201, body: viewUser(user), headers };
    };
    return runOnce(services, request, work, { isSecret: true });
  },
});

export const updateUser = defineRoute({
  method: 'PUT',
  path: '/v1/users/{id}',
  access: 'identity.manage',
  tag,
  summary: 'Change a user; ends their sessions',
  params: IdParams,
  body: UpdateUserBody,
  response: User,
  precondition: 'required',
  async handle({ params, body, principal, headers }, services) {
    if (!isUuid(params.id)) throw new HubError('NOT_FOUND');
    const version = readIfMatch(headers['if-match']);
    const { password, ...change } = body;
    const passwordHash = password === undefined ? undefined : await hashPassword(password);
    const user = await services.db.tx(principal.tenantId, async (tx) => {
      const changed = await changeUser(tx, params.id, version, { ...change, passwordHash });
      await note(tx, services, principal, 'user.change', 'user', params.id, {
        ...change,
        password: password !== undefined,
      });
      return changed;
    });
    services.security.forget();
    return { body: viewUser(user), version: user.version };
  },
});

async function note(
  tx: Tx,
  services: ApiServices,
  principal: Principal,
  action: string,
  kind: string,
  id: string,
  detail?: unknown,
): Promise<void> {
  await recordAudit(tx, services.clock, [{ actor: principal.actor, action, subject: { kind, id }, detail }]);
}

export const listRoles = defineRoute({
  method: 'GET',
  path: '/v1/roles',
  access: 'signed-in',
  tag,
  summary: 'The roles, and what each may do',
  response: RoleList,
  handle: () =>
    Promise.resolve({
      body: { data: ROLES.map((role) => ({ role, actions: [...roleActions[role]] })), actions: [...ACTIONS] },
    }),
});

export const verifyAuditRoute = defineRoute({
  method: 'GET',
  path: '/v1/audit/verification',
  access: 'audit.read',
  tag,
  summary: 'Hash the whole audit chain again and say whether it is unbroken',
  response: AuditVerification,
  async handle({ principal }, services) {
    const result = await services.db.tx(principal.tenantId, (tx) => verifyAudit(tx));
    return { body: { ...result, checkedAt: services.clock.now().toISOString() } };
  },
});

export const listAuditRoute = defineRoute({
  method: 'GET',
  path: '/v1/audit',
  access: 'audit.read',
  tag,
  summary: 'Who did what and why, newest first',
  query: ListAuditQuery,
  response: page(AuditEntry),
  async handle({ query, principal }, services) {
    const { limit: _, after: __, ...filter } = query;
    const { limit, after } = readPage('audit', query, 'number');
    const entries = await services.db.tx(principal.tenantId, (tx) =>
      listAudit(tx, { ...filter, limit: limit + 1, before: after === undefined ? undefined : Number(after) }),
    );
    const data = entries.slice(0, limit).map((entry) => ({ ...entry, at: entry.at.toISOString() }));
    return { body: pageOf('audit', data, entries.length > limit ? String(data.at(-1)?.sequence) : undefined) };
  },
});

export const identityRoutes = [
  signIn,
  signOut,
  getMe,
  listUsersRoute,
  createUser,
  updateUser,
  listRoles,
  listAuditRoute,
  verifyAuditRoute,
];
