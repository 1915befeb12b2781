import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { parse } from 'yaml';
import { putItems, putPriceRules } from '../../src/catalog/index.ts';
import { createEvents, type Events, type HubEvent, type NewEvent } from '../../src/events/index.ts';
import { type Flow, flowDestination, type Hub } from '../../src/flows/flow.ts';
import { createKnownUp } from '../../src/flows/known-up.ts';
import { submitOrders } from '../../src/flows/submit-order.ts';
import { loadShipments } from '../../src/fulfillment/index.ts';
import {
  applySnapshots,
  availability,
  putExpectedSupply,
  putLocations,
  putStockPolicies,
} from '../../src/inventory/index.ts';
import type {
  Customer,
  ExpectedSupply,
  Item,
  Location,
  OrderSubmission,
  PriceRule,
  SalesOrder,
  StockPolicy,
} from '../../src/model/index.ts';
import { loadOrders } from '../../src/orders/index.ts';
import { putCustomers } from '../../src/parties/index.ts';
import { loadConfig, silentLogger, type Tx, uuidv7 } from '../../src/platform/index.ts';
import type { DeliveryRow, NewDelivery, Outcome, Settled } from '../../src/queue/index.ts';
import { type ManualClock, manualClock, type TestDatabase, testDatabase } from '../harness/index.ts';
import { shippingFlows } from './desk-reports.ts';

/** What was sent to an outside system. */
export interface Sent {
  destination: string;
  operation: string;
  naturalKey?: string;
  entityId: string;
  delivery: DeliveryRow;
}

export interface OpeningStock {
  location: string;
  sku: string;
  quantity: string;
  lot?: string;
  expiry?: string;
}

/**
 * A company at work without lanes: flows run one delivery at a time, in order, and outside systems confirm whatever they
 * are sent unless `answer` says otherwise. Every step is a transaction of its own, as in the hub.
 */
export interface ShippingDesk {
  readonly clock: ManualClock;
  readonly hub: Hub;
  /** Everything that left for the outside, in order. */
  readonly sent: Sent[];
  readonly events: HubEvent[];
  /** Changes what an outside system answers to an operation; `undefined` leaves it unanswered. */
  answer(operation: string, reply: (sent: Sent) => Outcome | undefined): void;
  tx<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  submit(submission: Partial<OrderSubmission> & Pick<OrderSubmission, 'lines'>): Promise<string>;
  /** Runs flows and outside systems until nothing is left to do. */
  settle(): Promise<void>;
  order(id: string): Promise<SalesOrder>;
  ats(sku: string, channel?: string): Promise<string>;
}

interface Company {
  customers: Customer[];
  items: Item[];
  prices: PriceRule[];
  locations: Location[];
  stockPolicies: StockPolicy[];
  expectedSupply: ExpectedSupply[];
  stock: { location: string; positions: (OpeningStock & { uom: string })[] }[];
}

const today = '2026-06-01';
const companyFile = fileURLToPath(new URL('../../lab/ridgeline.yaml', import.meta.url));

function dateOf(text: string): string {
  const days = Number(/^today(?:([+-]\d+)d)?$/.exec(text)?.[1] ?? 0);
  const date = new Date(`${today}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

function referenceCompany(): Company {
  return parse(readFileSync(companyFile, 'utf8'), (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith('today') ? dateOf(value) : value,
  ) as Company;
}

let tenants = 0;

/**
 * One database for all desks of the file. What it returns opens a desk: a tenant with the reference company's master data
 * and, instead of its opening stock, `stock` where given.
 */
export function useShippingDesks(
  flows: readonly Flow[] = shippingFlows,
): (stock?: readonly OpeningStock[]) => Promise<ShippingDesk> {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());
  return (stock) => openShippingDesk(database, flows, stock);
}

async function openShippingDesk(
  database: TestDatabase,
  flows: readonly Flow[],
  stock: readonly OpeningStock[] | undefined,
): Promise<ShippingDesk> {
  const clock = manualClock('2026-06-01T13:00:00Z');
  const tenantId = `desk-${++tenants}`;
  const tx = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => database.app.tx(tenantId, fn);
  await tx((open) => fillCompany(open, clock.now(), stock));
  return new Desk(clock, tenantId, tx, flows);
}

/** Nobody reads documents at a desk: a warehouse by EDI has a system here, as the others have. */
function withSystem({ agreement, ...site }: Location): Location {
  return agreement === undefined ? site : { ...site, fulfilledBy: `wms-${site.code.toLowerCase()}` };
}

async function fillCompany(tx: Tx, now: Date, stock: readonly OpeningStock[] | undefined): Promise<void> {
  const company = referenceCompany();
  await putLocations(tx, company.locations.map(withSystem), { now });
  await putItems(tx, company.items, { now });
  await putCustomers(tx, company.customers, { now });
  await putPriceRules(tx, company.prices, { now });
  await putStockPolicies(tx, company.stockPolicies, { now });
  await putExpectedSupply(tx, company.expectedSupply, { now });
  const opening =
    stock ?? company.stock.flatMap((site) => site.positions.map((p) => ({ ...p, location: site.location })));
  const snapshots = [...Map.groupBy(opening, (each) => each.location)].map(([location, positions]) => ({
    location,
    asOf: now,
    asOfSeq: 1,
    positions,
  }));
  await applySnapshots(tx, snapshots, now);
}

const connections: Record<string, { role: string; settings: Record<string, unknown> }> = {
  erp: { role: 'erp', settings: {} },
  'wms-dc1': { role: 'wms', settings: {} },
  'wms-dc2': { role: 'wms', settings: {} },
  carrier: { role: 'carrier', settings: {} },
  storefront: { role: 'storefront', settings: { channel: 'marketplace' } },
};

class Desk implements ShippingDesk {
  readonly clock: ManualClock;
  readonly hub: Hub;
  readonly sent: Sent[] = [];
  readonly events: HubEvent[] = [];
  readonly tx: ShippingDesk['tx'];
  readonly #flows: readonly Flow[];
  readonly #ledger: Events;
  readonly #waiting: DeliveryRow[] = [];
  readonly #answers = new Map<string, (sent: Sent) => Outcome | undefined>();
  readonly #tenantId: string;
  #position = 0;

  constructor(clock: ManualClock, tenantId: string, tx: ShippingDesk['tx'], flows: readonly Flow[]) {
    this.clock = clock;
    this.tx = tx;
    this.#tenantId = tenantId;
    this.#flows = flows;
    const enqueue = (open: Tx, deliveries: readonly NewDelivery[]): Promise<string[]> =>
      this.#enqueue(open, deliveries);
    const subscriptions = flows
      .filter((flow) => flow.on.length > 0)
      .map((flow) => ({
        destination: flowDestination(flow.name),
        on: flow.on,
        ...(flow.when === undefined ? {} : { when: flow.when }),
      }));
    this.#ledger = createEvents({
      clock,
      subscriptions,
      queue: {
        prepare: async (open, deliveries) => {
          const ids = await enqueue(open, deliveries);
          return { statements: [], read: () => ids };
        },
      },
    });
    const known = Object.entries(connections);
    const untouched = (): never => {
      throw new Error('no deliveries are decided by hand here');
    };
    this.hub = {
      tenantId,
      clock,
      log: silentLogger,
      config: loadConfig({}),
      random: () => 0.5,
      enqueue,
      prepare: untouched,
      events: { publish: (open, events) => this.#publish(open, events), prepare: untouched },
      deliveries: {
        replay: untouched,
        discard: untouched,
        release: untouched,
        releaseRefused: untouched,
        resolveUnknown: untouched,
        get: untouched,
      },
      destinations: { resume: untouched, list: untouched, conditions: untouched, probeSoon: untouched },
      timeZone: 'America/New_York',
      knownUp: createKnownUp(clock),
      connectionFor: (role, selector) =>
        known.find(([id, each]) => each.role === role && (selector === undefined || id === selector))?.[0],
      connection: (id) => {
        const found = known.find(([each]) => each === id);
        return (
          found && ({ id, type: `demo-${found[1].role}`, test: false, ...found[1] } as ReturnType<Hub['connection']>)
        );
      },
    };
  }

  async #publish(open: Tx, events: readonly NewEvent[]): Promise<HubEvent[]> {
    const published = await this.#ledger.publish(open, events);
    // Only what commits has happened.
    open.afterCommit(() => this.events.push(...published));
    return published;
  }

  async #enqueue(open: Tx, deliveries: readonly NewDelivery[]): Promise<string[]> {
    const rows = deliveries.map(
      (delivery): DeliveryRow => ({
        priority: 0,
        ...delivery,
        id: uuidv7(),
        tenantId: this.#tenantId,
        position: ++this.#position,
        attempt: 1,
      }),
    );
    open.afterCommit(() => this.#waiting.push(...rows));
    return rows.map((row) => row.id);
  }

  answer(operation: string, reply: (sent: Sent) => Outcome | undefined): void {
    this.#answers.set(operation, reply);
  }

  async submit(submission: Partial<OrderSubmission> & Pick<OrderSubmission, 'lines'>): Promise<string> {
    const full = { channel: 'portal', customer: 'C200', ...submission } as OrderSubmission;
    const request = { submission: full, correlationId: uuidv7() };
    const [result] = await this.tx((open) => submitOrders(open, this.hub, [request]));
    if (result?.outcome !== 'created') throw new Error(`not created: ${JSON.stringify(result)}`);
    return result.order.id;
  }

  async settle(): Promise<void> {
    for (let delivery = this.#waiting.shift(); delivery !== undefined; delivery = this.#waiting.shift()) {
      const flow = this.#flows.find((each) => flowDestination(each.name) === delivery!.destination);
      if (flow !== undefined) await this.#runFlow(flow, delivery);
      else if (!delivery.destination.startsWith('flow.')) await this.#sendOutside(delivery);
    }
  }

  async #runFlow(flow: Flow, delivery: DeliveryRow): Promise<void> {
    await this.tx(async (open) => {
      const loaded = delivery.eventId === undefined ? undefined : await this.#ledger.load(open, [delivery.eventId]);
      const event = loaded?.get(delivery.eventId ?? '');
      await flow.handle(open, [{ delivery, ...(event === undefined ? {} : { event }) }], this.hub);
    });
  }

  async #sendOutside(delivery: DeliveryRow): Promise<void> {
    const { destination, operation, naturalKey, payload } = delivery;
    const entityId = payload.entity?.id ?? '';
    const sent: Sent = {
      destination,
      operation,
      entityId,
      delivery,
      ...(naturalKey === undefined ? {} : { naturalKey }),
    };
    this.sent.push(sent);
    const scripted = this.#answers.get(operation);
    const outcome = scripted === undefined ? await this.#confirm(sent) : scripted(sent);
    if (outcome === undefined) return;
    const state = outcome.kind === 'confirmed' ? 'delivered' : outcome.kind === 'rejected' ? 'dead' : 'retry_wait';
    const results: Settled[] = [{ delivery, state, outcome, attempts: 1 }];
    await this.tx(async (open) => {
      for (const flow of this.#flows) await flow.settles[operation]?.(open, results, this.hub);
    });
  }

  async #confirm(sent: Sent): Promise<Outcome> {
    const outsideId = `${sent.destination}:${sent.naturalKey ?? sent.entityId}`;
    if (sent.operation !== 'label.create') return { kind: 'confirmed', outsideId };
    const shipment = (await this.tx((open) => loadShipments(open, [sent.entityId]))).get(sent.entityId)!;
    const labels = shipment.packages.map(({ packageNo }) => ({
      packageNo,
      tracking: `TRK-${shipment.shipmentNo}-${packageNo}`,
    }));
    return { kind: 'confirmed', outsideId, response: { carrier: 'UPS', scac: 'UPSN', service: 'Ground', labels } };
  }

  async order(id: string): Promise<SalesOrder> {
    return (await this.tx((open) => loadOrders(open, [id]))).get(id)!;
  }

  async ats(sku: string, channel = 'portal'): Promise<string> {
    const query = { skus: [sku], channels: [channel], shipDate: today, now: this.clock.now() };
    const [terms] = await this.tx((open) => availability(open, query));
    return terms!.ats;
  }
}
