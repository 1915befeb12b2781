import type { NewException } from '../exceptions/index.ts';
import {
  changeMessages,
  loadBytes,
  loadForTranslation,
  type MessageChange,
  type StoredMessage,
} from '../exchange/index.ts';
import { indexMaps, type InboundResult } from '../maps/index.ts';
import { mapWithCrossReferences } from '../partners/index.ts';
import { localDate, type Tx } from '../platform/index.ts';
import { type Applied, applyResults, type Translated } from './apply-results.ts';
import { faultOfInput, mapFailed, misfitOf } from './check-results.ts';
import { countTriesOf, holdEndless } from './count-tries.ts';
import { defineFlow, type FlowInput, type Hub } from './flow.ts';
import { raiseExceptions } from './raise-exceptions.ts';
import { settleResubmitted } from './resubmit-message.ts';
import { settleResumed } from './settle-resumed.ts';
import { translateInterchanges } from './translate-interchanges.ts';

type Message = StoredMessage & { bytes: Uint8Array };

const maps = indexMaps();

/**
 * Turns stored messages into what the business knows: webhooks through their connection's maps, EDI through the
 * agreement of its addresses. What cannot be translated leaves the message held with an exception that says what is
 * missing; fixing that and resuming works the same message again.
 */
export const translateMessage = defineFlow({
  name: 'translate-message',
  begin: countTriesOf,
  async handle(tx, batch, hub) {
    const messages = await loadForTranslation(
      tx,
      batch.map((input) => input.delivery.payload.messageId ?? ''),
    );
    const payloads: Message[] = [];
    const resumed = batch.filter(isResumed).flatMap((input) => input.delivery.payload.messageId ?? []);
    for (const input of batch) {
      const stored = messages.get(input.delivery.payload.messageId ?? '');
      // A message that was settled meanwhile, by another delivery for it, is not worked twice.
      if (stored === undefined || stored.state !== 'received') continue;
      if (await holdEndless(tx, hub, stored)) continue;
      const message: Message = { ...stored, bytes: stored.bytes ?? (await loadBytes(tx, stored.id)) };
      if (isEdi(message)) await translateInterchanges(tx, hub, message, wishesOf(input));
      else payloads.push(message);
    }
    await translatePayloads(tx, hub, payloads);
    if (resumed.length > 0) await settleResumed(tx, hub, resumed);
    const resubmitted = [...messages.values()].filter((message) => message.inReplyTo !== undefined);
    if (resubmitted.length > 0)
      await settleResubmitted(
        tx,
        hub,
        resubmitted.map(({ id }) => id),
      );
  },
});

const isResumed = ({ delivery }: FlowInput): boolean => delivery.payload.data?.resumed === true;

/** What a person has decided about the message, see `resumeMessages`. */
function wishesOf({ delivery }: FlowInput): { readmit: boolean; acceptSenders: readonly string[] } {
  const { readmit, acceptSenders } = delivery.payload.data ?? {};
  return { readmit: readmit === true, acceptSenders: Array.isArray(acceptSenders) ? acceptSenders.map(String) : [] };
}

/** By its door; bytes of unknown kind are EDI when they begin like it, after blanks and a byte-order mark. */
function isEdi(message: Message): boolean {
  if (message.channel.startsWith('edi')) return true;
  if (message.channel === 'webhook') return false;
  const start = Buffer.from(message.bytes.subarray(0, 64))
    .toString('latin1')
    .replace(/^[\s\u00ef\u00bb\u00bf]+/, '');
  return /^(ISA|UNA|UNB)/.test(start);
}

/** JSON payloads of connections, all of a batch at once. */
async function translatePayloads(tx: Tx, hub: Hub, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  const translated: Translated[] = [];
  const changes: MessageChange[] = [];
  const problems: NewException[] = [];
  for (const message of messages) {
    const mapped = await mapPayload(tx, hub, message);
    if ('results' in mapped) translated.push(mapped);
    else {
      changes.push({ id: message.id, state: mapped.state, reason: mapped.problem.cause });
      problems.push(mapped.problem);
    }
  }
  const applied = await applyResults(tx, hub, translated);
  for (const [index, item] of translated.entries()) changes.push(changeOf(item, applied[index] as Applied));
  await changeMessages(tx, changes);
  await raiseExceptions(tx, hub, problems);
}

function changeOf({ message }: Translated, applied: Applied): MessageChange {
  const { state, reason, correlationId } = applied;
  return { id: message.id, state: state === 'translated' ? 'processed' : state, reason, correlationId };
}

interface Unmapped {
  state: 'held' | 'ignored';
  problem: NewException;
}

async function mapPayload(tx: Tx, hub: Hub, message: Message): Promise<Translated | Unmapped> {
  const connection = message.connection === undefined ? undefined : hub.connection(message.connection);
  const connector = message.connector ?? connection?.type;
  const map = connector === undefined ? undefined : maps.inbound(connector, message.topic ?? '');
  if (map === undefined) return noRoute(message, connector);
  let native: unknown;
  try {
    native = JSON.parse(Buffer.from(message.bytes).toString('utf8'));
  } catch {
    return unmappable(message, 'MALFORMED_JSON', 'The payload is no JSON');
  }
  const source = message.connection ?? connector ?? message.channel;
  try {
    const today = localDate(hub.clock.now(), hub.timeZone);
    const results = await mapWithCrossReferences(tx, source, today, (lookup): InboundResult[] =>
      map.map(native, {
        source,
        settings: connection?.settings ?? {},
        receivedAt: message.receivedAt,
        lookup,
      }),
    );
    const misfit = misfitOf(results);
    if (misfit !== undefined) return unmappable(message, 'RESULT_INVALID', misfit.text, misfit.path);
    return { message, correlationId: message.correlationId, results };
  } catch (error) {
    const fault = faultOfInput(error);
    if (fault === undefined) throw error;
    return unmappable(message, fault.code, fault.message, fault.path);
  }
}

function noRoute(message: Message, connector: string | undefined): Unmapped {
  const what = `${connector ?? message.channel}${message.topic === undefined ? '' : ` ${message.topic}`}`;
  return {
    // Nothing here can be done again until the hub itself learns this topic.
    state: 'ignored',
    problem: {
      code: 'NO_ROUTE',
      dedupeKey: `no-route:${what}`,
      entityRefs: [{ kind: 'message', id: message.id }],
      correlationId: message.correlationId,
      messageId: message.id,
      cause: `No map is declared for ${what}.`,
    },
  };
}

const unmappable = (message: Message, code: string, text: string, path?: string): Unmapped => ({
  state: 'held',
  problem: mapFailed(message, { code, text, path }),
});
