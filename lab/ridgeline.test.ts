import { fileURLToPath } from 'node:url';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { connectorOf } from '../src/connectors/index.ts';
import {
  Customer,
  ExpectedSupply,
  Item,
  Location,
  PriceRule,
  StockPolicy,
  StockSnapshot,
  Supplier,
} from '../src/model/index.ts';
import { Agreement, CrossReference } from '../src/partners/index.ts';
import { ridgeline } from './harness.ts';
import { SYSTEMS } from './supervisor.ts';

const now = new Date('2026-06-01T13:00:00Z');
const schemas: Readonly<Record<string, TSchema>> = {
  customers: Customer,
  suppliers: Supplier,
  items: Item,
  locations: Location,
  prices: PriceRule,
  stockPolicies: StockPolicy,
  stock: StockSnapshot,
  expectedSupply: ExpectedSupply,
  agreements: Agreement,
  crossReferences: CrossReference,
};

test.each(Object.entries(schemas))('%s are what their schema says', (part, schema) => {
  const entries = ridgeline({ now })[part] as unknown[];
  expect(entries.length).toBeGreaterThan(0);
  for (const entry of entries) {
    expect([...Value.Errors(schema, entry)].map((error) => `${error.instancePath} ${error.message}`)).toEqual([]);
  }
});

test('connections fit their connectors, with and without a running lab', () => {
  const secrets = { erp: { apiKey: 'k', webhookSecret: 'whsec_YSBzZWNyZXQgb2YgdHdlbnR5LWZvdXIhIQ==' } };
  const urls = { erp: 'http://127.0.0.1:9111' };
  const { connections } = ridgeline({ now, urls, secrets, settings: { erp: { idempotency: 'C' } } });
  for (const { type, settings } of connections) {
    const connector = connectorOf(type);
    expect(connector?.type).toBe(type);
    expect([...Value.Errors(connector?.settings ?? {}, settings)]).toEqual([]);
  }
  const erp = connections.find(({ id }) => id === 'erp');
  expect(erp).toMatchObject({ settings: { baseUrl: urls.erp, idempotency: 'C' }, secrets: secrets.erp });
  expect(Value.Check(connectorOf('demo-erp')?.secrets ?? {}, erp?.secrets)).toBe(true);
});

test('what one part names another part has', () => {
  const company = ridgeline({ now }) as unknown as Record<string, Record<string, string>[]>;
  const keys = (part: string, key: string) => new Set(company[part]?.map((entry) => entry[key]));
  const skus = keys('items', 'sku');
  for (const { sku } of [
    ...(company.prices ?? []),
    ...(company.stockPolicies ?? []),
    ...(company.expectedSupply ?? []),
  ]) {
    expect(skus).toContain(sku);
  }
  for (const { fulfilledBy, agreement } of company.locations ?? []) {
    if (fulfilledBy) expect(keys('connections', 'id')).toContain(fulfilledBy);
    if (agreement) expect(keys('agreements', 'id')).toContain(agreement);
  }
  for (const { connection, partner } of company.agreements ?? []) {
    expect(keys('connections', 'id')).toContain(connection);
    expect([...keys('customers', 'accountNo'), ...keys('suppliers', 'accountNo')]).toContain(partner);
  }
});

test('days count from today in Columbus, instants from now', () => {
  // 21:30 on 31 May in Ohio is already June in UTC.
  const late = ridgeline({ now: new Date('2026-06-01T01:30:00Z') }) as unknown as {
    expectedSupply: { dueDate: string }[];
    stock: { asOf: string; positions: { expiry?: string }[] }[];
  };
  expect(late.expectedSupply[0]?.dueDate).toBe('2026-06-14');
  expect(late.stock[0]).toMatchObject({
    asOf: '2026-06-01T01:30:00.000Z',
    positions: [{ expiry: '2026-06-20' }, {}, {}, {}, {}, {}, {}, {}],
  });
});

test('the example company’s systems are called as the lab’s are, which is where their webhooks go', () => {
  const file = fileURLToPath(new URL('../docs/examples/company.yaml', import.meta.url));
  const secrets = { apiKey: 'k', webhookSecret: 'whsec_c2VjcmV0' };
  const company = ridgeline({
    now,
    file,
    urls: { erp: 'http://127.0.0.1:1', 'wms-dc1': 'http://127.0.0.1:2' },
    secrets: Object.fromEntries(SYSTEMS.map((name) => [name, secrets])),
  });
  const systems = company.connections.filter(({ settings }) => settings.baseUrl !== undefined);
  expect(systems).toMatchObject([
    { id: 'erp', settings: { baseUrl: 'http://127.0.0.1:1' }, secrets },
    { id: 'wms-dc1', settings: { baseUrl: 'http://127.0.0.1:2' }, secrets },
  ]);
  expect(company.locations).toMatchObject([{ fulfilledBy: 'wms-dc1' }]);
});
