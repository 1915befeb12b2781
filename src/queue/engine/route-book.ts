import type { Clock } from '../../platform/index.ts';
import { type DestinationRow, destinationOfRow } from '../destinations.ts';
import { closedBreaker } from '../step/breaker-step.ts';
import { windowStatus } from '../step/window-step.ts';
import { createRateMeter } from './rate-meter.ts';
import { createReadyQueue } from './ready-queue.ts';
import type { Route } from './work.ts';

/** The destinations of all tenants, with what is ready to go there. */
export interface RouteBook {
  /** Takes in destinations as they now are; what is ready stays where it is. */
  update(rows: readonly DestinationRow[]): void;
  find(tenantId: string, destination: string): Route | undefined;
  ofTenant(tenantId: string): readonly Route[];
  all(): Iterable<Route>;
}

export function createRouteBook(clock: Clock): RouteBook {
  const routes = new Map<string, Route>();
  const byTenant = new Map<string, Route[]>();

  function ofTenant(tenantId: string): Route[] {
    let own = byTenant.get(tenantId);
    if (own === undefined) byTenant.set(tenantId, (own = []));
    return own;
  }

  function add(row: DestinationRow): void {
    const settings = destinationOfRow(row);
    const route: Route = {
      tenantId: row.tenant_id,
      name: row.name,
      isFlow: row.kind === 'flow',
      settings,
      window: windowStatus(settings.windows, clock.now()),
      ready: createReadyQueue((work) => work.delivery.priority),
      inFlight: 0,
      budget: undefined,
      breaker: closedBreaker,
      breakerVersion: 0,
      unsaved: false,
      asking: false,
      nextCheckMs: 0,
      wasBack: false,
      drain: undefined,
      rate: createRateMeter(),
    };
    routes.set(keyOf(row.tenant_id, row.name), route);
    ofTenant(row.tenant_id).push(route);
  }

  return {
    update(rows) {
      for (const row of rows) {
        const known = routes.get(keyOf(row.tenant_id, row.name));
        if (known === undefined) {
          add(row);
        } else {
          known.settings = destinationOfRow(row);
          known.window = windowStatus(known.settings.windows, clock.now());
        }
      }
    },
    find: (tenantId, destination) => routes.get(keyOf(tenantId, destination)),
    ofTenant,
    all: () => routes.values(),
  };
}

function keyOf(tenantId: string, destination: string): string {
  return `${tenantId}\0${destination}`;
}
