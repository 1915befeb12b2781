import { openObligations, readableInstant } from '../exceptions/index.ts';
import { acknowledgeDocuments, awaitAgain, type Document, listDocuments, SEND_INTERCHANGE } from '../exchange/index.ts';
import { getAgreement } from '../partners/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import type { Act } from './act-on-exception.ts';
import type { Hub } from './flow.ts';
import { clockOf, documentEvent, orderOf, subjectOf } from './match-acknowledgments.ts';
import { ediConnection } from './plan-document.ts';
import { endObligations, settleExceptions } from './raise-exceptions.ts';

/** What a person does when a partner has not acknowledged what we sent: send it again, or do without. */

/** The same bytes under the same control numbers: a partner that has them after all knows them for a repetition. */
export async function resendDocument(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const document = await documentOf(tx, act);
  const { messageId, correlationId } = document;
  const terms = await getAgreement(tx, document.agreement ?? '');
  const destination = terms === undefined ? undefined : ediConnection(hub, terms);
  if (messageId === undefined || destination === undefined) {
    throw new HubError('ACTION_NOT_ALLOWED', { message: 'There is nothing stored of it, or nowhere to send it to' });
  }
  const waiting = await awaitAgain(tx, messageId, hub.clock.now());
  if (waiting.length === 0) throw new HubError('ACTION_NOT_ALLOWED', { message: 'It has been acknowledged meanwhile' });
  const [deliveryId] = await hub.enqueue(tx, [
    {
      destination,
      key: `edi:${document.agreement}`,
      operation: SEND_INTERCHANGE,
      payload: { kind: 'message', entity: { kind: 'message', id: messageId }, messageId },
      correlationId,
    },
  ]);
  await settle(hub, tx, act, waiting, { resolution: `Sent again: ${act.reason}`, outcome: 'withdrawn' });
  await openObligations(
    tx,
    waiting.map((again) => clockOf(again, { orderId: act.record.orderId, deliveryId })),
    hub.clock.now(),
  );
  return [
    `Interchange ${document.interchangeControl} is sent to ${document.partner} again as it was, by ${destination}`,
    `Its acknowledgment is due ${readableInstant(new Date(waiting[0]!.ackDueAt!))}; if it is late again there is a new exception`,
  ];
}

/** Everything of the group: one acknowledgment would have answered it all. */
export async function acceptAsAcknowledged(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const document = await documentOf(tx, act);
  const { functionalId, groupControl, partner } = document;
  const accepted = await acknowledgeDocuments(tx, undefined, [
    {
      agreement: document.agreement ?? '',
      functionalId,
      groupControl,
      ackState: 'accepted',
      notes: [`accepted by hand by ${act.actor}: ${act.reason}`.slice(0, 500)],
    },
  ]);
  if (accepted.length === 0)
    throw new HubError('ACTION_NOT_ALLOWED', { message: 'It has been acknowledged meanwhile' });
  await settle(hub, tx, act, accepted, { resolution: `Accepted as acknowledged: ${act.reason}`, outcome: 'met' });
  await hub.events.publish(
    tx,
    accepted.map((one) => {
      const event = documentEvent('edi.document.functionalAcked', one, orderOf(one));
      return { ...event, reason: one.ackState, data: { ...(event.data as object), byHand: act.actor } };
    }),
  );
  return accepted.map(
    ({ type, control }) => `${type} ${control} to ${partner} counts as accepted, without a word of the partner`,
  );
}

async function documentOf(tx: Tx, { record }: Act): Promise<Document> {
  const { documentId } = record.data;
  const [document] = typeof documentId === 'string' ? await listDocuments(tx, { ids: [documentId] }) : [];
  if (document === undefined) throw new HubError('ACTION_NOT_ALLOWED', { message: 'The document is no longer kept' });
  return document;
}

async function settle(
  hub: Hub,
  tx: Tx,
  { record, actor }: Act,
  documents: readonly Document[],
  { resolution, outcome }: { resolution: string; outcome: 'met' | 'withdrawn' },
): Promise<void> {
  await settleExceptions(tx, hub, { ids: [record.id], resolution, by: actor });
  const subjects = new Set(documents.map(subjectOf));
  const clocks = [...subjects].map((subject) => ({ kind: '997' as const, subject }));
  await endObligations(tx, hub, clocks, outcome);
}
