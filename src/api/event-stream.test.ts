import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyReply } from 'fastify';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { putRidgeline } from '../../test/harness/ridgeline-data.ts';
import { systemClock } from '../platform/index.ts';
import { createEventStreams } from './event-stream.ts';

let api: TestApi;
let url: string;

beforeAll(async () => {
  api = await testApi();
  // Streams wait for real sockets, so that they run on real time here.
  (api.services as { clock: unknown }).clock = { ...systemClock, now: () => api.clock.now() };
  url = await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => api?.stop());

function publish(
  tenantId: string,
  orderId: string,
  type: 'sales.order.received' | 'sales.order.accepted' = 'sales.order.received',
) {
  return api.database.app.tx(tenantId, (tx) =>
    api.services.events.publish(tx, [
      {
        type,
        entity: { kind: 'order', id: orderId },
        key: orderId,
        orderId,
        correlationId: `c-${orderId}`,
        data: { text: 'two\nlines' },
      },
    ]),
  );
}

const oneLamp = [{ sku: 'LED', quantity: { value: '1', uom: 'EA' } }];

interface Heard {
  id: string;
  event: string;
  data: { orderId: string; orderNo?: string; type: string; data: { text: string } };
}

/** Listens until `count` events came, then hangs up. */
async function listen(
  count: number,
  options: { query?: string; lastEventId?: string; ready?: () => Promise<unknown> } = {},
): Promise<Heard[]> {
  const abort = new AbortController();
  const response = await fetch(`${url}/v1/events${options.query ?? ''}`, {
    signal: abort.signal,
    headers: {
      authorization: `Bearer ${api.adminKey}`,
      ...(options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }),
    },
  });
  expect(response.headers.get('content-type')).toMatch('text/event-stream');
  expect(response.headers.get('traceparent')).toBeTruthy();
  await options.ready?.();
  const heard: Heard[] = [];
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
      if (fields.id !== undefined) heard.push({ id: fields.id, event: fields.event!, data: JSON.parse(fields.data!) });
    }
    if (heard.length >= count) break;
  }
  abort.abort();
  return heard;
}

describe('GET /v1/events', () => {
  it('tells what happens from now on, each event once and in order', async () => {
    await publish('acme', 'before');
    const heard = await listen(3, {
      ready: async () => {
        for (const id of ['a', 'b', 'c']) await publish('acme', id);
      },
    });
    expect(heard.map((event) => event.data.orderId)).toEqual(['a', 'b', 'c']);
    expect(heard[0]).toMatchObject({
      event: 'sales.order.received',
      data: { type: 'sales.order.received', data: { text: 'two\nlines' } },
    });
  });

  it('says what people call the order, live and again', async () => {
    await putRidgeline(api);
    const reply = await api.app.inject({
      method: 'POST',
      url: '/v1/orders',
      headers: { authorization: `Bearer ${api.adminKey}`, 'idempotency-key': 'streamed' },
      payload: { channel: 'portal', customer: 'C200', customerPo: 'P-streamed', lines: oneLamp },
    });
    const { id, orderNo } = reply.json();
    const [past] = await listen(1, { query: `?orderId=${id}&types=sales.order.received&recent=1` });
    const ofOrder = { query: `?orderId=${id}&types=sales.order.accepted` };
    const accept = () => publish('acme', id, 'sales.order.accepted');
    const [live] = await listen(1, { ...ofOrder, ready: accept });
    const [missed] = await listen(1, { ...ofOrder, lastEventId: past!.id });
    for (const heard of [past, live, missed]) expect(heard!.data).toMatchObject({ orderId: id, orderNo });
    expect(missed!.id).toBe(live!.id);
  });

  it('goes on after the event that was seen last, without a gap and without a repeat', async () => {
    const [first] = await listen(1, { ready: () => publish('acme', 'seen') });
    await publish('acme', 'missed-1');
    await publish('acme', 'missed-2');
    const heard = await listen(3, { lastEventId: first!.id, ready: () => publish('acme', 'live') });
    expect(heard.map((event) => event.data.orderId)).toEqual(['missed-1', 'missed-2', 'live']);
  });

  it('tells everything that was missed, however much it is', { timeout: 60_000 }, async () => {
    const [first] = await listen(1, { ready: () => publish('acme', 'seen-before-much') });
    const text = 'x'.repeat(600);
    const ids = Array.from({ length: 6_000 }, (_, n) => `much-${n}`);
    for (let at = 0; at < ids.length; at += 1_000) {
      await api.database.app.tx('acme', (tx) =>
        api.services.events.publish(
          tx,
          ids.slice(at, at + 1_000).map((key) => ({
            type: 'sales.order.received',
            entity: { kind: 'order', id: key },
            key,
            orderId: key,
            correlationId: key,
            data: { text },
          })),
        ),
      );
    }
    const heard = await listen(ids.length + 1, { lastEventId: first!.id, ready: () => publish('acme', 'after-much') });
    expect(heard.map((event) => event.data.orderId)).toEqual([...ids, 'after-much']);
  });

  it.each(['01940000-0000-7000-8000-000000000000', 'nonsense'])(
    'says that it does not know the event to go on after, and goes on from now: %s',
    async (lastEventId) => {
      const [newest] = await listen(1, { ready: () => publish('acme', 'newest') });
      await vi.waitFor(async () => {
        const [last] = await listen(1, { query: '?recent=1', ready: () => publish('other', 'foreign') });
        expect(last?.data.orderId).toBe('newest');
      }, 10_000);
      const [reset, live] = await listen(2, { lastEventId, ready: () => publish('acme', 'after-reset') });
      expect(reset).toMatchObject({ event: 'reset', id: newest!.id, data: { type: 'reset' } });
      expect(live?.data.orderId).toBe('after-reset');
    },
  );

  it('begins with the last few that have happened, when asked, and goes on without a repeat', async () => {
    for (const id of ['past-1', 'past-2', 'past-3']) await publish('acme', id);
    // They belong to the past once nothing older is open in the server, which other tests share.
    await vi.waitFor(async () => {
      const [last] = await listen(1, { query: '?recent=1', ready: () => publish('other', 'foreign') });
      expect(last?.data.orderId).toBe('past-3');
    }, 10_000);
    const heard = await listen(3, { query: '?recent=2', ready: () => publish('acme', 'now') });
    expect(heard.map((event) => event.data.orderId)).toEqual(['past-2', 'past-3', 'now']);
  });

  it('tells only what was asked for', async () => {
    const heard = await listen(1, {
      query: '?types=sales.order.accepted&orderId=mine',
      ready: async () => {
        await publish('acme', 'mine');
        await publish('acme', 'theirs', 'sales.order.accepted');
        await publish('acme', 'mine', 'sales.order.accepted');
      },
    });
    expect(heard.map((event) => `${event.event} ${event.data.orderId}`)).toEqual(['sales.order.accepted mine']);
  });

  it('tells of one correlation, beginning with the last few of its own', async () => {
    for (const id of ['told', 'noise-1', 'noise-2']) await publish('acme', id);
    await vi.waitFor(async () => {
      const [last] = await listen(1, { query: '?recent=1', ready: () => publish('other', 'foreign') });
      expect(last?.data.orderId).toBe('noise-2');
    }, 10_000);
    const heard = await listen(2, {
      query: '?correlationId=c-told&recent=1',
      ready: async () => {
        await publish('acme', 'noise-3');
        await publish('acme', 'told', 'sales.order.accepted');
      },
    });
    expect(heard.map((event) => `${event.event} ${event.data.orderId}`)).toEqual([
      'sales.order.received told',
      'sales.order.accepted told',
    ]);
  });

  it('never tells one tenant about another', async () => {
    const heard = await listen(1, {
      ready: async () => {
        await publish('other', 'foreign');
        await publish('acme', 'own');
      },
    });
    expect(heard.map((event) => event.data.orderId)).toEqual(['own']);
  });

  it('misses nothing for listeners that come at the same moment, while much happens', async () => {
    const [seen] = await listen(1, { ready: () => publish('acme', 'n0') });
    // Long enough for the stream to end, so that all of these begin a new one together.
    await new Promise((resolve) => setTimeout(resolve, 700));
    const busy = (async () => {
      for (let n = 1; n <= 120; n++) await publish('acme', `n${n}`);
    })();
    const all = await Promise.all(Array.from({ length: 8 }, () => listen(120, { lastEventId: seen!.id })));
    await busy;
    const expected = Array.from({ length: 120 }, (_, n) => `n${n + 1}`);
    for (const heard of all) expect(heard.map((event) => event.data.orderId)).toEqual(expected);
  });

  it('serves many listeners, each from its own place', async () => {
    const [last] = await listen(1, { ready: () => publish('acme', 'm0') });
    let listening = 0;
    const ready = async () => void listening++;
    const late = listen(2, { lastEventId: last!.id, ready });
    const fresh = Array.from({ length: 10 }, () => listen(1, { ready }));
    await vi.waitFor(() => expect(listening).toBe(11));
    await publish('acme', 'm1');
    await publish('acme', 'm2');
    expect((await late).map((event) => event.data.orderId)).toEqual(['m1', 'm2']);
    for (const heard of await Promise.all(fresh)) expect(heard[0]?.data.orderId).toBe('m1');
  });
});

describe('a stream', () => {
  it('ends with its key, at the next heartbeat', async () => {
    const headers = { authorization: `Bearer ${api.adminKey}` };
    const payload = { name: 'listener', roles: ['operations'] };
    const made = (await api.app.inject({ method: 'POST', url: '/v1/api-keys', headers, payload })).json();
    // A clock on which a heartbeat is due whenever the stream looks.
    let beats = 0;
    const hasty = { ...systemClock, now: () => api.clock.now(), monotonicMs: () => (beats += 20_000) };
    const streams = createEventStreams({ ...api.services, clock: hasty });
    const server = createServer((_request, response) => {
      const reply = { raw: response, hijack: () => {}, getHeaders: () => ({}) } as unknown as FastifyReply;
      const isAllowed = async () => (await api.services.security.authenticateKey(made.key)) !== undefined;
      void streams.open({ tenantId: 'acme', reply, filter: {}, isAllowed });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      while (!text.includes(': beat')) text += (await reader.read()).value ?? '';
      await api.app.inject({ method: 'DELETE', url: `/v1/api-keys/${made.id}`, headers });
      for (let ended = false; !ended; ) ended = (await reader.read()).done;
    } finally {
      streams.close();
      server.close();
    }
  });
});
