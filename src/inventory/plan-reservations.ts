import {
  addDecimals,
  compareDecimals,
  isPositiveDecimal,
  maxDecimal,
  minDecimal,
  subtractDecimals,
} from '../model/index.ts';
import type { Demand } from './inventory-types.ts';
import {
  availableBehindQueue,
  availableToSell,
  byIssueOrder,
  earliestExpiry,
  freeOf,
  type ItemStock,
  isEligible,
  netAt,
  type Site,
  type StockNeed,
  sumOfNet,
} from './sellable-stock.ts';

/** A share of a demand at one site; soft reservations name no lot. */
export interface PlannedPart {
  location: string;
  lot: string;
  owner: string;
  expiry: string | null;
  quantity: string;
}

export interface Plan {
  demand: Demand;
  parts: PlannedPart[];
  reserved: string;
  short: string;
}

/**
 * Divides stock among demands in the order given and notes in `stock` what each took, so that the next one sees it.
 * Site choice: the first site by priority that covers the whole line, else the sites in order. Pure.
 */
export function planReservations(demands: readonly Demand[], stock: ReadonlyMap<string, ItemStock>): Plan[] {
  return demands.map((demand) => {
    const item = stock.get(demand.sku);
    const parts = item === undefined ? [] : planOne(demand, item);
    const reserved = addDecimals('0', ...parts.map((part) => part.quantity));
    const short = subtractDecimals(demand.quantity, reserved);
    if (item !== undefined && demand.backorder && isPositiveDecimal(short)) joinQueue(item, demand, short);
    return { demand, parts, reserved, short };
  });
}

function planOne(demand: Demand, item: ItemStock): PlannedPart[] {
  const need: StockNeed = {
    channel: demand.channel,
    shipDate: demand.shipDate,
    minShelfDays: demand.minShelfDays ?? 0,
  };
  const sites = item.sites.filter(
    ({ location }) => (demand.locations?.includes(location) ?? true) && demand.notFrom?.includes(location) !== true,
  );
  const limit = minDecimal(limitOf(demand, item, need), sumOfNet(sites, need));
  const wanted = minDecimal(demand.quantity, limit);
  if (!isPositiveDecimal(wanted)) return [];
  if (!demand.partial && compareDecimals(wanted, demand.quantity) < 0) return [];
  const parts: PlannedPart[] = [];
  let missing = wanted;
  for (const site of sitesFor(demand.quantity, sites, need)) {
    const take = minDecimal(missing, maxDecimal('0', netAt(site, need)));
    if (!isPositiveDecimal(take)) continue;
    const taken = takeAt(site, take, demand, need);
    const quantity = addDecimals('0', ...taken.map((part) => part.quantity));
    useSetAside(site, demand.channel, quantity);
    parts.push(...taken);
    missing = subtractDecimals(missing, quantity);
    if (!isPositiveDecimal(missing)) break;
  }
  return parts;
}

function limitOf(demand: Demand, item: ItemStock, need: StockNeed): string {
  if (demand.withinAts === true) return availableToSell(item, need);
  if (demand.queued === true) return sumOfNet(item.sites, need);
  return availableBehindQueue(item, need);
}

function sitesFor(quantity: string, sites: readonly Site[], need: StockNeed): readonly Site[] {
  const whole = sites.find((site) => compareDecimals(netAt(site, need), quantity) >= 0);
  return whole === undefined ? sites : [whole];
}

function takeAt(site: Site, quantity: string, demand: Demand, need: StockNeed): PlannedPart[] {
  if (!demand.hard) {
    site.soft = addDecimals(site.soft, quantity);
    return [{ location: site.location, lot: '', owner: '', expiry: null, quantity }];
  }
  const earliest = earliestExpiry(need);
  const lots = site.lots.filter((lot) => isEligible(lot, earliest)).sort(byIssueOrder(demand.issue ?? 'FEFO'));
  const parts: PlannedPart[] = [];
  let missing = quantity;
  for (const lot of lots) {
    const take = minDecimal(missing, freeOf(lot));
    if (!isPositiveDecimal(take)) continue;
    lot.hard = addDecimals(lot.hard, take);
    parts.push({ location: site.location, lot: lot.lot, owner: lot.owner, expiry: lot.expiry, quantity: take });
    missing = subtractDecimals(missing, take);
  }
  return parts;
}

function useSetAside(site: Site, channel: string, quantity: string): void {
  const setAside = site.setAside.get(channel);
  if (setAside !== undefined) site.setAside.set(channel, maxDecimal('0', subtractDecimals(setAside, quantity)));
}

function joinQueue(item: ItemStock, demand: Demand, short: string): void {
  const minShelfDays = demand.minShelfDays ?? 0;
  const group = item.waiting.find((each) => each.minShelfDays === minShelfDays);
  if (group === undefined) item.waiting.push({ sku: item.sku, minShelfDays, open: short });
  else group.open = addDecimals(group.open, short);
}
