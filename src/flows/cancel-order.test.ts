import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OrderDesk, orderDesk, tenant } from '../../test/orders/order-desk.ts';
import { createFulfillmentOrders, type FulfillmentRecord, recordReleaseOutcome } from '../fulfillment/index.ts';
import { assignFulfillment, availability, loadReservations } from '../inventory/index.ts';
import type { SalesOrder } from '../model/index.ts';
import { isHubError } from '../platform/index.ts';
import type { Settled } from '../queue/index.ts';
import { applyFacts } from './apply-facts.ts';
import { cancelOrder, cancelOrderFlow } from './cancel-order.ts';

let desk: OrderDesk;
beforeEach(async () => {
  desk = await orderDesk({ connections: { erp: 'erp', wms: 'wms' } });
  await desk.stock({ DC1: { LED: '50', BLT: '1000' } });
});
afterEach(() => desk.close());

const lines = [
  { sku: 'LED', quantity: { value: '10', uom: 'EA' } },
  { sku: 'BLT', quantity: { value: '5', uom: 'BX' } },
];
const cancel = async (orderId: string, lineNos?: number[]): Promise<void> => {
  await desk.tx((tx) =>
    cancelOrder(desk.hub, tx, { orderId, lines: lineNos, reason: 'no longer wanted', actor: 'ann' }),
  );
  await desk.work();
};
const ats = async (sku: string): Promise<string> =>
  (
    await desk.tx((tx) =>
      availability(tx, { skus: [sku], channels: ['portal'], shipDate: '2026-06-01', now: desk.clock.now() }),
    )
  )[0]!.ats;

/** Sends the whole order to DC1, as the release flow would. */
async function release(order: SalesOrder): Promise<FulfillmentRecord> {
  return desk.tx(async (tx) => {
    const now = desk.clock.now();
    const [record] = await createFulfillmentOrders(
      tx,
      [
        {
          orderId: order.id,
          orderNo: order.orderNo,
          location: 'DC1',
          connection: 'wms',
          shipTo: {},
          correlationId: order.correlationId,
          lines: order.lines.map((line) => ({
            lineNo: line.lineNo,
            sku: line.sku,
            quantity: line.q.allocated,
            uom: line.baseUom,
          })),
        },
      ],
      now,
    );
    const reservations = await loadReservations(tx, { orderIds: [order.id], open: true });
    await assignFulfillment(
      tx,
      reservations.map(({ id }) => ({ reservationId: id, fulfillmentId: record!.order.id })),
    );
    await recordReleaseOutcome(tx, [{ id: record!.order.id, status: 'released' }], now);
    await applyFacts(
      tx,
      desk.hub,
      record!.order.lines.map((line) => ({
        source: 'hub',
        document: record!.order.fulfillmentNo,
        fulfillmentNo: record!.order.fulfillmentNo,
        orderId: order.id,
        lineNo: line.lineNo,
        kind: 'released' as const,
        quantity: line.quantity,
        uom: line.uom,
        sequence: 1,
        occurredAt: now.toISOString(),
      })),
    );
    return record!;
  });
}

async function settle(record: FulfillmentRecord, answer: 'agrees' | 'refuses'): Promise<void> {
  const base = {
    delivery: {
      id: '01900000-0000-7000-8000-000000000001',
      position: 1,
      tenantId: tenant,
      destination: 'wms',
      key: record.order.orderId,
      operation: 'release.cancel',
      payload: { kind: 'command' as const, entity: { kind: 'fulfillment' as const, id: record.order.id } },
      correlationId: record.correlationId,
      priority: 0,
      attempt: 1,
    },
    attempts: 1,
  };
  const result: Settled =
    answer === 'agrees'
      ? { ...base, state: 'delivered', outcome: { kind: 'confirmed' } }
      : {
          ...base,
          state: 'held',
          outcome: { kind: 'rejected', class: 'business', code: 'ALREADY_PICKED', message: 'the release is PICKED' },
        };
  await desk.tx((tx) => cancelOrderFlow.settles['release.cancel']!(tx, [result], desk.hub));
}

describe('cancelling', () => {
  it('before the release takes effect at once, gives the stock back and tells the ERP', async () => {
    const order = await desk.order({ customerPo: 'X1', lines });
    expect(await ats('LED')).toBe('30');
    await cancel(order.id);
    expect(await desk.load(order.id)).toMatchObject({
      status: { milestone: 'cancelled', onHold: false },
      lines: [{ q: { cancelled: '10', allocated: '0' } }, { q: { cancelled: '500', allocated: '0' } }],
    });
    expect(await ats('LED')).toBe('40');
    expect(desk.commands.map((command) => command.operation)).toEqual(['order.create', 'order.cancel']);
    const cancelled = desk.events.filter((event) => event.type === 'sales.order.cancelled');
    expect(cancelled).toMatchObject([{ orderId: order.id, reason: 'no longer wanted', data: { by: 'ann' } }]);
  });

  it('of one line leaves the others', async () => {
    const order = await desk.order({ customerPo: 'X2', lines });
    await cancel(order.id, [1]);
    const rest = await desk.load(order.id);
    expect(rest.lines.map((line) => line.milestone)).toEqual(['cancelled', 'allocated']);
    expect(rest.status.milestone).toBe('allocated');
    expect(desk.events.map((event) => event.type)).toContain('sales.line.cancelled');
  });

  it('takes a backorder off the queue and closes its exception', async () => {
    const order = await desk.order({ lines: [{ sku: 'PMP-220', quantity: { value: '5', uom: 'EA' } }] });
    expect(await desk.exceptions({ orderId: order.id })).toHaveLength(1);
    await cancel(order.id);
    expect(await desk.exceptions({ orderId: order.id })).toEqual([]);
    await desk.stock({ DC1: { 'PMP-220': '5' } });
    expect(await ats('PMP-220')).toBe('5');
  });

  it('after the release waits for the warehouse, and is done when that agrees', async () => {
    const order = await desk.order({ customerPo: 'X3', lines });
    const record = await release(order);
    await cancel(order.id);
    expect((await desk.load(order.id)).status.milestone).toBe('released');
    expect(desk.commands.at(-1)).toMatchObject({ destination: 'wms', operation: 'release.cancel', key: order.id });
    expect(desk.events.at(-1)).toMatchObject({ type: 'sales.order.cancelRequested' });
    await settle(record, 'agrees');
    expect(await desk.load(order.id)).toMatchObject({
      status: { milestone: 'cancelled' },
      lines: [{ q: { released: '0', allocated: '0', cancelled: '10' } }, { q: { cancelled: '500' } }],
    });
    expect(await ats('LED')).toBe('40');
    expect(desk.commands.at(-1)).toMatchObject({ operation: 'order.cancel' });
  });

  it('goes on with the order, and says so, when the warehouse refuses', async () => {
    const order = await desk.order({ customerPo: 'X4', lines });
    const record = await release(order);
    await cancel(order.id);
    await settle(record, 'refuses');
    expect((await desk.load(order.id)).status.milestone).toBe('released');
    expect(await desk.exceptions({ orderId: order.id })).toMatchObject([{ code: 'CANCEL_TOO_LATE' }]);
  });

  it('is refused once everything has shipped, and for what does not exist', async () => {
    const order = await desk.order({ customerPo: 'X5', lines: [lines[0]!] });
    await desk.tx((tx) =>
      applyFacts(tx, desk.hub, [
        {
          source: 'wms',
          document: 'D',
          orderId: order.id,
          lineNo: 1,
          kind: 'shipped',
          quantity: '10',
          uom: 'EA',
          sequence: 1,
          occurredAt: '2026-06-01T15:00:00Z',
        },
      ]),
    );
    await expect(cancel(order.id)).rejects.toSatisfy((error) => isHubError(error, 'ORDER_NOT_CANCELLABLE'));
    await expect(cancel(order.id, [7])).rejects.toSatisfy((error) => isHubError(error, 'NOT_FOUND'));
    await expect(cancel('01900000-0000-7000-8000-000000000000')).rejects.toSatisfy((error) =>
      isHubError(error, 'NOT_FOUND'),
    );
  });
});
