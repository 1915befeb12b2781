import { type ExceptionRecord, listExceptions } from '../exceptions/index.ts';
import { type Document, getMessage, listDocuments, listMessages, type StoredMessage } from '../exchange/index.ts';
import type { HubEvent } from '../events/index.ts';
import { listInvoices } from '../invoicing/index.ts';
import type { SalesOrder } from '../model/index.ts';
import { listComments, loadOrders, type OrderComment } from '../orders/index.ts';
import { instantText, type Tx, uuidv7TimeMs } from '../platform/index.ts';
import { namesOfActors } from '../security/index.ts';
import type { AttemptView, Connection, DeliveryDetail } from '../queue/index.ts';
import type { OperationsServices } from './operations-services.ts';
import { type EventFacts, wordsOfEvent } from './event-words.ts';
import { describeDocument, describeMessage, describeOperation, titleOfRole } from './timeline-words.ts';

export type Tone = 'ok' | 'info' | 'waiting' | 'warning' | 'failed';

export interface TimelineEntry {
  id: string;
  lane: string;
  at: string;
  endedAt?: string;
  kind: 'event' | 'message' | 'document' | 'delivery' | 'attempt' | 'exception' | 'comment';
  title: string;
  detail?: string;
  code?: string;
  tone: Tone;
  direction?: 'in' | 'out';
  state?: string;
  refs: Partial<
    Record<
      | 'eventId'
      | 'messageId'
      | 'documentId'
      | 'deliveryId'
      | 'attemptId'
      | 'exceptionId'
      | 'fulfillmentOrderId'
      | 'shipmentId'
      | 'invoiceId',
      string
    >
  >;
}

export interface TimelineLane {
  id: string;
  title: string;
  kind: 'hub' | 'erp' | 'wms' | 'carrier' | 'storefront' | 'edi' | 'api' | 'other';
}

export interface OrderTimeline {
  orderId: string;
  orderNo: string;
  correlationId: string;
  lanes: TimelineLane[];
  entries: TimelineEntry[];
  truncated: boolean;
}

const mostEntries = 2000;
const mostOfAKind = 500;
/** Deliveries whose attempts are read one by one; an order has about a dozen. */
const mostDetailed = 60;

/**
 * Everything that happened to one order, oldest first, with one lane per system that took part. Read from the ledger
 * alone: events, messages and their documents, deliveries with their attempts, exceptions, and what people said.
 * @returns undefined when the tenant has no such order
 */
export async function orderTimeline(
  tx: Tx,
  services: OperationsServices,
  orderId: string,
): Promise<OrderTimeline | undefined> {
  const order = (await loadOrders(tx, [orderId])).get(orderId);
  if (order === undefined) return undefined;
  const { correlationId, orderNo } = order;
  const lanes = createLanes(await services.connections.list(tx), order);
  const events = await services.events.list(tx, { orderId, limit: 1000 });
  const messages = await messagesOf(tx, order);
  const documents = await documentsOf(tx, order);
  const deliveries = await deliveriesOf(tx, services, order);
  const { rows: exceptions } = await listExceptions(tx, { orderId }, { limit: mostOfAKind });
  const comments = await listComments(tx, orderId);
  const invoices = await listInvoices(tx, { orderIds: [orderId], limit: mostOfAKind });
  const people = await namesOfActors(tx, events.flatMap(actorsOf));
  const facts = { order, people, invoices: new Map(invoices.map((invoice) => [invoice.id, invoice])) };
  // That one was opened is told by the exception itself, as long as it is listed.
  const listed = new Set(exceptions.map(({ id }) => id));
  const heard = events.filter(({ type, entity }) => type !== 'ops.exception.opened' || !listed.has(entity.id));
  // What was sent for a delivery is told by the delivery, which leads to the message.
  const told = new Set(deliveries.map(messageOf));
  const partnerOf = new Map(documents.map(({ id, partner }) => [id, partner]));
  const entries = [
    ...heard.map((event) => eventEntry(event, facts)),
    ...messages.filter((message) => !told.has(message.id)).map((message) => messageEntry(message, lanes)),
    ...documents.map((document) => documentEntry(document, lanes)),
    ...deliveries.flatMap((delivery) => deliveryEntries(delivery, laneOf(delivery, lanes, partnerOf))),
    ...exceptions.map(exceptionEntry),
    ...comments.map(commentEntry),
  ].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : 1));
  const kept = entries.slice(-mostEntries);
  const used = new Set(kept.map((entry) => entry.lane));
  return {
    orderId,
    orderNo,
    correlationId,
    lanes: lanes.all().filter((lane) => lane.id === hubLane || used.has(lane.id)),
    entries: kept,
    truncated: kept.length < entries.length,
  };
}

function actorsOf({ data }: HubEvent): string[] {
  return [data?.by, data?.actor].filter((actor) => typeof actor === 'string');
}

async function messagesOf(tx: Tx, order: SalesOrder): Promise<StoredMessage[]> {
  const found = await listMessages(tx, { correlationId: order.correlationId, limit: mostOfAKind });
  const source = order.sourceMessageId;
  if (source !== undefined && !found.some((message) => message.id === source)) {
    // The file or interchange that several orders came in by has a correlation of its own.
    const message = await getMessage(tx, source);
    if (message !== undefined) found.push(message);
  }
  return found;
}

async function documentsOf(tx: Tx, order: SalesOrder): Promise<Document[]> {
  const byOrder = await listDocuments(tx, { entity: { kind: 'order', id: order.id }, limit: mostOfAKind });
  const byTrace = await listDocuments(tx, { correlationId: order.correlationId, limit: mostOfAKind });
  return [...new Map([...byOrder, ...byTrace].map((document) => [document.id, document])).values()];
}

/** Those to outside systems, and internal ones only where something went wrong: the events tell the rest. */
async function deliveriesOf(tx: Tx, services: OperationsServices, order: SalesOrder): Promise<DeliveryDetail[]> {
  const { deliveries } = services.queue;
  const listed = await deliveries.list(tx, { correlationId: order.correlationId, limit: mostOfAKind });
  const shown = listed.filter(
    (delivery) => !delivery.destination.startsWith('flow.') || !['delivered', 'queued'].includes(delivery.state),
  );
  const detailed: DeliveryDetail[] = [];
  for (const [index, view] of shown.entries()) {
    detailed.push(index < mostDetailed ? await deliveries.get(tx, view.id) : { ...view, attemptLog: [] });
  }
  return detailed;
}

const hubLane = 'hub';

interface Lanes {
  all(): TimelineLane[];
  /** `partner`: on the other side of an EDI connection; the buyer where it is not known. */
  ofConnection(id: string | undefined, fallback: string, partner?: string): string;
  ofChannel(channel: string, partner?: string): string;
}

/**
 * One lane per system; an order's partner has one for what goes out by a connection and what came in without, and so has
 * every other partner by EDI, such as a warehouse.
 */
function createLanes(connections: readonly Connection[], order: SalesOrder): Lanes {
  const lanes = new Map<string, TimelineLane>();
  const edi: TimelineLane = { id: 'edi', title: `EDI · ${order.customerName}`, kind: 'edi' };
  const door: TimelineLane = {
    id: 'api',
    title: order.sourceMessageId === undefined ? 'API' : 'API and files',
    kind: 'api',
  };
  lanes.set(edi.id, edi);
  lanes.set(door.id, door);
  lanes.set(hubLane, { id: hubLane, title: 'Crossdock', kind: 'hub' });
  for (const connection of connections) {
    if (connection.role === 'edi') continue;
    const title = `${titleOfRole(connection.role)} · ${connection.id}`;
    lanes.set(connection.id, { id: connection.id, title, kind: connection.role });
  }
  const ediConnections = new Set(connections.filter(({ role }) => role === 'edi').map(({ id }) => id));
  const ofPartner = (partner: string | undefined): string => {
    if (partner === undefined || partner === order.customer) return edi.id;
    const id = `edi:${partner}`;
    if (!lanes.has(id)) lanes.set(id, { id, title: `EDI · ${partner}`, kind: 'edi' });
    return id;
  };
  return {
    all: () => [...lanes.values()],
    ofConnection(id, fallback, partner) {
      if (id === undefined) return fallback;
      if (ediConnections.has(id)) return ofPartner(partner);
      // A connection that is gone still has its history.
      if (!lanes.has(id)) lanes.set(id, { id, title: id, kind: 'other' });
      return id;
    },
    ofChannel: (channel, partner) => (channel.startsWith('edi') ? ofPartner(partner) : door.id),
  };
}

function eventEntry(event: HubEvent, facts: EventFacts): TimelineEntry {
  const refs: TimelineEntry['refs'] = { eventId: event.id };
  if (event.entity.kind === 'shipment') refs.shipmentId = event.entity.id;
  if (event.entity.kind === 'invoice') refs.invoiceId = event.entity.id;
  if (event.entity.kind === 'fulfillment') refs.fulfillmentOrderId = event.entity.id;
  return {
    id: event.id,
    lane: hubLane,
    at: event.recordedAt,
    kind: 'event',
    ...wordsOfEvent(event, facts),
    code: event.type,
    tone:
      event.type === 'edi.document.functionalAcked' && event.reason === 'rejected' ? 'failed' : toneOfEvent(event.type),
    refs,
  };
}

function toneOfEvent(type: string): Tone {
  if (/(rejected|declined|voided|shortPicked|shipping\.tracking\.exception|deadLettered|delivery\.failed)$/.test(type))
    return 'failed';
  if (/(held|mismatched|backordered|partiallyAllocated|cancelled|overdue|duplicate)$/.test(type)) return 'warning';
  return /(received|requested|opened)$/i.test(type) ? 'info' : 'ok';
}

function messageEntry(message: StoredMessage, lanes: Lanes): TimelineEntry {
  const { direction, topic, channel, state, partner } = message;
  const tone: Tone = ['refused', 'rejected', 'failed'].includes(state)
    ? 'failed'
    : ['held', 'duplicate'].includes(state)
      ? 'warning'
      : 'info';
  const name = describeMessage(message);
  return {
    id: message.id,
    lane: lanes.ofConnection(message.connection, lanes.ofChannel(channel, partner), partner),
    at: message.receivedAt,
    kind: 'message',
    title: direction === 'in' ? `${name} received` : `${name} stored for sending`,
    detail: message.reason ?? `${message.contentType}, ${message.byteSize} bytes`,
    ...(topic === undefined ? {} : { code: topic }),
    tone,
    direction,
    state,
    refs: { messageId: message.id, ...(message.deliveryId === undefined ? {} : { deliveryId: message.deliveryId }) },
  };
}

function documentEntry(document: Document, lanes: Lanes): TimelineEntry {
  const { type, direction, state, verdict, ackState, partner } = document;
  const failed = state === 'rejected' || state === 'failed' || verdict === 'rejected' || ackState === 'rejected';
  const warned =
    state === 'held' || state === 'duplicate' || verdict === 'accepted_with_errors' || ackState === 'overdue';
  const facts = [
    document.control === '' ? undefined : `control ${document.control}`,
    verdict?.replaceAll('_', ' '),
    ackState === 'none' ? undefined : `acknowledgment ${ackState.replaceAll('_', ' ')}`,
    document.reason,
  ].filter((fact) => fact !== undefined);
  return {
    id: document.id,
    lane: lanes.ofChannel('edi', partner),
    at: document.recordedAt,
    ...(document.settledAt === undefined ? {} : { endedAt: document.settledAt }),
    kind: 'document',
    title: `${describeDocument(type)} ${direction === 'in' ? 'from' : 'to'} ${partner ?? 'the partner'}`,
    ...(facts.length === 0 ? {} : { detail: facts.join(', ') }),
    code: type,
    tone: failed ? 'failed' : warned ? 'warning' : 'ok',
    direction,
    state,
    refs: { documentId: document.id, ...(document.messageId === undefined ? {} : { messageId: document.messageId }) },
  };
}

const toneOfState: Readonly<Record<string, Tone>> = {
  delivered: 'ok',
  queued: 'waiting',
  in_flight: 'waiting',
  retry_wait: 'warning',
  outcome_unknown: 'warning',
  held: 'warning',
  dead: 'failed',
  discarded: 'info',
};

function laneOf({ destination, payload }: DeliveryDetail, lanes: Lanes, partnerOf: Map<string, string | undefined>) {
  if (destination.startsWith('flow.')) return hubLane;
  return lanes.ofConnection(destination, hubLane, partnerOf.get(payload.entity?.id ?? ''));
}

function deliveryEntries(delivery: DeliveryDetail, lane: string): TimelineEntry[] {
  const done = delivery.state === 'delivered' || delivery.state === 'dead' || delivery.state === 'discarded';
  const messageId = messageOf(delivery);
  const detail =
    delivery.lastError ?? (delivery.outsideId === undefined ? undefined : `known there as ${delivery.outsideId}`);
  const entry: TimelineEntry = {
    id: delivery.id,
    lane,
    // By its id, as events: the row's own time is when its transaction began, before what had to happen first.
    at: instantText(new Date(uuidv7TimeMs(delivery.id))),
    ...(done && delivery.updatedAt !== undefined ? { endedAt: delivery.updatedAt.toISOString() } : {}),
    kind: 'delivery',
    title: describeOperation(delivery.operation),
    ...(detail === undefined ? {} : { detail }),
    code: delivery.operation,
    tone: toneOfState[delivery.state] ?? 'info',
    direction: 'out',
    state: delivery.state,
    refs: { deliveryId: delivery.id, ...(messageId === undefined ? {} : { messageId }) },
  };
  return [entry, ...delivery.attemptLog.map((attempt) => attemptEntry(attempt, delivery, lane))];
}

/** The message that carries the delivery's payload: rendered for it, or what it is about. */
function messageOf(delivery: DeliveryDetail): string | undefined {
  return delivery.outputMessageId ?? delivery.payload.messageId;
}

function attemptEntry(attempt: AttemptView, delivery: DeliveryDetail, lane: string): TimelineEntry {
  const good = attempt.state === 'confirmed';
  const open = attempt.state === 'intent';
  const what = attempt.kind === 'lookup' ? 'Look-up' : `Attempt ${attempt.attempt}`;
  return {
    id: attempt.id,
    lane,
    at: attempt.startedAt.toISOString(),
    ...(attempt.endedAt === undefined ? {} : { endedAt: attempt.endedAt.toISOString() }),
    kind: 'attempt',
    title: `${what}: ${describeOperation(delivery.operation)}`,
    detail: `${attempt.state.replaceAll('_', ' ')}${attempt.durationMs === undefined ? '' : ` after ${Math.round(attempt.durationMs)} ms`}`,
    code: delivery.operation,
    tone: good ? 'ok' : open ? 'waiting' : attempt.state === 'rejected' ? 'failed' : 'warning',
    direction: 'out',
    state: attempt.state,
    refs: { deliveryId: delivery.id, attemptId: attempt.id },
  };
}

function exceptionEntry(exception: ExceptionRecord): TimelineEntry {
  const resolved = exception.state === 'resolved';
  return {
    id: exception.id,
    lane: hubLane,
    at: exception.openedAt.toISOString(),
    ...(exception.resolvedAt === undefined ? {} : { endedAt: exception.resolvedAt.toISOString() }),
    kind: 'exception',
    title: exception.title,
    detail: resolved ? `${exception.cause} — ${exception.resolution ?? 'resolved'}` : exception.cause,
    code: exception.code,
    // Somebody wanted it so: nothing has failed.
    tone: resolved ? 'ok' : exception.severity === 'low' || exception.code === 'MANUAL_HOLD' ? 'warning' : 'failed',
    state: exception.state,
    refs: { exceptionId: exception.id },
  };
}

function commentEntry({ id, text, author, authorName, writtenAt }: OrderComment): TimelineEntry {
  return {
    id,
    lane: hubLane,
    at: writtenAt.toISOString(),
    kind: 'comment',
    title: `Comment by ${authorName}`,
    detail: text,
    code: author,
    tone: 'info',
    refs: {},
  };
}
