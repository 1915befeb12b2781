import { type EventType, eventCatalog } from '../events/index.ts';

/** Commands to outside systems in words of the business. */
const operationWords: Readonly<Record<string, string>> = {
  'order.create': 'Order handed to the ERP',
  'order.cancel': 'Cancellation handed to the ERP',
  'release.create': 'Release handed to the warehouse',
  'release.cancel': 'Cancellation of the release',
  'label.create': 'Labels asked of the carrier',
  'label.attach': 'Labels handed to the warehouse',
  'shipment.create': 'Shipment handed to the ERP',
  'fulfillment.create': 'Fulfilment told to the storefront',
  'availability.publish': 'Availability published',
  'interchange.send': 'Acknowledgment sent to the partner',
  'order.acknowledge': 'Order acknowledgment sent to the partner',
  'shipment.notify': 'Ship notice sent to the partner',
  'invoice.send': 'Invoice sent to the customer',
};

const documentWords: Readonly<Record<string, string>> = {
  '850': 'Purchase order (850)',
  '855': 'Order acknowledgment (855)',
  '856': 'Ship notice (856)',
  '810': 'Invoice (810)',
  '997': 'Functional acknowledgment (997)',
  '999': 'Implementation acknowledgment (999)',
  TA1: 'Interchange acknowledgment (TA1)',
  ORDERS: 'Purchase order (ORDERS)',
  ORDRSP: 'Order response (ORDRSP)',
  DESADV: 'Despatch advice (DESADV)',
  INVOIC: 'Invoice (INVOIC)',
  CONTRL: 'Syntax acknowledgment (CONTRL)',
};

export function describeOperation(operation: string): string {
  return operationWords[operation] ?? operation;
}

export function describeDocument(type: string): string {
  return documentWords[type] ?? `Document ${type}`;
}

export function describeEvent(type: EventType): string {
  return eventCatalog[type].description;
}

const kindTitles: Readonly<Record<string, string>> = {
  erp: 'ERP',
  wms: 'Warehouse',
  carrier: 'Carrier',
  storefront: 'Storefront',
  edi: 'EDI',
};

export function titleOfRole(role: string): string {
  return kindTitles[role] ?? role;
}
