import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger, systemClock } from '../platform/index.ts';
import type { LookupResult, Outcome } from '../queue/index.ts';
import { type ConnectorContext, connectorOf, createHttpClient } from './index.ts';

// What a system sends over the wire, byte for byte, and then does with the connection.
type Peer = (socket: Socket) => void;

const json = (status: string, body: string, headers = ''): string =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}connection: close\r\n\r\n${body}`;
const says =
  (bytes: string): Peer =>
  (socket) =>
    socket.end(bytes);
const error = (code: string): string => JSON.stringify({ error: { code, message: 'in words' } });
const inTwoMinutes = (): string => new Date(Date.now() + 120_000).toUTCString();

/** The whole table: what a system does, and what is known of the effect and of the system afterwards. */
const classes: readonly [name: string, peer: Peer, outcome: object, lookup: object][] = [
  [
    '200 with the answer',
    says(json('200 OK', '{"orderNo":"SO-1","document":{}}')),
    { kind: 'confirmed', outsideId: 'SO-1' },
    { kind: 'found', outsideId: 'SO-1' },
  ],
  [
    '200 with an error inside',
    says(json('200 OK', error('RECORD_LOCKED'))),
    { kind: 'rejected', class: 'business', code: 'RECORD_LOCKED' },
    { kind: 'unavailable' },
  ],
  [
    '200 that is not in the protocol',
    says(json('200 OK', '{"hello":"world"}')),
    { kind: 'unknown', reason: 'broken_reply' },
    { kind: 'unavailable', reason: 'broken_reply' },
  ],
  [
    '200 that is not JSON',
    says(json('200 OK', '<html>login</html>')),
    { kind: 'unknown', reason: 'broken_reply', detail: 'HTTP 200, but the reply is not the JSON that was promised' },
    { kind: 'unavailable', reason: 'broken_reply' },
  ],
  [
    '201 with a list',
    says(json('201 Created', '[]')),
    { kind: 'unknown', detail: 'HTTP 201, but the reply is not the JSON that was promised' },
    {},
  ],
  [
    '204 without a body',
    says('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n'),
    { kind: 'unknown', detail: 'HTTP 204, but the reply is not the JSON that was promised' },
    {},
  ],
  [
    '200 that breaks off',
    (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"orderNo":"SO'),
    { kind: 'unknown', reason: 'broken_reply', detail: 'HTTP 200, but the reply broke off' },
    { kind: 'unavailable', reason: 'broken_reply' },
  ],
  ['302 elsewhere', says(json('302 Found', '', 'location: /\r\n')), { kind: 'unknown', reason: 'server_error' }, {}],
  [
    '400',
    says(json('400 Bad Request', error('MALFORMED'))),
    { kind: 'rejected', class: 'schema', code: 'MALFORMED' },
    {},
  ],
  ['401', says(json('401 Unauthorized', '{}')), { kind: 'rejected', class: 'auth', code: 'HTTP_401' }, {}],
  ['403', says(json('403 Forbidden', '{}')), { kind: 'rejected', class: 'auth', code: 'HTTP_403' }, {}],
  ['404', says(json('404 Not Found', '{}')), { kind: 'rejected', class: 'schema', code: 'HTTP_404' }, { kind: 'none' }],
  ['408', says(json('408 Request Timeout', '')), { kind: 'unknown', reason: 'timeout' }, { reason: 'timeout' }],
  ['409', says(json('409 Conflict', error('CHANGED'))), { kind: 'rejected', class: 'business', code: 'CHANGED' }, {}],
  ['413', says(json('413 Content Too Large', '')), { kind: 'rejected', class: 'schema', code: 'HTTP_413' }, {}],
  [
    '422',
    says(json('422 Unprocessable', error('NO_LINES'))),
    { kind: 'rejected', class: 'business', code: 'NO_LINES' },
    {},
  ],
  [
    '429 that names seconds',
    says(json('429 Too Many', '', 'retry-after: 7\r\n')),
    { kind: 'retryable', sent: false, reason: 'throttled', retryAfterMs: 7_000 },
    { reason: 'throttled' },
  ],
  [
    '429 that names a date',
    (socket) => socket.end(json('429 Too Many', '', `retry-after: ${inTwoMinutes()}\r\n`)),
    { kind: 'retryable', reason: 'throttled', retryAfterMs: expect.closeTo(120_000, -4) },
    { reason: 'throttled' },
  ],
  [
    '429 that names nothing',
    says(json('429 Too Many', '')),
    { kind: 'retryable', sent: false, reason: 'throttled' },
    {},
  ],
  [
    '500',
    says(json('500 Oops', error('BUG'))),
    { kind: 'unknown', reason: 'server_error' },
    { reason: 'server_error' },
  ],
  ['501', says(json('501 Not Implemented', '')), { kind: 'unknown', reason: 'server_error' }, {}],
  ['502', says(json('502 Bad Gateway', '')), { kind: 'unknown', reason: 'unavailable' }, { reason: 'unavailable' }],
  ['503', says(json('503 Unavailable', '')), { kind: 'unknown', reason: 'unavailable' }, { reason: 'unavailable' }],
  [
    '503 that names seconds',
    says(json('503 Unavailable', '', 'retry-after: 30\r\n')),
    { kind: 'retryable', sent: true, reason: 'unavailable', retryAfterMs: 30_000 },
    { reason: 'unavailable' },
  ],
  ['504', says(json('504 Gateway Time-out', '')), { kind: 'unknown', reason: 'unavailable' }, {}],
  ['no answer at all', () => {}, { kind: 'unknown', reason: 'timeout' }, { reason: 'timeout' }],
  [
    'headers that do not end',
    (socket) => socket.write('HTTP/1.1 200 OK\r\nx-slow: '),
    { kind: 'unknown', reason: 'timeout' },
    { reason: 'timeout' },
  ],
  [
    'a body that does not end',
    (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"orderNo"'),
    { kind: 'unknown', reason: 'timeout' },
    { reason: 'timeout' },
  ],
  ['something that is not HTTP', says('SSH-2.0-OpenSSH\r\n'), { kind: 'unknown', reason: 'broken_reply' }, {}],
  [
    'reset after the request',
    (socket) => socket.resetAndDestroy(),
    { kind: 'unknown', reason: 'broken_reply' },
    { reason: 'broken_reply' },
  ],
  ['closed after the request', (socket) => socket.end(), { kind: 'unknown', reason: 'broken_reply' }, {}],
];

const http = createHttpClient({ connectTimeoutMs: 1_000 });
const sockets = new Set<Socket>();
let server: Server;
let peer: Peer = () => {};

beforeAll(async () => {
  server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.once('data', () => peer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await http.close();
});

const request = {
  native: { lines: [] },
  naturalKey: 'xd1-1',
  idempotencyKey: 'd-1',
  correlationId: 'c-1',
};

function context(baseUrl: string, signal = new AbortController().signal): ConnectorContext {
  return {
    settings: { baseUrl, timeoutMs: 250, allowPrivateNetwork: true },
    secrets: { apiKey: 'k' },
    http,
    log: silentLogger,
    clock: systemClock,
    signal,
  };
}

async function both(baseUrl: string): Promise<{ outcome: Outcome; lookup: LookupResult | undefined }> {
  const operation = connectorOf('demo-erp')?.operations['order.create'];
  const outcome = await operation?.send(context(baseUrl), request);
  const lookup = await operation?.lookup?.(context(baseUrl), request);
  if (outcome === undefined) throw new Error('the ERP creates orders');
  return { outcome, lookup };
}

const here = (scheme = 'http'): string => `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;

test.each(classes)('%s', async (_name, does, outcome, lookup) => {
  peer = does;
  const answered = await both(here());
  expect(answered.outcome).toMatchObject(outcome);
  expect(answered.lookup).toMatchObject(lookup);
});

const aDay = 86_400_000;
test.each<[header: string, retryAfterMs: number | undefined]>([
  ['999999999', aDay],
  ['300000000000', aDay],
  ['99999999999999999999', aDay],
  ['9'.repeat(400), aDay],
  ['-5', 0],
  ['0', 0],
  ['Fri, 31 Dec 9999 23:59:59 GMT', aDay],
  ['Friday, 31-Dec-99 23:59:59 GMT', 0],
  ['Sun Nov  6 08:49:37 1994', 0],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
  ['Sun, 06 Nov 1994 08:49:37', undefined],
  ['2099-01-01', undefined],
  ['9999-12-31T23:59:59Z', undefined],
  ['1e9', undefined],
  ['soon 5', undefined],
  ['', undefined],
])('Retry-After: %s is of use up to a day, or of none', async (header, retryAfterMs) => {
  peer = says(json('429 Too Many', '', `retry-after: ${header}\r\n`));
  const { outcome } = await both(here());
  expect(outcome).toMatchObject({ kind: 'retryable', sent: false });
  expect((outcome as { retryAfterMs?: number }).retryAfterMs).toBe(retryAfterMs);
});

test('nobody listens: nothing was sent', async () => {
  const closed = createTcpServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const { outcome, lookup } = await both(`http://127.0.0.1:${port}`);
  expect(outcome).toMatchObject({ kind: 'retryable', sent: false, reason: 'unreachable' });
  expect(lookup).toMatchObject({ kind: 'unavailable', reason: 'unreachable' });
});

test('a name that does not exist: nothing was sent', async () => {
  const { outcome } = await both('http://erp.invalid');
  expect(outcome).toMatchObject({ kind: 'retryable', sent: false, reason: 'unreachable' });
});

test('a peer that does not speak TLS: nothing was sent', async () => {
  peer = says('HTTP/1.1 400 Bad Request\r\n\r\n');
  const { outcome } = await both(here('https'));
  expect(outcome).toMatchObject({ kind: 'retryable', sent: false, reason: 'unreachable' });
});

test("the hub's own end says nothing about the system", async () => {
  const stop = new AbortController();
  peer = () => stop.abort();
  const operation = connectorOf('demo-erp')?.operations['order.create'];
  const outcome = await operation?.send(context(here(), stop.signal), request);
  expect(outcome).toMatchObject({ kind: 'unknown' });
  expect(outcome).not.toHaveProperty('reason');
});
