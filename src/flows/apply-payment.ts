import type { NewEvent } from '../events/index.ts';
import type { NewException } from '../exceptions/index.ts';
import { type AppliedPayment, applyPayments as recordPayments, billingOfOrders } from '../invoicing/index.ts';
import { type Customer, formatMinor, type PaymentReport } from '../model/index.ts';
import { creditAccountOf, type OrderAggregate, recordBilling } from '../orders/index.ts';
import { loadCustomersWithParents, recordExposure } from '../parties/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Hub } from './flow.ts';
import { raiseExceptions } from './raise-exceptions.ts';

/**
 * Sets payments off against invoices. The customer's exposure falls by all of it, applied or not, and orders held for
 * credit are judged again; the orders' payment axis follows. Each payment counts once.
 */
export async function applyPayments(tx: Tx, hub: Hub, reports: readonly PaymentReport[]): Promise<AppliedPayment[]> {
  if (reports.length === 0) return [];
  const now = hub.clock.now();
  const results = await recordPayments(tx, reports, now);
  const fresh = results.filter((result) => result.outcome === 'applied');
  const orderIds = [...new Set(fresh.flatMap((result) => result.applied.map((each) => each.orderId)))];
  const orders = await recordBilling(tx, await billingOfOrders(tx, orderIds), now);
  const customers = await loadAccounts(
    tx,
    reports.map((report) => report.customer),
  );
  const accountOf = (accountNo: string): Customer | undefined => {
    const customer = customers.get(accountNo);
    return customer && customers.get(creditAccountOf(customer, { customer: (known) => customers.get(known) }));
  };
  // Money of another currency moves no exposure: what it comes to is a person's to find out.
  const known = fresh.filter(({ report }) => accountOf(report.customer)?.currency === report.currency);
  await recordExposure(
    tx,
    known.map(({ report, unappliedMinor }) => ({
      account: accountOf(report.customer)!.accountNo,
      receivablesMinor: unappliedMinor - report.amountMinor,
      unappliedCashMinor: unappliedMinor,
      reason: report.paymentNo,
    })),
  );
  await raiseExceptions(tx, hub, [
    ...fresh.flatMap((result) => unmatchedException(result, accountOf(result.report.customer))),
    ...results.filter((result) => result.outcome === 'conflict').map(conflictException),
  ]);
  await hub.events.publish(tx, [...fresh.flatMap(paymentEvents), ...paidEvents(fresh, orders)]);
  return results;
}

/** The customers, and the accounts above them, whose limit may count. */
async function loadAccounts(tx: Tx, accountNos: readonly string[]): Promise<Map<string, Customer>> {
  const found = await loadCustomersWithParents(tx, accountNos);
  return new Map([...found].map(([accountNo, record]) => [accountNo, record.value]));
}

function unmatchedException(result: AppliedPayment, account: Customer | undefined): NewException[] {
  const { report, unknownInvoices, id } = result;
  const problems = [
    ...(account === undefined ? [`no customer ${report.customer} is known`] : []),
    ...(account !== undefined && account.currency !== report.currency
      ? [`account ${account.accountNo} is kept in ${account.currency}, so the payment does not change what it owes`]
      : []),
    ...(unknownInvoices.length === 0 ? [] : [`no open invoice ${unknownInvoices.join(', ')} is known`]),
  ];
  if (problems.length === 0) return [];
  return [
    {
      code: 'REMIT_UNMATCHED',
      dedupeKey: `payment:${id}`,
      entityRefs: [
        { kind: 'payment', id, label: report.paymentNo },
        { kind: 'customer', id: report.customer, label: report.customer },
      ],
      cause: `Payment ${report.paymentNo} over ${formatMinor(report.amountMinor, report.currency)} ${report.currency}: ${problems.join('; ')}.`,
      moneyAtRiskMinor: result.unappliedMinor,
      currency: report.currency,
      data: { unknownInvoices, unappliedMinor: result.unappliedMinor },
    },
  ];
}

function conflictException({ id, report }: AppliedPayment): NewException {
  return {
    code: 'CONFLICTING_DUPLICATE',
    dedupeKey: `payment:${id}:conflict`,
    entityRefs: [{ kind: 'payment', id, label: report.paymentNo }],
    cause: `Payment ${report.paymentNo} was reported again with other content. The first report stands.`,
    data: { report },
  };
}

function paymentEvents(result: AppliedPayment): NewEvent[] {
  const { report, id, applied, unappliedMinor } = result;
  const data = {
    customer: report.customer,
    paymentNo: report.paymentNo,
    amountMinor: report.amountMinor,
    currency: report.currency,
    unappliedMinor,
    invoices: applied.map((each) => each.invoiceNo),
  };
  const common = {
    entity: { kind: 'payment' as const, id },
    key: report.customer,
    correlationId: id,
    occurredAt: report.receivedAt,
    data,
  };
  const events: NewEvent[] = [{ ...common, type: 'finance.payment.received' }];
  if (applied.length > 0) events.push({ ...common, type: 'finance.payment.applied' });
  const short = applied.filter((each) => !each.paidInFull);
  if (short.length > 0) {
    const open = short.map(({ invoiceNo, amountMinor, openMinor }) => ({ invoiceNo, amountMinor, openMinor }));
    events.push({ ...common, type: 'finance.payment.shortPaid', data: { ...data, short: open } });
  }
  return events;
}

/** Invoices that are settled now, on their orders' timelines. */
function paidEvents(results: readonly AppliedPayment[], orders: ReadonlyMap<string, OrderAggregate>): NewEvent[] {
  return results.flatMap(({ applied, report }) =>
    applied
      .filter((each) => each.paidInFull)
      .map(({ invoiceId, invoiceNo, orderId }): NewEvent => {
        const document = orders.get(orderId)?.document;
        return {
          type: 'finance.invoice.paid',
          entity: { kind: 'invoice', id: invoiceId },
          key: orderId,
          orderId,
          correlationId: document?.correlationId ?? orderId,
          ...(document?.traceparent === undefined ? {} : { traceparent: document.traceparent }),
          occurredAt: report.receivedAt,
          data: { invoiceNo, paymentNo: report.paymentNo },
        };
      }),
  );
}
