import { addDecimals, compareDecimals, maxDecimal } from '../model/index.ts';
import type { FulfillmentOrder } from '../model/index.ts';
import type { FactKind, ProgressFact } from './fulfillment-types.ts';

/**
 * Adds facts to a fulfilment order's progress: per (line, kind, source, document) the highest sequence stays. Answers the
 * new progress; the same facts in any order or number give the same.
 */
export function mergeProgress(known: readonly ProgressFact[], facts: readonly ProgressFact[]): ProgressFact[] {
  const merged = new Map<string, ProgressFact>();
  for (const fact of [...known, ...facts]) {
    const key = JSON.stringify([fact.lineNo, fact.kind, fact.source, fact.document]);
    const before = merged.get(key);
    if (before === undefined || fact.sequence > before.sequence) merged.set(key, fact);
  }
  return [...merged.values()];
}

/** Totals by line and kind. A progress is never changed, only replaced; it is asked for all its kinds, line by line. */
const totalsOf = new WeakMap<readonly ProgressFact[], ReadonlyMap<string, string>>();

/** Total of one kind for one line: documents of a source add up, then the furthest source counts. Base units. */
export function progressOf(progress: readonly ProgressFact[], lineNo: number, kind: FactKind): string {
  let totals = totalsOf.get(progress);
  if (totals === undefined) totalsOf.set(progress, (totals = sumUp(progress)));
  return totals.get(`${lineNo} ${kind}`) ?? '0';
}

function sumUp(progress: readonly ProgressFact[]): Map<string, string> {
  const bySource = new Map<string, Map<string, string>>();
  for (const { lineNo, kind, source, quantity } of progress) {
    const key = `${lineNo} ${kind}`;
    let sums = bySource.get(key);
    if (sums === undefined) bySource.set(key, (sums = new Map()));
    sums.set(source, addDecimals(sums.get(source) ?? '0', quantity));
  }
  return new Map([...bySource].map(([key, sums]) => [key, maxDecimal('0', ...sums.values())]));
}

/** How far a fulfilment order is: the furthest step that all of its lines have reached, what came up short left out. */
export function fulfillmentStatus(
  order: Pick<FulfillmentOrder, 'lines' | 'status'>,
  progress: readonly ProgressFact[],
): FulfillmentOrder['status'] {
  if (order.status === 'rejected') return 'rejected';
  const reached = (kinds: readonly FactKind[]): boolean =>
    order.lines.every((line) => {
      const gone = addDecimals(
        progressOf(progress, line.lineNo, 'short'),
        progressOf(progress, line.lineNo, 'cancelled'),
      );
      const furthest = maxDecimal('0', ...kinds.map((kind) => progressOf(progress, line.lineNo, kind)));
      return compareDecimals(addDecimals(furthest, gone), line.quantity) >= 0;
    });
  const anything = (kind: FactKind): boolean => progress.some((fact) => fact.kind === kind && fact.quantity !== '0');
  if (anything('cancelled') && reached([])) return 'cancelled';
  if (reached(['shipped', 'delivered']) && (anything('shipped') || anything('delivered'))) return 'shipped';
  if (reached(['packed', 'shipped', 'delivered']) && anything('packed')) return 'packed';
  if (reached(['picked', 'packed', 'shipped', 'delivered']) && (anything('picked') || anything('packed')))
    return 'picked';
  return order.status === 'created' && progress.length === 0 ? 'created' : 'released';
}
