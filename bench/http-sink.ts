/**
 * Where both sides of the shipping rows deliver to, a process of its own: takes any PUT or POST for a new document, answers
 * like an ERP, and counts. Prints its address.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

let taken = 0;

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const answer = (status: number, body: unknown): void => {
    const text = JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  };
  request.resume();
  request.once('end', () => {
    if (request.method === 'GET') return answer(200, { ok: true, taken });
    taken += 1;
    answer(201, { orderNo: `SO-${taken}`, externalId: request.url?.split('/').at(-1), revision: 1 });
  });
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
