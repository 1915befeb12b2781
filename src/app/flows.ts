import type { Events, HubEvent, Subscription } from '../events/index.ts';
import { type Flow, type FlowInput, flowDestination, type Hub, reportFlowFailures } from '../flows/index.ts';
import { type Clock, type Db, HubError, type Tx, uuidv7 } from '../platform/index.ts';
import type { FlowRunner, Settled } from '../queue/index.ts';

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

/** Runs a batch of deliveries of one flow, with the events that they were fanned out from. */
export function createFlowRunner(options: {
  flows: readonly Flow[];
  events: () => Events;
  hub: (tenantId: string) => Hub;
  /** Makes the tenant's routes known before a flow asks for them. */
  open: (tenantId: string) => Promise<void>;
  /** For what flows note before a batch. */
  db: Db;
  clock: Clock;
}): FlowRunner {
  const byDestination = new Map(options.flows.map((flow) => [flowDestination(flow.name), flow]));
  const process = { id: uuidv7(), startedAtMs: options.clock.now().getTime() };
  return {
    async begin(tenantId, name, batch, alone) {
      const begin = byDestination.get(flowDestination(name))?.begin;
      if (begin === undefined) return 'together';
      return begin(batch, { process, alone, tx: (fn) => options.db.tx(tenantId, fn) });
    },
    async run(tx, tenantId, name, batch) {
      const flow = byDestination.get(name) ?? byDestination.get(flowDestination(name));
      if (flow === undefined) throw new HubError('NO_ROUTE', { message: `No flow is called ${name}` });
      await options.open(tenantId);
      const eventIds = [
        ...new Set(batch.flatMap((delivery) => (delivery.eventId === undefined ? [] : [delivery.eventId]))),
      ];
      const events: Map<string, HubEvent> =
        eventIds.length === 0 ? new Map() : await options.events().load(tx, eventIds);
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
  return async (tx, tenantId, results) => {
    await options.open(tenantId);
    const hub = options.hub(tenantId);
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
