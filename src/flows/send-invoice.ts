import type { NewException } from '../exceptions/index.ts';
import { documentTypeOf, orderDocuments, plannedKeys } from '../exchange/index.ts';
import { listShipments } from '../fulfillment/index.ts';
import { listInvoices } from '../invoicing/index.ts';
import type { InvoiceNotice } from '../maps/index.ts';
import { compareDecimals, type Invoice, type SalesOrder, type Shipment } from '../model/index.ts';
import { loadOrders } from '../orders/index.ts';
import type { Terms } from '../partners/index.ts';
import type { Tx } from '../platform/index.ts';
import { defineFlow, type FlowInput, type Hub } from './flow.ts';
import { mayWantDocuments } from './order-origin.ts';
import { loadTerms, type PlannedDocument, sendDocuments } from './plan-document.ts';
import { raiseExceptions, settleExceptions } from './raise-exceptions.ts';

/**
 * The invoice (810, INVOIC), once per invoice that the ERP posted, after the ship notice of what it charges. More than has
 * shipped is never charged: such an invoice waits, visibly.
 */
export const sendInvoice = defineFlow({
  name: 'send-invoice',
  on: ['finance.invoice.posted'],
  when: mayWantDocuments,
  async handle(tx, batch, hub) {
    const ids = [...new Set(batch.flatMap((input) => orderIdOf(input) ?? []))];
    await sendDue(tx, hub, ids, batch);
  },
  settles: {
    'invoice.send': async (tx, results, hub) => {
      const sent = results.filter(({ state }) => state === 'delivered');
      await hub.events.publish(
        tx,
        sent.flatMap(({ delivery }) => {
          const invoiceId = /^810:(.+)$/.exec(delivery.naturalKey ?? '')?.[1];
          if (invoiceId === undefined) return [];
          return [
            {
              type: 'finance.invoice.sent' as const,
              entity: { kind: 'invoice' as const, id: invoiceId },
              key: delivery.key,
              orderId: delivery.key,
              correlationId: delivery.correlationId,
              data: { channel: 'edi' },
            },
          ];
        }),
      );
    },
  },
});

function orderIdOf({ event, delivery }: FlowInput): string | undefined {
  if (event !== undefined) return event.orderId ?? event.key;
  return delivery.payload.entity?.kind === 'order' ? delivery.payload.entity.id : undefined;
}

async function sendDue(tx: Tx, hub: Hub, orderIds: readonly string[], batch: readonly FlowInput[]): Promise<void> {
  const origins = await orderDocuments(tx, orderIds);
  if (origins.size === 0) return;
  const terms = await loadTerms(tx, origins.values());
  const concerned = [...origins.keys()];
  const orders = await loadOrders(tx, concerned);
  const invoices = (await listInvoices(tx, { orderIds: concerned })).filter(isBillable);
  const shipments = (await listShipments(tx, { orderIds: concerned })).filter(hasLeft);
  const notified = await plannedKeys(tx, [
    ...shipments.map((shipment) => `856:${shipment.id}`),
    ...invoices.map((invoice) => `810:${invoice.id}`),
  ]);
  const documents: PlannedDocument[] = [];
  const excessive: { order: SalesOrder; invoice: Invoice }[] = [];
  for (const invoice of invoices) {
    const order = orders.get(invoice.orderId);
    const agreed = terms.get(origins.get(invoice.orderId)?.agreement ?? '');
    if (
      order === undefined ||
      agreed === undefined ||
      !agreed.outbound.includes(documentTypeOf(agreed, 'invoice.send'))
    )
      continue;
    if (notified.has(`810:${invoice.id}`)) continue;
    if (!isWithinShipped(order, invoice)) excessive.push({ order, invoice });
    else if (isNotified(shipments, order, agreed, notified)) documents.push(planned(order, invoice, agreed, batch));
  }
  await sendDocuments(tx, hub, documents);
  await raiseExceptions(tx, hub, excessive.map(excess));
  if (documents.length > 0) {
    const dedupeKeys = documents.map((document) => excessKey(document.entity.id));
    await settleExceptions(tx, hub, { dedupeKeys, resolution: 'The goods have shipped', by: 'hub' });
  }
}

const isBillable = (invoice: Invoice): boolean => invoice.kind === 'invoice' && invoice.status !== 'void';
const hasLeft = (shipment: Shipment): boolean => shipment.shippedAt !== undefined && shipment.voidedAt === undefined;

/** 810 quantity ≤ 856 quantity, over everything invoiced of each line. */
function isWithinShipped(order: SalesOrder, invoice: Invoice): boolean {
  return invoice.lines.every(({ lineNo }) => {
    const line = order.lines.find((candidate) => candidate.lineNo === lineNo);
    if (line === undefined || line.service === true) return line !== undefined;
    return compareDecimals(line.q.invoiced, line.q.shipped) <= 0;
  });
}

function isNotified(
  shipments: readonly Shipment[],
  order: SalesOrder,
  terms: Terms,
  notified: ReadonlySet<string>,
): boolean {
  if (!terms.outbound.includes(documentTypeOf(terms, 'shipment.notify'))) return true;
  const own = shipments.filter((shipment) => shipment.orderId === order.id);
  return own.every((shipment) => notified.has(`856:${shipment.id}`));
}

const excessKey = (invoiceId: string): string => `invoice-excess:${invoiceId}`;

function excess({ order, invoice }: { order: SalesOrder; invoice: Invoice }): NewException {
  return {
    code: 'INVOICE_MISMATCH',
    dedupeKey: excessKey(invoice.id),
    entityRefs: [
      { kind: 'invoice', id: invoice.id, label: invoice.invoiceNo },
      { kind: 'order', id: order.id, label: order.orderNo },
    ],
    orderId: order.id,
    correlationId: order.correlationId,
    cause: `Invoice ${invoice.invoiceNo} charges more of order ${order.orderNo} than has shipped; the 810 waits.`,
    moneyAtRiskMinor: invoice.totalMinor,
    currency: invoice.currency,
  };
}

function planned(order: SalesOrder, invoice: Invoice, terms: Terms, batch: readonly FlowInput[]): PlannedDocument {
  const canonical: InvoiceNotice = { order, invoice };
  return {
    terms,
    type: documentTypeOf(terms, 'invoice.send'),
    operation: 'invoice.send',
    dedupeKey: `810:${invoice.id}`,
    canonical,
    entity: { kind: 'invoice', id: invoice.id },
    orderId: order.id,
    orderNo: order.orderNo,
    naturalKey: `810:${invoice.id}`,
    correlationId: order.correlationId,
    traceparent: batch.find((input) => orderIdOf(input) === order.id)?.delivery.traceparent,
  };
}
