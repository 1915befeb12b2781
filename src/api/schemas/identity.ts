import { type Static, Type } from 'typebox';
import { Code, closed, Instant, oneOf, Text } from '../../model/index.ts';
import { pageQuery } from './conventions.ts';

/** Roles of people and keys. `admin` may do everything. */
export const ROLES = ['operations', 'customer_service', 'edi', 'integration', 'finance', 'admin'] as const;
export const Role = oneOf(ROLES);
const Roles = Type.Array(Role, { minItems: 1, maxItems: 6, uniqueItems: true });
/** What people are to recognise it by: not blanks alone. */
const Name = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' });

/** Either an API key (the admin's key opens the console for the first time) or e-mail and password. */
export const SignInBody = Type.Union([
  closed({ key: Type.String({ minLength: 8, maxLength: 400 }) }),
  closed({
    email: Type.String({ minLength: 3, maxLength: 200 }),
    password: Type.String({ minLength: 1, maxLength: 1000 }),
  }),
]);
export type SignInBody = Static<typeof SignInBody>;

/** Who is signed in. Mutations with the session cookie send `csrfToken` as the X-CSRF-Token header. */
export const Me = closed({
  tenant: closed({ id: Code, name: Type.String(), demo: Type.Boolean() }),
  actor: Type.String(),
  displayName: Type.String(),
  roles: Type.Array(Role),
  /** Actions this identity may do, e.g. "order.cancel"; the console hides the others. */
  actions: Type.Array(Type.String()),
  csrfToken: Type.Optional(Type.String({ description: 'absent for API keys' })),
  expiresAt: Type.Optional(Instant),
});
export type Me = Static<typeof Me>;

export const User = closed({
  id: Code,
  email: Type.String(),
  displayName: Type.String(),
  roles: Type.Array(Role),
  active: Type.Boolean(),
  createdAt: Instant,
  version: Type.Integer(),
});
export type User = Static<typeof User>;

export const CreateUserBody = closed({
  email: Type.String({ minLength: 3, maxLength: 200, pattern: '^[^@\\s]+@[^@\\s]+$' }),
  displayName: Name,
  password: Type.String({ minLength: 12, maxLength: 1000 }),
  roles: Roles,
});
export type CreateUserBody = Static<typeof CreateUserBody>;

/** Needs If-Match. */
export const UpdateUserBody = closed({
  displayName: Type.Optional(Name),
  password: Type.Optional(Type.String({ minLength: 12, maxLength: 1000 })),
  roles: Type.Optional(Roles),
  active: Type.Optional(Type.Boolean()),
});
export type UpdateUserBody = Static<typeof UpdateUserBody>;

const RequestsPerMinute = Type.Integer({
  minimum: 1,
  maximum: 1_000_000,
  description: 'Requests a minute that the key may make of each process of the hub; absent: what the hub is set to',
});

export const ApiKey = closed({
  id: Code,
  name: Type.String(),
  roles: Type.Array(Role),
  createdAt: Instant,
  createdBy: Type.String(),
  expiresAt: Type.Optional(Instant),
  revokedAt: Type.Optional(Instant),
  requestsPerMinute: Type.Optional(RequestsPerMinute),
});
export type ApiKey = Static<typeof ApiKey>;

export const CreateApiKeyBody = closed({
  name: Name,
  roles: Roles,
  expiresAt: Type.Optional(Instant),
  requestsPerMinute: Type.Optional(RequestsPerMinute),
});
export type CreateApiKeyBody = Static<typeof CreateApiKeyBody>;

/** `key` is shown this once and never again. */
export const CreatedApiKey = closed({ ...ApiKey.properties, key: Type.String() });
export type CreatedApiKey = Static<typeof CreatedApiKey>;

/** Without `requestsPerMinute` the key goes by what the hub is set to. */
export const LimitApiKeyBody = closed({ requestsPerMinute: Type.Optional(RequestsPerMinute), reason: Text });
export type LimitApiKeyBody = Static<typeof LimitApiKeyBody>;

/** The former key keeps working until it expires, so that its user can change over. */
export const RotateApiKeyBody = closed({
  graceHours: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 720, description: 'how long the former key still works; default 24' }),
  ),
});
export type RotateApiKeyBody = Static<typeof RotateApiKeyBody>;

const RoleView = closed({ role: Role, actions: Type.Array(Type.String()) });
export const RoleList = closed({ data: Type.Array(RoleView), actions: Type.Array(Type.String()) });
export type RoleList = Static<typeof RoleList>;

/** Every entry of the chain was hashed again, from the first to the last. */
export const AuditVerification = closed({
  ok: Type.Boolean(),
  entries: Type.Optional(Type.Integer({ description: 'length of the chain' })),
  head: Type.Optional(Type.String({ description: 'hash of the last entry, to compare with a copy kept elsewhere' })),
  brokenAt: Type.Optional(Type.Integer({ description: 'sequence of the first entry that does not fit' })),
  checkedAt: Instant,
});
export type AuditVerification = Static<typeof AuditVerification>;

export const AuditEntry = closed({
  sequence: Type.Integer(),
  at: Instant,
  actor: Type.String(),
  action: Type.String(),
  subject: closed({ kind: Type.String(), id: Type.String() }),
  reason: Type.Optional(Type.String()),
  detail: Type.Optional(Type.Unknown()),
  hash: Type.String({ description: 'SHA-256 over the entry and the hash before it' }),
});
export type AuditEntry = Static<typeof AuditEntry>;

export const ListAuditQuery = closed({
  ...pageQuery,
  actor: Type.Optional(Code),
  action: Type.Optional(Code),
  subjectId: Type.Optional(Code),
});
export type ListAuditQuery = Static<typeof ListAuditQuery>;
