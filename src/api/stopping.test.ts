import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(() => api?.stop());

it('a hub that stops answers what is under way, and says to who comes later that it does', async () => {
  const url = new URL(await api.app.listen({ port: 0, host: '127.0.0.1' }));
  const socket = connect(Number(url.port), url.hostname);
  let heard = '';
  socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
  const begun = once(api.app.server, 'request');
  socket.write(
    `POST /v1/customers HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer ${api.adminKey}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{`,
  );
  await begun;
  const closed = api.app.close();
  // The rest of the first one, and on the same connection another.
  socket.write(`}GET /v1/orders HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer ${api.adminKey}\r\n\r\n`);
  await Promise.all([closed, once(socket, 'close')]);
  const [, first, second] = heard.split('HTTP/1.1 ');
  expect(first).toMatch(/^4\d\d /);
  expect(first).not.toContain('STOPPING');
  expect(second).toMatch(/^503 /);
  expect(second).toMatch(/retry-after: 5/i);
  expect(second).toMatch(/connection: close/i);
  expect(second).toContain('"code":"STOPPING"');
});
