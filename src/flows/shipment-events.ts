import type { NewEvent } from '../events/index.ts';
import type { ShipmentRecord } from '../fulfillment/index.ts';
import { addDecimals, type ShipmentPackage } from '../model/index.ts';

/** Contents summed by line; base units. */
export function sumByLine(
  packages: readonly Pick<ShipmentPackage, 'contents'>[],
): { lineNo: number; quantity: string; uom: string }[] {
  const sums = new Map<number, { lineNo: number; quantity: string; uom: string }>();
  for (const { lineNo, quantity, uom } of packages.flatMap((parcel) => parcel.contents)) {
    sums.set(lineNo, { lineNo, quantity: addDecimals(sums.get(lineNo)?.quantity ?? '0', quantity), uom });
  }
  return [...sums.values()];
}

/** Events tell the lines of small shipments; larger ones are counted. */
const linesTold = 5;

/** What a timeline shows of a shipment without looking it up. */
function shipmentData(record: ShipmentRecord): Record<string, unknown> {
  const { shipmentNo, fulfillmentNo, location, carrier } = record.shipment;
  const trackings = record.packages.flatMap((parcel) => (parcel.tracking === undefined ? [] : [parcel.tracking]));
  const lines = sumByLine(record.packages);
  return {
    shipmentNo,
    fulfillmentNo,
    location,
    carrier,
    packages: record.packages.length,
    lineCount: lines.length,
    ...(lines.length > linesTold ? {} : { lines }),
    trackings,
    state: record.state,
    labelState: record.labelState,
  };
}

/** An event about a shipment, in the order of its sales order. `occurredAt` is when it happened out there. */
export function shipmentEvent(
  type: NewEvent['type'],
  record: ShipmentRecord,
  more: { occurredAt?: string; data?: Record<string, unknown> } = {},
): NewEvent {
  const { id, orderId, version } = record.shipment;
  return {
    type,
    entity: { kind: 'shipment', id },
    key: orderId,
    orderId,
    correlationId: record.correlationId,
    ...(record.traceparent === undefined ? {} : { traceparent: record.traceparent }),
    ...(more.occurredAt === undefined ? {} : { occurredAt: more.occurredAt }),
    data: { ...shipmentData(record), ...more.data },
    version,
  };
}
