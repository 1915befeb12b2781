import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';

let api: TestApi;
let port: number;
const open: ClientRequest[] = [];
const megabyte = Buffer.alloc(1024 * 1024, 0x20);

beforeAll(async () => {
  api = await testApi();
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  port = (api.app.server.address() as AddressInfo).port;
});
afterEach(() => {
  for (const one of open.splice(0)) one.destroy();
});
afterAll(() => api?.stop());

const json = { 'content-type': 'application/json' };
const signed = { ...json, 'webhook-id': 'w', 'webhook-timestamp': '1', 'webhook-signature': 'v1,x' };

interface Answer {
  status: number;
  code: unknown;
  retryAfter: unknown;
}

interface Sending {
  readonly request: ClientRequest;
  readonly answer: Promise<Answer>;
}

function send(path: string, headers: object): Sending {
  const one = request({ port, host: '127.0.0.1', method: 'POST', path, headers: { ...headers } });
  open.push(one);
  const answer = once(one, 'response').then(async ([reply]: IncomingMessage[]) => {
    let text = '';
    for await (const chunk of reply!) text += String(chunk);
    const { code } = JSON.parse(text) as { code: unknown };
    return { status: reply!.statusCode!, code, retryAfter: reply!.headers['retry-after'] };
  });
  answer.catch(() => {});
  one.on('error', () => {});
  return { request: one, answer };
}

/** Begins a body and does not end it. */
async function begin(path: string, headers: object, megabytes: number): Promise<Sending> {
  const sending = send(path, headers);
  for (let sent = 0; sent < megabytes; sent++) {
    const written = new Promise<void>((resolve) => sending.request.write(megabyte, () => resolve()));
    await Promise.race([written, sending.answer.catch(() => {})]);
  }
  return sending;
}

/** Begins and ends a body of so many bytes. */
function whole(path: string, headers: object, bytes: number): Promise<Answer> {
  const { request: one, answer } = send(path, headers);
  one.end(Buffer.alloc(bytes, 0x20));
  return answer;
}

describe('bodies', () => {
  it('are as large as their route needs, and no more is read', async () => {
    const declared = send('/v1/session', { ...json, 'content-length': 10 * 1024 * 1024 });
    declared.request.flushHeaders();
    expect(await declared.answer).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' });
    const streamed = send('/v1/session', json);
    streamed.request.write(Buffer.alloc(9_000, 0x20));
    expect(await streamed.answer).toMatchObject({ status: 413 });
    const auth = { ...json, authorization: `Bearer ${api.adminKey}` };
    expect(await whole('/v1/api-keys', auth, 1024 * 1024 + 1)).toMatchObject({ status: 413 });
    expect(await whole('/v1/api-keys', auth, 1024 * 1024)).toMatchObject({ status: 400 });
    expect(await whole('/v1/no-such-thing', json, 1024)).toMatchObject({ status: 404 });
  });

  it('of who has shown nothing are bounded together; everyday ones and those of known clients go on', async () => {
    const held: Sending[] = [];
    for (let n = 0; n < 3; n++) held.push(await begin('/v1/webhooks/erp', signed, 9));
    const refused = await begin('/v1/webhooks/erp', signed, 9);
    expect(await refused.answer).toEqual({ status: 503, code: 'OVERLOADED', retryAfter: '1' });
    expect(await whole('/v1/webhooks/erp', { ...signed, 'content-length': 9_000_000 }, 9_000_000)).toMatchObject({
      status: 503,
    });
    expect(await whole('/v1/webhooks/erp', signed, 16 * 1024)).toMatchObject({ status: 401 });
    const auth = { ...json, authorization: `Bearer ${api.adminKey}`, 'idempotency-key': 'k' };
    expect(await whole('/v1/orders', auth, 9_000_000)).toMatchObject({ status: 400, code: 'MALFORMED_JSON' });
    // What they held is given back, whether they broke off or were answered.
    held[0]!.request.destroy();
    held[1]!.request.end();
    expect(await held[1]!.answer).toMatchObject({ status: 401 });
    for (let n = 0; n < 8; n++) {
      await expect.poll(() => whole('/v1/webhooks/erp', signed, 9_000_000)).toMatchObject({ status: 401 });
    }
  });

  it('without a signature are not read where one is needed', async () => {
    const { request: one, answer } = send('/v1/webhooks/erp', json);
    one.write(' ');
    expect(await answer).toMatchObject({ status: 401, code: 'SIGNATURE_INVALID' });
  });
});
