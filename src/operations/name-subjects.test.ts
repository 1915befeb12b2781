import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { putRidgeline } from '../../test/harness/ridgeline-data.ts';
import { insertDocuments } from '../exchange/index.ts';
import { applyShipments } from '../flows/apply-shipments.ts';
import { postInvoices } from '../flows/post-invoice.ts';
import { createFulfillmentOrders, listShipments } from '../fulfillment/index.ts';
import { listInvoices } from '../invoicing/index.ts';
import { uuidv7 } from '../platform/index.ts';
import type { DeliveryView } from '../queue/index.ts';
import { nameSubjects } from './index.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
  await putRidgeline(api);
});
afterAll(() => api?.stop());

it('says what deliveries are about, in two words that a person knows', async () => {
  const headers = { authorization: `Bearer ${api.adminKey}`, 'idempotency-key': 'about' };
  const lines = [{ sku: 'LED', quantity: { value: '2', uom: 'EA' } }];
  const payload = { channel: 'portal', customer: 'C200', lines };
  const order = (await api.app.inject({ method: 'POST', url: '/v1/orders', headers, payload })).json();
  const { id: orderId, orderNo, correlationId, sourceMessageId } = order;
  const said = await api.services.db.tx('acme', async (tx) => {
    const shipTo = { name: 'Apex' };
    const of = [{ lineNo: 1, sku: 'LED', quantity: '2', uom: 'EA' }];
    const draft = { orderId, orderNo, location: 'DC1', lines: of, shipTo, correlationId };
    const [release] = await createFulfillmentOrders(tx, [draft], api.clock.now());
    const document = { direction: 'out', standard: 'x12', version: '004010', type: '810', state: 'sent' } as const;
    const contents = [{ lineNo: 1, sku: 'LED', quantity: '2', uom: 'EA' }];
    const { fulfillmentNo } = release!.order;
    const shippedAt = api.clock.now().toISOString();
    const packed = { source: 'wms', document: 'PK', sequence: 1, fulfillmentNo, shippedAt };
    const hub = api.services.hub('acme');
    await applyShipments(tx, hub, [{ ...packed, packages: [{ packageNo: 1, contents }] }]);
    const [shipment] = await listShipments(tx, { orderIds: [orderId] });
    const price = { value: '18.00', currency: 'USD', perQty: '1', uom: 'EA' };
    const billed = { lineNo: 1, quantity: { value: '2', uom: 'EA' }, unitPrice: price, amountMinor: 3600 };
    const bill = { source: 'erp', invoiceNo: 'INV-1', orderNo, invoiceDate: '2026-06-01', currency: 'USD' };
    const totals = { taxMinor: 0, freightMinor: 0, totalMinor: 3600, postedAt: shippedAt };
    await postInvoices(tx, hub, [{ ...bill, ...totals, lines: [billed] }]);
    const [invoice] = await listInvoices(tx, { orderIds: [orderId] });
    const [documentId] = await insertDocuments(tx, [{ ...document, ordinal: 0, control: '0001', correlationId }]);
    let count = 0;
    const about = (key: string, entity?: object, data?: object) =>
      ({ id: `d${(count += 1)}`, key, payload: { kind: 'command', entity, data } }) as unknown as DeliveryView;
    const named = await nameSubjects(tx, [
      about(orderId, { kind: 'order', id: orderId }),
      about(orderId, { kind: 'fulfillment', id: release!.order.id }),
      about(orderId, { kind: 'shipment', id: shipment!.id }),
      about('unknown', { kind: 'invoice', id: invoice!.id }),
      about(orderId, { kind: 'document', id: documentId }),
      about('partner:C200', { kind: 'message', id: sourceMessageId }),
      about('LED', { kind: 'availability', id: 'marketplace|LED' }),
      about(orderId, undefined, { skus: ['LED', 'GLV'] }),
      about(orderId, { kind: 'shipment', id: uuidv7() }),
      about('nothing known', { kind: 'message', id: uuidv7() }),
    ]);
    return Array.from({ length: count }, (_, i) => named.get(`d${i + 1}`));
  });
  const ofOrder = { orderId, orderNo };
  expect(said).toEqual([
    { text: `Order ${orderNo}`, ...ofOrder },
    { text: `Release ${orderNo}-1`, ...ofOrder },
    { text: `Shipment ${orderNo}-1-S1`, ...ofOrder },
    { text: 'Invoice INV-1', ...ofOrder },
    { text: 'Invoice (810) 0001', ...ofOrder },
    { text: 'Order from C200', messageId: sourceMessageId },
    { text: 'LED for marketplace', sku: 'LED' },
    { text: 'Stock of LED, GLV', ...ofOrder },
    // What is gone is still of its order.
    { text: `Order ${orderNo}`, ...ofOrder },
    undefined,
  ]);
});
