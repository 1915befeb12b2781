import { loadItems } from '../catalog/index.ts';
import type { NewEvent } from '../events/index.ts';
import type { NewException } from '../exceptions/index.ts';
import {
  type FulfillmentRecord,
  type FulfillmentRef,
  findFulfillments,
  findTraceProblems,
  loadFulfillmentRecords,
  type PackReport,
  type ParkedReport,
  parkReports,
  recordPacked,
  recordSerials,
  recordShipped,
  type ShipmentContext,
  type ShipmentRecord,
  type Shipped,
} from '../fulfillment/index.ts';
import { consumeReservations, loadLocations, lockItems, returnShipped, type ShippedStock } from '../inventory/index.ts';
import {
  convertToBase,
  type Item,
  type Location,
  type ShipmentPackage,
  type ShipmentReport,
  type TrackingReport,
  type VoidReport,
} from '../model/index.ts';
import { lockOrders, type OrderAggregate } from '../orders/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import { applyFacts, type IncomingFact } from './apply-facts.ts';
import { applyTracking } from './apply-tracking.ts';
import type { Hub } from './flow.ts';
import { answerByShipment } from './cancel-by-document.ts';
import { carrierFor } from './find-connection.ts';
import { dropBeyondOpen } from './handle-founds.ts';
import { originData } from './order-origin.ts';
import { shipmentEvent, sumByLine } from './shipment-events.ts';
import { raiseExceptions, settleExceptions } from './raise-exceptions.ts';
import { takeReports } from './take-parked.ts';
import { applyVoids, voidKey } from './void-shipment.ts';

/**
 * Packages as packed: each report becomes a shipment with SSCCs, and the carrier is asked for labels. Reports about
 * fulfilment orders that are not known yet wait for them.
 */
export async function applyPacked(tx: Tx, hub: Hub, reports: readonly PackReport[]): Promise<void> {
  const prepared = await prepare(tx, hub, 'packed', reports);
  if (prepared.length === 0) return;
  const results = await recordPacked(tx, prepared, hub.clock.now());
  const news = results.filter((result) => result.outcome !== 'duplicate');
  const facts = news.flatMap(({ report, record }) =>
    factsOf(record, report.packages, { ...report, kind: 'packed', occurredAt: report.packedAt }),
  );
  await applyFacts(tx, hub, facts);
  await hub.events.publish(
    tx,
    news.map(({ report, record, outcome }) =>
      shipmentEvent('shipping.shipment.packed', record, {
        occurredAt: report.packedAt,
        ...(outcome === 'changed' ? { data: { repack: report.sequence } } : {}),
      }),
    ),
  );
  const keys = news.map(({ report }) => voidKey(report));
  await applyVoids(tx, hub, valuesOf(await takeReports<VoidReport>(tx, hub, ['void'], keys)));
}

/**
 * What has physically left: stock and reservations are consumed, the order's quantities follow, and everybody who waits
 * for the shipment is told. Missing lots or serials are an exception, not a refusal: the goods are gone.
 */
export async function applyShipments(tx: Tx, hub: Hub, reports: readonly ShipmentReport[]): Promise<void> {
  const prepared = await prepare(tx, hub, 'shipment', reports);
  if (prepared.length === 0) return;
  const now = hub.clock.now();
  const results = await recordShipped(tx, prepared, now);
  const news = results.filter((result) => result.outcome === 'shipped' || result.outcome === 'corrected');
  const facts = news.flatMap(({ report, record }) =>
    factsOf(record, report.packages, { ...report, kind: 'shipped', occurredAt: report.shippedAt }),
  );
  await lockItems(
    tx,
    news.flatMap(({ deltas }) => deltas.map(({ sku }) => sku)),
  );
  // Facts first: goods that were reported short and leave all the same are taken off the hold and out of the reservation.
  const { orders: moved } = await applyFacts(tx, hub, facts);
  const gone = await moveStock(tx, news, now);
  await dropBeyondOpen(tx, hub, linesOf(facts), moved);
  await traceGoods(tx, hub, news);
  await raiseExceptions(tx, hub, results.filter((result) => result.outcome === 'conflict').map(conflictException));
  const orders = await lockOrders(
    tx,
    news.map(({ record }) => record.shipment.orderId),
  );
  const left = news.filter((result) => result.outcome === 'shipped');
  const byEdi = new Set(prepared.flatMap((each) => (each.byEdi ? [each.fulfillment.id] : [])));
  const leftIds = left.map(({ record }) => record.shipment.fulfillmentOrderId);
  await answerByShipment(
    tx,
    hub,
    leftIds.filter((id) => byEdi.has(id)),
  );
  await hub.events.publish(tx, [
    ...left.map(({ report, record }) =>
      shipmentEvent('shipping.shipment.shipped', record, {
        occurredAt: report.shippedAt,
        data: originData(orders.get(record.shipment.orderId)),
      }),
    ),
    ...gone.map((stock) => stockEvent(stock, orders)),
  ]);
  const trackings = news.flatMap(({ record }) =>
    record.packages.flatMap((parcel) => (parcel.tracking === undefined ? [] : [parcel.tracking])),
  );
  const keys = [...trackings, ...news.map(({ report }) => voidKey(report))];
  const waiting = await takeReports<TrackingReport | VoidReport>(tx, hub, ['tracking', 'void'], keys);
  await applyTracking(tx, hub, valuesOf(waiting.filter(({ kind }) => kind === 'tracking')) as TrackingReport[]);
  await applyVoids(tx, hub, valuesOf(waiting.filter(({ kind }) => kind === 'void')) as VoidReport[]);
}

const valuesOf = <R>(parked: readonly ParkedReport<R>[]): R[] => parked.map(({ report }) => report);

function linesOf(facts: readonly IncomingFact[]): { orderId: string; lineNo: number }[] {
  const lines = new Map(facts.map(({ orderId, lineNo }) => [`${orderId} ${lineNo}`, { orderId: orderId!, lineNo }]));
  return [...lines.values()];
}

interface Prepared<R> {
  report: R;
  fulfillment: FulfillmentRef;
  context: ShipmentContext;
  /** The warehouse works by EDI. */
  byEdi: boolean;
}

/** Finds the fulfilment orders, locks their orders, and brings contents to base units; parks what has no parent yet. */
async function prepare<R extends PackReport | ShipmentReport>(
  tx: Tx,
  hub: Hub,
  kind: 'packed' | 'shipment',
  reports: readonly R[],
): Promise<Prepared<R>[]> {
  if (reports.length === 0) return [];
  const refs = await findFulfillments(
    tx,
    reports.map((report) => report.fulfillmentNo),
  );
  const orphans = reports.filter((report) => !refs.has(report.fulfillmentNo));
  const parked = orphans.map((report) => ({ kind, parentKey: report.fulfillmentNo, report }));
  await parkReports(tx, parked, hub.clock.now());
  const known = reports.filter((report) => refs.has(report.fulfillmentNo));
  if (known.length === 0) return [];
  await lockOrders(
    tx,
    [...refs.values()].map((ref) => ref.orderId),
  );
  const [records, sites, reported] = await Promise.all([
    loadFulfillmentRecords(tx, { ids: [...refs.values()].map((ref) => ref.id) }),
    loadLocations(tx),
    inBaseUnits(tx, known),
  ]);
  const locations = [...sites.values()].map((location) => location.value);
  return reported.map((report) => {
    const fulfillment = refs.get(report.fulfillmentNo)!;
    const record = records.find((each) => each.order.id === fulfillment.id)!;
    return { report, fulfillment, context: contextOf(hub, record, locations), byEdi: record.agreement !== undefined };
  });
}

async function inBaseUnits<R extends { packages: ShipmentPackage[] }>(tx: Tx, reports: readonly R[]): Promise<R[]> {
  const contents = reports.flatMap((report) => report.packages.flatMap((parcel) => parcel.contents));
  const items = await loadItems(tx, [...new Set(contents.map((content) => content.sku))]);
  const toBase = (content: ShipmentPackage['contents'][number]): ShipmentPackage['contents'][number] => {
    const item = items.get(content.sku)?.value;
    if (item === undefined || content.uom === item.baseUom) return content;
    const converted = convertToBase(item, { value: content.quantity, uom: content.uom });
    if (!converted.ok) throw new HubError(converted.code, { message: `${content.sku}: ${converted.message}` });
    return { ...content, quantity: converted.base, uom: item.baseUom };
  };
  return reports.map((report) => ({
    ...report,
    packages: report.packages.map((parcel) => ({ ...parcel, contents: parcel.contents.map(toBase) })),
  }));
}

function contextOf(hub: Hub, record: FulfillmentRecord, locations: readonly Location[]): ShipmentContext {
  const { order, agreement } = record;
  const site = locations.find((location) => location.code === order.location);
  // A warehouse by EDI tells of packages that have left: no label or SSCC of ours can get onto them any more.
  const companyPrefix =
    agreement === undefined
      ? (site?.companyPrefix ?? locations.find((each) => each.companyPrefix !== undefined)?.companyPrefix)
      : undefined;
  const carrier = agreement === undefined ? carrierFor(hub, order.carrier) : undefined;
  return {
    shipFrom: {
      name: site?.name ?? order.location,
      ...(site?.address === undefined ? {} : { address: site.address }),
      ...(site?.gln === undefined ? {} : { gln: site.gln }),
    },
    shipTo: order.shipTo,
    ...(order.carrier === undefined ? {} : { carrier: order.carrier }),
    ...(order.service === undefined ? {} : { service: order.service }),
    ...(companyPrefix === undefined ? {} : { companyPrefix }),
    labelState: carrier === undefined ? 'none' : 'pending',
  };
}

/** Cumulative facts of one document: what it holds of each line. */
function factsOf(
  record: ShipmentRecord,
  packages: readonly ShipmentPackage[],
  of: { source: string; document: string; sequence: number; kind: IncomingFact['kind']; occurredAt: string },
): IncomingFact[] {
  const { orderId, fulfillmentNo, shipmentNo } = record.shipment;
  const { source, document, sequence, kind, occurredAt } = of;
  return sumByLine(packages).map(({ lineNo, quantity, uom }) => ({
    source,
    document,
    sequence,
    kind,
    occurredAt,
    orderId,
    fulfillmentNo,
    shipmentNo,
    lineNo,
    quantity,
    uom,
  }));
}

/** @returns what left, line by line; what came back of an earlier report is not among it */
async function moveStock(tx: Tx, shipped: readonly Shipped[], now: Date): Promise<ShippedStock[]> {
  const gone: ShippedStock[] = [];
  const back: ShippedStock[] = [];
  for (const { report, record, deltas } of shipped) {
    const { id, shipmentNo, orderId, location } = record.shipment;
    for (const { lineNo, sku, lot, quantity } of deltas) {
      const returned = quantity.startsWith('-');
      (returned ? back : gone).push({
        key: `ship:${id}:${report.sequence}:${lineNo}:${lot ?? ''}`,
        orderId,
        lineNo,
        sku,
        location,
        ...(lot === undefined ? {} : { lot }),
        quantity: returned ? quantity.slice(1) : quantity,
        docRef: shipmentNo,
        source: report.source,
        occurredAt: new Date(report.shippedAt),
      });
    }
  }
  await returnShipped(tx, back, now);
  await consumeReservations(tx, gone, now);
  return gone;
}

function stockEvent(stock: ShippedStock, orders: ReadonlyMap<string, OrderAggregate>): NewEvent {
  const { sku, location, lot, quantity, lineNo, orderId, docRef: shipmentNo, occurredAt } = stock;
  const document = orders.get(orderId)?.document;
  return {
    type: 'inventory.stock.shipped',
    entity: { kind: 'availability', id: sku },
    key: `${sku}@${location}`,
    orderId,
    correlationId: document?.correlationId ?? orderId,
    ...(document?.traceparent === undefined ? {} : { traceparent: document.traceparent }),
    occurredAt: occurredAt.toISOString(),
    data: { sku, location, quantity, ...(lot === undefined ? {} : { lot }), lineNo, shipmentNo },
  };
}

/** Lots and serials are mandatory when goods leave: what lacks them, or is in two places, becomes an exception. */
async function traceGoods(tx: Tx, hub: Hub, shipped: readonly Shipped[]): Promise<void> {
  const contents = shipped.flatMap(({ record }) => record.packages.flatMap((parcel) => parcel.contents));
  const items = await loadItems(tx, [...new Set(contents.map((content) => content.sku))]);
  const trackingOf = (sku: string): Item['tracking'] | undefined => items.get(sku)?.value.tracking;
  const broken: NewException[] = [];
  const whole: string[] = [];
  for (const { record } of shipped) {
    const problems = findTraceProblems(record.packages, trackingOf);
    if (problems.length === 0) {
      whole.push(`trace:${record.shipment.id}`);
      continue;
    }
    const list = problems.map((p) => `${p.quantity} of ${p.sku} without ${p.missing} in package ${p.packageNo}`);
    broken.push({
      ...shipmentException('TRACE_BREAK', `trace:${record.shipment.id}`, record),
      cause: `Shipment ${record.shipment.shipmentNo} left with ${list.join('; ')}.`,
      data: { problems },
    });
  }
  const uses = shipped.flatMap(({ record }) =>
    record.packages.flatMap((parcel) =>
      parcel.contents.flatMap(({ sku, serials }) =>
        (serials ?? []).map((serial) => ({ shipmentId: record.shipment.id, sku, serial })),
      ),
    ),
  );
  for (const clash of await recordSerials(tx, uses)) {
    const record = shipped.find((each) => each.record.shipment.id === clash.shipmentId)!.record;
    broken.push({
      ...shipmentException('SERIAL_DUP', `serial:${clash.sku}:${clash.serial}:${clash.shipmentId}`, record),
      cause: `Serial ${clash.serial} of ${clash.sku} left with ${record.shipment.shipmentNo}, and had left with another shipment before.`,
      data: { ...clash },
    });
  }
  await raiseExceptions(tx, hub, broken);
  if (whole.length > 0) {
    await settleExceptions(tx, hub, { dedupeKeys: whole, resolution: 'Lots and serials were reported', by: 'hub' });
  }
}

function conflictException({ report, record }: Shipped): NewException {
  const { source, document, sequence } = report;
  const stated = sumByLine(report.packages).map(({ lineNo, quantity, uom }) => `${quantity} ${uom} of line ${lineNo}`);
  return {
    ...shipmentException('CONFLICTING_DUPLICATE', `ship-conflict:${record.shipment.id}:${sequence}`, record),
    cause: `${source} sent document ${document}, sequence ${sequence}, again with ${stated.join(', ')}. The first report of shipment ${record.shipment.shipmentNo} stands.`,
    data: { source, document, sequence, packages: report.packages },
  };
}

function shipmentException(
  code: NewException['code'],
  dedupeKey: string,
  record: ShipmentRecord,
): Omit<NewException, 'cause'> {
  const { id, shipmentNo, orderId, orderNo } = record.shipment;
  return {
    code,
    dedupeKey,
    entityRefs: [
      { kind: 'shipment', id, label: shipmentNo },
      { kind: 'order', id: orderId, label: orderNo },
    ],
    orderId,
    correlationId: record.correlationId,
  };
}
