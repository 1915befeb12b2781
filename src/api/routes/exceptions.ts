import {
  exceptionActions,
  type ExceptionFilter,
  type ExceptionRecord,
  getException,
  listExceptions,
  mayAct,
  permittedActions,
} from '../../exceptions/index.ts';
import { exceptionImpact } from '../../operations/index.ts';
import { HubError, isUuid, type Tx } from '../../platform/index.ts';
import { listAudit, type Principal, recordAudit } from '../../security/index.ts';
import { pageOf, readPage } from '../cursor.ts';
import { defineRoute } from '../define-route.ts';
import { readIfMatch } from '../precondition.ts';
import { IdParams, page } from '../schemas/conventions.ts';
import {
  ActionResult,
  ActOnExceptionBody,
  ExceptionDetail,
  ExceptionView,
  ListExceptionsQuery,
} from '../schemas/exceptions.ts';
import { rolledBack } from '../rolled-back.ts';
import type { ApiServices } from '../services.ts';

const tag = 'Exceptions';

export function viewException(record: ExceptionRecord, principal: Principal): ExceptionView {
  const { slaDue, dedupeKey: _, occurrences: __, updatedAt: ___, ...rest } = record;
  return {
    ...rest,
    entityRefs: record.entityRefs.map((ref) => ({ ...ref })),
    allowedActions: permittedActions(principal, record),
    snoozedUntil: record.snoozedUntil?.toISOString(),
    openedAt: record.openedAt.toISOString(),
    resolvedAt: record.resolvedAt?.toISOString(),
    dueAt: slaDue.toISOString(),
  };
}

export const listExceptionsRoute = defineRoute({
  method: 'GET',
  path: '/v1/exceptions',
  access: 'exception.read',
  tag,
  summary: 'List exceptions; without `state` those that are not resolved',
  query: ListExceptionsQuery,
  response: page(ExceptionView),
  async handle({ query, principal }, services) {
    const { limit: _, after: __, state, ...rest } = query;
    const filter = { ...rest, ...(state === 'all' ? {} : { state: state ?? 'open' }) } as ExceptionFilter;
    const { rows, next } = await services.db.tx(principal.tenantId, (tx) =>
      listExceptions(tx, filter, readPage('exceptions', query, 'uuid')),
    );
    const data = rows.map((row) => viewException(row, principal));
    return { body: pageOf('exceptions', data, next) };
  },
});

export const getExceptionRoute = defineRoute({
  method: 'GET',
  path: '/v1/exceptions/{id}',
  access: 'exception.read',
  tag,
  summary: 'Read an exception: cause, impact, what can be done, and its history',
  params: IdParams,
  response: ExceptionDetail,
  etag: true,
  async handle({ params, principal }, services) {
    const body = await services.db.tx(principal.tenantId, async (tx) => {
      const record = await requireException(tx, params.id);
      const history = await listAudit(tx, { subjectId: record.id, limit: 200 });
      return {
        ...viewException(record, principal),
        actions: permittedActions(principal, record).map(describeAction),
        impact: await exceptionImpact(tx, services, record),
        history: history.reverse().map(({ at, actor, action, reason }) => ({
          at: at.toISOString(),
          actor,
          action,
          ...(reason === undefined ? {} : { reason }),
        })),
      };
    });
    return { body, version: body.version };
  },
});

async function requireException(tx: Tx, id: string): Promise<ExceptionRecord> {
  const record = isUuid(id) ? await getException(tx, id) : undefined;
  if (record === undefined) throw new HubError('NOT_FOUND');
  return record;
}

function describeAction(action: keyof typeof exceptionActions): ExceptionDetail['actions'][number] {
  const { title, effect, input } = exceptionActions[action];
  const fields = Object.entries(input ?? {});
  if (fields.length === 0) return { action, label: title, description: effect };
  const properties = fields.map(([name, { description, values, format }]) => [
    name,
    { type: 'string', description, ...(values ? { enum: values } : {}), ...(format ? { format } : {}) },
  ]);
  const required = fields.filter(([, field]) => field.required).map(([name]) => name);
  const schema = { type: 'object', properties: Object.fromEntries(properties), required, additionalProperties: false };
  return { action, label: title, description: effect, input: schema };
}

export const actOnException = defineRoute({
  method: 'POST',
  path: '/v1/exceptions/{id}/actions',
  access: 'exception.act',
  tag,
  summary: 'Do something about an exception',
  description:
    'The actions and what each takes are in the exception itself. `preview: true` answers what would happen and changes nothing. The action, its reason and its audit record commit together.',
  params: IdParams,
  body: ActOnExceptionBody,
  // Some actions hand in an edited message.
  bodyLimitBytes: 10 * 1024 * 1024,
  response: ActionResult,
  precondition: 'required',
  problems: ['ACTION_NOT_ALLOWED'],
  async handle({ params, body, principal, headers }, services) {
    const version = readIfMatch(headers['if-match']);
    const run = (tx: Tx) => perform(tx, services, principal, params.id, version, body);
    const result =
      body.preview === true
        ? await rolledBack(services.db, principal.tenantId, run)
        : await services.db.tx(principal.tenantId, run);
    return { body: { ...result, preview: body.preview === true }, version: result.exception.version };
  },
});

async function perform(
  tx: Tx,
  services: ApiServices,
  principal: Principal,
  id: string,
  version: number | '*',
  body: ActOnExceptionBody,
): Promise<{ exception: ExceptionView; effects: string[] }> {
  const record = await requireException(tx, id);
  if (version !== '*' && record.version !== version) throw new HubError('PRECONDITION_FAILED');
  const action = body.action as keyof typeof exceptionActions;
  if (!record.allowedActions.includes(action)) {
    throw new HubError('ACTION_NOT_ALLOWED', { message: `Allowed here: ${record.allowedActions.join(', ')}` });
  }
  if (!mayAct(principal, record, action)) {
    const needs = exceptionActions[action].needs?.join(' or ') ?? 'exception.act';
    throw new HubError('FORBIDDEN', { message: `${action} is for roles with ${needs}` });
  }
  const { effects } = await services.flows.actOnException(services.hub(principal.tenantId), tx, {
    exceptionId: id,
    action,
    reason: body.reason,
    input: body.input ?? {},
    actor: principal.actor,
    ...(version === '*' ? {} : { expectedVersion: version }),
  });
  await recordAudit(tx, services.clock, [
    {
      actor: principal.actor,
      action: `exception.${action}`,
      subject: { kind: 'exception', id },
      reason: body.reason,
      detail: { input: body.input },
    },
  ]);
  return { exception: viewException(await requireException(tx, id), principal), effects };
}

export const exceptionRoutes = [listExceptionsRoute, getExceptionRoute, actOnException];
