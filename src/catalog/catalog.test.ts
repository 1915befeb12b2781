import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock, type TestDatabase, testDatabase } from '../../test/harness/index.ts';
import { items, prices } from '../../test/orders/ridgeline-data.ts';
import type { Item, PriceRule } from '../model/index.ts';
import { isHubError, type Tx } from '../platform/index.ts';
import {
  choosePrice,
  createCatalogDirectory,
  getPriceRule,
  listItems,
  loadItems,
  loadItemsByGtin,
  loadPriceRules,
  putItems,
  putPriceRules,
} from './index.ts';

let db: TestDatabase;
const now = new Date('2026-06-01T13:00:00Z');
const tx = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => db.app.tx('catalog', fn);
const led = items.find((item) => item.sku === 'LED')!;
const bolts = items.find((item) => item.sku === 'BLT')!;
beforeAll(async () => {
  db = await testDatabase();
  await tx((t) => putItems(t, items, { now }));
});
afterAll(() => db.drop());

describe('items', () => {
  it('keep their version while nothing changes', async () => {
    expect(await tx((t) => putItems(t, [led], { now }))).toMatchObject([{ version: 1, outcome: 'unchanged' }]);
    const changed = { ...led, description: 'Brighter' };
    expect(await tx((t) => putItems(t, [changed], { now, expectedVersion: 1 }))).toMatchObject([
      { version: 2, outcome: 'changed' },
    ]);
    expect((await tx((t) => loadItems(t, ['LED', 'NOPE']))).size).toBe(1);
  });

  it('are found by any GTIN of any unit, in any of its lengths', async () => {
    const found = await tx((t) => loadItemsByGtin(t, ['10614141100023', '614141100088', '99999999999999']));
    expect([...found].map(([gtin, { item, uom }]) => [gtin, item.sku, uom])).toEqual([
      ['10614141100023', 'BLT', 'BX'],
      ['614141100088', 'LED', 'EA'],
    ]);
  });

  it.each([
    ['a GTIN with a wrong check digit', { uoms: [{ code: 'EA', num: 1, den: 1, gtin: '00614141100089' }] }],
    ['a GTIN of another item', { uoms: [{ code: 'EA', num: 1, den: 1, gtin: '10614141100023' }] }],
    ['no base unit among the units', { uoms: [{ code: 'BX', num: 6, den: 1 }] }],
    ['a unit listed twice', { uoms: [...led.uoms, led.uoms[1]!] }],
  ])('are refused with %s', async (_, change: Partial<Item>) => {
    await expect(tx((t) => putItems(t, [{ ...led, sku: 'BAD', ...change }], { now }))).rejects.toSatisfy((error) =>
      isHubError(error, 'VALIDATION_FAILED'),
    );
    expect((await tx((t) => loadItems(t, ['BAD']))).size).toBe(0);
  });

  it('are listed and searched', async () => {
    const page = await tx((t) => listItems(t, { limit: 1, query: 'flt' }));
    expect(page).toMatchObject({ rows: [{ value: { sku: 'FLT' } }], next: 'FLT' });
  });
});

describe('prices', () => {
  const rule = (id: string, value: string, change: Partial<PriceRule> = {}): PriceRule => ({
    id,
    kind: 'list',
    sku: 'BLT',
    price: { value, currency: 'USD', perQty: '100', uom: 'EA' },
    validFrom: '2026-01-01',
    priority: 0,
    ...change,
  });
  const query = { customer: 'C100', channel: 'edi', date: '2026-06-01', quantity: '2000', currency: 'USD' };
  const chosen = (rules: PriceRule[], change = {}) => choosePrice(bolts, rules, { ...query, ...change })?.ruleId;

  it('are chosen by the narrowest scope, then priority, then the largest minimum reached', () => {
    const list = rule('list', '11');
    const channel = rule('channel', '10', { channel: 'edi' });
    const contract = rule('contract', '12', { customer: 'C100' });
    expect(chosen([list, channel, contract])).toBe('contract');
    expect(chosen([list, channel, contract], { customer: 'C200' })).toBe('channel');
    expect(chosen([list, rule('urgent', '9', { priority: 5 })])).toBe('urgent');
    const breaks = [
      list,
      rule('b1000', '10', { minQty: '1000' }),
      rule('b2000', '9', { minQty: '2000' }),
      rule('b2001', '8', { minQty: '2001' }),
    ];
    expect(chosen(breaks)).toBe('b2000');
    expect(
      chosen([
        list,
        rule('boxes', '9', { minQty: '20', price: { value: '9', currency: 'USD', perQty: '1', uom: 'BX' } }),
      ]),
    ).toBe('boxes');
  });

  it('hold only in their time and currency', () => {
    expect(chosen([rule('past', '1', { validTo: '2026-05-31' })])).toBeUndefined();
    expect(chosen([rule('future', '1', { validFrom: '2026-06-02' })])).toBeUndefined();
    expect(chosen([rule('today', '1', { validFrom: '2026-06-01', validTo: '2026-06-01' })])).toBe('today');
    expect(chosen([rule('eur', '1')], { currency: 'EUR' })).toBeUndefined();
  });

  it('are kept per rule, and refused for what is not sold', async () => {
    await tx((t) => putPriceRules(t, prices, { now }));
    expect((await tx((t) => loadPriceRules(t, ['LED', 'BLT']))).get('LED')).toMatchObject([{ id: 'P-LED' }]);
    expect(await tx((t) => getPriceRule(t, 'P-BLT'))).toMatchObject({ version: 1, value: { sku: 'BLT' } });
    for (const bad of [
      rule('x', '1', { sku: 'NOPE' }),
      rule('x', '1', { price: { value: '1', currency: 'USD', perQty: '1', uom: 'PAL' } }),
    ]) {
      await expect(tx((t) => putPriceRules(t, [bad], { now }))).rejects.toSatisfy((error) =>
        isHubError(error, 'VALIDATION_FAILED'),
      );
    }
  });
});

it('has the catalog in memory, and follows a GTIN that passes to another item', async () => {
  const clock = manualClock('2026-06-01T13:00:00Z');
  const directory = createCatalogDirectory({ db: db.app, clock, pollMs: 1_000 });
  const snapshot = await directory.open('catalog');
  expect(snapshot.itemByGtin('10614141100023')).toMatchObject({ item: { sku: 'BLT' }, uom: 'BX' });
  const without = { ...bolts, uoms: bolts.uoms.map(({ code, num, den }) => ({ code, num, den })) };
  const with_ = { ...led, uoms: [{ ...led.uoms[0]! }, { ...led.uoms[1]!, gtin: '10614141100023' }] };
  await tx((t) => putItems(t, [without, with_], { now }));
  await tx((t) =>
    putPriceRules(
      t,
      [
        {
          ...prices.find((price) => price.sku === 'LED')!,
          price: { value: '19', currency: 'USD', perQty: '1', uom: 'EA' },
        },
      ],
      { now },
    ),
  );
  clock.advance(1_000);
  await expect.poll(() => snapshot.itemByGtin('10614141100023')).toMatchObject({ item: { sku: 'LED' }, uom: 'BX' });
  expect(snapshot.pricesOf('LED').map((price) => price.price.value)).toEqual(['19']);
  directory.stop();
});
