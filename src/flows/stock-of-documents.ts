import type { ReleasedStock, Unsaid } from '../inventory/index.ts';
import {
  addDecimals,
  compareDecimals,
  type InventoryReport,
  isPositiveDecimal,
  isZeroDecimal,
  maxDecimal,
  type ReceivingAdvice,
  type StockAdjustment,
  type StockChange,
  subtractDecimals,
} from '../model/index.ts';
import type { CountedQuantity, StockItems } from './find-stock-items.ts';
import type { Discrepancy } from './report-receipt.ts';
import type { StockProblem } from './stock-problem.ts';

type ChangeLine = StockChange['lines'][number];
type Status = NonNullable<ChangeLine['status']>;

/** Numbers of each line of a receipt: one part of it is one line of the stock change. */
const partsPerLine = 10;

export interface ReceivedStock {
  readonly lines: ChangeLine[];
  readonly told: Discrepancy[];
}

/**
 * What a warehouse received: what is good is available, what is damaged is damaged, and what it refuses for another reason is in
 * quarantine. `received` counts all of it, unless the document says what is good itself, or calls more bad than it received.
 */
export function stockOfReceipt(advice: ReceivingAdvice, items: StockItems): ReceivedStock {
  const lines: ChangeLine[] = [];
  const told: Discrepancy[] = [];
  for (const [index, line] of advice.lines.entries()) {
    const lineNo = index + 1;
    const found = items.find(line, lineNo);
    if (found === undefined) continue;
    const base = (quantity: CountedQuantity | undefined): string =>
      quantity === undefined ? '0' : (items.base(found, quantity, lineNo) ?? '0');
    const [damaged, rejected] = [base(line.damaged), base(line.rejected)];
    const bad = addDecimals(damaged, rejected);
    const received = base(line.received);
    const accepted = line.accepted === undefined ? undefined : base(line.accepted);
    const good = accepted ?? (compareDecimals(bad, received) > 0 ? received : subtractDecimals(received, bad));
    const { sku, baseUom: uom } = found.item;
    const { lot, expiry, poNumber: poNo } = line;
    const common = { sku, uom, ...(lot && { lot }), ...(expiry && { expiry }), ...(poNo && { poNo }) };
    const parts: [Status, string][] = [
      ['available', good],
      ['damaged', damaged],
      ['quarantine', rejected],
    ];
    for (const [part, [status, quantity]] of parts.entries()) {
      if (!isZeroDecimal(quantity)) lines.push({ lineNo: lineNo * partsPerLine + part, ...common, status, quantity });
    }
    for (const kind of ['short', 'over'] as const) {
      const quantity = base(line[kind]);
      if (isPositiveDecimal(quantity)) told.push({ lineNo, sku, uom, ...(lot && { lot }), kind, quantity });
    }
  }
  return { lines, told };
}

/** Element 181 of a W19, where it says that goods pass between statuses: from, to. */
const statusReasons: Readonly<Record<string, readonly [Status, Status]>> = {
  // Put on hold, and taken off it.
  '05': ['available', 'hold'],
  '55': ['hold', 'available'],
  // Damaged in the building, or on the way.
  AU: ['available', 'damaged'],
  AV: ['available', 'damaged'],
  // Recalled; beyond its shelf life.
  AW: ['available', 'recalled'],
  AX: ['available', 'expired'],
};

/**
 * What a warehouse adjusted. Reasons that tell of a status move goods there: by one line with the quantity that moves, whatever
 * its sign, or by two that take it here and add it there. Every other quantity is added to what is available, or taken from it,
 * under the reason as written.
 */
export function stockOfAdjustment(advice: StockAdjustment, items: StockItems): ChangeLine[] {
  const resolved = advice.lines.flatMap(({ reason, quantity, lot, ...line }, index) => {
    const lineNo = index + 1;
    const found = items.find(line, lineNo);
    const value = found && items.base(found, quantity, lineNo);
    if (found === undefined || value === undefined) return [];
    if (isZeroDecimal(value)) return [];
    const common = { sku: found.item.sku, uom: found.item.baseUom, reason, ...(lot && { lot }) };
    return [{ lineNo, value, common }];
  });
  const same = Map.groupBy(resolved, ({ common, value }) =>
    JSON.stringify([common.sku, common.lot, common.reason, value.replace('-', '')]),
  );
  const halves = new Set([...same.values()].flatMap(inPairs));
  return resolved.flatMap((line): ChangeLine[] => {
    const { lineNo, value, common } = line;
    const move = statusReasons[common.reason];
    const first = lineNo * partsPerLine;
    if (move === undefined) return [{ lineNo: first, ...common, status: 'available', quantity: value }];
    const [from, to] = move;
    const negative = value.startsWith('-');
    if (halves.has(line)) return [{ lineNo: first, ...common, status: negative ? from : to, quantity: value }];
    const moved = negative ? value.slice(1) : value;
    return [
      { lineNo: first, ...common, status: from, quantity: `-${moved}` },
      { lineNo: first + 1, ...common, status: to, quantity: moved },
    ];
  });
}

/** The lines that another one matches which moves as much the other way. */
function inPairs<T extends { value: string }>(lines: readonly T[]): T[] {
  const away = lines.filter(({ value }) => value.startsWith('-'));
  const towards = lines.filter(({ value }) => !value.startsWith('-'));
  const pairs = Math.min(away.length, towards.length);
  return [...away.slice(0, pairs), ...towards.slice(0, pairs)];
}

/** What a report states of an item's lot; base units, by kind. */
interface Stated {
  readonly sku: string;
  readonly uom: string;
  readonly lot: string;
  expiry?: string;
  readonly kinds: Map<string, string>;
}

export interface StatedPosition {
  readonly sku: string;
  readonly uom: string;
  readonly lot?: string;
  readonly expiry?: string;
  readonly status: Status;
  readonly quantity: string;
}

/** What an inventory report states, line by line summed up by item and lot. */
export function statedBy(report: InventoryReport, items: StockItems, noted: StockProblem[]): Stated[] {
  const stated = new Map<string, Stated>();
  for (const [index, { quantities = [], lot = '', expiry, ...line }] of report.lines.entries()) {
    const lineNo = index + 1;
    const found = items.find(line, lineNo);
    if (found === undefined) continue;
    const { sku, baseUom: uom } = found.item;
    const key = JSON.stringify([sku, lot]);
    const one = stated.get(key) ?? { sku, uom, lot, kinds: new Map<string, string>() };
    stated.set(key, one);
    if (expiry !== undefined) one.expiry = expiry;
    for (const { kind, quantity } of quantities) {
      const base = items.base(found, quantity, lineNo);
      if (base === undefined) continue;
      if (base.startsWith('-')) {
        const text = `line ${lineNo}: ${sku} is stated as ${base} ${uom}, less than nothing`;
        noted.push({ code: 'QUANTITY_INVALID', subject: `line ${lineNo}`, text });
      }
      one.kinds.set(kind, addDecimals(one.kinds.get(kind) ?? '0', base));
    }
  }
  return [...stated.values()];
}

/** Kinds without which a report says nothing of what may be sold. */
const sellable = ['onHand', 'available', 'committed'] as const;

/** Items of which a report says only what is damaged, on hold or on its way. */
export const unstated = (stated: readonly Stated[]): string[] => {
  const said = new Set(stated.filter(({ kinds }) => sellable.some((kind) => kinds.has(kind))).map(({ sku }) => sku));
  return [...new Set(stated.map(({ sku }) => sku))].filter((sku) => !said.has(sku));
};

/** Statuses for which a warehouse's report has no words: only we know of them. */
const ours: readonly Status[] = ['quarantine', 'expired', 'recalled'];

/**
 * What a report leaves unsaid of its items: what only we keep apart, damaged goods and holds where it names none, and lots where
 * it names none. All of that is contained in what is on hand; in what is available is only what the warehouse knows nothing of.
 */
export function unsaidBy(stated: readonly Stated[]): Unsaid[] {
  return [...Map.groupBy(stated, ({ sku }) => sku)].map(([sku, same]): Unsaid => {
    const says = (kind: string): boolean => same.some(({ kinds }) => kinds.has(kind));
    const statuses: Status[] = [...ours];
    if (!says('damaged')) statuses.push('damaged');
    if (!says('onHold')) statuses.push('hold');
    return { sku, lots: same.every(({ lot }) => lot === ''), statuses, contained: says('onHand') ? statuses : ours };
  });
}

/**
 * The positions that a report states. On hand is everything, so that what is damaged and on hold is taken off it; without it
 * it is what is available and committed, and without that too what is available and what the site has still to ship for us.
 */
export function positionsOf(stated: readonly Stated[], released: readonly ReleasedStock[]): StatedPosition[] {
  const open = new Map(released.map(({ sku, lot, quantity }) => [JSON.stringify([sku, lot]), quantity]));
  const take = (sku: string, lot: string): string => {
    const key = JSON.stringify([sku, lot]);
    const quantity = open.get(key) ?? '0';
    open.delete(key);
    return quantity;
  };
  return stated.flatMap(({ sku, uom, lot, expiry, kinds }) => {
    const damaged = kinds.get('damaged') ?? '0';
    const hold = kinds.get('onHold') ?? '0';
    const onHand = kinds.get('onHand');
    const available = kinds.get('available') ?? '0';
    const free =
      onHand !== undefined
        ? maxDecimal('0', subtractDecimals(onHand, addDecimals(damaged, hold)))
        : kinds.has('committed')
          ? addDecimals(available, kinds.get('committed')!)
          : // What is released of no lot lies in the first one that is named.
            addDecimals(available, take(sku, lot), lot === '' ? '0' : take(sku, ''));
    const common = { sku, uom, ...(lot && { lot }), ...(expiry && { expiry }) };
    return [
      { ...common, status: 'available' as const, quantity: free },
      ...(isPositiveDecimal(damaged) ? [{ ...common, status: 'damaged' as const, quantity: damaged }] : []),
      ...(isPositiveDecimal(hold) ? [{ ...common, status: 'hold' as const, quantity: hold }] : []),
    ];
  });
}
