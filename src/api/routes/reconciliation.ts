import { Type } from 'typebox';
import { closed } from '../../model/index.ts';
import { checkUnsettled, endReconciliation, openReconciliation } from '../../operations/index.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { defineRoute } from '../define-route.ts';
import {
  CheckReconciliationQuery,
  EndReconciliationBody,
  ReconciliationPage,
  ReconciliationState,
} from '../schemas/reconciliation.ts';

const tag = 'Reconciliation';

export const getReconciliation = defineRoute({
  method: 'GET',
  path: '/v1/reconciliation',
  access: 'destination.read',
  tag,
  summary: 'Whether the hub was restored and still has to be compared with the outside',
  response: ReconciliationState,
  async handle({ principal }, services) {
    const open = await services.db.tx(principal.tenantId, openReconciliation);
    if (open === undefined) return { body: { active: false } };
    const { reason, begunAt, backupTakenAt, paused, doubted } = open;
    const body: ReconciliationState = { active: true, reason, begunAt: begunAt.toISOString(), paused, doubted };
    if (backupTakenAt !== undefined) body.backupTakenAt = backupTakenAt.toISOString();
    return { body };
  },
});

const lookupTimeoutMs = 20_000;
/** Look-ups of one request: each may take its whole time. */
const checkedAtOnceMax = 100;

export const checkReconciliation = defineRoute({
  method: 'POST',
  path: '/v1/reconciliation/check',
  access: 'reconcile.manage',
  tag,
  summary: 'Look unsettled deliveries up at their destinations; changes nothing',
  description:
    'Everything to outside systems of which the hub does not know whether it arrived, in order, with what was found and what the lanes would do about it.',
  query: CheckReconciliationQuery,
  body: closed({}),
  response: ReconciliationPage,
  async handle({ query, principal }, services) {
    const limit = Math.min(query.limit ?? 50, checkedAtOnceMax);
    const after = query.after === undefined ? 0 : Number(decodeCursor('reconciliation', query.after, 'number'));
    await services.prepareTenant(principal.tenantId);
    const found = await checkUnsettled(
      {
        deliverer: services.deliverer,
        tx: (fn) => services.db.tx(principal.tenantId, fn),
        timeoutMs: lookupTimeoutMs,
      },
      { after, limit },
    );
    const data = found.map((item) => ({ ...item, createdAt: item.createdAt.toISOString() }));
    const last = data.length < limit ? undefined : data.at(-1);
    return {
      body: last === undefined ? { data } : { data, nextCursor: encodeCursor('reconciliation', String(last.position)) },
    };
  },
});

export const endReconciliationRoute = defineRoute({
  method: 'POST',
  path: '/v1/reconciliation/end',
  access: 'reconcile.manage',
  tag,
  summary: 'End reconcile mode, and resume the connections that it had paused',
  body: EndReconciliationBody,
  response: closed({ resumed: Type.Array(Type.String()) }),
  problems: ['CONFLICT'],
  async handle({ body, principal }, services) {
    const ended = await services.db.tx(principal.tenantId, (tx) =>
      endReconciliation(tx, services, { actor: principal.actor, reason: body.reason, resume: body.resume === true }),
    );
    return { body: ended };
  },
});

export const reconciliationRoutes = [getReconciliation, checkReconciliation, endReconciliationRoute];
