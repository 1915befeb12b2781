import { createCatalogDirectory, putItems, putPriceRules } from '../../src/catalog/index.ts';
import { createEvents, type HubEvent, type NewEvent } from '../../src/events/index.ts';
import { type ExceptionRecord, listExceptions } from '../../src/exceptions/index.ts';
import { actOnException } from '../../src/flows/act-on-exception.ts';
import { cancelOrderFlow } from '../../src/flows/cancel-order.ts';
import type { Flow, FlowInput, Hub } from '../../src/flows/flow.ts';
import { createKnownUp } from '../../src/flows/known-up.ts';
import { processOrder } from '../../src/flows/process-order.ts';
import { recheckHolds } from '../../src/flows/recheck-holds.ts';
import { createOrderIntake, type OrderIntake, type SubmitRequest } from '../../src/flows/submit-order.ts';
import { applySnapshots, availability, putLocations, putStockPolicies } from '../../src/inventory/index.ts';
import type { OrderLineInput, OrderSubmission, SalesOrder } from '../../src/model/index.ts';
import { loadOrders } from '../../src/orders/index.ts';
import { createCustomerDirectory, putCustomers } from '../../src/parties/index.ts';
import { loadConfig, runGroup, silentLogger, type Tx } from '../../src/platform/index.ts';
import { createQueue, type NewDelivery } from '../../src/queue/index.ts';
import { manualClock, type ManualClock, type TestDatabase, testDatabase } from '../harness/index.ts';
import { customers, items, locations, prices } from './ridgeline-data.ts';

export const tenant = 'ridgeline';

type Connections = Partial<Record<'erp' | 'wms', string>>;
type Stock = Record<string, Record<string, string>>;

/** Order intake and its flows on a real database; flows are run by hand, one event at a time, as the lanes would. */
export interface OrderDesk {
  db: TestDatabase;
  clock: ManualClock;
  intake: OrderIntake;
  hub: Hub;
  /** Commands for outside systems, in order. */
  commands: NewDelivery[];
  /** Every event published, in order. */
  events: HubEvent[];
  tx<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /** Location → SKU → base units on hand. */
  stock(quantities: Stock): Promise<void>;
  ats(sku: string, channel?: string): Promise<string>;
  submit(submission: Partial<OrderSubmission>, request?: Partial<SubmitRequest>): ReturnType<OrderIntake['submit']>;
  /** Submits, and runs what follows. @throws when it is not taken in */
  order(submission: Partial<OrderSubmission>): Promise<SalesOrder>;
  /** Runs the flows of all events and deliveries so far. */
  work(): Promise<void>;
  publish(event: NewEvent): Promise<void>;
  /** Types of the events of an order, in order. */
  typesOf(orderId: string): string[];
  load(id: string): Promise<SalesOrder>;
  exceptions(filter?: { orderId?: string; code?: string }): Promise<ExceptionRecord[]>;
  act(exceptionId: string, action: string, input?: Record<string, unknown>): Promise<string[]>;
  /** Lets the intake see master data that was written past it. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export function orderLine(sku: string, value: string, price?: string, uom = 'EA'): OrderLineInput {
  const stated = price === undefined ? undefined : { value: price, currency: 'USD', perQty: '1', uom: 'EA' };
  return { sku, quantity: { value, uom }, ...(stated === undefined ? {} : { price: stated }) };
}

/** Codes of what holds the order and its lines. */
export function holdCodes(order: SalesOrder): string[] {
  return [...order.holds, ...order.lines.flatMap((line) => line.holds)].map((hold) => hold.code);
}

interface Wires {
  hub: Hub;
  events: HubEvent[];
  commands: NewDelivery[];
  /** Deliveries for flows. */
  queued: NewDelivery[];
}

function wireHub(db: TestDatabase, clock: ManualClock, connections: Connections): Wires {
  const unused = (): Promise<never> => Promise.reject(new Error('the lanes stand still: the test runs the flows'));
  const random = (): number => 0.5;
  const queue = createQueue({
    app: db.app,
    engine: db.engine,
    clock,
    log: silentLogger,
    random,
    flows: { run: unused },
    deliverer: { prepare: unused, send: unused, lookup: unused, settled: unused },
  });
  const wires: Omit<Wires, 'hub'> = { events: [], commands: [], queued: [] };
  const ledger = createEvents({ clock, queue, subscriptions: [] });
  const hub: Hub = {
    tenantId: tenant,
    clock,
    log: silentLogger,
    config: loadConfig({}),
    random,
    deliveries: queue.deliveries,
    destinations: queue.destinations,
    prepare: unused,
    events: {
      publish: async (tx, list) => runGroup(tx, await hub.events.prepare(tx, list)),
      async prepare(tx, list) {
        const { statements, read } = await ledger.prepare(tx, list);
        const readAndTell = (answers: readonly unknown[][]): HubEvent[] => {
          const published = read(answers);
          tx.afterCommit(() => void wires.events.push(...published));
          return published;
        };
        return { statements, read: readAndTell };
      },
    },
    async enqueue(tx, deliveries) {
      const ids = await queue.enqueue(tx, deliveries);
      const into = (delivery: NewDelivery) =>
        delivery.destination.startsWith('flow.') ? wires.queued : wires.commands;
      tx.afterCommit(() => deliveries.forEach((delivery) => into(delivery).push(delivery)));
      return ids;
    },
    timeZone: 'America/New_York',
    knownUp: createKnownUp(clock),
    connectionFor: (role) => connections[role as 'erp' | 'wms'],
    connection: () => undefined,
  };
  return { hub, ...wires };
}

async function seed(tx: Tx, now: Date): Promise<void> {
  await putCustomers(tx, customers, { now });
  await putItems(tx, items, { now });
  await putPriceRules(tx, prices, { now });
  await putLocations(tx, locations, { now });
  const policies = [
    { sku: 'LED', location: 'DC1', safetyStock: '10' },
    { sku: 'LED', location: 'BR3', safetyStock: '2' },
    { sku: 'LED', channel: 'marketplace', buffer: '5' },
  ];
  await putStockPolicies(tx, policies, { now });
}

const flows: readonly Flow[] = [processOrder, recheckHolds, cancelOrderFlow];

function createWorker(wires: Wires, tx: OrderDesk['tx']): () => Promise<void> {
  let worked = 0;
  let position = 0;
  const run = (flow: Flow, input: FlowInput): Promise<void> => tx((t) => flow.handle(t, [input], wires.hub));
  const common = () => ({ position: ++position, tenantId: tenant, priority: 0, attempt: 1 });
  return async () => {
    while (worked < wires.events.length || wires.queued.length > 0) {
      const event = wires.events[worked];
      if (event === undefined) {
        const delivery = wires.queued.shift()!;
        const flow = flows.find(({ name }) => `flow.${name}` === delivery.destination);
        if (flow !== undefined) await run(flow, { delivery: { ...delivery, ...common(), id: `d${position}` } });
        continue;
      }
      worked++;
      for (const flow of flows.filter(({ on }) => on.includes(event.type))) {
        const { id, key, type: operation, correlationId, entity } = event;
        const payload = { kind: 'event' as const, entity };
        const destination = `flow.${flow.name}`;
        await run(flow, { event, delivery: { id, key, operation, correlationId, payload, destination, ...common() } });
      }
    }
  };
}

export async function orderDesk(options: { connections?: Connections } = {}): Promise<OrderDesk> {
  const db = await testDatabase();
  const clock = manualClock('2026-06-01T13:00:00.000Z');
  const wires = wireHub(db, clock, options.connections ?? { erp: 'erp' });
  const { hub, events, commands } = wires;
  const customerDirectory = createCustomerDirectory({ db: db.app, clock });
  const catalog = createCatalogDirectory({ db: db.app, clock });
  const intake = createOrderIntake({ db: db.app, clock, customers: customerDirectory, catalog, hub: () => hub });
  const tx: OrderDesk['tx'] = (fn) => db.app.tx(tenant, fn);
  await tx((t) => seed(t, clock.now()));
  const work = createWorker(wires, tx);
  let sequence = 0;
  const load = async (id: string): Promise<SalesOrder> => (await tx((t) => loadOrders(t, [id]))).get(id)!;
  const submit: OrderDesk['submit'] = (given, request = {}) => {
    const submission: OrderSubmission = { channel: 'edi', customer: 'C100', lines: [], ...given };
    return intake.submit(tenant, { submission, correlationId: `trace-${++sequence}`, ...request });
  };
  return {
    db,
    clock,
    intake,
    hub,
    commands,
    events,
    tx,
    work,
    load,
    submit,
    stock: (quantities) => tx((t) => count(t, quantities, clock.now(), ++sequence)),
    async ats(sku, channel = 'portal') {
      const query = { skus: [sku], channels: [channel], shipDate: '2026-06-01', now: clock.now() };
      return (await tx((t) => availability(t, query)))[0]!.ats;
    },
    async order(submission) {
      const result = await submit(submission);
      if (result.outcome !== 'created') throw new Error(`${result.outcome}: ${result.message}`);
      await work();
      return load(result.order.id);
    },
    async publish(event) {
      await tx((t) => hub.events.publish(t, [event]));
      await work();
    },
    typesOf: (orderId) => events.filter((event) => event.orderId === orderId).map((event) => event.type),
    exceptions: async (filter = {}) =>
      (await tx((t) => listExceptions(t, { state: 'open', ...filter }, { limit: 100 }))).rows,
    async act(exceptionId, action, input = {}) {
      const deed = { exceptionId, action, reason: 'test', input, actor: 'ann' };
      const { effects } = await tx((t) => actOnException(hub, t, deed));
      await work();
      return effects;
    },
    async refresh() {
      await customerDirectory.refresh(tenant);
      await catalog.refresh(tenant);
    },
    async close() {
      await intake.idle();
      customerDirectory.stop();
      catalog.stop();
      await db.drop();
    },
  };
}

async function count(tx: Tx, quantities: Stock, asOf: Date, asOfSeq: number): Promise<void> {
  const snapshots = Object.entries(quantities).map(([location, bySku]) => ({
    location,
    asOf,
    asOfSeq,
    positions: Object.entries(bySku).map(([sku, quantity]) => ({ sku, quantity })),
  }));
  await applySnapshots(tx, snapshots, asOf);
}
