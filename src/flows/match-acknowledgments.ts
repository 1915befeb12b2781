import type { NewEvent } from '../events/index.ts';
import { type NewException, type NewObligation, openObligations } from '../exceptions/index.ts';
import {
  type AcknowledgedDocuments,
  acknowledgeDocuments,
  type AdmittedAcknowledgment,
  type Document,
  listDocuments,
  markOverdueDocuments,
  sentGroupExists,
  sentInInterchange,
  type StoredMessage,
} from '../exchange/index.ts';
import type { FulfillmentOrder } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Settled } from '../queue/index.ts';
import { defineFlow, type Hub } from './flow.ts';
import { endObligations, raiseExceptions } from './raise-exceptions.ts';
import { isRelease, type Refusal, rejectReleases } from './settle-releases.ts';

/**
 * What partners say about what we sent. A sent document starts a clock; its 997 stops it, and a missing one becomes an
 * exception through the obligation. A rejection is an exception at once.
 */
export const matchAcknowledgments = defineFlow({
  name: 'match-acknowledgments',
  settles: {
    'order.acknowledge': startClocks,
    'shipment.notify': startClocks,
    'invoice.send': startClocks,
    'release.create': startClocks,
    'release.cancel': startClocks,
  },
});

async function startClocks(tx: Tx, results: readonly Settled[], hub: Hub): Promise<void> {
  const delivered = results.filter(
    ({ state, delivery }) => state === 'delivered' && delivery.payload.entity?.kind === 'document',
  );
  const deliveryOf = new Map(delivered.map(({ delivery }) => [delivery.payload.entity?.id ?? '', delivery]));
  if (deliveryOf.size === 0) return;
  const documents = await listDocuments(tx, { ids: [...deliveryOf.keys()] });
  await openObligations(
    tx,
    documents
      .filter((document) => document.ackState === 'awaiting' && document.ackDueAt !== undefined)
      .map((document) =>
        clockOf(document, { orderId: deliveryOf.get(document.id)?.key, deliveryId: deliveryOf.get(document.id)?.id }),
      ),
    hub.clock.now(),
  );
  await hub.events.publish(
    tx,
    documents.map((document) => documentEvent('edi.document.sent', document, deliveryOf.get(document.id)?.key)),
  );
}

/** The clock of an acknowledgment that is due. What it names is what a person needs when it runs out. */
export function clockOf(document: Document, of: { orderId?: string; deliveryId?: string }): NewObligation {
  const { id: documentId, type, control, interchangeControl, messageId, correlationId, partner } = document;
  return {
    kind: '997',
    subject: subjectOf(document),
    dueAt: new Date(document.ackDueAt as string),
    orderId: of.orderId,
    correlationId,
    partner,
    label: `${type} ${control} of interchange ${interchangeControl}`,
    data: { documentId, type, interchangeControl, messageId, deliveryId: of.deliveryId },
  };
}

/** One 997 answers one group. */
export function subjectOf(document: Document): string {
  return `${document.agreement}:${document.functionalId}:${document.groupControl}`;
}

export function documentEvent(type: NewEvent['type'], document: Document, orderId?: string): NewEvent {
  return {
    type,
    entity: { kind: 'document', id: document.id },
    key: orderId ?? document.correlationId,
    orderId,
    correlationId: document.correlationId,
    data: {
      documentType: document.type,
      partner: document.partner,
      interchangeControl: document.interchangeControl,
      groupControl: document.groupControl,
      control: document.control,
      messageId: document.messageId,
    },
  };
}

const ACK_STATES = {
  A: 'accepted',
  E: 'accepted_with_errors',
  // A group accepted in part names the documents that were not.
  P: 'accepted',
  R: 'rejected',
} as const;

/** Matches 997, 999, TA1 and CONTRL of one message with what we sent; in the transaction that translates it. */
export async function applyAcknowledgments(
  tx: Tx,
  hub: Hub,
  message: StoredMessage,
  acknowledgments: readonly AdmittedAcknowledgment[],
): Promise<void> {
  const problems: NewException[] = [];
  for (const acknowledgment of acknowledgments) {
    const parsed = asGroups(acknowledgment.parsed);
    if (parsed.interchange !== undefined) problems.push(...(await matchInterchange(tx, hub, message, acknowledgment)));
    for (const group of parsed.groups) {
      const matched = await matchGroup(tx, message, acknowledgment, group);
      if (matched.length === 0) {
        const key = { agreement: acknowledgment.terms.agreement.id, ...groupKey(group) };
        if (!(await sentGroupExists(tx, key))) problems.push(unmatched(message, acknowledgment, group));
        continue;
      }
      problems.push(...(await refuse(tx, hub, message, matched)));
      await endObligations(
        tx,
        hub,
        [...new Set(matched.map(subjectOf))].map((subject) => ({ kind: '997' as const, subject })),
      );
      await hub.events.publish(
        tx,
        matched.map((document) => ({
          ...documentEvent('edi.document.functionalAcked', document, orderOf(document)),
          causationId: message.id,
          reason: document.ackState,
        })),
      );
    }
  }
  await raiseExceptions(tx, hub, problems);
}

type Parsed = AdmittedAcknowledgment['parsed'];

/** A CONTRL answers an interchange; EDIFACT that we send has no groups, so the interchange stands for its only one. */
function asGroups(parsed: Parsed): Parsed {
  const { interchange } = parsed;
  if (parsed.kind !== 'CONTRL' || interchange === undefined) return parsed;
  // Received, not read: the partner still owes the answer, and its clock runs on.
  const { status } = interchange;
  if (status === 'received') return { ...parsed, groups: [] };
  const documents = parsed.groups.flatMap((group) => group.documents);
  const notes = [
    ...(interchange.note === '' ? [] : [`interchange error ${interchange.note}`]),
    ...parsed.groups.flatMap((group) => group.notes),
  ];
  return {
    kind: parsed.kind,
    groups: [{ functionalId: '', control: interchange.control, status, notes, documents }],
  };
}

type ParsedGroup = AdmittedAcknowledgment['parsed']['groups'][number];

const groupKey = (group: ParsedGroup) => ({ functionalId: group.functionalId, groupControl: group.control });

/** Documents told apart first; then the rest of the group by the group's own status. */
async function matchGroup(
  tx: Tx,
  message: StoredMessage,
  { terms }: AdmittedAcknowledgment,
  group: ParsedGroup,
): Promise<Document[]> {
  const key = { agreement: terms.agreement.id, ...groupKey(group) };
  const told = group.documents.map(
    (document): AcknowledgedDocuments => ({
      ...key,
      control: document.control,
      ackState: ACK_STATES[document.status],
      notes: document.notes.length === 0 ? undefined : document.notes.slice(0, 50),
    }),
  );
  const notes = group.notes.length === 0 ? undefined : group.notes.slice(0, 50);
  return acknowledgeDocuments(tx, message.id, [...told, { ...key, ackState: ACK_STATES[group.status], notes }]);
}

/** A TA1, or a CONTRL of receipt, speaks of the envelope: accepted says nothing about the documents, refused means all are lost. */
async function matchInterchange(
  tx: Tx,
  hub: Hub,
  message: StoredMessage,
  acknowledgment: AdmittedAcknowledgment,
): Promise<NewException[]> {
  const { agreement } = acknowledgment.terms;
  const interchange = acknowledgment.parsed.interchange as { control: string; status: string; note: string };
  const sent = await sentInInterchange(tx, agreement.id, interchange.control);
  if (sent.length === 0) {
    return [
      {
        code: 'ACK_UNMATCHED',
        dedupeKey: `ack-unmatched:${agreement.id}:${acknowledgment.parsed.kind}:${interchange.control}`,
        entityRefs: [{ kind: 'message', id: message.id }],
        correlationId: message.correlationId,
        messageId: message.id,
        cause: `${agreement.partner} answers interchange ${interchange.control} (${acknowledgment.parsed.kind}), which we never sent.`,
      },
    ];
  }
  if (interchange.status !== 'R') return [];
  const refused = await acknowledgeDocuments(
    tx,
    message.id,
    sent.map((document) => ({
      agreement: agreement.id,
      functionalId: document.functionalId,
      groupControl: document.groupControl,
      control: document.control,
      ackState: 'rejected' as const,
      notes: [`TA1 ${interchange.note}`],
    })),
  );
  return refuse(tx, hub, message, refused);
}

/** A release that its warehouse could not read is no release: that is put right with the order, and told as such. */
async function refuse(
  tx: Tx,
  hub: Hub,
  message: StoredMessage,
  documents: readonly Document[],
): Promise<NewException[]> {
  const refused = documents.filter((document) => document.ackState === 'rejected');
  const releases: Document[] = [];
  for (const document of refused) if (await isLatestRelease(tx, document)) releases.push(document);
  const refusalOf = (document: Document): Refusal => ({
    order: document.canonical as FulfillmentOrder,
    cause: causeOf(document),
    messageId: message.id,
    documentId: document.id,
  });
  if (releases.length > 0) {
    await rejectReleases(tx, hub, new Map(releases.map((document) => [document.entityId!, refusalOf(document)])));
  }
  return refused.filter((document) => !releases.includes(document)).map(rejection);
}

/** A release may have been sent again meanwhile: what is said of an earlier document is not about that. */
async function isLatestRelease(tx: Tx, document: Document): Promise<boolean> {
  if (!isRelease(document)) return false;
  const entity = { kind: 'fulfillment', id: document.entityId! };
  const sent = await listDocuments(tx, { direction: 'out', entity });
  return sent.find(isRelease)?.id === document.id;
}

function unmatched(message: StoredMessage, { terms }: AdmittedAcknowledgment, group: ParsedGroup): NewException {
  const { agreement } = terms;
  return {
    code: 'ACK_UNMATCHED',
    dedupeKey: `ack-unmatched:${agreement.id}:${group.functionalId}:${group.control}`,
    entityRefs: [{ kind: 'message', id: message.id }],
    correlationId: message.correlationId,
    messageId: message.id,
    cause: `${agreement.partner} acknowledges ${group.functionalId === '' ? 'interchange' : `group ${group.functionalId}`} ${group.control}, which we never sent.`,
  };
}

export function orderOf(document: Document): string | undefined {
  if (document.entityKind === 'order') return document.entityId;
  const canonical = document.canonical as { order?: { id?: string }; orderId?: string } | undefined;
  return document.entityKind === 'fulfillment' ? canonical?.orderId : canonical?.order?.id;
}

function causeOf({ partner, type, interchangeControl, ackNotes }: Document): string {
  const notes = Array.isArray(ackNotes) ? ackNotes.join('; ') : 'no reason given';
  return `${partner} rejected our ${type} (interchange ${interchangeControl}): ${notes}.`;
}

function rejection(document: Document): NewException {
  const orderId = orderOf(document);
  return {
    code: 'ACK_REJECTED',
    dedupeKey: `ack-rejected:${document.id}`,
    entityRefs: [
      { kind: 'document', id: document.id, label: `${document.type} ${document.interchangeControl}` },
      ...(orderId === undefined ? [] : [{ kind: 'order', id: orderId }]),
    ],
    orderId,
    correlationId: document.correlationId,
    messageId: document.messageId,
    cause: causeOf(document),
    data: { notes: document.ackNotes },
  };
}

/**
 * Marks documents whose acknowledgment is late, for the partner's page and the timeline. The exception comes from the
 * obligation; this runs beside its check.
 */
export async function markLateAcknowledgments(tx: Tx, hub: Hub): Promise<number> {
  const late = await markOverdueDocuments(tx, hub.clock.now());
  await hub.events.publish(
    tx,
    late.map((document) => documentEvent('edi.document.overdue', document, orderOf(document))),
  );
  return late.length;
}
