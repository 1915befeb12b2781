/** Forms of values on the wire. */
import type { IssueCode } from './issue.ts';
import { COMMA, DIGIT, DOT, MINUS, type SegmentView, SPACE } from './segment-view.ts';

/** EDIFACT n, its decimal mark made a point. */
const NUMERIC_SHAPE = /^-?\d*\.?\d*$/;

/** Number of digits of a plain decimal (sign, digits, at most one point when allowed); 0 when it is anything else. */
function plainDigits(view: SegmentView, token: number, point: boolean): number {
  const { buf } = view;
  let from = view.start + view.tokenStart(token);
  const to = view.start + (view.ends[token] as number);
  if (buf[from] === 0x2d) from++;
  let digits = 0;
  let points = 0;
  for (let i = from; i < to; i++) {
    const byte = buf[i] as number;
    if (byte >= 0x30 && byte <= 0x39) digits++;
    else if (byte === 0x2e && point) points++;
    else return 0;
  }
  return points <= 1 ? digits : 0;
}

/** X12 R: digits with an optional sign, decimal point and exponent. */
function isReal(text: string): boolean {
  return /^-?(\d+\.?\d*|\.\d+)(E-?\d+)?$/.test(text);
}

/** Digits of an X12 number, signs, point and exponent left out; 0 when it is none. `real`: type R, otherwise whole. */
export function x12NumberDigits(view: SegmentView, token: number, real: boolean): number {
  const plain = plainDigits(view, token, real);
  if (plain > 0) return plain;
  const text = view.text(token).trimEnd();
  const isNumber = real ? isReal(text) : /^-?\d+$/.test(text);
  return isNumber ? text.replace(/[-.E]/g, '').length : 0;
}

/** The same for a decimal that neither begins nor ends with its point, as EDIFACT wants it. */
export function plainNumberDigits(view: SegmentView, token: number): number {
  const from = view.start + view.tokenStart(token);
  const to = view.start + (view.ends[token] as number);
  if (view.buf[from] === 0x2e || view.buf[from] === 0x2d || view.buf[to - 1] === 0x2e) return 0;
  return plainDigits(view, token, true);
}

/** What is wrong with an EDIFACT number, if anything: code, words and 0085 where it differs from the code's own. */
export function edifactNumberFault(
  text: string,
  mask: number,
  decimalMarks: number,
): [code: IssueCode, what: string, syntax?: string] | undefined {
  const plain = text.replace(',', '.');
  const strange = mask & ~(DIGIT | MINUS | DOT | COMMA | SPACE);
  if (strange !== 0 || !NUMERIC_SHAPE.test(plain) || !/\d/.test(plain))
    return ['ELEMENT_NOT_NUMERIC', 'is not a number'];
  if ((mask & (DOT | COMMA) & ~decimalMarks) !== 0)
    return ['ELEMENT_BAD_DECIMAL', 'uses a decimal mark that UNA does not declare'];
  if (plain.endsWith('.')) return ['ELEMENT_BAD_DECIMAL', 'has no digit after its decimal mark'];
  if (/^-?\./.test(plain)) return ['ELEMENT_BAD_DECIMAL', 'has no digit before its decimal mark', '38'];
  return undefined;
}

/** How many spaces a token ends with. */
export function trailingSpaces(view: SegmentView, token: number): number {
  const from = view.start + view.tokenStart(token);
  const end = view.start + (view.ends[token] as number);
  let last = end;
  while (last > from && view.buf[last - 1] === 0x20) last--;
  return end - last;
}

/** Characters of a text: code points, a pair of surrogates being one. */
export function characters(text: string): number {
  let count = 0;
  for (const _char of text) count++;
  return count;
}
