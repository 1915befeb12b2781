import type { TObject, TSchema } from 'typebox';
import type { NewEvent } from '../events/index.ts';
import type { Hub } from '../flows/index.ts';
import { closed, type Page, type PageRequest, type PutOutcome, type Versioned } from '../model/index.ts';
import { HubError, isHubError, type Tx } from '../platform/index.ts';
import { type Action, recordAudit } from '../security/index.ts';
import { pageOf, type PositionShape, readPage } from './cursor.ts';
import { defineRoute, type Route, type RouteReply, type RouteRequest } from './define-route.ts';
import { readPutPrecondition } from './precondition.ts';
import { DryRunQuery, ListConfigurationQuery, versionedPage } from './schemas/configuration.ts';
import type { ApiServices } from './services.ts';

type Keys = Readonly<Record<string, string>>;

export interface ListRequest extends PageRequest {
  /** Those of `filters` that were given. */
  readonly filters: Readonly<Record<string, string>>;
}

/** One kind of configuration: master data, agreements, connections, cross-references. */
export interface ConfigurationKind<T, Stored = T> {
  /** As in the path: /v1/{name}. */
  readonly name: string;
  /** One of them, for events and audit. */
  readonly noun: string;
  readonly title: string;
  readonly tag: string;
  readonly write: Action;
  readonly body: TSchema;
  /** Shape of what is read back; the body's unless secrets are left out. */
  readonly view?: TSchema;
  /** Path parameters in order. */
  readonly params: TObject;
  /** Fields of the body that the path repeats, by parameter; `-` in the path stands for a field that is left out. */
  readonly keys: readonly string[];
  readonly description?: string;
  put(
    tx: Tx,
    value: T,
    options: { now: Date; expectedVersion?: number },
    context: { services: ApiServices; keys: Keys },
  ): Promise<PutOutcome<Stored>>;
  get(tx: Tx, keys: Keys, services: ApiServices): Promise<Versioned<Stored> | undefined>;
  /** What `after` of the list looks like, where it is not the key. */
  readonly position?: PositionShape;
  /** Query parameters of the list besides `q`, `limit` and `after`. */
  readonly filters?: Readonly<Record<string, TSchema>>;
  list(tx: Tx, request: ListRequest, services: ApiServices): Promise<Page<Versioned<Stored>>>;
  /** What subscribers are told of a change. */
  event?(outcome: PutOutcome<Stored>): Pick<NewEvent, 'type' | 'entity' | 'key'> & Partial<NewEvent>;
  /** What else follows from a change, in its transaction. */
  follow?(tx: Tx, outcome: PutOutcome<Stored>, hub: Hub, correlationId: string): Promise<void>;
  /** What of a change goes into the audit record, when the key and the new version do not say enough. Never secrets. */
  auditDetail?(value: T): unknown;
  afterCommit?(services: ApiServices, tenantId: string): Promise<void>;
}

/** The three routes of a kind: list, read, put. */
export function configurationRoutes<T, Stored = T>(kind: ConfigurationKind<T, Stored>): Route[] {
  const path = `/v1/${kind.name}`;
  const one = `${path}/${Object.keys(kind.params.properties)
    .map((name) => `{${name}}`)
    .join('/')}`;
  const view = kind.view ?? kind.body;
  return [
    defineRoute({
      method: 'GET',
      path,
      access: 'configuration.read',
      tag: kind.tag,
      summary: `List ${kind.title}`,
      query: closed({ ...ListConfigurationQuery.properties, ...kind.filters }),
      response: versionedPage(view),
      async handle({ query, principal }, services) {
        const { limit: _, after: __, q, ...filters } = query as ListConfigurationQuery & Record<string, string>;
        const asked = {
          ...readPage(kind.name, query, kind.position ?? 'text'),
          filters,
          ...(q === undefined ? {} : { query: q }),
        };
        const { rows, next } = await services.db.tx(principal.tenantId, (tx) => kind.list(tx, asked, services));
        return { body: pageOf(kind.name, rows, next) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: one,
      access: 'configuration.read',
      tag: kind.tag,
      summary: `Read one of ${kind.title}`,
      params: kind.params,
      response: view,
      etag: true,
      async handle({ params, principal }, services) {
        const found = await services.db.tx(principal.tenantId, (tx) => kind.get(tx, params as Keys, services));
        if (found === undefined) throw new HubError('NOT_FOUND');
        return { body: found.value, version: found.version };
      },
    }),
    defineRoute({
      method: 'PUT',
      path: one,
      access: kind.write,
      tag: kind.tag,
      summary: `Create or change one of ${kind.title}`,
      description:
        kind.description ??
        'Without If-Match it creates (201). The same content again changes nothing and keeps the version.',
      params: kind.params,
      query: DryRunQuery,
      body: kind.body,
      response: view,
      alsoStatus: [201],
      precondition: 'put',
      handle: (request, services) => putOne(kind, request as RouteRequest<Keys, DryRunQuery, T>, services),
    }),
  ];
}

/** Carries what a PUT would have come to out of its transaction, which it takes back. */
class DryRun<Stored> extends Error {
  readonly outcome: PutOutcome<Stored>;

  constructor(outcome: PutOutcome<Stored>) {
    super('a dry run');
    this.outcome = outcome;
  }
}

const replyOf = <Stored>({ outcome, value, version }: PutOutcome<Stored>): RouteReply => ({
  status: outcome === 'created' ? 201 : 200,
  body: value,
  version,
});

async function putOne<T, Stored>(
  kind: ConfigurationKind<T, Stored>,
  request: RouteRequest<Keys, DryRunQuery, T>,
  services: ApiServices,
): Promise<RouteReply> {
  const { params, query, body, principal, headers, trace } = request;
  requireSameKey(kind, params, body as Record<string, unknown>);
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  const expectedVersion = readPutPrecondition({ ifMatch, ifNoneMatch });
  const now = services.clock.now();
  try {
    const outcome = await services.db.tx(principal.tenantId, async (tx) => {
      const options = expectedVersion === undefined ? { now } : { now, expectedVersion };
      const put = await kind.put(tx, body, options, { services, keys: params });
      if (query.dryRun === true) throw new DryRun(put);
      if (put.outcome === 'unchanged') return put;
      if (kind.event !== undefined) {
        const { traceId, traceparent } = trace;
        const facts = { correlationId: traceId, traceparent, version: put.version, ...kind.event(put) };
        await services.events.publish(tx, [facts]);
      }
      await kind.follow?.(tx, put, services.hub(principal.tenantId), trace.traceId);
      await recordAudit(tx, services.clock, [
        {
          actor: principal.actor,
          action: `${kind.noun}.${put.outcome === 'created' ? 'create' : 'change'}`,
          subject: { kind: kind.noun, id: put.key },
          detail: {
            version: put.version,
            ...(kind.auditDetail === undefined ? {} : { change: kind.auditDetail(body) }),
          },
        },
      ]);
      return put;
    });
    if (outcome.outcome !== 'unchanged') await kind.afterCommit?.(services, principal.tenantId);
    return replyOf(outcome);
  } catch (error) {
    if (error instanceof DryRun) return replyOf((error as DryRun<Stored>).outcome);
    // It exists, and the client did not say which version it means to replace.
    const unsaid = ifMatch === undefined && ifNoneMatch === undefined;
    if (unsaid && isHubError(error, 'PRECONDITION_FAILED'))
      throw new HubError('PRECONDITION_REQUIRED', { cause: error });
    throw error;
  }
}

function requireSameKey(
  kind: ConfigurationKind<never, never> | ConfigurationKind<unknown, unknown>,
  params: Keys,
  body: Record<string, unknown>,
): void {
  const errors = kind.keys
    .filter((name) => (params[name] === '-' ? undefined : params[name]) !== body[name])
    .map((name) => ({
      pointer: `/${name}`,
      code: 'KEY_MISMATCH',
      message: `must be what the path says: ${params[name]}`,
    }));
  if (errors.length > 0) throw new HubError('VALIDATION_FAILED', { errors });
}

/** A page of rows that a room hands out whole, for kinds of which there are few. */
export function pageInMemory<T>(
  rows: readonly Versioned<T>[],
  request: PageRequest,
  keyOf: (value: T) => string,
): Page<Versioned<T>> {
  const wanted = request.query?.toLowerCase();
  const matching = rows
    .map((row) => ({ row, key: keyOf(row.value) }))
    .filter(
      ({ row, key }) => wanted === undefined || `${key} ${JSON.stringify(row.value)}`.toLowerCase().includes(wanted),
    )
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .filter(({ key }) => request.after === undefined || key > request.after);
  const page = matching.slice(0, request.limit);
  const last = page.at(-1);
  return {
    rows: page.map(({ row }) => row),
    ...(matching.length > page.length && last !== undefined ? { next: last.key } : {}),
  };
}
