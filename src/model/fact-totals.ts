import { addDecimals, type DecimalText, maxDecimal } from './decimal.ts';
import type { FulfillmentFact } from './fulfillment.ts';
import type { LineFactTotals } from './milestones.ts';

/** The newest fact of one (source, document, line, kind), its quantity in base units. */
export interface CountedFact {
  source: string;
  document: string;
  lineNo: number;
  kind: FulfillmentFact['kind'];
  quantity: DecimalText;
  fulfillmentNo?: string;
  shipmentNo?: string;
}

/**
 * What facts amount to, per line. Per fulfilment order: documents of a source add up, then the furthest source counts;
 * fulfilment orders add up; a source that knows none (an ERP's totals) is compared with that sum. A voided shipment
 * takes every source's `shipped` and `delivered` with it. Neither the order nor the repetition of facts matters.
 */
export function totalFacts(
  facts: readonly CountedFact[],
  voidedShipments: ReadonlySet<string> = new Set(),
): Map<number, LineFactTotals> {
  // line → kind → fulfilment order ('' = none) → source → sum over documents
  const sums = new Map<string, Map<string, Map<string, DecimalText>>>();
  for (const fact of facts) {
    const moves = fact.kind === 'shipped' || fact.kind === 'delivered';
    if (moves && fact.shipmentNo !== undefined && voidedShipments.has(fact.shipmentNo)) continue;
    const byOrder = entry(sums, `${fact.lineNo} ${fact.kind}`, () => new Map<string, Map<string, DecimalText>>());
    const bySource = entry(byOrder, fact.fulfillmentNo ?? '', () => new Map<string, DecimalText>());
    bySource.set(fact.source, addDecimals(bySource.get(fact.source) ?? '0', fact.quantity));
  }
  const totals = new Map<number, LineFactTotals>();
  for (const [key, byOrder] of sums) {
    const [lineNo, kind] = key.split(' ') as [string, keyof LineFactTotals];
    const line = entry(totals, Number(lineNo), emptyTotals);
    line[kind] = furthest(byOrder);
  }
  return totals;
}

function furthest(byOrder: Map<string, Map<string, DecimalText>>): DecimalText {
  let sum = '0';
  let wholeOrder = '0';
  for (const [fulfillmentNo, bySource] of byOrder) {
    const most = maxDecimal('0', ...bySource.values());
    if (fulfillmentNo === '') wholeOrder = most;
    else sum = addDecimals(sum, most);
  }
  return maxDecimal(sum, wholeOrder);
}

function emptyTotals(): LineFactTotals {
  return {
    released: '0',
    picked: '0',
    packed: '0',
    shipped: '0',
    delivered: '0',
    short: '0',
    cancelled: '0',
    invoiced: '0',
    returned: '0',
  };
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
