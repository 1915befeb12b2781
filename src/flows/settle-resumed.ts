import { type ExceptionCode, listExceptions } from '../exceptions/index.ts';
import { loadMessageStates } from '../exchange/index.ts';
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

/** Closes what stood in the way of resumed messages that have now gone through. */
export async function settleResumed(tx: Tx, hub: Hub, messageIds: readonly string[]): Promise<void> {
  const through = (await loadMessageStates(tx, messageIds)).filter(({ state }) => state !== 'held');
  const ids: string[] = [];
  for (const { id: messageId } of through) {
    const { rows } = await listExceptions(tx, { messageId, state: 'open', includeSnoozed: true }, { limit: 100 });
    ids.push(...rows.filter((row) => TRANSLATION_CODES.has(row.code)).map((row) => row.id));
  }
  if (ids.length === 0) return;
  await settleExceptions(tx, hub, { ids, resolution: 'The message has been translated', by: 'hub' });
}
