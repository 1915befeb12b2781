import type { NewEvent } from '../events/index.ts';
import type { NewException } from '../exceptions/index.ts';
import { type Document, listDocuments } from '../exchange/index.ts';
import { type FulfillmentRecord, recordReleaseOutcome, rejectReleased } from '../fulfillment/index.ts';
import type { FulfillmentOrder } from '../model/index.ts';
import { lockOrders } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Settled } from '../queue/index.ts';
import { applyFacts } from './apply-facts.ts';
import type { Hub } from './flow.ts';
import { raiseExceptions } from './raise-exceptions.ts';

/** Fulfilment orders behind deliveries, by delivery: named by themselves, or by the document that is sent about them. */
export async function fulfillmentsBehind(tx: Tx, results: readonly Settled[]): Promise<Map<string, string>> {
  const entityOf = ({ delivery }: Settled) => delivery.payload.entity;
  const documentIds = results.flatMap((result) =>
    entityOf(result)?.kind === 'document' ? [entityOf(result)!.id] : [],
  );
  const documents = documentIds.length === 0 ? [] : await listDocuments(tx, { ids: documentIds });
  const ofDocument = new Map(documents.map((document) => [document.id, document.entityId]));
  return new Map(
    results.flatMap((result) => {
      const entity = entityOf(result);
      const id = entity?.kind === 'document' ? ofDocument.get(entity.id) : entity?.id;
      return id === undefined ? [] : [[result.delivery.id, id] as const];
    }),
  );
}

/** The warehouses' answers to releases. A document is released when it is handed over: no answer comes before goods leave. */
export async function settleReleases(tx: Tx, results: readonly Settled[], hub: Hub): Promise<void> {
  const behind = await fulfillmentsBehind(tx, results);
  const outcomes = results.flatMap(
    ({ delivery, outcome, state }): Parameters<typeof recordReleaseOutcome>[1][number][] => {
      const id = behind.get(delivery.id);
      if (id === undefined) return [];
      if (outcome.kind === 'confirmed') {
        const response = outcome.response as { releaseNo?: string } | undefined;
        // Of a document the outside id is the name of its file, and no number of the warehouse.
        const isDocument = delivery.payload.entity?.kind === 'document';
        const outsideId = response?.releaseNo ?? (isDocument ? undefined : outcome.outsideId);
        return [{ id, status: 'released' as const, ...(outsideId === undefined ? {} : { outsideId }) }];
      }
      const refused = outcome.kind === 'rejected' && (state === 'dead' || state === 'held');
      return refused ? [{ id, status: 'rejected' as const }] : [];
    },
  );
  if (outcomes.length === 0) return;
  // Orders are locked before their fulfilment orders, as everywhere.
  await lockOrders(
    tx,
    results.map(({ delivery }) => delivery.key),
  );
  const now = hub.clock.now();
  const settled = await recordReleaseOutcome(tx, outcomes, now);
  const released = settled.filter((record) => record.order.status === 'released');
  await applyFacts(
    tx,
    hub,
    released.flatMap((record) => releasedFacts(record, now)),
  );
  await hub.events.publish(tx, settled.map(releaseEvent));
}

/** How much of each line the warehouse has been told to ship: nothing any more, once it has refused. */
function releasedFacts({ order, version }: FulfillmentRecord, now: Date) {
  return order.lines.map((line) => ({
    source: 'hub',
    document: order.fulfillmentNo,
    fulfillmentNo: order.fulfillmentNo,
    orderId: order.orderId,
    lineNo: line.lineNo,
    kind: 'released' as const,
    quantity: order.status === 'rejected' ? '0' : line.quantity,
    uom: line.uom,
    // A release can be refused by EDI after it was sent, and be sent again.
    sequence: version,
    occurredAt: now.toISOString(),
  }));
}

/** Documents by which we told warehouses to ship, that they could not read or would not take. */
export function isRelease(document: Document): boolean {
  return document.entityKind === 'fulfillment' && (document.canonical as { purpose?: string }).purpose !== 'cancel';
}

/**
 * The warehouses cannot take these releases after all: a person has to correct them and release them again. What a warehouse
 * already works on it has taken, whatever its acknowledgment says.
 * @param refusals what each one's warehouse says, in a sentence, by fulfilment order
 */
export async function rejectReleases(tx: Tx, hub: Hub, refusals: ReadonlyMap<string, Refusal>): Promise<void> {
  await lockOrders(
    tx,
    [...refusals.values()].map(({ order }) => order.orderId),
  );
  const rejected = await rejectReleased(tx, [...refusals.keys()]);
  const now = hub.clock.now();
  await applyFacts(
    tx,
    hub,
    rejected.flatMap((record) => releasedFacts(record, now)),
  );
  await hub.events.publish(tx, rejected.map(releaseEvent));
  await raiseExceptions(
    tx,
    hub,
    rejected.map((record) => rejectedException(record, refusals.get(record.order.id)!)),
  );
}

export interface Refusal {
  readonly order: Pick<FulfillmentOrder, 'id' | 'orderId'>;
  readonly cause: string;
  readonly messageId?: string | undefined;
  readonly documentId?: string | undefined;
}

/** One open exception per release that its warehouse refused by EDI. */
export const rejectedKey = (fulfillmentId: string): string => `release-rejected:${fulfillmentId}`;

function rejectedException(
  { order, correlationId }: FulfillmentRecord,
  { cause, messageId, documentId }: Refusal,
): NewException {
  return {
    code: 'RELEASE_REJECTED',
    dedupeKey: rejectedKey(order.id),
    entityRefs: [
      { kind: 'order', id: order.orderId, label: order.orderNo },
      ...(documentId === undefined ? [] : [{ kind: 'document', id: documentId }]),
    ],
    orderId: order.orderId,
    correlationId,
    messageId,
    cause,
    suggestedFix: 'Correct what it names, then release it again; or cancel the order.',
    data: { fulfillmentId: order.id, fulfillmentNo: order.fulfillmentNo, location: order.location },
  };
}

function releaseEvent(record: FulfillmentRecord): NewEvent {
  const { order } = record;
  return {
    type: order.status === 'rejected' ? 'fulfillment.order.rejected' : 'fulfillment.order.released',
    entity: { kind: 'fulfillment', id: order.id },
    key: order.orderId,
    orderId: order.orderId,
    correlationId: record.correlationId,
    ...(record.traceparent === undefined ? {} : { traceparent: record.traceparent }),
    data: { fulfillmentNo: order.fulfillmentNo, location: order.location, lines: order.lines },
    version: record.version,
  };
}
