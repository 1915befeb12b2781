import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { HubClient } from './hub-client.ts';
import { delay } from './lab-server.ts';
import { type PlannedException, plannedExceptions } from './planned-exceptions.ts';
import { replenishStock } from './replenish-stock.ts';
import type { Lab } from './supervisor.ts';

export interface TrafficOptions {
  lab: Lab;
  hubUrl: string;
  adminKey: string;
  /** Gentle: default 3. */
  ordersPerMinute?: number;
  /** Names the planned exceptions that have been played, so that a restart does not play them again; `{}`: all of them. */
  stateFile: string;
  log(line: string): void;
}

export interface Traffic {
  stop(): void;
}

const replenishEveryMs = 60_000;

/**
 * Background traffic of the demo: orders by every door at a gentle rate, the planned exceptions once, most near the
 * start, and receipts so that the shelves do not run empty overnight. What the hub refuses is its business; what does not
 * reach it is tried with the next order.
 */
export function startTraffic(options: TrafficOptions): Traffic {
  const hub = new HubClient(options.hubUrl, options.adminKey);
  let stopped = false;
  const timers = new Set<NodeJS.Timeout>();
  const attempt = async (what: string, act: () => Promise<void>): Promise<void> => {
    if (stopped) return;
    await act().catch((error: Error) => options.log(`${what}: ${error.message}`));
  };
  const orders = async (): Promise<void> => {
    for (let count = 0; !stopped; count += 1) {
      await attempt('order', () => placeOrder(options.lab, hub, count));
      const meanMs = 60_000 / (options.ordersPerMinute ?? 3);
      await delay(meanMs * (0.5 + Math.random()));
    }
  };
  const run = async (): Promise<void> => {
    await untilReady(hub, () => stopped);
    void orders();
    const left = exceptionsLeft(options.stateFile);
    const play = async (planned: PlannedException): Promise<void> => {
      await attempt(planned.name, () => planned.play(options.lab, hub));
      if (!stopped) notePlayed(options.stateFile, planned.name);
    };
    for (const planned of left.filter(({ afterMs }) => afterMs !== undefined)) {
      const timer = setTimeout(() => void play(planned), planned.afterMs);
      timers.add(timer);
    }
    for (const planned of left.filter(({ afterMs }) => afterMs === undefined)) {
      await play(planned);
      await delay(6_000);
      if (stopped) return;
    }
    while (!stopped) {
      await attempt('replenishment', () => replenishStock(hub, options.lab));
      await delay(replenishEveryMs);
    }
  };
  void run();
  return {
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function namesPlayed(stateFile: string): string[] {
  if (!existsSync(stateFile)) return [];
  const { played } = JSON.parse(readFileSync(stateFile, 'utf8')) as { played?: string[] };
  return played ?? plannedExceptions.map(({ name }) => name);
}

/** Those that have not been played yet in this folder. */
export function exceptionsLeft(stateFile: string): PlannedException[] {
  const played = namesPlayed(stateFile);
  return plannedExceptions.filter(({ name }) => !played.includes(name));
}

/** One by one: a demo that is stopped before the last of them goes on with the rest. */
export function notePlayed(stateFile: string, name: string): void {
  writeFileSync(stateFile, `${JSON.stringify({ played: [...namesPlayed(stateFile), name] })}\n`);
}

// Ridgeline has been applied once the hub knows what is on its shelves.
async function untilReady(hub: HubClient, isStopped: () => boolean): Promise<void> {
  while (!isStopped()) {
    const ready = await hub.get('/v1/availability?sku=LED').then(
      () => true,
      () => false,
    );
    if (ready) return;
    await delay(1_000);
  }
}

interface BasketLine {
  sku: string;
  quantity: number;
  uom: string;
  price: string;
}

// What is bought day by day; the prices are the list's. Helmets come from Reno, all else from Columbus as long as it has some.
const baskets: readonly (readonly BasketLine[])[] = [
  [{ sku: 'LED', quantity: 2, uom: 'EA', price: '18.00' }],
  [{ sku: 'HLM', quantity: 4, uom: 'EA', price: '24.00' }],
  [{ sku: 'BLT', quantity: 2, uom: 'BX', price: '11.00' }],
  [{ sku: 'GLV', quantity: 1, uom: 'CS', price: '42.50' }],
  [{ sku: 'CBL', quantity: 25, uom: 'FT', price: '0.80' }],
  [
    { sku: 'FLT13', quantity: 2, uom: 'EA', price: '9.00' },
    { sku: 'LED', quantity: 1, uom: 'EA', price: '18.00' },
  ],
  [
    { sku: 'BLT', quantity: 5, uom: 'BX', price: '11.00' },
    { sku: 'GLV', quantity: 20, uom: 'EA', price: '4.25' },
  ],
];

async function placeOrder(lab: Lab, hub: HubClient, count: number): Promise<void> {
  // Each basket comes by each door in turn.
  const lines = baskets[(count + Math.floor(count / baskets.length)) % baskets.length] ?? [];
  switch (count % 3) {
    case 0:
      await lab.control('partner', 'POST', '/_orders', {
        lines: lines.map(({ quantity, ...line }) => ({ ...line, quantity: String(quantity) })),
      });
      return;
    case 1:
      await lab.control('storefront', 'POST', '/_orders', {
        lineItems: lines.map(({ sku, quantity, uom, price }) => ({ sku, quantity, unit: uom, unitPrice: price })),
        shippingAddress: shoppers[count % shoppers.length],
      });
      return;
    default:
      await hub.post('/v1/orders', {
        channel: 'portal',
        customer: 'C200',
        customerPo: `AH-${randomUUID().slice(0, 8).toUpperCase()}`,
        lines: lines.map(({ sku, quantity, uom }) => ({ sku, quantity: { value: String(quantity), uom } })),
      });
  }
}

const shoppers = [
  {
    name: 'J. Alvarez',
    address1: '218 Oak Street',
    city: 'Dayton',
    provinceCode: 'OH',
    zip: '45402',
    countryCode: 'US',
  },
  {
    name: 'M. Chen',
    address1: '94 Birch Avenue',
    city: 'Fort Wayne',
    provinceCode: 'IN',
    zip: '46802',
    countryCode: 'US',
  },
  { name: 'R. Novak', address1: '7 Harbor Road', city: 'Erie', provinceCode: 'PA', zip: '16507', countryCode: 'US' },
];
