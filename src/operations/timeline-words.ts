/** Commands to outside systems in words of the business. */
const operationWords: Readonly<Record<string, string>> = {
  'order.create': 'Order to the ERP',
  'order.change': 'Changed order to the ERP',
  'order.cancel': 'Cancellation to the ERP',
  'release.create': 'Release to the warehouse',
  'release.cancel': 'Cancellation to the warehouse',
  'label.create': 'Labels from the carrier',
  'label.attach': 'Labels to the warehouse',
  'shipment.create': 'Shipment to the ERP',
  'fulfillment.create': 'Fulfilment to the storefront',
  'availability.publish': 'Availability to the storefront',
  'interchange.send': 'Acknowledgment to the partner',
  'order.acknowledge': 'Order acknowledgment to the partner',
  'shipment.notify': 'Ship notice to the partner',
  'invoice.send': 'Invoice to the customer',
};

/** What outside systems send, by topic, in words of the business. */
const topicWords: Readonly<Record<string, string>> = {
  order: 'Order',
  'order.placed': 'Order',
  'order.status': 'Status of the order',
  'pick.confirmed': 'Pick report',
  'pick.short': 'Short pick report',
  'pack.confirmed': 'Packing report',
  'shipment.confirmed': 'Shipping report',
  'shipment.posted': 'Shipping report',
  'shipment.voided': 'Void of a shipment',
  'tracking.updated': 'Tracking news',
  'invoice.posted': 'Invoice',
  'payment.received': 'Payment',
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
  '940': 'Warehouse shipping order (940)',
  '945': 'Warehouse shipping advice (945)',
  '944': 'Warehouse receipt advice (944)',
  '947': 'Warehouse adjustment advice (947)',
  '846': 'Inventory advice (846)',
  '824': 'Application advice (824)',
  CONTRL: 'Syntax acknowledgment (CONTRL)',
};

export function describeOperation(operation: string): string {
  return operationWords[operation] ?? operation;
}

export function describeDocument(type: string): string {
  return documentWords[type] ?? `Document ${type}`.trim();
}

/** What a message is, by its topic or the way it came: `Pick report`, `EDI interchange`. */
export function describeMessage({ topic, channel }: { topic?: string | undefined; channel: string }): string {
  if (topic !== undefined) return describeTopic(topic);
  return channel.startsWith('edi') ? 'EDI interchange' : channel === 'csv' ? 'CSV file' : 'Message';
}

/** Topics of connectors that are not named here are read as they are: `stock.counted` is "Stock counted". */
function describeTopic(topic: string): string {
  const known = topicWords[topic] ?? documentWords[topic] ?? operationWords[topic];
  if (known !== undefined) return known;
  const words = topic.replaceAll(/[._-]+/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
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
