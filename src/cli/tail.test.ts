import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readServerSentEvents } from './server-sent-events.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

async function eventsOf(...chunks: string[]) {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield new TextEncoder().encode(chunk);
  }
  const found: unknown[] = [];
  for await (const event of readServerSentEvents(bytes())) found.push(event);
  return found;
}

test('a stream of events is read wherever its chunks end', async () => {
  const text =
    'retry: 2000\n\nid: 1\r\nevent: a\r\ndata: {"x":1}\r\n\r\n: beat\n\nid:2\ndata: one\ndata: two\n\nid: 3\ndata: lost';
  const whole = [
    { id: '1', data: '{"x":1}' },
    { id: '2', data: 'one\ntwo' },
  ];
  expect(await eventsOf(text)).toEqual(whole);
  expect(await eventsOf(...text.split(''))).toEqual(whole);
});

/** A hub that answers each connection in its turn. */
async function withHub<T>(
  answers: ((request: IncomingMessage, response: ServerResponse) => void)[],
  use: (url: string) => Promise<T>,
): Promise<T> {
  const server = createServer((request, response) => {
    const answer = answers.shift();
    if (answer === undefined) response.destroy();
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const event = (id: string): string =>
  `id: ${id}\ndata: ${JSON.stringify({ id, type: 't.\u001b[2J', entity: { kind: 'order', id: 'o' }, correlationId: 'c', recordedAt: '2026-01-01T00:00:00.000Z' })}\n\n`;
const streams =
  (...texts: string[]) =>
  (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const text of texts) response.write(text);
  };

function tail(url: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, CROSSDOCK_URL: url, CROSSDOCK_ADMIN_KEY: 'k' };
    execFile(process.execPath, [main, 'tail', ...args], { env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

test('a stream that ends is taken up where it stopped, also when it breaks in the middle of an event', {
  timeout: 60_000,
}, async () => {
  const asked: unknown[] = [];
  const noting =
    (answer: (request: IncomingMessage, response: ServerResponse) => void) =>
    (request: IncomingMessage, response: ServerResponse) => {
      asked.push([request.url, request.headers['last-event-id']]);
      answer(request, response);
    };
  const { code, out, err } = await withHub(
    [
      noting((request, response) => {
        streams(event('e1'))(request, response);
        response.end();
      }),
      noting((_request, response) => response.destroy()),
      noting((request, response) => {
        streams(event('e2'), event('e3').slice(0, 20))(request, response);
        setTimeout(() => response.destroy(), 50);
      }),
      noting(streams(event('e3'))),
    ],
    (url) => tail(url, '--recent', '7', '--count', '3', '--json'),
  );
  expect(code).toBe(0);
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id),
  ).toEqual(['e1', 'e2', 'e3']);
  expect(asked).toEqual([
    ['/v1/events?recent=7', undefined],
    ['/v1/events?', 'e1'],
    ['/v1/events?', 'e1'],
    ['/v1/events?', 'e2'],
  ]);
  expect(err).toContain('connected again');
});

test('a hub that does not know what was seen last is said to, and is gone on with', { timeout: 60_000 }, async () => {
  const reset = 'id: e5\nevent: reset\ndata: {"id":"e5","type":"reset","message":"gone"}\n\n';
  const { code, out, err } = await withHub([streams(reset, event('e6'))], (url) => tail(url, '--count', '1', '--json'));
  expect([code, JSON.parse(out).id]).toEqual([0, 'e6']);
  expect(err).toContain('is not shown');
});

test('what came from outside does not steer the terminal', { timeout: 60_000 }, async () => {
  const { out } = await withHub([streams(event('e1'))], (url) => tail(url, '--count', '1'));
  expect(out).toContain('t.\\x1b[2J');
  expect(out).not.toContain('\u001b');
});

test('a hub that turns the key away meanwhile ends it', { timeout: 60_000 }, async () => {
  const answers = [
    (request: IncomingMessage, response: ServerResponse) => {
      streams(event('e1'))(request, response);
      response.end();
    },
    (_request: IncomingMessage, response: ServerResponse) =>
      void response.writeHead(401).end('{"code":"UNAUTHENTICATED"}'),
  ];
  const { code, err } = await withHub(answers, (url) => tail(url));
  expect(code).toBe(4);
  expect(err).toContain('UNAUTHENTICATED');
});
