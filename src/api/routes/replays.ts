import {
  approveReplay,
  cancelReplay,
  getPlan,
  listItems,
  listPlans,
  planReplay,
  progressOf,
  queuedDeliveryIds,
  readSetting,
  type ReplayItem as Item,
  type ReplayPlan,
  startReplay,
  writeSetting,
} from '../../operations/index.ts';
import { HubError, isHubError, type Tx } from '../../platform/index.ts';
import { countStates, statesOf } from '../../queue/index.ts';
import { recordAudit } from '../../security/index.ts';
import { decodeCursor, encodeCursor, pageOf, readPage } from '../cursor.ts';
import { defineRoute, type RouteRequest } from '../define-route.ts';
import { readPutPrecondition } from '../precondition.ts';
import { runOnce } from '../run-once.ts';
import { IdParams, page } from '../schemas/conventions.ts';
import {
  GetReplayQuery,
  ListReplaysQuery,
  PlanReplayBody,
  Replay,
  ReplayDetail,
  type ReplayItem,
  ReplaySettings,
  RunReplayBody,
} from '../schemas/replays.ts';
import { ReasonBody } from '../schemas/traffic.ts';
import type { ApiServices } from '../services.ts';

const tag = 'Replays';

/** The states of this many deliveries are counted for a progress; more would cost a noticeable query per look. */
const outcomesCounted = 5_000;

async function viewReplay(tx: Tx, plan: ReplayPlan): Promise<Replay> {
  const { createdAt, approvedAt, startedAt, endedAt, pacedAt: _, ...rest } = plan;
  const ids = await queuedDeliveryIds(tx, plan.id, outcomesCounted);
  return {
    ...rest,
    createdAt: createdAt.toISOString(),
    ...(approvedAt === undefined ? {} : { approvedAt: approvedAt.toISOString() }),
    ...(startedAt === undefined ? {} : { startedAt: startedAt.toISOString() }),
    ...(endedAt === undefined ? {} : { endedAt: endedAt.toISOString() }),
    progress: {
      ...(await progressOf(tx, plan.id)),
      outcomes: ids.length === 0 ? {} : ((await countStates(tx, ids)) as Record<string, number>),
    },
  };
}

export const planReplayRoute = defineRoute({
  method: 'POST',
  path: '/v1/replays',
  access: 'delivery.replay',
  tag,
  summary: 'Plan a replay: find what matches and preview what would come of it',
  description:
    'Nothing is sent. The plan holds the deliveries that matched, so that what is approved and run is what was looked at.',
  body: PlanReplayBody,
  status: 201,
  response: Replay,
  idempotent: true,
  async handle(request, services) {
    const { body, principal } = request;
    return runOnce(services, request, async (tx) => {
      await services.prepareTenant(principal.tenantId);
      const { controlNumbers = 'keep', dedupe = 'keep', ...rest } = body;
      const plan = await planReplay(tx, services, { ...rest, controlNumbers, dedupe }, principal.actor);
      return { status: 201, body: await viewReplay(tx, plan), headers: { location: `/v1/replays/${plan.id}` } };
    });
  },
});

export const listReplays = defineRoute({
  method: 'GET',
  path: '/v1/replays',
  access: 'delivery.read',
  tag,
  summary: 'List replays, newest first',
  query: ListReplaysQuery,
  response: page(Replay),
  async handle({ query, principal }, services) {
    const { limit, after } = readPage('replays', query, 'uuid');
    const views = await services.db.tx(principal.tenantId, async (tx) => {
      const plans = await listPlans(tx, {
        limit: limit + 1,
        ...(after === undefined ? {} : { before: after }),
        ...(query.state === undefined ? {} : { state: query.state }),
      });
      const shown: Replay[] = [];
      for (const plan of plans) shown.push(await viewReplay(tx, plan));
      return shown;
    });
    const data = views.slice(0, limit);
    return { body: pageOf('replays', data, views.length > limit ? data.at(-1)?.id : undefined) };
  },
});

export const getReplay = defineRoute({
  method: 'GET',
  path: '/v1/replays/{id}',
  access: 'delivery.read',
  tag,
  summary: 'Read a replay: its progress, and its deliveries by page',
  params: IdParams,
  query: GetReplayQuery,
  response: ReplayDetail,
  async handle({ params, query, principal }, services) {
    const limit = query.limit ?? 50;
    const after = query.after === undefined ? 0 : Number(decodeCursor('replay-items', query.after, 'number'));
    const body = await services.db.tx(principal.tenantId, async (tx) => {
      const plan = await getPlan(tx, params.id);
      const rows = await listItems(tx, plan.id, {
        after,
        limit: limit + 1,
        ...(query.state === undefined ? {} : { state: query.state }),
        ...(query.differs === undefined ? {} : { differs: query.differs }),
      });
      const shown = rows.slice(0, limit);
      const states = await statesOf(
        tx,
        shown.map((item) => item.newDeliveryId ?? item.deliveryId),
      );
      const data = shown.map((item) => viewItem(item, states.get(item.newDeliveryId ?? item.deliveryId)));
      const last = rows.length > limit ? data.at(-1) : undefined;
      const items =
        last === undefined ? { data } : { data, nextCursor: encodeCursor('replay-items', String(last.position)) };
      return { ...(await viewReplay(tx, plan)), items };
    });
    return { body };
  },
});

function viewItem({ workedAt, ...item }: Item, deliveryState: string | undefined): ReplayItem {
  return {
    ...item,
    ...(workedAt === undefined ? {} : { workedAt: workedAt.toISOString() }),
    ...(deliveryState === undefined ? {} : { deliveryState }),
  };
}

async function step<B>(
  request: RouteRequest<{ id: string }, unknown, B>,
  services: ApiServices,
  deed: (tx: Tx, by: { actor: string } & B) => Promise<ReplayPlan>,
): Promise<{ body: Replay }> {
  const { body, principal } = request;
  const view = await services.db.tx(principal.tenantId, async (tx) =>
    viewReplay(tx, await deed(tx, { ...body, actor: principal.actor })),
  );
  return { body: view };
}

export const approveReplayRoute = defineRoute({
  method: 'POST',
  path: '/v1/replays/{id}/approve',
  access: 'replay.approve',
  tag,
  summary: 'Agree to a replay that somebody else has planned',
  description:
    'Needed above the limit of the settings, for stock, and for a new dedupe key. Not by whoever planned it.',
  params: IdParams,
  body: ReasonBody,
  response: Replay,
  problems: ['CONFLICT'],
  handle: (request, services) =>
    step(request, services, (tx, by) => approveReplay(tx, services, request.params.id, by)),
});

export const runReplay = defineRoute({
  method: 'POST',
  path: '/v1/replays/{id}/run',
  access: 'delivery.replay',
  tag,
  summary: 'Start a planned replay; it goes on by itself, at its rate',
  params: IdParams,
  body: RunReplayBody,
  response: Replay,
  problems: ['CONFLICT'],
  handle: (request, services) => step(request, services, (tx, by) => startReplay(tx, services, request.params.id, by)),
});

export const cancelReplayRoute = defineRoute({
  method: 'POST',
  path: '/v1/replays/{id}/cancel',
  access: 'delivery.replay',
  tag,
  summary: 'Stop a replay where it is; what was put back stays so',
  params: IdParams,
  body: ReasonBody,
  response: Replay,
  problems: ['CONFLICT'],
  handle: (request, services) => step(request, services, (tx, by) => cancelReplay(tx, services, request.params.id, by)),
});

export const getReplaySettings = defineRoute({
  method: 'GET',
  path: '/v1/replay-settings',
  access: 'delivery.read',
  tag,
  summary: 'From how many deliveries on a second person is asked, and how fast replays go',
  response: ReplaySettings,
  etag: true,
  async handle({ principal }, services) {
    const { value, version } = await services.db.tx(principal.tenantId, (tx) => readSetting(tx, 'replay'));
    return { body: value, version };
  },
});

export const putReplaySettings = defineRoute({
  method: 'PUT',
  path: '/v1/replay-settings',
  access: 'destination.configure',
  tag,
  summary: 'Change the settings of replays',
  body: ReplaySettings,
  response: ReplaySettings,
  precondition: 'put',
  handle: (request, services) => putSetting(request, services, 'replay'),
});

/** Settings exist from the start with their defaults, as version 0. */
export async function putSetting<N extends 'replay' | 'retention'>(
  request: RouteRequest<unknown, unknown, Parameters<typeof writeSetting<N>>[2]>,
  services: ApiServices,
  name: N,
): Promise<{ body: unknown; version: number }> {
  const { body, principal, headers } = request;
  const ifMatch = headers['if-match'];
  const expectedVersion = readPutPrecondition({ ifMatch });
  try {
    const { value, version } = await services.db.tx(principal.tenantId, async (tx) => {
      const by = { actor: principal.actor, at: services.clock.now(), expectedVersion };
      const written = await writeSetting(tx, name, body, by);
      const subject = { kind: 'setting', id: name };
      await recordAudit(tx, services.clock, [
        {
          actor: principal.actor,
          action: `${name}.configure`,
          subject,
          detail: { version: written.version, value: body },
        },
      ]);
      return written;
    });
    return { body: value, version };
  } catch (error) {
    if (ifMatch === undefined && isHubError(error, 'PRECONDITION_FAILED'))
      throw new HubError('PRECONDITION_REQUIRED', { cause: error });
    throw error;
  }
}

export const replayRoutes = [
  planReplayRoute,
  listReplays,
  getReplay,
  approveReplayRoute,
  runReplay,
  cancelReplayRoute,
  getReplaySettings,
  putReplaySettings,
];
