import {
  type Customer,
  isGln,
  type Page,
  type PageRequest,
  type PutOptions,
  type PutOutcome,
  type Supplier,
  type Versioned,
} from '../model/index.ts';
import { type ErrorDetail, HubError, type Tx } from '../platform/index.ts';
import { lockExposure, recordExposure } from './exposure.ts';
import type { ExposureChange } from './parties-types.ts';
import { listPartyDocuments, loadPartyDocuments, putPartyDocuments } from './party-documents.ts';

/**
 * Creates or replaces customers. The receivables that the ERP states are taken over whenever they differ from what it
 * stated before; the opening values of orders and shipments from before the hub count once.
 * @throws HubError VALIDATION_FAILED, PRECONDITION_FAILED
 */
export async function putCustomers(
  tx: Tx,
  rows: readonly Customer[],
  options: PutOptions,
): Promise<PutOutcome<Customer>[]> {
  for (const row of rows) refuseBadCustomer(row);
  const outcomes = await putPartyDocuments(tx, 'customer', rows, options);
  await restateExposure(tx, outcomes);
  return outcomes;
}

function refuseBadCustomer(customer: Customer): void {
  const errors: ErrorDetail[] = [];
  const ids = new Set<string>();
  customer.addresses.forEach((address, index) => {
    const pointer = `/addresses/${index}`;
    if (ids.has(address.id)) errors.push({ pointer: `${pointer}/id`, code: 'duplicate', message: 'used twice' });
    ids.add(address.id);
    if (address.gln !== undefined && !isGln(address.gln)) {
      errors.push({ pointer: `${pointer}/gln`, code: 'checkDigit', message: 'the check digit is wrong' });
    }
  });
  if (customer.defaultShipTo !== undefined && !ids.has(customer.defaultShipTo)) {
    errors.push({ pointer: '/defaultShipTo', code: 'unknown', message: 'names no address of this customer' });
  }
  if (customer.parentAccountNo === customer.accountNo) {
    errors.push({ pointer: '/parentAccountNo', code: 'cycle', message: 'a customer is not its own parent' });
  }
  if (errors.length === 0) return;
  throw new HubError('VALIDATION_FAILED', { message: `Customer ${customer.accountNo} is not valid`, errors });
}

async function restateExposure(tx: Tx, outcomes: readonly PutOutcome<Customer>[]): Promise<void> {
  const changes: ExposureChange[] = [];
  const restated = outcomes.filter(
    ({ value, previous }) => value.credit.openReceivablesMinor !== (previous?.credit.openReceivablesMinor ?? 0),
  );
  // Absolute, since payments that the hub saw have moved the figure meanwhile.
  const known = await lockExposure(
    tx,
    restated.map((outcome) => outcome.key),
  );
  for (const { key, value } of restated) {
    const receivablesMinor = value.credit.openReceivablesMinor - (known.get(key)?.receivablesMinor ?? 0);
    changes.push({ account: key, receivablesMinor, reason: 'receivables stated' });
  }
  for (const { key, value, previous } of outcomes) {
    const unshippedMinor = (value.credit.unshippedOrdersMinor ?? 0) - (previous?.credit.unshippedOrdersMinor ?? 0);
    const uninvoicedMinor =
      (value.credit.uninvoicedShipmentsMinor ?? 0) - (previous?.credit.uninvoicedShipmentsMinor ?? 0);
    if (unshippedMinor === 0 && uninvoicedMinor === 0) continue;
    changes.push({ account: key, unshippedMinor, uninvoicedMinor, reason: 'opening values stated' });
  }
  await recordExposure(tx, changes);
}

export function loadCustomers(tx: Tx, accountNos: readonly string[]): Promise<Map<string, Versioned<Customer>>> {
  return loadPartyDocuments<Customer>(tx, 'customer', accountNos);
}

/** Levels of a group that are read; real ones have two or three. */
const levelsMax = 10;

/** Customers with every account above them, by account number. */
export async function loadCustomersWithParents(
  tx: Tx,
  accountNos: Iterable<string>,
): Promise<Map<string, Versioned<Customer>>> {
  const known = new Map<string, Versioned<Customer>>();
  let wanted = [...new Set(accountNos)];
  for (let level = 0; level <= levelsMax && wanted.length > 0; level++) {
    const found = [...(await loadCustomers(tx, wanted))];
    for (const [accountNo, customer] of found) known.set(accountNo, customer);
    const above = found.flatMap(([, { value }]) => value.parentAccountNo ?? []);
    wanted = [...new Set(above)].filter((accountNo) => !known.has(accountNo));
  }
  return known;
}

export function listCustomers(tx: Tx, page: PageRequest): Promise<Page<Versioned<Customer>>> {
  return listPartyDocuments<Customer>(tx, 'customer', page);
}

/** Accounts whose credit is one: the credit account and everybody below it, however deep. */
export async function loadCreditGroups(tx: Tx, creditAccounts: readonly string[]): Promise<Map<string, string[]>> {
  const groups = new Map(creditAccounts.map((account): [string, string[]] => [account, []]));
  if (creditAccounts.length === 0) return groups;
  const rows = await tx.query<{ head: string; account_no: string }>(
    {
      name: 'parties-load-credit-groups',
      // UNION drops what was seen before, and so ends at a cycle.
      text: `WITH RECURSIVE member AS (
          SELECT head, head AS account_no FROM unnest($1::text[]) AS head
          UNION SELECT m.head, c.account_no FROM member m JOIN customer c ON c.parent_account_no = m.account_no
        ) SELECT head, account_no FROM member ORDER BY account_no`,
    },
    [creditAccounts],
  );
  for (const row of rows) groups.get(row.head)!.push(row.account_no);
  return groups;
}

/** @throws HubError PRECONDITION_FAILED */
export function putSuppliers(tx: Tx, rows: readonly Supplier[], options: PutOptions): Promise<PutOutcome<Supplier>[]> {
  return putPartyDocuments(tx, 'supplier', rows, options);
}

export function loadSuppliers(tx: Tx, accountNos: readonly string[]): Promise<Map<string, Versioned<Supplier>>> {
  return loadPartyDocuments<Supplier>(tx, 'supplier', accountNos);
}

export function listSuppliers(tx: Tx, page: PageRequest): Promise<Page<Versioned<Supplier>>> {
  return listPartyDocuments<Supplier>(tx, 'supplier', page);
}
