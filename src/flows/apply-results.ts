import type { NewEvent } from '../events/index.ts';
import type { NewException } from '../exceptions/index.ts';
import type { StoredMessage } from '../exchange/index.ts';
import { findFulfillments, findTrackedOrders } from '../fulfillment/index.ts';
import type { InboundResult } from '../maps/index.ts';
import { naturalKey, type OrderChange } from '../model/index.ts';
import { findOrderIds, loadOrders } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import { applyFacts } from './apply-facts.ts';
import { applyPayments } from './apply-payment.ts';
import { applyReportedStock } from './apply-reported-stock.ts';
import { applyPacked, applyShipments } from './apply-shipments.ts';
import { applyTracking } from './apply-tracking.ts';
import { applyWarehouseDocuments, type DocumentOrigin } from './apply-warehouse-documents.ts';
import { followAnswers, readAsAnswers } from './cancel-by-document.ts';
import type { Hub } from './flow.ts';
import { lockSubjects } from './lock-subjects.ts';
import { postInvoices } from './post-invoice.ts';
import { changeRequestedEvent } from './order-refusals.ts';
import { raiseExceptions } from './raise-exceptions.ts';
import { refuseMisfits } from './refuse-misfits.ts';
import { takeAdvice } from './take-advice.ts';
import { applyVoids } from './void-shipment.ts';
import { submitOrders, type SubmitRequest, type SubmitResult } from './submit-order.ts';

/** One translated document or payload. */
export interface Translated {
  readonly message: StoredMessage;
  readonly correlationId: string;
  readonly results: readonly InboundResult[];
  /** The EDI document, where it came from one. */
  readonly origin?: DocumentOrigin;
}

/** What became of it. `held`: an exception waits for a person, after whom the message is worked again. */
export interface Applied {
  readonly state: 'translated' | 'held' | 'duplicate' | 'ignored';
  readonly reason?: string;
  readonly entity?: { kind: 'order'; id: string };
  /** Thread of the order it is about, where it is about one. */
  readonly correlationId?: string;
}

type ResultOf<K extends InboundResult['kind']> = Extract<InboundResult, { kind: K }>['value'];

/**
 * Hands what maps made to the business, kind by kind for the whole batch: statements are per kind, not per message. From
 * here on nobody can tell by which door something came.
 */
export async function applyResults(tx: Tx, hub: Hub, given: readonly Translated[]): Promise<Applied[]> {
  const misfits = await refuseMisfits(tx, hub, given);
  const items = given.filter((item) => !misfits.has(item));
  const all = <K extends InboundResult['kind']>(kind: K): ResultOf<K>[] =>
    items.flatMap(({ results }) =>
      results.filter((result) => result.kind === kind).map((result) => result.value as ResultOf<K>),
    );
  const submitted = await submitAll(tx, hub, items);
  await lockSubjects(
    tx,
    items.flatMap(({ results }) => results.map(keysOf)),
  );
  await applyAllFacts(tx, hub, items, 'alone');
  const packed = all('packed');
  if (packed.length > 0) await applyPacked(tx, hub, packed);
  const shipments = all('shipment');
  if (shipments.length > 0) await applyShipments(tx, hub, shipments);
  await applyAllFacts(tx, hub, items, 'beside a shipment');
  await applyVoids(tx, hub, all('void'));
  await applyTracking(tx, hub, all('tracking'));
  await postInvoices(tx, hub, all('invoice'));
  await applyPayments(tx, hub, all('payment'));
  const refusedStock = await applyReportedStock(tx, hub, items);
  const ofWarehouses = await applyWarehouseDocuments(tx, hub, items);
  await reportUnmapped(tx, hub, items);
  await reportChanges(tx, hub, items);
  await takeAdvice(tx, hub, items);
  const threads = await findThreads(tx, items);
  return given.map((item) => {
    const reason = misfits.get(item) ?? refusedStock.get(item);
    if (reason !== undefined) return { state: 'held', reason };
    return ofWarehouses.get(item) ?? judge(item, submitted.get(item) ?? [], threads);
  });
}

/** What will not come of a line is told with what has left: of the rest, which is only known once that is counted. */
async function applyAllFacts(
  tx: Tx,
  hub: Hub,
  items: readonly Translated[],
  which: 'alone' | 'beside a shipment',
): Promise<void> {
  const facts = items
    .filter(({ results }) => results.some(({ kind }) => kind === 'shipment') === (which === 'beside a shipment'))
    .flatMap(({ results }) => results.flatMap((result) => (result.kind === 'facts' ? result.value : [])));
  if (facts.length === 0) return;
  const read = await readAsAnswers(tx, facts);
  await followAnswers(tx, hub, read, await applyFacts(tx, hub, read));
}

async function submitAll(tx: Tx, hub: Hub, items: readonly Translated[]): Promise<Map<Translated, SubmitResult[]>> {
  const requests: { item: Translated; request: SubmitRequest }[] = [];
  for (const item of items) {
    const { message, correlationId, results } = item;
    for (const result of results) {
      if (result.kind !== 'order') continue;
      const { traceparent, actor } = message;
      requests.push({
        item,
        request: { submission: result.value, correlationId, traceparent, actor, sourceMessageId: message.id },
      });
    }
  }
  const answers = new Map<Translated, SubmitResult[]>();
  if (requests.length === 0) return answers;
  const results = await submitOrders(
    tx,
    hub,
    requests.map(({ request }) => request),
  );
  for (const [index, { item }] of requests.entries()) {
    answers.set(item, [...(answers.get(item) ?? []), results[index] as SubmitResult]);
  }
  return answers;
}

function judge(item: Translated, submitted: readonly SubmitResult[], threads: Threads): Applied {
  const refused = submitted.find((result) => result.outcome === 'refused');
  if (refused?.outcome === 'refused') return { state: 'held', reason: `${refused.code}: ${refused.message}` };
  const created = submitted.find((result) => result.outcome === 'created');
  if (created?.outcome === 'created') {
    const { id, correlationId } = created.order;
    return { state: 'translated', entity: { kind: 'order', id }, correlationId };
  }
  const duplicate = submitted.find((result) => result.outcome === 'duplicate');
  if (duplicate?.outcome === 'duplicate') {
    return { state: 'duplicate', reason: duplicate.message, entity: { kind: 'order', id: duplicate.existingId } };
  }
  if (item.results.length === 0) return { state: 'ignored', reason: 'The map found nothing in it that concerns us' };
  return { state: 'translated', correlationId: threadOf(item, threads) };
}

interface Threads {
  byFulfillment: Map<string, string>;
  byTracking: Map<string, string>;
  byOrder: Map<string, string>;
}

/** Keys by which a result names the order it belongs to. */
function keysOf(result: InboundResult): { fulfillmentNo?: string; tracking?: string; orderNo?: string } {
  switch (result.kind) {
    case 'facts':
      return { fulfillmentNo: result.value[0]?.fulfillmentNo, orderNo: result.value[0]?.orderNo };
    case 'packed':
    case 'shipment':
    case 'void':
      return { fulfillmentNo: result.value.fulfillmentNo };
    case 'tracking':
      return { tracking: result.value.tracking };
    case 'invoice':
    case 'orderStatus':
      return { orderNo: result.value.orderNo };
    case 'unmapped':
      return { fulfillmentNo: result.value.fulfillmentNo, orderNo: result.value.orderNo };
    default:
      return {};
  }
}

/** Which order's thread each message belongs to, so that everything about an order shows on one timeline. */
async function findThreads(tx: Tx, items: readonly Translated[]): Promise<Threads> {
  const keys = items.flatMap(({ results }) => results.map(keysOf));
  const unique = (values: readonly (string | undefined)[]): string[] => [
    ...new Set(values.filter((value) => value !== undefined)),
  ];
  const fulfillments = await findFulfillments(tx, unique(keys.map((key) => key.fulfillmentNo)));
  const trackings = unique(keys.map((key) => key.tracking));
  const byTracking = new Map<string, string>();
  for (const { tracking, correlationId } of await findTrackedOrders(tx, trackings))
    byTracking.set(tracking, correlationId);
  return {
    byFulfillment: new Map([...fulfillments].map(([number, ref]) => [number, ref.correlationId])),
    byTracking,
    byOrder: await threadsByOrder(tx, unique(keys.map((key) => key.orderNo))),
  };
}

async function threadsByOrder(tx: Tx, numbers: readonly string[]): Promise<Map<string, string>> {
  if (numbers.length === 0) return new Map();
  const ids = await findOrderIds(tx, { orderNos: numbers, erpOrderNos: numbers, naturalKeys: numbers });
  const orders = await loadOrders(tx, [...new Set(ids.values())]);
  return new Map(
    [...ids].flatMap(([number, id]) => {
      const order = orders.get(id);
      return order === undefined ? [] : [[number, order.correlationId] as const];
    }),
  );
}

function threadOf(item: Translated, threads: Threads): string | undefined {
  for (const result of item.results) {
    const { fulfillmentNo, tracking, orderNo } = keysOf(result);
    const found =
      threads.byFulfillment.get(fulfillmentNo ?? '') ??
      threads.byTracking.get(tracking ?? '') ??
      threads.byOrder.get(orderNo ?? '');
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A change that a buyer asks for is a person's to decide; it never waits unseen. */
async function reportChanges(tx: Tx, hub: Hub, items: readonly Translated[]): Promise<void> {
  const asked = items.flatMap((item) =>
    item.results.flatMap((result) => {
      if (result.kind !== 'document' || result.schema !== 'order-change') return [];
      const change = result.value as OrderChange;
      return change.answer === undefined ? [{ ...item, change }] : [];
    }),
  );
  if (asked.length === 0) return;
  await raiseExceptions(
    tx,
    hub,
    asked.map(
      ({ message, correlationId, change }): NewException => ({
        code: 'ORDER_CHANGE_REQUESTED',
        dedupeKey: `order-change:${message.id}:${change.poNumber}:${change.changeNo ?? ''}`,
        entityRefs: [{ kind: 'message', id: message.id, label: change.poNumber }],
        correlationId,
        messageId: message.id,
        cause: `${change.partner} asks to ${change.purpose} purchase order ${change.poNumber} (${change.lines.length} lines).`,
        data: { poNumber: change.poNumber, changeNo: change.changeNo, purpose: change.purpose },
      }),
    ),
  );
  await announceChanges(tx, hub, asked);
}

/** The orders that are meant hear of it; a purchase order that never became one has the exception alone. */
async function announceChanges(
  tx: Tx,
  hub: Hub,
  asked: readonly (Translated & { change: OrderChange })[],
): Promise<void> {
  const keyOf = ({ partner: customer, poNumber: customerPo, release }: OrderChange): string =>
    naturalKey({ tenantId: hub.tenantId, customer, customerPo, documentType: 'order', release, orderId: '' });
  const ids = await findOrderIds(tx, { naturalKeys: asked.map(({ change }) => keyOf(change)) });
  await hub.events.publish(
    tx,
    asked.flatMap(({ message, correlationId, change }): NewEvent[] => {
      const id = ids.get(keyOf(change));
      if (id === undefined) return [];
      const { poNumber, changeNo, purpose } = change;
      return [
        changeRequestedEvent(id, { correlationId, messageId: message.id, data: { poNumber, changeNo, purpose } }),
      ];
    }),
  );
}

/** A native status that no table knows is kept raw and shown, never guessed. */
async function reportUnmapped(tx: Tx, hub: Hub, items: readonly Translated[]): Promise<void> {
  const problems = items.flatMap(({ message, correlationId, results }) =>
    results.flatMap((result): NewException[] => {
      if (result.kind !== 'unmapped') return [];
      const { source, field, nativeCode } = result.value;
      return [
        {
          code: 'UNMAPPED_STATUS',
          dedupeKey: `unmapped:${source}:${field}:${nativeCode}`,
          entityRefs: [{ kind: 'message', id: message.id }],
          correlationId,
          messageId: message.id,
          cause: `${source} reports ${field} ${nativeCode}, which has no meaning here.`,
          data: { ...result.value },
        },
      ];
    }),
  );
  await raiseExceptions(tx, hub, problems);
}
