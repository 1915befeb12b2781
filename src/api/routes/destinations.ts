import { closed, Code } from '../../model/index.ts';
import { HubError, type Tx } from '../../platform/index.ts';
import type { Backlog, Connection, Destination as QueueDestination, DestinationCondition } from '../../queue/index.ts';
import { recordAudit } from '../../security/index.ts';
import { defineRoute, type RouteRequest } from '../define-route.ts';
import { readIfMatch } from '../precondition.ts';
import { page } from '../schemas/conventions.ts';
import { Destination, UpdateDestinationBody } from '../schemas/destinations.ts';
import { ReasonBody } from '../schemas/traffic.ts';
import type { ApiServices } from '../services.ts';
import { viewBreaker } from '../view-breaker.ts';

const tag = 'Destinations';
const NameParams = closed({ name: Code });

interface Known {
  readonly backlog: Backlog | undefined;
  readonly connection: Connection | undefined;
  readonly condition: DestinationCondition | undefined;
}

function viewDestination(
  services: ApiServices,
  tenantId: string,
  destination: QueueDestination,
  { backlog, connection, condition }: Known,
): Destination {
  const health = condition?.health;
  return {
    ...destination,
    role: connection?.role,
    openMaxInForce: destination.openMax ?? services.config.openMax.destination,
    inWindow: services.queue.destinations.inWindow(destination, services.clock.now()),
    ...(condition?.breaker === undefined ? {} : { breakerNow: viewBreaker(condition.breaker) }),
    ...(health === undefined
      ? {}
      : { healthNow: { ...health, checkedAt: health.checkedAt.toISOString(), since: health.since.toISOString() } }),
    perMinute: services.queue.perMinute(tenantId, destination.name),
    backlog: (backlog?.counts ?? {}) as Record<string, number>,
    oldestOpenAt: backlog?.oldestOpenAt?.toISOString(),
    supersededToday: backlog?.supersededToday ?? 0,
  };
}

async function load(tx: Tx, services: ApiServices, name: string): Promise<Destination> {
  const { destinations } = services.queue;
  const destination = await destinations.get(tx, name);
  const backlog = (await services.queue.backlog(tx)).find((entry) => entry.destination === name);
  const condition = (await destinations.conditions(tx)).find((entry) => entry.destination === name);
  const connection = destination.kind === 'connection' ? await services.connections.get(tx, name) : undefined;
  return viewDestination(services, tx.tenantId!, destination, { backlog, connection, condition });
}

export const listDestinations = defineRoute({
  method: 'GET',
  path: '/v1/destinations',
  access: 'destination.read',
  tag,
  summary: 'Every destination with its backlog: outside systems and internal flows',
  response: page(Destination),
  async handle({ principal }, services) {
    const data = await services.db.tx(principal.tenantId, async (tx) => {
      const destinations = await services.queue.destinations.list(tx);
      const backlogs = new Map((await services.queue.backlog(tx)).map((entry) => [entry.destination, entry]));
      const connections = new Map((await services.connections.list(tx)).map((entry) => [entry.id, entry]));
      const conditions = await services.queue.destinations.conditions(tx);
      const conditionOf = new Map(conditions.map((entry) => [entry.destination, entry]));
      return destinations.map((destination) =>
        viewDestination(services, principal.tenantId, destination, {
          backlog: backlogs.get(destination.name),
          connection: connections.get(destination.name),
          condition: conditionOf.get(destination.name),
        }),
      );
    });
    return { body: { data } };
  },
});

export const getDestination = defineRoute({
  method: 'GET',
  path: '/v1/destinations/{name}',
  access: 'destination.read',
  tag,
  summary: 'Read a destination',
  params: NameParams,
  response: Destination,
  etag: true,
  async handle({ params, principal }, services) {
    const body = await services.db.tx(principal.tenantId, (tx) => load(tx, services, params.name));
    return { body, version: body.version };
  },
});

export const updateDestination = defineRoute({
  method: 'PATCH',
  path: '/v1/destinations/{name}',
  access: 'destination.configure',
  tag,
  summary: 'Change windows, retries, circuit breaker, drain, health checks, concurrency or the bound on what is open',
  description:
    'During a maintenance window, and behind an open breaker, deliveries queue up, spend no attempts, and go out in order afterwards.',
  params: NameParams,
  body: UpdateDestinationBody,
  response: Destination,
  precondition: 'required',
  async handle({ params, body, principal, headers }, services) {
    const { reason, ...patch } = body;
    const asked = readIfMatch(headers['if-match']);
    const view = await services.db.tx(principal.tenantId, async (tx) => {
      const { destinations } = services.queue;
      const version = asked === '*' ? (await destinations.get(tx, params.name)).version : asked;
      await destinations.update(tx, params.name, version, patch);
      await recordAudit(tx, services.clock, [
        {
          actor: principal.actor,
          action: 'destination.configure',
          subject: { kind: 'destination', id: params.name },
          reason,
          detail: patch,
        },
      ]);
      return load(tx, services, params.name);
    });
    return { body: view, version: view.version };
  },
});

async function pauseOrResume(
  request: RouteRequest<{ name: string }, unknown, { reason: string }>,
  services: ApiServices,
  what: 'paused' | 'resumed',
): Promise<{ body: Destination; version: number }> {
  const { params, body, principal, trace } = request;
  if (params.name.startsWith('flow.') && !principal.roles.includes('admin')) {
    throw new HubError('FORBIDDEN', { message: 'Flows are paused by admins only: everything behind them waits' });
  }
  const view = await services.db.tx(principal.tenantId, async (tx) => {
    const { destinations } = services.queue;
    if (what === 'paused') await destinations.pause(tx, params.name, body.reason);
    else await destinations.resume(tx, params.name);
    await services.events.publish(tx, [
      {
        type: `ops.system.${what}`,
        entity: { kind: 'message', id: params.name },
        key: params.name,
        correlationId: trace.traceId,
        reason: body.reason,
        data: { destination: params.name, actor: principal.actor },
      },
    ]);
    const action = what === 'paused' ? 'destination.pause' : 'destination.resume';
    const subject = { kind: 'destination', id: params.name };
    await recordAudit(tx, services.clock, [{ actor: principal.actor, action, subject, reason: body.reason }]);
    return load(tx, services, params.name);
  });
  return { body: view, version: view.version };
}

export const pauseDestination = defineRoute({
  method: 'POST',
  path: '/v1/destinations/{name}/pause',
  access: 'destination.pause',
  tag,
  summary: 'Pause a destination: deliveries queue up in order',
  params: NameParams,
  body: ReasonBody,
  response: Destination,
  handle: (request, services) => pauseOrResume(request, services, 'paused'),
});

export const resumeDestination = defineRoute({
  method: 'POST',
  path: '/v1/destinations/{name}/resume',
  access: 'destination.pause',
  tag,
  summary: 'Resume a destination: what queued up goes out in order',
  params: NameParams,
  body: ReasonBody,
  response: Destination,
  handle: (request, services) => pauseOrResume(request, services, 'resumed'),
});

async function turnBreaker(
  request: RouteRequest<{ name: string }, unknown, { reason: string }>,
  services: ApiServices,
  what: 'hold' | 'reset',
): Promise<{ body: Destination; version: number }> {
  const { params, body, principal } = request;
  const view = await services.db.tx(principal.tenantId, async (tx) => {
    const { destinations } = services.queue;
    if (what === 'hold') {
      await destinations.holdOpen(tx, params.name, { actor: principal.actor, reason: body.reason });
    } else {
      await destinations.resetBreaker(tx, params.name);
    }
    const subject = { kind: 'destination', id: params.name };
    const action = what === 'hold' ? 'destination.hold-open' : 'destination.reset-breaker';
    await recordAudit(tx, services.clock, [{ actor: principal.actor, action, subject, reason: body.reason }]);
    return load(tx, services, params.name);
  });
  return { body: view, version: view.version };
}

export const holdBreakerOpen = defineRoute({
  method: 'POST',
  path: '/v1/destinations/{name}/breaker/hold-open',
  access: 'destination.pause',
  tag,
  summary: 'Open the circuit breaker and keep it open: not even probes are sent until it is reset',
  params: NameParams,
  body: ReasonBody,
  response: Destination,
  handle: (request, services) => turnBreaker(request, services, 'hold'),
});

export const resetBreaker = defineRoute({
  method: 'POST',
  path: '/v1/destinations/{name}/breaker/reset',
  access: 'destination.pause',
  tag,
  summary: 'Close the circuit breaker at once: what queued up goes out in order',
  params: NameParams,
  body: ReasonBody,
  response: Destination,
  handle: (request, services) => turnBreaker(request, services, 'reset'),
});

export const destinationRoutes = [
  listDestinations,
  getDestination,
  updateDestination,
  pauseDestination,
  resumeDestination,
  holdBreakerOpen,
  resetBreaker,
];
