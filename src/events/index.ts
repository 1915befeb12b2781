/** What happened: the catalog of events, publishing with fan-out in the publisher's transaction, and reading back. */
export type { HubEvent, NewEvent, Subscription } from './event.ts';
export { type EventDeclaration, type EventType, eventCatalog } from './event-catalog.ts';
export { deliveryEvent, type DeliveryEventType, type DeliverySubject, orderOfDelivery } from './delivery-events.ts';
export { type EventFilter, type Events, type EventsOptions, createEvents } from './events.ts';
export { type EventCount, countEvents } from './count-events.ts';
