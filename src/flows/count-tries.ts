import { changeMessages, countTries, loadMessageStates, type StoredMessage } from '../exchange/index.ts';
import { type Tx, uuidv7TimeMs } from '../platform/index.ts';
import type { DeliveryRow } from '../queue/index.ts';
import type { Around, Hub } from './flow.ts';
import { raiseExceptions } from './raise-exceptions.ts';

/**
 * Counted tries that a message has. The process that took it in has had one as well, which nobody counted. So many,
 * because a hub that is killed at random moments (a node drained, a memory limit met by something else) ends over
 * innocent messages too: three times in a row came about in a hundred such deaths, eight do not.
 */
export const TRIES_MAX = 7;

/**
 * A message can end the process that translates it (by its size, by a fault of ours) and would end the next one too: its
 * transaction leaves no trace. So a process counts the messages that it finds left behind before it reads them. Those that
 * came in its own time it does not count: that would be one commit more for each batch, and they have not ended anything
 * yet. What others have counted before goes alone, so that its neighbours are not taken for it.
 */
export async function countTriesOf(batch: readonly DeliveryRow[], around: Around): Promise<'together' | 'apart'> {
  const { id, startedAtMs } = around.process;
  const left = batch
    .flatMap(({ payload }) => payload.messageId ?? [])
    .filter((messageId) => uuidv7TimeMs(messageId) < startedAtMs);
  if (left.length === 0) return 'together';
  return around.tx(async (tx) => {
    if (!around.alone) {
      const states = await loadMessageStates(tx, left);
      if (states.some(({ state, tries }) => state === 'received' && tries > 0)) return 'apart';
    }
    await countTries(tx, left, id);
    return 'together';
  });
}

/** Holds a message that has had its tries, with an exception that says so. @returns whether it did */
export async function holdEndless(tx: Tx, hub: Hub, message: StoredMessage): Promise<boolean> {
  if (message.tries <= TRIES_MAX) return false;
  const size = message.byteSize.toLocaleString('en-US');
  const cause = `The hub ended ${message.tries} times while it translated this message of ${size} bytes; it is not tried again by itself`;
  await changeMessages(tx, [{ id: message.id, state: 'held', reason: cause }]);
  await raiseExceptions(tx, hub, [
    {
      code: 'TRANSLATION_ENDED_HUB',
      dedupeKey: `TRANSLATION_ENDED_HUB:${message.id}`,
      entityRefs: [{ kind: 'message', id: message.id, ...(message.fileName ? { label: message.fileName } : {}) }],
      correlationId: message.correlationId,
      messageId: message.id,
      cause,
      data: { tries: message.tries, byteSize: message.byteSize },
    },
  ]);
  return true;
}
