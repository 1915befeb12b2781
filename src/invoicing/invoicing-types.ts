import type { Invoice, InvoiceReport, Item, PaymentReport, SalesOrder, UnitProblem } from '../model/index.ts';

/** What an invoice needs to know of its order. */
export type InvoicedOrder = Pick<
  SalesOrder,
  'id' | 'orderNo' | 'customer' | 'customerPo' | 'terms' | 'correlationId'
> & {
  traceparent?: string;
  lines: Pick<SalesOrder['lines'][number], 'lineNo' | 'sku' | 'ordered' | 'num' | 'den' | 'baseUom' | 'price'>[];
};

export type InvoicedItem = Pick<Item, 'baseUom' | 'uoms' | 'increment'>;

export interface InvoiceDraft {
  report: InvoiceReport;
  order: InvoicedOrder;
  lines: InvoiceLines;
}

/** Lines of an invoice in the PO's terms, with the base quantities that the order counts as invoiced. */
export interface InvoiceLines {
  lines: Invoice['lines'];
  base: { lineNo: number; quantity: string; uom: string }[];
  problems: InvoiceProblem[];
}

export interface InvoiceProblem {
  code: 'UNKNOWN_LINE' | UnitProblem['code'] | 'TOTAL_MISMATCH' | 'EXCEEDS_SHIPPED';
  lineNo?: number;
  message: string;
}

export interface PostedInvoice {
  report: InvoiceReport;
  /** `conflict`: the number is on record with other content; a posted invoice is never changed. */
  outcome: 'posted' | 'duplicate' | 'conflict';
  invoice: Invoice;
  correlationId: string;
  traceparent?: string;
}

export interface AppliedPayment {
  report: PaymentReport;
  id: string;
  outcome: 'applied' | 'duplicate' | 'conflict';
  applied: {
    invoiceId: string;
    invoiceNo: string;
    orderId: string;
    amountMinor: number;
    /** What the invoice is open by after this payment. */
    openMinor: number;
    paidInFull: boolean;
  }[];
  unappliedMinor: number;
  /** Invoices that the report names and we do not know. */
  unknownInvoices: string[];
}
