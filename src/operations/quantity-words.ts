import { type DecimalText, formatMinor, fromBaseExactly, normalizeDecimal, type SalesOrder } from '../model/index.ts';

/** Base units of one line. */
export interface LineQuantity {
  lineNo: number;
  quantity: string;
  /** Said where the order has no such line. */
  sku?: string | undefined;
}

const linesTold = 3;

/** `1234567.5` is `1,234,567.5`. */
function grouped(value: DecimalText): string {
  const [whole = '', fraction] = value.split('.');
  const digits = whole.replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}

/** `1,240.00 USD`. */
export function moneyText(minor: number, currency: string): string {
  return `${grouped(formatMinor(minor, currency))} ${currency}`;
}

/** `1 package`, `2 packages`, `1,200 packages`. */
export function plural(count: number, noun: string): string {
  return `${grouped(String(count))} ${noun}${count === 1 ? '' : 's'}`;
}

/**
 * How much of what was ordered: `3 of 5 CS LED`, or `5 CS LED` where it is all of it. In the customer's unit where that
 * comes out in whole units, in base units otherwise: `7 of 60 EA LED`.
 * @param options.bare without the item and without what was ordered: `3 CS`
 */
export function quantityText(order: SalesOrder, part: LineQuantity, { bare = false } = {}): string {
  const line = order.lines.find((each) => each.lineNo === part.lineNo);
  const quantity = normalizeDecimal(part.quantity);
  if (line === undefined) return [grouped(quantity), part.sku].filter(Boolean).join(' ');
  const units = fromBaseExactly(quantity, line.num, line.den);
  const inUnits = units !== undefined && (line.num === line.den || !units.includes('.'));
  const [value, uom, whole] = inUnits
    ? [units, line.ordered.uom, normalizeDecimal(line.ordered.value)]
    : [quantity, line.baseUom, normalizeDecimal(line.q.ordered)];
  if (bare) return `${grouped(value)} ${uom}`;
  return `${value === whole ? '' : `${grouped(value)} of `}${grouped(whole)} ${uom} ${line.sku}`;
}

/**
 * A few lines are told, many are counted: `5 CS LED, 2 EA PMP`, `14 lines`.
 * @param count how many there are in all, where `parts` may be fewer
 * @returns undefined when nothing is known of any
 */
export function linesText(order: SalesOrder, parts: readonly LineQuantity[], count?: number): string | undefined {
  const all = count ?? parts.length;
  if (all === 0) return undefined;
  if (all > linesTold || parts.length < all) return plural(all, 'line');
  return parts.map((part) => quantityText(order, part)).join(', ');
}
