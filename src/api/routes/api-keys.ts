import { closed } from '../../model/index.ts';
import { HubError, isUuid, type Tx } from '../../platform/index.ts';
import {
  type ApiKey as StoredKey,
  createApiKey as storeApiKey,
  limitApiKey,
  listApiKeys,
  type Principal,
  recordAudit,
  revokeApiKey,
  type Role,
  rotateApiKey,
} from '../../security/index.ts';
import { pageOf, readPage } from '../cursor.ts';
import { defineRoute } from '../define-route.ts';
import { IdParams, page, pageQuery } from '../schemas/conventions.ts';
import { ApiKey, CreateApiKeyBody, CreatedApiKey, LimitApiKeyBody, RotateApiKeyBody } from '../schemas/identity.ts';
import type { ApiServices } from '../services.ts';

const tag = 'Identity';
const PageQuery = closed(pageQuery);

interface Deed {
  action: 'create' | 'rotate' | 'limit' | 'revoke';
  id: string;
  reason?: string;
  detail?: unknown;
}

async function note(
  tx: Tx,
  services: ApiServices,
  { actor }: Principal,
  { action, id, reason, detail }: Deed,
): Promise<void> {
  const subject = { kind: 'api-key', id };
  await recordAudit(tx, services.clock, [
    { actor, action: `api-key.${action}`, subject, ...(reason === undefined ? {} : { reason }), detail },
  ]);
}

function viewKey(key: StoredKey): ApiKey {
  return {
    id: key.id,
    name: key.name,
    roles: key.roles,
    createdBy: key.createdBy,
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt?.toISOString(),
    revokedAt: key.revokedAt?.toISOString(),
    requestsPerMinute: key.requestsPerMinute,
  };
}

export const listKeys = defineRoute({
  method: 'GET',
  path: '/v1/api-keys',
  access: 'identity.manage',
  tag,
  summary: 'List API keys, without the keys themselves',
  query: PageQuery,
  response: page(ApiKey),
  async handle({ query, principal }, services) {
    const { limit, after } = readPage('api-keys', query, 'uuid');
    const keys = await services.db.tx(principal.tenantId, (tx) =>
      listApiKeys(tx, { limit: limit + 1, afterId: after }),
    );
    const data = keys.slice(0, limit).map(viewKey);
    return { body: pageOf('api-keys', data, keys.length > limit ? data.at(-1)?.id : undefined) };
  },
});

export const createKey = defineRoute({
  method: 'POST',
  path: '/v1/api-keys',
  access: 'identity.manage',
  tag,
  summary: 'Create an API key; it is shown this once',
  body: CreateApiKeyBody,
  status: 201,
  response: CreatedApiKey,
  async handle({ body, principal }, services) {
    const expiresAt = body.expiresAt === undefined ? undefined : new Date(body.expiresAt);
    if (expiresAt !== undefined && expiresAt <= services.clock.now()) {
      const errors = [{ pointer: '/expiresAt', code: 'FUTURE', message: 'must be an instant in the future' }];
      throw new HubError('VALIDATION_FAILED', { errors });
    }
    // Not idempotent by key: a stored answer would keep the secret in the clear for a day.
    const created = await services.db.tx(principal.tenantId, async (tx) => {
      const key = await storeApiKey(tx, services.clock, {
        name: body.name,
        roles: body.roles as Role[],
        expiresAt,
        requestsPerMinute: body.requestsPerMinute,
        createdBy: principal.actor,
      });
      const { name, roles, requestsPerMinute } = body;
      const detail = { name, roles, ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }) };
      await note(tx, services, principal, { action: 'create', id: key.id, detail });
      return key;
    });
    return { body: { ...viewKey(created), key: created.key }, headers: { location: `/v1/api-keys/${created.id}` } };
  },
});

export const rotateKey = defineRoute({
  method: 'POST',
  path: '/v1/api-keys/{id}/rotate',
  access: 'identity.manage',
  tag,
  summary: 'Replace an API key by a new one of the same name, roles and limit; the former works on for a while',
  params: IdParams,
  body: RotateApiKeyBody,
  status: 201,
  response: CreatedApiKey,
  async handle({ params, body, principal }, services) {
    if (!isUuid(params.id)) throw new HubError('NOT_FOUND');
    const formerUntil = new Date(services.clock.now().getTime() + (body.graceHours ?? 24) * 3_600_000);
    const created = await services.db.tx(principal.tenantId, async (tx) => {
      const request = { id: params.id, formerUntil, createdBy: principal.actor };
      const key = await rotateApiKey(tx, services.clock, request);
      if (key === undefined) throw new HubError('NOT_FOUND');
      const detail = { replacedBy: key.id, formerUntil: formerUntil.toISOString() };
      await note(tx, services, principal, { action: 'rotate', id: params.id, detail });
      return key;
    });
    services.security.forget();
    return { body: { ...viewKey(created), key: created.key }, headers: { location: `/v1/api-keys/${created.id}` } };
  },
});

export const limitKey = defineRoute({
  method: 'POST',
  path: '/v1/api-keys/{id}/limit',
  access: 'identity.manage',
  tag,
  summary: 'Limit the requests of an API key, or let it go by what the hub is set to',
  description: 'This process goes by it at once, others within ten seconds. Each process counts by itself.',
  params: IdParams,
  body: LimitApiKeyBody,
  response: ApiKey,
  async handle({ params, body, principal }, services) {
    if (!isUuid(params.id)) throw new HubError('NOT_FOUND');
    const requestsPerMinute = body.requestsPerMinute ?? null;
    const limited = await services.db.tx(principal.tenantId, async (tx) => {
      const key = await limitApiKey(tx, { id: params.id, requestsPerMinute });
      if (key === undefined) throw new HubError('NOT_FOUND');
      await note(tx, services, principal, {
        action: 'limit',
        id: key.id,
        reason: body.reason,
        detail: { requestsPerMinute },
      });
      return key;
    });
    services.security.forget();
    return { body: viewKey(limited) };
  },
});

export const revokeKey = defineRoute({
  method: 'DELETE',
  path: '/v1/api-keys/{id}',
  access: 'identity.manage',
  tag,
  summary: 'Revoke an API key',
  params: IdParams,
  status: 204,
  async handle({ params, principal }, services) {
    if (!isUuid(params.id)) throw new HubError('NOT_FOUND');
    await services.db.tx(principal.tenantId, async (tx) => {
      if (!(await revokeApiKey(tx, services.clock, params.id))) throw new HubError('NOT_FOUND');
      await note(tx, services, principal, { action: 'revoke', id: params.id });
    });
    services.security.forget();
    return { status: 204 };
  },
});

export const apiKeyRoutes = [listKeys, createKey, rotateKey, limitKey, revokeKey];
