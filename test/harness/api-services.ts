import { createApi } from '../../src/api/index.ts';
import type { ApiServices } from '../../src/api/services.ts';
import { createCatalogDirectory } from '../../src/catalog/index.ts';
import { connectors } from '../../src/connectors/index.ts';
import { createEvents } from '../../src/events/index.ts';
import { createKnownUp, createMessageIntake, createOrderIntake, type Hub } from '../../src/flows/index.ts';
import { createStockDirectory } from '../../src/inventory/index.ts';
import { createCustomerDirectory } from '../../src/parties/index.ts';
import { createMetrics, HubError, loadConfig, type Logger, silentLogger } from '../../src/platform/index.ts';
import { createConnections, createQueue, type Deliverer, type FlowRunner } from '../../src/queue/index.ts';
import { createSecurity, ensureTenant } from '../../src/security/index.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';
import { type TestDatabase, testDatabase } from './test-database.ts';

export interface TestApi {
  readonly app: Awaited<ReturnType<typeof createApi>>;
  readonly services: ApiServices;
  readonly database: TestDatabase;
  readonly clock: ManualClock;
  /** The admin's key of the home tenant, `acme`. */
  readonly adminKey: string;
  stop(): Promise<void>;
}

export const testAdminKey = 'admin-key-of-the-api-tests';

const idle: FlowRunner & Deliverer = {
  run: () => Promise.reject(new HubError('STOPPING')),
  prepare: () => Promise.reject(new HubError('STOPPING')),
  send: () => Promise.reject(new HubError('STOPPING')),
  lookup: () => Promise.reject(new HubError('STOPPING')),
  settled: () => Promise.resolve(),
};

const notWired = () => Promise.reject(new HubError('INTERNAL', { message: 'this test did not wire the flow' }));

/**
 * The API over a database of its own, with lanes that nobody works: what a request writes stays as it wrote it. Tenants
 * `acme` (home) and `other`.
 */
export async function testApi(
  options: {
    flows?: Partial<ApiServices['flows']>;
    consoleDir?: string;
    log?: Logger;
    intake?: ApiServices['intake'];
    gate?: Partial<ApiServices['gate']>;
    readiness?: ApiServices['readiness'];
  } = {},
): Promise<TestApi> {
  const database = await testDatabase();
  const { app: db, engine } = database;
  const clock = manualClock('2026-06-01T13:00:00Z');
  const log = options.log ?? silentLogger;
  const config = loadConfig({ CROSSDOCK_ADMIN_KEY: testAdminKey, CROSSDOCK_DATA: '/tmp/crossdock-test-data' });
  const security = createSecurity({
    db,
    clock,
    homeTenantId: 'acme',
    adminKey: testAdminKey,
    masterKey: Buffer.alloc(32, 1),
    log,
  });
  for (const id of ['acme', 'other']) await db.tx(id, (tx) => ensureTenant(tx, { id, name: id, demo: true }));
  const queue = createQueue({ app: db, engine, clock, log, random: () => 0.5, flows: idle, deliverer: idle });
  const events = createEvents({
    clock,
    queue,
    subscriptions: [{ destination: 'flow.process-order', on: ['sales.order.received'] }],
  });
  const hub = (tenantId: string): Hub => ({
    tenantId,
    clock,
    log,
    config,
    events,
    enqueue: (tx, deliveries) => queue.enqueue(tx, deliveries),
    prepare: (tx, deliveries) => queue.prepare(tx, deliveries),
    deliveries: queue.deliveries,
    destinations: queue.destinations,
    random: () => 0.5,
    timeZone: 'America/New_York',
    knownUp: createKnownUp(clock),
    connectionFor: () => undefined,
    connection: () => undefined,
  });
  const customers = createCustomerDirectory({ db, clock });
  const catalog = createCatalogDirectory({ db, clock });
  const stock = createStockDirectory({ db, clock });
  const services: ApiServices = {
    config,
    version: '1.2.3',
    clock,
    log,
    metrics: createMetrics(),
    db,
    security,
    queue,
    gate: { admit: () => {}, ofTenant: () => ({ open: 0 }), ...options.gate },
    events,
    connections: createConnections(security.sealing),
    connectors,
    deliverer: idle,
    prepareTenant: () => Promise.resolve(),
    intake: options.intake ?? createOrderIntake({ db, clock, customers, catalog, hub }),
    messages: createMessageIntake({ db, hub }),
    knownConnection: () => Promise.resolve(undefined),
    customers,
    catalog,
    stock,
    connectionsChanged: () => Promise.resolve(),
    hub,
    flows: { actOnException: notWired, cancelOrder: notWired, ...options.flows },
    readiness: options.readiness ?? (() => Promise.resolve([{ name: 'database', ok: true }])),
  };
  const app = await createApi(services, options.consoleDir === undefined ? {} : { consoleDir: options.consoleDir });
  return {
    app,
    services,
    database,
    clock,
    adminKey: testAdminKey,
    async stop() {
      await app.close();
      customers.stop();
      catalog.stop();
      stock.stop();
      await database.drop();
    },
  };
}
