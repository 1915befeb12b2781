import { addDecimals, compareDecimals } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Demand } from './inventory-types.ts';

interface Supply {
  dueDate: string;
  quantity: string;
}

interface Waiter {
  demandKey: string;
  open: string;
}

// Only acknowledged purchase orders are trusted (domain "Availability to sell"). The queue stands in order of demand.
const expectedSql = {
  name: 'inventory-expected-dates',
  text: `SELECT
  (SELECT coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'dueDate', due_date, 'quantity', trim_scale(quantity)::text) ORDER BY due_date), '[]')
     FROM expected_supply WHERE sku = ANY($1::text[]) AND acknowledged AND quantity > 0) AS supply,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'demandKey', demand_key, 'open', trim_scale(open)::text)
            ORDER BY priority DESC, since, order_id, line_no), '[]')
     FROM stock_demand WHERE sku = ANY($1::text[])) AS waiting`,
};

/**
 * For waiting demands, by key: the date by which acknowledged supply covers them and everybody ahead of them. A demand
 * that no known supply covers has none.
 */
export async function expectedDates(tx: Tx, demands: readonly Demand[]): Promise<Map<string, string>> {
  const dates = new Map<string, string>();
  if (demands.length === 0) return dates;
  const skus = [...new Set(demands.map((demand) => demand.sku))];
  const [row] = await tx.query<{ supply: (Supply & { sku: string })[]; waiting: (Waiter & { sku: string })[] }>(
    expectedSql,
    [skus],
  );
  for (const sku of skus) {
    const supply = row?.supply.filter((each) => each.sku === sku) ?? [];
    const waiting = row?.waiting.filter((each) => each.sku === sku) ?? [];
    for (const [key, date] of datesOfQueue(supply, waiting)) dates.set(key, date);
  }
  return dates;
}

/** Walks the queue along the supply, earliest first. Pure. */
export function datesOfQueue(supply: readonly Supply[], waiting: readonly Waiter[]): Map<string, string> {
  const dates = new Map<string, string>();
  let covered = '0';
  let needed = '0';
  let next = 0;
  for (const { demandKey, open } of waiting) {
    needed = addDecimals(needed, open);
    while (compareDecimals(covered, needed) < 0 && next < supply.length) {
      covered = addDecimals(covered, supply[next++]!.quantity);
    }
    if (compareDecimals(covered, needed) < 0) break;
    dates.set(demandKey, supply[next - 1]!.dueDate);
  }
  return dates;
}
