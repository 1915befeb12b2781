import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CommandFailure, type ExitCode, exitCodes } from './exit-codes.ts';
import { adminKeyFile } from '../security/index.ts';

export interface HubReply<T = unknown> {
  readonly status: number;
  /** ETag as it came, to be sent back in If-Match. */
  readonly etag: string | undefined;
  readonly body: T;
}

export interface HubRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly json?: unknown;
  readonly bytes?: { readonly content: Uint8Array; readonly type: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses besides 2xx that are an answer and not a failure. */
  readonly accept?: readonly number[];
}

/** A running hub, spoken to by HTTP as any client would. */
export interface HubClient {
  readonly url: string;
  request<T = unknown>(path: string, request?: HubRequest): Promise<HubReply<T>>;
  /**
   * An answer that goes on: the bytes as they come, until the hub or `signal` ends it. It breaks when nothing comes for
   * `silenceMs`.
   */
  listen(path: string, options: ListenOptions): Promise<AsyncIterable<Uint8Array>>;
}

export interface ListenOptions {
  readonly signal: AbortSignal;
  readonly silenceMs: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const timeoutMs = 60_000;

export function createHubClient(url: string, key: string): HubClient {
  return {
    url,
    async request<T>(path: string, request: HubRequest = {}): Promise<HubReply<T>> {
      const method = request.method ?? 'GET';
      const body = request.bytes?.content ?? (request.json === undefined ? undefined : JSON.stringify(request.json));
      const headers: Record<string, string> = { authorization: `Bearer ${key}`, ...request.headers };
      if (body !== undefined) headers['content-type'] = request.bytes?.type ?? 'application/json';
      if (method === 'POST') headers['idempotency-key'] ??= randomUUID();
      const response = await send(url, path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: body as NonNullable<RequestInit['body']> }),
      });
      const type = response.headers.get('content-type') ?? '';
      const text = await response.text();
      const parsed = type.includes('json') && text !== '' ? (JSON.parse(text) as unknown) : text;
      if (!response.ok && !request.accept?.includes(response.status))
        throw failureOf(response.status, parsed, `${method} ${path}`);
      return { status: response.status, etag: response.headers.get('etag') ?? undefined, body: parsed as T };
    },
    async listen(path, { signal, silenceMs, headers }) {
      const silence = new AbortController();
      const response = await send(
        url,
        path,
        { headers: { authorization: `Bearer ${key}`, ...headers } },
        AbortSignal.any([signal, silence.signal]),
      );
      if (!response.ok || response.body === null) {
        const text = await response.text();
        throw failureOf(response.status, text.startsWith('{') ? (JSON.parse(text) as unknown) : text, `GET ${path}`);
      }
      return heardOf(response.body, silence, silenceMs);
    },
  };
}

async function* heardOf(body: AsyncIterable<Uint8Array>, silence: AbortController, silenceMs: number) {
  const why = new Error(`nothing was heard for ${Math.round(silenceMs / 1_000)} s`);
  let timer = setTimeout(() => silence.abort(why), silenceMs);
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(why), silenceMs);
      yield chunk;
    }
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

async function send(
  url: string,
  path: string,
  init: RequestInit,
  signal: AbortSignal = AbortSignal.timeout(timeoutMs),
): Promise<Response> {
  try {
    return await fetch(`${url}${path}`, { ...init, signal });
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    const why = cause?.code ?? (error as Error).message;
    throw new CommandFailure(
      exitCodes.unreachable,
      `No hub answers at ${url} (${why}). Is it running? crossdock start`,
    );
  }
}

interface ProblemBody {
  code?: string;
  title?: string;
  detail?: string;
  errors?: { pointer: string; code: string; message?: string }[];
}

const codeOfStatus: Readonly<Record<number, ExitCode>> = {
  401: exitCodes.unauthorized,
  403: exitCodes.unauthorized,
  404: exitCodes.notFound,
};

function failureOf(status: number, body: unknown, what: string): CommandFailure {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as ProblemBody;
  const details = (problem.errors ?? [])
    .slice(0, 20)
    .map((error) => `\n  ${error.pointer || '/'}: ${error.message ?? error.code}`);
  const said = problem.detail ?? problem.title ?? `status ${status}`;
  const message = `${what}: ${problem.code ?? status}: ${said}${details.join('')}`;
  return new CommandFailure(codeOfStatus[status] ?? exitCodes.refused, message, body);
}

type Env = Readonly<Record<string, string | undefined>>;

/** The hub that the environment names: CROSSDOCK_URL or the local port, with CROSSDOCK_ADMIN_KEY or the data folder's key. */
export async function connectToHub(env: Env): Promise<HubClient> {
  const url = (env.CROSSDOCK_URL ?? `http://127.0.0.1:${env.CROSSDOCK_PORT ?? '8080'}`).replace(/\/+$/, '');
  if (URL.parse(url) === null) throw new CommandFailure(exitCodes.usage, `CROSSDOCK_URL is not a URL: ${url}`);
  return createHubClient(url, await findKey(env));
}

async function findKey(env: Env): Promise<string> {
  const given = env.CROSSDOCK_ADMIN_KEY?.trim();
  if (given) return given;
  const path = join(resolve(env.CROSSDOCK_DATA ?? './data'), adminKeyFile);
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    throw new CommandFailure(
      exitCodes.unauthorized,
      `No key: set CROSSDOCK_ADMIN_KEY, or CROSSDOCK_DATA to the hub's data folder (looked for ${path})`,
    );
  }
}
