import { HubError, type Tx } from '../platform/index.ts';
import type { DeliveryRow } from '../queue/index.ts';
import { loadMessages, loadMessageStates } from './message.ts';

/** A delivery, as far as it can be told from it what it is about. */
export type StockSubject = Pick<DeliveryRow, 'operation' | 'payload'>;

const aboutStock = /^(availability|inventory|stock)\./;

/** Documents that tell of stock or change it, in both standards: availability, sales of others, receipts, adjustments. */
const stockTypes = ['846', '852', '861', '867', '944', '947', 'INVRPT', 'SLSRPT', 'RECADV'];

/** The same in the bytes of an interchange that nobody has been able to split: ST01, UNH S009 0065. */
const inBytes =
  /\bST[^A-Za-z0-9\s](?:846|852|861|867|944|947)\b|\bUNH[^A-Za-z0-9][^']{1,40}?\b(?:INVRPT|SLSRPT|RECADV)\b/;

/** Ids at a time. */
const pageSize = 1_000;

/**
 * True when sending one of these again tells stock elsewhere (a figure for a channel, a report to a partner) or changes it
 * here (a message that adjusts it): a second person has to agree to that.
 */
export async function touchesStock(tx: Tx, subjects: readonly StockSubject[]): Promise<boolean> {
  if (subjects.some((one) => one.payload.entity?.kind === 'availability' || aboutStock.test(one.operation)))
    return true;
  const documents = subjects.flatMap(({ payload: { entity } }) => (entity?.kind === 'document' ? [entity.id] : []));
  for (const ids of pagesOf(documents)) {
    const [found] = await tx.query(stockDocuments, [ids, stockTypes]);
    if (found !== undefined) return true;
  }
  const inbound = subjects.filter((one) => one.operation === 'message.translate');
  for (const ids of pagesOf(inbound.flatMap((one) => one.payload.messageId ?? []))) {
    if (await messagesTouchStock(tx, ids)) return true;
  }
  return false;
}

const stockDocuments = {
  name: 'exchange-stock-documents',
  text: 'SELECT 1 FROM document WHERE id = ANY ($1::uuid[]) AND type = ANY ($2::text[]) LIMIT 1',
};
const typesOfMessages = {
  name: 'exchange-types-of-messages',
  text: 'SELECT DISTINCT message_id, type FROM document WHERE message_id = ANY ($1::uuid[])',
};

/** The same of messages as they came in, however far they were read. */
export async function messagesTouchStock(tx: Tx, ids: readonly string[]): Promise<boolean> {
  const messages = await loadMessageStates(tx, ids);
  if (messages.some(({ topic = '' }) => aboutStock.test(topic) || stockTypes.includes(topic))) return true;
  const rows = await tx.query<{ message_id: string; type: string }>(typesOfMessages, [ids]);
  if (rows.some(({ type }) => stockTypes.includes(type))) return true;
  // Neither a topic nor a document: it could not be read so far, and its bytes have to tell.
  const split = new Set(rows.map((row) => row.message_id));
  for (const { id, topic } of messages) {
    if (topic !== undefined || split.has(id)) continue;
    const bytes = (await loadMessages(tx, [id])).get(id)?.bytes;
    if (bytes !== undefined && inBytes.test(Buffer.from(bytes).toString('latin1'))) return true;
  }
  return false;
}

function pagesOf(ids: readonly string[]): string[][] {
  const pages: string[][] = [];
  for (let index = 0; index < ids.length; index += pageSize) pages.push(ids.slice(index, index + pageSize));
  return pages;
}

/**
 * For deeds that one person does alone.
 * @throws HubError ACTION_NOT_ALLOWED for a delivery that touches stock
 */
export async function refuseStock(tx: Tx, subject: StockSubject, state?: string): Promise<void> {
  if (!(await touchesStock(tx, [subject]))) return;
  const first = state === 'outcome_unknown' ? 'say that it arrived, which sends nothing, and then plan it' : 'plan it';
  throw new HubError('ACTION_NOT_ALLOWED', {
    message: `It touches stock, so a second person has to agree: ${first} with POST /v1/replays (Replays in the console, crossdock replay with --key or --exception)`,
  });
}
