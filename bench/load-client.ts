/**
 * The load of the hub's rows, in a process of its own: a number of connections, one request at a time on each (no
 * pipelining), for a number of seconds or of orders. Prints one line of JSON.
 *
 *     node bench/load-client.ts '{"url": …, "adminKey": …, "connections": 64, "seconds": 5, "name": "a", "perSecond": null}'
 */
import { Pool } from 'undici';

export interface LoadOptions {
  url: string;
  adminKey: string;
  connections: number;
  seconds: number;
  /** Makes POs and keys of this run its own. */
  name: string;
  /** Paced when given: this many orders per second over all connections. */
  perSecond?: number;
  /** Other requests than orders: for what HTTP alone costs. */
  path?: string;
  method?: 'GET' | 'POST';
  /** Orders that validation refuses: for what it costs to get that far. */
  invalid?: boolean;
}

export interface LoadResult {
  orders: number;
  seconds: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** What else came than 201. */
  failures: Record<string, number>;
}

/** Two lines, 1.5 KB: an order as a portal sends it, with what else portals tell in its references. */
export function orderBody(customerPo: string): string {
  return JSON.stringify({
    channel: 'portal',
    customer: 'C200',
    customerPo,
    lines: [
      { sku: 'BLT', quantity: { value: '1', uom: 'BX' } },
      { sku: 'LED', quantity: { value: '1', uom: 'EA' } },
    ],
  });
}

async function load(options: LoadOptions): Promise<LoadResult> {
  const pool = new Pool(options.url, { connections: options.connections, pipelining: 1 });
  const latenciesMs: number[] = [];
  const failures: Record<string, number> = {};
  const headers = { authorization: `Bearer ${options.adminKey}`, 'content-type': 'application/json' };
  let sent = 0;
  const startedMs = performance.now();
  const endMs = startedMs + options.seconds * 1000;

  async function one(): Promise<void> {
    const number = sent++;
    if (options.perSecond !== undefined) {
      const dueMs = startedMs + (number / options.perSecond) * 1000;
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
    const po = `${options.name}-${number}`;
    const beganMs = performance.now();
    const method = options.method ?? 'POST';
    const response = await pool.request({
      path: options.path ?? '/v1/orders',
      method,
      headers: method === 'GET' ? {} : { ...headers, 'idempotency-key': po },
      body: method === 'GET' ? null : orderBody(po).replace('"EA"', options.invalid === true ? '0' : '"EA"'),
    });
    await response.body.dump();
    latenciesMs.push(performance.now() - beganMs);
    if (response.statusCode !== 201) failures[response.statusCode] = (failures[response.statusCode] ?? 0) + 1;
  }

  await Promise.all(
    Array.from({ length: options.connections }, async () => {
      while (performance.now() < endMs) await one();
    }),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  await pool.close();
  latenciesMs.sort((a, b) => a - b);
  const at = (share: number): number =>
    latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))] ?? 0;
  return {
    orders: latenciesMs.length,
    seconds,
    perSecond: latenciesMs.length / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    failures,
  };
}

if (import.meta.main) console.log(JSON.stringify(await load(JSON.parse(process.argv[2] ?? '{}') as LoadOptions)));
