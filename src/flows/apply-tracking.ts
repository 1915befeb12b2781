import type { EventType, NewEvent } from '../events/index.ts';
import type { NewException } from '../exceptions/index.ts';
import { findTrackedOrders, parkReports, recordTracking, type Tracked } from '../fulfillment/index.ts';
import type { TrackingReport } from '../model/index.ts';
import { lockOrders } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import { applyFacts, type IncomingFact } from './apply-facts.ts';
import type { Hub } from './flow.ts';
import { shipmentEvent, sumByLine } from './shipment-events.ts';
import { raiseExceptions, settleExceptions } from './raise-exceptions.ts';
import { followVoidedLabels } from './void-shipment.ts';

const eventOfStatus: Record<TrackingReport['status'], EventType> = {
  label: 'shipping.tracking.updated',
  in_transit: 'shipping.tracking.updated',
  out_for_delivery: 'shipping.tracking.outForDelivery',
  delivered: 'shipping.tracking.delivered',
  exception: 'shipping.tracking.exception',
  returned: 'shipping.tracking.returned',
  voided: 'shipping.tracking.updated',
};

/**
 * What carriers say about packages. A delivered package is a fact about every line in it. Reports of tracking numbers that
 * are not known yet wait; late and repeated ones change nothing. Delivery never moves stock: only shipping does.
 */
export async function applyTracking(tx: Tx, hub: Hub, reports: readonly TrackingReport[]): Promise<void> {
  if (reports.length === 0) return;
  const now = hub.clock.now();
  const tracked = await findTrackedOrders(
    tx,
    reports.map((report) => report.tracking),
  );
  await lockOrders(
    tx,
    tracked.map(({ orderId }) => orderId),
  );
  const { tracked: noted, unknown } = await recordTracking(tx, reports);
  await parkReports(
    tx,
    unknown.map((report) => ({ kind: 'tracking', parentKey: report.tracking, report })),
    now,
  );
  // Facts have sequences of their own: an overtaken "delivered" is no news and still a fact.
  await applyFacts(tx, hub, noted.flatMap(deliveredFacts));
  const news = noted.filter((each) => each.news);
  await hub.events.publish(tx, news.map(trackingEvent));
  await followTrouble(tx, hub, news);
  await followVoidedLabels(tx, hub, news);
}

function deliveredFacts({ report, record, parcel }: Tracked): IncomingFact[] {
  if (report.status !== 'delivered' || record.state === 'voided') return [];
  const { orderId, fulfillmentNo, shipmentNo } = record.shipment;
  return sumByLine([parcel]).map(({ lineNo, quantity, uom }) => ({
    source: report.source,
    document: report.tracking,
    sequence: report.sequence,
    kind: 'delivered',
    occurredAt: report.occurredAt,
    orderId,
    fulfillmentNo,
    shipmentNo,
    lineNo,
    quantity,
    uom,
  }));
}

function trackingEvent({ report, record, parcel }: Tracked): NewEvent {
  return shipmentEvent(eventOfStatus[report.status], record, {
    occurredAt: report.occurredAt,
    data: {
      tracking: report.tracking,
      packageNo: parcel.packageNo,
      status: report.status,
      nativeCode: report.nativeCode,
      ...(report.text === undefined ? {} : { text: report.text }),
    },
  });
}

async function followTrouble(tx: Tx, hub: Hub, news: readonly Tracked[]): Promise<void> {
  const troubled = news.filter(({ report }) => report.status === 'exception' || report.status === 'returned');
  await raiseExceptions(
    tx,
    hub,
    troubled.map(({ report, record }): NewException => {
      const { shipment } = record;
      const what = report.status === 'returned' ? 'is being returned' : 'met a problem';
      return {
        code: 'DELIVERY_EXCEPTION',
        dedupeKey: `tracking:${report.tracking}`,
        entityRefs: [
          { kind: 'shipment', id: shipment.id, label: shipment.shipmentNo },
          { kind: 'order', id: shipment.orderId, label: shipment.orderNo },
        ],
        orderId: shipment.orderId,
        correlationId: record.correlationId,
        cause: `Package ${report.tracking} ${what}: ${report.text ?? report.nativeCode}.`,
        data: { tracking: report.tracking, nativeCode: report.nativeCode },
      };
    }),
  );
  const cured = news.filter(({ report }) => ['in_transit', 'out_for_delivery', 'delivered'].includes(report.status));
  if (cured.length > 0) {
    const dedupeKeys = cured.map(({ report }) => `tracking:${report.tracking}`);
    await settleExceptions(tx, hub, { dedupeKeys, resolution: 'The package moves again', by: 'carrier' });
  }
}
