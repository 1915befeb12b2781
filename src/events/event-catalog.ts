import type { EntityKind } from '../queue/index.ts';

export interface EventDeclaration {
  /** What the event is about; the public payload is this entity, hydrated at dispatch. */
  readonly entity: EntityKind;
  readonly description: string;
}

const about = (entity: EntityKind, description: string): EventDeclaration => ({ entity, description });

/** Every event the hub publishes: `domain.entity.verb`, past tense. A name is never reused for another meaning. */
export const eventCatalog = {
  'sales.order.received': about('order', 'An order was recorded as it came in'),
  'sales.order.rejected': about('order', 'An order was refused for good'),
  'sales.order.accepted': about(
    'order',
    'An order may be carried out: credit is granted and stock reserved or backordered',
  ),
  'sales.order.created': about('order', 'The ERP holds the order under a number of its own'),
  'sales.order.changed': about('order', 'Lines, dates or addresses of an order changed'),
  'sales.order.changeRequested': about('order', 'A customer sent a change that a person has to decide on'),
  'sales.order.cancelRequested': about('order', 'Somebody asked for an order or line to be cancelled'),
  'sales.order.cancelled': about('order', 'What had not shipped of an order was cancelled'),
  'sales.order.held': about('order', 'An order or line was put on hold'),
  'sales.order.holdReleased': about('order', 'A hold was lifted'),
  'credit.order.approved': about('order', 'The customer has credit for the order'),
  'credit.order.declined': about('order', 'The order exceeds the credit of its customer group'),
  'pricing.order.mismatched': about('order', 'A price lies outside the tolerance around the contract'),
  'sales.line.allocated': about('order', 'Stock is reserved for a whole line'),
  'sales.line.partiallyAllocated': about('order', 'Stock is reserved for a part of a line'),
  'sales.line.backordered': about('order', 'A line, or a part of it, waits for stock'),
  'sales.line.cancelled': about('order', 'A line, or a part of it, was cancelled'),
  'inventory.reservation.held': about(
    'availability',
    'Stock was reserved softly: for a caller, or for an order on hold',
  ),
  'inventory.reservation.expired': about('availability', 'A reservation ran out of time'),
  'inventory.reservation.released': about(
    'availability',
    'Reserved stock was given back, by a caller or with a cancel',
  ),
  'inventory.stock.received': about('availability', 'Stock came in'),
  'inventory.stock.adjusted': about('availability', 'Stock was corrected'),
  'inventory.stock.counted': about('availability', 'Stock was counted'),
  'inventory.stock.statusChanged': about('availability', 'Stock moved between statuses, such as available and hold'),
  'inventory.stock.shipped': about('availability', 'Stock left the building with a shipment'),
  'inventory.snapshot.published': about('availability', "A location's whole stock was stated anew"),
  'availability.ats.changed': about('availability', 'The quantity available to sell changed'),
  'availability.ats.published': about('availability', 'A channel was told its available quantity'),
  'fulfillment.order.released': about('fulfillment', 'A warehouse took on a fulfilment order'),
  'fulfillment.order.acknowledged': about('fulfillment', 'A warehouse confirmed a fulfilment order'),
  'fulfillment.order.rejected': about('fulfillment', 'A warehouse refused a fulfilment order'),
  'fulfillment.order.picked': about('fulfillment', 'Goods were picked'),
  'fulfillment.order.shortPicked': about('fulfillment', 'Fewer goods were found than the books say'),
  'fulfillment.order.packed': about('fulfillment', 'Goods were packed'),
  'shipping.shipment.packed': about('shipment', 'A shipment with its packages is known'),
  'shipping.shipment.labelled': about('shipment', 'The carrier gave labels and tracking numbers'),
  'shipping.shipment.shipped': about('shipment', 'A shipment left the building'),
  'shipping.shipment.voided': about('shipment', 'A shipment was undone'),
  'shipping.tracking.updated': about('shipment', 'The carrier reported progress'),
  'shipping.tracking.outForDelivery': about('shipment', 'The carrier is on the last leg'),
  'shipping.tracking.delivered': about('shipment', 'The carrier handed the goods over'),
  'shipping.tracking.exception': about('shipment', 'The carrier reported a problem'),
  'shipping.tracking.returned': about('shipment', 'The carrier brings the goods back'),
  'finance.invoice.posted': about('invoice', 'The ERP posted an invoice'),
  'finance.invoice.sent': about('invoice', 'The customer was sent an invoice'),
  'finance.invoice.paid': about('invoice', 'An invoice is paid in full'),
  'finance.payment.received': about('payment', 'A payment arrived'),
  'finance.payment.applied': about('payment', 'A payment was set off against invoices'),
  'finance.payment.shortPaid': about('payment', 'A payment left an invoice that it was meant for open'),
  'master.item.created': about('item', 'An item is new'),
  'master.item.changed': about('item', 'An item changed'),
  'master.customer.created': about('customer', 'A customer is new'),
  'master.customer.changed': about('customer', 'A customer changed, terms and credit included'),
  'master.customer.blocked': about('customer', 'A customer was blocked'),
  'master.price.changed': about('item', 'Prices changed'),
  'master.xref.created': about('customer', 'An outside code was tied to one of ours'),
  'master.xref.changed': about('customer', 'The meaning of an outside code changed'),
  'edi.document.received': about('document', 'A business document came in'),
  'edi.document.parsed': about('document', 'A business document was read and translated'),
  'edi.document.duplicate': about('document', 'A business document came in again'),
  'edi.document.rejected': about('document', 'A business document was refused'),
  'edi.document.sent': about('document', 'A business document was handed over'),
  'edi.document.functionalAcked': about('document', 'The partner acknowledged a document (TA1, 997)'),
  'edi.document.overdue': about('document', 'An acknowledgment has not come in time'),
  'ops.exception.opened': about('message', 'Something wants a person'),
  'ops.exception.assigned': about('message', 'A person took an exception on'),
  'ops.exception.resolved': about('message', 'An exception is settled'),
  'ops.delivery.failed': about(
    'message',
    'A delivery was refused, or nobody knows whether it arrived: it waits for a person',
  ),
  'ops.delivery.deadLettered': about('message', 'A delivery was given up on'),
  'ops.delivery.replayed': about('message', 'A person had a delivery tried again'),
  'ops.intervention.recorded': about('message', 'A person intervened'),
  'ops.system.paused': about('message', 'Deliveries to a destination were paused'),
  'ops.system.down': about('message', 'A destination does not answer: its circuit breaker has opened'),
  'ops.system.up': about('message', 'A destination answers again: its circuit breaker has closed'),
  'ops.system.resumed': about('message', 'Deliveries to a destination were resumed'),
} as const satisfies Record<string, EventDeclaration>;

export type EventType = keyof typeof eventCatalog;

/** True for a name in the catalog. */
export function isEventType(name: string): name is EventType {
  return Object.hasOwn(eventCatalog, name);
}
