import { deliveryEvent } from '../events/index.ts';
import {
  assignException,
  type ExceptionRecord,
  exceptionActions,
  getException,
  linkOutcomes,
  lockException,
  snoozeException,
  touchException,
} from '../exceptions/index.ts';
import { adoptDocument, changeMessages, refuseStock } from '../exchange/index.ts';
import { completeCounts } from '../inventory/index.ts';
import { isDecimal, MANUAL_HOLD, type OrderSubmission } from '../model/index.ts';
import { countInstances, lockOrders, type OrderAggregate } from '../orders/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import { nameOfActor } from '../security/index.ts';
import { approveCrossReference } from './approve-cross-reference.ts';
import { confirmCancelled, leaveWithWarehouse } from './cancel-by-document.ts';
import { cancelOrder } from './cancel-order.ts';
import { decideOrders } from './decide-orders.ts';
import { acceptReceipt } from './accept-receipt.ts';
import type { Hub } from './flow.ts';
import { releaseByHand } from './hold-by-hand.ts';
import { settleExceptions } from './raise-exceptions.ts';
import { releaseAgain } from './release-again.ts';
import { decidePrice, describeDecision, releaseHold } from './release-hold.ts';
import { approveResubmission } from './resubmit-message.ts';
import { resumeMessages } from './resume-messages.ts';
import { acceptAsAcknowledged, resendDocument } from './settle-unacknowledged.ts';
import { submitOrders } from './submit-order.ts';
import { tryAgainSoon } from './watch-breakers.ts';

/** An action on an exception, as a person asked for it. Roles and audit are the caller's. */
export interface ExceptionDeed {
  readonly exceptionId: string;
  readonly action: string;
  readonly reason: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly actor: string;
  /** If-Match; absent: whatever the version is. */
  readonly expectedVersion?: number;
}

/** A deed with what it is about. */
export interface Act extends ExceptionDeed {
  readonly record: ExceptionRecord;
}

type Perform = (hub: Hub, tx: Tx, act: Act) => Promise<string[]>;

const performers: Readonly<Record<keyof typeof exceptionActions, Perform>> = {
  release_hold: (hub, tx, act) =>
    act.record.code === MANUAL_HOLD ? releaseManual(hub, tx, act) : releaseHold(hub, tx, act),
  accept_price: decidePrice,
  approve_cross_reference: approveCrossReference,
  accept_as_new: acceptAsNew,
  accept_sender: acceptSender,
  reject,
  cancel_order: (hub, tx, act) => cancel(hub, tx, act, undefined),
  cancel_line: (hub, tx, act) => cancel(hub, tx, act, [lineOf(act)]),
  recheck,
  resume_message: resumeMessage,
  approve_resubmission: approveEdit,
  retry_delivery: retryDelivery,
  discard_delivery: discardDelivery,
  release_again: releaseAgain,
  confirm_cancelled: confirmCancelled,
  cancel_too_late: leaveWithWarehouse,
  confirm_delivered: confirmDelivered,
  complete_count: completeCount,
  accept_receipt: acceptReceipt,
  resume_destination: resumeDestination,
  try_destination: tryDestination,
  resend_document: resendDocument,
  accept_as_acknowledged: acceptAsAcknowledged,
  assign,
  snooze,
  note: () => Promise.resolve(['What the reason says is kept in its history']),
  resolve: (hub, tx, act) => settle(hub, tx, act, act.reason, 'The exception is closed'),
};

/**
 * Does what a person decided about an exception, in the caller's transaction, and answers in words what it did. A preview is
 * the same call, rolled back.
 * @throws HubError NOT_FOUND, PRECONDITION_FAILED, ACTION_NOT_ALLOWED, VALIDATION_FAILED
 */
export async function actOnException(hub: Hub, tx: Tx, deed: ExceptionDeed): Promise<{ effects: string[] }> {
  const record = await lockSubject(tx, deed);
  const action = record.allowedActions.find((allowed) => allowed === deed.action);
  if (action === undefined) {
    throw new HubError('ACTION_NOT_ALLOWED', {
      message:
        record.resolvedAt === undefined
          ? `Allowed here: ${record.allowedActions.join(', ')}`
          : 'The exception is already resolved',
    });
  }
  refuseUnknownInput(action, deed.input);
  const effects = await performers[action](hub, tx, { ...deed, record });
  // The same If-Match does nothing twice, also where what was done leaves the exception itself as it was.
  await touchException(tx, record, hub.clock.now());
  await hub.events.publish(tx, [
    {
      type: 'ops.intervention.recorded',
      entity: { kind: 'message', id: record.id },
      key: record.orderId ?? record.id,
      orderId: record.orderId,
      correlationId: record.correlationId ?? record.id,
      reason: deed.reason,
      data: { exceptionId: record.id, code: record.code, action, actor: deed.actor },
    },
  ]);
  return { effects };
}

/**
 * Flows lock orders before exceptions; so does this, or the two would deadlock. An exception that changed while its order
 * was waited for is not what the person looked at.
 */
async function lockSubject(tx: Tx, deed: ExceptionDeed): Promise<ExceptionRecord> {
  const seen = await getException(tx, deed.exceptionId);
  if (seen === undefined) throw new HubError('NOT_FOUND');
  if (seen.orderId !== undefined) await lockOrders(tx, [seen.orderId]);
  const record = (await lockException(tx, deed.exceptionId))!;
  const expected = deed.expectedVersion ?? seen.version;
  if (record.version !== expected) throw new HubError('PRECONDITION_FAILED');
  return record;
}

function refuseUnknownInput(action: keyof typeof exceptionActions, input: ExceptionDeed['input']): void {
  const known = Object.keys(exceptionActions[action].input ?? {});
  const unknown = Object.keys(input).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const takes = known.length === 0 ? 'no input' : known.map((name) => `input.${name}`).join(', ');
  throw new HubError('VALIDATION_FAILED', {
    message: `${action} takes ${takes}`,
    errors: unknown.slice(0, 50).map((name) => ({
      pointer: `/input/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      code: 'UNKNOWN_FIELD',
      message: 'is not known here',
    })),
  });
}

function textInput(act: Act, name: string): string {
  const value = act.input[name];
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  if (typeof value === 'number') return String(value);
  const message =
    exceptionActions[act.action as keyof typeof exceptionActions].input?.[name]?.description ?? 'is needed';
  throw new HubError('VALIDATION_FAILED', {
    message: `${act.action} needs input.${name}: ${message}`,
    errors: [{ pointer: `/input/${name}`, code: 'REQUIRED', message }],
  });
}

function orderOf({ record }: Act): string {
  if (record.orderId !== undefined) return record.orderId;
  throw new HubError('ACTION_NOT_ALLOWED', { message: 'The exception is not about an order' });
}

function lineOf({ record }: Act): number {
  const { lineNo } = record.data;
  if (typeof lineNo === 'number') return lineNo;
  throw new HubError('ACTION_NOT_ALLOWED', { message: 'The exception is not about a line' });
}

function releaseManual(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const { lineNo } = act.record.data;
  const places = [typeof lineNo === 'number' ? { lineNo } : {}];
  return releaseByHand(hub, tx, { orderId: orderOf(act), reason: act.reason, actor: act.actor, places });
}

async function settle(hub: Hub, tx: Tx, act: Act, resolution: string, effect: string): Promise<string[]> {
  await settleExceptions(tx, hub, { ids: [act.record.id], resolution, by: act.actor });
  return [effect];
}

async function acceptAsNew(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const submission = act.record.data.submission as OrderSubmission | undefined;
  if (submission?.customerPo === undefined) {
    throw new HubError('ACTION_NOT_ALLOWED', { message: 'What was submitted is not at hand' });
  }
  const { customer, customerPo, release } = submission;
  const instance = (await countInstances(tx, { customer, customerPo, release })) + 1;
  const { record } = act;
  const { data } = record;
  const own = typeof data.correlationId === 'string' ? data.correlationId : record.correlationId;
  const correlationId = own ?? record.id;
  const [result] = await submitOrders(tx, hub, [
    { submission, correlationId, actor: act.actor, sourceMessageId: act.record.messageId, instance },
  ]);
  if (result?.outcome !== 'created') {
    throw new HubError('CONFLICT', { message: `It cannot be taken in as it is: ${messageOf(result)}` });
  }
  const { messageId } = act.record;
  // A partner is answered for the document that this order now stands for.
  if (messageId !== undefined) await adoptDocument(tx, { messageId, customerPo, orderId: result.order.id });
  const { id, orderNo } = result.order;
  await settle(hub, tx, act, `Accepted as order ${orderNo}`, '');
  await linkOutcomes(tx, [{ id: act.record.id, refs: [{ kind: 'order', id, label: orderNo }] }]);
  return [`Purchase order ${customerPo} becomes one more order, ${orderNo} (instance ${instance})`];
}

function messageOf(result: { message?: string } | undefined): string {
  return result !== undefined && 'message' in result ? (result.message ?? '') : '';
}

async function reject(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const { record } = act;
  if (record.code === 'TEST_IN_PRODUCTION' && record.orderId !== undefined) return cancel(hub, tx, act, undefined);
  if (record.messageId !== undefined && record.orderId === undefined) {
    await changeMessages(tx, [{ id: record.messageId, state: 'rejected', reason: act.reason }]);
  }
  return settle(hub, tx, act, `Rejected: ${act.reason}`, 'It is refused for good, and nothing else changes');
}

async function cancel(hub: Hub, tx: Tx, act: Act, lines: number[] | undefined): Promise<string[]> {
  const orderId = orderOf(act);
  await cancelOrder(hub, tx, { orderId, lines, reason: act.reason, actor: act.actor });
  await settleExceptions(tx, hub, { ids: [act.record.id], resolution: `Cancelled: ${act.reason}`, by: act.actor });
  const aggregate = (await lockOrders(tx, [orderId])).get(orderId)!;
  return [describeCancel(aggregate, lines)];
}

function describeCancel({ order }: OrderAggregate, lines: number[] | undefined): string {
  if (order.status.milestone === 'cancelled') return `Order ${order.orderNo} is cancelled`;
  const what = lines === undefined ? `order ${order.orderNo}` : `line ${lines.join(', ')} of order ${order.orderNo}`;
  return `What had not been released of ${what} is cancelled; the order is now ${order.status.milestone}`;
}

async function recheck(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const orderId = orderOf(act);
  const orders = await decideOrders(tx, hub, [orderId], { by: act.actor });
  const aggregate = orders.get(orderId)!;
  // A notice, or a hold that went another way, is closed by the check itself.
  return describeDecision([aggregate]);
}

async function resumeMessage(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const { messageId, data } = act.record;
  if (messageId === undefined || data.resumable === false) {
    throw new HubError('ACTION_NOT_ALLOWED', {
      message: 'Its sender was told at once and has to send it again; nothing is kept waiting here',
    });
  }
  const resumed = await resumeMessages(tx, hub, [messageId], { reason: act.reason, readmit: true });
  if (resumed.length === 0) throw new HubError('ACTION_NOT_ALLOWED', { message: 'The message waits for nothing' });
  return [`Message ${messageId} is translated again, with the data as it is now`];
}

async function approveEdit(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const { record, actor, reason } = act;
  const id = await approveResubmission(tx, hub, record, { actor, reason });
  return [`Message ${id} is translated in the place of the one that it corrects`];
}

async function acceptSender(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const { messageId, data } = act.record;
  const { partner, doorPartner } = data;
  if (messageId === undefined || typeof partner !== 'string') throw new HubError('ACTION_NOT_ALLOWED');
  const resumed = await resumeMessages(tx, hub, [messageId], { reason: act.reason, acceptSenders: [partner] });
  if (resumed.length === 0) throw new HubError('ACTION_NOT_ALLOWED', { message: 'The message waits for nothing' });
  const effect = `What message ${messageId} holds of ${partner} is taken in, though it came by the door of ${String(doorPartner)}`;
  return settle(hub, tx, act, `Accepted as ${partner}: ${act.reason}`, effect);
}

function deliveryOf({ record }: Act): string {
  if (record.deliveryId !== undefined) return record.deliveryId;
  throw new HubError('ACTION_NOT_ALLOWED', { message: 'The exception is not about a delivery' });
}

async function retryDelivery(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const id = deliveryOf(act);
  const by = { reason: act.reason, actor: act.actor };
  const delivery = await hub.deliveries.get(tx, id);
  const { state } = delivery;
  await refuseStock(tx, delivery, state);
  if (state === 'outcome_unknown') await hub.deliveries.resolveUnknown(tx, id, 'resend', by);
  else if (state === 'held') await hub.deliveries.release(tx, id, by);
  else await hub.deliveries.replay(tx, id, by);
  const data = { stateBefore: state, by: act.actor };
  await hub.events.publish(tx, deliveryEvent('ops.delivery.replayed', delivery, { reason: act.reason, data }));
  return settle(hub, tx, act, 'Retried', 'The same delivery is queued again in its place, under the same key');
}

async function discardDelivery(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  await hub.deliveries.discard(tx, deliveryOf(act), { reason: act.reason, actor: act.actor });
  return settle(hub, tx, act, 'Discarded', 'The delivery is given up; what waited behind it goes on');
}

async function confirmDelivered(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const outsideId = textInput(act, 'outsideId');
  const by = { reason: act.reason, actor: act.actor, outsideId };
  await hub.deliveries.resolveUnknown(tx, deliveryOf(act), 'confirmed', by);
  return settle(
    hub,
    tx,
    act,
    `Confirmed as ${outsideId}`,
    `The destination has it as ${outsideId}; nothing is sent again`,
  );
}

async function completeCount(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const counted = textInput(act, 'counted');
  const { record } = act;
  const { data } = record;
  if (!isDecimal(counted) || typeof data.countTaskId !== 'string') {
    throw new HubError('VALIDATION_FAILED', {
      errors: [{ pointer: '/input/counted', code: 'DECIMAL', message: 'must be a decimal number' }],
    });
  }
  const now = hub.clock.now();
  const [done] = await completeCounts(tx, [{ taskId: data.countTaskId, counted, actor: act.actor }], now);
  const { sku, location, restored, writtenOff } = done!;
  await hub.events.publish(tx, [
    {
      type: 'inventory.stock.counted',
      entity: { kind: 'availability', id: sku },
      key: `${sku}@${location}`,
      orderId: record.orderId,
      correlationId: record.correlationId ?? record.id,
      reason: act.reason,
      data: { sku, location, restored, writtenOff, by: act.actor },
    },
  ]);
  const effect = `${restored} ${sku} at ${location} are back on sale, ${writtenOff} are written off`;
  return settle(hub, tx, act, `Counted ${counted}`, effect);
}

async function resumeDestination(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const { destination } = act.record.data;
  if (typeof destination !== 'string') throw new HubError('ACTION_NOT_ALLOWED');
  await hub.destinations.resume(tx, destination);
  return [`${destination} is worked again; the exception closes when something gets through`];
}

async function tryDestination(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const { destination } = act.record.data;
  if (typeof destination !== 'string') throw new HubError('ACTION_NOT_ALLOWED');
  const released = await tryAgainSoon(tx, hub, destination, { actor: act.actor, reason: act.reason });
  return [
    `${destination} is probed within seconds`,
    ...(released === 0 ? [] : [`${released} held deliveries go out again; the exception closes when one gets through`]),
  ];
}

async function assign(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const who = assigneeOf(act);
  const { id, code, orderId, correlationId } = act.record;
  const { ownerRole } = await assignException(tx, { id, assignee: who }, hub.clock.now());
  await hub.events.publish(tx, [
    {
      type: 'ops.exception.assigned',
      entity: { kind: 'message', id },
      key: orderId ?? id,
      orderId,
      correlationId: correlationId ?? id,
      reason: act.reason,
      data: { exceptionId: id, code, ownerRole, ...(who === null ? {} : { assignee: who }), by: act.actor },
    },
  ]);
  return [`${who === null ? 'Nobody' : await nameOfActor(tx, who)} looks after it`];
}

function assigneeOf({ input: { assignee }, actor }: Act): string | null {
  const named = typeof assignee === 'string' ? assignee.trim() : '';
  if (named === 'none') return null;
  return named === '' || named === 'me' ? actor : named;
}

async function snooze(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const until = new Date(textInput(act, 'until'));
  const now = hub.clock.now();
  if (Number.isNaN(until.getTime()) || until <= now) {
    throw new HubError('VALIDATION_FAILED', {
      errors: [{ pointer: '/input/until', code: 'FUTURE', message: 'must be an instant in the future' }],
    });
  }
  await snoozeException(tx, { id: act.record.id, until }, now);
  return [`It is hidden until ${until.toISOString()}`];
}
