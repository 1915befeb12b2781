import { loadItems } from '../catalog/index.ts';
import type { EventType, NewEvent } from '../events/index.ts';
import type { NewException } from '../exceptions/index.ts';
import {
  type FactKind,
  type FulfillmentRecord,
  type FulfillmentRef,
  findFulfillments,
  loadFulfillmentRecords,
  type ProgressChange,
  type ProgressFact,
  progressOf,
  recordProgress,
} from '../fulfillment/index.ts';
import { recordPicked } from '../inventory/index.ts';
import {
  compareDecimals,
  convertToBase,
  type FulfillmentFact,
  maxDecimal,
  minDecimal,
  subtractDecimals,
} from '../model/index.ts';
import {
  type FactResult,
  applyFacts as applyOrderFacts,
  type OrderAggregate,
  type OrderFact,
} from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import { releaseStock } from './apply-stock.ts';
import { reportExcess } from './report-excess.ts';
import type { Hub } from './flow.ts';
import { type FoundLine, handleFounds } from './handle-founds.ts';
import { handleShorts, type ShortLine } from './handle-shorts.ts';
import { raiseExceptions } from './raise-exceptions.ts';

/** A fact as a door hands it over, or as the hub derives it from a report. */
export type IncomingFact = FulfillmentFact & { orderId?: string };

/**
 * Takes in what warehouses and other systems say has happened to order lines: the orders' quantities follow, fulfilment
 * orders know how far they are, picks are noted on the reservations, shorts and confirmed cancels move stock. Facts about
 * what is not known yet wait for it; one about a line or in a unit that its order does not have becomes an exception.
 * Repeated and late facts change nothing and tell nobody.
 */
export async function applyFacts(tx: Tx, hub: Hub, facts: readonly IncomingFact[]): Promise<FactResult> {
  const now = hub.clock.now();
  const refs = await findFulfillments(
    tx,
    facts.flatMap((fact) => (fact.fulfillmentNo === undefined ? [] : [fact.fulfillmentNo])),
  );
  const addressed = facts.map((fact): OrderFact => {
    const orderId = fact.orderId ?? refs.get(fact.fulfillmentNo ?? '')?.orderId;
    return orderId === undefined ? fact : { ...fact, orderId };
  });
  const result = await applyOrderFacts(tx, addressed, now);
  const records = await recordsUnderLock(tx, refs, result.orders);
  const unusable = new Set(result.unusable.map(({ fact }) => keyOf(fact)));
  const usable = addressed.filter((fact) => !unusable.has(keyOf(fact)));
  await raiseExceptions(tx, hub, [
    ...result.exceptions,
    ...result.unusable.map((each) => unusableException(each, result.orders)),
  ]);
  const changes = await recordProgress(tx, records, await progressFacts(tx, usable, refs, records));
  await followPicks(tx, changes);
  await followCancels(tx, hub, changes);
  const latest = latestFacts(usable);
  await handleShorts(tx, hub, shortLines(changes, usable), result.orders);
  await handleFounds(tx, hub, foundLines(changes, usable), result.orders);
  await reportExcess(tx, hub, result);
  await hub.events.publish(
    tx,
    changes.flatMap((change) => eventsOf(change, latest)),
  );
  return result;
}

const keyOf = (fact: IncomingFact): string =>
  JSON.stringify([fact.source, fact.document, fact.lineNo, fact.kind, fact.sequence]);

/** Nobody else would ever hear of such a fact: its order is here, so it waits for nothing. */
function unusableException(
  { fact, code }: FactResult['unusable'][number],
  orders: ReadonlyMap<string, OrderAggregate>,
): NewException {
  const { id, orderNo, document } = orders.get(fact.orderId ?? '')!;
  const sku = document.lines[fact.lineNo - 1]?.sku ?? '';
  const why = {
    UNKNOWN_LINE: `the order has no line ${fact.lineNo}`,
    UOM_UNKNOWN: `${sku} has no unit ${fact.uom}`,
    UOM_INEXACT: `that does not come out even in units of ${sku}`,
    QUANTITY_INVALID: 'that is more than the hub counts',
  }[code];
  return {
    code: 'ORPHAN_EVENT',
    dedupeKey: `unusable-fact:${id}:${keyOf(fact)}`,
    entityRefs: [{ kind: 'order', id, label: orderNo }],
    orderId: id,
    correlationId: document.correlationId,
    cause: `${fact.source} reported ${fact.quantity} ${fact.uom} ${fact.kind} for line ${fact.lineNo} of ${orderNo} (document ${fact.document}), but ${why}.`,
    suggestedFix:
      code === 'UNKNOWN_LINE'
        ? 'Ask the source which line it means, and have it sent again with that line.'
        : 'Correct the units of the item, or ask the source for another unit; then have it sent again.',
    data: { reason: code, fact },
  };
}

async function recordsUnderLock(
  tx: Tx,
  refs: ReadonlyMap<string, FulfillmentRef>,
  orders: ReadonlyMap<string, OrderAggregate>,
): Promise<FulfillmentRecord[]> {
  const ids = [...refs.values()].filter((ref) => orders.has(ref.orderId)).map((ref) => ref.id);
  return ids.length === 0 ? [] : loadFulfillmentRecords(tx, { ids });
}

/** Facts in base units, per fulfilment order. */
async function progressFacts(
  tx: Tx,
  facts: readonly IncomingFact[],
  refs: ReadonlyMap<string, FulfillmentRef>,
  records: readonly FulfillmentRecord[],
): Promise<(ProgressFact & { fulfillmentId: string })[]> {
  const byId = new Map(records.map((record) => [record.order.id, record]));
  const located = facts.flatMap((fact) => {
    const record = byId.get(refs.get(fact.fulfillmentNo ?? '')?.id ?? '');
    const line = record?.order.lines.find((each) => each.lineNo === fact.lineNo);
    return record === undefined || line === undefined ? [] : [{ fact, line, fulfillmentId: record.order.id }];
  });
  const foreign = located.filter(({ fact, line }) => fact.uom !== line.uom).map(({ line }) => line.sku);
  const items = foreign.length === 0 ? undefined : await loadItems(tx, [...new Set(foreign)]);
  return located.flatMap(({ fact, line, fulfillmentId }) => {
    const { lineNo, kind, source, document, sequence } = fact;
    const item = items?.get(line.sku)?.value;
    const converted =
      fact.uom === line.uom
        ? { ok: true as const, base: fact.quantity }
        : item && convertToBase(item, { value: fact.quantity, uom: fact.uom });
    if (converted?.ok !== true) return [];
    return [{ lineNo, kind, source, document, sequence, quantity: converted.base, fulfillmentId }];
  });
}

/** By how much a kind's total of a line went up. */
function increase(change: ProgressChange, lineNo: number, kind: FactKind): string {
  const after = progressOf(change.after.progress, lineNo, kind);
  const before = progressOf(change.before.progress, lineNo, kind);
  return compareDecimals(after, before) > 0 ? subtractDecimals(after, before) : '0';
}

async function followPicks(tx: Tx, changes: readonly ProgressChange[]): Promise<void> {
  const picks = changes.flatMap((change) =>
    change.after.order.lines
      .filter((line) => increase(change, line.lineNo, 'picked') !== '0')
      .map((line) => ({
        fulfillmentId: change.after.order.id,
        lineNo: line.lineNo,
        picked: progressOf(change.after.progress, line.lineNo, 'picked'),
      })),
  );
  await recordPicked(tx, picks);
}

/** A cancel that the warehouse confirmed gives its stock back. */
async function followCancels(tx: Tx, hub: Hub, changes: readonly ProgressChange[]): Promise<void> {
  const releases = changes.flatMap((change) =>
    change.after.order.lines
      .map((line) => ({ line, quantity: increase(change, line.lineNo, 'cancelled') }))
      .filter(({ quantity }) => quantity !== '0')
      .map(({ line, quantity }) => ({
        orderId: change.after.order.orderId,
        lineNo: line.lineNo,
        fulfillmentId: change.after.order.id,
        quantity,
        leaveQueue: false,
        reason: 'cancelled',
      })),
  );
  const threads = new Map(changes.map(({ after }) => [after.order.orderId, after.correlationId]));
  await releaseStock(tx, hub, releases, ({ orderId }) => ({ correlationId: threads.get(orderId!)! }));
}

type FulfillmentLine = FulfillmentRecord['order']['lines'][number];

/** What is missing of a line at its site: what was reported short, unless it has left the site all the same. */
function missingAt({ progress }: FulfillmentRecord, { lineNo, quantity }: FulfillmentLine): string {
  const unshipped = subtractDecimals(quantity, progressOf(progress, lineNo, 'shipped'));
  return maxDecimal('0', minDecimal(progressOf(progress, lineNo, 'short'), unshipped));
}

/** The lines of which more (`sign` 1) or less (-1) is missing than before, with the last fact about each. */
function movedShorts(changes: readonly ProgressChange[], facts: readonly IncomingFact[], sign: 1 | -1) {
  return changes.flatMap((change) =>
    change.after.order.lines.flatMap((line) => {
      const [before, after] = [missingAt(change.before, line), missingAt(change.after, line)];
      const quantity = sign === 1 ? subtractDecimals(after, before) : subtractDecimals(before, after);
      if (compareDecimals(quantity, '0') <= 0) return [];
      const kinds: readonly FactKind[] = sign === 1 ? ['short'] : ['short', 'shipped'];
      const fact = facts.findLast(
        (each) =>
          kinds.includes(each.kind) &&
          each.lineNo === line.lineNo &&
          each.fulfillmentNo === change.after.order.fulfillmentNo,
      );
      const occurredAt = new Date(fact?.occurredAt ?? change.after.createdAt);
      return [{ change, line, quantity, fact, source: fact?.source ?? 'wms', occurredAt }];
    }),
  );
}

function shortLines(changes: readonly ProgressChange[], facts: readonly IncomingFact[]): ShortLine[] {
  return movedShorts(changes, facts, 1).map(({ change, line, quantity, fact, source, occurredAt }) => ({
    record: change.after,
    lineNo: line.lineNo,
    sku: line.sku,
    uom: line.uom,
    quantity,
    totalShort: progressOf(change.after.progress, line.lineNo, 'short'),
    sequence: fact?.sequence ?? 0,
    source,
    reason: fact?.reason ?? 'shortPick',
    occurredAt,
  }));
}

function foundLines(changes: readonly ProgressChange[], facts: readonly IncomingFact[]): FoundLine[] {
  return movedShorts(changes, facts, -1).map(({ change, line, quantity, source, occurredAt }) => ({
    record: change.after,
    lineNo: line.lineNo,
    sku: line.sku,
    quantity,
    source,
    occurredAt,
  }));
}

const eventOfKind: Partial<Record<FactKind, EventType>> = {
  released: 'fulfillment.order.acknowledged',
  picked: 'fulfillment.order.picked',
  packed: 'fulfillment.order.packed',
  short: 'fulfillment.order.shortPicked',
};

/** The last fact of each kind by fulfilment order. */
function latestFacts(facts: readonly IncomingFact[]): Map<string, IncomingFact> {
  return new Map(facts.map((fact) => [`${fact.fulfillmentNo} ${fact.kind}`, fact]));
}

function eventsOf(change: ProgressChange, latest: ReadonlyMap<string, IncomingFact>): NewEvent[] {
  const { order, correlationId, traceparent } = change.after;
  return Object.entries(eventOfKind).flatMap(([kind, type]): NewEvent[] => {
    const lines = order.lines
      .map((line) => ({
        lineNo: line.lineNo,
        sku: line.sku,
        quantity: increase(change, line.lineNo, kind as FactKind),
      }))
      .filter((line) => line.quantity !== '0');
    // The hub's own release needs no acknowledgment from itself.
    const fact = latest.get(`${order.fulfillmentNo} ${kind}`);
    if (lines.length === 0 || fact?.source === 'hub') return [];
    return [
      {
        type,
        entity: { kind: 'fulfillment', id: order.id },
        key: order.orderId,
        orderId: order.orderId,
        correlationId,
        ...(traceparent === undefined ? {} : { traceparent }),
        ...(fact === undefined ? {} : { occurredAt: fact.occurredAt }),
        data: { fulfillmentNo: order.fulfillmentNo, location: order.location, lines },
      },
    ];
  });
}
