import type { NewException } from '../exceptions/index.ts';
import { documentTypeOf } from '../exchange/index.ts';
import type { FulfillmentRecord } from '../fulfillment/index.ts';
import type { Location } from '../model/index.ts';
import { getAgreement, type Terms } from '../partners/index.ts';
import type { Tx } from '../platform/index.ts';
import type { NewDelivery } from '../queue/index.ts';
import type { Hub } from './flow.ts';
import { ediConnection, type PlannedDocument, sendDocuments } from './plan-document.ts';
import { raiseExceptions } from './raise-exceptions.ts';

/** How a site gets its releases: by a connection, as documents under an agreement, or not at all: then it is worked by hand. */
export function routeOf(
  hub: Hub,
  location: string,
  site: Location | undefined,
): { connection?: string; agreement?: string } {
  if (site?.agreement !== undefined) return { agreement: site.agreement };
  const connection = site?.fulfilledBy ?? hub.connectionFor('wms', location);
  return connection === undefined ? {} : { connection };
}

/** A release that cannot go out as things are set up. */
export interface Unrouted {
  readonly record: FulfillmentRecord;
  readonly cause: string;
  readonly fix: string;
}

/**
 * Sends releases to their sites. One whose agreement does not let it out is put before a person, and waits; it is sent when
 * the person has it sent again (`releaseAgain`).
 * @returns those that wait
 */
export async function sendReleases(
  tx: Tx,
  hub: Hub,
  records: readonly FulfillmentRecord[],
): Promise<readonly Unrouted[]> {
  await hub.enqueue(tx, records.flatMap(callOf));
  const documents: PlannedDocument[] = [];
  const unrouted: Unrouted[] = [];
  const termsById = new Map<string, Terms | undefined>();
  for (const record of records) {
    const { agreement } = record;
    if (agreement === undefined) continue;
    if (!termsById.has(agreement)) termsById.set(agreement, await getAgreement(tx, agreement));
    const terms = termsById.get(agreement);
    const obstacle = obstacleOf(
      record.order.location,
      agreement,
      terms,
      (each) => ediConnection(hub, each) !== undefined,
    );
    if (obstacle !== undefined) unrouted.push({ record, ...obstacle });
    else documents.push(orderOf(record, terms!));
  }
  await sendDocuments(tx, hub, documents);
  await raiseExceptions(tx, hub, unrouted.map(unroutedException));
  return unrouted;
}

function callOf(record: FulfillmentRecord): NewDelivery[] {
  // A site without a connection is worked by hand; its facts come by the API.
  if (record.connection === undefined) return [];
  return [
    {
      destination: record.connection,
      key: record.order.orderId,
      operation: 'release.create',
      payload: { kind: 'command', entity: { kind: 'fulfillment', id: record.order.id } },
      correlationId: record.correlationId,
      ...(record.traceparent === undefined ? {} : { traceparent: record.traceparent }),
      naturalKey: record.order.fulfillmentNo,
    },
  ];
}

/** What of a location's agreement keeps releases from going out under it; undefined where nothing does. */
export function obstacleOf(
  location: string,
  id: string,
  terms: Terms | undefined,
  hasConnection: (terms: Terms) => boolean,
): { cause: string; fix: string } | undefined {
  if (terms === undefined) {
    return {
      cause: `Location ${location} names the agreement ${id}, which does not exist`,
      fix: 'Add the agreement, or correct what the location names; the release goes out then.',
    };
  }
  const { status, standard } = terms.agreement;
  if (status === 'inactive') {
    return {
      cause: `Agreement ${id} of location ${location} is inactive`,
      fix: 'Make the agreement active, or name another one at the location; the release goes out then.',
    };
  }
  const type = documentTypeOf(terms, 'release.create');
  if (type === undefined) {
    return {
      cause: `Agreement ${id} of location ${location} is ${standard.toUpperCase()}, by which we have no warehouse order`,
      fix: 'Name an X12 agreement at the location, or a connection as fulfilledBy; the release goes out then.',
    };
  }
  if (!terms.outbound.includes(type)) {
    return {
      cause: `Agreement ${id} of location ${location} sends no ${type}`,
      fix: `Add ${type} to outbound of the agreement; the release goes out then.`,
    };
  }
  if (hasConnection(terms)) return undefined;
  return {
    cause: `Agreement ${id} of location ${location} names no EDI connection`,
    fix: 'Add a connection with the role edi and name it in the agreement; then release it again.',
  };
}

function orderOf({ order, correlationId, traceparent, version }: FulfillmentRecord, terms: Terms): PlannedDocument {
  return {
    terms,
    type: documentTypeOf(terms, 'release.create')!,
    operation: 'release.create',
    // Released again, after it never got through, it is another document about the same release.
    dedupeKey: `940:${order.id}:${version}`,
    canonical: order,
    entity: { kind: 'fulfillment', id: order.id },
    orderId: order.orderId,
    orderNo: order.orderNo,
    naturalKey: order.fulfillmentNo,
    correlationId,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** One open exception per release. */
export const unroutedKey = (fulfillmentId: string): string => `release-unrouted:${fulfillmentId}`;

function unroutedException({ record, cause, fix }: Unrouted): NewException {
  const { order, correlationId, agreement } = record;
  return {
    code: 'RELEASE_UNROUTED',
    dedupeKey: unroutedKey(order.id),
    entityRefs: [
      { kind: 'order', id: order.orderId, label: order.orderNo },
      { kind: 'location', id: order.location, label: order.location },
    ],
    orderId: order.orderId,
    correlationId,
    cause: `Release ${order.fulfillmentNo} was not sent: ${cause}.`,
    suggestedFix: fix,
    data: { fulfillmentId: order.id, fulfillmentNo: order.fulfillmentNo, location: order.location, agreement },
  };
}
