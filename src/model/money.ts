import {
  divideRationals,
  multiplyRationals,
  type Rational,
  rational,
  roundHalfUp,
  smallFraction,
  toRational,
} from './decimal.ts';
import { HubError } from '../platform/index.ts';
import type { Item, ItemUom } from './item.ts';
import type { UnitPrice } from './schema.ts';
import { findUom } from './units.ts';

// ISO 4217 list one: currencies whose minor unit is not 2 digits.
const minorDigitsByCurrency: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
  CLF: 4,
  UYW: 4,
};

/** Digits after the point of a currency's minor unit: 2 for USD, 0 for JPY, 3 for KWD. */
export function minorDigits(currency: string): number {
  return minorDigitsByCurrency[currency] ?? 2;
}

/** Minor units that one amount may have: so many that a thousand lines of it still add up exactly, below 2^53. */
const mostMinor = 9_000_000_000_000;

/** @throws HubError MONEY_INVALID for an amount beyond what adds up exactly */
function bounded(minor: number): number {
  if (Math.abs(minor) <= mostMinor) return minor;
  throw new HubError('MONEY_INVALID', {
    message: `An amount is beyond ${mostMinor.toLocaleString('en-US')} minor units (cents), up to which the hub counts`,
  });
}

const toSafeMinor = (value: bigint): number => bounded(Number(value));

/**
 * An exact amount in major units as integer minor units, rounded half up once.
 * @throws HubError MONEY_INVALID for an amount beyond what adds up exactly
 */
export function toMinor(amount: Rational, currency: string): number {
  return toSafeMinor(roundHalfUp(multiplyRationals(amount, rational(10n ** BigInt(minorDigits(currency))))));
}

/** `"333.30"` for 33330 minor units of EUR. */
export function formatMinor(minor: number, currency: string): string {
  const digits = minorDigits(currency);
  if (digits === 0) return String(minor);
  const text = String(Math.abs(minor)).padStart(digits + 1, '0');
  return `${minor < 0 ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/**
 * The price of one base unit of the item, exactly: 11.00 per 100 EA is 11/100. Undefined when the item has no such
 * unit: price and quantity must be in compatible units.
 */
export function pricePerBase(
  item: Pick<Item, 'baseUom' | 'uoms' | 'increment'>,
  price: UnitPrice,
): Rational | undefined {
  const uom = findUom(item, price.uom);
  if (uom === undefined) return undefined;
  const baseQuantity = multiplyRationals(toRational(price.perQty), rational(BigInt(uom.num), BigInt(uom.den)));
  return divideRationals(toRational(price.value), baseQuantity);
}

/**
 * Extends a price by a base-unit quantity to minor units of the price's currency, rounded half up once, at the end.
 * Undefined when the price's unit is not one of the item's.
 * @throws HubError MONEY_INVALID for an amount beyond what adds up exactly
 */
export function extendPrice(
  item: Pick<Item, 'baseUom' | 'uoms' | 'increment'>,
  base: string,
  price: UnitPrice,
): number | undefined {
  const uom = findUom(item, price.uom);
  if (uom === undefined) return undefined;
  const small = extendSmall(uom, base, price);
  if (small !== undefined) return bounded(small);
  return toMinor(multiplyRationals(pricePerBase(item, price)!, toRational(base)), price.currency);
}

/**
 * The same in doubles, where everything stays an integer below 2^53 and so is exact: the common case, without a BigInt.
 * The factors are at least one or zero, so that a product within the limit has had no step beyond it.
 */
function extendSmall(uom: ItemUom, base: string, price: UnitPrice): number | undefined {
  const value = smallFraction(price.value);
  const per = smallFraction(price.perQty);
  const quantity = smallFraction(base);
  if (value === undefined || per === undefined || quantity === undefined) return undefined;
  if (value.n < 0 || per.n <= 0 || quantity.n < 0) return undefined;
  const n = value.n * per.d * uom.den * quantity.n * 10 ** minorDigits(price.currency);
  const d = value.d * per.n * uom.num * quantity.d;
  if (!Number.isSafeInteger(n) || !Number.isSafeInteger(d)) return undefined;
  const rest = n % d;
  return (n - rest) / d + (rest * 2 >= d ? 1 : 0);
}

/** The share of an amount that `part` of `whole` stands for, rounded half up: what is left of a line, say. */
export function shareOfMinor(amountMinor: number, part: string, whole: string): number {
  const share = divideRationals(toRational(part), toRational(whole));
  return toSafeMinor(roundHalfUp(multiplyRationals(rational(BigInt(amountMinor)), share)));
}
