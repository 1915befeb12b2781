import type { Static } from 'typebox';
import { loadItems } from '../../catalog/index.ts';
import type { NewEvent } from '../../events/index.ts';
import { applyStockChange } from '../../flows/index.ts';
import {
  type AvailabilityTerms,
  availabilityOf,
  type ItemFacts,
  listPositions,
  loadReservations,
  type ReservationRecord,
  releaseReservations,
  reserve,
  type StockView,
  waterfall,
} from '../../inventory/index.ts';
import {
  addDecimals,
  compareDecimals,
  convertToBase,
  isPositiveDecimal,
  type Item,
  StockChange,
  subtractDecimals,
} from '../../model/index.ts';
import { HubError, localDate, isUuid, type Tx } from '../../platform/index.ts';
import { recordAudit } from '../../security/index.ts';
import { isTuple, pageOf, readPage } from '../cursor.ts';
import { defineRoute, type RouteReply } from '../define-route.ts';
import { runOnce } from '../run-once.ts';
import { IdParams, page } from '../schemas/conventions.ts';
import {
  Availability,
  AvailabilityQuery,
  InventoryRow,
  ListInventoryQuery,
  type LocationAvailability,
  Reservation,
  ReservationBody,
  StockMovements,
} from '../schemas/stock.ts';
import type { ApiServices } from '../services.ts';
import { StampedText } from '../stamped-text.ts';

const tag = 'Stock';
const defaultChannel = 'portal';
const defaultTtlSeconds = 900;

export const getAvailability = defineRoute({
  method: 'GET',
  path: '/v1/availability',
  access: 'stock.read',
  tag,
  summary: 'What may be sold of an item on a channel, and why',
  query: AvailabilityQuery,
  response: Availability,
  handle({ query, principal }, services) {
    const { tenantId } = principal;
    const catalog = services.catalog.open(tenantId);
    const item = catalog instanceof Promise ? undefined : catalog.itemBySku(query.sku);
    // What memory knows is answered at once: each wait would cost a turn of the microtasks.
    if (item !== undefined) return answerAbout(item, query, tenantId, services);
    return findItem(services, tenantId, query.sku).then((found) => answerAbout(found, query, tenantId, services));
  },
});

type Question = Static<typeof AvailabilityQuery>;

/** From memory; an item that another process has just created is looked up. */
async function findItem(services: ApiServices, tenantId: string, sku: string): Promise<Item> {
  const item = (await services.catalog.open(tenantId)).itemBySku(sku);
  return item ?? services.db.tx(tenantId, (tx) => requireItem(tx, sku, 'NOT_FOUND'));
}

function answerAbout(
  item: Item,
  query: Question,
  tenantId: string,
  services: ApiServices,
): RouteReply | Promise<RouteReply> {
  const answer = (view: StockView): RouteReply => {
    const at = services.clock.now();
    const shipDate = localDate(at, services.hub(tenantId).timeZone);
    return { json: answerOf(view.item, item, query, { at, shipDate }).textAt(at, view.asOf) };
  };
  const view = services.stock.read(tenantId, query.sku, { fresh: query.fresh === true });
  return view instanceof Promise ? view.then(answer) : answer(view);
}

interface KnownAnswer {
  readonly item: Item;
  readonly text: StampedText;
}

/** Kinds of question about one item that are remembered: every channel at every site and then some. */
const mostAnswers = 64;

/** What holds of the answer until the item's figures or the day change. */
function answerOf(
  facts: ItemFacts,
  item: Item,
  query: AvailabilityQuery,
  { at, shipDate }: { at: Date; shipDate: string },
): StampedText {
  const channel = query.channel ?? defaultChannel;
  const key = `${shipDate} ${query.explain === true} ${query.location ?? '-'} ${channel}`;
  const known = facts.answers.get(key) as KnownAnswer | undefined;
  if (known?.item === item) return known.text;
  const text = new StampedText(describeAvailability(facts, item, { ...query, channel, shipDate, now: at }));
  if (facts.answers.size >= mostAnswers) facts.answers.clear();
  facts.answers.set(key, { item, text } satisfies KnownAnswer);
  return text;
}

function describeAvailability(
  facts: ItemFacts,
  item: Item,
  query: AvailabilityQuery & { channel: string; shipDate: string; now: Date },
): Omit<Availability, 'at' | 'asOf'> {
  const { channel, location, shipDate, now } = query;
  const [terms] = availabilityOf(facts, {
    skus: [facts.sku],
    channels: [channel],
    shipDate,
    now,
    ...(location === undefined ? {} : { location }),
  });
  if (terms === undefined) throw new HubError('NOT_FOUND');
  return {
    sku: item.sku,
    ...(item.description === undefined ? {} : { description: item.description }),
    channel: terms.channel,
    baseUom: item.baseUom,
    ats: terms.ats,
    sumOfNet: terms.sumOfNet,
    unlocatedDemand: terms.unlocatedDemand,
    channelBuffer: terms.channelBuffer,
    locations: terms.locations.map(viewLocation),
    expectedSupply: facts.supply
      .filter((supply) => location === undefined || supply.location === location)
      .map(({ poNo, location: at, quantity, dueDate }) => ({ poNo, location: at, quantity, dueDate })),
    ...(query.explain === true ? { waterfall: waterfall(terms) } : {}),
    formula: terms.formula,
  };
}

function viewLocation(location: AvailabilityTerms['locations'][number]): LocationAvailability {
  const { priority: _, asOf, ...terms } = location;
  return {
    ...terms,
    ...(asOf === undefined ? {} : { asOf: asOf.toISOString() }),
    available: terms.byStatus.available,
    notSellable: subtractDecimals(terms.onHand, terms.byStatus.available),
  };
}

async function requireItem(tx: Tx, sku: string, missing: 'NOT_FOUND' | 'UNKNOWN_ITEM'): Promise<Item> {
  const item = (await loadItems(tx, [sku])).get(sku);
  if (item !== undefined) return item.value;
  throw new HubError(missing, {
    errors: [{ pointer: missing === 'NOT_FOUND' ? 'sku' : '/sku', code: 'UNKNOWN_ITEM' }],
  });
}

export const listInventory = defineRoute({
  method: 'GET',
  path: '/v1/inventory',
  access: 'stock.read',
  tag,
  summary: 'Stock positions by item, location, lot and status',
  query: ListInventoryQuery,
  response: page(InventoryRow),
  async handle({ query, principal }, services) {
    const { limit: _, after: __, ...filter } = query;
    const body = await services.db.tx(principal.tenantId, async (tx) => {
      const { rows, next } = await listPositions(tx, { ...filter, ...readPage('inventory', query, isTuple(5)) });
      const items = await loadItems(tx, [...new Set(rows.map((row) => row.sku))]);
      return pageOf(
        'inventory',
        rows.map((row) => ({
          ...row,
          description: items.get(row.sku)?.value.description,
          uom: items.get(row.sku)?.value.baseUom ?? 'EA',
        })),
        next,
      );
    });
    return { body };
  },
});

export const createStockMovements = defineRoute({
  method: 'POST',
  path: '/v1/stock-movements',
  access: 'stock.write',
  tag,
  summary: 'Report what changed of the stock of a location',
  description:
    'Receipts, returns, adjustments, counts and transfers, all lines or none. A line counts once under its `source`, `type`, `document` and `lineNo`; with other content it is a conflict. A line that the newest snapshot of its item and location contains already is kept on record and changes nothing (`applied` is false). A receipt that names its purchase order (`poNo`) is taken off the expected supply; what exceeds the order and its tolerance goes into quarantine (`quarantined`), and people are told.',
  body: StockChange,
  status: 201,
  response: StockMovements,
  idempotent: true,
  problems: [
    'UNKNOWN_ITEM',
    'UNKNOWN_LOCATION',
    'UOM_UNKNOWN',
    'UOM_INEXACT',
    'QUANTITY_INVALID',
    'VALIDATION_FAILED',
    'CONFLICT',
  ],
  handle(request, services) {
    const { body, principal, trace } = request;
    const { actor, tenantId } = principal;
    return runOnce(services, request, async (tx) => {
      const cause = { correlationId: trace.traceId, traceparent: trace.traceparent, actor };
      const recorded = await applyStockChange(tx, services.hub(tenantId), body, cause);
      const { source, document, location, type } = body;
      const lines = recorded.map(({ applied, duplicate, quarantined }, index) => ({
        lineNo: body.lines[index]!.lineNo,
        applied,
        duplicate,
        ...(quarantined === undefined ? {} : { quarantined }),
      }));
      const subject = { kind: 'location', id: location };
      const detail = { source, type, document, lines: lines.length };
      await recordAudit(tx, services.clock, [{ actor, action: 'stock.change', subject, detail }]);
      return { status: 201, body: { source, document, lines } };
    });
  },
});

export const createReservation = defineRoute({
  method: 'POST',
  path: '/v1/reservations',
  access: 'stock.reserve',
  tag,
  summary: 'Reserve stock, all of it or none',
  description: 'Within what the channel may sell. The reservation ends by itself after `ttlSeconds`.',
  body: ReservationBody,
  status: 201,
  response: Reservation,
  idempotent: true,
  problems: ['INSUFFICIENT_ATS', 'UNKNOWN_ITEM', 'UOM_UNKNOWN', 'UOM_INEXACT', 'QUANTITY_INVALID'],
  async handle(request, services) {
    const { body, principal } = request;
    const now = services.clock.now();
    return runOnce(services, request, async (tx) => {
      const item = await requireItem(tx, body.sku, 'UNKNOWN_ITEM');
      const wanted = convertToBase(item, body.quantity);
      if (!wanted.ok) {
        throw new HubError(wanted.code, {
          message: wanted.message,
          errors: [{ pointer: '/quantity', code: wanted.code }],
        });
      }
      const key = `api:${principal.actor}:${request.idempotencyKey}`;
      const [reserved] = await reserve(
        tx,
        [
          {
            key,
            sku: body.sku,
            quantity: wanted.base,
            channel: body.channel,
            hard: false,
            expiresAt: new Date(now.getTime() + (body.ttlSeconds ?? defaultTtlSeconds) * 1000),
            shipDate: localDate(now, services.hub(principal.tenantId).timeZone),
            partial: false,
            backorder: false,
            withinAts: true,
            ...(body.location === undefined ? {} : { locations: [body.location] }),
          },
        ],
        now,
      );
      if (reserved === undefined || compareDecimals(reserved.reserved, wanted.base) < 0) {
        throw new HubError('INSUFFICIENT_ATS', {
          message: `Less than ${wanted.base} ${item.baseUom} of ${body.sku} is available to sell on ${body.channel}`,
        });
      }
      const parts = await loadReservations(tx, { demandKeys: [key] });
      // A repeated key reserves nothing more, so it is no news.
      if (!reserved.replayed) await announce(services, tx, 'inventory.reservation.held', parts);
      const view = viewReservation(item, parts);
      return { status: 201, body: view, headers: { location: `/v1/reservations/${view.id}` } };
    });
  },
});

/** Whoever publishes what may be sold, or waits for stock, goes by these. */
async function announce(
  services: ApiServices,
  tx: Tx,
  type: 'inventory.reservation.held' | 'inventory.reservation.released',
  parts: readonly ReservationRecord[],
): Promise<void> {
  await services.events.publish(
    tx,
    parts.map((part): NewEvent => {
      const { id, sku, location, lot, channel, open: quantity } = part;
      return {
        type,
        entity: { kind: 'availability', id: sku },
        key: `${sku}@${location}`,
        correlationId: id,
        data: { reservationId: id, sku, location, channel, quantity, ...(lot === undefined ? {} : { lot }) },
      };
    }),
  );
}

/** A reservation spread over sites and lots is one to its caller; the first part's id names it. */
function viewReservation(item: Item, parts: readonly ReservationRecord[]): Reservation {
  const first = parts[0];
  if (first === undefined) throw new HubError('NOT_FOUND');
  return {
    id: first.id,
    sku: first.sku,
    quantity: addDecimals(...parts.map((part) => part.quantity)),
    uom: item.baseUom,
    channel: first.channel,
    state: first.state,
    parts: parts.map(({ location, lot, quantity }) => ({ location, quantity, ...(lot === undefined ? {} : { lot }) })),
    ...(first.expiresAt === undefined ? {} : { expiresAt: first.expiresAt.toISOString() }),
  };
}

/** Every part of the reservation that `id` names. @throws HubError NOT_FOUND, also for what an order has reserved */
async function findReservation(tx: Tx, id: string): Promise<ReservationRecord[]> {
  if (!isUuid(id)) throw new HubError('NOT_FOUND');
  const [named] = await loadReservations(tx, { ids: [id] });
  if (named === undefined || named.orderId !== undefined) throw new HubError('NOT_FOUND');
  return loadReservations(tx, { demandKeys: [named.demandKey] });
}

export const getReservation = defineRoute({
  method: 'GET',
  path: '/v1/reservations/{id}',
  access: 'stock.read',
  tag,
  summary: 'Read a reservation',
  params: IdParams,
  response: Reservation,
  async handle({ params, principal }, services) {
    const body = await services.db.tx(principal.tenantId, async (tx) => {
      const parts = await findReservation(tx, params.id);
      return viewReservation(await requireItem(tx, parts[0]!.sku, 'NOT_FOUND'), parts);
    });
    return { body };
  },
});

export const deleteReservation = defineRoute({
  method: 'DELETE',
  path: '/v1/reservations/{id}',
  access: 'stock.reserve',
  tag,
  summary: 'Give a reservation back',
  params: IdParams,
  status: 204,
  async handle({ params, principal }, services) {
    await services.db.tx(principal.tenantId, async (tx) => {
      const parts = await findReservation(tx, params.id);
      const releases = [{ demandKey: parts[0]!.demandKey, reason: 'given back' }];
      await releaseReservations(tx, releases, services.clock.now());
      const open = parts.filter((part) => isPositiveDecimal(part.open));
      await announce(services, tx, 'inventory.reservation.released', open);
      const subject = { kind: 'reservation', id: params.id };
      await recordAudit(tx, services.clock, [
        { actor: principal.actor, action: 'stock.reserve', subject, reason: 'given back' },
      ]);
    });
    return { status: 204 };
  },
});

export const stockRoutes = [
  getAvailability,
  listInventory,
  createStockMovements,
  createReservation,
  getReservation,
  deleteReservation,
];
