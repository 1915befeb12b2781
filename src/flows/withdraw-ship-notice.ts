import { documentTypeOf, localDateTime, orderDocuments, plannedKeys } from '../exchange/index.ts';
import { readShipments } from '../fulfillment/index.ts';
import type { ShipNotice } from '../maps/index.ts';
import { loadOrders } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import type { FlowInput, Hub } from './flow.ts';
import { loadTerms, type PlannedDocument, sendDocuments } from './plan-document.ts';
import { endObligations } from './raise-exceptions.ts';

/**
 * A shipment that was voided after its ship notice had gone, or had been promised to go, is cancelled with the partner: the same
 * notice once more with the purpose "cancel" (856 BSN01 = 01, DESADV BGM 1225 = 1). It travels behind the notice in the
 * order's lane, so the partner never hears of the end before the beginning. One that was never announced is not mentioned.
 */
export async function withdrawShipNotices(tx: Tx, hub: Hub, batch: readonly FlowInput[]): Promise<void> {
  const ids = [...new Set(batch.flatMap(({ event }) => (event === undefined ? [] : [event.entity.id])))];
  const records = (await readShipments(tx, { ids })).filter(({ shipment }) => shipment.voidedAt !== undefined);
  if (records.length === 0) return;
  const now = hub.clock.now();
  await endObligations(
    tx,
    hub,
    records.map(({ shipment }) => ({ kind: '856' as const, subject: shipment.id })),
    'withdrawn',
  );
  const announced = await plannedKeys(
    tx,
    records.map(({ shipment }) => `856:${shipment.id}`),
  );
  const withdrawn = records.filter(({ shipment }) => announced.has(`856:${shipment.id}`));
  const orderIds = [...new Set(withdrawn.map(({ shipment }) => shipment.orderId))];
  const origins = await orderDocuments(tx, orderIds);
  const terms = await loadTerms(tx, origins.values());
  const orders = await loadOrders(tx, orderIds);
  const documents = withdrawn.flatMap(({ shipment }): PlannedDocument[] => {
    const order = orders.get(shipment.orderId);
    const agreed = terms.get(origins.get(shipment.orderId)?.agreement ?? '');
    if (order === undefined || agreed === undefined || shipment.shippedAt === undefined) return [];
    const canonical: ShipNotice = {
      order,
      shipment,
      ...localDateTime(now, agreed.timeZone),
      shippedOn: localDateTime(new Date(shipment.shippedAt), agreed.timeZone).date,
      purpose: 'cancel',
    };
    return [
      {
        terms: agreed,
        type: documentTypeOf(agreed, 'shipment.notify'),
        operation: 'shipment.notify',
        dedupeKey: `856-cancel:${shipment.id}`,
        canonical,
        entity: { kind: 'shipment', id: shipment.id },
        orderId: order.id,
        orderNo: order.orderNo,
        naturalKey: `856-cancel:${shipment.id}`,
        correlationId: order.correlationId,
        traceparent: batch.find(({ event }) => event?.entity.id === shipment.id)?.delivery.traceparent,
      },
    ];
  });
  await sendDocuments(tx, hub, documents);
}
