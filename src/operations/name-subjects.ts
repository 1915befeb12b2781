import { type Document, listDocuments, listMessages, type StoredMessage } from '../exchange/index.ts';
import { readFulfillmentNumbers, readShipmentNumbers } from '../fulfillment/index.ts';
import { readInvoiceNumbers } from '../invoicing/index.ts';
import { readOrderNumbers } from '../orders/index.ts';
import { isUuid, type Tx } from '../platform/index.ts';
import type { DeliveryView } from '../queue/index.ts';
import { describeDocument, describeMessage } from './timeline-words.ts';

/** What a delivery is about, as people call it, and the ids of where it can be looked at. */
export interface Subject {
  /** `Shipment SO1000002-1-S1`, `Invoice (810) 0001`. */
  text: string;
  orderId?: string;
  orderNo?: string;
  messageId?: string;
  sku?: string;
}

type Named = Pick<DeliveryView, 'id' | 'key' | 'payload'>;
type Entity = NonNullable<DeliveryView['payload']['entity']>;
type Say = (entity: Entity) => Subject | undefined;

/**
 * What deliveries are about, by their ids: one statement for each kind of thing, however many deliveries. What is gone, or
 * about nothing that has a name, is missing from the answer.
 */
export async function nameSubjects(tx: Tx, deliveries: readonly Named[]): Promise<Map<string, Subject>> {
  const idsOf = (kind: Entity['kind']): string[] => {
    const ids = deliveries.flatMap(({ payload: { entity } }) => (entity?.kind === kind ? [entity.id] : []));
    return [...new Set(ids)].filter(isUuid);
  };
  const say: Partial<Record<Entity['kind'], Say>> = {
    fulfillment: await fulfillments(tx, idsOf('fulfillment')),
    shipment: await shipments(tx, idsOf('shipment')),
    invoice: await invoices(tx, idsOf('invoice')),
    document: await documents(tx, idsOf('document')),
    message: await messages(tx, idsOf('message')),
    availability: ({ id }) => availability(id),
    item: ({ id }) => ({ text: `Item ${id}`, sku: id }),
    customer: ({ id }) => ({ text: `Customer ${id}` }),
  };
  // The key of what belongs to an order is the order's id.
  const orderNos = await readOrderNumbers(tx, [...new Set(deliveries.map(({ key }) => key)), ...idsOf('order')]);
  const subjects = new Map<string, Subject>();
  for (const { id, key, payload } of deliveries) {
    const { entity } = payload;
    const own = entity === undefined ? undefined : say[entity.kind]?.(entity);
    const orderId = own?.orderId ?? (entity?.kind === 'order' ? entity.id : key);
    const orderNo = orderNos.get(orderId);
    const subject = own ?? stock(payload.data) ?? (orderNo === undefined ? undefined : { text: `Order ${orderNo}` });
    if (subject !== undefined) subjects.set(id, orderNo === undefined ? subject : { ...subject, orderId, orderNo });
  }
  return subjects;
}

async function fulfillments(tx: Tx, ids: readonly string[]): Promise<Say> {
  const found = await readFulfillmentNumbers(tx, ids);
  return ({ id }) => {
    const order = found.get(id);
    return order && { text: `Release ${order.fulfillmentNo}`, orderId: order.orderId };
  };
}

async function shipments(tx: Tx, ids: readonly string[]): Promise<Say> {
  const found = await readShipmentNumbers(tx, ids);
  return ({ id }) => {
    const shipment = found.get(id);
    return shipment && { text: `Shipment ${shipment.shipmentNo}`, orderId: shipment.orderId };
  };
}

async function invoices(tx: Tx, ids: readonly string[]): Promise<Say> {
  const found = await readInvoiceNumbers(tx, ids);
  return ({ id }) => {
    const invoice = found.get(id);
    return invoice && { text: `Invoice ${invoice.invoiceNo}`, orderId: invoice.orderId };
  };
}

async function documents(tx: Tx, ids: readonly string[]): Promise<Say> {
  const listed = ids.length === 0 ? [] : await listDocuments(tx, { ids, limit: ids.length });
  const found = new Map(listed.map((document) => [document.id, document]));
  return ({ id }) => {
    const document = found.get(id);
    if (document === undefined) return undefined;
    const { messageId } = document;
    return { text: documentName(document), ...(messageId === undefined ? {} : { messageId }) };
  };
}

/** A release is a release, by whatever way it goes. */
function documentName({ type, control, entityKind, canonical }: Document): string {
  const { fulfillmentNo } = (canonical ?? {}) as { fulfillmentNo?: string };
  if (entityKind === 'fulfillment') return `Release ${fulfillmentNo} (${type} ${control})`;
  return `${describeDocument(type)} ${control}`.trim();
}

async function messages(tx: Tx, ids: readonly string[]): Promise<Say> {
  const listed = ids.length === 0 ? [] : await listMessages(tx, { ids, limit: ids.length });
  const found = new Map(listed.map((message) => [message.id, message]));
  return ({ id }) => {
    const message = found.get(id);
    return message && { text: messageName(message), messageId: id };
  };
}

function messageName(message: StoredMessage): string {
  const { direction, channel, partner, connection } = message;
  return `${describeMessage(message)} ${direction === 'in' ? 'from' : 'to'} ${partner ?? connection ?? channel}`;
}

/** By channel and item: `marketplace|LED`; by item alone in events about stock. */
function availability(id: string): Subject {
  const [channel = '', sku] = id.split('|');
  return sku === undefined ? { text: `Stock of ${channel}`, sku: channel } : { text: `${sku} for ${channel}`, sku };
}

const itemsNamed = 3;

/** The items whose availability is looked at anew. */
function stock(data: Record<string, unknown> | undefined): Subject | undefined {
  const skus = Array.isArray(data?.skus) ? data.skus.filter((sku) => typeof sku === 'string') : [];
  if (skus.length === 0) return undefined;
  return { text: `Stock of ${skus.length > itemsNamed ? `${skus.length} items` : skus.join(', ')}` };
}
