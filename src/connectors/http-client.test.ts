import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpClient, isReservedAddress } from './http-client.ts';

const client = createHttpClient();
let port: number;
let calls = 0;
const server = createServer((request, response) => {
  calls += 1;
  if (request.url === '/moved') response.writeHead(302, { location: '/' }).end();
  else response.end('{}');
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  await client.close();
  server.closeAllConnections();
  server.close();
});

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '169.254.169.254',
  '172.31.255.255',
  '192.168.1.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '64:ff9b::7f00:1',
  'fc00::1',
  'fe80::1',
  'ff02::1',
  '2002:7f00:1::',
  'not an address',
])('%s is not the public internet', (address) => {
  expect(isReservedAddress(address)).toBe(true);
});

test.each(['8.8.8.8', '172.32.0.1', '192.0.1.1', '2606:4700:4700::1111'])('%s is', (address) => {
  expect(isReservedAddress(address)).toBe(false);
});

// WHATWG URLs turn every spelling of an IPv4 address into its dotted form; names are classified when they are resolved.
test.each(['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '[::1]', '[::ffff:7f00:1]', 'localhost'])(
  'http://%s is refused before a byte is sent unless the connection allows private networks',
  async (host) => {
    const before = calls;
    const reply = await client.request({ method: 'GET', url: `http://${host}:${port}/`, timeoutMs: 2_000 });
    expect(reply).toMatchObject({ kind: 'failed', sent: false, forbidden: true });
    expect(calls).toBe(before);
  },
);

test('redirects are answers, not followed', async () => {
  const url = `http://127.0.0.1:${port}/moved`;
  const reply = await client.request({ method: 'GET', url, timeoutMs: 2_000, allowPrivateNetwork: true });
  expect(reply).toMatchObject({ kind: 'reply', status: 302 });
});

test('an aborted call that may have reached the peer says so', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const stop = new AbortController();
  silent.once('request', () => stop.abort());
  const reply = await client.request({
    method: 'POST',
    url: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`,
    body: {},
    timeoutMs: 5_000,
    signal: stop.signal,
    allowPrivateNetwork: true,
  });
  silent.closeAllConnections();
  silent.close();
  expect(reply).toMatchObject({ kind: 'failed', sent: true });
});
