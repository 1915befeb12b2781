import { Webhook } from 'standardwebhooks';
import { afterEach, expect, test } from 'vitest';
import { type Journey, ridgelineNow, startJourney } from './harness.ts';

let journey: Journey | undefined;
afterEach(async () => {
  await journey?.stop();
  journey = undefined;
});

/** The first number that the lab's carrier gives to a parcel of UPS. */
const firstTracking = '1Z061410000001';

/** A report of the carrier, signed as the carrier signs. */
async function carrierReports(hub: Journey, body: Record<string, unknown>): Promise<string> {
  const text = JSON.stringify({ event: 'tracking.updated', ...body });
  const id = `early-${String(body.seq)}`;
  const at = new Date(ridgelineNow.getTime() + 1000);
  const reply = await hub.call('POST', '/v1/webhooks/carrier', text, {
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(hub.lab.secrets.carrier.webhookSecret).sign(id, at, text),
    },
  });
  expect(reply.status).toBe(202);
  return (reply.body as { messageId: string }).messageId;
}

const onHand = async (hub: Journey): Promise<string> => {
  const { data } = await hub.api<any>('GET', '/v1/inventory?sku=LED&location=DC1');
  return data.find((row: any) => row.status === 'available').onHand;
};

/** What is true of a LED order once all is over, whatever the order in which it was told. */
async function finalState(hub: Journey, id: string) {
  const order = await hub.until(
    'the invoice',
    async () => {
      const now = await hub.api<any>('GET', `/v1/orders/${id}`);
      return now.status.invoice === 'invoiced' && now.status.milestone === 'delivered' && now;
    },
    60_000,
  );
  const availability = await hub.api<any>('GET', '/v1/availability?sku=LED&channel=portal');
  const { data: shipments } = await hub.api<any>('GET', `/v1/orders/${id}/shipments`);
  return {
    status: order.status,
    q: order.lines[0].q,
    ats: availability.ats,
    onHand: await onHand(hub),
    trackings: shipments.flatMap((shipment: any) => shipment.packages.map((pack: any) => pack.tracking)),
    erpShipments: hub.lab.logs('erp').filter((effect) => effect.kind === 'shipment.created').length,
  };
}

const order = (hub: Journey) =>
  hub.order({
    channel: 'portal',
    customer: 'C200',
    customerPo: 'APEX-14',
    lines: [{ sku: 'LED', quantity: { value: '10', uom: 'EA' } }],
  });

test('scenario 14: "delivered" before the order and its shipment waits, takes nothing from stock, and ends the same', async () => {
  // As it should be told: the yardstick.
  journey = await startJourney();
  const usual = await finalState(journey, (await order(journey)).id);
  expect(usual).toMatchObject({ ats: '46', onHand: '40', trackings: [firstTracking], erpShipments: 1 });
  await journey.stop();

  journey = await startJourney();
  // The carrier has said its last word before anybody asked it for a label.
  await journey.lab.dials('carrier', { scans: [] });
  await journey.lab.dials('wms-dc1', { delaysMs: { ship: null, label: null } });
  const early = await carrierReports(journey, {
    seq: 9,
    at: '2026-06-01T13:00:01Z',
    trackingNumber: firstTracking,
    code: 'DL',
  });
  await journey.until('the report is parked', async () => {
    const message = await journey!.api<any>('GET', `/v1/messages/${early}`);
    return message.state === 'processed';
  });
  expect(await onHand(journey)).toBe('50');
  const created = await order(journey);
  const labelled = await journey.until('its label', async () => {
    const { data } = await journey!.api<any>('GET', `/v1/orders/${created.id}/shipments`);
    return data[0]?.packages[0]?.tracking === firstTracking && data[0];
  });
  // It is told to have arrived and is not told to have left: the book still has it.
  await journey.until('the report is applied', async () => {
    const now = await journey!.api<any>('GET', `/v1/orders/${created.id}`);
    return now.lines[0].q.delivered === '10';
  });
  expect(labelled.shippedAt).toBeUndefined();
  expect(await onHand(journey)).toBe('50');
  await journey.lab.control('wms-dc1', 'POST', '/_progress', { releaseNo: labelled.fulfillmentNo, step: 'ship' });
  expect(await finalState(journey, created.id)).toEqual(usual);
}, 180_000);
