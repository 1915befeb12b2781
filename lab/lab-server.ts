import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chooseFault, type Dials, type Fault } from './dials.ts';

export interface LabReply {
  status: number;
  body: unknown;
}

export interface LabCall {
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
}

/** `operation` is the name under which faults and counters know a route; control routes (`/_…`) have none. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT';
  /** `/api/orders/:key` */
  path: string;
  operation?: string;
  handle(call: LabCall): LabReply | Promise<LabReply>;
}

export interface LabServerOptions {
  routes: readonly Route[];
  dials: Dials;
  random: () => number;
  apiKey: string;
  port: number;
  /** Told of every call of an operation, with how it ended. */
  onCall(operation: string, ended: number | Fault | 'maintenance'): void;
}

const maxBodyBytes = 10 * 1024 * 1024;

export const ok = (body: unknown): LabReply => ({ status: 200, body });
export const created = (body: unknown): LabReply => ({ status: 201, body });
export const refused = (status: number, code: string, message: string): LabReply => ({
  status,
  body: { error: { code, message } },
});

/** Listens on loopback only. */
export async function listen(options: LabServerOptions): Promise<{ server: Server; port: number }> {
  const routes = options.routes.map((route) => ({ route, pattern: patternOf(route.path) }));
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    void answer(request, response, routes, options).catch((error: Error) => {
      if (!response.headersSent) send(response, refused(500, 'LAB_ERROR', error.message));
      else request.socket.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

type Matcher = { route: Route; pattern: RegExp };

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  routes: readonly Matcher[],
  options: LabServerOptions,
): Promise<void> {
  const [pathname = '/', search = ''] = (request.url ?? '/').split('?', 2);
  const found = findRoute(routes, request.method ?? 'GET', pathname);
  if (!found) return send(response, refused(404, 'NO_SUCH_ROUTE', `${request.method} ${pathname}`));
  const body = await readJson(request);
  if (body === undefined) return send(response, refused(400, 'MALFORMED', 'the body is not a JSON object'));
  const { route, params } = found;
  const call: LabCall = { params, query: new URLSearchParams(search), headers: request.headers, body };
  if (route.operation === undefined) return send(response, await route.handle(call));
  if (!hasKey(request, options.apiKey)) return send(response, refused(401, 'UNAUTHENTICATED', 'wrong API key'));
  await operate(route.operation, () => route.handle(call), request, response, options);
}

async function operate(
  operation: string,
  handle: () => LabReply | Promise<LabReply>,
  request: IncomingMessage,
  response: ServerResponse,
  { dials, random, onCall }: LabServerOptions,
): Promise<void> {
  if (dials.latencyMs > 0) await delay(dials.latencyMs);
  if (dials.maintenance) {
    onCall(operation, 'maintenance');
    return send(response, refused(503, 'MAINTENANCE', 'closed for maintenance'), dials.retryAfterMs);
  }
  const fault = chooseFault(dials, operation, random);
  if (fault === undefined) {
    const reply = await handle();
    onCall(operation, reply.status);
    return send(response, reply);
  }
  onCall(operation, fault);
  await misbehave(fault, handle, request, response, dials, random);
}

async function misbehave(
  fault: Fault,
  handle: () => LabReply | Promise<LabReply>,
  request: IncomingMessage,
  response: ServerResponse,
  dials: Dials,
  random: () => number,
): Promise<void> {
  const reset = (): void => {
    if ('resetAndDestroy' in request.socket) request.socket.resetAndDestroy();
  };
  switch (fault) {
    case '429':
    case '503':
      return send(response, refused(Number(fault), 'SLOW_DOWN', 'try again later'), dials.retryAfterMs);
    case '500':
      return send(response, refused(500, 'INTERNAL', 'something went wrong'));
    case 'errorAfterCommit':
      await handle();
      return send(response, refused(500, 'INTERNAL', 'something went wrong'));
    case '502':
      if (random() < 0.5) await handle();
      return send(response, refused(502, 'BAD_GATEWAY', 'no answer from upstream'));
    case 'okWithErrorBody':
      return send(response, refused(200, 'RECORD_LOCKED', 'the record is locked by another user'));
    case 'timeout':
      return;
    case 'reset':
      return reset();
    case 'replyLost':
      await handle();
      return reset();
    case 'lateCommit':
      await delay(dials.lateCommitMs);
      await handle();
      return reset();
    case 'truncated':
      return breakOff(response, await handle());
  }
}

function breakOff(response: ServerResponse, reply: LabReply): void {
  const text = JSON.stringify(reply.body);
  response.writeHead(reply.status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.write(text.slice(0, Math.max(1, Math.floor(text.length / 2))), () => response.socket?.destroy());
}

function findRoute(routes: readonly Matcher[], method: string, path: string) {
  for (const { route, pattern } of routes) {
    const match = route.method === method ? pattern.exec(path) : null;
    if (!match) continue;
    const params = Object.fromEntries(
      Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
    return { route, params };
  }
  return undefined;
}

function hasKey(request: IncomingMessage, apiKey: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${apiKey}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** The whole body; undefined when it is too long. */
function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBodyBytes) chunks.push(chunk);
    });
    request.once('end', () => resolve(size > maxBodyBytes ? undefined : Buffer.concat(chunks)));
    request.once('error', reject);
    request.once('close', () => reject(new Error('the request broke off')));
  });
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  const bytes = await readBody(request);
  if (bytes === undefined) return undefined;
  if (bytes.length === 0) return {};
  try {
    const body: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, reply: LabReply, retryAfterMs?: number): void {
  if (response.destroyed) return;
  const text = JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
  });
  response.end(text);
}

export const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
