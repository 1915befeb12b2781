import {
  addDecimals,
  compareDecimals,
  type DecimalText,
  isPositiveDecimal,
  isZeroDecimal,
  maxDecimal,
  minDecimal,
  subtractDecimals,
} from './decimal.ts';
import type { LineQuantities, Milestone } from './sales-order.ts';

/** What facts say about one line, summed over documents and sources; base units. */
export interface LineFactTotals {
  released: DecimalText;
  picked: DecimalText;
  packed: DecimalText;
  shipped: DecimalText;
  delivered: DecimalText;
  short: DecimalText;
  cancelled: DecimalText;
  invoiced: DecimalText;
  returned: DecimalText;
}

export const noFacts: Readonly<LineFactTotals> = {
  released: '0',
  picked: '0',
  packed: '0',
  shipped: '0',
  delivered: '0',
  short: '0',
  cancelled: '0',
  invoiced: '0',
  returned: '0',
};

export interface LineInputs {
  ordered: DecimalText;
  /** Reserved by the hub for this line; cancels that a warehouse confirmed (`facts.cancelled`) are taken off it here. */
  allocated: DecimalText;
  backordered: DecimalText;
  /** Cancelled or rejected by the hub; cancellations that a warehouse confirmed are facts and add to it. */
  cancelled: DecimalText;
  facts: Readonly<LineFactTotals>;
}

export type InferredStep = 'released' | 'picked' | 'packed' | 'shipped';

export interface DerivedLine {
  q: LineQuantities;
  /** Steps nobody reported, lifted because a later one is known. */
  inferred: InferredStep[];
  /** More was cancelled than was left unshipped: CANCEL_TOO_LATE. */
  cancelTooLate: boolean;
}

/**
 * Cumulative quantities of a line. Each means "at least this far", so a later fact lifts the earlier ones, and
 * ordered = cancelled + unallocated + backordered + allocated always sums. A cancel takes unshipped quantity only.
 */
export function deriveQuantities(line: LineInputs): DerivedLine {
  const { facts, ordered } = line;
  const shipped = maxDecimal(facts.shipped, facts.delivered);
  const asked = addDecimals(line.cancelled, facts.cancelled);
  const cancelled = minDecimal(asked, maxDecimal('0', subtractDecimals(ordered, shipped)));
  const open = subtractDecimals(ordered, cancelled);
  // Only an over-shipment exceeds what is open; it is a physical truth and stays visible.
  const most = maxDecimal(open, shipped);
  const packed = minDecimal(maxDecimal(facts.packed, shipped), most);
  const picked = minDecimal(maxDecimal(facts.picked, packed), most);
  // What came up short or was given back is no longer with the warehouse; what was short may be released again elsewhere.
  const givenBack = addDecimals(facts.short, facts.cancelled);
  const held = maxDecimal('0', subtractDecimals(facts.released, givenBack));
  const released = minDecimal(maxDecimal(held, picked), most);
  const stillAllocated = maxDecimal('0', subtractDecimals(line.allocated, facts.cancelled));
  const allocated = minDecimal(maxDecimal(stillAllocated, released), most);
  const unallocated = maxDecimal('0', subtractDecimals(open, allocated));
  const lifted = (known: DecimalText, value: DecimalText): boolean => compareDecimals(value, known) > 0;
  const inferred: InferredStep[] = [];
  if (lifted(held, released)) inferred.push('released');
  if (lifted(facts.picked, picked)) inferred.push('picked');
  if (lifted(facts.packed, packed)) inferred.push('packed');
  if (lifted(facts.shipped, shipped)) inferred.push('shipped');
  return {
    q: {
      ordered,
      cancelled,
      allocated,
      backordered: minDecimal(line.backordered, unallocated),
      released,
      picked,
      packed,
      shipped,
      delivered: facts.delivered,
      invoiced: facts.invoiced,
      returned: facts.returned,
    },
    inferred,
    cancelTooLate: compareDecimals(asked, cancelled) > 0,
  };
}

/** What is still wanted of a line: ordered less what was cancelled and not shipped. */
export function openQuantity(q: LineQuantities): DecimalText {
  const fulfilled = maxDecimal(q.shipped, q.delivered);
  const cancellable = maxDecimal('0', subtractDecimals(q.ordered, fulfilled));
  return subtractDecimals(q.ordered, minDecimal(q.cancelled, cancellable));
}

/** The milestone of a line; the first rule that matches wins. */
export function lineMilestone(q: LineQuantities, creditApproved: boolean): Milestone {
  const open = openQuantity(q);
  const fulfilled = maxDecimal(q.shipped, q.delivered);
  const reaches = (value: DecimalText): boolean => compareDecimals(value, open) >= 0;
  if (isZeroDecimal(open)) return 'cancelled';
  if (isPositiveDecimal(fulfilled) && compareDecimals(q.returned, fulfilled) >= 0 && reaches(fulfilled)) {
    return 'returned';
  }
  if (reaches(q.delivered)) return 'delivered';
  if (isPositiveDecimal(q.delivered)) return 'partially_delivered';
  if (reaches(q.shipped)) return 'shipped';
  if (isPositiveDecimal(q.shipped)) return 'partially_shipped';
  if (reaches(q.packed)) return 'packed';
  if (reaches(q.picked)) return 'picked';
  if (isPositiveDecimal(q.released)) return 'released';
  if (reaches(q.allocated)) return 'allocated';
  if (isPositiveDecimal(q.allocated)) return 'partially_allocated';
  if (isPositiveDecimal(q.backordered)) return 'backordered';
  return creditApproved ? 'credit_approved' : 'received';
}

/** Pre-ship milestones from the least to the furthest. */
const ranks: readonly Milestone[] = [
  'received',
  'credit_approved',
  'backordered',
  'partially_allocated',
  'allocated',
  'released',
  'picked',
  'packed',
];

export interface HeaderLine {
  milestone: Milestone;
  /** A service or charge has no goods to move; it counts only where the order holds nothing else. */
  service?: boolean;
  /** Fully invoiced, which for a service is what delivery is for goods. */
  invoiced?: boolean;
}

/** The milestone of an order from those of its lines. */
export function headerMilestone(lines: readonly HeaderLine[]): Milestone {
  const goods = lines.filter((line) => line.service !== true);
  const counted = goods.length > 0 ? goods : lines;
  const milestones = counted
    .map((line): Milestone => {
      const done = line.service === true && line.invoiced === true && line.milestone !== 'cancelled';
      return done ? 'delivered' : line.milestone;
    })
    .filter((milestone) => milestone !== 'cancelled');
  if (milestones.length === 0) return 'cancelled';
  const all = (...set: Milestone[]): boolean => milestones.every((m) => set.includes(m));
  const any = (...set: Milestone[]): boolean => milestones.some((m) => set.includes(m));
  if (all('returned')) return 'returned';
  if (all('delivered', 'returned')) return 'delivered';
  if (any('delivered', 'partially_delivered')) return 'partially_delivered';
  if (all('shipped', 'returned')) return 'shipped';
  if (any('shipped', 'partially_shipped', 'returned')) return 'partially_shipped';
  const reached = milestones.map((m) => ranks.indexOf(m));
  const lowest = ranks[Math.min(...reached)]!;
  const rank = (milestone: Milestone): number => ranks.indexOf(milestone);
  if (reached.every((r) => r >= rank('released'))) return lowest;
  if (reached.some((r) => r >= rank('released'))) return 'released';
  if (reached.every((r) => r === rank('allocated'))) return 'allocated';
  if (reached.some((r) => r >= rank('partially_allocated'))) return 'partially_allocated';
  return lowest;
}

/** What the buyer sees. While an order is held it is under review, and the reason is never shown. */
export function portalStatus(milestone: Milestone, flags: { onHold: boolean; fullyInvoiced: boolean }): string {
  if (flags.onHold) return 'under review';
  switch (milestone) {
    case 'received':
      return 'under review';
    case 'credit_approved':
      return 'accepted';
    case 'partially_allocated':
    case 'allocated':
    case 'released':
    case 'picked':
    case 'packed':
      return 'in process';
    case 'partially_shipped':
    case 'partially_delivered':
      return 'partially shipped';
    case 'shipped':
    case 'delivered':
      return flags.fullyInvoiced ? 'invoiced' : 'shipped';
    case 'backordered':
    case 'cancelled':
    case 'returned':
      return milestone;
  }
}

export function invoiceAxis(lines: readonly { q: LineQuantities }[]): 'none' | 'partial' | 'invoiced' {
  const wanted = lines.filter((line) => !isZeroDecimal(openQuantity(line.q)));
  if (!lines.some((line) => isPositiveDecimal(line.q.invoiced))) return 'none';
  return wanted.every((line) => compareDecimals(line.q.invoiced, openQuantity(line.q)) >= 0) ? 'invoiced' : 'partial';
}

/** @param billedMinor sum of posted invoices less credit memos; `refundedMinor` what was paid back. */
export function paymentAxis(
  billedMinor: number,
  paidMinor: number,
  refundedMinor = 0,
): 'unpaid' | 'partial' | 'paid' | 'overpaid' | 'refunded' {
  const kept = paidMinor - refundedMinor;
  if (kept <= 0) return refundedMinor > 0 ? 'refunded' : 'unpaid';
  if (billedMinor <= 0 || kept < billedMinor) return 'partial';
  return kept > billedMinor ? 'overpaid' : 'paid';
}
