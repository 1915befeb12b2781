/** Invoices as their issuer (the ERP) posted them, and the payments that settle them. */
export {
  announceInvoices,
  billingOfOrders,
  type InvoiceFilter,
  listInvoices,
  listUnannounced,
  loadInvoices,
  postInvoices,
  readInvoiceNumbers,
} from './invoices.ts';
export type * from './invoicing-types.ts';
export { markInvoiceOrphans, type ParkedInvoice, parkInvoices, takeParkedInvoices } from './parked-invoices.ts';
export { applyPayments, loadPayments, type Payment } from './payments.ts';
export { toPoLines } from './po-lines.ts';
