import { closed, Code } from '../../model/index.ts';
import { HubError, type Tx } from '../../platform/index.ts';
import type { Backlog, Connection, Destination as QueueDestination } from '../../queue/index.ts';
import { recordAudit } from '../../security/index.ts';
import { defineRoute, type RouteRequest } from '../define-route.ts';
import { readIfMatch } from '../precondition.ts';
import { page } from '../schemas/conventions.ts';
import { Destination, ReasonBody, UpdateDestinationBody } from '../schemas/traffic.ts';
import type { ApiServices } from '../services.ts';

const tag = 'Destinations';
const NameParams = closed({ name: Code });

function viewDestination(
  services: ApiServices,
  destination: QueueDestination,
  backlog: Backlog | undefined,
  connection: Connection | undefined,
): Destination {
  return {
    ...destination,
    role: connection?.role,
    inWindow: services.queue.destinations.inWindow(destination, services.clock.now()),
    backlog: (backlog?.counts ?? {}) as Record<string, number>,
    oldestOpenAt: backlog?.oldestOpenAt?.toISOString(),
    supersededToday: backlog?.supersededToday ?? 0,
  };
}

async function load(tx: Tx, services: ApiServices, name: string): Promise<Destination> {
  const destination = await services.queue.destinations.get(tx, name);
  const backlog = (await services.queue.backlog(tx)).find((entry) => entry.destination === name);
  const connection = destination.kind === 'connection' ? await services.connections.get(tx, name) : undefined;
  return viewDestination(services, destination, backlog, connection);
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
      return destinations.map((destination) =>
        viewDestination(services, destination, backlogs.get(destination.name), connections.get(destination.name)),
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
  summary: 'Change maintenance windows, retries or concurrency',
  description: 'During a maintenance window deliveries queue up, spend no attempts, and go out in order afterwards.',
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

export const destinationRoutes = [
  listDestinations,
  getDestination,
  updateDestination,
  pauseDestination,
  resumeDestination,
];
