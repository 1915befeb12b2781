import type { Customer, Item, Location, PriceRule, StockSnapshot } from '../../src/model/index.ts';
import type { TestApi } from './api-services.ts';

/** A little of Ridgeline: enough for an order to be judged. */
export const led: Item = {
  sku: 'LED',
  description: 'LED panel',
  type: 'stock',
  status: 'active',
  baseUom: 'EA',
  uoms: [
    { code: 'EA', num: 1, den: 1, gtin: '00614141100088' },
    { code: 'BX', num: 6, den: 1 },
  ],
  increment: '1',
  tracking: 'none',
  issue: 'FIFO',
  taxClass: 'standard',
};

export const apex: Customer = {
  accountNo: 'C200',
  legalName: 'Apex Hospital',
  status: 'active',
  block: 'none',
  currency: 'USD',
  terms: { netDays: 30 },
  credit: { status: 'ok', openReceivablesMinor: 0 },
  allowPartial: true,
  allowBackorder: true,
  substitution: 'never',
  minShelfDays: 0,
  defaultShipTo: 'MAIN',
  addresses: [
    {
      id: 'MAIN',
      usage: 'shipTo',
      name: 'Apex Hospital Receiving',
      address: { lines: ['1 Medical Plaza'], city: 'Cleveland', region: 'OH', postal: '44106', country: 'US' },
    },
  ],
};

export const dc1: Location = {
  code: 'DC1',
  name: 'Columbus',
  kind: 'warehouse',
  timeZone: 'America/New_York',
  sellable: true,
  priority: 1,
};

export const ledPrice: PriceRule = {
  id: 'LED-LIST',
  kind: 'list',
  sku: 'LED',
  price: { value: '18.00', currency: 'USD', perQty: '1', uom: 'EA' },
  validFrom: '2026-01-01',
  priority: 0,
};

export const dc1Stock: StockSnapshot = {
  location: 'DC1',
  asOf: '2026-06-01T12:00:00Z',
  asOfSeq: 1,
  positions: [{ sku: 'LED', quantity: '20', uom: 'EA' }],
};

/** Puts it all through the API, as the admin would. */
export async function putRidgeline(api: TestApi): Promise<void> {
  const puts: [string, unknown][] = [
    ['/v1/locations/DC1', dc1],
    ['/v1/items/LED', led],
    ['/v1/prices/LED-LIST', ledPrice],
    ['/v1/customers/C200', apex],
    ['/v1/stock-snapshots/DC1', dc1Stock],
  ];
  for (const [url, payload] of puts) {
    const headers = { authorization: `Bearer ${api.adminKey}` };
    const reply = await api.app.inject({ method: 'PUT', url, headers, payload: payload as object });
    if (reply.statusCode >= 300) throw new Error(`${url}: ${reply.statusCode} ${reply.body}`);
  }
}
