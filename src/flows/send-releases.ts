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
export interface Unrouted extends Obstacle {
  readonly record: FulfillmentRecord;
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
  const ways = new Map<string, Way>();
  for (const record of records) {
    const { agreement } = record;
    if (agreement === undefined) continue;
    const { id, location, fulfillmentNo } = record.order;
    const key = JSON.stringify([location, agreement]);
    const way = ways.get(key) ?? (await wayTo(tx, hub, location, agreement));
    ways.set(key, way);
    if (way.obstacle !== undefined) {
      unrouted.push({ record, ...way.obstacle });
      continue;
    }
    // Released again, after it never got through, it is another document about the same release.
    const dedupeKey = `940:${id}:${record.version}`;
    const named = { dedupeKey, canonical: record.order, naturalKey: fulfillmentNo };
    documents.push(releaseDocument(record, way.terms, 'release.create', named));
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

interface Obstacle {
  readonly cause: string;
  readonly fix: string;
}

/** The terms under which documents about releases go to a location, or what keeps them from it. */
type Way = { readonly terms: Terms; readonly obstacle?: undefined } | { readonly obstacle: Obstacle };

export async function wayTo(tx: Tx, hub: Hub, location: string, agreement: string): Promise<Way> {
  const terms = await getAgreement(tx, agreement);
  const obstacle = obstacleOf(location, agreement, terms, (each) => ediConnection(hub, each) !== undefined);
  return obstacle === undefined ? { terms: terms! } : { obstacle };
}

/** What of a location's agreement keeps releases from going out under it; undefined where nothing does. */
export function obstacleOf(
  location: string,
  id: string,
  terms: Terms | undefined,
  hasConnection: (terms: Terms) => boolean,
): Obstacle | undefined {
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

/** A document that tells a warehouse of a release: to ship it, or to give it back. */
export function releaseDocument(
  { order, correlationId, traceparent }: FulfillmentRecord,
  terms: Terms,
  operation: 'release.create' | 'release.cancel',
  named: Pick<PlannedDocument, 'dedupeKey' | 'canonical' | 'naturalKey'>,
): PlannedDocument {
  return {
    terms,
    type: documentTypeOf(terms, operation)!,
    operation,
    ...named,
    entity: { kind: 'fulfillment', id: order.id },
    orderId: order.orderId,
    orderNo: order.orderNo,
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
