import { divideRationals, multiplyRationals, toMinor, toRational, type UnitPrice } from '../model/index.ts';
import { MapError } from './map.ts';

/** Major units as written → minor units; what the currency cannot hold is refused, not rounded. */
export function minorOf(amount: string | undefined, currency: string, path: string): number | undefined {
  if (amount === undefined) return undefined;
  if (!/^-?\d{1,15}(\.\d{1,9})?$/.test(amount))
    throw new MapError('AMOUNT_INVALID', `${amount} is not an amount`, path);
  return toMinor(toRational(amount), currency);
}

/** Quantity × price, rounded half up once: what a line comes to where the document does not say. */
export function extended(quantity: string, price: UnitPrice | undefined): number {
  if (price === undefined) return 0;
  const each = divideRationals(toRational(price.value), toRational(price.perQty));
  return toMinor(multiplyRationals(each, toRational(quantity)), price.currency);
}
