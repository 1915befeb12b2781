import { loadItems } from '../catalog/index.ts';
import type { NewException } from '../exceptions/index.ts';
import {
  type UnitProblem,
  compareDecimals,
  convertToBase,
  deriveQuantities,
  FACT_KINDS,
  type Item,
  isZeroDecimal,
  type LineFactTotals,
  noFacts,
  normalizeDecimal,
  totalFacts,
} from '../model/index.ts';
import { isUuid, type Tx } from '../platform/index.ts';
import { findLineState, lineState } from './change-order.ts';
import { factKey, type IncomingFact, loadFacts, loadVoids, type StoredFact, writeFacts } from './order-facts.ts';
import { findOrderIds } from './order-queries.ts';
import { lockOrders, saveOrders } from './order-store.ts';
import type { FactResult, LineChange, OrderAggregate, OrderFact } from './orders-types.ts';
import { parkFacts } from './parked-facts.ts';

/**
 * Takes in what sources say has happened. Facts are cumulative, the highest sequence wins, and every order and repetition of
 * the same facts ends in the same state. Orders are locked, changed and saved; `changes` names the lines whose totals moved,
 * so that a repeated or late fact notifies nobody. Facts of unknown orders wait for them (`takeParkedFacts`).
 */
export async function applyFacts(tx: Tx, facts: readonly OrderFact[], now: Date): Promise<FactResult> {
  const result = nothingYet();
  const { known, unknown } = await resolveOrders(tx, facts);
  result.orders = await lockOrders(
    tx,
    known.map((fact) => fact.orderId),
  );
  for (const fact of known) if (!result.orders.has(fact.orderId)) unknown.push(fact);
  result.parked = unknown;
  await parkFacts(tx, unknown, now);
  const usable = known.filter((fact) => result.orders.has(fact.orderId));
  const incoming = await toBaseUnits(tx, usable, result);
  await mergeFacts(tx, incoming, result, now);
  return result;
}

const nothingYet = (): FactResult => ({
  orders: new Map(),
  changes: [],
  parked: [],
  duplicates: 0,
  conflicts: [],
  unusable: [],
  exceptions: [],
});

type KnownFact = OrderFact & { orderId: string };

async function resolveOrders(
  tx: Tx,
  facts: readonly OrderFact[],
): Promise<{ known: KnownFact[]; unknown: OrderFact[] }> {
  const orderNos = facts.flatMap((fact) =>
    fact.orderId === undefined && fact.orderNo !== undefined ? [fact.orderNo] : [],
  );
  const ids = orderNos.length === 0 ? new Map<string, string>() : await findOrderIds(tx, { orderNos });
  const known: KnownFact[] = [];
  const unknown: OrderFact[] = [];
  for (const fact of facts) {
    const orderId = fact.orderId ?? (fact.orderNo === undefined ? undefined : ids.get(fact.orderNo));
    if (orderId !== undefined && isUuid(orderId)) known.push({ ...fact, orderId });
    else unknown.push(fact);
  }
  return { known, unknown };
}

async function toBaseUnits(tx: Tx, facts: readonly KnownFact[], result: FactResult): Promise<IncomingFact[]> {
  const lineOf = (fact: KnownFact) => result.orders.get(fact.orderId)?.document.lines[fact.lineNo - 1];
  const foreign = facts.flatMap((fact) => {
    const line = lineOf(fact);
    return line !== undefined && fact.uom !== line.baseUom ? [line.sku] : [];
  });
  const items = foreign.length === 0 ? new Map() : await loadItems(tx, [...new Set(foreign)]);
  return facts.flatMap((fact): IncomingFact[] => {
    const line = lineOf(fact);
    if (line === undefined) {
      result.unusable.push({ fact, code: 'UNKNOWN_LINE' });
      return [];
    }
    const converted = baseQuantity(fact, line.baseUom, items.get(line.sku)?.value as Item | undefined);
    if (!converted.ok) {
      result.unusable.push({ fact, code: converted.code });
      return [];
    }
    const { orderId, source, document, lineNo, kind, fulfillmentNo, shipmentNo, sequence, occurredAt, reason } = fact;
    const quantity = converted.base;
    return [
      { orderId, source, document, lineNo, kind, fulfillmentNo, shipmentNo, sequence, occurredAt, reason, quantity },
    ];
  });
}

function baseQuantity(
  fact: OrderFact,
  baseUom: string,
  item: Item | undefined,
): { ok: true; base: string } | { ok: false; code: UnitProblem['code'] } {
  if (fact.uom === baseUom || isZeroDecimal(fact.quantity)) return { ok: true, base: normalizeDecimal(fact.quantity) };
  if (item === undefined) return { ok: false, code: 'UOM_UNKNOWN' };
  return convertToBase(item, { value: fact.quantity, uom: fact.uom });
}

/** Merges facts that belong to locked orders with what is stored, and derives the orders anew. */
async function mergeFacts(tx: Tx, incoming: readonly IncomingFact[], result: FactResult, now: Date): Promise<void> {
  if (incoming.length === 0) return;
  const touched = [...new Set(incoming.map((fact) => fact.orderId))];
  const [stored, voids] = await Promise.all([loadFacts(tx, touched), loadVoids(tx, touched)]);
  const written = new Map<string, IncomingFact>();
  for (const fact of incoming) {
    const facts = stored.get(fact.orderId)!;
    const before = facts.get(factKey(fact));
    if (before === undefined || fact.sequence > before.sequence) {
      // A correction may leave out what is known already.
      const merged = {
        ...fact,
        fulfillmentNo: fact.fulfillmentNo ?? before?.fulfillmentNo,
        shipmentNo: fact.shipmentNo ?? before?.shipmentNo,
      };
      facts.set(factKey(fact), merged);
      written.set(`${fact.orderId} ${factKey(fact)}`, merged);
    } else if (fact.sequence === before.sequence && compareDecimals(fact.quantity, before.quantity) !== 0) {
      result.conflicts.push({ ...fact, uom: uomOf(result.orders.get(fact.orderId)!, fact.lineNo) });
    } else {
      result.duplicates++;
    }
  }
  const changed = [...new Set([...written.values()].map((fact) => fact.orderId))];
  await Promise.all([
    writeFacts(tx, [...written.values()], now),
    recompute(tx, changed, { stored, voids, occurredAt: latestPerLine(written.values()) }, result, now),
  ]);
  for (const fact of result.conflicts) {
    result.exceptions.push(conflictException(fact, result.orders.get(fact.orderId!)!));
  }
}

function uomOf(aggregate: OrderAggregate, lineNo: number): string {
  return aggregate.document.lines[lineNo - 1]!.baseUom;
}

function latestPerLine(facts: Iterable<IncomingFact>): Map<string, string> {
  const latest = new Map<string, string>();
  for (const fact of facts) {
    const key = `${fact.orderId} ${fact.lineNo} ${fact.kind}`;
    const known = latest.get(key);
    if (known === undefined || fact.occurredAt > known) latest.set(key, fact.occurredAt);
  }
  return latest;
}

/** What orders are derived from, by order. */
interface KnownFacts {
  stored: Map<string, Map<string, StoredFact>>;
  voids: Map<string, Set<string>>;
  occurredAt: ReadonlyMap<string, string>;
}

async function recompute(
  tx: Tx,
  orderIds: readonly string[],
  { stored, voids, occurredAt }: KnownFacts,
  result: FactResult,
  now: Date,
): Promise<void> {
  if (orderIds.length === 0) return;
  for (const orderId of orderIds) {
    const aggregate = result.orders.get(orderId)!;
    const totals = totalFacts([...stored.get(orderId)!.values()], voids.get(orderId));
    for (const line of aggregate.document.lines) {
      const changes = replaceTotals(aggregate, line.lineNo, totals.get(line.lineNo) ?? noFacts);
      for (const change of changes) {
        const at = occurredAt.get(`${orderId} ${line.lineNo} ${change.kind}`) ?? now.toISOString();
        result.changes.push({ ...change, occurredAt: at });
      }
      if (changes.length > 0 && isCancelTooLate(aggregate, line.lineNo))
        result.exceptions.push(tooLateException(aggregate, line.lineNo));
    }
  }
  await saveOrders(
    tx,
    orderIds.map((id) => result.orders.get(id)!),
    now,
  );
}

function replaceTotals(
  aggregate: OrderAggregate,
  lineNo: number,
  totals: Readonly<LineFactTotals>,
): Omit<LineChange, 'occurredAt'>[] {
  const before: LineFactTotals = { ...noFacts, ...findLineState(aggregate.state, lineNo)?.facts };
  const moved = FACT_KINDS.filter((kind) => compareDecimals(before[kind], totals[kind]) !== 0);
  if (moved.length === 0) return [];
  const kept = FACT_KINDS.filter((kind) => !isZeroDecimal(totals[kind]));
  lineState(aggregate, lineNo).facts = Object.fromEntries(kept.map((kind) => [kind, totals[kind]]));
  return moved.map((kind) => ({ orderId: aggregate.id, lineNo, kind, before: before[kind], after: totals[kind] }));
}

/** True when more was cancelled of the line than was left unshipped. */
function isCancelTooLate(aggregate: OrderAggregate, lineNo: number): boolean {
  const line = findLineState(aggregate.state, lineNo);
  return deriveQuantities({
    ordered: aggregate.document.lines[lineNo - 1]!.orderedBase,
    allocated: '0',
    backordered: '0',
    cancelled: line?.cancelled ?? '0',
    facts: { ...noFacts, ...line?.facts },
  }).cancelTooLate;
}

function tooLateException(aggregate: OrderAggregate, lineNo: number): NewException {
  const line = aggregate.document.lines[lineNo - 1]!;
  return {
    code: 'CANCEL_TOO_LATE',
    dedupeKey: `cancel-too-late:${aggregate.id}:${lineNo}`,
    entityRefs: [{ kind: 'order', id: aggregate.id, label: aggregate.orderNo }],
    orderId: aggregate.id,
    correlationId: aggregate.document.correlationId,
    cause: `Line ${lineNo} (${line.sku}) was cancelled, but it, or a part of it, had shipped.`,
    moneyAtRiskMinor: line.amountMinor,
    currency: aggregate.document.currency,
    data: { lineNo, sku: line.sku },
  };
}

function conflictException(fact: OrderFact, aggregate: OrderAggregate): NewException {
  return {
    code: 'CONFLICTING_DUPLICATE',
    dedupeKey: `conflict:${aggregate.id}:${factKey(fact)}:${fact.sequence}`,
    entityRefs: [{ kind: 'order', id: aggregate.id, label: aggregate.orderNo }],
    orderId: aggregate.id,
    correlationId: aggregate.document.correlationId,
    cause: `${fact.source} sent document ${fact.document}, sequence ${fact.sequence}, again with ${fact.quantity} ${fact.uom} ${fact.kind} on line ${fact.lineNo}.`,
    data: { ...fact },
  };
}

/**
 * An authoritative void: every source's `shipped` and `delivered` facts that name these shipments stop counting, those
 * that are yet to arrive included. Stock and invoices are put right by their own rooms.
 */
export async function voidShipments(
  tx: Tx,
  shipments: readonly { orderId: string; shipmentNo: string; reason: string }[],
  now: Date,
): Promise<FactResult> {
  const result = nothingYet();
  result.orders = await lockOrders(
    tx,
    shipments.map((shipment) => shipment.orderId),
  );
  const known = shipments.filter((shipment) => result.orders.has(shipment.orderId));
  if (known.length === 0) return result;
  await tx.query(
    `INSERT INTO order_fact_void (tenant_id, order_id, shipment_no, reason, recorded_at)
     SELECT DISTINCT ON (order_id, shipment_no) current_setting('crossdock.tenant'), order_id, shipment_no, reason, $2::timestamptz
     FROM jsonb_to_recordset($1) AS r(order_id uuid, shipment_no text, reason text) ON CONFLICT DO NOTHING`,
    [JSON.stringify(known.map((s) => ({ order_id: s.orderId, shipment_no: s.shipmentNo, reason: s.reason }))), now],
  );
  const orderIds = [...result.orders.keys()];
  const [stored, voids] = await Promise.all([loadFacts(tx, orderIds), loadVoids(tx, orderIds)]);
  await recompute(tx, orderIds, { stored, voids, occurredAt: new Map() }, result, now);
  return result;
}
