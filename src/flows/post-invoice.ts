import { loadItems } from '../catalog/index.ts';
import type { NewEvent } from '../events/index.ts';
import type { NewException } from '../exceptions/index.ts';
import {
  announceInvoices,
  billingOfOrders,
  type InvoiceDraft,
  type InvoicedItem,
  type InvoiceProblem,
  listUnannounced,
  type PostedInvoice,
  parkInvoices,
  postInvoices as recordInvoices,
  toPoLines,
} from '../invoicing/index.ts';
import {
  addDecimals,
  compareDecimals,
  convertToBase,
  formatMinor,
  type Invoice,
  type InvoiceReport,
} from '../model/index.ts';
import { findOrderIds, lockOrders, type OrderAggregate, recordBilling } from '../orders/index.ts';
import { loadCustomers, recordExposure } from '../parties/index.ts';
import type { Tx } from '../platform/index.ts';
import { applyFacts } from './apply-facts.ts';
import type { Hub } from './flow.ts';
import { originData } from './order-origin.ts';
import { raiseExceptions, settleExceptions } from './raise-exceptions.ts';
import { takeInvoices } from './take-parked.ts';

/**
 * Takes up invoices that waited for their order to appear, or for the shipment that they bill. A customer is never sent an
 * invoice for more than has shipped.
 */
export async function announceWaiting(tx: Tx, hub: Hub, orderIds: readonly string[]): Promise<void> {
  const orders = await lockOrders(tx, [...new Set(orderIds)]);
  // By each number that an invoice may name an order by.
  const waiting = await takeInvoices(
    tx,
    hub,
    [...orders.values()].flatMap(({ orderNo, state, document }) => [
      orderNo,
      ...(state.erpOrderNo === undefined ? [] : [state.erpOrderNo]),
      document.naturalKey,
    ]),
  );
  await postInvoices(tx, hub, waiting);
  await announce(tx, hub, orders);
}

/**
 * Records invoices as the ERP posted them: in the PO's line numbers, units and price basis, for good. The order's invoiced
 * quantities and the customer's receivables follow. Whoever waits for an invoice hears of it once it bills no more than has
 * shipped. Invoices of unknown orders wait for them.
 */
export async function postInvoices(tx: Tx, hub: Hub, reports: readonly InvoiceReport[]): Promise<PostedInvoice[]> {
  if (reports.length === 0) return [];
  const now = hub.clock.now();
  const numbers = [...new Set(reports.map((report) => report.orderNo))];
  const ids = await findOrderIds(tx, { orderNos: numbers, erpOrderNos: numbers, naturalKeys: numbers });
  const orphans = reports.filter((report) => !ids.has(report.orderNo));
  await parkInvoices(
    tx,
    orphans.map((report) => ({ report })),
    now,
  );
  const orders = await lockOrders(tx, [...new Set(ids.values())]);
  const known = reports.filter((report) => orders.has(ids.get(report.orderNo) ?? ''));
  const drafts = await draftInvoices(
    tx,
    known.map((report) => ({ report, aggregate: orders.get(ids.get(report.orderNo)!)! })),
  );
  const results = await recordInvoices(tx, drafts, now);
  const posted = results.flatMap((result, i) => (result.outcome === 'posted' ? [{ result, draft: drafts[i]! }] : []));
  const facts = await applyFacts(
    tx,
    hub,
    posted.flatMap(({ draft }) => invoicedFacts(draft)),
  );
  for (const [id, aggregate] of facts.orders) orders.set(id, aggregate);
  const billed = await recordBilling(tx, await billingOfOrders(tx, orderIdsOf(posted)), now);
  for (const [id, aggregate] of billed) orders.set(id, aggregate);
  await raiseExceptions(tx, hub, [
    ...(await recordReceivables(tx, posted, orders)),
    ...posted.flatMap(({ draft, result }) => problemException(draft.lines.problems, result.invoice, result)),
    ...results.filter((result) => result.outcome === 'conflict').map(conflictException),
  ]);
  await announce(tx, hub, orders);
  return results;
}

/** What is billed is owed. Answers exceptions for invoices in another currency than the account's, which change nothing. */
async function recordReceivables(
  tx: Tx,
  posted: readonly { result: PostedInvoice; draft: InvoiceDraft }[],
  orders: ReadonlyMap<string, OrderAggregate>,
): Promise<NewException[]> {
  const billed = posted.map(({ draft, result }) => {
    const { creditAccount } = orders.get(result.invoice.orderId)!.document;
    return { report: draft.report, result, creditAccount };
  });
  const accounts = await loadCustomers(tx, [...new Set(billed.map(({ creditAccount }) => creditAccount))]);
  const currencyOf = (accountNo: string): string | undefined => accounts.get(accountNo)?.value.currency;
  const fits = ({ report, creditAccount }: (typeof billed)[number]): boolean =>
    (currencyOf(creditAccount) ?? report.currency) === report.currency;
  await recordExposure(
    tx,
    billed.filter(fits).map(({ report, creditAccount }) => ({
      account: creditAccount,
      receivablesMinor: report.totalMinor,
      reason: report.invoiceNo,
    })),
  );
  return billed
    .filter((each) => !fits(each))
    .map(({ result, report, creditAccount }) => ({
      ...aboutInvoice(result.invoice, result, 'CURRENCY'),
      code: 'INVOICE_MISMATCH' as const,
      cause: `Invoice ${report.invoiceNo} is in ${report.currency}; account ${creditAccount} is kept in ${currencyOf(creditAccount)}, so what it owes does not change.`,
      data: { currency: report.currency, account: creditAccount },
    }));
}

function orderIdsOf(posted: readonly { result: PostedInvoice }[]): string[] {
  return [...new Set(posted.map(({ result }) => result.invoice.orderId))];
}

async function draftInvoices(
  tx: Tx,
  known: readonly { report: InvoiceReport; aggregate: OrderAggregate }[],
): Promise<InvoiceDraft[]> {
  const skus = known.flatMap(({ aggregate }) => aggregate.document.lines.map((line) => line.sku));
  const items = skus.length === 0 ? new Map() : await loadItems(tx, [...new Set(skus)]);
  const itemOf = (sku: string): InvoicedItem | undefined => items.get(sku)?.value;
  return known.map(({ report, aggregate }) => {
    const { traceparent } = aggregate.document;
    const order = { ...aggregate.order, ...(traceparent === undefined ? {} : { traceparent }) };
    return { report, order, lines: toPoLines(report, order, itemOf) };
  });
}

function invoicedFacts({ report, order, lines }: InvoiceDraft) {
  const byLine = Map.groupBy(lines.base, (line) => line.lineNo);
  return [...byLine].map(([lineNo, own]) => ({
    source: report.source,
    document: report.invoiceNo,
    orderId: order.id,
    lineNo,
    kind: 'invoiced' as const,
    quantity: addDecimals(...own.map((line) => line.quantity)),
    uom: own[0]!.uom,
    sequence: 1,
    occurredAt: report.postedAt,
  }));
}

/** Publishes the invoices of orders that bill no more than has shipped; the others become an exception until it has. */
async function announce(tx: Tx, hub: Hub, orders: ReadonlyMap<string, OrderAggregate>): Promise<void> {
  const waiting = await listUnannounced(tx, [...orders.keys()]);
  if (waiting.length === 0) return;
  const items = await loadItems(tx, [...new Set(waiting.flatMap((invoice) => invoice.lines.map((line) => line.sku)))]);
  const baseOf = (line: Invoice['lines'][number]): string => {
    const item = items.get(line.sku)?.value;
    const converted = item && convertToBase(item, line.quantity);
    return converted?.ok === true ? converted.base : '0';
  };
  const ready: Invoice[] = [];
  const early: NewException[] = [];
  for (const invoice of waiting) {
    const problems = exceeding(invoice, orders.get(invoice.orderId)!, baseOf);
    if (problems.length === 0) ready.push(invoice);
    else early.push(...problemException(problems, invoice, { correlationId: invoice.orderId }));
  }
  const announced = new Set(
    await announceInvoices(
      tx,
      ready.map((invoice) => invoice.id),
      hub.clock.now(),
    ),
  );
  const news = ready.filter((invoice) => announced.has(invoice.id));
  await raiseExceptions(
    tx,
    hub,
    early.map((exception) => withCorrelation(exception, orders)),
  );
  await settleExceptions(tx, hub, {
    dedupeKeys: news.map((invoice) => exceptionKey(invoice, 'EXCEEDS_SHIPPED')),
    resolution: 'Everything it bills has shipped',
    by: 'hub',
  });
  await hub.events.publish(
    tx,
    news.map((invoice) => invoiceEvent(invoice, orders.get(invoice.orderId)!)),
  );
}

/** Lines of which more has been invoiced in all than has shipped; services and charges ship nothing. */
function exceeding(
  invoice: Invoice,
  { order }: OrderAggregate,
  baseOf: (line: Invoice['lines'][number]) => string,
): InvoiceProblem[] {
  return invoice.lines.flatMap((billed): InvoiceProblem[] => {
    const line = order.lines.find((each) => each.lineNo === billed.lineNo);
    if (line === undefined || line.service === true) return [];
    if (compareDecimals(line.q.invoiced, line.q.shipped) <= 0) return [];
    const message = `Line ${line.lineNo} bills ${baseOf(billed)} ${line.baseUom}; ${line.q.shipped} have shipped and ${line.q.invoiced} are invoiced in all`;
    return [{ code: 'EXCEEDS_SHIPPED', lineNo: line.lineNo, message }];
  });
}

function exceptionKey(invoice: Invoice, kind: string): string {
  return `invoice:${invoice.id}:${kind}`;
}

function problemException(
  problems: readonly InvoiceProblem[],
  invoice: Invoice,
  from: { correlationId: string },
): NewException[] {
  if (problems.length === 0) return [];
  const kind = problems.every((problem) => problem.code === 'EXCEEDS_SHIPPED') ? 'EXCEEDS_SHIPPED' : 'CONTENT';
  return [
    {
      ...aboutInvoice(invoice, from, kind),
      code: 'INVOICE_MISMATCH',
      cause: `Invoice ${invoice.invoiceNo}: ${problems.map((problem) => problem.message).join('; ')}.`,
      data: { problems },
    },
  ];
}

function aboutInvoice(invoice: Invoice, from: { correlationId: string }, kind: string) {
  return {
    dedupeKey: exceptionKey(invoice, kind),
    entityRefs: [
      { kind: 'invoice', id: invoice.id, label: invoice.invoiceNo },
      { kind: 'order', id: invoice.orderId, label: invoice.orderNo },
    ],
    orderId: invoice.orderId,
    correlationId: from.correlationId,
    moneyAtRiskMinor: invoice.totalMinor,
    currency: invoice.currency,
  };
}

function withCorrelation(exception: NewException, orders: ReadonlyMap<string, OrderAggregate>): NewException {
  const correlationId = orders.get(exception.orderId ?? '')?.document.correlationId;
  return correlationId === undefined ? exception : { ...exception, correlationId };
}

function conflictException({ invoice, correlationId, report }: PostedInvoice): NewException {
  const total = (minor: number): string => `${formatMinor(minor, report.currency)} ${report.currency}`;
  return {
    code: 'CONFLICTING_DUPLICATE',
    dedupeKey: exceptionKey(invoice, 'CONFLICT'),
    entityRefs: [{ kind: 'invoice', id: invoice.id, label: invoice.invoiceNo }],
    orderId: invoice.orderId,
    correlationId,
    cause: `Invoice ${invoice.invoiceNo} over ${total(invoice.totalMinor)} was posted again with other content (${total(report.totalMinor)}). The first one stands.`,
    data: { report },
  };
}

function invoiceEvent(invoice: Invoice, order: OrderAggregate): NewEvent {
  const { document } = order;
  const { invoiceNo, totalMinor, currency, dueDate, shipmentNo, customer } = invoice;
  return {
    type: 'finance.invoice.posted',
    entity: { kind: 'invoice', id: invoice.id },
    key: invoice.orderId,
    orderId: invoice.orderId,
    correlationId: document.correlationId,
    ...(document.traceparent === undefined ? {} : { traceparent: document.traceparent }),
    occurredAt: invoice.postedAt,
    data: {
      invoiceNo,
      totalMinor,
      currency,
      dueDate,
      customer,
      ...(shipmentNo === undefined ? {} : { shipmentNo }),
      ...originData(order),
    },
    version: invoice.version,
  };
}
