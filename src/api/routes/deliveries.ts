import { deliveryEvent } from '../../events/index.ts';
import { refuseStock } from '../../exchange/index.ts';
import { describeOperation, nameSubjects, type Subject } from '../../operations/index.ts';
import { HubError, isUuid, type Tx } from '../../platform/index.ts';
import type { DeliveryDetail as QueueDelivery, DeliveryView } from '../../queue/index.ts';
import { recordAudit } from '../../security/index.ts';
import { pageOf, readPage } from '../cursor.ts';
import { defineRoute, type RouteRequest } from '../define-route.ts';
import { IdParams, page } from '../schemas/conventions.ts';
import {
  DeliveryDetail,
  DeliverySummary,
  ListDeliveriesQuery,
  ReasonBody,
  ResolveUnknownBody,
} from '../schemas/traffic.ts';
import type { ApiServices } from '../services.ts';

const tag = 'Messages and deliveries';

function viewDelivery(delivery: DeliveryView, about?: Subject): DeliverySummary {
  const {
    createdAt,
    updatedAt,
    nextAttemptAt,
    payload,
    position: _,
    traceparent: __,
    outputMessageId: ___,
    ...rest
  } = delivery;
  return {
    ...rest,
    title: describeOperation(rest.operation),
    entity: payload.entity,
    about,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt?.toISOString(),
    nextAttemptAt: nextAttemptAt?.toISOString(),
  };
}

function viewDetail(delivery: QueueDelivery, about: Subject | undefined): DeliveryDetail {
  const { attemptLog, ...view } = delivery;
  return {
    ...viewDelivery(view, about),
    payload: view.payload,
    outputMessageId: view.outputMessageId,
    attemptLog: attemptLog.map((attempt) => ({
      ...attempt,
      startedAt: attempt.startedAt.toISOString(),
      endedAt: attempt.endedAt?.toISOString(),
    })),
  };
}

export const listDeliveries = defineRoute({
  method: 'GET',
  path: '/v1/deliveries',
  access: 'delivery.read',
  tag,
  summary: 'List deliveries, newest first; `state=dead` are the dead letters',
  query: ListDeliveriesQuery,
  response: page(DeliverySummary),
  async handle({ query, principal }, services) {
    const { limit: _, after: __, ...filter } = query;
    const { limit, after } = readPage('deliveries', query, 'number');
    const { rows, subjects } = await services.db.tx(principal.tenantId, async (tx) => {
      const rows = await services.queue.deliveries.list(tx, {
        ...filter,
        limit,
        ...(after === undefined ? {} : { beforePosition: Number(after) }),
      });
      return { rows, subjects: await nameSubjects(tx, rows) };
    });
    const last = rows.length < limit ? undefined : rows.at(-1);
    return {
      body: pageOf(
        'deliveries',
        rows.map((row) => viewDelivery(row, subjects.get(row.id))),
        last === undefined ? undefined : String(last.position),
      ),
    };
  },
});

export const getDelivery = defineRoute({
  method: 'GET',
  path: '/v1/deliveries/{id}',
  access: 'delivery.read',
  tag,
  summary: 'Read a delivery with every attempt',
  params: IdParams,
  response: DeliveryDetail,
  async handle({ params, principal }, services) {
    if (!isUuid(params.id)) throw new HubError('NOT_FOUND');
    const body = await services.db.tx(principal.tenantId, async (tx) => {
      const found = await services.queue.deliveries.get(tx, params.id);
      return viewDetail(found, (await nameSubjects(tx, [found])).get(found.id));
    });
    return { body };
  },
});

/** One deed on one delivery, with its audit record in the same transaction. */
async function byHand(
  request: RouteRequest<{ id: string }, unknown, { reason: string }>,
  services: ApiServices,
  action: string,
  deed: (tx: Tx, by: { reason: string; actor: string }) => Promise<void>,
  { triesAgain = false } = {},
): Promise<{ body: DeliverySummary }> {
  const { params, body, principal } = request;
  if (!isUuid(params.id)) throw new HubError('NOT_FOUND');
  const { deliveries } = services.queue;
  const view = await services.db.tx(principal.tenantId, async (tx) => {
    const before = triesAgain ? await deliveries.get(tx, params.id) : undefined;
    await deed(tx, { reason: body.reason, actor: principal.actor });
    await recordAudit(tx, services.clock, [
      { actor: principal.actor, action, subject: { kind: 'delivery', id: params.id }, reason: body.reason },
    ]);
    if (before !== undefined) {
      const data = { stateBefore: before.state, by: principal.actor };
      await services.events.publish(tx, deliveryEvent('ops.delivery.replayed', before, { reason: body.reason, data }));
    }
    const after = await deliveries.get(tx, params.id);
    return viewDelivery(after, (await nameSubjects(tx, [after])).get(after.id));
  });
  return { body: view };
}

/** What one person may send again alone: a replay of what touches stock is planned, and a second one agrees to it. */
async function refuseAlone(tx: Tx, services: ApiServices, id: string): Promise<void> {
  const delivery = await services.queue.deliveries.get(tx, id);
  await refuseStock(tx, delivery, delivery.state);
}

const deedProblems = ['ACTION_NOT_ALLOWED'];

export const replayDelivery = defineRoute({
  method: 'POST',
  path: '/v1/deliveries/{id}/replay',
  access: 'delivery.replay',
  tag,
  summary: 'Try a delivery again',
  description:
    'Under its event id, key and place: it never overtakes, and the effect outside stays one. A delivered one is sent again only where that is harmless. What touches stock is refused here: a second person has to agree to it, in a plan (`POST /v1/replays`).',
  params: IdParams,
  body: ReasonBody,
  response: DeliverySummary,
  problems: deedProblems,
  handle: (request, services) =>
    byHand(
      request,
      services,
      'delivery.replay',
      async (tx, by) => {
        await refuseAlone(tx, services, request.params.id);
        await services.queue.deliveries.replay(tx, request.params.id, by);
      },
      { triesAgain: true },
    ),
});

export const discardDelivery = defineRoute({
  method: 'POST',
  path: '/v1/deliveries/{id}/discard',
  access: 'delivery.discard',
  tag,
  summary: 'Give a delivery up; what waits behind it goes on',
  params: IdParams,
  body: ReasonBody,
  response: DeliverySummary,
  problems: deedProblems,
  handle: (request, services) =>
    byHand(request, services, 'delivery.discard', (tx, by) =>
      services.queue.deliveries.discard(tx, request.params.id, by),
    ),
});

export const releaseDelivery = defineRoute({
  method: 'POST',
  path: '/v1/deliveries/{id}/release',
  access: 'delivery.replay',
  tag,
  summary: 'Let a held delivery go, prepared anew',
  params: IdParams,
  body: ReasonBody,
  response: DeliverySummary,
  problems: deedProblems,
  handle: (request, services) =>
    byHand(
      request,
      services,
      'delivery.release',
      async (tx, by) => {
        await refuseAlone(tx, services, request.params.id);
        await services.queue.deliveries.release(tx, request.params.id, by);
      },
      { triesAgain: true },
    ),
});

export const resolveDelivery = defineRoute({
  method: 'POST',
  path: '/v1/deliveries/{id}/resolve',
  access: 'delivery.resolve',
  tag,
  summary: 'Decide an unknown outcome: it arrived, or it is sent again',
  params: IdParams,
  body: ResolveUnknownBody,
  response: DeliverySummary,
  problems: deedProblems,
  handle(request, services) {
    const { resolution, outsideId } = request.body;
    return byHand(
      request,
      services,
      `delivery.resolve.${resolution}`,
      async (tx, by) => {
        if (resolution === 'resend') await refuseAlone(tx, services, request.params.id);
        await services.queue.deliveries.resolveUnknown(tx, request.params.id, resolution, {
          ...by,
          ...(outsideId === undefined ? {} : { outsideId }),
        });
      },
      { triesAgain: resolution === 'resend' },
    );
  },
});

export const deliveryRoutes = [
  listDeliveries,
  getDelivery,
  replayDelivery,
  discardDelivery,
  releaseDelivery,
  resolveDelivery,
];
