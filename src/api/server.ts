import { SerializerSelector } from '@fastify/fast-json-stringify-compiler';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type preValidationHookHandler,
} from 'fastify';
import type { TSchema } from 'typebox';
import { closed } from '../model/index.ts';
import { HubError } from '../platform/index.ts';
import type { Principal } from '../security/index.ts';
import { authorize } from './authenticate.ts';
import { registerConsole } from './console-files.ts';
import type { Route, RouteReply, RouteRequest } from './define-route.ts';
import { registerDocs } from './docs-page.ts';
import { registerHealth } from './health.ts';
import { etagOf } from './precondition.ts';
import { problemOf } from './problem.ts';
import { createRefusals } from './refusals.ts';
import { routes } from './routes.ts';
import { eventStreamsOf } from './routes/doors.ts';
import { bodyValidator, parameterValidator } from './schema-validation.ts';
import type { ApiServices } from './services.ts';
import { parseStrictJson } from './strict-json.ts';
import { limitOf, takeBodies } from './take-bodies.ts';
import type { Observe, Timed } from './timed.ts';
import { joinTrace, type Trace } from './trace.ts';

export interface ApiOptions {
  /** Folder with the built console; absent: the hub has an API and no console. */
  readonly consoleDir?: string;
}

/** The hub's HTTP face, ready to `listen` or to `inject` into. */
export async function createApi(services: ApiServices, options: ApiOptions = {}): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    trustProxy: services.config.trustedProxies.length > 0 && [...services.config.trustedProxies],
    requestTimeout: 120_000,
    keepAliveTimeout: 65_000,
    routerOptions: { maxParamLength: 300 },
    schemaController: { compilersFactory: { buildSerializer: serializersWhenNeeded } },
    // Of formats that it does not know it writes to the console; what is answered is ours and is not checked again.
    serializerOpts: { ajv: { formats: { 'iso-4217': true } } },
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    // Its own answer would be no problem of ours; the first hook gives one.
    return503OnClosing: false,
    genReqId: () => '',
    clientErrorHandler: (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    },
    frameworkErrors: (error, request, reply) => void answerError(services, error, request, reply as FastifyReply),
  });
  takeBodies(app);
  app.decorateRequest('principal', undefined);
  app.decorateRequest('trace', undefined);
  app.decorateRequest('startedMs', 0);
  app.decorateRequest('timed', undefined);
  app.decorateRequest('bytes', undefined);
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const check = httpPart === 'body' ? bodyValidator(schema as TSchema) : parameterValidator(schema as TSchema);
    return (value: unknown) => {
      try {
        check(value);
        return true;
      } catch (error) {
        return { error: error as Error };
      }
    };
  });
  const refusals = createRefusals(services);
  app.setErrorHandler<FastifyError>(async (error, request, reply) => {
    // Nobody is there to be answered, and nothing is wrong with the hub.
    if (request.raw.destroyed && !request.raw.complete) {
      services.log.info({ method: request.method, path: pathOf(request) }, 'a client went away while it sent its body');
      return answerError(services, new HubError('VALIDATION_FAILED'), request, reply);
    }
    const { door } = request.routeOptions.config;
    const { problem } = problemOf(error, request.trace?.traceId ?? '');
    const exceptionId = door === undefined ? undefined : await refusals.record(request, door, problem);
    return answerError(services, error, request, reply, exceptionId);
  });
  app.setNotFoundHandler((request, reply) => answerError(services, notFound(request, reply), request, reply));
  let stopping = false;
  app.addHook('onRequest', (request, reply, done) => {
    const trace = joinTrace(request.headers.traceparent);
    request.startedMs = performance.now();
    request.trace = trace;
    reply.header('traceparent', trace.traceparent);
    reply.header('x-content-type-options', 'nosniff');
    if (stopping) done(new HubError('STOPPING'));
    else done();
  });
  measureAnswers(app, services);
  app.addHook('preClose', (done) => {
    stopping = true;
    eventStreamsOf(services).close();
    done();
  });
  for (const route of routes) register(app, route, services);
  registerHealth(app, services);
  registerDocs(app, services.version);
  await registerConsole(app, options.consoleDir);
  return app;
}

/** Fastify's own serializers, each made for the first answer of its kind: most routes answer nobody in a hub's life. */
const serializersWhenNeeded: ReturnType<typeof SerializerSelector> = (schemas, options) => {
  const make = SerializerSelector()(schemas, options);
  return (route) => {
    let serialize: ReturnType<typeof make> | undefined;
    return (payload: unknown) => (serialize ??= make(route))(payload);
  };
};

/** A parameter that nobody reads is a mistake that nobody sees. */
const noQuery = closed({});

function register(app: FastifyInstance, route: Route, services: ApiServices): void {
  const { security } = services;
  const timed: Timed = { path: route.path.replaceAll(/\{(\w+)\}/g, ':$1'), byStatus: [] };
  app.route({
    method: route.method,
    url: timed.path,
    exposeHeadRoute: hasHead(route),
    config: {
      ...(route.door === undefined ? {} : { door: route.door }),
      ...(route.method === 'GET' ? {} : { bodyLimitBytes: limitOf(route) }),
    },
    schema: {
      ...(route.params === undefined ? {} : { params: route.params }),
      // Who calls by signature may have been given a path with a query of their own.
      ...(route.access === 'signature' ? {} : { querystring: route.query ?? noQuery }),
      ...(route.body === undefined ? {} : { body: route.body }),
      ...(route.response === undefined || route.responseType !== undefined
        ? {}
        : { response: { '2xx': route.response } }),
    },
    onRequest: (request, reply, done) => {
      request.timed = timed;
      try {
        // Who asks comes first: what the headers lack is told to those who may ask, and a refusal that is still being looked up
        // must find somebody who waits for it.
        const pending = authorize(security, route, request, reply);
        if (pending === undefined) {
          checkHeaders(route, request);
          done();
          return;
        }
        pending.then(() => checkHeaders(route, request)).then(() => done(), done);
      } catch (error) {
        done(error as Error);
      }
    },
    // A GET has no body that anybody reads.
    ...(route.method === 'GET' ? {} : { preValidation: bodyReader(route) }),
    handler(request, reply) {
      if (route.intake && request.principal !== undefined) services.gate.admit(request.principal.tenantId);
      const answer = route.handle(new RequestOfRoute(route, request, reply), services);
      if (answer instanceof Promise) return answer.then((later) => send(route, later, reply));
      send(route, answer, reply);
    },
  });
}

/** What can be refused before the body is read. */
function checkHeaders(route: Route, request: FastifyRequest): void {
  const type = mediaType(request);
  if (route.body !== undefined && type !== undefined && type !== 'application/json' && !type.endsWith('+json')) {
    throw new HubError('UNSUPPORTED_MEDIA_TYPE', { message: 'The body must be application/json' });
  }
  if (route.rawBody !== undefined && type !== undefined && !route.rawBody.mediaTypes.includes(type)) {
    throw new HubError('UNSUPPORTED_MEDIA_TYPE', {
      message: `The body must be ${route.rawBody.mediaTypes.join(' or ')}`,
    });
  }
  if (route.access === 'signature' && !isSigned(request)) throw new HubError('SIGNATURE_INVALID');
  if (route.idempotent === true) {
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(key)) {
      throw new HubError('IDEMPOTENCY_KEY_REQUIRED', {
        message: 'Send an Idempotency-Key header of 1 to 255 printable characters',
      });
    }
  }
  if (route.precondition === 'required' && request.headers['if-match'] === undefined) {
    throw new HubError('PRECONDITION_REQUIRED');
  }
}

/** Says nothing of whether the signature is right; without one nothing of the body is read. */
function isSigned({ headers }: FastifyRequest): boolean {
  return ['webhook-id', 'webhook-timestamp', 'webhook-signature'].every((name) => typeof headers[name] === 'string');
}

function mediaType(request: FastifyRequest): string | undefined {
  return request.headers['content-type']?.split(';', 1)[0]!.trim().toLowerCase();
}

const noBytes = Buffer.alloc(0);

function bodyReader(route: Route): preValidationHookHandler {
  return (request, reply, done) => {
    const { releaseBody } = request;
    if (releaseBody !== undefined && reply.raw.closed) releaseBody();
    else if (releaseBody !== undefined) reply.raw.once('close', releaseBody);
    try {
      readBody(route, request);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
}

function readBody(route: Route, request: FastifyRequest): void {
  const bytes = Buffer.isBuffer(request.body) ? request.body : noBytes;
  request.bytes = bytes;
  if (route.body !== undefined) {
    if (mediaType(request) === undefined && bytes.length > 0) throw new HubError('UNSUPPORTED_MEDIA_TYPE');
    request.body = parseStrictJson(bytes);
  } else if (route.rawBody === undefined && bytes.length > 0) {
    throw new HubError('VALIDATION_FAILED', { message: 'This request takes no body' });
  }
}

/** A class, because a getter in a literal is made anew for every request. */
class RequestOfRoute implements RouteRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly bytes: Buffer;
  readonly trace: Trace;
  readonly idempotencyKey: string;
  readonly headers: FastifyRequest['headers'];
  readonly raw: FastifyRequest;
  readonly reply: FastifyReply;

  constructor(route: Route, request: FastifyRequest, reply: FastifyReply) {
    this.params = request.params;
    this.query = request.query;
    this.body = request.body;
    this.bytes = request.bytes ?? noBytes;
    this.trace = request.trace!;
    this.idempotencyKey = route.idempotent === true ? (request.headers['idempotency-key'] as string) : '';
    this.headers = request.headers;
    this.raw = request;
    this.reply = reply;
  }

  get principal(): Principal {
    if (this.raw.principal === undefined)
      throw new HubError('INTERNAL', { message: `${this.raw.url} has no principal` });
    return this.raw.principal;
  }

  get address(): string {
    return this.raw.ip;
  }
}

function send(route: Route, result: RouteReply | FastifyReply, reply: FastifyReply): FastifyReply {
  // A stream has been answered by hand.
  if (result === reply) return reply;
  const answer = result as RouteReply;
  const status = answer.status ?? route.status ?? 200;
  void reply.code(status);
  if (reply.getHeader('cache-control') === undefined) void reply.header('cache-control', 'no-store');
  if (answer.version !== undefined) void reply.header('etag', etagOf(answer.version));
  if (answer.headers !== undefined) void reply.headers(answer.headers);
  if (answer.json !== undefined) return reply.type('application/json; charset=utf-8').send(answer.json);
  if (answer.body === undefined) return reply.send();
  return reply.type(route.responseType ?? 'application/json; charset=utf-8').send(answer.body);
}

function answerError(
  services: ApiServices,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  exceptionId?: string,
): FastifyReply {
  const trace = request.trace ?? joinTrace(request.headers.traceparent);
  const { status, headers, problem, internal } = problemOf(error, trace.traceId);
  if (internal) {
    services.log.error(
      { err: error, traceId: trace.traceId, method: request.method, path: pathOf(request) },
      'a request failed',
    );
  }
  // What is left of a refused body is not read; the connection cannot carry another request.
  if (status === 413) void reply.header('connection', 'close');
  return (
    reply
      .code(status)
      .headers(headers)
      // What cannot be read at all never came past the hook that says so of the others.
      .headers({ traceparent: trace.traceparent, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
      .type('application/problem+json; charset=utf-8')
      .serializer((payload: unknown) => JSON.stringify(payload))
      .send(exceptionId === undefined ? problem : { ...problem, exceptionId })
  );
}

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0]!;

const patterns = routes.map((route) => ({
  methods: hasHead(route) ? ['GET', 'HEAD'] : [route.method],
  pattern: new RegExp(`^${route.path.replaceAll(/[.]/g, '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}));

/** A stream has no end; all else that can be read can be asked for without its body (RFC 9110 §9.3.2). */
function hasHead(route: Route): boolean {
  return route.method === 'GET' && route.responseType !== 'text/event-stream';
}

function notFound(request: FastifyRequest, reply: FastifyReply): HubError {
  const path = pathOf(request);
  const allowed = patterns.flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : []));
  // The method is known here and yet nothing answered: an id is longer than any that there is.
  if (allowed.length === 0 || allowed.includes(request.method)) return new HubError('NOT_FOUND');
  void reply.header('allow', allowed.join(', '));
  return new HubError('METHOD_NOT_ALLOWED', { message: `Allowed here: ${allowed.join(', ')}` });
}

function measureAnswers(app: FastifyInstance, services: ApiServices): void {
  const durations = services.metrics.durations('crossdock_http_request_duration_seconds', 'Time to answer a request', [
    'method',
    'route',
    'status',
  ]);
  const seriesOf = (timed: Timed, reply: FastifyReply, method: string): Observe => {
    const digit = Math.floor(reply.statusCode / 100);
    return (timed.byStatus[digit] ??= durations.series({ method, route: timed.path, status: `${digit}xx` }));
  };
  const others = new Map<string, Timed>();
  // When the answer is handed over, not when the caller has taken all of it: that says more of his line than of the hub,
  // and listening for it costs each request a microsecond.
  app.addHook('onSend', (request, reply, _payload, done) => {
    let { timed } = request;
    if (timed === undefined) {
      // By the declared path, never the requested one: a scanner must not be able to make time series.
      const path = request.routeOptions.url ?? 'none';
      const key = `${request.method} ${path}`;
      timed = others.get(key) ?? { path, byStatus: [] };
      others.set(key, timed);
    }
    seriesOf(timed, reply, request.method)((performance.now() - request.startedMs) / 1000);
    done();
  });
}
