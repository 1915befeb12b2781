import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { randomStream } from '../../simulation/random.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

async function proxyTo(port: number): Promise<FaultProxy> {
  const proxy = await startFaultProxy({ target: { host: '127.0.0.1', port }, random: randomStream(1, 'proxy') });
  ending.push(() => proxy.close());
  return proxy;
}

/** A web server that counts what reached it, behind a proxy. */
async function web(answer = 'ok'): Promise<{ proxy: FaultProxy; requests: string[]; get(): Promise<string> }> {
  const requests: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${request.method} ${request.url}`);
    response.end(answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ending.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const proxy = await proxyTo((server.address() as AddressInfo).port);
  const get = async (): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${proxy.port}/`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(2_000),
    });
    return response.text();
  };
  return { proxy, requests, get };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

test('what is sound passes unchanged, also much of it', async () => {
  const big = 'x'.repeat(3_000_000);
  const { get } = await web(big);
  expect(await get()).toBe(big);
});

test('latency holds every piece back', async () => {
  const { proxy, get } = await web();
  proxy.set({ down: { latencyMs: 150 } });
  expect(await timed(get)).toBeGreaterThanOrEqual(145);
});

test('bandwidth: ten thousand bytes at fifty thousand a second take a fifth of a second', async () => {
  const { proxy, get } = await web('y'.repeat(10_000));
  proxy.set({ down: { bytesPerSecond: 50_000 } });
  expect(await timed(get)).toBeGreaterThanOrEqual(190);
});

test('slices arrive whole, one after the other', async () => {
  const { proxy, get } = await web('0123456789');
  proxy.set({ down: { slice: { bytes: 7, restMs: 5 } }, up: { slice: { bytes: 3, restMs: 1 } } });
  expect(await get()).toBe('0123456789');
});

test('a lost reply: the request arrived and its sender cannot know', async () => {
  const { proxy, requests, get } = await web();
  proxy.set({ down: { lossChance: 1 } });
  await expect(get()).rejects.toThrow('fetch failed');
  expect(requests).toEqual(['GET /']);
  expect(proxy.losses).toBe(1);
  proxy.set({});
  expect(await get()).toBe('ok');
});

test('limited data breaks off in the middle', async () => {
  const { proxy, requests, get } = await web('z'.repeat(5_000));
  proxy.set({ down: { limitBytes: 1_000 } });
  await expect(get()).rejects.toThrow(/terminated|fetch failed/);
  expect(requests.length).toBe(1);
});

test('a time-out swallows everything and cuts the connection in the end', async () => {
  const { proxy, requests, get } = await web();
  proxy.set({ up: { timeoutMs: 100 } });
  const tookMs = await timed(() => expect(get()).rejects.toThrow('fetch failed'));
  expect(tookMs).toBeGreaterThanOrEqual(95);
  expect(requests).toEqual([]);
});

test('down refuses, reset cuts off, up lets in again', async () => {
  const { proxy, get } = await web();
  const idle = connect(proxy.port, '127.0.0.1');
  await once(idle, 'connect');
  const cut = once(idle, 'error');
  while (proxy.openConnections === 0) await new Promise(setImmediate);
  proxy.down();
  expect(((await cut)[0] as NodeJS.ErrnoException).code).toBe('ECONNRESET');
  expect(proxy.openConnections).toBe(0);
  await expect(get()).rejects.toThrow('fetch failed');
  proxy.up();
  expect(await get()).toBe('ok');
});

test('a slow close tells the end later than the last byte', async () => {
  const server = createTcpServer((socket) => socket.end('bye')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ending.push(() => server.close());
  const proxy = await proxyTo((server.address() as AddressInfo).port);
  proxy.set({ down: { slowCloseMs: 150 } });
  const client = connect(proxy.port, '127.0.0.1');
  await once(client, 'data');
  expect(await timed(() => once(client, 'end'))).toBeGreaterThanOrEqual(140);
  client.destroy();
});
