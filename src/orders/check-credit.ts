import { formatMinor } from '../model/index.ts';
import type { Exposure } from '../parties/index.ts';

export interface CreditQuestion {
  /** Exposure of every account of the group, as locked. The order under test is not in it yet. */
  group: readonly Exposure[];
  /** Absent: no limit. */
  limitMinor: number | undefined;
  /** This order with tax and freight. */
  orderMinor: number;
  currency: string;
}

export interface CreditAnswer {
  approved: boolean;
  /** What the group would owe with this order. */
  exposureMinor: number;
  /** By how much that exceeds the limit, zero when it does not. */
  overMinor: number;
  cause: string;
}

/**
 * Receivables + accepted and unshipped orders + uninvoiced shipments + this order − unapplied cash ≤ the group's limit.
 * Orders on credit hold are in no account's exposure, so that they do not stand in the way of smaller ones.
 */
export function checkCredit(question: CreditQuestion): CreditAnswer {
  const sum = (pick: (exposure: Exposure) => number): number =>
    question.group.reduce((total, exposure) => total + pick(exposure), 0);
  const receivables = sum((e) => e.receivablesMinor);
  const unshipped = sum((e) => e.unshippedMinor);
  const uninvoiced = sum((e) => e.uninvoicedMinor);
  const unapplied = sum((e) => e.unappliedCashMinor);
  const exposureMinor = receivables + unshipped + uninvoiced + question.orderMinor - unapplied;
  const overMinor = question.limitMinor === undefined ? 0 : Math.max(0, exposureMinor - question.limitMinor);
  const money = (minor: number): string => formatMinor(minor, question.currency);
  const cause =
    question.limitMinor === undefined
      ? 'The account has no limit.'
      : `Receivables ${money(receivables)}, open orders ${money(unshipped)}, uninvoiced shipments ${money(uninvoiced)} and ` +
        `this order ${money(question.orderMinor)}${unapplied === 0 ? '' : `, less unapplied cash ${money(unapplied)},`} ` +
        `make ${money(exposureMinor)} ${question.currency} of a limit of ${money(question.limitMinor)}.`;
  return { approved: overMinor === 0, exposureMinor, overMinor, cause };
}
