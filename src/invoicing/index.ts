/** Invoices as their issuer (the ERP) posted them, and the payments that settle them. */
import type { Invoice } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';

export declare function loadInvoices(tx: Tx, ids: readonly string[]): Promise<Map<string, Invoice>>;
export declare function listInvoices(
  tx: Tx,
  filter: { orderIds?: readonly string[]; invoiceNo?: string; customer?: string },
): Promise<Invoice[]>;
