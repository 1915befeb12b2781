import { BlockList, isIP, type LookupFunction } from 'node:net';
import { lookup as dnsLookup } from 'node:dns';
// Parts of the library: its index loads five times as much (fetch, caches, mocks), 3 MB of heap that is never used.
import request from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import type { FailureReason } from '../queue/index.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is a string or bytes. */
  readonly body?: unknown;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Only a connection whose settings say so may reach loopback, link-local and private addresses. */
  readonly allowPrivateNetwork?: boolean;
}

/**
 * What came of one exchange. It never throws: for an effect it matters whether a byte may have reached the peer, and
 * that is exactly what `sent` says. `complete` is false when the reply broke off.
 */
export type HttpReply =
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly text: string;
      readonly complete: boolean;
      /** Why the reply broke off. */
      readonly reason?: FailureReason;
    }
  | {
      readonly kind: 'failed';
      readonly sent: boolean;
      readonly detail: string;
      /** Absent when it was not the system's doing: the caller gave up, or the address is not allowed. */
      readonly reason?: FailureReason;
      /** The address is not one that this connection may reach. */
      readonly forbidden?: boolean;
    };

export interface HttpClient {
  request(request: HttpRequest): Promise<HttpReply>;
  close(): Promise<void>;
}

// A peer's answer to a single effect is small; anything longer is not an answer.
const maxReplyBytes = 4 * 1024 * 1024;

// Two lists: one list would also hold IPv4 addresses against IPv6 ranges, as mapped addresses.
const reservedIpv4 = new BlockList();
const reservedIpv6 = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  reservedIpv4.addSubnet(network, prefix, 'ipv4');
}
// Everything outside global unicast 2000::/3, plus the ranges inside it that embed an IPv4 address.
for (const [network, prefix] of [
  ['::', 3],
  ['2001::', 32],
  ['2002::', 16],
  ['4000::', 2],
  ['8000::', 1],
] as const) {
  reservedIpv6.addSubnet(network, prefix, 'ipv6');
}

/** True for an address that is not on the public internet. Fails closed: what is no IP address is not public. */
export function isReservedAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  return family === 4 ? reservedIpv4.check(address) : reservedIpv6.check(address, 'ipv6');
}

class ForbiddenAddressError extends Error {
  readonly code = 'ADDRESS_FORBIDDEN';
}

// Resolved once and classified before the socket connects to that very address, so that rebinding gains nothing.
const publicOnlyLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, [], 0);
    const forbidden = addresses.find(({ address }) => isReservedAddress(address));
    const first = addresses[0];
    if (forbidden || !first) {
      return callback(new ForbiddenAddressError(`${hostname} resolves to a private address`), [], 0);
    }
    if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

const connectionsPerOrigin = 64;

/** One pool per origin, kept alive; redirects are never followed. */
export function createHttpClient(options: { connectTimeoutMs?: number } = {}): HttpClient {
  const timeout = options.connectTimeoutMs ?? 5_000;
  // The overall time limit is ours (below); undici's own coarse ones are switched off.
  const shared = {
    connections: connectionsPerOrigin,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: maxReplyBytes,
  };
  const anywhere = new Agent({ ...shared, connect: { timeout } });
  const publicOnly = new Agent({ ...shared, connect: { timeout, lookup: publicOnlyLookup } });
  return {
    request: (req) => exchange(req, req.allowPrivateNetwork ? anywhere : publicOnly),
    async close() {
      await Promise.all([anywhere.close(), publicOnly.close()]);
    },
  };
}

async function exchange(req: HttpRequest, dispatcher: Agent): Promise<HttpReply> {
  const url = parseUrl(req.url);
  if (typeof url === 'string') return { kind: 'failed', sent: false, detail: url };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!req.allowPrivateNetwork && isIP(host) !== 0 && isReservedAddress(host)) {
    return { kind: 'failed', sent: false, forbidden: true, detail: `${host} is a private address` };
  }
  if (req.signal?.aborted) return { kind: 'failed', sent: false, detail: 'aborted before it was sent' };
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(new Error('aborted'));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    stop.abort(new Error(`no reply within ${req.timeoutMs} ms`));
  }, req.timeoutMs);
  const gaveUp = (): boolean => req.signal?.aborted === true && !timedOut;
  req.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const reply = await request.call(dispatcher, {
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: req.method,
      headers: { ...(isJson(req.body) ? { 'content-type': 'application/json' } : {}), ...req.headers },
      body: bodyOf(req.body),
      signal: stop.signal,
    });
    const body = await readText(reply.body);
    const reason = timedOut ? 'timeout' : 'broken_reply';
    return {
      kind: 'reply',
      status: reply.statusCode,
      headers: flatten(reply.headers),
      ...body,
      ...(body.complete || gaveUp() ? {} : { reason }),
    };
  } catch (error) {
    const forbidden = error instanceof ForbiddenAddressError;
    const sent = !failedBeforeSending(error);
    const reason = timedOut ? 'timeout' : sent ? 'broken_reply' : 'unreachable';
    const detail = describe(error);
    return { kind: 'failed', sent, detail, forbidden, ...(forbidden || gaveUp() ? {} : { reason }) };
  } finally {
    clearTimeout(timer);
    req.signal?.removeEventListener('abort', onAbort);
  }
}

function parseUrl(text: string): URL | string {
  if (!URL.canParse(text)) return 'the address of the connection is not a URL';
  const url = new URL(text);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : `unsupported scheme ${url.protocol}`;
}

const isJson = (body: unknown): boolean =>
  body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array);

function bodyOf(body: unknown): string | Uint8Array | null {
  if (body === undefined) return null;
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  return JSON.stringify(body);
}

async function readText(body: { text(): Promise<string> }): Promise<{ text: string; complete: boolean }> {
  try {
    return { text: await body.text(), complete: true };
  } catch {
    return { text: '', complete: false };
  }
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

const neverConnected = new Set([
  'ADDRESS_FORBIDDEN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_INVALID_ARG',
  // Of OpenSSL, while hands are shaken: nothing of a request has left yet.
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

// Only what is provably before the first request byte may be retried blindly; everything else is unknown.
function failedBeforeSending(error: unknown): boolean {
  const { code, syscall } = error as { code?: string; syscall?: string };
  if (code === undefined) return false;
  return (
    neverConnected.has(code) ||
    syscall === 'connect' ||
    code.startsWith('ERR_TLS_') ||
    /^(CERT_|DEPTH_ZERO_)/.test(code)
  );
}

function describe(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code && !message?.includes(code) ? `${code}: ${message ?? ''}` : (message ?? String(error));
}
