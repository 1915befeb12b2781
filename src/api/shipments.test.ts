import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { putRidgeline } from '../../test/harness/ridgeline-data.ts';
import { applyShipments } from '../flows/apply-shipments.ts';
import { applyTracking } from '../flows/apply-tracking.ts';
import { createFulfillmentOrders, listShipments } from '../fulfillment/index.ts';
import type { TrackingReport } from '../model/index.ts';
import { createApiKey, type Role } from '../security/index.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
  await putRidgeline(api);
});
afterAll(() => api?.stop());

async function keyOf(role: Role): Promise<string> {
  const { db, clock } = api.services;
  const asked = { name: role, roles: [role], createdBy: 'test' };
  return (await db.tx('acme', (tx) => createApiKey(tx, clock, asked))).key;
}

async function shipOne(key: string): Promise<string> {
  const made = await api.app.inject({
    method: 'POST',
    url: '/v1/orders',
    payload: { channel: 'portal', customer: 'C200', lines: [{ sku: 'LED', quantity: { value: '2', uom: 'EA' } }] },
    headers: { authorization: `Bearer ${api.adminKey}`, 'idempotency-key': key },
  });
  const { id: orderId, orderNo, correlationId } = made.json();
  const { clock, db } = api.services;
  return db.tx('acme', async (tx) => {
    const lines = [{ lineNo: 1, sku: 'LED', quantity: '2', uom: 'EA' }];
    const shipTo = { name: 'Apex' };
    const draft = { orderId, orderNo, location: 'DC1', lines, shipTo, correlationId };
    const [release] = await createFulfillmentOrders(tx, [draft], clock.now());
    const contents = [{ lineNo: 1, sku: 'LED', quantity: '2', uom: 'EA' }];
    const packages = [{ packageNo: 1, tracking: `T-${key}`, contents }];
    const { fulfillmentNo } = release!.order;
    const shippedAt = clock.now().toISOString();
    const report = { source: 'wms', document: key, sequence: 1, fulfillmentNo, shippedAt, packages };
    await applyShipments(tx, api.services.hub('acme'), [report]);
    return (await listShipments(tx, { orderIds: [orderId] }))[0]!.id;
  });
}

it('a shipment is voided with a reason, once, after a look at what it would do', async () => {
  const id = await shipOne('void');
  const send = (key: string, payload: object, version = '*') =>
    api.app.inject({
      method: 'POST',
      url: `/v1/shipments/${id}/void`,
      payload,
      headers: { authorization: `Bearer ${key}`, 'if-match': version },
    });
  const operator = await keyOf('operations');
  const reason = 'left on the dock';
  expect((await send(await keyOf('customer_service'), { reason })).json().code).toBe('FORBIDDEN');
  expect((await send(operator, {})).json().code).toBe('VALIDATION_FAILED');
  expect((await send(operator, { reason }, '"99"')).json().code).toBe('PRECONDITION_FAILED');
  const preview = (await send(operator, { reason, preview: true })).json();
  expect(preview).toMatchObject({ preview: true, shipment: { trackerStatus: 'voided' } });
  expect(preview.effects.join()).toContain('on hand again');
  const headers = { authorization: `Bearer ${api.adminKey}` };
  const read = async (url: string) => (await api.app.inject({ url, headers })).json();
  expect((await read(`/v1/shipments/${id}`)).voidedAt).toBeUndefined();
  const done = await send(operator, { reason });
  expect([done.statusCode, done.json().preview]).toEqual([200, false]);
  expect((await read(`/v1/shipments/${id}`)).voidedAt).toBeDefined();
  expect((await send(operator, { reason })).json().code).toBe('CONFLICT');
  const { data } = await read(`/v1/audit?subjectId=${id}`);
  expect(data).toMatchObject([{ action: 'shipment.void', reason }]);
});

it('a shipment that arrived is not voided, and the refusal says what to do instead', async () => {
  const id = await shipOne('arrived');
  const { clock, db } = api.services;
  const occurredAt = clock.now().toISOString();
  const track = (status: TrackingReport['status'], sequence: number) =>
    db.tx('acme', (tx) =>
      applyTracking(tx, api.services.hub('acme'), [
        { source: 'carrier', tracking: 'T-arrived', status, occurredAt, sequence, nativeCode: status },
      ]),
    );
  const preview = () =>
    api.app.inject({
      method: 'POST',
      url: `/v1/shipments/${id}/void`,
      payload: { reason: 'never left', preview: true },
      headers: { authorization: `Bearer ${api.adminKey}`, 'if-match': '*' },
    });
  await track('in_transit', 1);
  expect((await preview()).json().effects.join()).toContain('under way (in transit)');
  await track('delivered', 2);
  const refused = (await preview()).json();
  expect(refused).toMatchObject({
    code: 'CONFLICT',
    detail: expect.stringMatching(/delivered.*return.*void the packages/),
  });
});
