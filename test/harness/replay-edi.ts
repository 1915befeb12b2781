import { createHttpClient, ediFolder } from '../../src/connectors/index.ts';
import { createEvents } from '../../src/events/index.ts';
import { createDeliverer } from '../../src/exchange/index.ts';
import { indexMaps } from '../../src/maps/index.ts';
import {
  getPlan,
  listItems,
  type PlanRequest,
  planReplay,
  type ReplayItem,
  type ReplayRunner,
  startReplay,
  workReplays,
} from '../../src/operations/index.ts';
import { silentLogger, systemClock } from '../../src/platform/index.ts';
import { clock, db, queue, tenant } from './edi-hub.ts';
import { until } from './until.ts';

const folder = { id: 'meridian-folder', type: 'edi-folder', role: 'edi', settings: { folder: 'C100' }, test: false };

/** Replays one delivery of the EDI hub, and waits until it has gone out again. */
export async function replay(deliveryId: string, how: Partial<PlanRequest>): Promise<ReplayItem> {
  const runner: ReplayRunner = {
    clock: systemClock,
    deliverer: createDeliverer({
      connectors: [ediFolder],
      maps: indexMaps(),
      hydrate: {},
      connections: { get: (_, id) => (id === folder.id ? folder : undefined), secrets: () => Promise.resolve({}) },
      http: createHttpClient(),
      clock,
      timeZoneOf: () => 'UTC',
      log: silentLogger,
      // It prepares what is sent; the queue's own sends it.
      dataDirOf: () => '/nowhere',
      settle: () => Promise.resolve(),
    }),
    deliveries: queue.deliveries,
    events: createEvents({ clock: systemClock, queue, subscriptions: [] }),
    enqueue: (tx, list) => queue.enqueue(tx, list),
  };
  const request: PlanRequest = {
    selection: { deliveryIds: [deliveryId] },
    mode: 'original',
    controlNumbers: 'keep',
    dedupe: 'keep',
    ratePerMinute: 60_000,
    reason: 'lost over there',
    ...how,
  };
  const { id } = await db.app.tx(tenant, (tx) => planReplay(tx, runner, request, 'user:ann'));
  await db.app.tx(tenant, (tx) => startReplay(tx, runner, id, { actor: 'user:ann' }));
  await until(async () => {
    await db.app.tx(tenant, (tx) => workReplays(tx, runner));
    return (await db.app.tx(tenant, (tx) => getPlan(tx, id))).state !== 'running';
  });
  await queue.idle();
  return (await db.app.tx(tenant, (tx) => listItems(tx, id, { limit: 1 })))[0]!;
}
