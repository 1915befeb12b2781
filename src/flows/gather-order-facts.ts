import type { CatalogSnapshot } from '../catalog/index.ts';
import { loadItems, loadItemsByGtin, loadPriceRules } from '../catalog/index.ts';
import type { Customer, Item, OrderSubmission, PriceRule } from '../model/index.ts';
import type { OrderAggregate, OrderFacts } from '../orders/index.ts';
import { type CustomerSnapshot, loadCustomersWithParents } from '../parties/index.ts';
import { resolveCrossReferences, shipToExternal } from '../partners/index.ts';
import { localDate, type Tx } from '../platform/index.ts';

/** Facts from memory, with the calendar day of the company's zone, for the intake that reads nothing. Cross-references are not in memory: see `needsDatabase`. */
export function factsFromMemory(
  tenantId: string,
  now: Date,
  timeZone: string,
  customers: CustomerSnapshot,
  catalog: CatalogSnapshot,
): OrderFacts {
  return {
    tenantId,
    now,
    today: localDate(now, timeZone),
    customer: (accountNo) => customers.customer(accountNo),
    itemBySku: (sku) => catalog.itemBySku(sku),
    itemByGtin: (gtin) => catalog.itemByGtin(gtin),
    pricesOf: (sku) => catalog.pricesOf(sku),
  };
}

/** What judging asks for, read in a few statements whatever the number of orders. */
class LoadedFacts implements OrderFacts {
  readonly tenantId: string;
  readonly now: Date;
  readonly today: string;
  readonly customers = new Map<string, Customer>();
  readonly items = new Map<string, Item>();
  readonly gtins = new Map<string, { item: Item; uom: string }>();
  readonly prices = new Map<string, PriceRule[]>();
  /** `customer type external` → canonical id. */
  readonly references = new Map<string, string>();

  constructor(tenantId: string, now: Date, timeZone: string) {
    this.tenantId = tenantId;
    this.now = now;
    this.today = localDate(now, timeZone);
  }

  customer(accountNo: string): Customer | undefined {
    return this.customers.get(accountNo);
  }

  itemBySku(sku: string): Item | undefined {
    return this.items.get(sku);
  }

  itemByGtin(gtin: string): { item: Item; uom: string } | undefined {
    return this.gtins.get(gtin);
  }

  pricesOf(sku: string): readonly PriceRule[] {
    return this.prices.get(sku) ?? [];
  }

  itemReference(customer: string, external: string): string | undefined {
    return this.references.get(referenceKey(customer, 'item', external));
  }

  shipToReference(customer: string, code: { qualifier?: string; code: string }): string | undefined {
    return this.references.get(referenceKey(customer, 'ship-to', shipToExternal(code)));
  }

  async loadCustomers(tx: Tx, accountNos: readonly string[]): Promise<void> {
    const found = await loadCustomersWithParents(tx, accountNos);
    for (const [accountNo, { value }] of found) this.customers.set(accountNo, value);
  }

  async loadItems(tx: Tx, skus: Iterable<string>): Promise<void> {
    const missing = [...new Set(skus)].filter((sku) => !this.items.has(sku));
    for (const [sku, { value }] of await loadItems(tx, missing)) this.items.set(sku, value);
  }

  async loadGtins(tx: Tx, gtins: readonly string[]): Promise<void> {
    if (gtins.length === 0) return;
    for (const [gtin, found] of await loadItemsByGtin(tx, [...new Set(gtins)])) this.gtins.set(gtin, found);
  }

  async loadReferences(tx: Tx, wanted: ReadonlyMap<string, { type: string; external: string }[]>): Promise<void> {
    for (const [customer, keys] of wanted) {
      const found = await resolveCrossReferences(tx, customer, keys, this.today);
      for (const { type, external } of keys) {
        const canonical = found.get(`${type}\0${external}`);
        if (canonical !== undefined) this.references.set(referenceKey(customer, type, external), canonical);
      }
    }
  }

  async loadPrices(tx: Tx): Promise<void> {
    for (const [sku, rules] of await loadPriceRules(tx, [...this.items.keys()])) this.prices.set(sku, rules);
  }
}

function referenceKey(customer: string, type: string, external: string): string {
  return JSON.stringify([customer, type, external]);
}

/** Facts for judging submissions, cross-references included. */
export async function factsForSubmissions(
  tx: Tx,
  tenantId: string,
  now: Date,
  timeZone: string,
  submissions: readonly OrderSubmission[],
): Promise<OrderFacts> {
  const facts = new LoadedFacts(tenantId, now, timeZone);
  const lines = submissions.flatMap((submission) => submission.lines);
  await facts.loadCustomers(
    tx,
    submissions.map((submission) => submission.customer),
  );
  await facts.loadItems(
    tx,
    lines.flatMap((line) => [line.sku ?? [], line.vendorItem ?? []].flat()),
  );
  await facts.loadGtins(
    tx,
    lines.flatMap((line) => line.gtin ?? []),
  );
  await facts.loadReferences(tx, wantedReferences(submissions, facts));
  await facts.loadItems(tx, [...facts.references.values(), ...[...facts.gtins.values()].map(({ item }) => item.sku)]);
  await facts.loadPrices(tx);
  return facts;
}

function wantedReferences(
  submissions: readonly OrderSubmission[],
  facts: LoadedFacts,
): Map<string, { type: string; external: string }[]> {
  const wanted = new Map<string, { type: string; external: string }[]>();
  for (const { customer, lines, shipTo } of submissions) {
    const keys = wanted.get(customer) ?? [];
    wanted.set(customer, keys);
    for (const line of lines) {
      const own = [line.sku, line.vendorItem].some((code) => code !== undefined && facts.itemBySku(code) !== undefined);
      if (own || (line.gtin !== undefined && facts.itemByGtin(line.gtin) !== undefined)) continue;
      for (const external of [line.sku, line.gtin, line.vendorItem, line.buyerItem]) {
        if (external !== undefined) keys.push({ type: 'item', external });
      }
    }
    if (typeof shipTo === 'object' && 'code' in shipTo) {
      keys.push({ type: 'ship-to', external: shipToExternal(shipTo.code) });
    }
  }
  return wanted;
}

/** Facts for judging recorded orders again, read under their locks. */
export async function factsForOrders(
  tx: Tx,
  tenantId: string,
  now: Date,
  timeZone: string,
  orders: Iterable<OrderAggregate>,
): Promise<OrderFacts> {
  const facts = new LoadedFacts(tenantId, now, timeZone);
  const wanted = new Map<string, { type: string; external: string }[]>();
  const accounts: string[] = [];
  const skus: string[] = [];
  const lines: OrderAggregate['document']['lines'][number][] = [];
  let priced = false;
  for (const { document, order } of orders) {
    accounts.push(document.customer, document.creditAccount);
    lines.push(...document.lines);
    skus.push(...document.lines.map((line) => line.sku));
    priced ||= document.lines.some((line) => line.priceSource === 'po');
    const raw = order.shipTo.resolved ? undefined : order.shipTo.raw;
    if (raw === undefined) continue;
    const keys = wanted.get(document.customer) ?? [];
    wanted.set(document.customer, keys);
    keys.push({ type: 'ship-to', external: shipToExternal(raw) });
  }
  const gtins = lines.flatMap((line) => line.gtin ?? []);
  await Promise.all([
    facts.loadCustomers(tx, accounts),
    facts.loadItems(tx, skus),
    facts.loadGtins(tx, gtins),
    facts.loadReferences(tx, wanted),
  ]);
  if (priced) await facts.loadPrices(tx);
  return facts;
}
