import { type Demand, type Reserved, releaseReservations, reserve } from '../inventory/index.ts';
import { addDecimals, isPositiveDecimal, MANUAL_HOLD, minDecimal } from '../model/index.ts';
import {
  addHold,
  cancelQuantity,
  isLive,
  lineOf,
  type OrderAggregate,
  type OrderFacts,
  refreshOrder,
  removeHold,
  setAllocation,
  unallocatedQuantity,
} from '../orders/index.ts';
import type { Tx } from '../platform/index.ts';
import { reservationEvents } from './apply-stock.ts';
import type { Undecided } from './decide-orders.ts';
import type { Hub } from './flow.ts';
import { incompleteProblem } from './hold-incomplete.ts';
import { shipDate } from './ship-date.ts';

/** How long a held order keeps the stock it would get. */
const softReservationMs = 5 * 24 * 3_600_000;
/** Holds that usually end well: the order keeps its place meanwhile, softly. */
const softHolds = new Set<string>(['CREDIT_HOLD', 'SHIPTO_INVALID', MANUAL_HOLD]);

type Mode = 'hard' | 'soft' | 'none';

/**
 * Reserves stock for every line that may have it, in order of arrival and in one call for the batch. Orders held as a whole
 * get a soft reservation for five days, or none; lines on hold get none. What is missing is backordered, or rejected where
 * it never will be there. An order that must ship complete keeps what it got and waits.
 */
export async function reserveStock(tx: Tx, hub: Hub, orders: readonly Undecided[], facts: OrderFacts): Promise<void> {
  const inOrder = [...orders].sort((a, b) => (a.aggregate.id < b.aggregate.id ? -1 : 1));
  const modes = new Map(inOrder.map((one) => [one.aggregate.id, modeOf(one)]));
  await takeSoftStockAgain(tx, hub, inOrder, modes, facts);
  const demands: Demand[] = [];
  for (const one of inOrder) {
    const { aggregate } = one;
    const mode = modes.get(aggregate.id)!;
    if (mode === 'none' || (mode === 'soft' && aggregate.state.softReserved === true)) continue;
    const own = demandsOf(one, mode, facts);
    if (own.length === 0) continue;
    aggregate.state.reserveRound++;
    if (mode === 'soft') aggregate.state.softReserved = true;
    demands.push(...own);
  }
  const byOrder = new Map(inOrder.map((one) => [one.aggregate.id, one]));
  const served = await reserve(tx, demands, facts.now);
  await tellReserved(tx, hub, byOrder, modes, served);
  for (const reserved of served) {
    const one = byOrder.get(reserved.orderId!)!;
    if (modes.get(one.aggregate.id) === 'hard') allocate(one, reserved, facts);
  }
  for (const one of inOrder) if (modes.get(one.aggregate.id) === 'hard') decideCompleteness(one, facts.now);
}

/** What held orders set aside is no longer there for others. */
async function tellReserved(
  tx: Tx,
  hub: Hub,
  orders: ReadonlyMap<string, Undecided>,
  modes: ReadonlyMap<string, Mode>,
  served: readonly Reserved[],
): Promise<void> {
  const soft = served.filter(({ orderId, replayed }) => modes.get(orderId!) === 'soft' && !replayed);
  const parts = soft.flatMap(({ orderId, sku, allocations }) =>
    allocations.map(({ location, quantity }) => ({ orderId: orderId!, sku, location, quantity })),
  );
  if (parts.length === 0) return;
  await hub.events.publish(tx, reservationEvents('inventory.reservation.held', parts, threadsOf(orders)));
}

function threadsOf(orders: ReadonlyMap<string, Undecided>) {
  return ({ orderId }: { orderId?: string }) => ({
    correlationId: orders.get(orderId!)!.aggregate.document.correlationId,
  });
}

function modeOf({ aggregate }: Undecided): Mode {
  const holds = aggregate.state.holds.filter((hold) => hold.code !== 'SHIP_COMPLETE');
  if (holds.length === 0) return 'hard';
  return holds.every((hold) => softHolds.has(hold.code)) ? 'soft' : 'none';
}

/**
 * Soft reservations of orders that are no longer held become firm, or are given back where the order may have none. The
 * items stay locked until commit, so nobody gets in between; and what was set aside is not behind those who wait.
 */
async function takeSoftStockAgain(
  tx: Tx,
  hub: Hub,
  orders: readonly Undecided[],
  modes: ReadonlyMap<string, Mode>,
  facts: OrderFacts,
): Promise<void> {
  const freed = orders.filter(({ aggregate }) => aggregate.state.softReserved && modes.get(aggregate.id) !== 'soft');
  if (freed.length === 0) return;
  const released = await releaseReservations(
    tx,
    // What was firm before the order was held stays, and so does its place in the queue.
    freed.map(({ aggregate }) => ({ orderId: aggregate.id, hard: false, leaveQueue: false, reason: 'holdReleased' })),
    facts.now,
  );
  const byOrder = new Map(freed.map((one) => [one.aggregate.id, one]));
  const given = released.filter((part) => modes.get(part.orderId!) === 'none');
  if (given.length > 0) {
    await hub.events.publish(tx, reservationEvents('inventory.reservation.released', given, threadsOf(byOrder)));
  }
  const demands = freed.flatMap((one): Demand[] => {
    delete one.aggregate.state.softReserved;
    if (modes.get(one.aggregate.id) !== 'hard') return [];
    return demandsOf(one, 'hard', facts).flatMap((demand) => {
      const parts = released.filter((part) => part.orderId === demand.orderId && part.lineNo === demand.lineNo);
      const own = minDecimal(demand.quantity, addDecimals('0', ...parts.map((part) => part.quantity)));
      const again = { ...demand, key: `${demand.key}:kept`, quantity: own, queued: true, backorder: false };
      return isPositiveDecimal(own) ? [again] : [];
    });
  });
  for (const { orderId, lineNo, reserved } of await reserve(tx, demands, facts.now)) {
    const { aggregate } = byOrder.get(orderId!)!;
    const { q } = lineOf(aggregate, lineNo!);
    setAllocation(aggregate, lineNo!, { allocated: addDecimals(q.allocated, reserved) });
  }
}

function demandsOf({ aggregate }: Undecided, mode: Mode, facts: OrderFacts): Demand[] {
  const { order, document } = aggregate;
  const round = aggregate.state.reserveRound + 1;
  const customer = facts.customer(document.customer);
  return order.lines.flatMap((line): Demand[] => {
    const quantity = unallocatedQuantity(line);
    if (!isLive(line) || line.service === true || !isPositiveDecimal(quantity)) return [];
    const soft = { hard: false, expiresAt: new Date(facts.now.getTime() + softReservationMs), backorder: false };
    const hard = { hard: true, backorder: refusalOfRest(line.sku, aggregate, facts) === undefined };
    return [
      {
        key: `order:${order.id}:${line.lineNo}:${round}`,
        orderId: order.id,
        lineNo: line.lineNo,
        sku: line.sku,
        quantity,
        channel: order.channel,
        shipDate: shipDate(order, facts.today),
        minShelfDays: customer?.minShelfDays,
        issue: facts.itemBySku(line.sku)?.issue,
        partial: true,
        since: new Date(document.createdAt),
        ...(mode === 'hard' ? hard : soft),
      },
    ];
  });
}

/** Why what is not in stock is refused instead of backordered; undefined where it can wait. */
function refusalOfRest(sku: string, { document, state }: OrderAggregate, facts: OrderFacts): string | undefined {
  // A phased-out item sells what is left and never comes in again.
  if (facts.itemBySku(sku)?.status === 'phaseOut') return 'ITEM_DISCONTINUED';
  const shipComplete = state.shipComplete ?? document.shipComplete;
  if (facts.customer(document.customer)?.allowBackorder === false && !shipComplete) return 'BACKORDER_REFUSED';
  return undefined;
}

function allocate({ aggregate }: Undecided, reserved: Reserved, facts: OrderFacts): void {
  const lineNo = reserved.lineNo!;
  const line = lineOf(aggregate, lineNo);
  const refusal = refusalOfRest(line.sku, aggregate, facts);
  setAllocation(aggregate, lineNo, {
    allocated: addDecimals(line.q.allocated, reserved.reserved),
    backordered: addDecimals(line.q.backordered, reserved.backordered),
    promisedDate: reserved.expectedDate ?? null,
  });
  if (refusal !== undefined && isPositiveDecimal(reserved.short)) {
    cancelQuantity(aggregate, lineNo, reserved.short, refusal);
  }
}

function decideCompleteness({ aggregate, change, check }: Undecided, now: Date): void {
  refreshOrder(aggregate);
  const problem = incompleteProblem(aggregate);
  if (problem === undefined) {
    const held = aggregate.state.holds.find((hold) => hold.code === 'SHIP_COMPLETE');
    if (held !== undefined && removeHold(aggregate, held.code)) {
      change.released.push({ code: held.code, since: held.since });
    }
    return;
  }
  check.problems.push(problem);
  const { code, causeKey } = problem;
  if (addHold(aggregate, { code, causeKey, by: 'hub' }, now)) change.added.push(problem);
}
