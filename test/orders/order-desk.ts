import { createCatalogDirectory, putItems, putPriceRules } from '../../src/catalog/index.ts';
import { createEvents, type HubEvent } from '../../src/events/index.ts';
import { type ExceptionRecord, listExceptions } from '../../src/exceptions/index.ts';
import { actOnException } from '../../src/flows/act-on-exception.ts';
import { cancelOrderFlow } from '../../src/flows/cancel-order.ts';
import type { Flow, FlowInput, Hub } from '../../src/flows/flow.ts';
import { processOrder } from '../../src/flows/process-order.ts';
import { recheckHolds } from '../../src/flows/recheck-holds.ts';
import { createOrderIntake, type OrderIntake, type SubmitRequest } from '../../src/flows/submit-order.ts';
import { applySnapshots, putLocations, putStockPolicies } from '../../src/inventory/index.ts';
import type { OrderSubmission, SalesOrder } from '../../src/model/index.ts';
import { loadOrders } from '../../src/orders/index.ts';
import { createCustomerDirectory, putCustomers } from '../../src/parties/index.ts';
import { loadConfig, silentLogger, type Tx } from '../../src/platform/index.ts';
import { createQueue, type NewDelivery } from '../../src/queue/index.ts';
import { manualClock, type ManualClock, type TestDatabase, testDatabase } from '../harness/index.ts';
import { customers, items, locations, prices } from './ridgeline-data.ts';

export const tenant = 'ridgeline';

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
  stock(quantities: Record<string, Record<string, string>>): Promise<void>;
  submit(submission: Partial<OrderSubmission>, request?: Partial<SubmitRequest>): ReturnType<OrderIntake['submit']>;
  /** Submits, and runs what follows. @throws when it is not taken in */
  order(submission: Partial<OrderSubmission>): Promise<SalesOrder>;
  /** Runs the flows of all events and deliveries so far. */
  work(): Promise<void>;
  load(id: string): Promise<SalesOrder>;
  exceptions(filter?: { orderId?: string; code?: string }): Promise<ExceptionRecord[]>;
  act(exceptionId: string, action: string, input?: Record<string, unknown>): Promise<string[]>;
  refresh(): Promise<void>;
  close(): Promise<void>;
}

const flows: readonly Flow[] = [processOrder, recheckHolds, cancelOrderFlow];

export async function orderDesk(
  options: { connections?: Partial<Record<'erp' | 'wms', string>> } = {},
): Promise<OrderDesk> {
  const db = await testDatabase();
  const clock = manualClock('2026-06-01T13:00:00.000Z');
  const random = (): number => 0.5;
  const queue = createQueue({
    app: db.app,
    engine: db.engine,
    clock,
    log: silentLogger,
    random,
    flows: { run: () => Promise.reject(new Error('flows are run by the test')) },
    deliverer: {
      prepare: () => Promise.reject(new Error('nothing is sent')),
      send: () => Promise.reject(new Error('nothing is sent')),
      lookup: () => Promise.reject(new Error('nothing is sent')),
      settled: () => Promise.reject(new Error('nothing is sent')),
    },
  });
  const events: HubEvent[] = [];
  const commands: NewDelivery[] = [];
  const queued: NewDelivery[] = [];
  const ledger = createEvents({ clock, queue, subscriptions: [] });
  const connections = options.connections ?? { erp: 'erp' };
  let position = 0;
  const hub: Hub = {
    tenantId: tenant,
    clock,
    log: silentLogger,
    config: loadConfig({}),
    random,
    deliveries: queue.deliveries,
    destinations: queue.destinations,
    events: {
      async publish(tx, list) {
        const published = await ledger.publish(tx, list);
        tx.afterCommit(() => void events.push(...published));
        return published;
      },
    },
    async enqueue(tx, deliveries) {
      const ids = await queue.enqueue(tx, deliveries);
      tx.afterCommit(() => {
        for (const delivery of deliveries)
          (delivery.destination.startsWith('flow.') ? queued : commands).push(delivery);
      });
      return ids;
    },
    connectionFor: (role) => connections[role as 'erp' | 'wms'],
    connection: () => undefined,
  };
  const customerDirectory = createCustomerDirectory({ db: db.app, clock });
  const catalogDirectory = createCatalogDirectory({ db: db.app, clock });
  const intake = createOrderIntake({
    db: db.app,
    clock,
    customers: customerDirectory,
    catalog: catalogDirectory,
    hub: () => hub,
  });
  const tx = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => db.app.tx(tenant, fn);
  await tx(async (t) => {
    const now = clock.now();
    await putCustomers(t, customers, { now });
    await putItems(t, items, { now });
    await putPriceRules(t, prices, { now });
    await putLocations(t, locations, { now });
    await putStockPolicies(
      t,
      [
        { sku: 'LED', location: 'DC1', safetyStock: '10' },
        { sku: 'LED', location: 'BR3', safetyStock: '2' },
        { sku: 'LED', channel: 'marketplace', buffer: '5' },
      ],
      { now },
    );
  });
  let worked = 0;
  let sequence = 0;

  const inputOf = (flow: Flow, event: HubEvent): FlowInput => ({
    event,
    delivery: {
      id: event.id,
      position: ++position,
      tenantId: tenant,
      destination: `flow.${flow.name}`,
      key: event.key,
      operation: event.type,
      payload: { kind: 'event', entity: event.entity },
      eventId: event.id,
      correlationId: event.correlationId,
      priority: 0,
      attempt: 1,
    },
  });
  async function work(): Promise<void> {
    while (worked < events.length || queued.length > 0) {
      const event = events[worked];
      if (event !== undefined) {
        worked++;
        for (const flow of flows) {
          if (flow.on.includes(event.type)) await tx((t) => flow.handle(t, [inputOf(flow, event)], hub));
        }
        continue;
      }
      const delivery = queued.shift()!;
      const flow = flows.find(({ name }) => `flow.${name}` === delivery.destination);
      const row = { ...delivery, id: `d${++position}`, position, tenantId: tenant, priority: 0, attempt: 1 };
      if (flow !== undefined) await tx((t) => flow.handle(t, [{ delivery: row }], hub));
    }
  }
  const load = async (id: string): Promise<SalesOrder> => (await tx((t) => loadOrders(t, [id]))).get(id)!;
  const submit: OrderDesk['submit'] = (submission, request = {}) =>
    intake.submit(tenant, {
      submission: { channel: 'edi', customer: 'C100', lines: [], ...submission } as OrderSubmission,
      correlationId: `trace-${++sequence}`,
      ...request,
    });
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
    async stock(quantities) {
      const now = clock.now();
      await tx((t) =>
        applySnapshots(
          t,
          Object.entries(quantities).map(([location, bySku]) => ({
            location,
            asOf: now,
            asOfSeq: ++sequence,
            positions: Object.entries(bySku).map(([sku, quantity]) => ({ sku, quantity })),
          })),
          now,
        ),
      );
    },
    async order(submission) {
      const result = await submit(submission);
      if (result.outcome !== 'created') throw new Error(`${result.outcome}: ${result.message}`);
      await work();
      return load(result.order.id);
    },
    exceptions: async (filter = {}) =>
      (await tx((t) => listExceptions(t, { state: 'open', ...filter }, { limit: 100 }))).rows,
    async act(exceptionId, action, input = {}) {
      const { effects } = await tx((t) =>
        actOnException(hub, t, { exceptionId, action, reason: 'test', input, actor: 'ann' }),
      );
      await work();
      return effects;
    },
    async refresh() {
      await customerDirectory.refresh(tenant);
      await catalogDirectory.refresh(tenant);
    },
    async close() {
      await intake.idle();
      customerDirectory.stop();
      catalogDirectory.stop();
      await db.drop();
    },
  };
}
