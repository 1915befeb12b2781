import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TSchema } from 'typebox';
import { Value as Schema } from 'typebox/value';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type ConnectorContext, connectorOf, createHttpClient } from '../src/connectors/index.ts';
import { type InboundResult, indexMaps, MapError } from '../src/maps/index.ts';
import {
  FulfillmentFact,
  type FulfillmentOrder,
  InvoiceReport,
  OrderSubmission,
  PaymentReport,
  type SalesOrder,
  type Shipment,
  ShipmentReport,
  TrackingReport,
} from '../src/model/index.ts';
import { silentLogger, systemClock } from '../src/platform/index.ts';
import { type Lab, startLab, type SystemName } from './harness.ts';

const types: Readonly<Partial<Record<SystemName, string>>> = {
  erp: 'demo-erp',
  'wms-dc1': 'demo-wms',
  carrier: 'demo-carrier',
  storefront: 'demo-storefront',
};
const settings: Readonly<Record<string, Record<string, unknown>>> = {
  'wms-dc1': { warehouse: 'DC1' },
  storefront: { customer: 'C500', channel: 'marketplace' },
};
const maps = indexMaps();
const http = createHttpClient();
let dir: string;
let lab: Lab;
let hub: Server;
/** What the systems sent, translated; as the hub would see it. */
let results: InboundResult[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'lab-walk-'));
  hub = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const system = (request.url ?? '').split('/').at(-1) as SystemName;
      translate(system, JSON.parse(Buffer.concat(chunks).toString()));
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  lab = await startLab({
    dir,
    hubUrl: `http://127.0.0.1:${(hub.address() as AddressInfo).port}`,
    profile: 'zero',
    only: ['erp', 'wms-dc1', 'carrier', 'storefront'],
    dials: { erp: { statusWebhooks: true }, 'wms-dc1': { shortPick: { LED: '4' } } },
  });
});
beforeEach(() => {
  results = [];
});
afterAll(async () => {
  await lab.stop();
  await http.close();
  hub.closeAllConnections();
  await new Promise((resolve) => hub.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

function translate(system: SystemName, body: unknown): void {
  const connector = connectorOf(types[system] ?? '');
  const topic = connector?.webhook?.topicOf(body) ?? '';
  const map = maps.inbound(connector?.type ?? '', topic);
  if (!map) throw new Error(`no map for ${system} ${topic}`);
  const context = { source: system, settings: settings[system] ?? {}, receivedAt: '', lookup: () => undefined };
  results.push(...map.map(body, context));
}

async function send(system: SystemName, operation: string, entity: unknown, data: Record<string, unknown> = {}) {
  const connector = connectorOf(types[system] ?? '');
  const map = maps.outbound(connector?.type ?? '', operation);
  const context: ConnectorContext = {
    settings: { baseUrl: lab.urls[system], allowPrivateNetwork: true, ...settings[system] },
    secrets: { ...lab.secrets[system] },
    http,
    log: silentLogger,
    clock: systemClock,
    signal: new AbortController().signal,
    dataDir: dir,
  };
  const native = map?.map(entity, {
    connection: system,
    settings: context.settings,
    data,
    naturalKey: 'xd1-1',
    correlationId: 'c-1',
    lookup: () => undefined,
  });
  const outcome = await connector?.operations[operation]?.send(context, {
    native,
    naturalKey: 'xd1-1',
    idempotencyKey: 'd-1',
    correlationId: 'c-1',
  });
  if (outcome?.kind !== 'confirmed') throw new Error(`${operation}: ${JSON.stringify(outcome)}`);
  return outcome.response as never;
}

type Value<K extends InboundResult['kind']> = Extract<InboundResult, { kind: K }>['value'];

async function awaitKind<K extends InboundResult['kind']>(kind: K, count = 1): Promise<Value<K>[]> {
  const ofKind = () => results.filter((each) => each.kind === kind).map(({ value }) => value as Value<K>);
  await vi.waitFor(() => expect(ofKind().length).toBeGreaterThanOrEqual(count), { timeout: 5_000, interval: 20 });
  return ofKind();
}

function expectValid(schema: TSchema, value: unknown): void {
  expect([...Schema.Errors(schema, value)].map((error) => `${error.instancePath} ${error.message}`)).toEqual([]);
}

const order = {
  orderNo: 'SO-1',
  customer: 'C100',
  orderDate: '2026-06-01',
  currency: 'USD',
  channel: 'edi',
  terms: { netDays: 30 },
  shipTo: { name: 'DC 12', resolved: true, gln: '0614141900121' },
  holds: [],
  lines: [
    {
      lineNo: 1,
      sku: 'LED',
      ordered: { value: '2', uom: 'BX' },
      baseUom: 'EA',
      price: { value: '108.00', currency: 'USD', perQty: '1', uom: 'BX' },
      amountMinor: 21600,
      holds: [],
      milestone: 'allocated',
      q: { ordered: '12', cancelled: '0' },
    },
    { lineNo: 2, sku: 'GLV', holds: [{ code: 'PRICE_MISMATCH' }], milestone: 'received', q: { ordered: '100' } },
  ],
} as unknown as SalesOrder;

const fulfillment = {
  fulfillmentNo: 'SO-1-1',
  orderNo: 'SO-1',
  location: 'DC1',
  shipTo: { name: 'DC 12' },
  lines: [{ lineNo: 1, sku: 'LED', quantity: '12', uom: 'EA' }],
} as unknown as FulfillmentOrder;

const shipment = {
  shipmentNo: 'SO-1-1-S1',
  orderNo: 'SO-1',
  fulfillmentNo: 'SO-1-1',
  location: 'DC1',
  shipFrom: { name: 'Columbus' },
  shipTo: { name: 'DC 12' },
  shippedAt: '2026-06-01T13:00:00.000Z',
  packages: [
    { packageNo: 1, sscc: '106141410000000019', contents: [{ lineNo: 1, sku: 'LED', quantity: '8', uom: 'EA' }] },
  ],
} as unknown as Shipment;

test('one order through the systems and back: what is sent is understood, what comes back is canonical', async () => {
  expect(await send('erp', 'order.create', order)).toEqual({ erpOrderNo: 'SO-100001' });
  expect(await awaitKind('orderStatus')).toMatchObject([{ orderNo: 'SO-1', nativeStatus: 'OPEN' }]);

  await send('wms-dc1', 'release.create', fulfillment);
  const facts = (await awaitKind('facts', 2)).flat();
  for (const fact of facts) expectValid(FulfillmentFact, fact);
  expect(facts).toMatchObject([
    { source: 'wms-dc1', document: 'SO-1-1', lineNo: 1, kind: 'picked', quantity: '8', uom: 'EA', sequence: 1 },
    { source: 'wms-dc1', document: 'SO-1-1', lineNo: 1, kind: 'short', quantity: '4', uom: 'EA', sequence: 2 },
  ]);
  const [packed] = await awaitKind('packed');
  expect(packed).toMatchObject({
    fulfillmentNo: 'SO-1-1',
    packages: [{ packageNo: 1, contents: [{ quantity: '8' }] }],
  });

  const made: { labels: { packageNo: number; tracking: string }[] } = await send('carrier', 'label.create', shipment);
  const tracking = made.labels[0]?.tracking;
  const labelled = { ...shipment, carrier: 'UPS', packages: [{ ...shipment.packages[0], tracking }] };
  await send('wms-dc1', 'label.attach', labelled);
  const [shipped] = await awaitKind('shipment');
  expectValid(ShipmentReport, shipped);
  // The pack and the shipment of the same cartons are one document.
  expect(shipped).toMatchObject({ document: packed?.document, packages: [{ sscc: '106141410000000019', tracking }] });

  const tracks = await awaitKind('tracking', 2);
  for (const track of tracks) expectValid(TrackingReport, track);
  expect(tracks.map(({ status }) => status)).toEqual(['in_transit', 'delivered']);

  await send('erp', 'shipment.create', labelled);
  const [invoice] = await awaitKind('invoice');
  expectValid(InvoiceReport, invoice);
  // 8 of 12 pieces of two boxes: the ERP bills pieces, for two thirds of the line; the held line is not on the order.
  expect(invoice).toMatchObject({
    orderNo: 'SO-1',
    shipmentNo: 'SO-1-1-S1',
    totalMinor: 14400,
    lines: [{ lineNo: 1, quantity: { value: '8', uom: 'EA' }, unitPrice: { value: '108.00', uom: 'BX' } }],
  });

  await lab.control('erp', 'POST', '/_payments', { customerAccount: 'C100', amountCents: 14400 });
  const [payment] = await awaitKind('payment');
  expectValid(PaymentReport, payment);
  expect(payment).toMatchObject({ customer: 'C100', amountMinor: 14400, currency: 'USD' });
});

test('a branch ships through the ERP: one report makes the shipment', async () => {
  await send('erp', 'release.create', { ...fulfillment, fulfillmentNo: 'SO-2-1', location: 'BR3' });
  const [shipped] = await awaitKind('shipment');
  expectValid(ShipmentReport, shipped);
  expect(shipped).toMatchObject({
    source: 'erp',
    fulfillmentNo: 'SO-2-1',
    packages: [{ contents: [{ quantity: '12' }] }],
  });
});

test('the shop: an order comes in, a fulfilment and stock levels go out', async () => {
  await lab.control('storefront', 'POST', '/_orders', {
    lineItems: [{ sku: 'LED', quantity: 3, unitPrice: '18.00' }],
    shippingAddress: { name: 'J', address1: '1 Oak St', city: 'Dayton', zip: '45402', countryCode: 'US' },
  });
  const [submission] = await awaitKind('order');
  expectValid(OrderSubmission, submission);
  expect(submission).toMatchObject({
    channel: 'marketplace',
    customer: 'C500',
    customerPo: 'SF-100001',
    lines: [{ sku: 'LED', quantity: { value: '3', uom: 'EA' }, price: { value: '18.00', perQty: '1', uom: 'EA' } }],
  });
  const made = await send('storefront', 'fulfillment.create', shipment, { nativeOrderId: submission?.nativeId });
  expect(made).toEqual({ fulfillmentId: 'FF-600001' });
  await send('storefront', 'availability.publish', { levels: [{ sku: 'LED', quantity: '51', uom: 'EA' }] });
  expect(await lab.control('storefront', 'GET', '/_inventory')).toEqual({ LED: { available: '51', unit: 'EA' } });
});

test('a code that no table knows stays raw', async () => {
  const trackingNumber = lab.logs('carrier').find(({ kind }) => kind === 'parcel.scanned')?.key;
  await lab.control('carrier', 'POST', '/_scan', { trackingNumber, code: 'ZZ' });
  expect(await awaitKind('unmapped')).toEqual([{ source: 'carrier', field: 'code', nativeCode: 'ZZ' }]);
});

test('a native payload with a hole in it names the spot', () => {
  const map = maps.inbound('demo-wms', 'pick.confirmed');
  const native = {
    releaseNo: 'F',
    status: 'PICKED',
    seq: 1,
    at: '2026-06-01T13:00:00Z',
    lines: [{ lineNo: 1, qty: 5 }],
  };
  const context = { source: 'wms', settings: {}, receivedAt: '', lookup: () => undefined };
  expect(() => map?.map(native, context)).toThrow(MapError);
  expect(() => map?.map(native, context)).toThrow(/uom is missing/);
  const inexact = { ...native, lines: [{ lineNo: 1, qty: '1e3', uom: 'EA' }] };
  expect(() => map?.map(inexact, context)).toThrow(/not an exact decimal/);
});
