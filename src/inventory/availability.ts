import { addDecimals, isPositiveDecimal, maxDecimal, minDecimal, subtractDecimals } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import { type AvailabilityTerms, type LocationTerms, STOCK_STATUSES, type WaterfallTerm } from './inventory-types.ts';
import { loadStock, type Policy, type Position, type StockOfItems } from './load-stock.ts';
import {
  arrangeStock,
  availableToSell,
  earliestExpiry,
  type ItemStock,
  isEligible,
  netAt,
  type StockNeed,
  safetyAt,
  setAsideForOthers,
  sumOfNet,
  unlocatedDemand,
} from './sellable-stock.ts';

/** Changes whenever a figure could come out differently from the same rows. */
const availabilityFormula = 'ats-1';

export interface AvailabilityQuery {
  skus: readonly string[];
  channels: readonly string[];
  /** Only this site's part; the figure is then capped by the channel's. */
  location?: string;
  /** Local date on which it would ship. */
  shipDate: string;
  minShelfDays?: number;
  now: Date;
}

const detailSql = {
  name: 'inventory-availability-details',
  text: `SELECT
  (SELECT coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'location', location, 'asOf', as_of, 'asOfSeq', as_of_seq)), '[]')
     FROM snapshot_mark WHERE sku = ANY($1::text[])) AS marks,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'location', location, 'picked', picked)), '[]')
     FROM (SELECT sku, location, trim_scale(sum(picked))::text AS picked FROM reservation
            WHERE sku = ANY($1::text[]) AND open > 0 AND picked > 0 GROUP BY sku, location) r) AS picks`,
};

export interface AvailabilityDetails {
  marks: { sku: string; location: string; asOf: string; asOfSeq: number }[];
  picks: { sku: string; location: string; picked: string }[];
}

/** All rows that availability is made of. */
export interface AvailabilityFacts {
  readonly stock: StockOfItems;
  readonly details: AvailabilityDetails;
}

/** Two statements that do not wait for each other. */
export async function loadAvailabilityFacts(tx: Tx, skus: readonly string[]): Promise<AvailabilityFacts> {
  const [stock, [details]] = await Promise.all([loadStock(tx, skus), tx.query<AvailabilityDetails>(detailSql, [skus])]);
  return { stock, details: details ?? { marks: [], picks: [] } };
}

/** ATS per item and channel with every term of the formula; every SKU asked for is in the answer. Base units. */
export async function availability(tx: Tx, query: AvailabilityQuery): Promise<AvailabilityTerms[]> {
  return availabilityOf(await loadAvailabilityFacts(tx, query.skus), query);
}

/** The same from rows that were read before. */
export function availabilityOf(facts: AvailabilityFacts, query: AvailabilityQuery): AvailabilityTerms[] {
  const stock = arrangeStock(query.skus, facts.stock);
  return [...stock.values()].flatMap((item) =>
    query.channels.map((channel) => {
      const need = { channel, shipDate: query.shipDate, minShelfDays: query.minShelfDays ?? 0 };
      return termsOf(item, need, facts.stock, facts.details, query);
    }),
  );
}

/** Only the figure, for publishing: one query whatever the number of items. */
export async function availableQuantities(
  tx: Tx,
  query: Pick<AvailabilityQuery, 'skus' | 'channels' | 'shipDate'>,
): Promise<{ sku: string; channel: string; ats: string }[]> {
  const stock = arrangeStock(query.skus, await loadStock(tx, query.skus));
  return [...stock.values()].flatMap((item) =>
    query.channels.map((channel) => ({
      sku: item.sku,
      channel,
      ats: availableToSell(item, { channel, shipDate: query.shipDate, minShelfDays: 0 }),
    })),
  );
}

function termsOf(
  item: ItemStock,
  need: StockNeed,
  loaded: StockOfItems,
  details: AvailabilityDetails,
  query: AvailabilityQuery,
): AvailabilityTerms {
  const positions = loaded.positions.filter((p) => p.sku === item.sku);
  const policies = loaded.policies.filter((p) => p.sku === item.sku);
  const locations = [...Map.groupBy(positions, (p) => p.location)]
    .map(([location, here]) => locationTerms(location, here, policies, item, need, details))
    .filter((terms) => query.location === undefined || terms.location === query.location)
    .sort((a, b) => a.priority - b.priority || (a.location < b.location ? -1 : 1));
  const sites = item.sites.filter((site) => query.location === undefined || site.location === query.location);
  const sum = sumOfNet(sites, need);
  return {
    sku: item.sku,
    channel: need.channel,
    sumOfNet: sum,
    unlocatedDemand: unlocatedDemand(item),
    channelBuffer: item.buffers.get(need.channel) ?? '0',
    ats: minDecimal(sum, availableToSell(item, need)),
    locations,
    formula: availabilityFormula,
    at: query.now,
  };
}

function locationTerms(
  location: string,
  positions: readonly Position[],
  policies: readonly Policy[],
  item: ItemStock,
  need: StockNeed,
  details: AvailabilityDetails,
): LocationTerms {
  const site = item.sites.find((each) => each.location === location);
  const earliest = earliestExpiry(need);
  const lots = site?.lots.filter((lot) => isEligible(lot, earliest)) ?? [];
  const byStatus = Object.fromEntries(
    STOCK_STATUSES.map((status) => [
      status,
      addDecimals('0', ...positions.filter((p) => p.status === status).map((p) => p.onHand)),
    ]),
  ) as LocationTerms['byStatus'];
  const mark = details.marks.find((each) => each.sku === item.sku && each.location === location);
  return {
    location,
    sellable: site !== undefined,
    priority: positions[0]?.priority ?? 0,
    onHand: addDecimals('0', ...positions.map((p) => p.onHand)),
    byStatus,
    eligible: addDecimals('0', ...lots.map((lot) => lot.onHand)),
    eligibleAllocated: addDecimals('0', ...lots.map((lot) => lot.hard)),
    hardAllocated: addDecimals('0', ...positions.map((p) => p.hard)),
    picked: details.picks.find((each) => each.sku === item.sku && each.location === location)?.picked ?? '0',
    softReserved: addDecimals('0', ...positions.map((p) => p.soft)),
    safetyStock: safetyAt(location, policies),
    reservedForOtherChannels: site === undefined ? '0' : setAsideForOthers(site, need.channel),
    net: site === undefined ? '0' : netAt(site, need),
    ...(mark === undefined ? {} : { asOf: new Date(mark.asOf), asOfSeq: mark.asOfSeq }),
  };
}

const less = (value: string): string => subtractDecimals('0', value);

/**
 * The figure step by step, from what lies on the shelves down to what may be sold: the terms before the last add up to it.
 * Steps of zero are left out, except the first and the last.
 */
export function waterfall(terms: AvailabilityTerms): WaterfallTerm[] {
  const steps: WaterfallTerm[] = [];
  const step = (term: string, label: string, quantity: string, location?: string): void => {
    if (term !== 'onHand' && !isPositiveDecimal(quantity) && !quantity.startsWith('-')) return;
    steps.push({ term, label, quantity, ...(location === undefined ? {} : { location }) });
  };
  for (const here of terms.locations) {
    const { location } = here;
    step('onHand', `On hand at ${location}`, here.onHand, location);
    step(
      'notSellable',
      here.sellable ? 'Other status, lot or owner' : 'Site is not sellable',
      less(subtractDecimals(here.onHand, here.eligible)),
      location,
    );
    if (!here.sellable) continue;
    step('allocated', 'Allocated to orders', less(here.eligibleAllocated), location);
    step('softReserved', 'Soft reservations', less(here.softReserved), location);
    step('safetyStock', 'Safety stock', less(here.safetyStock), location);
    step('otherChannels', 'Set aside for other channels', less(here.reservedForOtherChannels), location);
    // A site that is short does not take from the others.
    if (here.net.startsWith('-')) step('siteFloor', 'A site cannot count below zero', less(here.net), location);
  }
  step('unlocatedDemand', 'Accepted demand without stock', less(terms.unlocatedDemand));
  step('channelBuffer', `Buffer of ${terms.channel}`, less(terms.channelBuffer));
  const sum = addDecimals('0', ...steps.map((each) => each.quantity));
  step('floor', sum.startsWith('-') ? 'Never below zero' : 'Limited by the channel', subtractDecimals(terms.ats, sum));
  steps.push({ term: 'ats', label: 'Available to sell', quantity: maxDecimal('0', terms.ats) });
  return steps;
}
