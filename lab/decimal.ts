/**
 * Exact decimals for the lab's own arithmetic: billionths in a BigInt. The lab has its own so that a mistake of the hub's
 * arithmetic cannot hide in the outside truth.
 */
const scale = 9;
const one = 10n ** BigInt(scale);

export function parseDecimal(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(text);
  if (!match) throw new RangeError(`not a decimal: ${text}`);
  const [, sign, whole, fraction = ''] = match;
  const value = BigInt(whole ?? '0') * one + BigInt(fraction.padEnd(scale, '0'));
  return sign === '-' ? -value : value;
}

export function formatDecimal(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** a × b ÷ c where it comes out even within nine decimals, else undefined. */
export function proportion(a: bigint, b: bigint, c: bigint): bigint | undefined {
  if (c === 0n) return undefined;
  return (a * b) % c === 0n ? (a * b) / c : undefined;
}

/** n ÷ d rounded half up; both non-negative. */
export const roundedRatio = (n: bigint, d: bigint): bigint => (2n * n + d) / (2n * d);

export const isWhole = (value: bigint): boolean => value % one === 0n;
