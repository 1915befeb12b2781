import { createHash } from 'node:crypto';
import { listExceptions } from '../../exceptions/index.ts';
import {
  getMessage,
  listDocuments,
  listMessages,
  loadMessages,
  type MessageFilter,
  type StoredMessage,
} from '../../exchange/index.ts';
import { resubmitMessage } from '../../flows/index.ts';
import { describeMessage } from '../../operations/index.ts';
import { HubError, isUuid, type Tx } from '../../platform/index.ts';
import { recordAudit } from '../../security/index.ts';
import { pageOf, readPage } from '../cursor.ts';
import { defineRoute } from '../define-route.ts';
import { IdParams, page } from '../schemas/conventions.ts';
import { runOnce } from '../run-once.ts';
import { ResubmitBody, ResubmittedMessage } from '../schemas/replays.ts';
import { ListMessagesQuery, MessageDetail, MessageSummary } from '../schemas/traffic.ts';

const tag = 'Messages and deliveries';

/** What of a payload goes into the JSON of a message; the whole is at …/raw. */
const shownBytes = 256 * 1024;

export function viewMessage(message: StoredMessage): MessageSummary {
  const { byteSize, receivedAt, naturalKey: _, settledAt: __, tries: ___, ...rest } = message;
  return { ...rest, title: describeMessage(message), byteLength: byteSize, at: receivedAt };
}

export const listMessagesRoute = defineRoute({
  method: 'GET',
  path: '/v1/messages',
  access: 'message.read',
  tag,
  summary: 'List messages that crossed the boundary, newest first',
  query: ListMessagesQuery,
  response: page(MessageSummary),
  async handle({ query, principal }, services) {
    const { limit: _, after: __, ...filter } = query;
    const { limit, after } = readPage('messages', query, 'uuid');
    const rows = await services.db.tx(principal.tenantId, (tx) =>
      listMessages(tx, {
        ...(filter as MessageFilter),
        limit: limit + 1,
        ...(after === undefined ? {} : { before: after }),
      }),
    );
    const data = rows.slice(0, limit).map(viewMessage);
    return { body: pageOf('messages', data, rows.length > limit ? data.at(-1)?.id : undefined) };
  },
});

async function requireMessage(tx: Tx, id: string): Promise<StoredMessage> {
  const message = isUuid(id) ? await getMessage(tx, id) : undefined;
  if (message === undefined) throw new HubError('NOT_FOUND');
  return message;
}

export const getMessageRoute = defineRoute({
  method: 'GET',
  path: '/v1/messages/{id}',
  access: 'message.read',
  tag,
  summary: 'Read a message: raw, canonical and what was sent because of it',
  params: IdParams,
  response: MessageDetail,
  async handle({ params, principal }, services) {
    const body = await services.db.tx(principal.tenantId, async (tx) => {
      const message = await requireMessage(tx, params.id);
      const bytes = (await loadMessages(tx, [message.id])).get(message.id)?.bytes ?? new Uint8Array();
      const documents = await listDocuments(tx, { messageIds: [message.id], limit: 500 });
      const outputs = await listMessages(tx, { inReplyTo: message.id, direction: 'out', limit: 100 });
      const children = await listMessages(tx, { inReplyTo: message.id, direction: 'in', limit: 100 });
      const { rows } = await listExceptions(tx, { messageId: message.id }, { limit: 100 });
      return {
        ...viewMessage(message),
        raw: showRaw(bytes),
        documents: documents.map((document) => ({
          id: document.id,
          type: document.type,
          standard: document.standard,
          version: document.version,
          control: document.control,
          state: document.state,
          reason: document.reason,
          verdict: document.verdict,
          ackState: document.ackState,
          orderId: document.entityKind === 'order' ? document.entityId : undefined,
          issues: document.issues ?? [],
          canonical: document.canonical,
        })),
        outputs: outputs.map(viewMessage),
        children: children.map(viewMessage),
        exceptions: rows.map(({ id, code, cause, state }) => ({ id, code, cause, state })),
      };
    });
    return { body };
  },
});

/** Text where it is text; anything else in base64. Never interpreted: the console shows it as text. */
function showRaw(bytes: Uint8Array): MessageDetail['raw'] {
  const truncated = bytes.byteLength > shownBytes;
  const shown = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, shownBytes));
  try {
    // A character cut in half at the end of an excerpt is no reason to show the rest in base64.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(shown, { stream: truncated });
    if (!text.includes('\0')) return { text, encoding: 'utf8', truncated };
  } catch {
    // Not text.
  }
  return { text: shown.toString('base64'), encoding: 'base64', truncated };
}

export const getRawMessage = defineRoute({
  method: 'GET',
  path: '/v1/messages/{id}/raw',
  access: 'message.read',
  tag,
  summary: 'The bytes of a message as they crossed the boundary',
  params: IdParams,
  responseType: 'application/octet-stream',
  async handle({ params, principal }, services) {
    return services.db.tx(principal.tenantId, async (tx) => {
      const message = await requireMessage(tx, params.id);
      const bytes = (await loadMessages(tx, [message.id])).get(message.id)?.bytes ?? new Uint8Array();
      return {
        body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        headers: {
          // A download, whatever it claims to be: a partner's bytes are never rendered by a browser of ours.
          'content-disposition': `attachment; filename="${message.id}"`,
          'content-security-policy': "default-src 'none'; sandbox",
        },
      };
    });
  },
});

export const resubmitMessageRoute = defineRoute({
  method: 'POST',
  path: '/v1/messages/{id}/resubmit',
  access: 'message.resubmit',
  tag,
  summary: 'Send an edited copy of a message in again',
  description:
    'The copy is a message of its own, linked to the one that it corrects and translated in its place; what came in stays as it came in. The exceptions of the parent close when the copy has gone through. A copy that is about stock waits until a second person approves it, by the action `approve_resubmission` of the exception in `exceptionId`.',
  params: IdParams,
  body: ResubmitBody,
  // An edited message is as large as one that comes by a door.
  bodyLimitBytes: 10 * 1024 * 1024,
  status: 202,
  response: ResubmittedMessage,
  idempotent: true,
  problems: ['ACTION_NOT_ALLOWED', 'CONFLICT'],
  async handle(request, services) {
    const { params, body, principal, trace } = request;
    if (!isUuid(params.id)) throw new HubError('NOT_FOUND');
    const bytes = bytesOf(body);
    return runOnce(services, request, async (tx) => {
      await services.prepareTenant(principal.tenantId);
      const made = await resubmitMessage(tx, services.hub(principal.tenantId), {
        parentId: params.id,
        bytes,
        reason: body.reason,
        actor: principal.actor,
        traceparent: trace.traceparent,
      });
      await recordAudit(tx, services.clock, [
        {
          actor: principal.actor,
          action: 'message.resubmit',
          subject: { kind: 'message', id: made.parentId },
          reason: body.reason,
          detail: {
            child: made.id,
            sha256: createHash('sha256').update(bytes).digest('hex'),
            ...(made.exceptionId === undefined ? {} : { proposedIn: made.exceptionId }),
          },
        },
      ]);
      const { id: messageId, parentId, exceptionId } = made;
      return { status: 202, body: { messageId, parentId, ...(exceptionId === undefined ? {} : { exceptionId }) } };
    });
  },
});

function bytesOf({ text, base64 }: ResubmitBody): Buffer {
  if ((text === undefined) === (base64 === undefined)) {
    throw new HubError('VALIDATION_FAILED', {
      message: 'Give the edited payload as text or as base64',
      errors: [{ pointer: '/text', code: 'REQUIRED', message: 'text or base64, and not both' }],
    });
  }
  return text === undefined ? Buffer.from(base64 as string, 'base64') : Buffer.from(text, 'utf8');
}

export const messageRoutes = [listMessagesRoute, getMessageRoute, getRawMessage, resubmitMessageRoute];
