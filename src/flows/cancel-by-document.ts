import { listExceptions, type NewException } from '../exceptions/index.ts';
import { listDocuments, plannedKeys } from '../exchange/index.ts';
import {
  dropReleaseLines,
  findFulfillments,
  type FulfillmentRecord,
  loadFulfillmentRecords,
  progressOf,
} from '../fulfillment/index.ts';
import { isPositiveDecimal } from '../model/index.ts';
import type { FactResult } from '../orders/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import type { Act } from './act-on-exception.ts';
import type { IncomingFact } from './apply-facts.ts';
import { announceCancels, confirmCancels } from './confirm-cancels.ts';
import type { Hub } from './flow.ts';
import { type PlannedDocument, sendDocuments } from './plan-document.ts';
import { raiseExceptions, settleExceptions } from './raise-exceptions.ts';
import { releaseDocument, unroutedKey, wayTo } from './send-releases.ts';
import { rejectedKey } from './settle-releases.ts';

/*
 * Taking a release back from a warehouse that works by EDI. X12 has no answer to a 940 that cancels: a 997 says that it could
 * be read, and not that anybody stopped picking. So the release stays with the warehouse, and its stock reserved, until the
 * warehouse tells by 945 what became of it, or a person who has asked says so.
 */

/** How far an order's releases by EDI have come, where their status does not say. */
export async function ediReleases(
  tx: Tx,
  records: readonly FulfillmentRecord[],
): Promise<{ underway: FulfillmentRecord[]; stranded: FulfillmentRecord[] }> {
  const underway: FulfillmentRecord[] = [];
  const stranded: FulfillmentRecord[] = [];
  for (const record of records) {
    const { status, id } = record.order;
    if (record.agreement === undefined || (status !== 'created' && status !== 'rejected')) continue;
    // A refused one is released again by a person alone; of one that found no way there is no document.
    const documents =
      status === 'created'
        ? await listDocuments(tx, { direction: 'out', entity: { kind: 'fulfillment', id }, limit: 1 })
        : [];
    (documents.length === 0 ? stranded : underway).push(record);
  }
  return { underway, stranded };
}

/** Takes cancelled lines out of releases that no warehouse has. Answers those that are cancelled as a whole. */
export function takeBack(
  tx: Tx,
  stranded: readonly FulfillmentRecord[],
  parts: readonly { line: { lineNo: number }; atOnce: string }[],
): Promise<FulfillmentRecord[]> {
  const lineNos = parts.filter(({ atOnce }) => isPositiveDecimal(atOnce)).map(({ line }) => line.lineNo);
  const touched = stranded.filter(({ order }) => order.lines.some((line) => lineNos.includes(line.lineNo)));
  return dropReleaseLines(
    tx,
    touched.map(({ order }) => ({ id: order.id, lineNos })),
  );
}

/** Gives up documents that were never sent, about releases that nobody wants any more: retried, they would still ship. */
export async function discardUnsent(
  tx: Tx,
  hub: Hub,
  records: readonly FulfillmentRecord[],
  by: { reason: string; actor: string },
): Promise<void> {
  for (const { order } of records) {
    const entity = { kind: 'fulfillment', id: order.id };
    const documents = new Set((await listDocuments(tx, { direction: 'out', entity })).map(({ id }) => id));
    const { rows } = await listExceptions(tx, { orderId: order.orderId, state: 'open' }, { limit: mostExceptions });
    const settled: string[] = [];
    for (const { id, deliveryId } of rows) {
      if (documents.size === 0 || deliveryId === undefined) continue;
      const { state, payload } = await hub.deliveries.get(tx, deliveryId);
      if (!documents.has(payload.entity?.id ?? '') || (state !== 'dead' && state !== 'held')) continue;
      await hub.deliveries.discard(tx, deliveryId, by);
      settled.push(id);
    }
    const resolution = `Cancelled: ${by.reason}`;
    if (settled.length > 0) await settleExceptions(tx, hub, { ids: settled, resolution, by: by.actor });
  }
}

const mostExceptions = 100;

/** What is open about a release that nobody has to send any more. */
export const releaseKeys = ({ order }: FulfillmentRecord): string[] => [unroutedKey(order.id), rejectedKey(order.id)];

const askedKey = (fulfillmentId: string): string => `cancel-asked:${fulfillmentId}`;
const documentKey = (fulfillmentId: string): string => `940-cancel:${fulfillmentId}`;

/** Asks warehouses by EDI for releases, once each, and a person to see that they answer. */
export async function askByDocument(tx: Tx, hub: Hub, records: readonly FulfillmentRecord[]): Promise<void> {
  const documents: PlannedDocument[] = [];
  const exceptions: NewException[] = [];
  for (const record of records) {
    const { order } = record;
    const way = await wayTo(tx, hub, order.location, record.agreement!);
    exceptions.push(unconfirmed(record, way.obstacle?.cause));
    if (way.obstacle !== undefined) continue;
    const canonical = { ...order, purpose: 'cancel' };
    const named = { dedupeKey: documentKey(order.id), canonical, naturalKey: `${order.fulfillmentNo}-cancel` };
    documents.push(releaseDocument(record, way.terms, 'release.cancel', named));
  }
  await sendDocuments(tx, hub, documents);
  await raiseExceptions(tx, hub, exceptions);
}

function unconfirmed({ order, correlationId }: FulfillmentRecord, obstacle: string | undefined): NewException {
  const { location, fulfillmentNo } = order;
  return {
    code: 'CANCEL_UNCONFIRMED',
    dedupeKey: askedKey(order.id),
    entityRefs: [
      { kind: 'order', id: order.orderId, label: order.orderNo },
      { kind: 'location', id: location, label: location },
    ],
    orderId: order.orderId,
    correlationId,
    cause:
      obstacle === undefined
        ? `${location} was asked by EDI to give release ${fulfillmentNo} back, and has not told what became of it.`
        : `${location} has to give release ${fulfillmentNo} back and cannot be asked by EDI: ${obstacle}.`,
    data: { fulfillmentId: order.id, fulfillmentNo, location },
  };
}

/** A person has it from the warehouse that the release will not ship. */
export async function confirmCancelled(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const record = await askedRelease(tx, act);
  await confirmCancels(tx, hub, [record]);
  await settleExceptions(tx, hub, { ids: [act.record.id], resolution: `Cancelled: ${act.reason}`, by: act.actor });
  return [`What ${record.order.location} had not shipped of release ${record.order.fulfillmentNo} is cancelled`];
}

/** A person has it from the warehouse that the release will ship. */
export async function leaveWithWarehouse(hub: Hub, tx: Tx, act: Act): Promise<string[]> {
  const record = await askedRelease(tx, act);
  await settleExceptions(tx, hub, { ids: [act.record.id], resolution: `Too late: ${act.reason}`, by: act.actor });
  await raiseExceptions(tx, hub, [tooLate(record, 'already works on')]);
  return [`Release ${record.order.fulfillmentNo} stays with ${record.order.location}`];
}

async function askedRelease(tx: Tx, { record: { data } }: Act): Promise<FulfillmentRecord> {
  const { fulfillmentId } = data;
  const [record] = typeof fulfillmentId === 'string' ? await loadFulfillmentRecords(tx, { ids: [fulfillmentId] }) : [];
  if (record === undefined) throw new HubError('ACTION_NOT_ALLOWED', { message: 'The release is no longer kept' });
  return record;
}

/** The warehouse has shipped what it was asked to give back: that is its answer. */
export async function answerByShipment(tx: Tx, hub: Hub, fulfillmentIds: readonly string[]): Promise<void> {
  if (fulfillmentIds.length === 0) return;
  const answered = await settleExceptions(tx, hub, {
    dedupeKeys: fulfillmentIds.map(askedKey),
    resolution: 'The warehouse has shipped it',
    by: 'hub',
  });
  if (answered.length === 0) return;
  const ids = answered.flatMap(({ data }) => (typeof data.fulfillmentId === 'string' ? [data.fulfillmentId] : []));
  const records = await loadFulfillmentRecords(tx, { ids });
  await raiseExceptions(
    tx,
    hub,
    records.map((record) => tooLate(record, 'has shipped of')),
  );
}

export function tooLate(
  { order, correlationId }: FulfillmentRecord,
  what: 'already works on' | 'has shipped of',
): NewException {
  const { location, fulfillmentNo } = order;
  return {
    code: 'CANCEL_TOO_LATE',
    dedupeKey: `cancel-refused:${order.id}`,
    entityRefs: [{ kind: 'order', id: order.orderId, label: order.orderNo }],
    orderId: order.orderId,
    correlationId,
    cause:
      what === 'already works on'
        ? `${location} already works on release ${fulfillmentNo} and keeps it.`
        : `${location} has shipped of release ${fulfillmentNo}, which it was asked to give back.`,
    data: { fulfillmentNo, location },
  };
}

/**
 * Of a release that was asked back, nobody wants what does not come: that is cancelled, and neither looked for at another site
 * nor backordered.
 */
export async function readAsAnswers(tx: Tx, facts: readonly IncomingFact[]): Promise<IncomingFact[]> {
  const numbers = facts.flatMap(({ kind, fulfillmentNo }) =>
    kind === 'short' && fulfillmentNo !== undefined ? [fulfillmentNo] : [],
  );
  if (numbers.length === 0) return [...facts];
  const refs = await findFulfillments(tx, numbers);
  const asked = await plannedKeys(
    tx,
    [...refs.values()].map((ref) => documentKey(ref.id)),
  );
  return facts.map((fact) => {
    const ref = fact.kind === 'short' ? refs.get(fact.fulfillmentNo ?? '') : undefined;
    return ref !== undefined && asked.has(documentKey(ref.id)) ? { ...fact, kind: 'cancelled' } : fact;
  });
}

/** A warehouse by EDI says what it has cancelled: the ERP hears of it, and what was asked of it is answered. */
export async function followAnswers(
  tx: Tx,
  hub: Hub,
  facts: readonly IncomingFact[],
  { changes, orders }: FactResult,
): Promise<void> {
  const cancelled = new Set(changes.filter(({ kind }) => kind === 'cancelled').map(({ orderId }) => orderId));
  if (cancelled.size === 0) return;
  const numbers = facts.flatMap(({ kind, fulfillmentNo }) =>
    kind === 'cancelled' && fulfillmentNo !== undefined ? [fulfillmentNo] : [],
  );
  const refs = [...(await findFulfillments(tx, numbers)).values()].filter(({ orderId }) => cancelled.has(orderId));
  const records = await loadFulfillmentRecords(tx, { ids: refs.map(({ id }) => id) });
  const byEdi = records.filter(({ agreement }) => agreement !== undefined);
  if (byEdi.length === 0) return;
  const ids = new Set(byEdi.map(({ order }) => order.orderId));
  await announceCancels(
    tx,
    hub,
    [...orders.values()].filter(({ id }) => ids.has(id)),
  );
  const answered = await settleExceptions(tx, hub, {
    dedupeKeys: byEdi.filter(({ order }) => order.status === 'cancelled').map(({ order }) => askedKey(order.id)),
    resolution: 'The warehouse has cancelled it',
    by: 'hub',
  });
  const asked = new Set(answered.map(({ data }) => data.fulfillmentId));
  const others = byEdi.filter(({ order }) => !asked.has(order.id));
  await tellUnasked(tx, hub, others, changes);
}

/** What a warehouse cancels of its own accord is news to everybody. */
async function tellUnasked(
  tx: Tx,
  hub: Hub,
  records: readonly FulfillmentRecord[],
  changes: FactResult['changes'],
): Promise<void> {
  const asked = await plannedKeys(
    tx,
    records.map(({ order }) => documentKey(order.id)),
  );
  const unasked = records.filter(({ order }) => !asked.has(documentKey(order.id)));
  await raiseExceptions(
    tx,
    hub,
    unasked.flatMap(({ order, correlationId, progress }): NewException[] => {
      const lines = order.lines.flatMap(({ lineNo, sku, uom }) => {
        const moved = changes.some((each) => each.orderId === order.orderId && each.lineNo === lineNo);
        const quantity = moved ? progressOf(progress, lineNo, 'cancelled') : '0';
        return isPositiveDecimal(quantity) ? [{ lineNo, sku, quantity, uom }] : [];
      });
      if (lines.length === 0) return [];
      const named = lines.map(({ lineNo, sku, quantity, uom }) => `${quantity} ${uom} of ${sku} (line ${lineNo})`);
      return [
        {
          code: 'CANCELLED_BY_WAREHOUSE',
          dedupeKey: `cancelled-by-warehouse:${order.id}`,
          entityRefs: [
            { kind: 'order', id: order.orderId, label: order.orderNo },
            { kind: 'location', id: order.location, label: order.location },
          ],
          orderId: order.orderId,
          correlationId,
          cause: `${order.location} says that it has cancelled ${named.join(', ')} of release ${order.fulfillmentNo}, which nobody asked for.`,
          data: { fulfillmentNo: order.fulfillmentNo, location: order.location, lines },
        },
      ];
    }),
  );
}
