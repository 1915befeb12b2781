import { type RecordedMovement, releasedStock, sumPositions } from '../inventory/index.ts';
import {
  addDecimals,
  type InventoryReport,
  type ReceivingAdvice,
  type StockAdjustment,
  type StockChange,
} from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import { earliest, type Span, spanOf } from './spans-of-time.ts';
import type { Applied } from './apply-results.ts';
import { applyStockChange } from './apply-stock-change.ts';
import { applyStockSnapshots, type StockCause } from './apply-stock.ts';
import type { DocumentOrigin } from './apply-warehouse-documents.ts';
import type { StockItems } from './find-stock-items.ts';
import type { Hub } from './flow.ts';
import { reportReceipt } from './report-receipt.ts';
import { positionsOf, statedBy, stockOfAdjustment, stockOfReceipt, unsaidBy, unstated } from './stock-of-documents.ts';
import type { StockProblem } from './stock-problem.ts';

/** What is known of a document before its lines are. */
export interface DocumentOfWarehouse {
  readonly location: string;
  readonly origin: DocumentOrigin;
  readonly messageId: string;
  readonly receivedAt: Date;
  readonly timeZone: string;
  /** When its envelope says that it was written. */
  readonly written: Span | undefined;
  readonly cause: StockCause;
}

export type Outcome = Pick<Applied, 'reason'> & Partial<Pick<Applied, 'state'>>;

type Lines = StockChange['lines'];

/** @param ready false once a line could not be understood */
export async function applyReceipt(
  tx: Tx,
  hub: Hub,
  document: DocumentOfWarehouse,
  advice: ReceivingAdvice,
  items: StockItems,
  ready: () => boolean,
): Promise<Outcome | undefined> {
  const { lines, told } = stockOfReceipt(advice, items);
  if (!ready()) return undefined;
  const { location, messageId, origin, cause } = document;
  const source = origin.terms.agreement.id;
  const { receiptNo: number } = advice;
  const behind = { messageId, documentId: origin.id, told };
  if (lines.length === 0) {
    await reportReceipt(tx, hub, { source, location, number, movements: [], recorded: [], cause, ...behind });
    return { reason: `Receipt ${number} brings nothing in` };
  }
  const change: StockChange = {
    source,
    document: number,
    location,
    type: 'receipt',
    occurredAt: timeOfChange(document, advice.receivedOn),
    ...(advice.poNumber && { poNo: advice.poNumber }),
    lines,
  };
  const recorded = await applyStockChange(tx, hub, change, { ...cause, document: behind });
  return outcomeOf(`Receipt ${number}`, location, lines, recorded);
}

export async function applyAdjustment(
  tx: Tx,
  hub: Hub,
  document: DocumentOfWarehouse,
  advice: StockAdjustment,
  items: StockItems,
  ready: () => boolean,
): Promise<Outcome | undefined> {
  const lines = stockOfAdjustment(advice, items);
  if (!ready()) return undefined;
  const { location, origin, cause } = document;
  const number = advice.adjustmentNo ?? origin.controls;
  if (lines.length === 0) return { reason: `Adjustment ${number} changes nothing` };
  const change: StockChange = {
    source: origin.terms.agreement.id,
    document: number,
    location,
    type: 'adjust',
    occurredAt: timeOfChange(document, advice.date),
    lines,
  };
  const recorded = await applyStockChange(tx, hub, change, cause);
  return outcomeOf(`Adjustment ${number}`, location, lines, recorded);
}

export async function applyReport(
  tx: Tx,
  hub: Hub,
  document: DocumentOfWarehouse,
  report: InventoryReport,
  items: StockItems,
  problems: StockProblem[],
): Promise<Outcome | undefined> {
  const stated = statedBy(report, items, problems);
  if (problems.length > 0) return undefined;
  const passed = new Set(unstated(stated));
  const counted = stated.filter(({ sku }) => !passed.has(sku));
  const { location, cause } = document;
  const released = await releasedStock(tx, location, [...new Set(counted.map(({ sku }) => sku))]);
  const asOf = timeOfReport(document, report);
  const positions = positionsOf(counted, released);
  const told = { location, asOf: asOf.toISOString(), asOfSeq: asOf.getTime(), positions };
  const notes = passed.size === 0 ? [] : [`nothing is said of what may be sold of ${someOf([...passed])}`];
  if (positions.length === 0) return { reason: sentence([`The report states no stock at ${location}`, ...notes]) };
  const [result] = await applyStockSnapshots(tx, hub, [{ ...told, unsaid: unsaidBy(counted) }], cause);
  const { applied, stale } = result!;
  const { from } = spanOf(report.date, report.time, document.timeZone);
  const until = (report.time === undefined ? asOf : earliest(from, asOf)).toISOString();
  if (stale.length > 0)
    notes.unshift(`nothing changed for ${someOf(stale)}: a report as new as this or newer is known`);
  if (applied.length === 0) {
    return { state: 'ignored', reason: sentence([`Stock at ${location} as of ${until}`, ...notes]) };
  }
  const now = await bookOf(tx, location, applied);
  return { reason: sentence([`Stated as of ${until}; at ${location} there are now ${now}`, ...notes]) };
}

/** What the book says of items now. */
async function bookOf(tx: Tx, location: string, skus: readonly string[]): Promise<string> {
  const named = skus.slice(0, mostNamed);
  const none = named.map((sku) => ({ sku, quantity: '0' }));
  const parts = [...none, ...(await sumPositions(tx, location, named))];
  const more = skus.length > mostNamed ? `; and ${skus.length - mostNamed} more items` : '';
  return `${quantitiesOf(parts, '')}${more}`;
}

/**
 * A report is as of the end of its day, minute or second: what happened in that is part of it. Nobody knows what is to come
 * after they wrote.
 */
function timeOfReport({ receivedAt, written, timeZone }: DocumentOfWarehouse, { date, time }: InventoryReport): Date {
  return earliest(spanOf(date, time, timeZone).until, written?.until, receivedAt);
}

/**
 * A change has a day and no time: it had happened by the end of that, and when its document was written. So it is part of a report
 * of that day alone, and of one that was written in the same minute or later.
 */
function timeOfChange({ receivedAt, written, timeZone }: DocumentOfWarehouse, date: string): string {
  const until = new Date(spanOf(date, undefined, timeZone).until.getTime() - 999);
  return earliest(until, written?.from, receivedAt).toISOString();
}

function outcomeOf(what: string, location: string, lines: Lines, recorded: readonly RecordedMovement[]): Outcome {
  if (recorded.every(({ duplicate }) => duplicate)) {
    return { state: 'duplicate', reason: `${what} is on record already; nothing was changed` };
  }
  const booked = lines.flatMap((line, index): Quantified[] => {
    const { applied, quarantined } = recorded[index]!;
    if (!applied) return [];
    if (quarantined === undefined) return [line];
    const over = { ...line, status: 'quarantine' as const, quantity: quarantined };
    return [{ ...line, quantity: addDecimals(line.quantity, `-${quarantined}`) }, over];
  });
  const contained = lines.filter((_, index) => !recorded[index]!.duplicate && !recorded[index]!.applied);
  const notes =
    contained.length === 0
      ? []
      : [`a newer report of the stock contains ${someOf([...new Set(contained.map(({ sku }) => sku))])} already`];
  const changed = booked.length === 0 ? [] : [`${quantitiesOf(booked, '+')} at ${location}`];
  return { reason: sentence([...changed, ...notes]) };
}

interface Quantified {
  readonly sku: string;
  readonly status?: string;
  readonly quantity: string;
}

/** Items named in one sentence. */
const mostNamed = 5;

/** `GLV +960 available, +40 damaged; BLT +100 available` */
function quantitiesOf(parts: readonly Quantified[], plus: string): string {
  const bySku = [...Map.groupBy(parts, ({ sku }) => sku)];
  const named = bySku.slice(0, mostNamed).map(([sku, ofItem]) => {
    const byStatus = [...Map.groupBy(ofItem, ({ status }) => status ?? 'available')];
    const quantities = byStatus.flatMap(([status, same]) => {
      const quantity = addDecimals(...same.map((each) => each.quantity));
      return quantity === '0' && plus !== '' ? [] : `${quantity.startsWith('-') ? '' : plus}${quantity} ${status}`;
    });
    return `${sku} ${quantities.length === 0 ? 'unchanged' : quantities.join(', ')}`;
  });
  const more = bySku.length - named.length;
  return more === 0 ? named.join('; ') : `${named.join('; ')}; and ${more} more`;
}

function someOf(skus: readonly string[]): string {
  const named = skus.slice(0, mostNamed).join(', ');
  return skus.length > mostNamed ? `${named} and ${skus.length - mostNamed} more` : named;
}

const sentence = (parts: readonly string[]): string => parts.join('; ');
