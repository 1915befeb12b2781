import { expect } from 'vitest';
import { applySnapshots, availability, type Demand, putLocations } from '../../src/inventory/index.ts';
import type { Location } from '../../src/model/index.ts';
import { type Tx, uuidv7 } from '../../src/platform/index.ts';
import type { TestDatabase } from '../harness/index.ts';

export const now = new Date('2026-06-01T13:00:00Z');
export const shipDate = '2026-06-01';

function site(code: string, priority: number, sellable = true): Location {
  return { code, name: code, kind: 'warehouse', timeZone: 'America/New_York', sellable, priority };
}

const sites = [site('DC1', 1), site('DC2', 2), site('BR3', 3), site('VM6', 9, false)];

export interface OpeningStock {
  location: string;
  sku: string;
  quantity: string;
  lot?: string;
  expiry?: string;
}

/** Runs a transaction in the company's tenant. */
export type RunTx = <T>(fn: (tx: Tx) => Promise<T>) => Promise<T>;

let tenants = 0;

/** A tenant of its own with the sites and the given stock; answers a way to run transactions in it. */
export async function stockCompany(database: TestDatabase, stock: readonly OpeningStock[]): Promise<RunTx> {
  const tenant = `stock-${++tenants}`;
  const run = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => database.app.tx(tenant, fn);
  await run(async (tx) => {
    await putLocations(tx, sites, { now });
    const snapshots = [...Map.groupBy(stock, (each) => each.location)].map(([location, positions]) => ({
      location,
      asOf: now,
      asOfSeq: 1,
      positions,
    }));
    await applySnapshots(tx, snapshots, now);
  });
  return run;
}

let orders = 0;
export function orderLine(
  sku: string,
  quantity: string,
  more: Partial<Demand> = {},
): Demand & { orderId: string; lineNo: number } {
  const orderId = more.orderId ?? uuidv7();
  return {
    key: `order:${orderId}:${++orders}`,
    orderId,
    lineNo: 1,
    sku,
    quantity,
    channel: 'portal',
    hard: true,
    shipDate,
    partial: true,
    backorder: true,
    ...more,
  } as Demand & { orderId: string; lineNo: number };
}

export const led: OpeningStock[] = [
  { location: 'DC1', sku: 'LED', quantity: '50' },
  { location: 'DC2', sku: 'LED', quantity: '10' },
  { location: 'BR3', sku: 'LED', quantity: '8' },
];
export const ledPolicies = [
  { sku: 'LED', location: 'DC1', safetyStock: '10' },
  { sku: 'LED', location: 'BR3', safetyStock: '2' },
  { sku: 'LED', channel: 'marketplace', buffer: '5' },
];

export async function atsOf(tx: Tx, sku: string, channel = 'portal', minShelfDays = 0): Promise<string> {
  const [terms] = await availability(tx, { skus: [sku], channels: [channel], shipDate, minShelfDays, now });
  return terms!.ats;
}

/** Every position is the sum of its log, whatever happened. */
export async function expectBookToMatchLog(run: RunTx): Promise<void> {
  const rows = await run((tx) =>
    tx.query<{ broken: number }>(`SELECT count(*)::int AS broken FROM inventory_position p
      FULL JOIN (SELECT sku, location, lot, owner, status, sum(on_hand_delta) FILTER (WHERE applied) AS on_hand,
          sum(hard_delta) AS hard, sum(soft_delta) AS soft FROM inventory_transaction GROUP BY 1, 2, 3, 4, 5) t
        USING (sku, location, lot, owner, status)
      WHERE p.on_hand IS DISTINCT FROM t.on_hand OR p.hard_allocated IS DISTINCT FROM t.hard OR p.soft_reserved IS DISTINCT FROM t.soft`),
  );
  expect(rows[0]!.broken).toBe(0);
}
