import { expect, it } from 'vitest';
import { indexMaps, MapError } from './index.ts';

const context = { source: 'wms', settings: {}, receivedAt: '2026-06-01T13:00:00Z', lookup: () => undefined };
const at = '2026-06-01T13:00:00Z';
const head = { releaseNo: 'F-1', docNo: 'D', goodsIssueNo: 'D', seq: 1, at, postedAt: at };
const goods = { lineNo: 1, line: 1, sku: 'LED', item: 'LED', qty: '-3', uom: 'EA', unit: 'EA' };

it.each([
  ['demo-wms', 'pick.confirmed', { ...head, status: 'PICKED', lines: [goods] }, 'lines/0/qty'],
  ['demo-wms', 'pick.short', { ...head, status: 'SHORT', lines: [goods] }, 'lines/0/qty'],
  [
    'demo-wms',
    'shipment.confirmed',
    { ...head, status: 'SHIPPED', cartons: [{ cartonNo: 1, contents: [goods] }] },
    'cartons/0/contents/0/qty',
  ],
  ['demo-erp', 'shipment.posted', { ...head, packages: [{ no: 1, items: [goods] }] }, 'packages/0/items/0/qty'],
])('a quantity below zero of %s %s is refused, with its place', (connector, topic, payload, path) => {
  const map = indexMaps().inbound(connector, topic)!;
  expect(() => map.map(payload, context)).toThrow(MapError);
  expect(() => map.map(payload, context)).toThrow(`${path} is less than zero: -3`);
});
