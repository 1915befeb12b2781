import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { HubClient } from './hub-client.ts';
import { replenishStock } from './replenish-stock.ts';

let hub: Server;
afterEach(() => {
  hub.closeAllConnections();
  hub.close();
});

test('a shelf that runs low is filled up; the others, and what is on hold, stay as they are', async () => {
  const told: unknown[] = [];
  const control = async (...call: unknown[]): Promise<unknown> => {
    told.push(call);
    return {
      stock: [
        { sku: 'LED', good: '12' },
        { sku: 'HLM', good: '60' },
      ],
    };
  };
  const receipts: unknown[] = [];
  hub = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://hub');
    if (request.method === 'POST') {
      let text = '';
      request.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      request.on('end', () => {
        receipts.push(JSON.parse(text));
        response.end('{}');
      });
      return;
    }
    const low = url.searchParams.get('sku') === 'CBL';
    const position = { sku: url.searchParams.get('sku'), location: 'DC1', uom: 'FT' };
    const data = [
      { ...position, status: 'hold', onHand: '40' },
      { ...position, status: 'available', onHand: low ? '123.5' : '100000' },
    ];
    response.end(JSON.stringify({ data }));
  });
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  await replenishStock(new HubClient(`http://127.0.0.1:${(hub.address() as AddressInfo).port}`, 'key'), { control });
  expect(receipts).toEqual([
    {
      source: 'wms-dc1',
      document: expect.stringMatching(/^GR-CBL-\d+$/),
      location: 'DC1',
      type: 'receipt',
      occurredAt: expect.any(String),
      lines: [{ lineNo: 1, sku: 'CBL', quantity: '876.5', uom: 'FT' }],
    },
  ]);
  // Reno has a warehouse of its own, and tells the hub itself.
  const lines = [{ sku: 'HLM', quantity: '140', uom: 'EA' }];
  expect(told).toEqual([
    ['warehouse-3pl', 'GET', '/_state'],
    ['warehouse-3pl', 'POST', '/_receipts', { lines }],
  ]);
});
