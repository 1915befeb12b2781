import { type IntakeBound, readIntakeBound, writeIntakeBound } from '../../queue/index.ts';
import { recordAudit } from '../../security/index.ts';
import { defineRoute } from '../define-route.ts';
import { readIfMatch } from '../precondition.ts';
import { DryRunQuery } from '../schemas/configuration.ts';
import { IntakeView, PutIntakeBody } from '../schemas/intake.ts';
import type { ApiServices } from '../services.ts';

const tag = 'Destinations';

function viewOf(services: ApiServices, tenantId: string, bound: IntakeBound): IntakeView {
  const { open, closed } = services.gate.ofTenant(tenantId);
  return {
    ...bound,
    openMaxInForce: bound.openMax ?? services.config.openMax.tenant,
    openDeliveries: open,
    ...(closed === undefined ? {} : { closed }),
  };
}

export const getIntake = defineRoute({
  method: 'GET',
  path: '/v1/intake',
  access: 'destination.read',
  tag,
  summary: 'Whether the doors take anything in, and beyond how many open deliveries they would not',
  response: IntakeView,
  etag: true,
  async handle({ principal }, services) {
    const bound = await services.db.tx(principal.tenantId, readIntakeBound);
    return { body: viewOf(services, principal.tenantId, bound), version: bound.version };
  },
});

export const putIntake = defineRoute({
  method: 'PUT',
  path: '/v1/intake',
  access: 'destination.configure',
  tag,
  summary: 'Set how many open deliveries there may be before the doors take nothing new',
  description:
    'Beyond it whatever comes in is answered 503 with Retry-After before anything is written, until the number is below nine tenths. It holds from the next count, within seconds. A destination has a bound of its own; that of the whole hub stays as its settings say.',
  query: DryRunQuery,
  body: PutIntakeBody,
  response: IntakeView,
  precondition: 'required',
  async handle({ query, body, principal, headers }, services) {
    const asked = readIfMatch(headers['if-match']);
    const { actor, tenantId } = principal;
    if (query.dryRun === true) {
      const stored = await services.db.tx(tenantId, readIntakeBound);
      const version = stored.openMax === body.openMax ? stored.version : stored.version + 1;
      return { body: viewOf(services, tenantId, stored), version };
    }
    const bound = await services.db.tx(tenantId, async (tx) => {
      const put = await writeIntakeBound(tx, body.openMax, {
        actor,
        at: services.clock.now(),
        expectedVersion: asked === '*' ? undefined : asked,
      });
      await recordAudit(tx, services.clock, [
        {
          actor,
          action: 'intake.configure',
          subject: { kind: 'intake', id: tenantId },
          reason: body.reason,
          detail: { openMax: body.openMax ?? null },
        },
      ]);
      return put;
    });
    return { body: viewOf(services, tenantId, bound), version: bound.version };
  },
});

export const intakeRoutes = [getIntake, putIntake];
