import { Type } from 'typebox';
import { closed } from '../../model/index.ts';
import {
  type HoldSubject,
  type LegalHold as Hold,
  listHolds,
  placeHold,
  readSetting,
  releaseHold,
  retentionPlan,
} from '../../operations/index.ts';
import { HubError } from '../../platform/index.ts';
import { defineRoute } from '../define-route.ts';
import { runOnce } from '../run-once.ts';
import { IdParams, page } from '../schemas/conventions.ts';
import { LegalHold, PlaceHoldBody, RetentionPartition, RetentionSettings } from '../schemas/retention.ts';
import { ReasonBody } from '../schemas/traffic.ts';
import { putSetting } from './replays.ts';

const tag = 'Retention';

export const getRetention = defineRoute({
  method: 'GET',
  path: '/v1/retention',
  access: 'retention.manage',
  tag,
  summary: 'How long the ledger is kept in the database',
  response: RetentionSettings,
  etag: true,
  async handle({ principal }, services) {
    const { value, version } = await services.db.tx(principal.tenantId, (tx) => readSetting(tx, 'retention'));
    return { body: value, version };
  },
});

export const putRetention = defineRoute({
  method: 'PUT',
  path: '/v1/retention',
  access: 'retention.manage',
  tag,
  summary: 'Change how long the ledger is kept',
  description:
    'Partitions leave after their export only, and never while something open refers to them or a hold names them.',
  body: RetentionSettings,
  response: RetentionSettings,
  precondition: 'put',
  handle: (request, services) => putSetting(request, services, 'retention'),
});

export const getRetentionPartitions = defineRoute({
  method: 'GET',
  path: '/v1/retention/partitions',
  access: 'retention.manage',
  tag,
  summary: 'What may leave, and what keeps the rest; drops nothing',
  response: closed({ data: Type.Array(RetentionPartition) }),
  async handle({ principal }, services) {
    const judged = await services.db.tx(principal.tenantId, (tx) => retentionPlan(tx, services.clock));
    const data = judged.map(({ table, name, endsAt, bytes, verdict, why }) => ({
      table,
      name,
      ...(endsAt === undefined ? {} : { endsAt: endsAt.toISOString() }),
      bytes,
      verdict,
      why,
    }));
    return { body: { data } };
  },
});

function viewHold({ since, until, placedAt, releasedAt, ...rest }: Hold): LegalHold {
  return {
    ...rest,
    placedAt: placedAt.toISOString(),
    ...(since === undefined ? {} : { since: since.toISOString() }),
    ...(until === undefined ? {} : { until: until.toISOString() }),
    ...(releasedAt === undefined ? {} : { releasedAt: releasedAt.toISOString() }),
  };
}

const holdsShown = 500;

export const listLegalHolds = defineRoute({
  method: 'GET',
  path: '/v1/legal-holds',
  access: 'retention.manage',
  tag,
  summary: 'List legal holds, newest first',
  query: closed({ standing: Type.Optional(Type.Boolean({ description: 'only those not released' })) }),
  response: page(LegalHold),
  async handle({ query, principal }, services) {
    const { standing } = query;
    const filter = standing === undefined ? { limit: holdsShown } : { standing, limit: holdsShown };
    const holds = await services.db.tx(principal.tenantId, (tx) => listHolds(tx, filter));
    return { body: { data: holds.map(viewHold) } };
  },
});

export const placeLegalHold = defineRoute({
  method: 'POST',
  path: '/v1/legal-holds',
  access: 'retention.manage',
  tag,
  summary: 'Keep everything of a partner, an order or a time, however old it gets',
  description:
    'A range has `since`, `until` (excluded) or both; without `since` it begins with the ledger, without `until` it has no end. A partner or order of whom nothing is known is refused: the hold would keep nothing.',
  body: PlaceHoldBody,
  status: 201,
  response: LegalHold,
  idempotent: true,
  handle(request, services) {
    const { body, principal } = request;
    const subject = subjectOf(body);
    return runOnce(services, request, async (tx) => {
      const by = { actor: principal.actor, reason: body.reason };
      return { status: 201, body: viewHold(await placeHold(tx, services, subject, by)) };
    });
  },
});

/** What a range without an end is kept until. */
const endOfTime = new Date('9999-12-31T23:59:59.999Z');

const partsOf = { partner: ['partner'], order: ['orderId'], range: ['since', 'until'] } as const;

function subjectOf(body: PlaceHoldBody): HoldSubject {
  const { kind, partner, orderId, since, until } = body;
  // A hold that quietly left out half of what was asked for would keep something else than was meant.
  const foreign = (['partner', 'orderId', 'since', 'until'] as const).filter(
    (name) => body[name] !== undefined && !(partsOf[kind] as readonly string[]).includes(name),
  );
  if (foreign.length > 0) {
    const message = `a hold of kind ${kind} does not take it: it keeps everything of what it names; place a hold for each`;
    throw new HubError('VALIDATION_FAILED', {
      errors: foreign.map((name) => ({ pointer: `/${name}`, code: 'not_allowed', message })),
    });
  }
  if (kind === 'partner' && partner !== undefined) return { kind, partner };
  if (kind === 'order' && orderId !== undefined) return { kind, orderId };
  if (kind === 'range' && (since !== undefined || until !== undefined))
    return { kind, since: new Date(since ?? 0), until: until === undefined ? endOfTime : new Date(until) };
  const pointer = { partner: '/partner', order: '/orderId', range: '/since' }[kind];
  throw new HubError('VALIDATION_FAILED', { errors: [{ pointer, code: 'REQUIRED', message: `a ${kind} needs it` }] });
}

export const releaseLegalHold = defineRoute({
  method: 'POST',
  path: '/v1/legal-holds/{id}/release',
  access: 'retention.manage',
  tag,
  summary: 'Release a legal hold',
  params: IdParams,
  body: ReasonBody,
  response: LegalHold,
  problems: ['CONFLICT'],
  async handle({ params, body, principal }, services) {
    const hold = await services.db.tx(principal.tenantId, (tx) =>
      releaseHold(tx, services, params.id, { actor: principal.actor, reason: body.reason }),
    );
    return { body: viewHold(hold) };
  },
});

export const retentionRoutes = [
  getRetention,
  putRetention,
  getRetentionPartitions,
  listLegalHolds,
  placeLegalHold,
  releaseLegalHold,
];
