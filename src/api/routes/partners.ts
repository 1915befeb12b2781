import { type Static, Type } from 'typebox';
import { releaseWhatWaits, resumeForAgreement, tryAgainSoon } from '../../flows/index.ts';
import { closed, Code, type PutOutcome, type Versioned } from '../../model/index.ts';
import {
  Agreement,
  CrossReference,
  getAgreement,
  getCrossReference,
  listAgreements,
  listCrossReferences,
  putAgreement,
  putCrossReference,
  type StoredCrossReference,
  type Terms,
} from '../../partners/index.ts';
import { HubError, isUuid, type Tx } from '../../platform/index.ts';
import type { Connection } from '../../queue/index.ts';
import { configurationRoutes, pageInMemory } from '../configuration-routes.ts';
import { refuseCredentialsInAddresses, requireSecretsForNewAddress } from '../guard-secrets.ts';
import { ConnectionBody, ConnectionView } from '../schemas/configuration.ts';
import { validateAt } from '../schema-validation.ts';
import type { ApiServices } from '../services.ts';
import { requireTimeZone } from '../time-zones.ts';

const tag = 'Partners and systems';

const versionedAgreement = ({ agreement, version }: Terms): Omit<Versioned<Agreement>, 'updatedAt'> => ({
  value: agreement,
  version,
});

function outcomeOf<T>(key: string, value: T, put: { version: number; changed: boolean }): PutOutcome<T> {
  const outcome = !put.changed ? 'unchanged' : put.version === 1 ? 'created' : 'changed';
  return { key, value, version: put.version, outcome };
}

const agreements = configurationRoutes<Agreement>({
  name: 'agreements',
  noun: 'agreement',
  title: 'trading partner agreements',
  tag,
  write: 'partner.write',
  body: Agreement,
  params: closed({ id: Code }),
  keys: ['id'],
  async put(tx, value, { expectedVersion }, { services }) {
    requireTimeZone(value.timeZone);
    const put = await putAgreement(tx, value, expectedVersion);
    // Interchanges that waited for these addresses go on by themselves.
    if (put.changed) await resumeForAgreement(tx, services.hub(tx.tenantId!), value);
    return outcomeOf(value.id, value, put);
  },
  follow: (tx, _outcome, hub, correlationId) => releaseWhatWaits(tx, hub, correlationId),
  async get(tx, { id }) {
    const terms = await getAgreement(tx, id!);
    return terms === undefined ? undefined : (versionedAgreement(terms) as Versioned<Agreement>);
  },
  list: async (tx, request) =>
    pageInMemory(
      (await listAgreements(tx)).map(versionedAgreement) as Versioned<Agreement>[],
      request,
      (value) => value.id,
    ),
});

const CrossReferenceView = closed({ id: Code, ...CrossReference.properties });
type CrossReferenceView = Static<typeof CrossReferenceView>;

function versionedReference({ version, recordedAt, ...value }: StoredCrossReference): Versioned<CrossReferenceView> {
  return { value, version, updatedAt: new Date(recordedAt) };
}

const crossReferences = configurationRoutes<CrossReference, CrossReferenceView>({
  name: 'cross-references',
  noun: 'cross-reference',
  title: 'cross-references',
  tag,
  write: 'partner.write',
  description:
    'The id is a UUID chosen by whoever creates it. Unique is (scope, type, external, validFrom). A new one frees what waits for the code.',
  body: CrossReference,
  view: CrossReferenceView,
  filters: { scope: Type.Optional(Code), type: Type.Optional(Code), external: Type.Optional(Code) },
  params: closed({ id: Code }),
  keys: [],
  async put(tx, value, { expectedVersion }, { keys }) {
    const id = keys.id!;
    if (!isUuid(id)) throw new HubError('VALIDATION_FAILED', { errors: [{ pointer: 'id', code: 'UUID' }] });
    return outcomeOf(id, { id, ...value }, await putCrossReference(tx, id, value, expectedVersion));
  },
  async get(tx, { id }) {
    const found = isUuid(id!) ? await getCrossReference(tx, id!) : undefined;
    return found === undefined ? undefined : versionedReference(found);
  },
  position: 'number',
  async list(tx, { limit, after, filters }) {
    const offset = after === undefined ? 0 : Number(after);
    const rows = await listCrossReferences(tx, { ...filters, limit: limit + 1, offset });
    return {
      rows: rows.slice(0, limit).map(versionedReference),
      ...(rows.length > limit ? { next: String(offset + limit) } : {}),
    };
  },
  event: ({ key, outcome, value }) => ({
    type: outcome === 'created' ? 'master.xref.created' : 'master.xref.changed',
    entity: { kind: 'customer', id: value.scope },
    key: value.scope,
    data: { id: key, scope: value.scope, type: value.type, external: value.external, canonical: value.canonical },
  }),
});

export function viewConnection(services: ApiServices, tenantId: string, connection: Connection): ConnectionView {
  const connector = services.connectors.find((entry) => entry.type === connection.type);
  const required = (connector?.secrets as { required?: string[] } | undefined)?.required ?? [];
  const name = tenantId === services.security.homeTenantId ? connection.id : `${tenantId}:${connection.id}`;
  return {
    id: connection.id,
    type: connection.type,
    role: connection.role,
    ...(connection.title === undefined ? {} : { title: connection.title }),
    settings: { ...connection.settings },
    secrets: Object.fromEntries(
      connection.secretNames.map((secret) => {
        const changedAt = connection.secretsChanged[secret];
        return [secret, { set: true, ...(changedAt === undefined ? {} : { changedAt }) }];
      }),
    ),
    missingSecrets: required.filter((secret) => !connection.secretNames.includes(secret)),
    test: connection.test,
    webhookUrl: `${services.config.publicUrl}/v1/webhooks/${name}`,
  };
}

function versionedConnection(services: ApiServices, tx: Tx, connection: Connection): Versioned<ConnectionView> {
  const { version, updatedAt } = connection;
  return { value: viewConnection(services, tx.tenantId!, connection), version, updatedAt };
}

/**
 * Settings and secrets by the connector's own schemas. Secrets may come later: a connection without them is there, says
 * what it lacks, and its deliveries wait for it.
 */
function checkConnection(services: ApiServices, body: ConnectionBody): void {
  const connector = services.connectors.find((entry) => entry.type === body.type);
  if (connector === undefined) {
    const message = `must be one of ${services.connectors.map((entry) => entry.type).join(', ')}`;
    throw new HubError('VALIDATION_FAILED', { errors: [{ pointer: '/type', code: 'ENUM', message }] });
  }
  if (connector.role !== body.role) {
    const message = `a connection of type ${body.type} has the role ${connector.role}`;
    throw new HubError('VALIDATION_FAILED', { errors: [{ pointer: '/role', code: 'CONST', message }] });
  }
  validateAt(connector.settings, body.settings, '/settings');
  refuseCredentialsInAddresses(body.settings);
  validateAt({ ...connector.secrets, required: [] }, body.secrets ?? {}, '/secrets');
}

const connections = configurationRoutes<ConnectionBody, ConnectionView>({
  name: 'connections',
  noun: 'connection',
  title: 'connections to outside systems',
  tag,
  write: 'connection.write',
  description:
    'Secrets are write-only: leaving one out keeps what is stored, and reading shows only that it is set. Where an address (scheme, host or port) or the type changes, or private addresses become allowed, those that are sent have to be given again. Without If-Match it creates.',
  body: ConnectionBody,
  view: ConnectionView,
  params: closed({ id: Code }),
  keys: ['id'],
  async put(tx, body, options, { services }) {
    if (body.id.startsWith('flow.') || body.id.includes(':')) {
      const message = 'may not begin with flow. or hold a colon';
      throw new HubError('VALIDATION_FAILED', { errors: [{ pointer: '/id', code: 'PATTERN', message }] });
    }
    checkConnection(services, body);
    const { test = false, ...rest } = body;
    const put = await services.connections.put(
      tx,
      { ...rest, test },
      { ...options, judge: requireSecretsForNewAddress },
    );
    await services.queue.destinations.ensure(tx, [{ name: body.id }]);
    if (put.changed && !put.created) {
      const by = { actor: 'hub', reason: 'The connection was changed' };
      await tryAgainSoon(tx, services.hub(tx.tenantId!), body.id, by);
    }
    const outcome = put.created ? 'created' : put.changed ? 'changed' : 'unchanged';
    const value = viewConnection(services, tx.tenantId!, put.connection);
    return { key: body.id, version: put.connection.version, outcome, value };
  },
  async get(tx, { id }, services) {
    const found = await services.connections.get(tx, id!);
    return found === undefined ? undefined : versionedConnection(services, tx, found);
  },
  list: async (tx, request, services) =>
    pageInMemory(
      (await services.connections.list(tx)).map((connection) => versionedConnection(services, tx, connection)),
      request,
      (value) => value.id,
    ),
  auditDetail: ({ settings, secrets }) => ({ settings, secretsSet: Object.keys(secrets ?? {}) }),
  afterCommit: (services, tenantId) => services.connectionsChanged(tenantId),
});

export const partnerRoutes = [...agreements, ...crossReferences, ...connections];
