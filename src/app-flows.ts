import type { Events, HubEvent, Subscription } from './events/index.ts';
import { type Flow, type FlowInput, flowDestination, type Hub, reportFlowFailures } from './flows/index.ts';
import { lockOrders } from './orders/index.ts';
import { HubError, isUuid, type Tx } from './platform/index.ts';
import type { DeliveryRow, FlowRunner, Settled } from './queue/index.ts';

/** Which events start which flow. */
export function subscriptionsOf(flows: readonly Flow[]): Subscription[] {
  return flows
    .filter((flow) => flow.on.length > 0)
    .map((flow) => ({
      destination: flowDestination(flow.name),
      on: flow.on,
      ...(flow.when ? { when: flow.when } : {}),
    }));
}

/** How many lanes each flow has declared, by its destination. */
export function lanesOfFlows(flows: readonly Flow[]): (destination: string) => number | undefined {
  const declared = new Map(flows.map((flow) => [flowDestination(flow.name), flow.lanes]));
  return (destination) => declared.get(destination);
}

/** Locks the orders that are the keys of deliveries. */
async function lockOrdersOf(tx: Tx, deliveries: readonly DeliveryRow[]): Promise<void> {
  await lockOrders(
    tx,
    deliveries.flatMap(({ key }) => (isUuid(key) ? [key] : [])),
  );
}

/** Runs a batch of deliveries of one flow, with the events that they were fanned out from. */
export function createFlowRunner(options: {
  flows: readonly Flow[];
  events: () => Events;
  hub: (tenantId: string) => Hub;
  /** Makes the tenant's routes known before a flow asks for them. */
  open: (tenantId: string) => Promise<void>;
}): FlowRunner {
  const byDestination = new Map(options.flows.map((flow) => [flowDestination(flow.name), flow]));
  const ahead = new WeakMap<Tx, Promise<Map<string, HubEvent>>>();

  /** The events behind a transaction's deliveries, read in the trip that also locks the orders that they surely lock. */
  async function readAhead(tx: Tx, batch: readonly DeliveryRow[]): Promise<Map<string, HubEvent>> {
    const eventIds = new Set<string>();
    for (const { eventId } of batch) if (eventId !== undefined) eventIds.add(eventId);
    const locking = batch.filter(({ destination }) => byDestination.get(destination)?.locksOrders.handle);
    const [events] = await Promise.all([
      eventIds.size === 0 ? new Map<string, HubEvent>() : options.events().load(tx, [...eventIds]),
      lockOrdersOf(tx, locking),
    ]);
    return events;
  }

  return {
    foresee(tx, _tenantId, batch) {
      const reading = readAhead(tx, batch);
      // Whoever runs first hears of it.
      reading.catch(() => {});
      ahead.set(tx, reading);
    },
    async run(tx, tenantId, name, batch) {
      const flow = byDestination.get(name) ?? byDestination.get(flowDestination(name));
      if (flow === undefined) throw new HubError('NO_ROUTE', { message: `No flow is called ${name}` });
      await options.open(tenantId);
      const events = await (ahead.get(tx) ?? readAhead(tx, batch));
      const inputs: FlowInput[] = batch.map((delivery) => {
        const event = delivery.eventId === undefined ? undefined : events.get(delivery.eventId);
        return event === undefined ? { delivery } : { delivery, event };
      });
      await flow.handle(tx, inputs, options.hub(tenantId));
    },
    async failed(tx, tenantId, results) {
      await options.open(tenantId);
      await reportFlowFailures(tx, results, options.hub(tenantId));
    },
  };
}

/** Hands the outcomes of outside operations to the flows that declared what follows from them. */
export function createSettlement(options: {
  flows: readonly Flow[];
  hub: (tenantId: string) => Hub;
  open: (tenantId: string) => Promise<void>;
}): (tx: Tx, tenantId: string, results: readonly Settled[]) => Promise<void> {
  const locking = new Set(options.flows.flatMap((flow) => flow.locksOrders.settles ?? []));
  return async (tx, tenantId, results) => {
    await options.open(tenantId);
    const hub = options.hub(tenantId);
    const confirmed = results.filter(({ outcome, delivery }) => {
      return outcome.kind === 'confirmed' && locking.has(delivery.operation);
    });
    await lockOrdersOf(
      tx,
      confirmed.map(({ delivery }) => delivery),
    );
    const byOperation = Map.groupBy(results, (result) => result.delivery.operation);
    for (const flow of options.flows) {
      const any = flow.settles['*'];
      if (any !== undefined) await any(tx, results, hub);
      for (const [operation, settle] of Object.entries(flow.settles)) {
        const mine = byOperation.get(operation);
        if (operation !== '*' && mine !== undefined) await settle(tx, mine, hub);
      }
    }
  };
}
