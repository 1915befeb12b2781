import {
  compareDecimals,
  type Customer,
  extendPrice,
  formatMinor,
  type Item,
  minorDigits,
  toGtin14,
} from '../model/index.ts';
import { ancestorsOf } from './credit-account.ts';
import { findLineState } from './change-order.ts';
import { comparePrice, contractPrice, type PriceContext } from './check-price.ts';
import type {
  DocumentLine,
  HoldProblem,
  LinePrice,
  Notice,
  OrderAggregate,
  OrderCheck,
  OrderDocument,
  OrderFacts,
  OrderState,
  Waiver,
} from './orders-types.ts';
import { resolveShipTo } from './resolve-ship-to.ts';

type AddProblem = (code: HoldProblem['code'], cause: string, data?: Record<string, unknown>) => void;

/** What holds an order that has just come in. Credit and stock are decided later, under locks. */
export function checkDocument(document: OrderDocument, facts: OrderFacts): OrderCheck {
  return check(document, undefined, facts);
}

/**
 * What holds a recorded order by today's master data; waived codes and cancelled lines are left out. Whatever this no
 * longer names has lost its cause, and its hold is released by itself.
 */
export function checkOrder(aggregate: OrderAggregate, facts: OrderFacts): OrderCheck {
  return check(aggregate.document, aggregate, facts);
}

function check(document: OrderDocument, aggregate: OrderAggregate | undefined, facts: OrderFacts): OrderCheck {
  const waivers = aggregate?.state.waivers ?? [];
  const customer = facts.customer(document.customer);
  const shipTo = aggregate?.order.shipTo ?? document.shipTo;
  const resolved = shipTo.resolved || customer === undefined ? shipTo : resolveShipTo(customer, shipTo, facts);
  const problems = checkHeader(document, customer, resolved, facts);
  const prices = new Map<number, LinePrice>();
  if (customer !== undefined) {
    const { channel, orderDate: date, currency } = document;
    const pricing: PriceContext = { customer, channel, date, currency };
    for (const line of document.lines) {
      if (aggregate?.order.lines[line.lineNo - 1]?.milestone === 'cancelled') continue;
      problems.push(...checkLine(line, aggregate?.state, pricing, facts, prices));
    }
  }
  return {
    problems: problems.filter((problem) => !isWaived(problem, waivers)),
    notices: customer === undefined ? [] : checkNotices(document, customer),
    shipTo: resolved === shipTo ? undefined : resolved,
    prices,
  };
}

function isWaived(problem: { code: string; lineNo?: number }, waivers: readonly Waiver[]): boolean {
  return waivers.some((waiver) => waiver.code === problem.code && waiver.lineNo === problem.lineNo);
}

function checkHeader(
  document: OrderDocument,
  customer: Customer | undefined,
  shipTo: OrderDocument['shipTo'],
  facts: OrderFacts,
): HoldProblem[] {
  const problems: HoldProblem[] = [];
  const add = (
    code: HoldProblem['code'],
    causeKey: string,
    cause: string,
    data: Record<string, unknown> = {},
  ): void => {
    problems.push({ code, causeKey, cause, data, moneyAtRiskMinor: document.totals.amountMinor });
  };
  const account = document.customer;
  if (document.test) {
    add('TEST_IN_PRODUCTION', account, 'The order is marked as a test; it goes no further than this.');
  }
  if (customer === undefined || customer.status === 'inactive') {
    add('CUSTOMER_BLOCKED', account, `Customer ${account} is not active.`, { customer: account });
  } else if (customer.block === 'all' || customer.block === 'ship') {
    add('CUSTOMER_BLOCKED', account, `Customer ${account} is blocked (${customer.block}).`, { customer: account });
  }
  if (customer !== undefined && customer.currency !== document.currency) {
    const cause = `The order is in ${document.currency}, the account in ${customer.currency}.`;
    add('FX_STALE', account, cause, { order: document.currency, account: customer.currency });
  }
  if (customer?.credit.status === 'hold') {
    add('CREDIT_HOLD', document.creditAccount, `The account ${account} is on credit hold.`, { customer: account });
  }
  for (const above of customer === undefined ? [] : ancestorsOf(customer, facts))
    checkAbove(above, account, problems, add);
  if (!shipTo.resolved) {
    const raw = shipTo.raw;
    const cause =
      raw === undefined
        ? `The order names no ship-to, and customer ${account} has no default one.`
        : `Ship-to ${raw.qualifier === undefined ? '' : `${raw.qualifier} `}${raw.code} is no active address of ${account}.`;
    const causeKey = `${account}:${raw?.qualifier ?? ''}:${raw?.code ?? ''}`;
    add('SHIPTO_INVALID', causeKey, cause, { customer: account, raw, name: shipTo.name, type: 'ship-to' });
  }
  return problems;
}

/** What holds a group's head holds its members; one problem per code is enough. */
function checkAbove(
  above: Customer,
  account: string,
  problems: readonly HoldProblem[],
  add: (code: HoldProblem['code'], causeKey: string, cause: string, data: Record<string, unknown>) => void,
): void {
  const { accountNo, block } = above;
  const has = (code: HoldProblem['code']): boolean => problems.some((problem) => problem.code === code);
  if ((block === 'all' || block === 'ship') && !has('CUSTOMER_BLOCKED')) {
    const cause = `${accountNo}, which customer ${account} belongs to, is blocked (${block}).`;
    add('CUSTOMER_BLOCKED', accountNo, cause, { customer: accountNo });
  }
  if (above.credit.status === 'hold' && !has('CREDIT_HOLD')) {
    const cause = `${accountNo}, which the account ${account} belongs to, is on credit hold.`;
    add('CREDIT_HOLD', accountNo, cause, { customer: accountNo });
  }
}

function checkLine(
  line: DocumentLine,
  state: OrderState | undefined,
  pricing: PriceContext,
  facts: OrderFacts,
  prices: Map<number, LinePrice>,
): HoldProblem[] {
  const item = facts.itemBySku(line.sku);
  const problems: HoldProblem[] = [];
  const add = (code: HoldProblem['code'], cause: string, data: Record<string, unknown> = {}): void => {
    problems.push({
      code,
      lineNo: line.lineNo,
      causeKey: line.sku,
      cause,
      data: { sku: line.sku, lineNo: line.lineNo, ...data },
      moneyAtRiskMinor: line.amountMinor,
    });
  };
  const ended = item?.lastSellDate !== undefined && item.lastSellDate < facts.today;
  if (item === undefined || item.status === 'blocked' || item.status === 'draft') {
    add('ITEM_BLOCKED', `Item ${line.sku} is ${item?.status ?? 'no longer in the catalog'}.`);
    return problems;
  }
  if (item.status === 'discontinued' || ended) {
    const successors = (item.substitutes ?? []).filter((s) => s.kind === 'supersede').map((s) => s.sku);
    const hint = successors.length > 0 ? ` ${successors.join(', ')} supersedes it.` : '';
    add('ITEM_DISCONTINUED', `Item ${line.sku} is discontinued.${hint}`, { successors });
  }
  checkQuantity(line, item, add);
  checkPack(line, item, facts, add);
  const decided = state !== undefined && findLineState(state, line.lineNo)?.price !== undefined;
  if (line.priceSource === 'po' && !decided) {
    checkStatedPrice(line, item, pricing, facts, state === undefined ? undefined : prices, add);
  }
  return problems;
}

/** Base units, and major units of the order's currency, from which on a line looks like a slip of the keyboard. */
const implausibleBase = '10000000';
const implausibleAmount = 1_000_000;

function checkQuantity(line: DocumentLine, item: Item, add: AddProblem): void {
  const most = item.implausibleFrom ?? implausibleBase;
  const { orderedBase, baseUom, price, amountMinor } = line;
  if (compareDecimals(orderedBase, most) >= 0) {
    add('QUANTITY_IMPLAUSIBLE', `The line orders ${grouped(orderedBase)} ${baseUom} of ${line.sku}.`, { most });
  } else if (amountMinor >= implausibleAmount * 10 ** minorDigits(price.currency)) {
    const amount = grouped(formatMinor(amountMinor, price.currency));
    add('QUANTITY_IMPLAUSIBLE', `The line comes to ${amount} ${price.currency}.`, { amountMinor });
  }
}

/** `1,234,567.5` */
function grouped(decimal: string): string {
  const [whole = '', fraction] = decimal.split('.');
  const digits = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}

/**
 * A GTIN says which item and which pack of it is meant. That of the base unit is what many buyers give with whatever unit
 * they order in; that of a larger pack means this pack.
 */
function checkPack(line: DocumentLine, item: Item, facts: OrderFacts, add: AddProblem): void {
  if (line.gtin === undefined) return;
  const gtin = toGtin14(line.gtin);
  const own = item.uoms.find((uom) => uom.gtin !== undefined && toGtin14(uom.gtin) === gtin);
  if (own !== undefined) {
    if (own.code === item.baseUom || own.code === line.ordered.uom) return;
    add('PACK_MISMATCH', `GTIN ${line.gtin} is one ${own.code} of ${line.sku}; the line orders ${line.ordered.uom}.`);
    return;
  }
  const other = facts.itemByGtin(line.gtin)?.item.sku;
  if (other !== undefined)
    add('PACK_MISMATCH', `GTIN ${line.gtin} is of ${other}; the line names ${line.sku}.`, { other });
}

function checkStatedPrice(
  line: DocumentLine,
  item: Item,
  pricing: PriceContext,
  facts: OrderFacts,
  // Absent for an order that is only coming in: its amounts have just been computed.
  prices: Map<number, LinePrice> | undefined,
  add: AddProblem,
): void {
  if (line.unpriced === true) {
    const ours = contractPrice(item, line.orderedBase, pricing, facts);
    if (ours !== undefined) prices?.set(line.lineNo, ours);
    else add('PRICE_MISSING', `Neither the purchase order nor our lists price ${line.sku}.`);
    return;
  }
  const verdict = comparePrice(item, line.orderedBase, line.price, pricing, facts);
  if (verdict.ok) {
    if (prices === undefined) return;
    // A unit that the item has gained since makes the amount computable.
    const amountMinor = extendPrice(item, line.orderedBase, line.price) ?? line.amountMinor;
    if (amountMinor !== line.amountMinor) {
      prices.set(line.lineNo, { price: line.price, priceSource: 'po', amountMinor });
    }
    return;
  }
  add(verdict.code, verdict.cause, verdict.data);
}

function checkNotices(document: OrderDocument, customer: Customer): Notice[] {
  const notices: Notice[] = [];
  if (customer.taxExempt === true && !document.taxContext.exempt) {
    const cause = `Customer ${customer.accountNo} is marked tax exempt, but no certificate is valid on ${document.orderDate}.`;
    notices.push({ code: 'EXEMPTION_EXPIRED', cause, data: { customer: customer.accountNo } });
  }
  const stated = document.statedTerms;
  if (stated?.netDays !== undefined && stated.netDays !== customer.terms.netDays) {
    const cause = `The purchase order states net ${stated.netDays}, the agreed terms are net ${customer.terms.netDays}.`;
    notices.push({ code: 'TERMS_MISMATCH', cause, data: { stated, agreed: customer.terms } });
  }
  return notices;
}
