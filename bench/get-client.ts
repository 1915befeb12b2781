/**
 * GET requests as fast as they are answered, in a process of its own: a number of connections, one request at a time on
 * each. Written on sockets, because an HTTP client costs more than the servers it is to measure.
 *
 *     node bench/get-client.ts '{"url": …, "headers": {…}, "connections": 64, "seconds": 5}'
 */
import { connect } from 'node:net';

export interface GetLoad {
  url: string;
  headers?: Record<string, string>;
  connections: number;
  seconds: number;
}

export interface GetResult {
  perSecond: number;
  requests: number;
  /** Of one answer, without its head. */
  bodyBytes: number;
}

const endOfHead = Buffer.from('\r\n\r\n');

/** One connection until the time is over; answers how many requests it had answered with 200. */
function oneConnection(load: GetLoad, endMs: number): Promise<{ requests: number; bodyBytes: number }> {
  const { hostname, port, pathname, search } = new URL(load.url);
  const lines = Object.entries(load.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `GET ${pathname}${search} HTTP/1.1\r\nhost: ${hostname}\r\n${lines.join('')}\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let requests = 0;
    let bodyBytes = 0;
    let rest: Buffer = Buffer.alloc(0);
    const next = (): void => {
      if (performance.now() < endMs) socket.write(request);
      else socket.end(() => resolve({ requests, bodyBytes }));
    };
    socket.once('connect', next);
    socket.once('error', reject);
    socket.on('data', (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const at = rest.indexOf(endOfHead);
      if (at < 0) return;
      const head = rest.toString('latin1', 0, at);
      bodyBytes = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
      if (!head.startsWith('HTTP/1.1 200') || Number.isNaN(bodyBytes)) {
        reject(new Error(`unexpected answer: ${rest.toString('utf8', 0, 400)}`));
        return;
      }
      if (rest.length < at + 4 + bodyBytes) return;
      rest = Buffer.alloc(0);
      requests += 1;
      next();
    });
  });
}

async function load(options: GetLoad): Promise<GetResult> {
  const startedMs = performance.now();
  const endMs = startedMs + options.seconds * 1000;
  const results = await Promise.all(Array.from({ length: options.connections }, () => oneConnection(options, endMs)));
  const requests = results.reduce((sum, each) => sum + each.requests, 0);
  const seconds = (performance.now() - startedMs) / 1000;
  return { perSecond: requests / seconds, requests, bodyBytes: results[0]?.bodyBytes ?? 0 };
}

if (import.meta.main) console.log(JSON.stringify(await load(JSON.parse(process.argv[2] ?? '{}') as GetLoad)));
