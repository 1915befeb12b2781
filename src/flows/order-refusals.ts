import type { NewEvent } from '../events/index.ts';
import { type ExceptionCode, exceptionCatalog, linkOutcomes, type NewException } from '../exceptions/index.ts';
import { contentHash, type SalesOrder } from '../model/index.ts';
import type { InsertResult, JudgeContext, Judgement, OrderDocument } from '../orders/index.ts';
import type { ErrorCode, Tx } from '../platform/index.ts';
import type { Hub } from './flow.ts';
import { settleExceptions } from './raise-exceptions.ts';
import type { SubmitRequest } from './submit-order.ts';

/** The exception for an order that was not taken in. One per message, or for doors without one, per content. */
export function refusalException(
  request: SubmitRequest,
  context: JudgeContext,
  refusal: Extract<Judgement, { outcome: 'refused' }>,
): NewException {
  const { submission } = request;
  const code: ExceptionCode = refusal.code in exceptionCatalog ? (refusal.code as ExceptionCode) : 'INVALID_INPUT';
  // The same refusal again and again is one problem, whatever number of messages carry it.
  const subject =
    messageSubject(request) ?? `content:${contentHash([submission.customer, submission.customerPo, refusal.errors])}`;
  const po = submission.customerPo === undefined ? '' : ` (PO ${submission.customerPo})`;
  return {
    code,
    dedupeKey: `refused:${subject}:${refusal.code}`,
    entityRefs: [
      { kind: 'customer', id: submission.customer, label: submission.customer },
      ...(context.sourceMessageId === undefined ? [] : [{ kind: 'message', id: context.sourceMessageId }]),
    ],
    correlationId: context.correlationId,
    messageId: context.sourceMessageId,
    cause: `${refusal.message}${po}.`,
    data: {
      customer: submission.customer,
      customerPo: submission.customerPo,
      channel: submission.channel,
      errors: refusal.errors,
      ...unknownItem(request, refusal),
      // A message that was refused at a synchronous door is not worked again: its sender was told.
      resumable: request.message === undefined,
    },
  };
}

/** Names one order of a stored message, which may hold several. */
function messageSubject(request: SubmitRequest): string | undefined {
  if (request.message !== undefined || request.sourceMessageId === undefined) return undefined;
  return `message:${request.sourceMessageId}:${request.submission.customerPo ?? ''}`;
}

const refusalCodes = [
  'UNKNOWN_CUSTOMER',
  'UNKNOWN_ITEM',
  'UOM_UNKNOWN',
  'UOM_INEXACT',
  'QUANTITY_INVALID',
  'MONEY_INVALID',
  'VALIDATION_FAILED',
] as const satisfies readonly ErrorCode[];

interface TakenOrder {
  readonly request: SubmitRequest;
  readonly order: Pick<SalesOrder, 'id' | 'orderNo'>;
}

/** An order taken in from a stored message puts an end to its refusals, which then lead to it. */
export async function settleRefusals(tx: Tx, hub: Hub, taken: readonly TakenOrder[]): Promise<void> {
  const dedupeKeys = taken.flatMap(({ request }) => refusalKeys(request));
  const settled = await settleExceptions(tx, hub, { dedupeKeys, resolution: 'The order was taken in', by: 'hub' });
  await linkOutcomes(
    tx,
    settled.flatMap(({ id, dedupeKey }) => {
      const order = taken.find(({ request }) => refusalKeys(request).includes(dedupeKey))?.order;
      return order === undefined ? [] : [{ id, refs: [{ kind: 'order', id: order.id, label: order.orderNo }] }];
    }),
  );
}

/** Keys of the refusals that an order taken in from a stored message puts an end to. */
export function refusalKeys(request: SubmitRequest): string[] {
  const subject = messageSubject(request);
  return subject === undefined ? [] : refusalCodes.map((code) => `refused:${subject}:${code}`);
}

/** What a cross-reference for the unknown item would have to name. */
function unknownItem(request: SubmitRequest, refusal: Extract<Judgement, { outcome: 'refused' }>) {
  const first = refusal.errors.find((error) => error.code === 'UNKNOWN_ITEM');
  const match = /^\/lines\/(\d+)\/(\w+)$/.exec(first?.pointer ?? '');
  const line = match === null ? undefined : request.submission.lines[Number(match[1])];
  const external = line?.[match![2] as 'sku' | 'gtin' | 'buyerItem' | 'vendorItem'];
  return external === undefined ? {} : { type: 'item', external, scope: request.submission.customer };
}

/** The same purchase order again: with the same content a remark, with other content a decision that a person has to make. */
export function duplicateException(
  request: SubmitRequest,
  document: OrderDocument,
  found: Extract<InsertResult, { outcome: 'duplicate' }>,
): NewException {
  const { submission, correlationId } = request;
  const { existingId, existingOrderNo, differs } = found;
  return {
    code: differs ? 'ORDER_CHANGE_REVIEW' : 'DUPLICATE_ORDER',
    dedupeKey: differs ? `change-review:${existingId}:${document.fingerprint}` : `duplicate:${existingId}`,
    entityRefs: [{ kind: 'order', id: existingId, label: existingOrderNo }],
    // A plain repetition changes nothing about the order, so it does not mark it.
    orderId: differs ? existingId : undefined,
    correlationId,
    messageId: document.sourceMessageId,
    cause: differs
      ? `Purchase order ${submission.customerPo} of ${submission.customer} came again over ${submission.channel} with other lines than order ${existingOrderNo} has.`
      : `Purchase order ${submission.customerPo} of ${submission.customer} came again over ${submission.channel}; it is order ${existingOrderNo}.`,
    moneyAtRiskMinor: differs ? document.totals.amountMinor : undefined,
    currency: document.currency,
    data: { submission, existingId, existingOrderNo, correlationId },
  };
}

/** A customer wants an order changed, by a change document or by sending its purchase order again with other lines. */
export function changeRequestedEvent(
  orderId: string,
  from: { correlationId: string; messageId?: string; traceparent?: string; data: Record<string, unknown> },
): NewEvent {
  const { correlationId, messageId, traceparent, data } = from;
  return {
    type: 'sales.order.changeRequested',
    entity: { kind: 'order', id: orderId },
    key: orderId,
    orderId,
    correlationId,
    ...(messageId === undefined ? {} : { causationId: messageId }),
    ...(traceparent === undefined ? {} : { traceparent }),
    data: messageId === undefined ? data : { ...data, messageId },
  };
}

/** The same purchase order again, with other content: the customer seems to want it otherwise. */
export function resentEvents(
  duplicates: readonly {
    one: { request: SubmitRequest; context: JudgeContext };
    found: Extract<InsertResult, { outcome: 'duplicate' }>;
  }[],
): NewEvent[] {
  return duplicates
    .filter(({ found }) => found.differs)
    .map(({ one: { request, context }, found }) => {
      const { submission, correlationId, traceparent } = request;
      const data = { poNumber: submission.customerPo, purpose: 'replace', channel: submission.channel };
      const messageId = context.sourceMessageId;
      return changeRequestedEvent(found.existingId, { correlationId, messageId, traceparent, data });
    });
}
