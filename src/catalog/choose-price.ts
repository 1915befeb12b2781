import {
  compareDecimals,
  findUom,
  type Item,
  multiplyRationals,
  type PriceRule,
  rational,
  toRational,
  type UnitPrice,
} from '../model/index.ts';

export interface PriceQuery {
  customer: string;
  channel: string;
  /** Local date of the order. */
  date: string;
  /** Base units. */
  quantity: string;
  currency: string;
}

export interface ChosenPrice {
  price: UnitPrice;
  source: 'contract' | 'list' | 'promo';
  ruleId: string;
}

/**
 * The rule that prices a line: the narrowest scope (customer, then channel, then everybody), then the highest priority,
 * then the largest `minQty` reached, then the latest `validFrom`. Pure.
 */
export function choosePrice(item: Item, rules: readonly PriceRule[], query: PriceQuery): ChosenPrice | undefined {
  let best: PriceRule | undefined;
  for (const rule of rules) {
    if (applies(item, rule, query) && (best === undefined || isBetter(rule, best))) best = rule;
  }
  if (best === undefined) return undefined;
  const source = best.kind === 'promo' ? 'promo' : best.customer !== undefined ? 'contract' : 'list';
  return { price: best.price, source, ruleId: best.id };
}

function applies(item: Item, rule: PriceRule, query: PriceQuery): boolean {
  if (rule.sku !== item.sku || rule.price.currency !== query.currency) return false;
  if (rule.customer !== undefined && rule.customer !== query.customer) return false;
  if (rule.channel !== undefined && rule.channel !== query.channel) return false;
  // Local ISO dates compare as text.
  if (query.date < rule.validFrom || (rule.validTo !== undefined && query.date > rule.validTo)) return false;
  return rule.minQty === undefined || reachesMinimum(item, rule, rule.minQty, query.quantity);
}

/** `minQty` is in the unit that the price is per. */
function reachesMinimum(item: Item, rule: PriceRule, minQty: string, base: string): boolean {
  const uom = findUom(item, rule.price.uom);
  if (uom === undefined) return false;
  const least = multiplyRationals(toRational(minQty), rational(BigInt(uom.num), BigInt(uom.den)));
  const quantity = toRational(base);
  return quantity.n * least.d >= least.n * quantity.d;
}

function scopeRank(rule: PriceRule): number {
  return (rule.customer !== undefined ? 2 : 0) + (rule.channel !== undefined ? 1 : 0);
}

function isBetter(rule: PriceRule, other: PriceRule): boolean {
  const byScope = scopeRank(rule) - scopeRank(other);
  if (byScope !== 0) return byScope > 0;
  if (rule.priority !== other.priority) return rule.priority > other.priority;
  const byMinimum = compareDecimals(rule.minQty ?? '0', other.minQty ?? '0');
  if (byMinimum !== 0) return byMinimum > 0;
  if (rule.validFrom !== other.validFrom) return rule.validFrom > other.validFrom;
  return rule.id < other.id;
}
