import { readFileSync } from 'node:fs';
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler';
import { describe, expect, it } from 'vitest';
import { eventCatalog } from '../events/index.ts';
import { schemaCheck } from '../platform/index.ts';
import { createAsyncApi } from './asyncapi.ts';
import { createOpenApi, routes } from './index.ts';

const contract = readFileSync(new URL('./contract.ts', import.meta.url), 'utf8');
const names = routes.map((route) => `${route.method} ${route.path}`);

describe('the contract', () => {
  it('names every route and no other', () => {
    const declared = [...contract.matchAll(/^ {2}'((?:GET|POST|PUT|PATCH|DELETE) [^']+)':/gm)].map(
      (match) => match[1]!,
    );
    expect(declared.sort()).toEqual([...names].sort());
  });

  it('marks what needs a key or a version as the routes do', () => {
    const marked = (mark: string, parts: RegExp) =>
      [...contract.matchAll(/^ {2}'((?:POST|PUT|PATCH|DELETE|GET) [^']+)':([\s\S]*?);\n(?= {2}['/]|\n|})/gm)]
        .filter((match) => match[2]!.includes(mark) || parts.test(match[2]!))
        .map((match) => match[1]!)
        .sort();
    const of = (has: (route: (typeof routes)[number]) => boolean) =>
      routes
        .filter(has)
        .map((route) => `${route.method} ${route.path}`)
        .sort();
    expect(marked('idempotent: true', /^$/)).toEqual(of((route) => route.idempotent === true));
    expect(marked('ifMatch: true', /PutConfiguration/)).toEqual(of((route) => route.precondition !== undefined));
  });

  it('imports nothing but the model and the schemas of the API', () => {
    const imported = [...contract.matchAll(/from '([^']+)'/g)].map((match) => match[1]!);
    expect(imported.filter((path) => path !== '../model/index.ts' && !path.startsWith('./schemas/'))).toEqual([]);
  });
});

describe('the schemas of the routes', () => {
  // A hub compiles each when its first value comes; what cannot be compiled is found here.
  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))('%s: compile', (_, route) => {
    for (const schema of [route.params, route.query, route.body]) {
      if (schema === undefined) continue;
      expect(() => schemaCheck(schema)({})).not.toThrow();
      expect(() => schemaCheck(schema, { thorough: true })({})).not.toThrow();
    }
    const { response: schema, path: url, method } = route;
    if (schema === undefined || route.responseType !== undefined) return;
    expect(() => SerializerSelector()(undefined, {})({ schema, method, url, httpStatus: '2xx' })).not.toThrow();
  });
});

describe('the AsyncAPI document', () => {
  const document = JSON.parse(JSON.stringify(createAsyncApi('1.2.3'))) as {
    channels: { events: { address: string; messages: Record<string, { $ref: string }> } };
    components: { messages: Record<string, { payload: { allOf: { $ref?: string }[] } }>; schemas: object };
  };

  it('has a message for every event of the catalog, on the stream that the API serves', () => {
    const { address, messages } = document.channels.events;
    expect(names).toContain(`GET ${address}`);
    expect(Object.keys(messages)).toEqual([...Object.keys(eventCatalog), 'reset']);
    for (const [type, { $ref }] of Object.entries(messages)) {
      expect($ref).toBe(`#/components/messages/${type}`);
      if (type === 'reset') continue;
      expect(document.components.messages[type]?.payload.allOf[0]).toEqual({ $ref: '#/components/schemas/event' });
    }
    expect(document.components.schemas).toHaveProperty('event.properties.correlationId');
  });
});

describe('the OpenAPI document', () => {
  const document = JSON.parse(JSON.stringify(createOpenApi(routes, '1.2.3'))) as {
    openapi: string;
    info: { version: string };
    paths: Record<string, Record<string, Operation>>;
  };
  interface Operation {
    operationId: string;
    parameters: { name: string; in: string; required: boolean; schema: object }[];
    responses: Record<string, { description: string }>;
    security: object[];
    requestBody?: { content: Record<string, { schema: object }> };
  }
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

  it('describes every route', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info.version).toBe('1.2.3');
    expect(operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`).sort()).toEqual([...names].sort());
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('declares every parameter of every path, and problems for every operation', () => {
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
      const declared = operation.parameters
        .filter((parameter) => parameter.in === 'path')
        .map((parameter) => parameter.name);
      expect(declared.sort()).toEqual(inPath.sort());
      expect(operation.responses.default).toBeDefined();
    }
  });

  it('gives the schema that orders are checked by', () => {
    const schema = document.paths['/v1/orders']!.post!.requestBody!.content['application/json']!.schema;
    expect(schema).toMatchObject({ additionalProperties: false, required: ['channel', 'customer', 'lines'] });
    expect(operations.find(({ path }) => path === '/v1/session')?.operation).toBeDefined();
    expect(document.paths['/v1/orders']!.post!.security).toEqual([{ apiKey: [] }, { session: [] }]);
    expect(document.paths['/v1/webhooks/{connectionId}']!.post!.security).toEqual([{ standardWebhooks: [] }]);
  });
});
