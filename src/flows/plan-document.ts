import { type Document, type NewDocument, planDocuments } from '../exchange/index.ts';
import { getAgreement, type Terms } from '../partners/index.ts';
import type { Tx } from '../platform/index.ts';
import type { NewDelivery } from '../queue/index.ts';
import type { Hub } from './flow.ts';
import { raiseExceptions } from './raise-exceptions.ts';

/** A document for a partner, with all that it will say. It goes out once per `dedupeKey`. */
export interface PlannedDocument {
  terms: Terms;
  /** By the standard of the agreement, see `documentTypeOf`. */
  type: string;
  operation: string;
  dedupeKey: string;
  canonical: unknown;
  entity: { kind: 'order' | 'shipment' | 'invoice' | 'fulfillment'; id: string };
  orderId: string;
  /** What a person calls the order. */
  orderNo: string;
  naturalKey: string;
  correlationId: string;
  traceparent?: string;
}

/** Where what we send under an agreement goes. */
export function ediConnection(hub: Hub, terms: Terms): string | undefined {
  return hub.connectionFor('edi', terms.agreement.connection ?? terms.agreement.partner);
}

/** The agreements of documents that orders came in by, each read once. */
export async function loadTerms(tx: Tx, documents: Iterable<Document>): Promise<Map<string, Terms>> {
  const loaded = new Map<string, Terms>();
  for (const id of new Set([...documents].flatMap((document) => document.agreement ?? []))) {
    const terms = await getAgreement(tx, id);
    if (terms !== undefined && terms.agreement.status !== 'inactive') loaded.set(id, terms);
  }
  return loaded;
}

/**
 * Fixes the content of documents now and enqueues their sending behind everything else of the same order. What was
 * planned before is left alone, so calling this again for the same cause does nothing.
 * @returns those that are new
 */
export async function sendDocuments(
  tx: Tx,
  hub: Hub,
  documents: readonly PlannedDocument[],
): Promise<PlannedDocument[]> {
  if (documents.length === 0) return [];
  const rows = documents.map((document): NewDocument & { dedupeKey: string } => ({
    direction: 'out',
    ordinal: 1,
    standard: document.terms.agreement.standard,
    version: document.terms.agreement.version,
    type: document.type,
    agreement: document.terms.agreement.id,
    partner: document.terms.agreement.partner,
    state: 'planned',
    entityKind: document.entity.kind,
    entityId: document.entity.id,
    canonical: document.canonical,
    correlationId: document.correlationId,
    dedupeKey: document.dedupeKey,
  }));
  const planned = await planDocuments(tx, rows);
  const fresh: PlannedDocument[] = [];
  const deliveries: NewDelivery[] = [];
  const nowhere: PlannedDocument[] = [];
  for (const [index, document] of documents.entries()) {
    const result = planned[index];
    if (result?.planned !== true) continue;
    fresh.push(document);
    const destination = ediConnection(hub, document.terms);
    if (destination === undefined) nowhere.push(document);
    else deliveries.push(deliveryOf(document, destination, result.id));
  }
  await hub.enqueue(tx, deliveries);
  await raiseExceptions(tx, hub, nowhere.map(noConnection));
  return fresh;
}

function deliveryOf(document: PlannedDocument, destination: string, id: string): NewDelivery {
  return {
    destination,
    // The order's id: a partner never gets an invoice before the ship notice, nor that before the acknowledgment.
    key: document.orderId,
    operation: document.operation,
    payload: { kind: 'command', entity: { kind: 'document', id } },
    correlationId: document.correlationId,
    naturalKey: document.naturalKey,
    ...(document.traceparent === undefined ? {} : { traceparent: document.traceparent }),
  };
}

function noConnection(document: PlannedDocument) {
  const { agreement } = document.terms;
  return {
    code: 'NO_ROUTE' as const,
    dedupeKey: `no-route:${document.dedupeKey}`,
    entityRefs: [{ kind: 'order', id: document.orderId, label: document.orderNo }],
    orderId: document.orderId,
    correlationId: document.correlationId,
    cause: `The ${document.type} for ${agreement.partner} has nowhere to go: agreement ${agreement.id} names no EDI connection.`,
    suggestedFix: 'Add a connection with the role edi and name it in the agreement.',
  };
}
