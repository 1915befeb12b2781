import { type ChosenPrice, choosePrice } from '../catalog/index.ts';
import {
  compareDecimals,
  type Customer,
  divideRationals,
  extendPrice,
  findUom,
  formatMinor,
  type Item,
  minorDigits,
  multiplyRationals,
  pricePerBase,
  type Rational,
  rational,
  toRational,
  type UnitPrice,
} from '../model/index.ts';
import type { LinePrice, OrderFacts } from './orders-types.ts';

/** Within this share of the contract price and this amount per line, both ways, the PO's price is taken. */
const defaultTolerance = { pct: '2', perLineMinor: 2500 };

export interface PriceContext {
  customer: Customer;
  channel: string;
  date: string;
  currency: string;
}

/** The price that our rules give the line. */
export function contractPrice(
  item: Item,
  base: string,
  context: PriceContext,
  facts: Pick<OrderFacts, 'pricesOf'>,
): LinePrice | undefined {
  const chosen = chosenPrice(item, base, context, facts);
  const amountMinor = chosen === undefined ? undefined : extendPrice(item, base, chosen.price);
  if (chosen === undefined || amountMinor === undefined) return undefined;
  return { price: chosen.price, priceSource: chosen.source, amountMinor };
}

function chosenPrice(
  item: Item,
  base: string,
  context: PriceContext,
  facts: Pick<OrderFacts, 'pricesOf'>,
): ChosenPrice | undefined {
  return choosePrice(item, facts.pricesOf(item.sku), {
    customer: context.customer.accountNo,
    channel: context.channel,
    date: context.date,
    quantity: base,
    currency: context.currency,
  });
}

export type PriceVerdict =
  | { ok: true }
  | {
      ok: false;
      code: 'PRICE_MISMATCH' | 'PRICE_MISSING' | 'PRICE_UNIT';
      cause: string;
      data: Record<string, unknown>;
    };

/**
 * Compares the PO's price with ours, exactly: it passes within the tolerance in percent **and** within the tolerance per
 * line, in both directions, so that nobody ships a misprint in the buyer's favour or in ours.
 */
export function comparePrice(
  item: Item,
  base: string,
  stated: UnitPrice,
  context: PriceContext,
  facts: Pick<OrderFacts, 'pricesOf'>,
): PriceVerdict {
  const chosen = chosenPrice(item, base, context, facts);
  // Word for word ours, in a unit that the item has: the common case, and no arithmetic.
  if (chosen !== undefined && isSamePrice(stated, chosen.price) && findUom(item, stated.uom) !== undefined) {
    return { ok: true };
  }
  const ours = contractPrice(item, base, context, facts);
  if (ours === undefined) {
    return {
      ok: false,
      code: 'PRICE_MISSING',
      cause: `We have no price of ${item.sku} to compare with.`,
      data: { stated },
    };
  }
  const statedEach = pricePerBase(item, stated);
  const ourEach = pricePerBase(item, ours.price)!;
  if (statedEach === undefined || stated.currency !== ours.price.currency) {
    const cause = `The price is ${describePrice(stated)}, which does not compare with ours of ${describePrice(ours.price)}.`;
    return { ok: false, code: 'PRICE_UNIT', cause, data: { stated, ours: ours.price } };
  }
  const tolerance = context.customer.priceTolerance ?? defaultTolerance;
  const gap = difference(statedEach, ourEach);
  const gapOfLine = multiplyRationals(absolute(gap), toRational(base));
  const allowedOfLine = rational(BigInt(tolerance.perLineMinor), 10n ** BigInt(minorDigits(context.currency)));
  const share = ourEach.n === 0n ? undefined : divideRationals(absolute(gap), ourEach);
  const allowedShare = divideRationals(toRational(tolerance.pct), rational(100n));
  const withinShare = share === undefined ? gap.n === 0n : compareRationals(share, allowedShare) <= 0;
  if (withinShare && compareRationals(gapOfLine, allowedOfLine) <= 0) return { ok: true };
  return { ok: false, code: 'PRICE_MISMATCH', ...explain(item, base, stated, ours, share, context.currency) };
}

function isSamePrice(a: UnitPrice, b: UnitPrice): boolean {
  return a.value === b.value && a.perQty === b.perQty && a.uom === b.uom && a.currency === b.currency;
}

function explain(
  item: Item,
  base: string,
  stated: UnitPrice,
  ours: LinePrice,
  share: Rational | undefined,
  currency: string,
): { cause: string; data: Record<string, unknown> } {
  const statedMinor = extendPrice(item, base, stated) ?? 0;
  const differenceMinor = statedMinor - ours.amountMinor;
  // Only for people to read; the decision above was exact.
  const percent = share === undefined ? '∞' : (Number((share.n * 20_000n + share.d) / (2n * share.d)) / 100).toFixed(2);
  const cause =
    `The purchase order says ${describePrice(stated)}, ours is ${describePrice(ours.price)}: ${percent}% apart, ` +
    `${formatMinor(Math.abs(differenceMinor), currency)} ${currency} on this line.`;
  return { cause, data: { stated, ours: ours.price, differenceMinor, percent, sku: item.sku } };
}

export function describePrice(price: UnitPrice): string {
  const per = compareDecimals(price.perQty, '1') === 0 ? price.uom : `${price.perQty} ${price.uom}`;
  return `${price.value} ${price.currency} per ${per}`;
}

function difference(a: Rational, b: Rational): Rational {
  return rational(a.n * b.d - b.n * a.d, a.d * b.d);
}

function absolute(value: Rational): Rational {
  return value.n < 0n ? { n: -value.n, d: value.d } : value;
}

function compareRationals(a: Rational, b: Rational): number {
  const gap = a.n * b.d - b.n * a.d;
  return gap < 0n ? -1 : gap > 0n ? 1 : 0;
}
