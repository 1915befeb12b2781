import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Lab, type LabOptions, startLab, type SystemName } from './harness.ts';

interface Received {
  system: string;
  id: string;
  body: Record<string, unknown>;
}

let dir: string;
let lab: Lab | undefined;
let hub: Server;
let hubUrl: string;
let received: Received[];
let answer: (webhook: Received) => number;

// Stands where the hub will: takes signed webhooks and nothing else.
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'lab-test-'));
  received = [];
  answer = () => 204;
  hub = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const system = (request.url ?? '').split('/').at(-1) as SystemName;
      new Webhook(lab?.secrets[system].webhookSecret ?? '').verify(text, request.headers as Record<string, string>);
      const webhook = { system, id: String(request.headers['webhook-id']), body: JSON.parse(text) };
      const status = answer(webhook);
      if (status === 204) received.push(webhook);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  hubUrl = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await lab?.stop();
  lab = undefined;
  hub.closeAllConnections();
  await new Promise((resolve) => hub.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

async function start(options: Partial<LabOptions>): Promise<Lab> {
  lab = await startLab({ dir, hubUrl: '', profile: 'zero', ...options });
  await lab.setHub(hubUrl);
  return lab;
}

async function call(running: Lab, system: SystemName, method: string, path: string, body?: unknown) {
  const reply = await fetch(`${running.urls[system]}${path}`, {
    method,
    headers: { authorization: `Bearer ${running.secrets[system].apiKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
}

const events = (): unknown[] => received.map(({ body }) => body.event);
const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5_000, interval: 20 });

const release = (releaseNo: string, lines: unknown[]) => ({ releaseNo, orderRef: 'SO-1', warehouse: 'DC1', lines });
const bolts = { lineNo: 1, sku: 'BLT', qty: '2000', uom: 'EA' };

describe('warehouse', () => {
  test('picks, packs, waits for labels, then ships with them; the carrier scans the parcel', async () => {
    const running = await start({ only: ['wms-dc1', 'carrier'] });
    const pump = { lineNo: 2, sku: 'PMP-220', qty: '2', uom: 'EA' };
    await call(running, 'wms-dc1', 'PUT', '/wms/DC1/releases/F-1', release('F-1', [bolts, pump]));
    await eventually(() => expect(events()).toEqual(['pick.confirmed', 'pack.confirmed']));
    const packed = received[1]?.body as { cartons: { contents: { serials?: string[] }[] }[] };
    expect(packed.cartons[0]?.contents[1]?.serials).toHaveLength(2);

    const headers = { 'idempotency-key': 'SHP-1' };
    const reply = await fetch(`${running.urls.carrier}/carrier/labels`, {
      method: 'POST',
      headers: { authorization: `Bearer ${running.secrets.carrier.apiKey}`, ...headers },
      body: JSON.stringify({ reference: 'SHP-1', packages: [{ packageNo: 1 }] }),
    });
    const made = (await reply.json()) as { packages: { trackingNumber: string }[] };
    const trackingNumber = made.packages[0]?.trackingNumber;
    const cartons = [{ cartonNo: 1, sscc: '106141410000000019', trackingNumber }];
    await call(running, 'wms-dc1', 'PUT', '/wms/DC1/releases/F-1/labels', { releaseNo: 'F-1', cartons });
    await eventually(() => expect(events()).toContain('shipment.confirmed'));
    const shipped = received.find(({ body }) => body.event === 'shipment.confirmed')?.body;
    expect(shipped).toMatchObject({ status: 'SHIPPED', cartons: [{ sscc: '106141410000000019', trackingNumber }] });
    await eventually(() =>
      expect(received.filter(({ system }) => system === 'carrier').map(({ body }) => body.code)).toEqual(['IT', 'DL']),
    );
  });

  test('reports what it could not find, once', async () => {
    const running = await start({ only: ['wms-dc1'], dials: { 'wms-dc1': { shortPick: { BLT: '300' } } } });
    await call(running, 'wms-dc1', 'PUT', '/wms/DC1/releases/F-1', release('F-1', [bolts]));
    await call(running, 'wms-dc1', 'PUT', '/wms/DC1/releases/F-2', release('F-2', [bolts]));
    await eventually(() => expect(events().filter((event) => event === 'pack.confirmed')).toHaveLength(2));
    const quantities = received
      .filter(({ body }) => String(body.event).startsWith('pick.'))
      .map(({ body }) => [body.releaseNo, body.status, (body.lines as { qty: string }[])[0]?.qty]);
    expect(quantities).toHaveLength(3);
    expect(quantities).toEqual(
      expect.arrayContaining([
        ['F-1', 'PICKED', '1700'],
        ['F-1', 'SHORT', '300'],
        ['F-2', 'PICKED', '2000'],
      ]),
    );
  });

  test('goes on where it was after kill -9, and sends again what nobody took', async () => {
    answer = () => 503;
    const running = await start({ only: ['wms-dc1'] });
    await call(running, 'wms-dc1', 'PUT', '/wms/DC1/releases/F-1', release('F-1', [bolts]));
    await eventually(() => expect(running.logs('wms-dc1').map(({ kind }) => kind)).toContain('release.packed'));
    await running.kill('wms-dc1');
    answer = () => 204;
    await running.start('wms-dc1');
    await eventually(() => expect(events()).toEqual(['pick.confirmed', 'pack.confirmed']));
    const again = await call(running, 'wms-dc1', 'PUT', '/wms/DC1/releases/F-1', release('F-1', [bolts]));
    expect(again.body.status).toBe('PACKED');
    expect(running.logs('wms-dc1').filter(({ kind }) => kind === 'release.created')).toHaveLength(1);
  });
});

const order = {
  customerReference: 'ORD-1',
  customerAccount: 'C100',
  lines: [
    {
      line: 1,
      item: 'BLT',
      qty: '3',
      unit: 'BX',
      stockQty: '300',
      stockUnit: 'EA',
      unitPrice: '11.00',
      pricePer: '1',
      priceUnit: 'BX',
      amountCents: 3300,
    },
  ],
};
const delivery = (deliveryNo: string, qty: string) => ({
  customerReference: 'ORD-1',
  deliveryNo,
  lines: [{ line: 1, item: 'BLT', qty, unit: 'EA' }],
});

describe('ERP', () => {
  test('an upsert is one order however often it comes; two posts are two orders under one reference', async () => {
    const running = await start({ only: ['erp'] });
    await Promise.all([1, 2, 3].map(() => call(running, 'erp', 'PUT', '/api/orders/key-1', order)));
    await call(running, 'erp', 'POST', '/api/orders', { ...order, reference: 'key-2' });
    await call(running, 'erp', 'POST', '/api/orders', { ...order, reference: 'key-2' });
    const made = running.logs('erp').filter(({ kind }) => kind === 'order.created');
    expect(made.map(({ key }) => key)).toEqual(['key-1', 'key-2', 'key-2']);
    const found = await call(running, 'erp', 'GET', '/api/orders?reference=key-2');
    expect(found.body.items).toHaveLength(2);
  });

  test('bills what was shipped, in the sales unit where it comes out even, and to the cent in total', async () => {
    const running = await start({ only: ['erp'] });
    await call(running, 'erp', 'PUT', '/api/orders/key-1', order);
    await call(running, 'erp', 'PUT', '/api/shipments/S-1', delivery('S-1', '200'));
    await eventually(() => expect(events()).toHaveLength(1));
    await call(running, 'erp', 'PUT', '/api/shipments/S-2', delivery('S-2', '33'));
    await call(running, 'erp', 'PUT', '/api/shipments/S-3', delivery('S-3', '67'));
    await eventually(() => expect(events()).toHaveLength(3));
    const invoices = received.map(
      ({ body }) => body.invoice as { lines: Record<string, unknown>[]; totalCents: number },
    );
    expect(invoices[0]?.lines[0]).toMatchObject({ qty: '2', unit: 'BX', amountCents: 2200 });
    expect(invoices[1]?.lines[0]).toMatchObject({ qty: '33', unit: 'EA', amountCents: 363 });
    expect(invoices.reduce((sum, { totalCents }) => sum + totalCents, 0)).toBe(3300);
  });

  test('bills what its branch has shipped as it bills the warehouses, together to the cent, also after kill -9', async () => {
    const running = await start({ only: ['erp'], dials: { erp: { delaysMs: { pay: null, invoice: null } } } });
    await call(running, 'erp', 'PUT', '/api/orders/key-1', order);
    await call(running, 'erp', 'PUT', '/api/branch-releases/F-1', {
      releaseNo: 'F-1',
      orderRef: 'ORD-1',
      warehouse: 'BR3',
      lines: [{ lineNo: 1, sku: 'BLT', qty: '100', uom: 'EA' }],
    });
    await call(running, 'erp', 'PUT', '/api/shipments/S-1', delivery('S-1', '200'));
    await eventually(() => expect(events()).toEqual(['shipment.posted']));
    await call(running, 'erp', 'PUT', '/api/branch-labels/SH-9', { releaseNo: 'F-1', shipmentNo: 'SH-9', cartons: [] });
    await running.kill('erp');
    await running.start('erp');
    await running.control('erp', 'POST', '/_progress', { step: 'invoice' });
    await running.control('erp', 'POST', '/_progress', { step: 'invoice' });
    await eventually(() => expect(events()).toEqual(['shipment.posted', 'invoice.posted', 'invoice.posted']));
    const invoices = received.flatMap(({ body }) => (body.invoice ? [body.invoice as Record<string, any>] : []));
    expect(invoices).toMatchObject([
      { customerReference: 'ORD-1', deliveryNo: 'S-1', totalCents: 2200 },
      { customerReference: 'ORD-1', deliveryNo: 'SH-9', totalCents: 1100, lines: [{ line: 1, qty: '1', unit: 'BX' }] },
    ]);
  });

  test('faults are what they say: a lost reply and a late commit leave the order behind, a time-out does not', async () => {
    const running = await start({ only: ['erp'], dials: { erp: { lateCommitMs: 50 } } });
    const attempt = async (key: string, fault: 'replyLost' | 'lateCommit' | 'reset' | 'truncated') => {
      await running.dials('erp', { next: [{ fault }] });
      await expect(
        call(running, 'erp', 'PUT', `/api/orders/${key}`, { ...order, customerReference: key }),
      ).rejects.toThrow();
    };
    await attempt('lost', 'replyLost');
    await attempt('late', 'lateCommit');
    await attempt('torn', 'truncated');
    await attempt('reset', 'reset');
    expect(
      running
        .logs('erp')
        .filter(({ kind }) => kind === 'order.created')
        .map(({ key }) => key),
    ).toEqual(['lost', 'late', 'torn']);
  });
});

test('webhooks: duplicates keep their id, repeats get a new one, and one key keeps its order', async () => {
  const running = await start({
    only: ['wms-dc1'],
    dials: { 'wms-dc1': { duplicates: 1, repeats: 1, outOfOrderMs: 10 } },
  });
  await call(running, 'wms-dc1', 'PUT', '/wms/DC1/releases/F-1', release('F-1', [bolts]));
  await eventually(() => expect(received).toHaveLength(6));
  const ids = new Set(received.map(({ id }) => id));
  expect(ids.size).toBe(4);
  expect(new Set(received.map(({ body }) => `${body.event} ${body.seq}`))).toEqual(
    new Set(['pick.confirmed 1', 'pack.confirmed 2']),
  );
});
