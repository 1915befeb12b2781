import { exceptionActions, mayAct } from '../../exceptions/index.ts';
import { firstRepeated, HubError, isHubError, type Tx } from '../../platform/index.ts';
import { actorsNamed, type Principal, recordAudit } from '../../security/index.ts';
import { defineRoute, type RouteRequest } from '../define-route.ts';
import { readIfMatch } from '../precondition.ts';
import { problemOf } from '../problem.ts';
import { runOrPreview } from '../run-or-preview.ts';
import { IdParams } from '../schemas/conventions.ts';
import {
  ActionResult,
  ActionResults,
  ActOnExceptionBody,
  ActOnExceptionsBody,
  bulkMost,
  type ExceptionView,
} from '../schemas/exceptions.ts';
import type { ApiServices } from '../services.ts';
import { requireException, viewException } from '../view-exception.ts';

const tag = 'Exceptions';

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
    await services.prepareTenant(principal.tenantId);
    const preview = body.preview === true;
    const result = await runOrPreview(services.db, principal.tenantId, preview, (tx) =>
      perform(tx, services, principal, params.id, version, body),
    );
    return { body: { ...result, preview }, version: result.exception.version };
  },
});

async function perform(
  tx: Tx,
  services: ApiServices,
  principal: Principal,
  id: string,
  version: number | '*',
  body: Pick<ActOnExceptionBody, 'action' | 'reason' | 'input'>,
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
  const input = await withAssignee(tx, action, body.input ?? {});
  const { effects } = await services.flows.actOnException(services.hub(principal.tenantId), tx, {
    exceptionId: id,
    action,
    reason: body.reason,
    input,
    actor: principal.actor,
    ...(version === '*' ? {} : { expectedVersion: version }),
  });
  await recordAudit(tx, services.clock, [
    {
      actor: principal.actor,
      action: `exception.${action}`,
      subject: { kind: 'exception', id },
      reason: body.reason,
      detail: { input },
    },
  ]);
  return { exception: viewException(await requireException(tx, id), principal), effects };
}

/** People are named as people know them; the record keeps who they are. */
async function withAssignee(tx: Tx, action: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { assignee } = input;
  if (action !== 'assign' || typeof assignee !== 'string') return input;
  const [actor, ...others] = await actorsNamed(tx, assignee);
  if (others.length === 0) return actor === undefined ? input : { ...input, assignee: actor };
  const message = `Several people are called ${assignee}: say whom you mean by the e-mail address`;
  throw new HubError('VALIDATION_FAILED', {
    message,
    errors: [{ pointer: '/input/assignee', code: 'AMBIGUOUS', message }],
  });
}

export const actOnExceptions = defineRoute({
  method: 'POST',
  path: '/v1/exceptions/actions',
  access: 'exception.act',
  tag,
  summary: 'Assign, snooze, note or resolve many exceptions with one reason',
  description: `At most ${bulkMost}, each with the version that was seen. Each is done or refused for itself, with an audit record of its own: one that has changed since (PRECONDITION_FAILED), or that does not allow it, keeps no other from it. Where something fails inside the hub the answer still tells of each: what is done, which one failed with its problem, and what was then not tried. \`preview: true\` answers the same and changes nothing.`,
  body: ActOnExceptionsBody,
  response: ActionResults,
  async handle({ body, principal, trace }, services) {
    refuseRepeated(body.exceptions);
    await services.prepareTenant(principal.tenantId);
    const preview = body.preview === true;
    const results: ActionResults['results'] = [];
    // One transaction each: locks are short, and what has been done stays done.
    for (const seen of body.exceptions) {
      const failed = results.at(-1)?.outcome === 'failed' || results.at(-1)?.outcome === 'not_tried';
      results.push(
        failed ? { id: seen.id, outcome: 'not_tried' } : await performOne(services, { principal, trace }, seen, body),
      );
    }
    return { body: { preview, done: results.filter(({ outcome }) => outcome === 'done').length, results } };
  },
});

function refuseRepeated(exceptions: ActOnExceptionsBody['exceptions']): void {
  const repeated = firstRepeated(exceptions.map(({ id }) => id));
  if (repeated < 0) return;
  const message = 'is named twice';
  throw new HubError('VALIDATION_FAILED', {
    errors: [{ pointer: `/exceptions/${repeated}/id`, code: 'DUPLICATE', message }],
  });
}

async function performOne(
  services: ApiServices,
  { principal, trace }: Pick<RouteRequest, 'principal' | 'trace'>,
  { id, version }: ActOnExceptionsBody['exceptions'][number],
  body: ActOnExceptionsBody,
): Promise<ActionResults['results'][number]> {
  const preview = body.preview === true;
  try {
    const { effects, exception } = await runOrPreview(services.db, principal.tenantId, preview, (tx) =>
      perform(tx, services, principal, id, version, body),
    );
    return { id, outcome: 'done', effects, version: preview ? version : exception.version };
  } catch (error) {
    // What is wrong with the request is wrong with all of it, and seen at the first.
    if (isHubError(error, 'VALIDATION_FAILED')) throw error;
    if (isHubError(error) && error.disposition !== 'retry') {
      return { id, outcome: 'refused', code: error.code, message: error.message };
    }
    const { problem, internal } = problemOf(error, trace.traceId);
    if (internal) services.log.error({ err: error, traceId: trace.traceId, exceptionId: id }, 'an action failed');
    return { id, outcome: 'failed', code: problem.code, message: problem.detail ?? problem.title, problem };
  }
}

export const exceptionActionRoutes = [actOnException, actOnExceptions];
