import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { atsOf, led, ledPolicies, now, orderLine, shipDate, stockCompany } from '../../test/inventory/stock-company.ts';
import { availability, putStockPolicies, recordMovements, reserve, waterfall } from './index.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

describe('availability to sell', () => {
  it("counts the reference company's LED as 56 on the portal and 51 on marketplaces, and says why", async () => {
    const run = await stockCompany(database, [...led, { location: 'VM6', sku: 'LED', quantity: '100' }]);
    await run(async (tx) => {
      await putStockPolicies(tx, ledPolicies, { now });
      const [portal, marketplace] = await availability(tx, {
        skus: ['LED'],
        channels: ['portal', 'marketplace'],
        shipDate,
        now,
      });
      expect([portal!.ats, marketplace!.ats]).toEqual(['56', '51']);
      expect(portal!.locations.map((l) => [l.location, l.net])).toEqual([
        ['DC1', '40'],
        ['DC2', '10'],
        ['BR3', '6'],
        ['VM6', '0'],
      ]);
      const steps = waterfall(marketplace!);
      expect(steps.at(-1)).toEqual({ term: 'ats', label: 'Available to sell', quantity: '51' });
      const sum = steps.slice(0, -1).reduce((total, step) => total + Number(step.quantity), 0);
      expect(sum).toBe(51);
      expect(steps.filter((step) => step.term === 'safetyStock')).toHaveLength(2);
    });
  });

  it('counts lots by shelf life and never an expired one', async () => {
    const run = await stockCompany(database, [
      { location: 'DC1', sku: 'GLV', quantity: '200', lot: 'L1', expiry: '2026-06-21' },
      { location: 'DC1', sku: 'GLV', quantity: '600', lot: 'L2', expiry: '2027-07-06' },
      { location: 'DC2', sku: 'GLV', quantity: '300', lot: 'L3', expiry: '2027-03-28' },
      { location: 'DC2', sku: 'GLV', quantity: '50', lot: 'L0', expiry: '2026-05-31' },
    ]);
    await run(async (tx) => {
      expect(await atsOf(tx, 'GLV')).toBe('1100');
      expect(await atsOf(tx, 'GLV', 'portal', 90)).toBe('900');
      expect(await atsOf(tx, 'GLV', 'portal', 20)).toBe('1100');
      expect(await atsOf(tx, 'GLV', 'portal', 21)).toBe('900');
    });
  });

  it('keeps what is set aside for a channel from the others until that channel has used it', async () => {
    const run = await stockCompany(database, led);
    await run(async (tx) => {
      await putStockPolicies(tx, [{ sku: 'LED', location: 'DC1', channel: 'portal', reserved: '20' }], { now });
      expect([await atsOf(tx, 'LED', 'portal'), await atsOf(tx, 'LED', 'storefront')]).toEqual(['68', '48']);
      await reserve(tx, [orderLine('LED', '15', { channel: 'portal' })], now);
      expect([await atsOf(tx, 'LED', 'portal'), await atsOf(tx, 'LED', 'storefront')]).toEqual(['53', '48']);
    });
  });

  it('takes accepted demand without stock off once, and a reserved order once', async () => {
    const run = await stockCompany(database, [{ location: 'DC1', sku: 'PMP', quantity: '3' }]);
    await run(async (tx) => {
      await reserve(tx, [orderLine('PMP', '5')], now);
      await recordMovements(
        tx,
        [
          {
            key: 'grn-1',
            type: 'receipt',
            sku: 'PMP',
            location: 'DC1',
            quantity: '10',
            reason: 'receipt',
            source: 'wms',
            occurredAt: now,
          },
        ],
        now,
      );
      expect(await atsOf(tx, 'PMP')).toBe('8');
    });
  });
});
