import { listExceptions, type NewException } from '../exceptions/index.ts';
import { loadLocations } from '../inventory/index.ts';
import type {
  CanonicalSchemaName,
  InventoryReport,
  Location,
  ReceivingAdvice,
  StockAdjustment,
} from '../model/index.ts';
import type { AdmittedDocument } from '../exchange/index.ts';
import type { Terms } from '../partners/index.ts';
import { isHubError, localDate, type Tx } from '../platform/index.ts';
import type { Applied, Translated } from './apply-results.ts';
import {
  applyAdjustment,
  applyReceipt,
  applyReport,
  type DocumentOfWarehouse,
  type Outcome,
} from './apply-stock-document.ts';
import { findStockItems } from './find-stock-items.ts';
import { findStockLocation, isProblem } from './find-stock-location.ts';
import type { Hub } from './flow.ts';
import { raiseExceptions, settleExceptions } from './raise-exceptions.ts';
import { spanOf } from './spans-of-time.ts';
import type { StockProblem } from './stock-problem.ts';

/** The document of a trading partner that something was translated from. */
export interface DocumentOrigin {
  readonly id: string;
  readonly type: string;
  readonly control: string;
  /** See `AdmittedDocument`. */
  readonly controls: string;
  readonly written: AdmittedDocument['written'];
  readonly terms: Terms;
}

/** Documents by which a warehouse tells of stock that it keeps for us. */
const tellsOfStock: readonly string[] = ['944', '947', '846', 'INVRPT', 'RECADV'];

/** By which customers tell of goods that are theirs. */
const tellsOfOthers: readonly string[] = ['861', '852', '867', 'SLSRPT'];

/** Lines of one document; what is longer is asked for in parts. */
const linesMax = 10_000;

type StockDocument = ReceivingAdvice | StockAdjustment | InventoryReport;

interface Work {
  readonly item: Translated;
  readonly origin: DocumentOrigin;
  readonly schema: CanonicalSchemaName;
  readonly value: StockDocument;
}

/**
 * Applies what warehouses that work by EDI tell of the stock they keep: documents under the agreement of one of our locations.
 * Documents under any other agreement are a partner's own stock and stay documents. All of a document is applied or nothing; what
 * cannot be understood is put before people, and the document waits for them.
 */
export async function applyWarehouseDocuments(
  tx: Tx,
  hub: Hub,
  items: readonly Translated[],
): Promise<Map<Translated, Applied>> {
  const applied = new Map<Translated, Applied>();
  const works = items.flatMap(workOf);
  if (works.length === 0) return applied;
  const locations = [...(await loadLocations(tx)).values()].map(({ value }) => value);
  const agreements = new Set(locations.flatMap(({ agreement }) => agreement ?? []));
  for (const work of works) {
    const { terms, type } = work.origin;
    if (!agreements.has(terms.agreement.id)) continue;
    const passed = reasonToPass(type, terms);
    if (passed !== undefined) {
      applied.set(work.item, { state: 'translated', reason: passed });
      continue;
    }
    const problems: StockProblem[] = [];
    const outcome = await applyOne(tx, hub, locations, work, problems);
    await tellProblems(tx, hub, work, problems);
    const [first] = problems;
    applied.set(
      work.item,
      first === undefined ? { state: 'translated', ...outcome } : { state: 'held', reason: causeOf(work, first) },
    );
  }
  return applied;
}

/** Why a document of a warehouse is left as it is. */
function reasonToPass(type: string, { agreement }: Terms): string | undefined {
  if (agreement.usage === 'test') return 'A test: it changes no stock';
  if (!tellsOfOthers.includes(type)) return undefined;
  return `${type} changes no stock: a warehouse tells of it by ${tellsOfStock.join(', ')}`;
}

function workOf(item: Translated): Work[] {
  const { origin } = item;
  if (origin === undefined || ![...tellsOfStock, ...tellsOfOthers].includes(origin.type)) return [];
  return item.results.flatMap((result) =>
    result.kind === 'document' ? [{ item, origin, schema: result.schema, value: result.value as StockDocument }] : [],
  );
}

async function applyOne(
  tx: Tx,
  hub: Hub,
  locations: readonly Location[],
  work: Work,
  problems: StockProblem[],
): Promise<Outcome | undefined> {
  const { origin, value, item } = work;
  const { agreement, timeZone } = origin.terms;
  if (value.lines.length > linesMax) {
    const text = `it has ${value.lines.length} lines, of which ${linesMax} are taken at most; have it sent in parts`;
    problems.push({ code: 'MAP_FAILED', subject: 'lines', text });
    return undefined;
  }
  const today = localDate(hub.clock.now(), hub.timeZone);
  const { partner } = agreement;
  const named = value.warehouse;
  const location = await findStockLocation(tx, locations, { agreement: agreement.id, partner, today, named });
  if (isProblem(location)) problems.push(location);
  const found = await findStockItems(tx, partner, today, value.lines, problems);
  const { message, correlationId } = item;
  const document: DocumentOfWarehouse = {
    location: isProblem(location) ? '' : location.code,
    origin,
    messageId: message.id,
    receivedAt: new Date(message.receivedAt),
    timeZone,
    written: origin.written && spanOf(origin.written.date, origin.written.time, timeZone),
    cause: { correlationId, ...(message.traceparent && { traceparent: message.traceparent }), partner },
  };
  const ready = (): boolean => problems.length === 0;
  try {
    if (work.schema === 'receiving-advice') {
      return await applyReceipt(tx, hub, document, value as ReceivingAdvice, found, ready);
    }
    if (work.schema === 'stock-adjustment') {
      return await applyAdjustment(tx, hub, document, value as StockAdjustment, found, ready);
    }
    return await applyReport(tx, hub, document, value as InventoryReport, found, problems);
  } catch (error) {
    if (!isHubError(error) || error.disposition !== 'reject') throw error;
    problems.push({ code: 'MAP_FAILED', subject: error.code, text: error.message, data: { code: error.code } });
    return undefined;
  }
}

function causeOf({ origin }: Work, { text }: StockProblem): string {
  return `${origin.type} ${origin.control} from ${origin.terms.agreement.partner}: ${text}`;
}

/** Exceptions of one document; the rest shows once these are settled. */
const mostProblems = 20;

/** What stands in the way now is put before people, and what did before and does no more is closed. */
async function tellProblems(tx: Tx, hub: Hub, work: Work, problems: readonly StockProblem[]): Promise<void> {
  const { item, origin } = work;
  const prefix = `stock:${origin.id}:`;
  const keyOf = ({ code, subject }: StockProblem): string => `${prefix}${code}:${subject}`.slice(0, 400);
  const told = problems.slice(0, mostProblems);
  const keys = new Set(told.map(keyOf));
  const { rows } = await listExceptions(tx, { messageId: item.message.id, state: 'open' }, { limit: 200 });
  const over = rows.filter(({ dedupeKey }) => dedupeKey.startsWith(prefix) && !keys.has(dedupeKey));
  if (over.length > 0) {
    await settleExceptions(tx, hub, { ids: over.map(({ id }) => id), resolution: 'It is known now', by: 'hub' });
  }
  await raiseExceptions(
    tx,
    hub,
    told.map(
      (problem): NewException => ({
        code: problem.code,
        dedupeKey: keyOf(problem),
        entityRefs: [
          { kind: 'message', id: item.message.id },
          { kind: 'document', id: origin.id },
        ],
        correlationId: item.correlationId,
        messageId: item.message.id,
        cause: causeOf(work, problem),
        ...(problem.suggestedFix !== undefined && { suggestedFix: problem.suggestedFix }),
        data: { ...problem.data, documentType: origin.type, partner: origin.terms.agreement.partner },
      }),
    ),
  );
}
