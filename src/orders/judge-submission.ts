import {
  convertToBase,
  type Customer,
  extendPrice,
  type Item,
  isGtin,
  naturalKey,
  type OrderLineInput,
  type OrderSubmission,
  orderFingerprint,
  pricePerBase,
  type SalesOrder,
  type UnitPrice,
} from '../model/index.ts';
import { type ErrorCode, type ErrorDetail, instantText, isHubError } from '../platform/index.ts';
import { checkDocument } from './check-order.ts';
import { contractPrice, type PriceContext } from './check-price.ts';
import { creditAccountOf } from './credit-account.ts';
import type { DocumentLine, JudgeContext, Judgement, OrderDocument, OrderFacts } from './orders-types.ts';
import { resolveShipTo } from './resolve-ship-to.ts';

/**
 * Turns what a door submitted into an order, or refuses it: unknown customer, item or unit, and quantities that do not
 * come out even, are refused whole. What is known but wrong becomes a hold. Pure; reads nothing.
 */
export function judgeSubmission(submission: OrderSubmission, facts: OrderFacts, context: JudgeContext): Judgement {
  const customer = facts.customer(submission.customer);
  if (customer === undefined) {
    const message = `No customer has the number ${submission.customer}`;
    return refuse('UNKNOWN_CUSTOMER', message, [{ pointer: '/customer', code: 'UNKNOWN_CUSTOMER', message }]);
  }
  if (submission.purpose !== undefined && submission.purpose !== 'original') {
    const message = 'Changes and cancellations of an order are not taken in as orders';
    return refuse('VALIDATION_FAILED', message, [{ pointer: '/purpose', code: 'unsupported', message }]);
  }
  const currency = submission.currency ?? submission.lines.find((l) => l.price)?.price?.currency ?? customer.currency;
  const orderDate = submission.orderDate ?? facts.today;
  const pricing: PriceContext = { customer, channel: submission.channel, date: orderDate, currency };
  const lines: DocumentLine[] = [];
  const errors: ErrorDetail[] = [];
  submission.lines.forEach((input, index) => {
    const built = buildLine(input, index, pricing, facts);
    if ('error' in built) errors.push(built.error);
    else lines.push(built.line);
  });
  const first = errors[0];
  if (first !== undefined) return refuse(first.code as ErrorCode, first.message ?? first.code, errors);
  const document = buildDocument(submission, customer, lines, { currency, orderDate }, facts, context);
  const check = countable(() => checkDocument(document, facts));
  if ('error' in check) {
    const error = { ...check.error, pointer: '/lines' };
    return refuse('MONEY_INVALID', check.error.message, [error]);
  }
  const since = instantText(facts.now);
  for (const problem of check.problems) {
    const holds = problem.lineNo === undefined ? document.holds : document.lines[problem.lineNo - 1]!.holds;
    holds.push({ code: problem.code, since, by: 'hub' });
  }
  return { outcome: 'order', document };
}

function refuse(code: ErrorCode, message: string, errors: ErrorDetail[]): Judgement {
  return { outcome: 'refused', code, message, errors };
}

type BuiltLine = { line: DocumentLine } | { error: ErrorDetail };

function buildLine(input: OrderLineInput, index: number, pricing: PriceContext, facts: OrderFacts): BuiltLine {
  const found = findItem(input, pricing.customer.accountNo, facts);
  if ('problem' in found) {
    return { error: { pointer: `/lines/${index}/${found.field}`, code: 'UNKNOWN_ITEM', message: found.problem } };
  }
  const { item, ref } = found;
  const converted = convertToBase(item, input.quantity);
  if (!converted.ok) {
    return { error: { pointer: `/lines/${index}/quantity`, code: converted.code, message: converted.message } };
  }
  const priced = countable(() => {
    const ours = input.price === undefined ? contractPrice(item, converted.base, pricing, facts) : undefined;
    const price: UnitPrice = input.price ??
      ours?.price ?? { value: '0', currency: pricing.currency, perQty: '1', uom: item.baseUom };
    return { ours, price, amountMinor: ours?.amountMinor ?? extendPrice(item, converted.base, price) ?? 0 };
  });
  if ('error' in priced) return { error: { ...priced.error, pointer: `/lines/${index}/quantity` } };
  const { ours, price, amountMinor } = priced;
  return {
    line: {
      lineNo: index + 1,
      customerLineNo: input.customerLineNo,
      sku: item.sku,
      description: input.description ?? item.description,
      gtin: input.gtin,
      buyerItem: input.buyerItem,
      vendorItem: input.vendorItem,
      orderedItemRef: ref,
      ordered: input.quantity,
      orderedBase: converted.base,
      num: converted.num,
      den: converted.den,
      baseUom: item.baseUom,
      price,
      priceSource: ours?.priceSource ?? 'po',
      unpriced: input.price === undefined && ours === undefined ? true : undefined,
      priceBasis: input.priceBasis,
      packFactor: input.packFactor,
      amountMinor,
      requestedDate: input.requestedDate,
      service: item.type === 'service' ? true : undefined,
      holds: [],
    },
  };
}

/** What the work comes to, or that an amount in it is beyond what the hub counts. */
function countable<T extends object>(work: () => T): T | { error: { code: 'MONEY_INVALID'; message: string } } {
  try {
    return work();
  } catch (error) {
    if (!isHubError(error, 'MONEY_INVALID')) throw error;
    return { error: { code: 'MONEY_INVALID', message: error.message } };
  }
}

type FoundItem = { item: Item; ref: string } | { field: string; problem: string };

/** By our SKU, a GTIN, the vendor's number (ours), or an approved cross-reference of the buyer's number. */
function findItem(input: OrderLineInput, customer: string, facts: OrderFacts): FoundItem {
  const { sku, gtin, vendorItem, buyerItem } = input;
  const found =
    findBy(sku, sku === undefined ? undefined : facts.itemBySku(sku), customer, facts) ??
    findBy(gtin, gtin === undefined ? undefined : facts.itemByGtin(gtin)?.item, customer, facts) ??
    findBy(vendorItem, vendorItem === undefined ? undefined : facts.itemBySku(vendorItem), customer, facts) ??
    findBy(buyerItem, undefined, customer, facts);
  return found ?? describeUnknown(input);
}

/** @param own the item that the value names directly, where it does */
function findBy(
  value: string | undefined,
  own: Item | undefined,
  customer: string,
  facts: OrderFacts,
): FoundItem | undefined {
  if (value === undefined) return undefined;
  if (own !== undefined) return { item: own, ref: value };
  const sku = facts.itemReference?.(customer, value);
  const item = sku === undefined ? undefined : facts.itemBySku(sku);
  return item === undefined ? undefined : { item, ref: value };
}

/** Tells of the first of the names that the line gives. */
function describeUnknown(input: OrderLineInput): FoundItem {
  for (const field of ['sku', 'gtin', 'vendorItem', 'buyerItem'] as const) {
    const value = input[field];
    if (value === undefined) continue;
    const wrong = field === 'gtin' && !isGtin(value) ? ' (its check digit is wrong)' : '';
    return { field, problem: `No item has the ${field} ${value}${wrong}` };
  }
  return { field: 'sku', problem: 'The line names no item' };
}

function buildDocument(
  submission: OrderSubmission,
  customer: Customer,
  lines: DocumentLine[],
  basics: { currency: string; orderDate: string },
  facts: OrderFacts,
  context: JudgeContext,
): OrderDocument {
  const shipTo = resolveShipTo(customer, submission.shipTo, facts);
  return {
    id: context.orderId,
    correlationId: context.correlationId,
    traceparent: context.traceparent,
    channel: submission.channel,
    customer: customer.accountNo,
    customerName: customer.legalName,
    creditAccount: creditAccountOf(customer, facts),
    customerPo: submission.customerPo,
    release: submission.release,
    purpose: 'original',
    orderDate: basics.orderDate,
    requestedDate: submission.requestedDate,
    windows: submission.windows ?? {},
    shipTo,
    billTo: customer.addresses.find((address) => address.usage === 'billTo')?.id,
    currency: basics.currency,
    terms: { ...customer.terms, text: submission.terms?.text },
    statedTerms: submission.terms,
    taxContext: taxContext(customer, shipTo, basics.orderDate),
    freight: submission.freight,
    partnerRefs: submission.partnerRefs ?? {},
    parties: submission.parties ?? [],
    shipComplete: submission.shipComplete ?? customer.shipComplete ?? !customer.allowPartial,
    holds: [],
    totals: { lines: lines.length, amountMinor: lines.reduce((sum, line) => sum + line.amountMinor, 0) },
    nativeId: submission.nativeId,
    naturalKey: naturalKey({
      tenantId: facts.tenantId,
      customer: customer.accountNo,
      customerPo: submission.customerPo,
      documentType: 'order',
      release: submission.release,
      orderId: context.orderId,
      instance: context.instance,
    }),
    fingerprint: fingerprintOf(submission, lines, facts),
    sourceMessageId: context.sourceMessageId,
    test: submission.test ?? false,
    lines,
    createdAt: instantText(facts.now),
  };
}

/** Exempt where a certificate is valid on the day at the ship-to, or where the customer is exempt without any. */
function taxContext(customer: Customer, shipTo: SalesOrder['shipTo'], date: string): SalesOrder['taxContext'] {
  if (customer.taxExempt !== true) return { exempt: false, estimatedMinor: 0 };
  const exemptions = customer.exemptions ?? [];
  if (exemptions.length === 0) return { exempt: true, estimatedMinor: 0 };
  const { region, country } = shipTo.address ?? {};
  const places = shipTo.address === undefined ? undefined : ['*', region, country, `${country}-${region}`];
  const valid = exemptions.find(
    (exemption) =>
      exemption.validFrom <= date &&
      date <= exemption.validTo &&
      (places === undefined || places.includes(exemption.jurisdiction)),
  );
  return valid === undefined
    ? { exempt: false, estimatedMinor: 0 }
    : { exempt: true, certNo: valid.certNo, estimatedMinor: 0 };
}

function fingerprintOf(submission: OrderSubmission, lines: readonly DocumentLine[], facts: OrderFacts): string {
  return orderFingerprint({
    customer: submission.customer,
    customerPo: submission.customerPo,
    release: submission.release,
    purpose: 'original',
    lines: lines.map((line, index) => {
      const stated = submission.lines[index]!.price;
      const item = stated === undefined ? undefined : facts.itemBySku(line.sku);
      const each = item === undefined || stated === undefined ? undefined : pricePerBase(item, stated);
      const price = each === undefined ? JSON.stringify(stated) : `${each.n}/${each.d} ${stated!.currency}`;
      return { sku: line.sku, quantity: line.orderedBase, price };
    }),
  });
}
