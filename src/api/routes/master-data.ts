import { getPriceRule, listItems, listPriceRules, loadItems, putItems, putPriceRules } from '../../catalog/index.ts';
import { applyStockSnapshots, recheckStock, releaseWhatWaits } from '../../flows/index.ts';
import {
  listExpectedSupply,
  listStockPolicies,
  loadLocations,
  policyKey,
  putExpectedSupply,
  putLocations,
  putStockPolicies,
  supplyKey,
} from '../../inventory/index.ts';
import {
  Code,
  closed,
  convertToBase,
  Customer,
  ExpectedSupply,
  Item,
  Location,
  PriceRule,
  StockPolicy,
  StockSnapshot,
  Supplier,
} from '../../model/index.ts';
import {
  listCustomers,
  listSuppliers,
  loadCustomers,
  loadSuppliers,
  putCustomers,
  putSuppliers,
} from '../../parties/index.ts';
import { HubError, type Tx } from '../../platform/index.ts';
import { recordAudit } from '../../security/index.ts';
import { Type } from 'typebox';
import { configurationRoutes, pageInMemory } from '../configuration-routes.ts';
import { defineRoute } from '../define-route.ts';
import { DryRunQuery } from '../schemas/configuration.ts';
import { requireTimeZone } from '../time-zones.ts';

const tag = 'Master data';

const customers = configurationRoutes<Customer>({
  name: 'customers',
  noun: 'customer',
  title: 'customers',
  tag,
  write: 'customer.write',
  body: Customer,
  params: closed({ accountNo: Code }),
  keys: ['accountNo'],
  put: async (tx, value, options) => (await putCustomers(tx, [value], options))[0]!,
  get: async (tx, { accountNo }) => (await loadCustomers(tx, [accountNo!])).get(accountNo!),
  list: listCustomers,
  event: ({ key, outcome, value, previous }) => {
    const blocked = value.block !== 'none' && previous?.block !== value.block;
    const change = outcome === 'created' ? 'created' : 'changed';
    return { type: `master.customer.${blocked ? 'blocked' : change}`, entity: { kind: 'customer', id: key }, key };
  },
  afterCommit: (services, tenantId) => services.customers.refresh(tenantId),
});

const suppliers = configurationRoutes<Supplier>({
  name: 'suppliers',
  noun: 'supplier',
  title: 'suppliers',
  tag,
  write: 'customer.write',
  body: Supplier,
  params: closed({ accountNo: Code }),
  keys: ['accountNo'],
  put: async (tx, value, options) => (await putSuppliers(tx, [value], options))[0]!,
  get: async (tx, { accountNo }) => (await loadSuppliers(tx, [accountNo!])).get(accountNo!),
  list: listSuppliers,
});

const items = configurationRoutes<Item>({
  name: 'items',
  noun: 'item',
  title: 'items',
  tag,
  write: 'item.write',
  body: Item,
  params: closed({ sku: Code }),
  keys: ['sku'],
  put: async (tx, value, options) => (await putItems(tx, [value], options))[0]!,
  get: async (tx, { sku }) => (await loadItems(tx, [sku!])).get(sku!),
  list: listItems,
  event: ({ key, outcome }) => ({
    type: outcome === 'created' ? 'master.item.created' : 'master.item.changed',
    entity: { kind: 'item', id: key },
    key,
  }),
  afterCommit: (services, tenantId) => services.catalog.refresh(tenantId),
});

const prices = configurationRoutes<PriceRule>({
  name: 'prices',
  noun: 'price',
  title: 'price rules',
  tag,
  write: 'price.write',
  body: PriceRule,
  params: closed({ id: Code }),
  keys: ['id'],
  put: async (tx, value, options) => (await putPriceRules(tx, [value], options))[0]!,
  get: (tx, { id }) => getPriceRule(tx, id!),
  list: listPriceRules,
  event: ({ key, value }) => ({
    type: 'master.price.changed',
    entity: { kind: 'item', id: value.sku },
    key: value.sku,
    data: { rule: key, ...(value.customer === undefined ? {} : { customer: value.customer }) },
  }),
  afterCommit: (services, tenantId) => services.catalog.refresh(tenantId),
});

/** @throws HubError VALIDATION_FAILED where releases could go two ways */
function requireOneWay({ fulfilledBy, agreement }: Location): void {
  if (fulfilledBy === undefined || agreement === undefined) return;
  const message = `releases go by a connection (fulfilledBy: ${fulfilledBy}) or by EDI (agreement: ${agreement}), and not by both`;
  throw new HubError('VALIDATION_FAILED', { message, errors: [{ pointer: '/agreement', code: 'EXCLUSIVE', message }] });
}

const locations = configurationRoutes<Location>({
  name: 'locations',
  noun: 'location',
  title: 'locations',
  tag,
  write: 'stock.write',
  body: Location,
  params: closed({ code: Code }),
  keys: ['code'],
  async put(tx, value, options) {
    requireTimeZone(value.timeZone);
    requireOneWay(value);
    return (await putLocations(tx, [value], options))[0]!;
  },
  follow: (tx, _outcome, hub, correlationId) => releaseWhatWaits(tx, hub, correlationId),
  get: async (tx, { code }) => (await loadLocations(tx, [code!])).get(code!),
  list: async (tx, request) => pageInMemory([...(await loadLocations(tx)).values()], request, (value) => value.code),
});

const stockPolicies = configurationRoutes<StockPolicy>({
  name: 'stock-policies',
  noun: 'stock-policy',
  title: 'stock policies',
  tag,
  write: 'stock.write',
  description: 'The key is the SKU with its location and channel; `-` in the path where the policy has none.',
  body: StockPolicy,
  params: closed({ sku: Code, location: Code, channel: Code }),
  keys: ['sku', 'location', 'channel'],
  put: async (tx, value, options) => (await putStockPolicies(tx, [value], options))[0]!,
  // A smaller safety stock, buffer or set-aside quantity frees stock.
  follow: (tx, { value }, hub, correlationId) => recheckStock(tx, hub, [value.sku], { correlationId }),
  async get(tx, { sku, location, channel }) {
    const key = policyKey({
      sku: sku!,
      ...(location === '-' ? {} : { location: location! }),
      ...(channel === '-' ? {} : { channel: channel! }),
    });
    return (await listStockPolicies(tx, { skus: [sku!] })).find((row) => policyKey(row.value) === key);
  },
  list: async (tx, request) => pageInMemory(await listStockPolicies(tx), request, policyKey),
});

const expectedSupply = configurationRoutes<ExpectedSupply>({
  name: 'expected-supply',
  noun: 'expected-supply',
  title: 'expected supply',
  tag,
  write: 'stock.write',
  body: ExpectedSupply,
  params: closed({ poNo: Code, sku: Code, location: Code }),
  keys: ['poNo', 'sku', 'location'],
  async put(tx, value, options) {
    const [base] = await toBaseUnits(tx, [value], () => '/quantity');
    return (await putExpectedSupply(tx, [{ ...value, quantity: base!.quantity, uom: base!.uom }], options))[0]!;
  },
  get: async (tx, keys) =>
    (await listExpectedSupply(tx, { skus: [keys.sku!], all: true })).find(
      ({ value }) => value.poNo === keys.poNo && value.location === keys.location,
    ),
  list: async (tx, request) => pageInMemory(await listExpectedSupply(tx, { all: true }), request, supplyKey),
});

/** Quantities in whatever unit, as base units of their items. @throws HubError UNKNOWN_ITEM, UOM_UNKNOWN, UOM_INEXACT */
async function toBaseUnits(
  tx: Tx,
  rows: readonly { sku: string; quantity: string; uom: string }[],
  pointerOf: (index: number) => string,
): Promise<{ quantity: string; uom: string }[]> {
  const known = await loadItems(tx, [...new Set(rows.map((row) => row.sku))]);
  return rows.map((row, index) => {
    const item = known.get(row.sku)?.value;
    const pointer = pointerOf(index);
    if (item === undefined) {
      throw new HubError('UNKNOWN_ITEM', {
        message: `No item has the SKU ${row.sku}`,
        errors: [{ pointer, code: 'UNKNOWN_ITEM' }],
      });
    }
    const converted = convertToBase(item, { value: row.quantity, uom: row.uom });
    if (!converted.ok) {
      throw new HubError(converted.code, { message: converted.message, errors: [{ pointer, code: converted.code }] });
    }
    return { quantity: converted.base, uom: item.baseUom };
  });
}

const SnapshotResult = closed({
  location: Code,
  asOfSeq: Type.Integer(),
  applied: Type.Array(Code),
  stale: Type.Array(Code),
  increased: Type.Array(Code),
});

const putSnapshot = defineRoute({
  method: 'PUT',
  path: '/v1/stock-snapshots/{location}',
  access: 'stock.write',
  tag,
  summary: 'State the stock of a location',
  description:
    'Replaces the positions of the items it names. Snapshots are ordered by `asOfSeq`: for an item that has a newer one the answer lists it under `stale` and nothing changes, so that repeating a PUT is harmless and no If-Match is needed.',
  params: closed({ location: Code }),
  query: DryRunQuery,
  body: StockSnapshot,
  // Every item of a site at once.
  bodyLimitBytes: 10 * 1024 * 1024,
  response: SnapshotResult,
  problems: ['UNKNOWN_ITEM', 'UNKNOWN_LOCATION', 'UOM_UNKNOWN', 'UOM_INEXACT', 'QUANTITY_INVALID'],
  async handle({ params, query, body, principal, trace }, services) {
    if (body.location !== params.location) {
      throw new HubError('VALIDATION_FAILED', { errors: [{ pointer: '/location', code: 'KEY_MISMATCH' }] });
    }
    // By its form only: the items may come with the same file.
    if (query.dryRun === true)
      return { body: { location: body.location, asOfSeq: body.asOfSeq, applied: [], stale: [], increased: [] } };
    const { traceId: correlationId, traceparent } = trace;
    const result = await services.db.tx(principal.tenantId, async (tx) => {
      if (!(await loadLocations(tx, [body.location])).has(body.location)) throw new HubError('UNKNOWN_LOCATION');
      const hub = services.hub(principal.tenantId);
      const [applied] = await applyStockSnapshots(tx, hub, [body], { correlationId, traceparent });
      const subject = { kind: 'location', id: body.location };
      const detail = { asOfSeq: body.asOfSeq, applied: applied!.applied.length, stale: applied!.stale.length };
      await recordAudit(tx, services.clock, [{ actor: principal.actor, action: 'stock.snapshot', subject, detail }]);
      return applied!;
    });
    return { body: result };
  },
});

export const masterDataRoutes = [
  ...customers,
  ...suppliers,
  ...items,
  ...prices,
  ...locations,
  ...stockPolicies,
  ...expectedSupply,
  putSnapshot,
];
