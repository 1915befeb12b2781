import type { Effect } from '../effect-log.ts';
import type { Bench, NewEffect } from '../lab-system.ts';
import type { DocumentStore, StoredDocument } from './document-store.ts';
import { type ErpOrderLine, invoiceLines, type ShippedLine } from './invoice-lines.ts';

interface Invoice {
  invoiceNo: string;
  customerAccount: string;
  currency: string;
  totalCents: number;
  paid: boolean;
}

/** Goods that have left, as a warehouse reported them (a shipment) or as a branch issued them. */
export interface ShippedGoods {
  readonly number: string;
  readonly customerReference: string;
  /** The hub's number of the shipment, where the hub has told it: with the shipment, or with the labels. */
  deliveryNo?: string;
  readonly lines: readonly ShippedLine[];
}

/** Where the goods are looked up: those of the warehouses and those of the branches. */
export interface GoodsShipped {
  byNumber(number: string): ShippedGoods | undefined;
  byReference(customerReference: string): readonly ShippedGoods[];
  all(): Iterable<ShippedGoods>;
}

/** Invoices what was shipped and takes the money in; both come by themselves after their delays. */
export class Receivables {
  readonly #bench: Bench;
  readonly #orders: DocumentStore;
  readonly #goods: GoodsShipped;
  readonly #statusReport: (order: StoredDocument, status: string) => NewEffect[];
  readonly #invoices = new Map<string, Invoice>();
  readonly #invoicedGoods = new Set<string>();
  #payments = 0;

  constructor(
    bench: Bench,
    orders: DocumentStore,
    goods: GoodsShipped,
    statusReport: (order: StoredDocument, status: string) => NewEffect[],
  ) {
    this.#bench = bench;
    this.#orders = orders;
    this.#goods = goods;
    this.#statusReport = statusReport;
  }

  shipped(number: string): void {
    this.#bench.later('invoice', () => this.#invoice(number));
  }

  resume(): void {
    for (const { number } of this.#goods.all()) if (!this.#invoicedGoods.has(number)) this.shipped(number);
    for (const { paid, invoiceNo } of this.#invoices.values()) {
      if (!paid) this.#bench.later('pay', () => this.#pay(invoiceNo));
    }
  }

  /** Invoices everything shipped that waits; answers how many. */
  async invoiceAll(): Promise<number> {
    const due = [...this.#goods.all()].filter(({ number }) => !this.#invoicedGoods.has(number));
    for (const { number } of due) await this.#invoice(number);
    return due.length;
  }

  /** `{customerAccount, amountCents, currency?, applied?: [{invoiceNo, amountCents}]}` */
  async receive(given: Record<string, unknown>): Promise<Record<string, unknown>> {
    const paymentNo = `PAY-${300_001 + this.#payments}`;
    const { customerAccount, amountCents, currency = 'USD', applied } = given;
    const payment = { paymentNo, customerAccount, amountCents, currency, ...(applied ? { applied } : {}) };
    await this.#bench.record(
      { kind: 'payment.received', key: paymentNo, payment },
      this.#bench.webhook(String(customerAccount), {
        event: 'payment.received',
        seq: this.#payments + 1,
        at: this.#bench.now(),
        payment,
      }),
    );
    return payment;
  }

  apply(effect: Effect): void {
    if (effect.kind === 'invoice.posted') {
      const { invoiceNo, customerAccount, currency, totalCents } = effect.invoice as Invoice;
      this.#invoices.set(invoiceNo, { invoiceNo, customerAccount, currency, totalCents, paid: false });
      this.#invoicedGoods.add(String(effect.shipmentNo));
    }
    if (effect.kind === 'payment.received') {
      this.#payments += 1;
      const { applied = [] } = effect.payment as { applied?: { invoiceNo: string }[] };
      for (const { invoiceNo } of applied) {
        const invoice = this.#invoices.get(invoiceNo);
        if (invoice) invoice.paid = true;
      }
    }
  }

  describe() {
    return { invoices: this.#invoices.size, payments: this.#payments };
  }

  async #invoice(number: string): Promise<void> {
    const goods = this.#goods.byNumber(number);
    if (!goods || this.#invoicedGoods.has(number)) return;
    const { customerReference, deliveryNo } = goods;
    const order = this.#orders.byReference(customerReference)[0];
    if (!order) return;
    const earlier = this.#goods.byReference(customerReference).filter((each) => this.#invoicedGoods.has(each.number));
    const lines = invoiceLines(
      order.document.lines as ErpOrderLine[],
      earlier.flatMap((each) => each.lines),
      goods.lines,
    );
    if (lines.length === 0) return;
    const at = this.#bench.now();
    const invoice = {
      invoiceNo: `INV-${200_001 + this.#invoices.size}`,
      orderNo: order.number,
      customerReference,
      customerAccount: order.document.customerAccount,
      ...(deliveryNo === undefined ? { goodsIssueNo: number } : { deliveryNo }),
      date: localDate(at),
      currency: order.document.currency ?? 'USD',
      lines,
      taxCents: 0,
      freightCents: 0,
      totalCents: lines.reduce((sum, line) => sum + line.amountCents, 0),
    };
    await this.#bench.record(
      { kind: 'invoice.posted', key: invoice.invoiceNo, shipmentNo: number, invoice },
      this.#bench.webhook(customerReference, { event: 'invoice.posted', seq: 1, at, invoice }),
      ...this.#statusReport(order, 'INVOICED'),
    );
    this.#bench.later('pay', () => this.#pay(invoice.invoiceNo));
  }

  async #pay(invoiceNo: string): Promise<void> {
    const invoice = this.#invoices.get(invoiceNo);
    if (!invoice || invoice.paid || invoice.totalCents <= 0) return;
    const { customerAccount, currency, totalCents: amountCents } = invoice;
    await this.receive({ customerAccount, amountCents, currency, applied: [{ invoiceNo, amountCents }] });
  }
}

// The books of Ridgeline are kept in Columbus.
const localDate = (instant: string): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York' }).format(new Date(instant));
