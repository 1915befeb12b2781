import { maxDecimal, openQuantity, type SalesOrder, shareOfMinor, subtractDecimals } from '../model/index.ts';
import { addHold, checkCredit, type HoldProblem, type OrderFacts, removeHold } from '../orders/index.ts';
import { type Exposure, loadCreditGroups, lockExposure } from '../parties/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Undecided } from './decide-orders.ts';

/** Holds under which credit is not asked about yet: the order may never come to be. */
const beforeCredit = new Set(['TEST_IN_PRODUCTION', 'CUSTOMER_BLOCKED']);

interface Question {
  one: Undecided;
  account: string;
  limitMinor: number;
}

/**
 * Grants or declines credit, in order of arrival. Only accounts with a limit are locked, in one statement for the batch;
 * what one order takes the next one no longer has.
 */
export async function decideCredit(tx: Tx, orders: readonly Undecided[], facts: OrderFacts): Promise<void> {
  const questions: Question[] = [];
  for (const one of orders) {
    const { aggregate, check } = one;
    const { state, document } = aggregate;
    if (state.credit === 'approved' || aggregate.order.status.milestone === 'cancelled') continue;
    if (state.holds.some((hold) => beforeCredit.has(hold.code))) continue;
    const account = document.creditAccount;
    const limitMinor = facts.customer(account)?.credit.limitMinor;
    const onHold = check.problems.find((problem) => problem.code === 'CREDIT_HOLD');
    const waived = state.waivers.some((waiver) => waiver.code === 'CREDIT_HOLD');
    if (waived || (onHold === undefined && limitMinor === undefined)) approve(one);
    else if (onHold !== undefined) decline(one, onHold, facts.now);
    else questions.push({ one, account, limitMinor: limitMinor! });
  }
  if (questions.length === 0) return;
  const groups = await loadCreditGroups(tx, [...new Set(questions.map(({ account }) => account))]);
  const exposures = await lockExposure(tx, [...groups.values()].flat());
  questions.sort((a, b) => (a.one.aggregate.id < b.one.aggregate.id ? -1 : 1));
  for (const question of questions) answer(question, groups.get(question.account)!, exposures, facts.now);
}

function answer({ one, account, limitMinor }: Question, group: string[], exposures: Map<string, Exposure>, now: Date) {
  const { order } = one.aggregate;
  const orderMinor = valueOf(order);
  const members = group.map((member) => exposures.get(member)!);
  const { approved, cause, exposureMinor, overMinor } = checkCredit({
    group: members,
    limitMinor,
    orderMinor,
    currency: order.currency,
  });
  if (approved) {
    const known = exposures.get(account)!;
    exposures.set(account, { ...known, unshippedMinor: known.unshippedMinor + orderMinor });
    approve(one);
    return;
  }
  const data = { account, limitMinor, exposureMinor, overMinor, orderMinor };
  const problem: HoldProblem = { code: 'CREDIT_HOLD', causeKey: account, cause, data, moneyAtRiskMinor: orderMinor };
  one.check.problems.push(problem);
  decline(one, problem, now);
}

/** What is still wanted of the order with tax, minor units. */
function valueOf(order: SalesOrder): number {
  const lines = order.lines.reduce((sum, { q, amountMinor }) => {
    const wanted = maxDecimal('0', subtractDecimals(openQuantity(q), q.shipped));
    return sum + (wanted === q.ordered ? amountMinor : shareOfMinor(amountMinor, wanted, q.ordered));
  }, 0);
  return lines + order.taxContext.estimatedMinor;
}

function approve({ aggregate, change }: Undecided): void {
  const held = aggregate.state.holds.find((hold) => hold.code === 'CREDIT_HOLD');
  aggregate.state.credit = 'approved';
  if (held !== undefined && removeHold(aggregate, 'CREDIT_HOLD')) {
    change.released.push({ code: 'CREDIT_HOLD', since: held.since });
  }
}

function decline({ aggregate, change }: Undecided, problem: HoldProblem, now: Date): void {
  aggregate.state.credit = 'held';
  const { code, causeKey } = problem;
  if (addHold(aggregate, { code, causeKey, by: 'hub' }, now)) change.added.push(problem);
}
