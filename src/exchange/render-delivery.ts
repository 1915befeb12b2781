import { type MapIndex, MapError } from '../maps/index.ts';
import { getAgreement, mapWithCrossReferences, type Terms } from '../partners/index.ts';
import { type Clock, HubError, localDate, type Tx, uuidv7 } from '../platform/index.ts';
import type { DeliveryRow } from '../queue/index.ts';
import { usageOf } from './agreement-numbers.ts';
import { changeDocuments, type Document, listDocuments } from './document.ts';
import { ediTerms } from './edi-terms.ts';
import { addressText, recordInterchange } from './interchange.ts';
import { loadMessages, recordOutputs, sha256 } from './message.ts';
import { FUNCTIONAL_IDS, type RenderedInterchange, renderInterchange } from './render-interchange.ts';

export interface RenderedDelivery {
  native: { fileName: string; bytes: Uint8Array };
  messageId: string;
  /** The file's name: what makes a second sending recognisable over there. Shared by the documents of one interchange. */
  naturalKey: string;
}

export interface RenderOptions {
  readonly maps: MapIndex;
  readonly clock: Clock;
  /** IANA zone of a tenant's calendar. */
  readonly timeZoneOf: (tenantId: string) => string;
}

/** Sends an interchange that is stored already: an acknowledgment, or anything sent once more. */
export const SEND_INTERCHANGE = 'interchange.send';

/** The document type behind each operation of an EDI connection. */
const X12_OPERATIONS = {
  'order.acknowledge': '855',
  'shipment.notify': '856',
  'invoice.send': '810',
  'release.create': '940',
  'release.cancel': '940',
} as const;

const EDIFACT_OPERATIONS = {
  'order.acknowledge': 'ORDRSP',
  'shipment.notify': 'DESADV',
  'invoice.send': 'INVOIC',
} as const;

/** What both standards have a document for. */
type CommonOperation = keyof typeof EDIFACT_OPERATIONS;

/**
 * What an operation sends under an agreement: 855 to one partner, ORDRSP to another. Undefined where we have no document for
 * it: a release to a warehouse by EDIFACT.
 */
export function documentTypeOf(terms: Terms, operation: CommonOperation): string;
export function documentTypeOf(terms: Terms, operation: keyof typeof X12_OPERATIONS): string | undefined;
export function documentTypeOf({ agreement }: Terms, operation: keyof typeof X12_OPERATIONS): string | undefined {
  if (agreement.standard === 'x12') return X12_OPERATIONS[operation];
  return EDIFACT_OPERATIONS[operation as CommonOperation];
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
  // In the order of what happened, whichever lane each came by: so they stand in an interchange that they share.
  const planned = deliveries
    .filter((delivery) => delivery.operation !== SEND_INTERCHANGE)
    .toSorted((a, b) => a.position - b.position);
  await resend(tx, stored, rendered);
  if (planned.length === 0) return rendered;
  const ids = planned.map((delivery) => delivery.payload.entity?.id ?? '');
  const documents = new Map((await listDocuments(tx, { ids })).map((document) => [document.id, document]));
  const known = planned.flatMap((delivery) => {
    const document = documents.get(delivery.payload.entity?.id ?? '');
    return document === undefined ? [] : [{ delivery, document }];
  });
  // One by one: each takes the next numbers of its series.
  for (const members of await interchangesOf(tx, known)) {
    const answers = await renderPlanned(tx, options, members as [Planned, ...Planned[]]);
    for (const [id, answer] of answers) rendered.set(id, answer);
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

interface Planned {
  readonly delivery: DeliveryRow;
  readonly document: Document;
  readonly terms: Terms;
}

/** What goes out together, in the order of the deliveries: each document alone where its agreement says nothing else. */
async function interchangesOf(tx: Tx, planned: readonly Omit<Planned, 'terms'>[]): Promise<Planned[][]> {
  const interchanges: Planned[][] = [];
  const openOf = new Map<string, Planned[]>();
  const termsById = new Map<string, Terms | undefined>();
  for (const { delivery, document } of planned) {
    const id = document.agreement ?? '';
    if (!termsById.has(id)) termsById.set(id, id === '' ? undefined : await getAgreement(tx, id));
    const terms = termsById.get(id);
    if (terms === undefined) {
      throw new HubError('PARTNER_UNKNOWN', { message: `Agreement ${document.agreement} does not exist` });
    }
    const open = openOf.get(id);
    if (open !== undefined && open.length < terms.maxDocuments) {
      open.push({ delivery, document, terms });
      continue;
    }
    const members = [{ delivery, document, terms }];
    interchanges.push(members);
    openOf.set(id, members);
  }
  return interchanges;
}

/** One group per functional identifier, in the order in which they come; EDIFACT goes without. */
function groupsOf(members: readonly (Planned & { body: Record<string, unknown> })[]) {
  const groups = Map.groupBy(members, (member) => FUNCTIONAL_IDS[member.document.type] ?? '');
  return [...groups].map(([functionalId, ofGroup]) => ({ functionalId, members: ofGroup }));
}

/** Every member answers with the same file: whichever is sent first publishes it for all. */
async function renderPlanned(
  tx: Tx,
  options: RenderOptions,
  planned: readonly [Planned, ...Planned[]],
): Promise<Map<string, RenderedDelivery>> {
  const [{ delivery: first, document, terms }] = planned;
  const members: (Planned & { body: Record<string, unknown> })[] = [];
  for (const member of planned) {
    members.push({ ...member, body: await mapDocument(tx, options, member.delivery, member.document, terms) });
  }
  const { version, standard } = terms.agreement;
  const groups = groupsOf(members);
  const interchange = await renderInterchange(tx, {
    terms,
    groups: groups.map(({ functionalId, members: ofGroup }) => ({
      functionalId,
      version,
      documents: ofGroup.map((member) => ({ type: member.document.type, body: member.body })),
    })),
    at: options.clock.now(),
  });
  const isOfOneType = members.every((member) => member.document.type === document.type);
  const topic = isOfOneType ? document.type : 'batch';
  const fileName = `${topic}-${interchange.control}${suffixOf(first, standard)}`;
  const messageId = uuidv7();
  await recordOutputs(tx, [
    {
      id: messageId,
      channel: 'edi',
      connector: standard,
      connection: first.destination,
      partner: document.partner,
      topic,
      contentType: MEDIA_TYPES[standard],
      fileName,
      bytes: interchange.bytes,
      correlationId: document.correlationId,
      traceparent: first.traceparent,
      deliveryId: first.id,
      naturalKey: fileName,
      test: terms.agreement.usage === 'test',
    },
  ]);
  const controls = controlsOf(groups, interchange);
  await changeDocuments(
    tx,
    members.map((member) => ({
      id: member.document.id,
      state: 'rendered' as const,
      messageId,
      version,
      functionalId: FUNCTIONAL_IDS[member.document.type] ?? '',
      interchangeControl: interchange.control,
      ...controls.get(member.document.id),
      ackWithinMinutes: terms.expectFunctional ? terms.expectWithinMinutes : undefined,
    })),
  );
  await recordSent(tx, messageId, terms, interchange.control, interchange.bytes);
  const rendered = { native: { fileName, bytes: interchange.bytes }, messageId, naturalKey: fileName };
  return new Map(members.map(({ delivery }) => [delivery.id, rendered]));
}

/** GS06 and ST02 of each document; EDIFACT writes one row of messages whatever their kinds. */
function controlsOf(
  groups: ReturnType<typeof groupsOf>,
  interchange: RenderedInterchange,
): Map<string, { groupControl: string; control: string }> {
  const documents = groups.flatMap(({ members }) => members.map((member) => member.document.id));
  const controls = interchange.groups.flatMap(({ control: groupControl, documentControls }) =>
    documentControls.map((control) => ({ groupControl, control })),
  );
  return new Map(documents.map((id, index) => [id, controls[index]!]));
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
    usage: usageOf(agreement),
    control,
    sha256: sha256(bytes).toString('hex'),
    agreement: agreement.id,
    outcome: 'sent',
  });
}

async function mapDocument(
  tx: Tx,
  options: RenderOptions,
  delivery: DeliveryRow,
  document: Document,
  terms: Terms,
): Promise<Record<string, unknown>> {
  const map = options.maps.outbound(terms.agreement.standard, delivery.operation);
  if (map === undefined) throw new HubError('NO_ROUTE', { message: `No map makes ${delivery.operation}` });
  const overlay = terms.overlay(`${terms.agreement.standard}-${document.type.toLowerCase()}`);
  const settings = ediTerms(terms);
  try {
    const today = localDate(options.clock.now(), options.timeZoneOf(delivery.tenantId));
    return await mapWithCrossReferences(tx, terms.agreement.partner, today, (lookup) => {
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
