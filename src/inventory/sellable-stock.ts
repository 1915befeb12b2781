import {
  addDecimals,
  compareDecimals,
  isPositiveDecimal,
  maxDecimal,
  minDecimal,
  subtractDecimals,
} from '../model/index.ts';
import { addDays } from '../platform/index.ts';
import type { Policy, Position, StockOfItems, Waiting } from './load-stock.ts';

/** Who asks: it decides which lots count and whose set-aside stock is out of reach. */
export interface StockNeed {
  channel: string;
  /** Local date on which it would ship. */
  shipDate: string;
  minShelfDays: number;
}

/** One lot at one site, with what is not yet allocated of it. */
export interface Lot {
  lot: string;
  owner: string;
  expiry: string | null;
  firstReceivedAt: string;
  onHand: string;
  hard: string;
}

/** An item's sellable stock at one site. `soft` and the lots' `hard` change while a batch is planned. */
export interface Site {
  location: string;
  priority: number;
  lots: Lot[];
  soft: string;
  safety: string;
  /** What other channels have set aside here and not used, by channel. */
  setAside: Map<string, string>;
}

export interface ItemStock {
  sku: string;
  /** Sellable sites by priority. */
  sites: Site[];
  /** Buffer by channel. */
  buffers: Map<string, string>;
  waiting: Waiting[];
}

/** The last acceptable expiry for a need: a lot that expires on that day is still good. */
export function earliestExpiry(need: Pick<StockNeed, 'shipDate' | 'minShelfDays'>): string {
  return addDays(need.shipDate, need.minShelfDays);
}

export function isEligible(lot: Pick<Lot, 'expiry'>, earliest: string): boolean {
  return lot.expiry === null || lot.expiry >= earliest;
}

/**
 * `net(i,l,c)` of the formula: free quantity of the eligible lots, less soft reservations, safety stock and what other
 * channels have set aside. May be negative.
 */
export function netAt(site: Site, need: StockNeed): string {
  const earliest = earliestExpiry(need);
  const free = site.lots
    .filter((lot) => isEligible(lot, earliest))
    .map((lot) => subtractDecimals(lot.onHand, lot.hard));
  const taken = addDecimals(site.soft, site.safety, setAsideForOthers(site, need.channel));
  return subtractDecimals(addDecimals('0', ...free), taken);
}

export function setAsideForOthers(site: Site, channel: string): string {
  const others = [...site.setAside].filter(([other]) => other !== channel).map(([, quantity]) => quantity);
  return addDecimals('0', ...others);
}

/** Σ over the sites of max(0, net). */
export function sumOfNet(sites: readonly Site[], need: StockNeed): string {
  return addDecimals('0', ...sites.map((site) => maxDecimal('0', netAt(site, need))));
}

export function unlocatedDemand(stock: ItemStock): string {
  return addDecimals('0', ...stock.waiting.map((group) => group.open));
}

/** ATS(i,c) of the formula, over all sites. */
export function availableToSell(stock: ItemStock, need: StockNeed): string {
  const taken = addDecimals(unlocatedDemand(stock), stock.buffers.get(need.channel) ?? '0');
  return maxDecimal('0', subtractDecimals(sumOfNet(stock.sites, need), taken));
}

/**
 * What a new order may take: everything but what those who already wait could use. Demand that waits for a longer shelf
 * life than any lot has keeps nobody else from selling the lot.
 */
export function availableBehindQueue(stock: ItemStock, need: StockNeed): string {
  const ahead = stock.waiting.map((group) =>
    minDecimal(group.open, sumOfNet(stock.sites, { ...need, minShelfDays: group.minShelfDays })),
  );
  return maxDecimal('0', subtractDecimals(sumOfNet(stock.sites, need), addDecimals('0', ...ahead)));
}

/** Groups loaded rows by item; every SKU asked for is in the answer. */
export function arrangeStock(skus: Iterable<string>, loaded: StockOfItems): Map<string, ItemStock> {
  const items = new Map<string, ItemStock>();
  for (const sku of skus) items.set(sku, { sku, sites: [], buffers: new Map(), waiting: [] });
  for (const [sku, positions] of Map.groupBy(loaded.positions, (p) => p.sku)) {
    const stock = items.get(sku);
    if (stock === undefined) continue;
    const policies = loaded.policies.filter((policy) => policy.sku === sku);
    for (const [location, here] of Map.groupBy(positions, (p) => p.location)) {
      if (here[0]?.sellable === true) stock.sites.push(arrangeSite(location, here, policies));
    }
    stock.sites.sort((a, b) => a.priority - b.priority || (a.location < b.location ? -1 : 1));
  }
  for (const policy of loaded.policies) {
    if (policy.channel === '') continue;
    const buffers = items.get(policy.sku)?.buffers;
    buffers?.set(policy.channel, addDecimals(buffers.get(policy.channel) ?? '0', policy.buffer));
  }
  for (const group of loaded.waiting) items.get(group.sku)?.waiting.push(group);
  return items;
}

function arrangeSite(location: string, positions: readonly Position[], policies: readonly Policy[]): Site {
  const sellable = positions.filter((p) => p.status === 'available' && p.owner === '');
  const setAside = new Map<string, string>();
  for (const policy of policies) {
    if (policy.location !== location || policy.channel === '') continue;
    const unused = subtractDecimals(policy.reserved, policy.held);
    if (isPositiveDecimal(unused)) setAside.set(policy.channel, unused);
  }
  return {
    location,
    priority: positions[0]?.priority ?? 0,
    lots: sellable.map(({ lot, owner, expiry, firstReceivedAt, onHand, hard }) => ({
      lot,
      owner,
      expiry,
      firstReceivedAt,
      onHand,
      hard,
    })),
    soft: addDecimals('0', ...positions.map((p) => p.soft)),
    safety: safetyAt(location, policies),
    setAside,
  };
}

/** A site's own safety stock, else the item's for every site. */
export function safetyAt(location: string, policies: readonly Policy[]): string {
  const own = policies.find((policy) => policy.channel === '' && policy.location === location);
  const general = policies.find((policy) => policy.channel === '' && policy.location === '');
  return own?.safety ?? general?.safety ?? '0';
}

/** Lots in the order in which they are used: earliest expiry first (FEFO), or earliest received first (FIFO). */
export function byIssueOrder(issue: 'FIFO' | 'FEFO'): (a: Lot, b: Lot) => number {
  const never = '9999-12-31';
  return (a, b) => {
    if (issue === 'FEFO' && a.expiry !== b.expiry) return (a.expiry ?? never) < (b.expiry ?? never) ? -1 : 1;
    if (a.firstReceivedAt !== b.firstReceivedAt) return a.firstReceivedAt < b.firstReceivedAt ? -1 : 1;
    return a.lot < b.lot ? -1 : a.lot > b.lot ? 1 : 0;
  };
}

export function freeOf(lot: Lot): string {
  const free = subtractDecimals(lot.onHand, lot.hard);
  return compareDecimals(free, '0') > 0 ? free : '0';
}
