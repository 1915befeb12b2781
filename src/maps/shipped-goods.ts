/** What ship notices of both standards say in the same way: SSCCs and weights. */

/** 18 digits, without the application identifier 00 that many senders write before them. */
export function ssccFrom(marks: string | undefined): string | undefined {
  const digits = marks?.replace(/^\(00\)/, '').replace(/^00(?=\d{18}$)/, '');
  return digits !== undefined && /^\d{18}$/.test(digits) ? digits : undefined;
}

/** Thousandths of a gram per unit, exactly: kilograms, grams, pounds, ounces, tonnes in the codes of both standards. */
const MILLIGRAMS: Readonly<Record<string, bigint>> = {
  KG: 1_000_000n,
  KGM: 1_000_000n,
  GR: 1000n,
  GRM: 1000n,
  LB: 453_592n,
  LBR: 453_592n,
  OZ: 28_350n,
  ONZ: 28_350n,
  TNE: 1_000_000_000n,
};

/** A weight in whole grams, rounded half up; undefined for a unit that is none of weight. */
export function gramsOf(weight: string | undefined, unit: string | undefined): number | undefined {
  const milligrams = MILLIGRAMS[unit ?? ''];
  const match = /^(\d{1,12})(?:\.(\d{1,6}))?$/.exec(weight ?? '');
  if (milligrams === undefined || match === null) return undefined;
  const millionths = BigInt(match[1] as string) * 1_000_000n + BigInt((match[2] ?? '').padEnd(6, '0'));
  return Number((millionths * milligrams + 500_000_000n) / 1_000_000_000n);
}

/** Grams as kilograms without trailing zeros. */
export function kilograms(grams: number): string {
  const digits = String(grams).padStart(4, '0');
  return `${digits.slice(0, -3)}.${digits.slice(-3)}`.replace(/\.?0+$/, '');
}
