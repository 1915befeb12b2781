import {
  maxDecimal,
  openQuantity,
  type SalesOrder,
  type SalesOrderLine,
  shareOfMinor,
  subtractDecimals,
} from '../model/index.ts';
import {
  addHold,
  checkCredit,
  type HoldProblem,
  type OrderAggregate,
  type OrderFacts,
  removeHold,
} from '../orders/index.ts';
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
 * Grants or declines credit, in order of arrival; asks again where an order has come to cost more than it was granted,
 * since a price was set or changed after that. Only accounts with a limit are locked, in one statement for the batch;
 * what one order takes the next one no longer has.
 */
export async function decideCredit(tx: Tx, orders: readonly Undecided[], facts: OrderFacts): Promise<void> {
  const questions: Question[] = [];
  for (const one of orders) {
    const { aggregate, check } = one;
    const { state, document } = aggregate;
    if (aggregate.order.status.milestone === 'cancelled') continue;
    if (state.credit === 'approved' && !isOutgrown(aggregate)) continue;
    if (state.holds.some((hold) => beforeCredit.has(hold.code))) continue;
    // Who let it go on did so at the amount that it had then.
    if (state.credit === 'approved') dropWaiver(state);
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

/** It costs more than when credit was granted. */
function isOutgrown({ state, order }: OrderAggregate): boolean {
  if (state.grantedMinor !== undefined) return wantedMinor(order) > state.grantedMinor;
  // Granted before amounts were kept: what it added to the exposure is what it cost then.
  return state.exposure !== undefined && valueOf(order) > state.exposure.unshippedMinor;
}

function dropWaiver(state: OrderAggregate['state']): void {
  state.waivers = state.waivers.filter((waiver) => waiver.code !== 'CREDIT_HOLD');
}

function answer({ one, account, limitMinor }: Question, group: string[], exposures: Map<string, Exposure>, now: Date) {
  const { order, state } = one.aggregate;
  const orderMinor = valueOf(order);
  // The order under test is not in the exposure that it is compared with.
  const before = exposures.get(account)!;
  exposures.set(account, { ...before, unshippedMinor: before.unshippedMinor - (state.exposure?.unshippedMinor ?? 0) });
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

/** What is still to ship of the order with tax, minor units. */
function valueOf(order: SalesOrder): number {
  return sumOf(order, ({ q }) => maxDecimal('0', subtractDecimals(openQuantity(q), q.shipped)));
}

/** All that was not cancelled of the order with tax, shipped or not, minor units. */
function wantedMinor(order: SalesOrder): number {
  return sumOf(order, ({ q }) => openQuantity(q));
}

function sumOf(order: SalesOrder, quantityOf: (line: SalesOrderLine) => string): number {
  const lines = order.lines.reduce((sum, line) => {
    const { q, amountMinor } = line;
    const quantity = quantityOf(line);
    return sum + (quantity === q.ordered ? amountMinor : shareOfMinor(amountMinor, quantity, q.ordered));
  }, 0);
  return lines + order.taxContext.estimatedMinor;
}

function approve({ aggregate, change }: Undecided): void {
  const held = aggregate.state.holds.find((hold) => hold.code === 'CREDIT_HOLD');
  aggregate.state.credit = 'approved';
  aggregate.state.grantedMinor = wantedMinor(aggregate.order);
  if (held !== undefined && removeHold(aggregate, 'CREDIT_HOLD')) {
    change.released.push({ code: 'CREDIT_HOLD', since: held.since });
  }
}

function decline({ aggregate, change }: Undecided, problem: HoldProblem, now: Date): void {
  aggregate.state.credit = 'held';
  const { code, causeKey } = problem;
  if (addHold(aggregate, { code, causeKey, by: 'hub' }, now)) change.added.push(problem);
}
