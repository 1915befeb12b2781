import { type MapIndex, MapError } from '../maps/index.ts';
import { getAgreement, mapWithCrossReferences, type Terms } from '../partners/index.ts';
import { type Clock, HubError, type Tx, uuidv7 } from '../platform/index.ts';
import type { DeliveryRow } from '../queue/index.ts';
import { changeDocuments, type Document, listDocuments } from './document.ts';
import { ediTerms } from './edi-terms.ts';
import { addressText, recordInterchange } from './interchange.ts';
import { loadMessages, recordOutputs, sha256 } from './message.ts';
import { FUNCTIONAL_IDS, renderInterchange } from './render-interchange.ts';

export interface RenderedDelivery {
  native: { fileName: string; bytes: Uint8Array };
  messageId: string;
  /** The file's name: what makes a second sending recognisable over there. */
  naturalKey: string;
}

export interface RenderOptions {
  readonly maps: MapIndex;
  readonly clock: Clock;
}

/** Sends an interchange that is stored already: an acknowledgment, or anything sent once more. */
export const SEND_INTERCHANGE = 'interchange.send';

/** The document type behind each operation of an EDI connection. */
export const EDI_OPERATIONS: Readonly<Record<string, string>> = {
  'order.acknowledge': '855',
  'shipment.notify': '856',
  'invoice.send': '810',
};

const EDIFACT_OPERATIONS: Readonly<Record<string, string>> = {
  'order.acknowledge': 'ORDRSP',
  'shipment.notify': 'DESADV',
  'invoice.send': 'INVOIC',
};

/** What an operation sends under an agreement: 855 to one partner, ORDRSP to another. */
export function documentTypeOf(
  { agreement }: Terms,
  operation: 'order.acknowledge' | 'shipment.notify' | 'invoice.send',
): string {
  return (agreement.standard === 'edifact' ? EDIFACT_OPERATIONS : EDI_OPERATIONS)[operation] as string;
}

/** Media types of RFC 1767. */
export const MEDIA_TYPES = { x12: 'application/edi-x12', edifact: 'application/edifact' } as const;

/**
 * What EDI deliveries send. Runs in the intent's transaction: control numbers, bytes and intent are kept together or not
 * at all, and a retry finds the bytes instead of making new ones.
 */
export async function renderEdiDeliveries(
  tx: Tx,
  options: RenderOptions,
  deliveries: readonly DeliveryRow[],
): Promise<Map<string, RenderedDelivery>> {
  const rendered = new Map<string, RenderedDelivery>();
  const stored = deliveries.filter((delivery) => delivery.operation === SEND_INTERCHANGE);
  const planned = deliveries.filter((delivery) => delivery.operation !== SEND_INTERCHANGE);
  await resend(tx, stored, rendered);
  if (planned.length === 0) return rendered;
  const ids = planned.map((delivery) => delivery.payload.entity?.id ?? '');
  const documents = new Map((await listDocuments(tx, { ids })).map((document) => [document.id, document]));
  // One by one: each takes the next numbers of its series.
  for (const delivery of planned) {
    const document = documents.get(delivery.payload.entity?.id ?? '');
    if (document !== undefined) rendered.set(delivery.id, await renderDocument(tx, options, delivery, document));
  }
  return rendered;
}

async function resend(
  tx: Tx,
  deliveries: readonly DeliveryRow[],
  rendered: Map<string, RenderedDelivery>,
): Promise<void> {
  if (deliveries.length === 0) return;
  const messages = await loadMessages(
    tx,
    deliveries.map((delivery) => delivery.payload.messageId as string),
  );
  for (const delivery of deliveries) {
    const message = messages.get(delivery.payload.messageId as string);
    if (message === undefined) continue;
    const fileName = `${message.fileName ?? message.id}${suffixOf(delivery, message.connector)}`;
    rendered.set(delivery.id, {
      native: { fileName, bytes: message.bytes },
      messageId: message.id,
      naturalKey: fileName,
    });
  }
}

/** The delivery makes a file's name unique: a retry writes the same file, a second sending another one. */
const suffixOf = (delivery: DeliveryRow, standard: string | undefined): string =>
  `-${delivery.id.slice(-12)}.${standard === 'edifact' ? 'edi' : 'x12'}`;

async function renderDocument(
  tx: Tx,
  options: RenderOptions,
  delivery: DeliveryRow,
  document: Document,
): Promise<RenderedDelivery> {
  const terms = document.agreement === undefined ? undefined : await getAgreement(tx, document.agreement);
  if (terms === undefined) {
    throw new HubError('PARTNER_UNKNOWN', { message: `Agreement ${document.agreement} does not exist` });
  }
  const functionalId = FUNCTIONAL_IDS[document.type] ?? '';
  const body = await mapDocument(tx, options.maps, delivery, document, terms);
  const { version, standard } = terms.agreement;
  const interchange = await renderInterchange(tx, {
    terms,
    groups: [{ functionalId, version, documents: [{ type: document.type, body }] }],
    at: options.clock.now(),
  });
  const group = interchange.groups[0] as (typeof interchange.groups)[number];
  const baseName = `${document.type}-${interchange.control}`;
  const fileName = `${baseName}${suffixOf(delivery, standard)}`;
  const messageId = uuidv7();
  await recordOutputs(tx, [
    {
      id: messageId,
      channel: 'edi',
      connector: standard,
      connection: delivery.destination,
      partner: document.partner,
      topic: document.type,
      contentType: MEDIA_TYPES[standard],
      fileName,
      bytes: interchange.bytes,
      correlationId: document.correlationId,
      traceparent: delivery.traceparent,
      deliveryId: delivery.id,
      naturalKey: fileName,
      test: terms.agreement.usage === 'test',
    },
  ]);
  await changeDocuments(tx, [
    {
      id: document.id,
      state: 'rendered',
      messageId,
      version,
      functionalId,
      interchangeControl: interchange.control,
      groupControl: group.control,
      control: group.documentControls[0],
      ackWithinMinutes: terms.expectFunctional ? terms.expectWithinMinutes : undefined,
    },
  ]);
  await recordSent(tx, messageId, terms, interchange.control, interchange.bytes);
  return { native: { fileName, bytes: interchange.bytes }, messageId, naturalKey: fileName };
}

/** Keeps what we sent beside what we got, so that every control number ever used can be found. */
export async function recordSent(
  tx: Tx,
  messageId: string,
  terms: Terms,
  control: string,
  bytes: Uint8Array,
): Promise<void> {
  const { agreement } = terms;
  await recordInterchange(tx, {
    messageId,
    direction: 'out',
    ordinal: 1,
    standard: agreement.standard,
    sender: addressText(agreement.us),
    receiver: addressText(agreement.them),
    usage: agreement.usage === 'production' ? 'P' : 'T',
    control,
    sha256: sha256(bytes).toString('hex'),
    agreement: agreement.id,
    outcome: 'sent',
  });
}

async function mapDocument(
  tx: Tx,
  maps: MapIndex,
  delivery: DeliveryRow,
  document: Document,
  terms: Terms,
): Promise<Record<string, unknown>> {
  const map = maps.outbound(terms.agreement.standard, delivery.operation);
  if (map === undefined) throw new HubError('NO_ROUTE', { message: `No map makes ${delivery.operation}` });
  const overlay = terms.overlay(`${terms.agreement.standard}-${document.type.toLowerCase()}`);
  const settings = ediTerms(terms);
  try {
    return await mapWithCrossReferences(tx, terms.agreement.partner, (lookup) => {
      const body = map.map(document.canonical, {
        connection: delivery.destination,
        settings,
        data: delivery.payload.data ?? {},
        naturalKey: delivery.naturalKey ?? delivery.key,
        correlationId: delivery.correlationId,
        lookup,
      });
      return (overlay === undefined ? body : overlay(body, document.canonical, lookup)) as Record<string, unknown>;
    });
  } catch (error) {
    if (!(error instanceof MapError)) throw error;
    throw new HubError('MAP_FAILED', {
      message: error.message,
      detail: { code: error.code, path: error.path },
      cause: error,
    });
  }
}
