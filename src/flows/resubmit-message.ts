import { type ExceptionCode, type ExceptionRecord, linkOutcomes, listExceptions } from '../exceptions/index.ts';
import {
  changeDocuments,
  changeMessages,
  getMessage,
  listDocuments,
  listMessages,
  loadMessageStates,
  messagesTouchStock,
  receive,
  type StoredMessage,
} from '../exchange/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import { flowDestination, type Hub } from './flow.ts';
import { raiseExceptions, settleExceptions } from './raise-exceptions.ts';

export interface Resubmission {
  /** The message whose payload was edited. */
  parentId: string;
  bytes: Uint8Array;
  reason: string;
  actor: string;
  traceparent?: string;
}

export interface Resubmitted {
  readonly id: string;
  readonly parentId: string;
  /** In which a second person approves it; absent: it is being translated. */
  readonly exceptionId?: string;
}

/** A payload that went through is not edited; what was refused to its sender at once was answered, and is sent again. */
const editable: ReadonlySet<string> = new Set(['held', 'rejected', 'ignored', 'processed']);

/**
 * Takes in an edited payload as a message of its own, the child of the one that it corrects, and has it translated. The
 * parent's bytes stay as they came; the parent is superseded, so that nothing works it any more, and its exceptions close
 * when the child (or a child of the child) has gone through. What tells of stock, before or after the edit, waits for a second
 * person: the figures are then somebody's here, and not those of whoever counted.
 * @throws HubError NOT_FOUND, ACTION_NOT_ALLOWED, CONFLICT (it was edited before: edit the child)
 */
export async function resubmitMessage(tx: Tx, hub: Hub, edit: Resubmission): Promise<Resubmitted> {
  // Two people who edit at once take turns; the second one meets the child of the first.
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('resubmit:' || $1, 0))", [edit.parentId]);
  const parent = await getMessage(tx, edit.parentId);
  if (parent === undefined) throw new HubError('NOT_FOUND');
  await refuseUneditable(tx, parent);
  const { channel, connector, connection, partner, doorPartner, topic, contentType, fileName, traceparent, test } =
    parent;
  const [received] = await receive(tx, [
    {
      channel,
      ...(connector === undefined ? {} : { connector }),
      ...(connection === undefined ? {} : { connection }),
      ...(partner === undefined ? {} : { partner }),
      ...(topic === undefined ? {} : { topic }),
      contentType,
      ...(fileName === undefined ? {} : { fileName }),
      bytes: edit.bytes,
      // One thread with its parent, so that both show on one timeline.
      correlationId: parent.correlationId,
      traceparent: edit.traceparent ?? traceparent,
      actor: edit.actor,
      test,
      inReplyTo: parent.id,
      ...(doorPartner === undefined ? {} : { doorPartner }),
    },
  ]);
  const id = (received as { id: string }).id;
  await supersede(tx, hub, parent, { id, actor: edit.actor });
  if (await messagesTouchStock(tx, [parent.id, id])) {
    return { id, parentId: parent.id, exceptionId: await propose(tx, hub, parent, { ...edit, id }) };
  }
  await translateEdited(tx, hub, { ...parent, id });
  return { id, parentId: parent.id };
}

async function translateEdited(
  tx: Tx,
  hub: Hub,
  { id, correlationId, traceparent }: Pick<StoredMessage, 'id' | 'correlationId' | 'traceparent'>,
): Promise<void> {
  await hub.enqueue(tx, [
    {
      destination: flowDestination('translate-message'),
      key: id,
      operation: 'message.translate',
      payload: { kind: 'message', entity: { kind: 'message', id }, messageId: id, data: { resubmitted: true } },
      correlationId,
      ...(traceparent === undefined ? {} : { traceparent }),
    },
  ]);
}

const proposalKey = (id: string): string => `RESUBMISSION_PROPOSED:${id}`;

async function propose(
  tx: Tx,
  hub: Hub,
  parent: StoredMessage,
  { id, actor, reason }: { id: string; actor: string; reason: string },
): Promise<string> {
  await changeMessages(tx, [
    { id, state: 'held', reason: 'A second person has to approve what was edited about stock' },
  ]);
  const [exceptionId] = await raiseExceptions(tx, hub, [
    {
      code: 'RESUBMISSION_PROPOSED',
      dedupeKey: proposalKey(id),
      entityRefs: [
        { kind: 'message', id, ...(parent.fileName === undefined ? {} : { label: parent.fileName }) },
        { kind: 'message', id: parent.id, label: 'as it came in' },
      ],
      correlationId: parent.correlationId,
      messageId: id,
      cause: `A message about stock was edited by hand: ${reason}`,
      data: { proposedBy: actor },
    },
  ]);
  return exceptionId!;
}

/**
 * A second person agrees to an edited message about stock: now it is translated.
 * @returns its id
 * @throws HubError FORBIDDEN (whoever edited it), ACTION_NOT_ALLOWED (it waits no longer)
 */
export async function approveResubmission(
  tx: Tx,
  hub: Hub,
  record: ExceptionRecord,
  by: { actor: string; reason: string },
): Promise<string> {
  if (record.data.proposedBy === by.actor)
    throw new HubError('FORBIDDEN', { message: 'Whoever edited it cannot approve it: a second person has to' });
  const [child] = await loadMessageStates(tx, record.messageId === undefined ? [] : [record.messageId]);
  if (child?.state !== 'held') throw new HubError('ACTION_NOT_ALLOWED', { message: 'The message waits for nothing' });
  await changeMessages(tx, [{ id: child.id, state: 'received', reason: by.reason }]);
  await translateEdited(tx, hub, child);
  const resolution = `Approved: ${by.reason}`;
  await settleExceptions(tx, hub, { ids: [record.id], resolution, by: by.actor });
  return child.id;
}

async function refuseUneditable(tx: Tx, parent: StoredMessage): Promise<void> {
  const refuse = (message: string): never => {
    throw new HubError('ACTION_NOT_ALLOWED', { message });
  };
  if (parent.direction !== 'in') refuse('Only what came in is edited; what goes out is rendered anew by a replay');
  if (!parent.channel.startsWith('edi') && parent.channel !== 'webhook')
    refuse('Its sender was told at once and has to send it again');
  const [child] = await listMessages(tx, { inReplyTo: parent.id, direction: 'in', limit: 1 });
  if (child !== undefined)
    throw new HubError('CONFLICT', { message: `It was edited before: message ${child.id} took its place` });
  if (!editable.has(parent.state)) refuse(`The message is ${parent.state}`);
  if (parent.state !== 'processed') return;
  const { rows } = await listExceptions(tx, { messageId: parent.id, state: 'open' }, { limit: 1 });
  if (rows.length === 0) refuse('The message has gone through; nothing about it waits for anybody');
}

async function supersede(tx: Tx, hub: Hub, parent: StoredMessage, child: { id: string; actor: string }): Promise<void> {
  const reason = `Edited and sent in again as ${child.id}`;
  await changeMessages(tx, [{ id: parent.id, state: 'superseded', reason }]);
  // What it proposed itself is proposed no longer.
  await settleExceptions(tx, hub, { dedupeKeys: [proposalKey(parent.id)], resolution: reason, by: child.actor });
  const documents = await listDocuments(tx, { messageIds: [parent.id], direction: 'in', state: 'held' });
  await changeDocuments(
    tx,
    documents.map(({ id }) => ({ id, state: 'ignored' as const, reason })),
  );
}

/** What an edit can have put right. Exceptions about orders, money or systems have causes elsewhere. */
const EDITED_CODES: ReadonlySet<ExceptionCode> = new Set<ExceptionCode>([
  'UNKNOWN_PARTNER',
  'UNKNOWN_CUSTOMER',
  'UNKNOWN_ITEM',
  'UOM_UNKNOWN',
  'UOM_INEXACT',
  'QUANTITY_INVALID',
  'MONEY_INVALID',
  'INVALID_INPUT',
  'XREF_MISSING',
  'MAP_FAILED',
  'EDI_REJECTED',
  'EDI_UNREADABLE',
  'EDI_TOO_LARGE',
  'SENDER_MISMATCH',
  'TRANSLATION_ENDED_HUB',
  'CONFLICTING_DUPLICATE',
  'TEST_IN_PRODUCTION',
  'NO_ROUTE',
]);
const generationsMax = 50;

/** Closes the exceptions of the parents of edited messages that have now gone through. */
export async function settleResubmitted(tx: Tx, hub: Hub, messageIds: readonly string[]): Promise<void> {
  for (const child of await loadMessageStates(tx, messageIds)) {
    if (child.state !== 'processed' && child.state !== 'duplicate') continue;
    let parentId = child.inReplyTo;
    for (let generation = 0; parentId !== undefined && generation < generationsMax; generation++) {
      const parent = await getMessage(tx, parentId);
      if (parent?.direction !== 'in') break;
      const { rows } = await listExceptions(tx, { messageId: parentId, state: 'open' }, { limit: 200 });
      const ids = rows.filter((row) => EDITED_CODES.has(row.code)).map((row) => row.id);
      const resolution = `The edited message ${child.id} has gone through`;
      const refs = [{ kind: 'message', id: child.id }];
      if (ids.length > 0) await settleExceptions(tx, hub, { ids, resolution, by: child.actor ?? 'hub' });
      await linkOutcomes(
        tx,
        ids.map((id) => ({ id, refs })),
      );
      parentId = parent.inReplyTo;
    }
  }
}
