import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { type ApiServices, createApi } from '../api/index.ts';
import { createRouteDirectory, type RouteDirectory } from './directories.ts';
import { createFlowRunner, createSettlement, lanesOfFlows, subscriptionsOf } from './flows.ts';
import { intakeCheck, startIntakeGate } from './intake.ts';
import { createHubMetrics } from './metrics.ts';
import { openPools, type Pools } from './pools.ts';
import { startDoors } from './doors.ts';
import { budgetChore, chores, partitionUpkeep, replayChore, statisticsUpkeep } from './chores.ts';
import { startMark } from './mark.ts';
import { startSchedule } from './schedule.ts';
import { tenantDataDir } from './tenant-folders.ts';
import { createCatalogDirectory } from '../catalog/index.ts';
import { connectors, createHttpClient } from '../connectors/index.ts';
import { createEvents, type Events } from '../events/index.ts';
import { createDeliverer } from '../exchange/index.ts';
import {
  actOnException,
  cancelOrder,
  closeOpenedBefore,
  createKnownUp,
  createMessageIntake,
  createOrderIntake,
  flows,
  type Hub,
  reportBreakerChange,
} from '../flows/index.ts';
import { loadFulfillmentOrders, loadShipments } from '../fulfillment/index.ts';
import { createStockDirectory, loadPublishedAvailability } from '../inventory/index.ts';
import { loadInvoices } from '../invoicing/index.ts';
import { indexMaps, maps } from '../maps/index.ts';
import { hubVersion } from '../platform/index.ts';
import { loadOrders } from '../orders/index.ts';
import { createCustomerDirectory } from '../parties/index.ts';
import {
  type Clock,
  type Config,
  createStopper,
  listenFailure,
  type Logger,
  stampIdsBy,
  startDatabaseClock,
  type Stopper,
  systemClock,
} from '../platform/index.ts';
import { createConnections, createQueue, type Queue } from '../queue/index.ts';
import {
  createSecurity,
  ensureTenant,
  loadAdminKey,
  loadMasterKey,
  type Security,
  type Tenant,
} from '../security/index.ts';

export interface HubOptions {
  readonly config: Config;
  readonly log: Logger;
  /** The tenant that the admin's key belongs to; made when it does not exist. */
  readonly tenant: Tenant;
  /** What the hub takes for the time; without it that is the database's clock. */
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Folder of the built console; absent: no console is served. */
  readonly consoleDir?: string;
  /** The database was put back while the hub worked on it: nothing that is in memory counts any more. Default: stops. */
  readonly onPutBack?: () => void;
  /** How often the queue looks without being woken; tests shorten it. */
  readonly pollMs?: number;
}

export interface RunningHub {
  /** Where the API and the console answer, e.g. http://127.0.0.1:8080. */
  readonly url: string;
  readonly adminKey: string;
  readonly api: FastifyInstance;
  readonly services: ApiServices;
  readonly queue: Queue;
  readonly pools: Pools;
  /** Drains and closes everything; false when a step failed or ran out of time. */
  stop(reason: string): Promise<boolean>;
  readonly stopper: Stopper;
}

/** The composition root: the only place where rooms are wired to each other. */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  const { config, log, random = Math.random } = options;
  const stopper = createStopper({ log, clock: options.clock ?? systemClock, timeoutMs: config.stopTimeoutMs });
  try {
    const pools = await openPools({ config, log, stopper });
    const clock = options.clock ?? (await goByDatabase(pools, log, stopper));
    return await assemble({ ...options, clock, random }, pools, stopper);
  } catch (error) {
    // What had been started must not outlive a failed start.
    await stopper.stop('the start failed');
    throw error;
  }
}

type Assembled = HubOptions & { clock: Clock; random: () => number };

/** One clock for all hubs of a database: what one of them puts off is due for every other at the same moment. */
async function goByDatabase(pools: Pools, log: Logger, stopper: Stopper): Promise<Clock> {
  const clock = await startDatabaseClock({ db: pools.engine, log });
  stopper.onStop('clock', () => clock.stop());
  stampIdsBy(() => clock.now().getTime());
  return clock;
}

/** Master data and stock in memory. */
function openDirectories(pools: Pools, clock: Clock, stopper: Stopper) {
  const customers = createCustomerDirectory({ db: pools.app, clock });
  const catalog = createCatalogDirectory({ db: pools.app, clock });
  const stock = createStockDirectory({ db: pools.app, clock });
  stopper.onStop('directories', () => {
    customers.stop();
    catalog.stop();
    stock.stop();
  });
  return { customers, catalog, stock };
}

async function openSecurity({ config, clock, log, tenant }: Assembled, pools: Pools) {
  const { dataDir, requestsPerMinute } = config;
  const [adminKey, masterKey] = await Promise.all([
    loadAdminKey({ dataDir, configured: config.adminKey }),
    loadMasterKey({ dataDir, configured: config.masterKey }),
  ]);
  const homeTenantId = tenant.id;
  const keys = { homeTenantId, adminKey, masterKey, requestsPerMinute };
  return { adminKey, security: createSecurity({ db: pools.app, clock, log, ...keys }) };
}

async function assemble(options: Assembled, pools: Pools, stopper: Stopper): Promise<RunningHub> {
  const { config, log, clock } = options;
  await startMark({ ...options, pools, stopper });
  const { adminKey, security } = await openSecurity(options, pools);
  const connections = createConnections(security.sealing);
  const routes = createRouteDirectory({ db: pools.app, connections, clock, log });
  const { queue, events, hub, deliverer } = wireLanes({ options, pools, routes, stopper, security });
  await pools.app.tx(options.tenant.id, (tx) => ensureTenant(tx, options.tenant));
  await routes.open(options.tenant.id);

  const { customers, catalog, stock } = openDirectories(pools, clock, stopper);
  const intake = createOrderIntake({ db: pools.app, clock, customers, catalog, hub });
  const metrics = createHubMetrics(queue);
  const gate = await startIntakeGate({ config, pools, clock, log, stopper, metrics });
  const services: ApiServices = {
    config,
    version: hubVersion,
    clock,
    log,
    security,
    queue,
    events,
    connections,
    connectors,
    deliverer,
    prepareTenant: (tenantId) => routes.open(tenantId),
    intake,
    messages: createMessageIntake({ db: pools.app, hub }),
    knownConnection: (tenantId, id) => routes.known(tenantId, id),
    customers,
    catalog,
    stock,
    metrics,
    db: pools.app,
    connectionsChanged: (tenantId) => routes.refresh(tenantId),
    hub,
    flows: { actOnException, cancelOrder },
    gate,
    readiness: async () => [...(await pools.readiness()), intakeCheck(gate)],
  };
  if (config.roles.includes('worker')) await queue.start();
  if (config.roles.includes('scheduler')) {
    startSchedule({
      pools,
      clock,
      log,
      stopper,
      hub,
      open: routes.open,
      chores: [...chores, replayChore(deliverer), budgetChore(queue.budgets)],
      upkeep: [
        partitionUpkeep({ ownerUrl: pools.ownerUrl, archiveDir: join(config.dataDir, 'archive'), clock, log }),
        statisticsUpkeep(pools.engine, pools.ownerUrl),
      ],
    });
    startDoors({ config, pools, clock, log, stopper, hub, homeTenantId: options.tenant.id, isOpen: gate.isOpen });
  }
  const api = await createApi(services, options.consoleDir === undefined ? {} : { consoleDir: options.consoleDir });
  stopper.onStop('api', () => api.close());
  const url = config.roles.includes('api')
    ? await api.listen({ port: config.port, host: config.host }).catch((error: unknown) => {
        throw listenFailure(error, config);
      })
    : config.publicUrl;
  return { url, adminKey, api, services, queue, pools, stopper, stop: (reason) => stopper.stop(reason) };
}

/** Events, lanes and the deliverer need each other; the knot is tied here and nowhere else. */
function wireLanes(parts: {
  options: Assembled;
  pools: Pools;
  routes: RouteDirectory;
  stopper: Stopper;
  security: Security;
}) {
  const { options, pools, routes, stopper } = parts;
  const { config, log, clock, random } = options;
  const knownUp = createKnownUp(clock, (tenantId, destination, succeededAt) =>
    pools.app.tx(tenantId, (tx) => closeOpenedBefore(tx, hub(tenantId), destination, succeededAt)),
  );
  const hub = (tenantId: string): Hub => ({
    tenantId,
    clock,
    log,
    config,
    random,
    events: { publish: (tx, list) => events.publish(tx, list), prepare: (tx, list) => events.prepare(tx, list) },
    enqueue: (tx, deliveries) => queue.enqueue(tx, deliveries),
    prepare: (tx, deliveries) => queue.prepare(tx, deliveries),
    deliveries: queue.deliveries,
    destinations: queue.destinations,
    knownUp,
    timeZone: routes.timeZone(tenantId),
    connectionFor: (role, selector) => routes.connectionFor(tenantId, role, selector),
    connection: (id) => routes.connection(tenantId, id),
  });
  const http = createHttpClient();
  stopper.onStop('http client', () => http.close());
  const knot = { flows, hub, open: (tenantId: string) => routes.open(tenantId) };
  const deliverer = createDeliverer({
    connectors,
    maps: indexMaps(maps),
    hydrate: {
      order: loadOrders,
      fulfillment: loadFulfillmentOrders,
      shipment: loadShipments,
      invoice: loadInvoices,
      availability: loadPublishedAvailability,
    },
    connections: { get: routes.connection, secrets: routes.secrets },
    http,
    clock,
    timeZoneOf: routes.timeZone,
    log,
    dataDirOf: (tenantId) => tenantDataDir(config.dataDir, options.tenant.id, tenantId),
    settle: createSettlement(knot),
    async breakerChanged(tx, tenantId, change) {
      await routes.open(tenantId);
      await reportBreakerChange(tx, change, hub(tenantId));
    },
  });
  const queue = createQueue({
    app: pools.app,
    engine: pools.engine,
    clock,
    log,
    random,
    leaseMs: config.leaseMs,
    // The only hub of an embedded database takes its own lanes back at once after a crash.
    ...(config.databaseUrl === undefined ? { workerId: 'embedded' } : {}),
    ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
    flows: createFlowRunner({ ...knot, events: () => events, db: pools.app, clock }),
    lanesOf: lanesOfFlows(flows),
    deliverer,
  });
  stopper.onStop('lanes', async () => {
    await queue.stop();
    knownUp.stop();
  });
  const events: Events = createEvents({ clock, queue, subscriptions: subscriptionsOf(flows) });
  return { queue, events, hub, deliverer };
}
