import { formatDecimal, isWhole, parseDecimal } from '../decimal.ts';
import type { Carton, CartonContent } from '../wms/pack-cartons.ts';

/** The warehouse's own GS1 company prefix: its cartons bear its numbers. */
const companyPrefix = '0850046';

/** An SSCC-18 of the warehouse: extension digit 1, its prefix, a running number, the check digit. */
export function ssccOf(serial: number): string {
  const digits = `1${companyPrefix}${String(serial).padStart(9, '0')}`;
  const sum = Array.from(digits).reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1), 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

/** What leaves today and what leaves tomorrow, or all in one where there is nothing to part. */
export function splitCartons(cartons: readonly Carton[]): Carton[][] {
  const [carton] = cartons;
  if (carton === undefined) return [];
  if (cartons.length > 1) {
    const half = Math.ceil(cartons.length / 2);
    return [cartons.slice(0, half), renumbered(cartons.slice(half))];
  }
  const halves = splitContents(carton.contents);
  return halves === undefined ? [[carton]] : halves.map((contents) => [{ ...carton, contents }]);
}

function splitContents(contents: readonly CartonContent[]): [CartonContent[], CartonContent[]] | undefined {
  const [content] = contents;
  if (content === undefined) return undefined;
  if (contents.length > 1) {
    const half = Math.ceil(contents.length / 2);
    return [contents.slice(0, half), contents.slice(half)];
  }
  const all = parseDecimal(content.qty);
  const first = all / 2n;
  if (!isWhole(all) || all < parseDecimal('2')) return undefined;
  const now = first - (first % parseDecimal('1'));
  const pieces = Number(formatDecimal(now));
  const part = (quantity: bigint, serials: string[] | undefined): CartonContent => ({
    ...content,
    qty: formatDecimal(quantity),
    ...(serials === undefined ? {} : { serials }),
  });
  return [[part(now, content.serials?.slice(0, pieces))], [part(all - now, content.serials?.slice(pieces))]];
}

const renumbered = (cartons: readonly Carton[]): Carton[] =>
  cartons.map((carton, index) => ({ ...carton, cartonNo: index + 1 }));
