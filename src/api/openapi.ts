import type { TSchema } from 'typebox';
import type { Route } from './define-route.ts';
import { Problem } from './schemas/conventions.ts';

type Json = Record<string, unknown>;

/**
 * The OpenAPI 3.1 document, derived from the declared routes: schemas of 3.1 are JSON Schema, which is what the routes
 * validate with, so that the document cannot say something else than the hub does.
 */
export function createOpenApi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    paths[route.path]![route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Crossdock',
      version,
      summary: 'Integration hub for wholesale distributors',
      description: conventions,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of the hub' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'crossdock_session',
          description: 'The console; needs X-CSRF-Token',
        },
        standardWebhooks: {
          type: 'apiKey',
          in: 'header',
          name: 'webhook-signature',
          description: 'Standard Webhooks: webhook-id, webhook-timestamp and webhook-signature over the raw body',
        },
      },
      schemas: { Problem: plain(Problem) },
    },
  };
}

const conventions = `Money is an integer of minor units beside its ISO 4217 currency; quantities and prices are exact
decimal strings; instants are RFC 3339 in UTC. Lists answer \`{data, nextCursor}\` and take \`limit\` and \`after\`. POSTs that
create need an \`Idempotency-Key\`. Changes of configuration and actions on exceptions need \`If-Match\` (428 without it, 412
when stale); a PUT without it creates. Unknown fields, repeated names and bodies over 10 MB are refused. Errors are
RFC 9457 problems with a stable \`code\`. \`traceparent\` is accepted, and returned with every answer. A key whose requests
are limited reads what is left in \`RateLimit-Policy\` and \`RateLimit\`; beyond it is 429 \`RATE_LIMITED\` with \`Retry-After\`.`;

/** TypeBox keeps notes on its schemas that are not JSON; what is written here is. */
function plain(schema: TSchema): Json {
  return JSON.parse(JSON.stringify(schema)) as Json;
}

function operationOf(route: Route): Json {
  const operation: Json = {
    operationId: `${route.method.toLowerCase()}_${route.path.replaceAll(/[^a-zA-Z0-9]+/g, '_').replaceAll(/^_|_$/g, '')}`,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    parameters: parametersOf(route),
    responses: responsesOf(route),
    security: securityOf(route),
    ...(isGranted(route) ? { 'x-permission': route.access } : {}),
  };
  if (route.body !== undefined) {
    operation.requestBody = { required: true, content: { 'application/json': { schema: plain(route.body) } } };
  }
  if (route.rawBody !== undefined) {
    const content = Object.fromEntries(
      route.rawBody.mediaTypes.map((type) => [
        type,
        { schema: { type: 'string', description: route.rawBody!.description } },
      ]),
    );
    operation.requestBody = { required: true, content };
  }
  return operation;
}

function isGranted(route: Route): boolean {
  return !['public', 'signature', 'signed-in'].includes(route.access);
}

function securityOf(route: Route): Json[] {
  if (route.access === 'public') return [];
  return route.access === 'signature' ? [{ standardWebhooks: [] }] : [{ apiKey: [] }, { session: [] }];
}

function parametersOf(route: Route): Json[] {
  const of = (schema: TSchema | undefined, place: string): Json[] => {
    if (schema === undefined) return [];
    const { properties = {}, required = [] } = plain(schema) as {
      properties?: Record<string, Json>;
      required?: string[];
    };
    return Object.entries(properties).map(([name, property]) => {
      const { description, ...rest } = property;
      return {
        name,
        in: place,
        required: place === 'path' || required.includes(name),
        ...(description === undefined ? {} : { description }),
        schema: rest,
      };
    });
  };
  const header = (name: string, required: boolean, description: string): Json => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  });
  return [
    ...of(route.params, 'path'),
    ...of(route.query, 'query'),
    ...(route.idempotent === true
      ? [
          header(
            'Idempotency-Key',
            true,
            'The same key with the same body answers the same; kept for at least 24 hours',
          ),
        ]
      : []),
    ...(route.precondition === 'required' ? [header('If-Match', true, 'The ETag that was read, or *')] : []),
    ...(route.precondition === 'put'
      ? [header('If-Match', false, 'The ETag that was read, or *; absent to create')]
      : []),
  ];
}

const problemContent = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

function responsesOf(route: Route): Json {
  const success = String(route.status ?? 200);
  const schema = route.response === undefined ? undefined : plain(route.response);
  const type = route.responseType ?? 'application/json';
  const body: Json = {
    description: 'Success',
    headers: {
      traceparent: { schema: { type: 'string' } },
      ...(hasEtag(route) ? { etag: { schema: { type: 'string' } } } : {}),
    },
    ...(schema === undefined && route.responseType === undefined
      ? {}
      : { content: { [type]: { schema: schema ?? { type: 'string' } } } }),
  };
  const also = Object.fromEntries((route.alsoStatus ?? []).map((status) => [String(status), body]));
  const codes = route.problems ?? [];
  return {
    [success]: body,
    ...also,
    default: {
      description: codes.length === 0 ? 'A problem' : `A problem; codes beside the common ones: ${codes.join(', ')}`,
      content: problemContent,
    },
  };
}

function hasEtag(route: Route): boolean {
  return route.precondition !== undefined || route.etag === true;
}
