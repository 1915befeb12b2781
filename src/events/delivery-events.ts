import { isUuid } from '../platform/index.ts';
import type { DeliveryRow } from '../queue/index.ts';
import type { NewEvent } from './event.ts';

/** A delivery as both the lanes and the people who look at it know it. */
export type DeliverySubject = Pick<
  DeliveryRow,
  'id' | 'destination' | 'key' | 'operation' | 'payload' | 'correlationId' | 'traceparent' | 'naturalKey'
>;

export type DeliveryEventType = 'ops.delivery.failed' | 'ops.delivery.deadLettered' | 'ops.delivery.replayed';

/**
 * News about a delivery, for its publisher's transaction. None about a delivery of such news: a subscriber that does not
 * answer would be told about that without end.
 */
export function deliveryEvent(
  type: DeliveryEventType,
  delivery: DeliverySubject,
  { reason, data }: { reason?: string; data: Record<string, unknown> },
): NewEvent[] {
  if (delivery.operation.startsWith('ops.delivery.')) return [];
  const { id, key, destination, operation, naturalKey, correlationId, traceparent } = delivery;
  const orderId = orderOfDelivery(delivery);
  return [
    {
      type,
      entity: { kind: 'message', id },
      key: orderId ?? key,
      ...(orderId === undefined ? {} : { orderId }),
      correlationId,
      ...(traceparent === undefined ? {} : { traceparent }),
      ...(reason === undefined ? {} : { reason }),
      data: { deliveryId: id, destination, operation, ...(naturalKey === undefined ? {} : { naturalKey }), ...data },
    },
  ];
}

/** The key of what belongs to an order is the order's id. */
export function orderOfDelivery({ payload, key }: Pick<DeliverySubject, 'payload' | 'key'>): string | undefined {
  if (payload.entity?.kind === 'order') return payload.entity.id;
  return payload.entity?.kind === 'message' || !isUuid(key) ? undefined : key;
}
