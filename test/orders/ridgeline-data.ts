import type { Customer, Item, Location, PriceRule } from '../../src/model/index.ts';

const address = { lines: ['1 Dock Road'], city: 'Columbus', region: 'OH', postal: '43004', country: 'US' };

/** A customer of Ridgeline with one ship-to; `change` overrides what a test is about. */
export function customer(accountNo: string, change: Partial<Customer> = {}): Customer {
  return {
    accountNo,
    legalName: `Customer ${accountNo}`,
    status: 'active',
    block: 'none',
    currency: 'USD',
    terms: { netDays: 30 },
    credit: { status: 'ok', openReceivablesMinor: 0 },
    allowPartial: true,
    allowBackorder: true,
    substitution: 'never',
    minShelfDays: 0,
    defaultShipTo: 'DOCK',
    addresses: [
      { id: 'BILL', usage: 'billTo', address },
      { id: 'DOCK', usage: 'shipTo', address, gln: '0614141900121' },
    ],
    ...change,
  };
}

export const customers: readonly Customer[] = [
  customer('C100'),
  customer('C200', { taxExempt: true }),
  customer('C300', {
    credit: {
      status: 'ok',
      limitMinor: 500_000,
      openReceivablesMinor: 300_000,
      unshippedOrdersMinor: 70_000,
      uninvoicedShipmentsMinor: 50_000,
    },
  }),
];

function item(sku: string, change: Partial<Item> = {}): Item {
  return {
    sku,
    description: `Item ${sku}`,
    type: 'stock',
    status: 'active',
    baseUom: 'EA',
    uoms: [{ code: 'EA', num: 1, den: 1 }],
    increment: '1',
    tracking: 'none',
    issue: 'FEFO',
    taxClass: 'standard',
    ...change,
  };
}

export const items: readonly Item[] = [
  item('GLV', {
    uoms: [
      { code: 'EA', num: 1, den: 1, gtin: '00614141100019' },
      { code: 'CS', num: 10, den: 1, gtin: '10614141100016' },
    ],
    tracking: 'lot',
  }),
  item('BLT', {
    uoms: [
      { code: 'EA', num: 1, den: 1, gtin: '00614141100026' },
      { code: 'BX', num: 100, den: 1, gtin: '10614141100023' },
      { code: 'CS', num: 1200, den: 1, gtin: '20614141100020' },
    ],
  }),
  item('PMP-220', { uoms: [{ code: 'EA', num: 1, den: 1, gtin: '00614141100033' }] }),
  item('CBL', {
    baseUom: 'FT',
    uoms: [
      { code: 'FT', num: 1, den: 1 },
      { code: 'MTR', num: 1250, den: 381 },
    ],
  }),
  item('FLT', { status: 'phaseOut', uoms: [{ code: 'EA', num: 1, den: 1, gtin: '00614141100057' }] }),
  item('FLT13'),
  item('OLD', {
    status: 'discontinued',
    substitutes: [{ sku: 'FLT13', kind: 'supersede', ratio: '1', consent: false }],
  }),
  item('LED', {
    uoms: [
      { code: 'EA', num: 1, den: 1, gtin: '00614141100088' },
      { code: 'BX', num: 6, den: 1 },
    ],
  }),
];

function price(sku: string, value: string, change: Partial<PriceRule> = {}): PriceRule {
  return {
    id: `P-${sku}`,
    kind: 'list',
    sku,
    price: { value, currency: 'USD', perQty: '1', uom: 'EA' },
    validFrom: '2026-01-01',
    priority: 0,
    ...change,
  };
}

export const prices: readonly PriceRule[] = [
  price('GLV', '4.25'),
  price('BLT', '11.00', { price: { value: '11.00', currency: 'USD', perQty: '100', uom: 'EA' } }),
  price('PMP-220', '450.00'),
  price('CBL', '0.80', { price: { value: '0.80', currency: 'USD', perQty: '1', uom: 'FT' } }),
  price('FLT', '9.00'),
  price('FLT13', '9.00'),
  price('OLD', '9.00'),
  price('LED', '18.00'),
];

export const locations: readonly Location[] = [
  { code: 'DC1', name: 'Columbus', kind: 'warehouse', timeZone: 'America/New_York', sellable: true, priority: 1 },
  { code: 'DC2', name: 'Reno', kind: '3pl', timeZone: 'America/Los_Angeles', sellable: true, priority: 2 },
  { code: 'BR3', name: 'Detroit', kind: 'branch', timeZone: 'America/Detroit', sellable: true, priority: 3 },
];
