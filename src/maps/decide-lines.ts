/** What a seller says to a purchase order, decided from the order alone; 855 and ORDRSP only write it down. */
import {
  addDecimals,
  maxDecimal,
  minDecimal,
  type SalesOrder,
  type SalesOrderLine,
  subtractDecimals,
} from '../model/index.ts';
import type { EdiTerms } from './edi-terms.ts';

/** An order as it stood when it was decided (or when its clock warned), to be told to the buyer. */
export interface OrderAcknowledgment {
  order: SalesOrder;
  /** Local date of the acknowledgment. */
  date: string;
  /** It replaces an answer that left lines open. */
  replaces?: boolean;
}

/** What became of one line, in base units. They add up to what was ordered. */
export interface LineDecision {
  held: string;
  accepted: string;
  backordered: string;
  substituted: { line: SalesOrderLine; quantity: string }[];
  rejected: string;
}

export function decide(order: SalesOrder, line: SalesOrderLine): LineDecision {
  const { q } = line;
  const substitutes = order.lines.filter((other) => other.substitutedFor === line.lineNo);
  const substituted = substitutes.map((other) => ({ line: other, quantity: minDecimal(other.q.ordered, q.cancelled) }));
  const replaced = addDecimals('0', ...substituted.map(({ quantity }) => quantity));
  const cancelled = minDecimal(q.cancelled, q.ordered);
  const open = subtractDecimals(q.ordered, cancelled);
  const undecided = order.holds.length > 0 || line.holds.length > 0;
  const backordered = undecided ? '0' : minDecimal(q.backordered, open);
  return {
    held: undecided ? open : '0',
    accepted: undecided ? '0' : subtractDecimals(open, backordered),
    backordered,
    substituted,
    rejected: maxDecimal('0', subtractDecimals(cancelled, replaced)),
  };
}

export function acknowledgmentType(
  lines: readonly SalesOrderLine[],
  decisions: readonly LineDecision[],
  terms: EdiTerms,
): string {
  const { accepted, changed, rejected } = terms.acknowledgmentCodes;
  if (lines.every((line, index) => decisions[index]?.rejected === line.q.ordered)) return rejected;
  const unchanged = lines.every((line, index) => {
    const decision = decisions[index] as LineDecision;
    return subtractDecimals(line.q.ordered, decision.accepted) === '0' && !hasNewPrice(line);
  });
  return unchanged ? accepted : changed;
}

/** The contract's price instead of the one that the buyer wrote; only where the agreement or a person decided so. */
export const hasNewPrice = (line: SalesOrderLine): boolean => line.priceSource === 'override';
