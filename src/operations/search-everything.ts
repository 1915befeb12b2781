import { listItems, loadItems, loadItemsByGtin } from '../catalog/index.ts';
import { getException } from '../exceptions/index.ts';
import { type Document, getMessage, listDocuments } from '../exchange/index.ts';
import { listShipments, loadShipments } from '../fulfillment/index.ts';
import { listInvoices, loadInvoices } from '../invoicing/index.ts';
import { type Invoice, isGtin, type SalesOrder, type Shipment } from '../model/index.ts';
import { loadOrders, searchOrders } from '../orders/index.ts';
import { listCustomers } from '../parties/index.ts';
import { isHubError, isUuid, type Tx } from '../platform/index.ts';
import type { OperationsServices } from './operations-services.ts';

export interface SearchHit {
  kind: string;
  id: string;
  label: string;
  detail?: string;
  matched: string;
  orderId?: string;
  /** Of a document: the message that carried it. */
  messageId?: string;
}

/**
 * Finds by any identifier a person may have in hand: numbers on a document, a label or a screen of another system.
 * Whole identifiers, and beginnings of purchase orders, SKUs and names; each over an index, the best kinds first.
 */
export async function searchEverything(
  tx: Tx,
  services: OperationsServices,
  text: string,
  limit: number,
): Promise<SearchHit[]> {
  const hits = isUuid(text)
    ? [...(await findById(tx, services, text)), ...(await findByCorrelation(tx, services, text))]
    : [
        ...(await findByCorrelation(tx, services, text)),
        ...(await findOrders(tx, text, limit)),
        ...(await findShipments(tx, text)),
        ...(await findInvoices(tx, text)),
        ...(await findDocuments(tx, text)),
        ...(await findMasterData(tx, text, limit)),
      ];
  const seen = new Set<string>();
  return hits.filter(({ kind, id }) => !seen.has(`${kind} ${id}`) && seen.add(`${kind} ${id}`)).slice(0, limit);
}

function orderHit(order: SalesOrder, matched: string): SearchHit {
  const po = order.customerPo === undefined ? '' : ` · PO ${order.customerPo}`;
  return {
    kind: 'order',
    id: order.id,
    label: order.orderNo,
    detail: `${order.customerName}${po} · ${order.status.milestone.replaceAll('_', ' ')}`,
    matched,
    orderId: order.id,
  };
}

function shipmentHit(shipment: Shipment, matched: string): SearchHit {
  const { id, shipmentNo, orderNo, orderId, location } = shipment;
  return { kind: 'shipment', id, label: shipmentNo, detail: `Order ${orderNo} · ${location}`, matched, orderId };
}

function invoiceHit(invoice: Invoice, matched: string): SearchHit {
  const { id, invoiceNo, orderNo, orderId, status } = invoice;
  return { kind: 'invoice', id, label: invoiceNo, detail: `Order ${orderNo} · ${status}`, matched, orderId };
}

async function findOrders(tx: Tx, text: string, limit: number): Promise<SearchHit[]> {
  const orders = await searchOrders(tx, text, limit);
  return orders.map((order) => orderHit(order, matchedOf(order, text)));
}

function matchedOf(order: SalesOrder, text: string): string {
  const same = (value: string | undefined): boolean => value?.toLowerCase().startsWith(text.toLowerCase()) ?? false;
  if (same(order.customerPo)) return 'PO';
  if (same(order.orderNo)) return 'order number';
  return same(order.erpOrderNo) ? 'ERP number' : 'source number';
}

/** SSCC: 18 digits, with or without its application identifier (00) as labels and scanners show it. */
function ssccOf(text: string): string | undefined {
  const digits = text.replaceAll(/[\s()]/g, '');
  if (!/^\d+$/.test(digits)) return undefined;
  if (digits.length === 20 && digits.startsWith('00')) return digits.slice(2);
  return digits.length === 18 ? digits : undefined;
}

async function findShipments(tx: Tx, text: string): Promise<SearchHit[]> {
  const sscc = ssccOf(text);
  const bySscc = sscc === undefined ? [] : await listShipments(tx, { ssccs: [sscc] });
  const byTracking = await listShipments(tx, { trackings: [text] });
  const byNumber = await listShipments(tx, { shipmentNos: [text] });
  return [
    ...bySscc.map((shipment) => shipmentHit(shipment, 'SSCC')),
    ...byTracking.map((shipment) => shipmentHit(shipment, 'tracking')),
    ...byNumber.map((shipment) => shipmentHit(shipment, 'shipment number')),
  ];
}

async function findInvoices(tx: Tx, text: string): Promise<SearchHit[]> {
  return (await listInvoices(tx, { invoiceNos: [text] })).map((invoice) => invoiceHit(invoice, 'invoice number'));
}

const mostDocuments = 200;
const mostDocumentHits = 20;

/**
 * Control numbers of interchange, group or document. Leading zeroes are how ISA13 pads, not part of the number; but
 * what is written exactly so comes first, so that 000000001 means the interchange before every document 0001.
 */
async function findDocuments(tx: Tx, text: string): Promise<SearchHit[]> {
  if (!/^[A-Za-z0-9]{1,14}$/.test(text)) return [];
  const documents = await listDocuments(tx, { control: text, limit: mostDocuments });
  return documents
    .map((document) => ({ document, matched: controlNamed(document, text) }))
    .sort((a, b) => Number(b.matched.exact) - Number(a.matched.exact))
    .slice(0, mostDocumentHits)
    .map(({ document, matched }) => ({
      kind: 'document',
      id: document.id,
      label: `${document.type} ${document.direction} ${document.control}`,
      detail: `${document.partner ?? document.agreement ?? ''} · ${document.state}`,
      matched: matched.element,
      ...(document.entityKind === 'order' && document.entityId !== undefined ? { orderId: document.entityId } : {}),
      ...(document.messageId === undefined ? {} : { messageId: document.messageId }),
    }));
}

function controlNamed(document: Document, text: string): { element: string; exact: boolean } {
  const controls = [
    { element: 'ISA13', value: document.interchangeControl },
    { element: 'GS06', value: document.groupControl },
    { element: 'ST02', value: document.control },
  ];
  const exact = controls.find(({ value }) => value === text);
  if (exact !== undefined) return { element: exact.element, exact: true };
  const number = text.replace(/^0+/, '');
  const padded = controls.find(({ value }) => value.replace(/^0+/, '') === number);
  return { element: padded?.element ?? 'ST02', exact: false };
}

async function findMasterData(tx: Tx, text: string, limit: number): Promise<SearchHit[]> {
  const exact = await loadItems(tx, [text]);
  const gtins = isGtin(text) ? await loadItemsByGtin(tx, [text]) : new Map<string, never>();
  const { rows: items } = await listItems(tx, { query: text, limit });
  const { rows: customers } = await listCustomers(tx, { query: text, limit });
  return [
    ...[...gtins.values()].map(({ item, uom }) => ({
      kind: 'item',
      id: item.sku,
      label: item.sku,
      detail: `${item.description} · ${uom}`,
      matched: 'GTIN',
    })),
    ...[...exact.values(), ...items].map(({ value }) => ({
      kind: 'item',
      id: value.sku,
      label: value.sku,
      detail: value.description,
      matched: 'SKU',
    })),
    ...customers.map(({ value }) => ({
      kind: 'customer',
      id: value.accountNo,
      label: value.accountNo,
      detail: value.legalName,
      matched: 'customer',
    })),
  ];
}

/** A correlation id: a trace id of the API (with a number behind it for the orders of one file), or a message's id. */
async function findByCorrelation(tx: Tx, services: OperationsServices, text: string): Promise<SearchHit[]> {
  if (!isUuid(text) && !/^[0-9a-f]{32}(-\d{1,5})?$/.test(text)) return [];
  // Every order has deliveries, whose key it is and whose correlation has an index; events have none.
  const deliveries = await services.queue.deliveries.list(tx, { correlationId: text, limit: 200 });
  const ids = [...new Set(deliveries.map((delivery) => delivery.key).filter((key) => isUuid(key)))];
  const orders = await loadOrders(tx, ids);
  return [...orders.values()].map((order) => orderHit(order, 'correlation'));
}

async function findById(tx: Tx, services: OperationsServices, id: string): Promise<SearchHit[]> {
  const hits: SearchHit[] = [];
  const matched = 'id';
  const order = (await loadOrders(tx, [id])).get(id);
  if (order !== undefined) hits.push(orderHit(order, matched));
  const shipment = (await loadShipments(tx, [id])).get(id);
  if (shipment !== undefined) hits.push(shipmentHit(shipment, matched));
  const invoice = (await loadInvoices(tx, [id])).get(id);
  if (invoice !== undefined) hits.push(invoiceHit(invoice, matched));
  const message = await getMessage(tx, id);
  if (message !== undefined) {
    hits.push({ kind: 'message', id, label: message.topic ?? message.channel, detail: message.state, matched });
  }
  const exception = await getException(tx, id);
  if (exception !== undefined) {
    const { orderId } = exception;
    hits.push({
      kind: 'exception',
      id,
      label: exception.title,
      detail: exception.cause,
      matched,
      ...(orderId === undefined ? {} : { orderId }),
    });
  }
  const delivery = await services.queue.deliveries.get(tx, id).catch((error: unknown) => {
    if (isHubError(error, 'NOT_FOUND')) return undefined;
    throw error;
  });
  if (delivery !== undefined) {
    hits.push({
      kind: 'delivery',
      id,
      label: delivery.operation,
      detail: `${delivery.destination} · ${delivery.state}`,
      matched,
    });
  }
  return hits;
}
