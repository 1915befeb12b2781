import {
  exceptionActions,
  type ExceptionFilter,
  isPosition,
  listExceptions,
  permittedActions,
} from '../../exceptions/index.ts';
import { exceptionImpact } from '../../operations/index.ts';
import { searchOrders } from '../../orders/index.ts';
import { HubError, type Tx } from '../../platform/index.ts';
import { actionsOf, actorsNamed, listAudit, listUsers, type Principal } from '../../security/index.ts';
import { pageOf, readPage } from '../cursor.ts';
import { defineRoute } from '../define-route.ts';
import { IdParams, largestPageSize, page } from '../schemas/conventions.ts';
import { Assignee, ExceptionDetail, ExceptionView, ListExceptionsQuery } from '../schemas/exceptions.ts';
import { requireException, viewException } from '../view-exception.ts';

const tag = 'Exceptions';

export const listExceptionsRoute = defineRoute({
  method: 'GET',
  path: '/v1/exceptions',
  access: 'exception.read',
  tag,
  summary: 'List exceptions; without `state` those that are not resolved',
  query: ListExceptionsQuery,
  response: page(ExceptionView),
  async handle({ query, principal }, services) {
    const { limit: _, after: __, sort = 'newest', state = 'open', q, assignee, ...rest } = query;
    if (sort !== 'newest' && (state === 'all' || state === 'resolved')) {
      const message = `orders what is not resolved; with state=${state} the sort is newest`;
      throw new HubError('VALIDATION_FAILED', { errors: [{ pointer: '/sort', code: 'NOT_ALLOWED', message }] });
    }
    const list = sort === 'newest' ? 'exceptions' : `exceptions-${sort}`;
    const { limit, after } = readPage(list, query, (position) => isPosition(sort, valuesOf(position)));
    const { rows, next } = await services.db.tx(principal.tenantId, async (tx) => {
      const filter: ExceptionFilter = {
        ...(rest as Pick<ExceptionFilter, keyof typeof rest>),
        ...(state === 'all' ? {} : { state }),
        ...(assignee === undefined ? {} : { assignees: await assigneesOf(tx, assignee, principal) }),
        ...(q === undefined ? {} : { text: { words: q.trim(), orderIds: await ordersNamed(tx, q) } }),
      };
      const position = after === undefined ? {} : { after: valuesOf(after) };
      return listExceptions(tx, filter, { limit, sort, ...position, now: services.clock.now() });
    });
    const data = rows.map((row) => viewException(row, principal));
    return { body: pageOf(list, data, next && positionOf(next)) };
  },
});

/** A position is one value as it is, or several as JSON. */
const positionOf = (values: readonly string[]): string => (values.length === 1 ? values[0]! : JSON.stringify(values));

function valuesOf(position: string): string[] {
  if (!position.startsWith('[')) return [position];
  const values: unknown = JSON.parse(position);
  return Array.isArray(values) ? values.map(String) : [];
}

const mostOrdersNamed = 200;

async function ordersNamed(tx: Tx, q: string): Promise<string[]> {
  return (await searchOrders(tx, q, mostOrdersNamed)).map(({ id }) => id);
}

async function assigneesOf(tx: Tx, assignee: string, principal: Principal): Promise<readonly string[] | null> {
  if (assignee === 'none') return null;
  if (assignee === 'me') return [principal.actor];
  return [assignee, ...(await actorsNamed(tx, assignee))];
}

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

export const listAssignees = defineRoute({
  method: 'GET',
  path: '/v1/assignees',
  access: 'exception.read',
  tag,
  summary: 'List the people who can look after exceptions',
  response: page(Assignee),
  async handle({ principal }, services) {
    const users = await services.db.tx(principal.tenantId, (tx) => listUsers(tx, { limit: largestPageSize }));
    const data = users.map(({ id, displayName, roles, active }) => ({
      actor: `user:${id}`,
      name: displayName,
      roles,
      active: active && actionsOf(roles).includes('exception.act'),
    }));
    return { body: { data } };
  },
});

export const exceptionRoutes = [listExceptionsRoute, getExceptionRoute, listAssignees];
