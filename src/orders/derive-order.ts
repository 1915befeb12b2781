import {
  addDecimals,
  compareDecimals,
  deriveQuantities,
  headerMilestone,
  invoiceAxis,
  isPositiveDecimal,
  isZeroDecimal,
  lineMilestone,
  maxDecimal,
  noFacts,
  openQuantity,
  paymentAxis,
  portalStatus,
  type SalesOrder,
  type SalesOrderLine,
  shareOfMinor,
  subtractDecimals,
} from '../model/index.ts';
import type { DocumentLine, LineState, OrderDocument, OrderState, StateHold } from './orders-types.ts';

export function initialState(document: OrderDocument): OrderState {
  return {
    decision: 'open',
    credit: 'unchecked',
    holds: document.holds,
    waivers: [],
    reserveRound: 0,
    lines: document.lines.flatMap((line) =>
      line.holds.length === 0 ? [] : [{ lineNo: line.lineNo, holds: line.holds }],
    ),
  };
}

export function orderNumber(value: number): string {
  return `SO${value}`;
}

/** The number inside an order number; undefined for a text that is none. */
export function parseOrderNumber(orderNo: string): number | undefined {
  const digits = /^SO(\d{1,15})$/i.exec(orderNo.trim())?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function publicHolds(holds: readonly StateHold[]): SalesOrderLine['holds'] {
  return holds.map(({ code, since, by, exceptionId }) => ({ code, since, by, exceptionId }));
}

/** Nothing has happened to the line yet, and nothing of it was cancelled: what holds for every line that comes in. */
function hasNothing(state: LineState): boolean {
  return Object.keys(state).every((name) => name === 'lineNo' || name === 'holds');
}

/** What `deriveQuantities` makes of an ordered quantity and no facts. */
function untouchedQuantities(ordered: string): SalesOrderLine['q'] {
  return {
    ordered,
    cancelled: '0',
    allocated: '0',
    backordered: '0',
    released: '0',
    picked: '0',
    packed: '0',
    shipped: '0',
    delivered: '0',
    invoiced: '0',
    returned: '0',
  };
}

/** One line as it stands. */
export function deriveLine(line: DocumentLine, state: LineState | undefined, creditApproved: boolean): SalesOrderLine {
  const { orderedBase, unpriced: _, ...rest } = line;
  // Worth a way of its own: two thirds of the garbage of deriving at intake came of arithmetic with nothing but zeros.
  if (isPositiveDecimal(orderedBase) && (state === undefined || hasNothing(state))) {
    return {
      ...rest,
      holds: publicHolds(state?.holds ?? []),
      q: untouchedQuantities(orderedBase),
      milestone: creditApproved ? 'credit_approved' : 'received',
    };
  }
  const derived = deriveQuantities({
    ordered: orderedBase,
    allocated: state?.allocated ?? '0',
    backordered: state?.backordered ?? '0',
    cancelled: state?.cancelled ?? '0',
    facts: { ...noFacts, ...state?.facts },
  });
  return {
    ...rest,
    price: state?.price ?? line.price,
    priceSource: state?.priceSource ?? line.priceSource,
    amountMinor: state?.amountMinor ?? line.amountMinor,
    promisedDate: state?.promisedDate,
    rejected: state?.rejected,
    inferred: derived.inferred.length > 0 ? derived.inferred : undefined,
    holds: publicHolds(state?.holds ?? []),
    q: derived.q,
    milestone: lineMilestone(derived.q, creditApproved),
  };
}

function headerLine(line: SalesOrderLine) {
  const invoiced = compareDecimals(line.q.invoiced, openQuantity(line.q)) >= 0;
  return { milestone: line.milestone, service: line.service, invoiced };
}

/** Every line as it stands. */
export function deriveLines(document: OrderDocument, state: OrderState): SalesOrderLine[] {
  const byLine = new Map(state.lines.map((line) => [line.lineNo, line]));
  const approved = state.credit === 'approved';
  return document.lines.map((line) => deriveLine(line, byLine.get(line.lineNo), approved));
}

/**
 * The order as it stands: the document with everything that has happened since. Status is derived, never set.
 * @param lines as `deriveLines` gives them, where the caller has them already
 */
export function deriveOrder(
  document: OrderDocument,
  state: OrderState,
  identity: { orderNo: string; version: number; updatedAt: string },
  lines: SalesOrderLine[] = deriveLines(document, state),
): SalesOrder {
  const { creditAccount: _account, statedTerms: _terms, traceparent: _trace, ...rest } = document;
  const untouched =
    lines.length > 0 &&
    state.lines.every(hasNothing) &&
    document.lines.every((line) => isPositiveDecimal(line.orderedBase));
  const milestone = untouched ? lines[0]!.milestone : headerMilestone(lines.map(headerLine));
  const onHold = state.holds.length > 0 || lines.some((line) => line.holds.length > 0);
  const invoice = untouched ? 'none' : invoiceAxis(lines);
  return {
    ...rest,
    orderNo: identity.orderNo,
    version: identity.version,
    shipTo: state.shipTo ?? document.shipTo,
    shipComplete: state.shipComplete ?? document.shipComplete,
    holds: publicHolds(state.holds),
    totals: { lines: lines.length, amountMinor: lines.reduce((sum, line) => sum + line.amountMinor, 0) },
    erpOrderNo: state.erpOrderNo,
    status: {
      milestone,
      onHold,
      exception: false,
      invoice,
      payment: paymentAxis(state.billedMinor ?? 0, state.paidMinor ?? 0, state.refundedMinor),
    },
    portalStatus: portalStatus(milestone, { onHold, fullyInvoiced: invoice === 'invoiced' }),
    lines,
    updatedAt: identity.updatedAt,
  };
}

/**
 * What an order adds to its account's exposure, minor units. It counts from the moment credit is granted; an order on
 * credit hold does not stand in the way of others, but for the lines that had gone on before it was held.
 */
export function exposureOf(order: SalesOrder, state: OrderState): { unshippedMinor: number; uninvoicedMinor: number } {
  if (state.decision === 'rejected') return { unshippedMinor: 0, uninvoicedMinor: 0 };
  const counted = state.credit === 'approved' ? undefined : new Set(state.goneLines);
  let unshippedMinor = 0;
  let uninvoicedMinor = 0;
  for (const line of order.lines) {
    const { q } = line;
    if (counted?.has(line.lineNo) === false) continue;
    const toShip = maxDecimal('0', subtractDecimals(openQuantity(q), q.shipped));
    const toInvoice = maxDecimal('0', subtractDecimals(q.shipped, q.invoiced));
    // A whole line needs no division, which is the common case.
    if (isPositiveDecimal(toShip)) unshippedMinor += shareOfLine(line, toShip);
    if (isPositiveDecimal(toInvoice)) uninvoicedMinor += shareOfLine(line, toInvoice);
  }
  if (unshippedMinor > 0) unshippedMinor += order.taxContext.estimatedMinor;
  return { unshippedMinor, uninvoicedMinor };
}

function shareOfLine(line: SalesOrderLine, quantity: string): number {
  if (compareDecimals(quantity, line.q.ordered) === 0) return line.amountMinor;
  return shareOfMinor(line.amountMinor, quantity, line.q.ordered);
}

/** Terminal: nothing more is expected to happen to its goods. */
export const CLOSED_MILESTONES: readonly string[] = ['delivered', 'cancelled', 'returned'];

export function isClosed(order: SalesOrder): boolean {
  return CLOSED_MILESTONES.includes(order.status.milestone);
}

/** Wanted and neither reserved, backordered nor cancelled; base units. */
export function unallocatedQuantity(line: SalesOrderLine): string {
  const taken = addDecimals(line.q.cancelled, line.q.backordered, line.q.allocated);
  return maxDecimal('0', subtractDecimals(line.q.ordered, taken));
}

/** A line without holds that is still wanted. */
export function isLive(line: SalesOrderLine): boolean {
  return line.holds.length === 0 && !isZeroDecimal(openQuantity(line.q));
}
