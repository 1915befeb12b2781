import { type ExceptionCode, type ExceptionRecord, linkOutcomes, listExceptions } from '../exceptions/index.ts';
import { listDocuments, loadMessageStates } from '../exchange/index.ts';
import { loadOrders } from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import type { Hub } from './flow.ts';
import { settleExceptions } from './raise-exceptions.ts';

/** What keeps a message from being translated; gone when it was translated after all. */
const TRANSLATION_CODES: ReadonlySet<ExceptionCode> = new Set<ExceptionCode>([
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
  'EDI_TOO_LARGE',
  'SENDER_MISMATCH',
  'TRANSLATION_ENDED_HUB',
]);

/** Closes what stood in the way of resumed messages that have now gone through, and leads to what became of them. */
export async function settleResumed(tx: Tx, hub: Hub, messageIds: readonly string[]): Promise<void> {
  const through = (await loadMessageStates(tx, messageIds)).filter(({ state }) => state !== 'held');
  const settled: ExceptionRecord[] = [];
  for (const { id: messageId } of through) {
    const { rows } = await listExceptions(tx, { messageId, state: 'open' }, { limit: 100 });
    settled.push(...rows.filter((row) => TRANSLATION_CODES.has(row.code)));
  }
  if (settled.length === 0) return;
  const ids = settled.map(({ id }) => id);
  await settleExceptions(tx, hub, { ids, resolution: 'The message has been translated', by: 'hub' });
  await linkOutcomes(tx, await ordersOf(tx, settled));
}

/** More than anybody would look at one by one; the message leads to all of them. */
const mostLinked = 10;

/** The orders that came of what the exceptions were about: of their document where they name one, else of the message. */
async function ordersOf(tx: Tx, settled: readonly ExceptionRecord[]) {
  const messageIds = settled.flatMap(({ messageId }) => messageId ?? []);
  const documents = await listDocuments(tx, { messageIds, direction: 'in' });
  const made = documents.filter(({ entityKind, entityId }) => entityKind === 'order' && entityId !== undefined);
  const orders = await loadOrders(tx, [...new Set(made.map(({ entityId }) => entityId!))]);
  return settled.flatMap((record) => {
    const own = new Set(record.entityRefs.filter(({ kind }) => kind === 'document').map(({ id }) => id));
    const refs = made
      .filter(({ id, messageId }) => (own.size === 0 ? messageId === record.messageId : own.has(id)))
      .slice(0, mostLinked)
      .map(({ entityId }) => ({ kind: 'order', id: entityId!, label: orders.get(entityId!)?.orderNo }));
    return refs.length === 0 ? [] : [{ id: record.id, refs }];
  });
}
