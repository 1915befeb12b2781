import { documentTypeOf, listDocuments, localDateTime, orderDocuments } from '../exchange/index.ts';
import type { OrderAcknowledgment } from '../maps/index.ts';
import type { SalesOrder } from '../model/index.ts';
import { loadOrders } from '../orders/index.ts';
import type { Terms } from '../partners/index.ts';
import type { Tx } from '../platform/index.ts';
import { defineFlow, type FlowInput, type Hub } from './flow.ts';
import { mayWantDocuments } from './order-origin.ts';
import { loadTerms, type PlannedDocument, sendDocuments } from './plan-document.ts';
import { endObligations } from './raise-exceptions.ts';

/**
 * The purchase order acknowledgment (855, ORDRSP), once per order: as soon as every line is decided, or when its clock warns. What
 * is still held then goes under the partner's hold code, never as accepted: an acceptance can form a contract. Such an
 * answer is no last word: once the lines are decided, a second acknowledgment replaces it.
 */
export const acknowledgeOrder = defineFlow({
  name: 'acknowledge-order',
  on: ['sales.order.accepted', 'sales.order.rejected', 'sales.order.cancelled'],
  when: mayWantDocuments,
  async handle(tx, batch, hub) {
    await acknowledge(tx, hub, batch);
  },
  settles: {
    'order.acknowledge': async (tx, results, hub) => {
      const sent = results.filter(({ state }) => state === 'delivered');
      await endObligations(
        tx,
        hub,
        sent.map(({ delivery }) => ({ kind: '855' as const, subject: delivery.key })),
      );
    },
  },
});

async function acknowledge(tx: Tx, hub: Hub, batch: readonly FlowInput[]): Promise<void> {
  const ids = [...new Set(batch.flatMap((input) => orderIdOf(input) ?? []))];
  const origins = await orderDocuments(tx, ids);
  if (origins.size === 0) return;
  const terms = await loadTerms(tx, origins.values());
  const orders = await loadOrders(tx, [...origins.keys()]);
  const byClock = new Set(batch.filter(isByClock).flatMap((input) => orderIdOf(input) ?? []));
  const documents: PlannedDocument[] = [];
  const unwanted: string[] = [];
  for (const [orderId, origin] of origins) {
    const order = orders.get(orderId);
    const agreed = terms.get(origin.agreement ?? '');
    if (order === undefined || agreed === undefined) continue;
    if (!isDecided(order) && !byClock.has(orderId)) continue;
    if (isWanted(order, agreed)) documents.push(planned(order, agreed, hub.clock.now(), batch));
    else unwanted.push(orderId);
  }
  const sent = new Set(await sendDocuments(tx, hub, documents));
  const before = documents.filter((document) => !sent.has(document) && isDecided(orders.get(document.orderId)));
  await sendDocuments(tx, hub, await replacements(tx, before));
  await endObligations(
    tx,
    hub,
    unwanted.map((subject) => ({ kind: '855' as const, subject })),
    'withdrawn',
  );
}

function orderIdOf({ event, delivery }: FlowInput): string | undefined {
  if (event !== undefined) return event.orderId ?? event.entity.id;
  return delivery.payload.entity?.kind === 'order' ? delivery.payload.entity.id : undefined;
}

const isByClock = ({ delivery }: FlowInput): boolean => delivery.payload.data?.clock === true;

/** For decided orders that were answered before: another answer where that one left something open. */
async function replacements(tx: Tx, documents: readonly PlannedDocument[]): Promise<PlannedDocument[]> {
  const replacing: PlannedDocument[] = [];
  for (const document of documents) {
    const told = await listDocuments(tx, { direction: 'out', type: document.type, entity: document.entity, limit: 2 });
    const first = told.at(-1)?.canonical as OrderAcknowledgment | undefined;
    if (told.length !== 1 || first === undefined || isDecided(first.order)) continue;
    replacing.push({
      ...document,
      dedupeKey: `${document.dedupeKey}:decided`,
      naturalKey: `${document.naturalKey}:decided`,
      canonical: { ...(document.canonical as OrderAcknowledgment), replaces: true } satisfies OrderAcknowledgment,
    });
  }
  return replacing;
}

/** Nothing holds the order or one of its lines. */
function isDecided(order: SalesOrder | undefined): boolean {
  return order !== undefined && order.holds.length === 0 && order.lines.every((line) => line.holds.length === 0);
}

function isWanted(order: SalesOrder, terms: Terms): boolean {
  const { agreement, outbound } = terms;
  const type = documentTypeOf(terms, 'order.acknowledge');
  if (!outbound.includes(type)) return false;
  return order.status.milestone !== 'cancelled' || agreement.orderAcknowledgment?.sendRejections !== false;
}

function planned(order: SalesOrder, terms: Terms, now: Date, batch: readonly FlowInput[]): PlannedDocument {
  const canonical: OrderAcknowledgment = { order, date: localDateTime(now, terms.timeZone).date };
  const cause = batch.find((input) => orderIdOf(input) === order.id);
  return {
    terms,
    type: documentTypeOf(terms, 'order.acknowledge'),
    operation: 'order.acknowledge',
    dedupeKey: `855:${order.id}`,
    canonical,
    entity: { kind: 'order', id: order.id },
    orderId: order.id,
    orderNo: order.orderNo,
    naturalKey: `855:${order.naturalKey}`,
    correlationId: order.correlationId,
    traceparent: cause?.delivery.traceparent,
  };
}
