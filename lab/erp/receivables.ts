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

/** Invoices what was shipped and takes the money in; both come by themselves after their delays. */
export class Receivables {
  readonly #bench: Bench;
  readonly #orders: DocumentStore;
  readonly #shipments: DocumentStore;
  readonly #statusReport: (order: StoredDocument, status: string) => NewEffect[];
  readonly #invoices = new Map<string, Invoice>();
  readonly #invoicedShipments = new Set<string>();
  #payments = 0;

  constructor(
    bench: Bench,
    orders: DocumentStore,
    shipments: DocumentStore,
    statusReport: (order: StoredDocument, status: string) => NewEffect[],
  ) {
    this.#bench = bench;
    this.#orders = orders;
    this.#shipments = shipments;
    this.#statusReport = statusReport;
  }

  shipped(shipmentNo: string): void {
    this.#bench.later('invoice', () => this.#invoice(shipmentNo));
  }

  resume(): void {
    for (const { number } of this.#shipments.all()) if (!this.#invoicedShipments.has(number)) this.shipped(number);
    for (const { paid, invoiceNo } of this.#invoices.values()) {
      if (!paid) this.#bench.later('pay', () => this.#pay(invoiceNo));
    }
  }

  /** Invoices every shipment that waits; answers how many. */
  async invoiceAll(): Promise<number> {
    const due = [...this.#shipments.all()].filter(({ number }) => !this.#invoicedShipments.has(number));
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
      this.#invoicedShipments.add(String(effect.shipmentNo));
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

  async #invoice(shipmentNo: string): Promise<void> {
    const shipment = this.#shipments.byNumber(shipmentNo);
    if (!shipment || this.#invoicedShipments.has(shipmentNo)) return;
    const reference = shipment.document.customerReference;
    const order = this.#orders.byReference(reference)[0];
    if (!order) return;
    const earlier = this.#shipments.byReference(reference).filter(({ number }) => this.#invoicedShipments.has(number));
    const lines = invoiceLines(
      order.document.lines as ErpOrderLine[],
      earlier.flatMap((each) => each.document.lines as ShippedLine[]),
      shipment.document.lines as ShippedLine[],
    );
    if (lines.length === 0) return;
    const at = this.#bench.now();
    const invoice = {
      invoiceNo: `INV-${200_001 + this.#invoices.size}`,
      orderNo: order.number,
      customerReference: reference,
      customerAccount: order.document.customerAccount,
      deliveryNo: shipment.document.deliveryNo,
      date: localDate(at),
      currency: order.document.currency ?? 'USD',
      lines,
      taxCents: 0,
      freightCents: 0,
      totalCents: lines.reduce((sum, line) => sum + line.amountCents, 0),
    };
    await this.#bench.record(
      { kind: 'invoice.posted', key: invoice.invoiceNo, shipmentNo, invoice },
      this.#bench.webhook(String(reference), { event: 'invoice.posted', seq: 1, at, invoice }),
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
