import {
  type DecimalText,
  divideRationals,
  isMultipleOf,
  multiplyRationals,
  type Rational,
  rational,
  roundUpToStep,
  toExactDecimal,
  toRational,
} from './decimal.ts';
import type { Item, ItemUom } from './item.ts';
import type { Quantity } from './schema.ts';

type UnitsOfItem = Pick<Item, 'baseUom' | 'uoms' | 'increment'>;

export interface BaseQuantity {
  readonly ok: true;
  /** Exact base-unit decimal, a whole number of the item's increments. */
  readonly base: DecimalText;
  /** 1 ordered unit = num/den base units. */
  readonly num: number;
  readonly den: number;
}

export interface UnitProblem {
  readonly ok: false;
  readonly code: 'UOM_UNKNOWN' | 'UOM_INEXACT' | 'QUANTITY_INVALID';
  readonly message: string;
}

/** The item's entry for a unit, matched exactly; the base unit is known even where the list leaves it out. */
export function findUom(item: UnitsOfItem, code: string): ItemUom | undefined {
  return item.uoms.find((uom) => uom.code === code) ?? (code === item.baseUom ? { code, num: 1, den: 1 } : undefined);
}

/** Base units that one quantity may have: sums of thousands of such stay exact, and nobody means more. */
const mostBase = 1_000_000_000_000n;

/**
 * Converts a quantity to base units through the item's exact fraction: 5/6 of a box of 6 is 5 pieces, and 5 pieces of
 * a box of 6 never 4.99998. What does not come out as whole increments is UOM_INEXACT, unless the buyer consented to
 * rounding up (`roundUp`), which then happens once.
 */
export function convertToBase(
  item: UnitsOfItem,
  quantity: Quantity,
  options: { roundUp?: boolean } = {},
): BaseQuantity | UnitProblem {
  const uom = findUom(item, quantity.uom);
  if (uom === undefined) {
    const known = item.uoms.map((u) => u.code).join(', ');
    return { ok: false, code: 'UOM_UNKNOWN', message: `Unit ${quantity.uom} is not one of ${known}` };
  }
  const whole = wholeUnits(quantity.value, uom, item.increment);
  if (whole !== undefined) return { ok: true, base: whole, num: uom.num, den: uom.den };
  if (uom.decimals !== undefined && digitsAfterPoint(quantity.value) > uom.decimals) {
    const message = `${quantity.value} ${quantity.uom} is finer than ${uom.decimals} digits after the point, which is the finest step of ${quantity.uom}`;
    return { ok: false, code: 'UOM_INEXACT', message };
  }
  const exact = multiplyRationals(toRational(quantity.value), rational(BigInt(uom.num), BigInt(uom.den)));
  const rounded = options.roundUp === true ? roundUpToStep(exact, item.increment) : exact;
  const base = isMultipleOf(rounded, item.increment) ? toExactDecimal(rounded) : undefined;
  if (base === undefined) {
    const message = `${quantity.value} ${quantity.uom} is ${exact.n}/${exact.d} ${item.baseUom}, not a multiple of ${item.increment}`;
    return { ok: false, code: 'UOM_INEXACT', message };
  }
  if (rounded.n > mostBase * rounded.d) {
    const message = `${quantity.value} ${quantity.uom} is more than ${mostBase.toLocaleString('en-US')} ${item.baseUom}, up to which the hub counts`;
    return { ok: false, code: 'QUANTITY_INVALID', message };
  }
  return { ok: true, base, num: uom.num, den: uom.den };
}

function digitsAfterPoint(value: DecimalText): number {
  const point = value.indexOf('.');
  return point < 0 ? 0 : value.slice(point + 1).replace(/0+$/, '').length;
}

const fewDigits = /^[1-9]\d{0,8}$/;

/** The common case, without fractions: whole units of a whole number of pieces each, counted in ones. */
function wholeUnits(value: DecimalText, uom: ItemUom, increment: DecimalText): DecimalText | undefined {
  if (uom.den !== 1 || increment !== '1' || !Number.isInteger(uom.num) || !fewDigits.test(value)) return undefined;
  const base = Number(value) * uom.num;
  return Number.isSafeInteger(base) && base <= 1e12 ? String(base) : undefined;
}

/** Base units expressed in a unit of num/den base units, as a fraction. */
export function fromBase(base: DecimalText, num: number, den: number): Rational {
  return divideRationals(toRational(base), rational(BigInt(num), BigInt(den)));
}

/** Base units expressed in another unit as a decimal; undefined when that does not come out even. */
export function fromBaseExactly(base: DecimalText, num: number, den: number): DecimalText | undefined {
  return toExactDecimal(fromBase(base, num, den));
}
