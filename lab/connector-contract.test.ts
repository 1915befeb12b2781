import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type ConnectorContext,
  type ConnectorOperation,
  type ConnectorRequest,
  connectorOf,
  connectors,
  createHttpClient,
  idempotencyOf,
} from '../src/connectors/index.ts';
import { silentLogger, systemClock } from '../src/platform/index.ts';
import { type Fault, type Lab, startLab, type SystemName } from './harness.ts';

/** One operation of one connector against its system. `n` makes payloads of different documents. */
interface Case {
  connector: string;
  operation: string;
  system: SystemName;
  settings?: Record<string, unknown>;
  native(n: string): Record<string, unknown>;
  /** What has to be there before, e.g. the order of a shipment. */
  before?(ctx: ConnectorContext, n: string): Promise<unknown>;
  /** A payload that the system refuses for a business reason. */
  refused(n: string): Record<string, unknown>;
  /** A state that is sent, not an effect that is had: there is nothing to find again. */
  isState?: boolean;
}

const orderLine = { line: 1, item: 'LED', qty: '10', unit: 'EA', stockQty: '10', stockUnit: 'EA', amountCents: 18000 };
const erpOrder = (n: string) => ({ customerReference: n, customerAccount: 'C200', lines: [orderLine] });
const erpShipment = (n: string) => ({
  customerReference: n,
  deliveryNo: `D-${n}`,
  lines: [{ line: 1, item: 'LED', qty: '10', unit: 'EA' }],
});
const release = (n: string) => ({
  releaseNo: n,
  orderRef: n,
  warehouse: 'DC1',
  lines: [{ lineNo: 1, sku: 'LED', qty: '10', uom: 'EA' }],
});
const labels = (n: string) => ({
  releaseNo: n,
  shipmentNo: `S-${n}`,
  cartons: [{ cartonNo: 1, trackingNumber: '1Z' }],
});
const send = (connector: string, operation: string, ctx: ConnectorContext, native: unknown, key: string) =>
  operationOf(connector, operation).send(ctx, requestOf(native, key));

const erpCases = (idempotency: 'A' | 'C'): Case[] => [
  {
    connector: 'demo-erp',
    operation: 'order.create',
    system: 'erp',
    settings: { idempotency },
    native: erpOrder,
    refused: (n) => ({ ...erpOrder(n), lines: [{ ...orderLine, item: 'BARRED' }] }),
  },
  {
    connector: 'demo-erp',
    operation: 'shipment.create',
    system: 'erp',
    settings: { idempotency },
    native: erpShipment,
    before: (ctx, n) => send('demo-erp', 'order.create', ctx, erpOrder(n), n),
    refused: (n) => ({ ...erpShipment(n), customerReference: 'no such order' }),
  },
];

/** The ERP's own numbers of orders made beforehand, by our key. */
const orderNumbers = new Map<string, string>();

const cases: Case[] = [
  {
    connector: 'demo-erp',
    operation: 'order.change',
    system: 'erp',
    native: (n) => ({ ...erpOrder(n), orderNo: orderNumbers.get(n), lines: [orderLine, { ...orderLine, line: 2 }] }),
    async before(ctx, n) {
      const outcome = await send('demo-erp', 'order.create', ctx, erpOrder(n), n);
      if (outcome.kind === 'confirmed') orderNumbers.set(n, outcome.outsideId ?? '');
    },
    isState: true,
    refused: (n) => ({ ...erpOrder(n), orderNo: 'no such order' }),
  },
  ...erpCases('A'),
  ...erpCases('C'),
  {
    connector: 'demo-erp',
    operation: 'order.cancel',
    system: 'erp',
    native: (n) => ({ customerReference: n, lines: [{ line: 1, cancelledQty: '4', stockUnit: 'EA' }] }),
    before: (ctx, n) => send('demo-erp', 'order.create', ctx, erpOrder(n), n),
    refused: () => ({ customerReference: 'no such order', lines: [{ line: 1, cancelledQty: '4' }] }),
  },
  {
    connector: 'demo-erp',
    operation: 'release.create',
    system: 'erp',
    native: release,
    refused: (n) => ({ ...release(n), lines: [] }),
  },
  {
    connector: 'demo-erp',
    operation: 'release.cancel',
    system: 'erp',
    native: (n) => ({ releaseNo: n, orderRef: n }),
    before: (ctx, n) => send('demo-erp', 'release.create', ctx, release(n), n),
    refused: () => ({ releaseNo: 'SHIPPED-BRANCH' }),
  },
  {
    connector: 'demo-erp',
    operation: 'label.attach',
    system: 'erp',
    native: labels,
    before: (ctx, n) => send('demo-erp', 'release.create', ctx, release(n), n),
    refused: () => ({ releaseNo: 'no such release' }),
  },
  {
    connector: 'demo-wms',
    operation: 'release.create',
    system: 'wms-dc1',
    settings: { warehouse: 'DC1' },
    native: release,
    refused: (n) => ({ ...release(n), lines: [] }),
  },
  {
    connector: 'demo-wms',
    operation: 'release.cancel',
    system: 'wms-dc1',
    settings: { warehouse: 'DC1' },
    native: (n) => ({ releaseNo: n, orderRef: n }),
    before: (ctx, n) => send('demo-wms', 'release.create', ctx, release(n), n),
    refused: () => ({ releaseNo: 'PICKED-BEFORE' }),
  },
  {
    connector: 'demo-wms',
    operation: 'label.attach',
    system: 'wms-dc1',
    settings: { warehouse: 'DC1' },
    native: labels,
    before: (ctx, n) => send('demo-wms', 'release.create', ctx, release(n), n),
    refused: () => ({ releaseNo: 'no such release' }),
  },
  {
    connector: 'demo-carrier',
    operation: 'label.create',
    system: 'carrier',
    native: (n) => ({ reference: n, packages: [{ packageNo: 1, sscc: '106141410000000019' }] }),
    refused: (n) => ({ reference: n, packages: [] }),
  },
  {
    connector: 'demo-storefront',
    operation: 'fulfillment.create',
    system: 'storefront',
    settings: { customer: 'C500' },
    native: (n) => ({ orderId: `shop-${n}`, shipmentNo: n, lineItems: [{ lineNo: 1, sku: 'LED', quantity: '1' }] }),
    before: (_ctx, n) =>
      lab.control('storefront', 'POST', '/_orders', { id: `shop-${n}`, lineItems: [{ sku: 'LED', quantity: 1 }] }),
    refused: (n) => ({ orderId: `shop-${n}`, shipmentNo: n, lineItems: [] }),
  },
  {
    connector: 'demo-storefront',
    operation: 'availability.publish',
    system: 'storefront',
    settings: { customer: 'C500' },
    native: () => ({ levels: [{ sku: 'LED', available: '51', unit: 'EA' }] }),
    refused: () => ({ levels: 'none' }),
    isState: true,
  },
];

// Not every connector speaks HTTP; this one has a suite of its own beside it.
const testedElsewhere = ['edi-folder'];

let dir: string;
let lab: Lab;
const http = createHttpClient();

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'lab-contract-'));
  const still = { autoProgress: false, retryAfterMs: 2_000 };
  lab = await startLab({
    dir,
    profile: 'zero',
    only: ['erp', 'wms-dc1', 'carrier', 'storefront'],
    dials: {
      erp: { ...still, rejectSkus: { BARRED: 'ITEM_BLOCKED' } },
      'wms-dc1': still,
      carrier: still,
      storefront: still,
    },
  });
  // Releases that are too far along to be cancelled.
  await send('demo-erp', 'release.create', contextOf('erp'), release('SHIPPED-BRANCH'), 'x');
  await lab.control('erp', 'POST', '/_progress', { releaseNo: 'SHIPPED-BRANCH', step: 'ship' });
  const wms = contextOf('wms-dc1', { warehouse: 'DC1' });
  await send('demo-wms', 'release.create', wms, release('PICKED-BEFORE'), 'x');
  await lab.control('wms-dc1', 'POST', '/_progress', { releaseNo: 'PICKED-BEFORE', step: 'pick' });
});

afterAll(async () => {
  await lab.stop();
  await http.close();
  rmSync(dir, { recursive: true, force: true });
});

function contextOf(system: SystemName, settings: Record<string, unknown> = {}): ConnectorContext {
  return {
    settings: { baseUrl: lab.urls[system], timeoutMs: 5_000, allowPrivateNetwork: true, ...settings },
    secrets: { ...lab.secrets[system] },
    http,
    log: silentLogger,
    clock: systemClock,
    signal: new AbortController().signal,
    dataDir: dir,
  };
}

function operationOf(type: string, name: string): ConnectorOperation {
  const operation = connectorOf(type)?.operations[name];
  if (!operation) throw new Error(`${type} offers no ${name}`);
  return operation;
}

const requestOf = (native: unknown, key: string): ConnectorRequest => ({
  native,
  naturalKey: key,
  idempotencyKey: key,
  correlationId: 'c-1',
});

test('every operation of every connector is under this contract', () => {
  const declared = connectors
    .filter(({ type }) => !testedElsewhere.includes(type))
    .flatMap(({ type, operations }) => Object.keys(operations).map((name) => `${type} ${name}`));
  expect(declared.length).toBeGreaterThan(8);
  expect(new Set(cases.map(({ connector, operation }) => `${connector} ${operation}`))).toEqual(new Set(declared));
});

let count = 0;

describe.each(cases)('$connector $operation $settings', (subject) => {
  let key: string;
  let ctx: ConnectorContext;
  let operation: ConnectorOperation;
  let request: ConnectorRequest;
  const lookup = (given: ConnectorRequest) => operation.lookup?.(ctx, given);
  const fails = (fault: Fault) => lab.dials(subject.system, { next: [{ operation: subject.operation, fault }] });

  beforeEach(async () => {
    count += 1;
    key = `N-${count}`;
    ctx = contextOf(subject.system, subject.settings);
    operation = operationOf(subject.connector, subject.operation);
    await lab.dials(subject.system, { next: [] });
    await subject.before?.(ctx, key);
    request = requestOf(subject.native(key), key);
  });

  test('is confirmed with what the system answered, and found again with the same answer', async () => {
    const outcome = await operation.send(ctx, request);
    expect(outcome).toMatchObject({ kind: 'confirmed', response: expect.any(Object) });
    if (subject.isState || outcome.kind !== 'confirmed') return;
    expect(await lookup(request)).toEqual({
      kind: 'found',
      outsideId: outcome.outsideId,
      sameContent: true,
      response: outcome.response,
    });
    const other = requestOf({ ...(request.native as object), carrierCode: 'other' }, key);
    expect(await lookup(other)).toMatchObject({ kind: 'found', sameContent: false });
  });

  test('finds nothing where nothing was done', async () => {
    expect(await lookup(request)).toEqual({ kind: 'none' });
  });

  test('a refusal for a business reason is a rejection with its code', async () => {
    const outcome = await operation.send(ctx, requestOf(subject.refused(key), key));
    expect(outcome).toMatchObject({ kind: 'rejected', code: expect.stringMatching(/^[A-Z_]+$/) });
  });

  test.each([
    ['timeout', false],
    ['reset', false],
    ['500', false],
    ['replyLost', true],
    ['truncated', true],
    ['errorAfterCommit', true],
  ] as const)('%s proves nothing; the look-up tells', async (fault, happened) => {
    await fails(fault);
    const patience = fault === 'timeout' ? 150 : 5_000;
    const impatient = { ...ctx, settings: { ...ctx.settings, timeoutMs: patience } };
    expect(await operation.send(impatient, request)).toMatchObject({ kind: 'unknown' });
    if (!subject.isState) expect((await lookup(request))?.kind).toBe(happened ? 'found' : 'none');
  });

  test('429 and an announced 503 are tried again, not before the system says so', async () => {
    // A 429 is a promise that nothing was done; a 503 may have come too late for that.
    for (const [fault, sent] of [
      ['429', false],
      ['503', true],
    ] as const) {
      await fails(fault);
      expect(await operation.send(ctx, request)).toMatchObject({ kind: 'retryable', sent, retryAfterMs: 2_000 });
    }
  });

  test('200 with an error inside is a refusal', async () => {
    await fails('okWithErrorBody');
    expect(await operation.send(ctx, request)).toMatchObject({ kind: 'rejected', code: 'RECORD_LOCKED' });
  });

  test('a wrong key is an authentication failure', async () => {
    const stranger = { ...ctx, secrets: { apiKey: 'wrong' } };
    expect(await operation.send(stranger, request)).toMatchObject({ kind: 'rejected', class: 'auth' });
  });

  test('what cannot be reached has not been sent', async () => {
    const nowhere = { ...ctx, settings: { ...ctx.settings, baseUrl: `http://127.0.0.1:${await freePort()}` } };
    expect(await operation.send(nowhere, request)).toMatchObject({ kind: 'retryable', sent: false });
    if (!subject.isState) expect(await operation.lookup?.(nowhere, request)).toMatchObject({ kind: 'unavailable' });
    const unlisted = { ...ctx, settings: { ...ctx.settings, allowPrivateNetwork: false } };
    expect(await operation.send(unlisted, request)).toMatchObject({ code: 'DESTINATION_FORBIDDEN' });
  });

  test('sent twice it keeps its class', async () => {
    const idempotency = idempotencyOf(operation, ctx.settings);
    const first = await operation.send(ctx, request);
    const second = await operation.send(ctx, request);
    if (idempotency === 'C') expect((await lookup(request))?.kind).toBe('several');
    else expect(second).toEqual(first);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
