/**
 * Exact decimal arithmetic on strings. Quantities never become floats: sums are exact, and a ratio that does not come
 * out even is an error of the caller's choosing rather than a rounded number.
 */

/** `-?digits[.digits]`, at most 18 digits before and 9 after the point. */
export type DecimalText = string;

/** An exact fraction; `d` > 0 and the two have no common divisor. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

const scaleDigits = 9;
const scale = 10n ** BigInt(scaleDigits);
const pattern = /^-?\d{1,18}(\.\d{1,9})?$/;
// Integers this short add up inside a double without loss: the common case, ten times faster than BigInt.
const smallInteger = /^-?\d{1,14}$/;

const shortestInteger = /^(?:0|[1-9]\d{0,17})$/;

export function isDecimal(text: string): boolean {
  return pattern.test(text);
}

/** The value in billionths, exactly. Throws a RangeError for a text that is no decimal. */
function toScaled(text: DecimalText): bigint {
  if (!pattern.test(text)) throw new RangeError(`not a decimal: ${text.slice(0, 40)}`);
  const point = text.indexOf('.');
  if (point < 0) return BigInt(text) * scale;
  return BigInt(text.slice(0, point) + text.slice(point + 1).padEnd(scaleDigits, '0'));
}

function fromScaled(value: bigint): DecimalText {
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(scaleDigits + 1, '0');
  const fraction = digits.slice(-scaleDigits).replace(/0+$/, '');
  const whole = digits.slice(0, -scaleDigits);
  return (negative ? '-' : '') + (fraction === '' ? whole : `${whole}.${fraction}`);
}

/** The shortest text of the same value: `"007.50"` is `"7.5"`, `"-0"` is `"0"`. */
export function normalizeDecimal(text: DecimalText): DecimalText {
  if (shortestInteger.test(text)) return text;
  return fromScaled(toScaled(text));
}

export function addDecimals(...values: readonly DecimalText[]): DecimalText {
  if (values.every((value) => smallInteger.test(value))) {
    let sum = 0;
    for (const value of values) sum += Number(value);
    return String(sum === 0 ? 0 : sum);
  }
  return fromScaled(values.reduce((sum, value) => sum + toScaled(value), 0n));
}

export function subtractDecimals(a: DecimalText, b: DecimalText): DecimalText {
  if (smallInteger.test(a) && smallInteger.test(b)) {
    const difference = Number(a) - Number(b);
    return String(difference === 0 ? 0 : difference);
  }
  return fromScaled(toScaled(a) - toScaled(b));
}

/** Negative, zero or positive, like the comparators of `Array.prototype.sort`. */
export function compareDecimals(a: DecimalText, b: DecimalText): number {
  if (a === b && smallInteger.test(a)) return 0;
  if (smallInteger.test(a) && smallInteger.test(b)) return Number(a) - Number(b);
  const difference = toScaled(a) - toScaled(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function maxDecimal(first: DecimalText, ...rest: readonly DecimalText[]): DecimalText {
  let max = first;
  for (const value of rest) if (compareDecimals(value, max) > 0) max = value;
  return max;
}

export function minDecimal(first: DecimalText, ...rest: readonly DecimalText[]): DecimalText {
  let min = first;
  for (const value of rest) if (compareDecimals(value, min) < 0) min = value;
  return min;
}

export function isZeroDecimal(value: DecimalText): boolean {
  return value === '0' || compareDecimals(value, '0') === 0;
}

export function isPositiveDecimal(value: DecimalText): boolean {
  return compareDecimals(value, '0') > 0;
}

function gcd(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a;
  let y = b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

function gcdOfSafe(a: number, b: number): number {
  let x = Math.abs(a);
  let y = b;
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** A reduced fraction of two safe integers, `d` > 0. Doubles hold these exactly, and their remainders are exact too. */
function rationalOfSafe(n: number, d: number): Rational {
  const divisor = gcdOfSafe(n, d);
  return { n: BigInt(n / divisor), d: BigInt(d / divisor) };
}

const largestSafe = BigInt(Number.MAX_SAFE_INTEGER);

export function rational(n: bigint, d = 1n): Rational {
  if (d === 1n) return { n, d };
  if (d === 0n) throw new RangeError('division by zero');
  // The greatest common divisor by BigInt made a twelfth of all garbage of an order's intake.
  if (d > 0n && d <= largestSafe && n <= largestSafe && n >= -largestSafe) return rationalOfSafe(Number(n), Number(d));
  const sign = d < 0n ? -1n : 1n;
  const divisor = gcd(n, d * sign) || 1n;
  return { n: (n * sign) / divisor, d: (d * sign) / divisor };
}

export function toRational(value: DecimalText | number | bigint): Rational {
  if (typeof value === 'string') return parseRational(value);
  return rational(BigInt(value));
}

// At most fifteen digits in all: the number without its point is a safe integer.
const smallDecimal = /^-?\d{1,9}\.\d{1,6}$/;

function parseRational(text: DecimalText): Rational {
  if (smallInteger.test(text)) return { n: BigInt(text), d: 1n };
  if (!smallDecimal.test(text)) return rational(toScaled(text), scale);
  return rationalOfSafe(digitsOf(text), decimalsOf(text));
}

/** The number that the digits make without their point; exact for texts of `smallDecimal`. */
function digitsOf(text: DecimalText): number {
  const point = text.indexOf('.');
  return Number(text.slice(0, point) + text.slice(point + 1));
}

function decimalsOf(text: DecimalText): number {
  return 10 ** (text.length - text.indexOf('.') - 1);
}

/**
 * A fraction of two safe integers, not reduced, for arithmetic that checks its results against 2^53; undefined for texts
 * that are too long for it. `d` is a power of ten.
 */
export function smallFraction(text: DecimalText): { n: number; d: number } | undefined {
  if (smallInteger.test(text)) return { n: Number(text), d: 1 };
  return smallDecimal.test(text) ? { n: digitsOf(text), d: decimalsOf(text) } : undefined;
}

export function multiplyRationals(a: Rational, b: Rational): Rational {
  return rational(a.n * b.n, a.d * b.d);
}

export function divideRationals(a: Rational, b: Rational): Rational {
  return rational(a.n * b.d, a.d * b.n);
}

/** The decimal of the same value, or undefined when it does not end within nine digits (1/3, 0.0000000001). */
export function toExactDecimal(value: Rational): DecimalText | undefined {
  if (scale % value.d !== 0n) return undefined;
  return fromScaled(value.n * (scale / value.d));
}

/** True when `value` is a whole number of steps. */
export function isMultipleOf(value: Rational, step: DecimalText): boolean {
  return divideRationals(value, toRational(step)).d === 1n;
}

/** The least whole number of `step`s that is not below `value`, e.g. 125000/381 at step 1 is 329. */
export function roundUpToStep(value: Rational, step: DecimalText): Rational {
  const unit = toRational(step);
  const steps = divideRationals(value, unit);
  const whole = steps.n / steps.d + (steps.n > 0n && steps.n % steps.d !== 0n ? 1n : 0n);
  return multiplyRationals(rational(whole), unit);
}

/** The nearest integer, halves away from zero: the one rounding that money knows. */
export function roundHalfUp(value: Rational): bigint {
  const negative = value.n < 0n;
  const n = negative ? -value.n : value.n;
  const rounded = (2n * n + value.d) / (2n * value.d);
  return negative ? -rounded : rounded;
}
