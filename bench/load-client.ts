/**
 * The load of the hub's rows, in a process of its own: a number of connections, one request at a time on each (no
 * pipelining), for a number of seconds or of orders. Prints one line of JSON.
 *
 *     node bench/load-client.ts '{"url": …, "adminKey": …, "connections": 64, "seconds": 5, "name": "a", "perSecond": null}'
 */
import { openConnection } from './http-connection.ts';

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

const dayMs = 86_400_000;
const dayFromToday = (days: number): string => new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);

/** What every order of a run says besides its number: made once, so that the load costs the machine little. */
const template = JSON.stringify({
  channel: 'portal',
  customer: 'C200',
  customerPo: '%PO%',
  orderDate: dayFromToday(0),
  requestedDate: dayFromToday(7),
  windows: { requestedDelivery: dayFromToday(7), shipNotBefore: dayFromToday(1), cancelAfter: dayFromToday(30) },
  shipTo: 'MAIN',
  currency: 'USD',
  shipComplete: false,
  partnerRefs: { department: '0420', costCenter: 'SURG-77', buyer: 'R. Whitfield', requisition: 'REQ-2026-118842' },
  parties: [
    {
      role: 'BY',
      raw: { qualifier: '92', code: 'APEX-PROC' },
      name: 'Apex Hospital Procurement',
      address: {
        lines: ['1 Medical Plaza', 'Suite 400'],
        city: 'Cleveland',
        region: 'OH',
        postal: '44106',
        country: 'US',
      },
    },
    {
      role: 'ST',
      raw: { qualifier: '92', code: 'MAIN' },
      name: 'Apex Hospital Receiving',
      address: { lines: ['1 Medical Plaza, Dock C'], city: 'Cleveland', region: 'OH', postal: '44106', country: 'US' },
    },
  ],
  freight: {
    payer: 'seller',
    scac: 'UPSN',
    service: 'Ground',
    routing: 'Deliver to dock C, call receiving one hour ahead',
  },
  terms: { code: '01', netDays: 30, text: 'Net 30 days' },
  notes: ['Mark every carton with the requisition number. No deliveries after 3 pm.'],
  lines: [
    {
      customerLineNo: '1',
      sku: 'BLT',
      buyerItem: 'AH-1002-M10',
      description: 'Hex bolt M10, zinc plated, box of 100',
      quantity: { value: '1', uom: 'BX' },
      price: { value: '11.00', currency: 'USD', perQty: '100', uom: 'EA' },
      priceBasis: 'CT',
      requestedDate: dayFromToday(7),
    },
    {
      customerLineNo: '2',
      sku: 'LED',
      buyerItem: 'AH-1008-LED',
      description: 'LED work light, rechargeable',
      quantity: { value: '1', uom: 'EA' },
      price: { value: '18.00', currency: 'USD', perQty: '1', uom: 'EA' },
      requestedDate: dayFromToday(7),
    },
  ],
});

/** An order as a portal sends it: two lines with their prices, windows, parties and references; about 1.5 KB. */
export function orderBody(customerPo: string): string {
  return template.replace('%PO%', customerPo);
}

async function load(options: LoadOptions): Promise<LoadResult> {
  const url = new URL(options.url);
  const latenciesMs: number[] = [];
  const failures: Record<string, number> = {};
  const write = requestWriter(options, url.host);
  const connections = await Promise.all(Array.from({ length: options.connections }, () => openConnection(url)));
  let sent = 0;
  const startedMs = performance.now();
  const endMs = startedMs + options.seconds * 1000;

  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < endMs) {
        const number = sent++;
        if (options.perSecond !== undefined) {
          const waitMs = startedMs + (number / options.perSecond) * 1000 - performance.now();
          if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        }
        const beganMs = performance.now();
        const { status } = await connection.send(write(`${options.name}-${number}`));
        latenciesMs.push(performance.now() - beganMs);
        if (status !== 201) failures[status] = (failures[status] ?? 0) + 1;
      }
    }),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  for (const connection of connections) connection.close();
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

/** Whole requests as text; the bodies are ASCII, so that their length is their size. */
function requestWriter(options: LoadOptions, host: string): (po: string) => string {
  const { path = '/v1/orders', method = 'POST' } = options;
  const start = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n`;
  if (method === 'GET') return () => `${start}\r\n`;
  const head = `${start}Authorization: Bearer ${options.adminKey}\r\nContent-Type: application/json\r\n`;
  return (po) => {
    const body = options.invalid === true ? orderBody(po).replace('"EA"', '0') : orderBody(po);
    return `${head}Idempotency-Key: ${po}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  };
}

if (import.meta.main) console.log(JSON.stringify(await load(JSON.parse(process.argv[2] ?? '{}') as LoadOptions)));
