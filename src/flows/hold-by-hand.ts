import { type NewException, titleInSentence } from '../exceptions/index.ts';
import { loadFulfillmentRecords } from '../fulfillment/index.ts';
import { loadReservations } from '../inventory/index.ts';
import {
  isPositiveDecimal,
  MANUAL_HOLD,
  maxDecimal,
  openQuantity,
  type SalesOrderLine,
  subtractDecimals,
} from '../model/index.ts';
import {
  addHold,
  lockOrders,
  type OrderAggregate,
  removeHold,
  saveOrders,
  unallocatedQuantity,
} from '../orders/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import type { NewDelivery } from '../queue/index.ts';
import { nameOfActor } from '../security/index.ts';
import { exceptionAbout, holdKey } from './announce-holds.ts';
import { decideOrders } from './decide-orders.ts';
import { flowDestination, type Hub } from './flow.ts';
import { holdIncomplete } from './hold-incomplete.ts';
import { raiseExceptions, settleExceptions } from './raise-exceptions.ts';
import { describeDecision } from './release-hold.ts';

export interface HandRequest {
  readonly orderId: string;
  readonly reason: string;
  readonly actor: string;
  /** If-Match; absent: whatever the version is. */
  readonly expectedVersion?: number;
}

/** Where a hold sits: on a line, or without a number on the order. */
interface Place {
  readonly lineNo?: number;
}

/**
 * Holds an order, or lines of it, until a person releases it: it is not released to a warehouse, nor entered in the ERP
 * where that does not have it yet. What a warehouse has been told of goes on; what is reserved stays reserved.
 * @param request.lines line numbers; absent: the whole order
 * @returns in words what it did
 * @throws HubError NOT_FOUND, PRECONDITION_FAILED, CONFLICT (it is held by hand already), ORDER_NOT_HOLDABLE
 */
export async function holdByHand(
  hub: Hub,
  tx: Tx,
  request: HandRequest & { readonly lines?: readonly number[] },
): Promise<string[]> {
  const aggregate = await lockOrder(tx, request);
  refuseUnknownLines(aggregate, request.lines ?? []);
  const wanted = notYetHeld(aggregate, request.lines);
  const left = await linesLeft(tx, aggregate);
  const held = wanted.filter((lineNo) => left.has(lineNo));
  const released = await describeReleased(tx, aggregate, wanted, left);
  if (held.length === 0) throw nothingLeft(aggregate, request.lines, released);
  const places = placesOf(aggregate, request.lines === undefined ? undefined : held, left);
  await putHolds(hub, tx, aggregate, request, places);
  return [...describeHold(aggregate, places, request.lines), ...released];
}

/**
 * Releases what is held by hand; the order goes on where it stood.
 * @param request.places where; absent: wherever it is held by hand
 * @returns in words what it did
 * @throws HubError NOT_FOUND, PRECONDITION_FAILED, CONFLICT (nothing is held by hand)
 */
export async function releaseByHand(
  hub: Hub,
  tx: Tx,
  request: HandRequest & { readonly places?: readonly Place[] },
): Promise<string[]> {
  const aggregate = await lockOrder(tx, request);
  const present = heldByHand(aggregate);
  const places =
    request.places === undefined
      ? present
      : request.places.filter(({ lineNo }) => present.some((place) => place.lineNo === lineNo));
  if (places.length === 0) throw nothingHeld(aggregate, present);
  // What the ERP has been told of; what is decided below tells it of the rest.
  const again = toldAgain(aggregate, places);
  const resolution = `Released by ${await nameOfActor(tx, request.actor)}: ${request.reason}`;
  await takeHolds(hub, tx, aggregate, places, { ...request, resolution });
  await decideOrders(tx, hub, [aggregate.id], { by: request.actor });
  await holdIncomplete(tx, hub, [aggregate]);
  await goOn(tx, hub, aggregate, again);
  const freed = `${capitalised(describePlaces(aggregate, places))} no longer held by hand`;
  return [freed, ...describeDecision([aggregate])];
}

/** Once nothing is left that a hold by hand keeps back, because it was cancelled, the hold goes. */
export async function dropSpentHolds(
  hub: Hub,
  tx: Tx,
  aggregate: OrderAggregate,
  request: Pick<HandRequest, 'reason' | 'actor'>,
): Promise<void> {
  const present = heldByHand(aggregate);
  if (present.length === 0) return;
  const left = await linesLeft(tx, aggregate);
  const spent = present.filter(({ lineNo }) => (lineNo === undefined ? left.size === 0 : !left.has(lineNo)));
  if (spent.length === 0) return;
  await takeHolds(hub, tx, aggregate, spent, { ...request, resolution: `Cancelled: ${request.reason}` });
}

async function lockOrder(tx: Tx, { orderId, expectedVersion }: HandRequest): Promise<OrderAggregate> {
  const aggregate = (await lockOrders(tx, [orderId])).get(orderId);
  if (aggregate === undefined) throw new HubError('NOT_FOUND');
  if (expectedVersion !== undefined && aggregate.version !== expectedVersion) throw new HubError('PRECONDITION_FAILED');
  return aggregate;
}

/** Where an order is held by hand. */
function heldByHand({ state }: OrderAggregate): Place[] {
  const byHand = ({ code }: { code: string }): boolean => code === MANUAL_HOLD;
  return [
    ...state.holds.filter(byHand).map(() => ({})),
    ...state.lines.filter((line) => line.holds?.some(byHand)).map(({ lineNo }) => ({ lineNo })),
  ];
}

function refuseUnknownLines({ orderNo, order }: OrderAggregate, lineNos: readonly number[]): void {
  const unknown = lineNos.find((lineNo) => order.lines.every((line) => line.lineNo !== lineNo));
  if (unknown !== undefined) throw new HubError('NOT_FOUND', { message: `Order ${orderNo} has no line ${unknown}` });
}

/** The lines that are asked for less those that somebody holds already; absent: every line. */
function notYetHeld(aggregate: OrderAggregate, asked: readonly number[] | undefined): number[] {
  const present = heldByHand(aggregate);
  const whole = present.some(({ lineNo }) => lineNo === undefined);
  if (!whole && asked === undefined) return aggregate.order.lines.map(({ lineNo }) => lineNo);
  const wanted = whole ? [] : [...new Set(asked)].filter((each) => present.every(({ lineNo }) => lineNo !== each));
  if (wanted.length > 0) return wanted;
  const places = whole ? [{}] : asked!.map((lineNo) => ({ lineNo }));
  throw new HubError('CONFLICT', { message: `${capitalised(describePlaces(aggregate, places))} held by hand already` });
}

/** Lines of which something has neither been released to a warehouse, shipped nor cancelled. */
async function linesLeft(tx: Tx, { id, order, state }: OrderAggregate): Promise<Set<number>> {
  const reservations = await loadReservations(tx, { orderIds: [id], open: true });
  const waiting = new Set(
    reservations.flatMap(({ hard, fulfillmentId, lineNo }) => (hard && fulfillmentId === undefined ? [lineNo] : [])),
  );
  const gone = new Set(state.goneLines);
  const isLeft = (line: SalesOrderLine): boolean => {
    const { q, lineNo } = line;
    if (!isPositiveDecimal(subtractDecimals(openQuantity(q), maxDecimal(q.shipped, q.delivered)))) return false;
    // A service is in nobody's warehouse.
    if (line.service === true) return !gone.has(lineNo);
    return waiting.has(lineNo) || isPositiveDecimal(q.backordered) || isPositiveDecimal(unallocatedQuantity(line));
  };
  return new Set(order.lines.filter(isLeft).map(({ lineNo }) => lineNo));
}

function nothingLeft(
  { orderNo, order }: OrderAggregate,
  lineNos: readonly number[] | undefined,
  released: readonly string[],
): HubError {
  const { milestone } = order.status;
  const what = lineNos === undefined ? `order ${orderNo}` : `${named(lineNos)} of order ${orderNo}`;
  const why = released[0] ?? `the order is ${milestone.replaceAll('_', ' ')}`;
  const instead = ['cancelled', 'shipped', 'delivered', 'returned'].includes(milestone)
    ? ''
    : '. It can be cancelled instead: the warehouse is then asked to give it back';
  return new HubError('ORDER_NOT_HOLDABLE', { message: `Nothing of ${what} is left to hold: ${why}${instead}` });
}

function nothingHeld({ orderNo, order }: OrderAggregate, present: readonly Place[]): HubError {
  const others = [...order.holds, ...order.lines.flatMap((line) => line.holds)].map(({ code }) => code);
  const what =
    present.length > 0
      ? `It is ${describeWhere(present)} that is held by hand`
      : others.length > 0
        ? `Order ${orderNo} is not held by hand; it is held for ${[...new Set(others)].map(titleInSentence).join(', ')}: decide about its exceptions instead`
        : `Order ${orderNo} is not held`;
  return new HubError('CONFLICT', { message: what });
}

/**
 * An order that must ship complete is held as a whole, and so is one that the ERP does not have yet and that has no other
 * line that would go on: the ERP cannot be told of an order without lines.
 */
function placesOf(
  { order, state }: OrderAggregate,
  lineNos: readonly number[] | undefined,
  left: ReadonlySet<number>,
): readonly Place[] {
  if (lineNos === undefined || order.shipComplete) return [{}];
  const goesOn = order.lines.some(
    (line) => left.has(line.lineNo) && line.holds.length === 0 && !lineNos.includes(line.lineNo),
  );
  return goesOn || state.erpOrderNo !== undefined ? lineNos.map((lineNo) => ({ lineNo })) : [{}];
}

async function putHolds(
  hub: Hub,
  tx: Tx,
  aggregate: OrderAggregate,
  { reason, actor }: HandRequest,
  places: readonly Place[],
): Promise<void> {
  const who = await nameOfActor(tx, actor);
  const { order, orderNo, id } = aggregate;
  const ids = await raiseExceptions(
    tx,
    hub,
    places.map(({ lineNo }): NewException => {
      const line = order.lines.find((each) => each.lineNo === lineNo);
      return {
        ...exceptionAbout(aggregate),
        code: MANUAL_HOLD,
        dedupeKey: holdKey(id, MANUAL_HOLD, lineNo),
        cause: `${who} holds ${lineNo === undefined ? 'the order' : `line ${lineNo}`}: ${reason}`,
        moneyAtRiskMinor: line?.amountMinor ?? order.totals.amountMinor,
        messageId: aggregate.document.sourceMessageId,
        data: { lineNo, orderNo, heldBy: actor, reason },
      };
    }),
  );
  for (const [index, { lineNo }] of places.entries()) {
    addHold(aggregate, { code: MANUAL_HOLD, lineNo, by: actor, exceptionId: ids[index] }, hub.clock.now());
  }
  await saveOrders(tx, [aggregate], hub.clock.now());
  const added = codesAt(places);
  await hub.events.publish(tx, [
    { ...about(aggregate), type: 'sales.order.held', reason, data: { holds: added, added, by: actor } },
  ]);
}

async function takeHolds(
  hub: Hub,
  tx: Tx,
  aggregate: OrderAggregate,
  places: readonly Place[],
  { reason, actor, resolution }: Pick<HandRequest, 'reason' | 'actor'> & { resolution: string },
): Promise<void> {
  for (const { lineNo } of places) removeHold(aggregate, MANUAL_HOLD, lineNo);
  await saveOrders(tx, [aggregate], hub.clock.now());
  const dedupeKeys = places.map(({ lineNo }) => holdKey(aggregate.id, MANUAL_HOLD, lineNo));
  await settleExceptions(tx, hub, { dedupeKeys, resolution, by: actor });
  await hub.events.publish(tx, [
    {
      ...about(aggregate),
      type: 'sales.order.holdReleased',
      reason,
      data: { released: codesAt(places), by: actor },
    },
  ]);
}

/**
 * What the ERP is asked for once more. Had it been told of the order while a line was held, it was told without that line;
 * and an order on its way to it was not told at all while a person held it.
 */
function toldAgain({ state }: OrderAggregate, places: readonly Place[]): 'order.change' | 'order.create' | undefined {
  if (state.erpRequested !== true) return undefined;
  const whole = places.some(({ lineNo }) => lineNo === undefined);
  if (whole && state.erpOrderNo === undefined) return 'order.create';
  const gone = places.some(({ lineNo }) => lineNo !== undefined && state.goneLines?.includes(lineNo) === true);
  return gone ? 'order.change' : undefined;
}

/** What is reserved goes to the warehouses, and the ERP is told of what it may not know. */
async function goOn(
  tx: Tx,
  hub: Hub,
  { id, document, state }: OrderAggregate,
  again: ReturnType<typeof toldAgain>,
): Promise<void> {
  if (state.decision === 'rejected') return;
  const erp = hub.connectionFor('erp');
  const common = { key: id, correlationId: document.correlationId, traceparent: document.traceparent };
  const payload = { kind: 'command' as const, entity: { kind: 'order' as const, id } };
  const deliveries: NewDelivery[] = [
    { ...common, destination: flowDestination('release-order'), operation: 'release', payload },
  ];
  if (erp !== undefined && again !== undefined) {
    // Behind the first one in the order's lane: by then it is known whether that went out.
    const data = again === 'order.create' ? { unlessThere: true } : {};
    const told = { ...common, destination: erp, operation: again, naturalKey: document.naturalKey };
    deliveries.unshift({ ...told, payload: { ...payload, data } });
  }
  await hub.enqueue(tx, deliveries);
}

const codesAt = (places: readonly Place[]) => places.map(({ lineNo }) => ({ code: MANUAL_HOLD, lineNo }));

const about = ({ id, document, version }: OrderAggregate) => ({
  entity: { kind: 'order' as const, id },
  key: id,
  orderId: id,
  correlationId: document.correlationId,
  traceparent: document.traceparent,
  version,
});

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const isAre = (list: readonly unknown[]): string => (list.length === 1 ? 'is' : 'are');
const namedMost = 5;

/** `line 2`, `lines 1, 3`, or how many, where they are many. */
function named(lineNos: readonly number[]): string {
  if (lineNos.length === 1) return `line ${lineNos[0]}`;
  return lineNos.length > namedMost ? `${lineNos.length} lines` : `lines ${lineNos.join(', ')}`;
}

function describeWhere(places: readonly Place[]): string {
  const lineNos = places.flatMap(({ lineNo }) => lineNo ?? []);
  return lineNos.length < places.length ? 'the order' : named(lineNos);
}

/** `order SO12 is`, or `lines 1, 3 of order SO12 are`. */
function describePlaces({ orderNo }: OrderAggregate, places: readonly Place[]): string {
  const lineNos = places.flatMap(({ lineNo }) => lineNo ?? []);
  return lineNos.length < places.length
    ? `order ${orderNo} is`
    : `${named(lineNos)} of order ${orderNo} ${isAre(lineNos)}`;
}

function describeHold(
  aggregate: OrderAggregate,
  places: readonly Place[],
  asked: readonly number[] | undefined,
): string[] {
  const { order, state } = aggregate;
  const whole = places.some(({ lineNo }) => lineNo === undefined);
  const why = order.shipComplete ? 'it must ship complete' : 'no other line of it would go on';
  return [
    `${capitalised(describePlaces(aggregate, places))} held by hand until somebody releases the hold`,
    ...(whole && asked !== undefined ? [`The whole order is held: ${why}`] : []),
    describeErp(state, places),
    'What is reserved for it stays reserved',
  ];
}

function describeErp(
  { goneLines, erpRequested, erpOrderNo }: OrderAggregate['state'],
  places: readonly Place[],
): string {
  const gone = places.some(({ lineNo }) =>
    lineNo === undefined ? goneLines !== undefined : goneLines?.includes(lineNo) === true,
  );
  if (!gone || erpRequested !== true) return 'It is neither entered in the ERP nor released to a warehouse';
  if (erpOrderNo !== undefined) return `The ERP keeps the order as ${erpOrderNo}; nothing more goes to a warehouse`;
  return 'Nothing goes to a warehouse, and to the ERP only what is being sent to it at this moment';
}

/** What warehouses have been told of the lines, and that it goes on. */
async function describeReleased(
  tx: Tx,
  { id, order }: OrderAggregate,
  wanted: readonly number[],
  left: ReadonlySet<number>,
): Promise<string[]> {
  const records = (await loadFulfillmentRecords(tx, { orderIds: [id] })).filter(
    (record) => record.order.status !== 'cancelled',
  );
  const sitesOf = (lineNos: readonly number[]): string => {
    const sites = records.filter((record) => record.order.lines.some((line) => lineNos.includes(line.lineNo)));
    return [...new Set(sites.map((record) => record.order.location))].sort().join(', ');
  };
  const counted = order.lines.filter((line) => wanted.includes(line.lineNo) && line.milestone !== 'cancelled');
  const released = counted.map(({ lineNo }) => lineNo).filter((lineNo) => sitesOf([lineNo]) !== '');
  const whole = released.filter((lineNo) => !left.has(lineNo));
  const partly = released.filter((lineNo) => left.has(lineNo));
  return [
    ...(whole.length === 0
      ? []
      : [
          `${whole.length} of ${counted.length} ${counted.length === 1 ? 'line' : 'lines'} ${whole.length === 1 ? 'has' : 'have'} been released to ${sitesOf(whole)} and ${whole.length === 1 ? 'goes' : 'go'} on`,
        ]),
    ...(partly.length === 0
      ? []
      : [`What has been released of ${named(partly)} to ${sitesOf(partly)} goes on; only the rest is held`]),
  ];
}
