import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock, type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { customer } from '../../test/orders/ridgeline-data.ts';
import type { Supplier } from '../model/index.ts';
import { isHubError, type Tx } from '../platform/index.ts';
import {
  createCustomerDirectory,
  foldExposure,
  listCustomers,
  listSuppliers,
  loadCustomers,
  loadExposure,
  lockExposure,
  putCustomers,
  putSuppliers,
  recordExposure,
} from './index.ts';

let db: TestDatabase;
const now = new Date('2026-06-01T13:00:00Z');
const tx = <T>(fn: (tx: Tx) => Promise<T>, tenant = 'parties'): Promise<T> => db.app.tx(tenant, fn);
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

describe('customers', () => {
  it('keep their version while nothing changes, and rise by one when something does', async () => {
    const put = (change = {}) => tx((t) => putCustomers(t, [customer('A1', change)], { now }));
    expect(await put()).toMatchObject([{ key: 'A1', version: 1, outcome: 'created' }]);
    expect(await put()).toMatchObject([{ version: 1, outcome: 'unchanged' }]);
    expect(await put({ legalName: 'New' })).toMatchObject([
      { version: 2, outcome: 'changed', previous: { legalName: 'Customer A1' } },
    ]);
    expect((await tx((t) => loadCustomers(t, ['A1']))).get('A1')).toMatchObject({
      version: 2,
      value: { legalName: 'New' },
    });
  });

  it('are written only over the version that the writer has seen', async () => {
    const put = (expectedVersion: number) => tx((t) => putCustomers(t, [customer('A2')], { now, expectedVersion }));
    await expect(put(3)).rejects.toSatisfy((error) => isHubError(error, 'PRECONDITION_FAILED'));
    expect(await put(0)).toMatchObject([{ version: 1 }]);
    await expect(put(0)).rejects.toSatisfy((error) => isHubError(error, 'PRECONDITION_FAILED'));
  });

  it.each([
    [
      'a GLN with a wrong check digit',
      { addresses: [{ ...customer('X').addresses[1]!, gln: '0614141900122' }], defaultShipTo: undefined },
    ],
    ['an address id that is used twice', { addresses: [customer('X').addresses[1]!, customer('X').addresses[1]!] }],
    ['a default ship-to that does not exist', { defaultShipTo: 'NOWHERE' }],
    ['itself as parent', { parentAccountNo: 'A3' }],
  ])('are refused with %s', async (_, change) => {
    await expect(tx((t) => putCustomers(t, [customer('A3', change)], { now }))).rejects.toSatisfy((error) =>
      isHubError(error, 'VALIDATION_FAILED'),
    );
  });

  it('are listed page by page and found by name', async () => {
    await tx((t) =>
      putCustomers(
        t,
        ['P1', 'P2', 'P3'].map((no) => customer(no, { legalName: `Page ${no}` })),
        { now },
      ),
    );
    const first = await tx((t) => listCustomers(t, { limit: 2, query: 'page' }));
    expect(first.rows.map((row) => row.value.accountNo)).toEqual(['P1', 'P2']);
    const second = await tx((t) => listCustomers(t, { limit: 2, query: 'page', after: first.next }));
    expect(second).toMatchObject({ rows: [{ value: { accountNo: 'P3' } }], next: undefined });
  });

  it('belong to one tenant', async () => {
    expect((await tx((t) => loadCustomers(t, ['A1']), 'other')).size).toBe(0);
  });
});

it('keeps suppliers likewise', async () => {
  const supplier: Supplier = {
    accountNo: 'S10',
    legalName: 'Fastline',
    status: 'active',
    channel: 'edi',
    leadDays: 5,
    overPct: '5',
    underPct: '0',
  };
  await tx((t) => putSuppliers(t, [supplier], { now }));
  expect(await tx((t) => listSuppliers(t, { limit: 10 }))).toMatchObject({ rows: [{ value: supplier, version: 1 }] });
});

describe('exposure', () => {
  const exposure = async (account: string) => (await tx((t) => loadExposure(t, [account]))).get(account);
  const credit = (openReceivablesMinor: number, more = {}) => ({
    credit: { status: 'ok' as const, openReceivablesMinor, ...more },
  });

  it('begins with what the ERP states, and is restated absolutely when that changes', async () => {
    await tx((t) =>
      putCustomers(
        t,
        [customer('E1', credit(300_000, { unshippedOrdersMinor: 70_000, uninvoicedShipmentsMinor: 50_000 }))],
        { now },
      ),
    );
    expect(await exposure('E1')).toMatchObject({
      receivablesMinor: 300_000,
      unshippedMinor: 70_000,
      uninvoicedMinor: 50_000,
    });
    await tx((t) =>
      recordExposure(t, [{ account: 'E1', receivablesMinor: -50_000, unshippedMinor: 10_000, reason: 'PAY' }]),
    );
    await tx((t) =>
      putCustomers(
        t,
        [customer('E1', credit(250_000, { unshippedOrdersMinor: 70_000, uninvoicedShipmentsMinor: 50_000 }))],
        { now },
      ),
    );
    expect(await exposure('E1')).toMatchObject({
      receivablesMinor: 250_000,
      unshippedMinor: 80_000,
      uninvoicedMinor: 50_000,
    });
  });

  it('makes nobody wait but those who ask for credit, and loses no change', async () => {
    await tx(async (t) => {
      expect((await lockExposure(t, ['E2'])).get('E2')).toMatchObject({ receivablesMinor: 0 });
      // While the account is locked, an invoice in another transaction goes through.
      await tx((other) => recordExposure(other, [{ account: 'E2', receivablesMinor: 700, reason: 'INV' }]));
    });
    const sums = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        tx(async (t) => {
          await recordExposure(t, [{ account: 'E2', unshippedMinor: 10, reason: String(i) }]);
          return (await lockExposure(t, ['E2'])).get('E2')!.unshippedMinor;
        }),
      ),
    );
    expect(new Set(sums).size).toBe(20);
    expect(await exposure('E2')).toMatchObject({ receivablesMinor: 700, unshippedMinor: 200 });
  });

  it('is folded where changes pile up, without changing', async () => {
    await tx((t) =>
      recordExposure(
        t,
        Array.from({ length: 60 }, (_, i) => ({ account: 'E3', unshippedMinor: 1, reason: String(i) })),
      ),
    );
    expect(await tx((t) => foldExposure(t))).toBe(1);
    expect(await tx((t) => foldExposure(t))).toBe(0);
    expect(await exposure('E3')).toMatchObject({ unshippedMinor: 60 });
  });
});

it('has customers in memory, and learns of other processes’ writes by polling', async () => {
  const clock = manualClock('2026-06-01T13:00:00Z');
  const directory = createCustomerDirectory({ db: db.app, clock, pollMs: 1_000 });
  await tx((t) => putCustomers(t, [customer('D1')], { now }));
  const snapshot = await directory.open('parties');
  expect(snapshot.customer('D1')?.legalName).toBe('Customer D1');
  await tx((t) => putCustomers(t, [customer('D1', { legalName: 'Renamed' })], { now }));
  expect(snapshot.customer('D1')?.legalName).toBe('Customer D1');
  clock.advance(1_000);
  await expect.poll(() => snapshot.customer('D1')?.legalName).toBe('Renamed');
  await tx((t) => putCustomers(t, [customer('D1', { legalName: 'Again' })], { now }));
  await directory.refresh('parties');
  expect(snapshot.customer('D1')?.legalName).toBe('Again');
  expect((await directory.open('other')).customer('D1')).toBeUndefined();
  directory.stop();
});
