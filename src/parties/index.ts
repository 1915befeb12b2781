/** Who the hub trades with: customers, suppliers, their addresses, terms, credit and exposure. */
import type { Customer, Supplier } from '../model/index.ts';
import type { Clock, Db, Tx } from '../platform/index.ts';
import type {
  CustomerRecord,
  Exposure,
  ExposureChange,
  Page,
  PageRequest,
  PutOptions,
  PutOutcome,
  SupplierRecord,
} from './parties-types.ts';

export type * from './parties-types.ts';

export declare function putCustomers(
  tx: Tx,
  rows: readonly Customer[],
  options: PutOptions,
): Promise<PutOutcome<Customer>[]>;
export declare function loadCustomers(tx: Tx, accountNos: readonly string[]): Promise<Map<string, CustomerRecord>>;
export declare function listCustomers(tx: Tx, page: PageRequest): Promise<Page<CustomerRecord>>;
export declare function putSuppliers(
  tx: Tx,
  rows: readonly Supplier[],
  options: PutOptions,
): Promise<PutOutcome<Supplier>[]>;
export declare function loadSuppliers(tx: Tx, accountNos: readonly string[]): Promise<Map<string, SupplierRecord>>;
export declare function listSuppliers(tx: Tx, page: PageRequest): Promise<Page<SupplierRecord>>;

/** Appends changes of exposure without waiting for anybody: invoices and payments call this. */
export declare function recordExposure(tx: Tx, changes: readonly ExposureChange[]): Promise<void>;
/** Locks the accounts' exposure in account order and answers it, all changes committed so far included. */
export declare function lockExposure(tx: Tx, accounts: readonly string[]): Promise<Map<string, Exposure>>;
export declare function loadExposure(tx: Tx, accounts: readonly string[]): Promise<Map<string, Exposure>>;

/** The customers of each tenant in memory, kept fresh by `refresh` after a commit and by polling a revision. */
export interface CustomerDirectory {
  /** Loads the tenant on first use. */
  open(tenantId: string): Promise<CustomerSnapshot>;
  refresh(tenantId: string): Promise<void>;
  stop(): void;
}
export interface CustomerSnapshot {
  customer(accountNo: string): Customer | undefined;
}
export declare function createCustomerDirectory(options: { db: Db; clock: Clock; pollMs?: number }): CustomerDirectory;
