import { formatDecimal, parseDecimal } from '../decimal.ts';

export interface ReleaseLine {
  lineNo: number;
  sku: string;
  qty: string;
  uom: string;
  lots?: { lot: string; qty: string }[];
}

export interface PickedLine extends ReleaseLine {
  short: string;
}

export interface CartonContent {
  lineNo: number;
  sku: string;
  qty: string;
  uom: string;
  lot?: string;
  serials?: string[];
}

export interface Carton {
  cartonNo: number;
  weightGrams: number;
  contents: CartonContent[];
}

const contentsPerCarton = 4;

/** Puts what was picked into cartons of a few contents each; lots as released, else the usual one; serials in turn. */
export function packCartons(
  picked: readonly PickedLine[],
  stock: { lots: Record<string, string>; serialSkus: readonly string[]; nextSerial(sku: string): string },
): Carton[] {
  const contents = picked
    .filter(({ qty }) => qty !== '0')
    .flatMap((line) => contentsOf(line, stock.lots[line.sku]))
    .map((content) => {
      if (!stock.serialSkus.includes(content.sku)) return content;
      const serials = Array.from({ length: Number(content.qty) }, () => stock.nextSerial(content.sku));
      return { ...content, serials };
    });
  const cartons: Carton[] = [];
  for (let start = 0; start < contents.length; start += contentsPerCarton) {
    const inside = contents.slice(start, start + contentsPerCarton);
    cartons.push({ cartonNo: cartons.length + 1, weightGrams: 400 + 900 * inside.length, contents: inside });
  }
  return cartons;
}

// The released lots are taken in their order until what was picked is used up.
function contentsOf(line: PickedLine, usualLot: string | undefined): CartonContent[] {
  const { lineNo, sku, uom } = line;
  if (!line.lots?.length) return [{ lineNo, sku, qty: line.qty, uom, ...(usualLot ? { lot: usualLot } : {}) }];
  const contents: CartonContent[] = [];
  let rest = parseDecimal(line.qty);
  for (const { lot, qty } of line.lots) {
    const take = parseDecimal(qty) < rest ? parseDecimal(qty) : rest;
    if (take <= 0n) break;
    contents.push({ lineNo, sku, qty: formatDecimal(take), uom, lot });
    rest -= take;
  }
  return contents;
}
