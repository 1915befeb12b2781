import { HubError, isHubError, type Tx, uuidv7 } from '../platform/index.ts';
import type { Deliverer, DeliveryRow } from '../queue/index.ts';
import { type Agreement, getAgreement, type Terms } from '../partners/index.ts';
import { takeGroupNumber, takeInterchangeNumber } from './agreement-numbers.ts';
import type { PreparedBody } from './deliverer.ts';
import { changeDocuments, type Document, listDocuments } from './document.ts';
import { loadMessages, recordOutputs } from './message.ts';
import { recordSent } from './render-delivery.ts';
import { FUNCTIONAL_IDS, stControl } from './render-interchange.ts';
import { readEnvelopeMarks, renumberInterchange, soleDocument } from './renumber-interchange.ts';

/** What would be sent: bytes, or why nothing can be made. */
export type Trial = Output | { problem: string };
interface Output {
  bytes: Uint8Array;
  edi: boolean;
}

/**
 * What the present maps, cross-references and data would make of a delivery, by the very code that sends: prepared and
 * taken back, so that no control number is used and nothing is stored.
 * @param sent what was sent before: an interchange takes its numbers and instants, which are no difference in content
 */
export async function renderTrial(
  tx: Tx,
  deliverer: Pick<Deliverer, 'prepare'>,
  delivery: DeliveryRow,
  sent?: Uint8Array,
): Promise<Trial> {
  const { outputMessageId: _, ...anew } = delivery;
  await tx.query('SAVEPOINT trial');
  try {
    const prepared = (await deliverer.prepare(tx, delivery.tenantId, [anew])).get(delivery.id);
    if (prepared === undefined) return { problem: 'Nothing is made of it' };
    if (prepared.skip !== undefined) return { problem: prepared.skip };
    const trial = bytesOf((prepared.body as PreparedBody).native);
    const marks = sent === undefined || !trial.edi ? undefined : readEnvelopeMarks(sent);
    const bytes = marks === undefined ? undefined : renumberInterchange(trial.bytes, marks);
    return bytes === undefined ? trial : { ...trial, bytes };
  } catch (error) {
    if (!isHubError(error)) throw error;
    return { problem: `${error.code}: ${error.message}` };
  } finally {
    await tx.query('ROLLBACK TO SAVEPOINT trial');
    await tx.query('RELEASE SAVEPOINT trial');
  }
}

function bytesOf(native: unknown): Output {
  const file = native as { bytes?: unknown } | null;
  if (file?.bytes instanceof Uint8Array) return { bytes: file.bytes, edi: true };
  return { bytes: Buffer.from(JSON.stringify(native ?? null)), edi: false };
}

/**
 * Stores an output for a delivery that carries other control numbers than the one it was made from, and answers its id.
 * @param source `stored`: the content that was sent before, under the next numbers of its series; `current`: what would
 * be made now, under the numbers that were sent before
 * @throws HubError ACTION_NOT_ALLOWED when what was sent is no X12 interchange of an agreement
 */
export async function storeRenumbered(
  tx: Tx,
  deliverer: Pick<Deliverer, 'prepare'>,
  delivery: DeliveryRow & { outputMessageId: string },
  source: 'stored' | 'current',
): Promise<string> {
  const sent = (await loadMessages(tx, [delivery.outputMessageId])).get(delivery.outputMessageId);
  if (sent === undefined) throw notEdi();
  const { terms, document } = await termsOfDelivery(tx, delivery);
  // What went together with it in one interchange is not sent again with it.
  const alone = soleDocument(sent.bytes, document.groupControl, document.control);
  const before = alone && readEnvelopeMarks(alone);
  if (alone === undefined || before === undefined) throw notEdi();
  if (source === 'stored') {
    const numbers = await nextNumbers(tx, terms.agreement, document.type);
    const bytes = renumberInterchange(alone, numbers) as Uint8Array;
    // A name of its own: the receiver has not read this interchange yet.
    const fileName = sent.fileName?.replace(before.interchange, numbers.interchange);
    const id = await store(tx, delivery, { ...sent, fileName, naturalKey: fileName ?? sent.naturalKey }, bytes);
    await recordSent(tx, id, terms, numbers.interchange, bytes);
    // Its acknowledgment will name the new numbers.
    await changeDocuments(tx, [
      {
        id: document.id,
        state: 'rendered',
        messageId: id,
        interchangeControl: numbers.interchange,
        groupControl: numbers.groups[0],
        control: numbers.documents[0],
      },
    ]);
    return id;
  }
  const trial = await renderTrial(tx, deliverer, delivery);
  if ('problem' in trial) throw new HubError('MAP_FAILED', { message: trial.problem });
  const { interchange, groups, documents } = before;
  const bytes = renumberInterchange(trial.bytes, { interchange, groups, documents });
  if (bytes === undefined) throw notEdi();
  return store(tx, delivery, sent, bytes);
}

type Sent = NonNullable<Awaited<ReturnType<typeof loadMessages>> extends Map<string, infer M> ? M : never>;

async function store(tx: Tx, delivery: DeliveryRow, sent: Sent, bytes: Uint8Array): Promise<string> {
  const id = uuidv7();
  await recordOutputs(tx, [
    {
      id,
      channel: sent.channel,
      ...(sent.connector === undefined ? {} : { connector: sent.connector }),
      ...(sent.connection === undefined ? {} : { connection: sent.connection }),
      ...(sent.partner === undefined ? {} : { partner: sent.partner }),
      ...(sent.topic === undefined ? {} : { topic: sent.topic }),
      contentType: sent.contentType,
      ...(sent.fileName === undefined ? {} : { fileName: sent.fileName }),
      ...(sent.naturalKey === undefined ? {} : { naturalKey: sent.naturalKey }),
      bytes,
      correlationId: delivery.correlationId,
      ...(delivery.traceparent === undefined ? {} : { traceparent: delivery.traceparent }),
      inReplyTo: sent.id,
      deliveryId: delivery.id,
      test: sent.test,
    },
  ]);
  return id;
}

async function termsOfDelivery(tx: Tx, delivery: DeliveryRow): Promise<{ terms: Terms; document: Document }> {
  const [document] =
    delivery.payload.entity?.kind === 'document' ? await listDocuments(tx, { ids: [delivery.payload.entity.id] }) : [];
  const terms = document?.agreement === undefined ? undefined : await getAgreement(tx, document.agreement);
  if (document === undefined || terms === undefined) throw notEdi();
  return { terms, document };
}

/** For an interchange of one document. */
async function nextNumbers(tx: Tx, agreement: Agreement, type: string) {
  const interchange = await takeInterchangeNumber(tx, agreement);
  const group = await takeGroupNumber(tx, agreement, FUNCTIONAL_IDS[type] ?? '');
  return { interchange, groups: [group], documents: [stControl(0)] };
}

function notEdi(): HubError {
  return new HubError('ACTION_NOT_ALLOWED', {
    message: 'Only a document of a trading partner that was sent before has control numbers to choose',
  });
}
