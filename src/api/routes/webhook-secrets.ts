import { randomBytes } from 'node:crypto';
import { closed, Code } from '../../model/index.ts';
import { HubError, type Tx } from '../../platform/index.ts';
import type { Connection } from '../../queue/index.ts';
import { recordAudit } from '../../security/index.ts';
import { defineRoute, type RouteRequest } from '../define-route.ts';
import { ConnectionView, RotatedWebhookSecret } from '../schemas/configuration.ts';
import { ReasonBody } from '../schemas/traffic.ts';
import type { ApiServices } from '../services.ts';
import { viewConnection } from './partners.ts';

const tag = 'Partners and systems';
const params = closed({ id: Code });

async function changeSecrets(
  { params: { id }, body, principal }: RouteRequest<{ id: string }, unknown, { reason: string }>,
  services: ApiServices,
  action: 'webhook-secret.rotate' | 'webhook-secret.retire',
  change: (stored: Readonly<Record<string, string>>) => { secrets?: Record<string, string>; forgetSecrets?: string[] },
): Promise<ConnectionView> {
  const view = await services.db.tx(principal.tenantId, async (tx: Tx) => {
    const connection = await services.connections.get(tx, id);
    if (connection === undefined) throw new HubError('NOT_FOUND');
    const { type, role, title, settings, test, version } = connection satisfies Connection;
    const put = await services.connections.put(
      tx,
      { id, type, role, title, settings, test, ...change(await services.connections.secrets(tx, id)) },
      { now: services.clock.now(), expectedVersion: version },
    );
    await recordAudit(tx, services.clock, [
      { actor: principal.actor, action, subject: { kind: 'connection', id }, reason: body.reason },
    ]);
    return viewConnection(services, principal.tenantId, put.connection);
  });
  await services.connectionsChanged(principal.tenantId);
  return view;
}

export const rotateWebhookSecret = defineRoute({
  method: 'POST',
  path: '/v1/connections/{id}/webhook-secret',
  access: 'connection.write',
  tag,
  summary: 'Make a new webhook secret; it is shown this once',
  description:
    'The former secret is still accepted until it is retired, so that the other system can change over without losing a report.',
  params,
  body: ReasonBody,
  status: 201,
  response: RotatedWebhookSecret,
  async handle(request, services) {
    const webhookSecret = `whsec_${randomBytes(32).toString('base64')}`;
    const connection = await changeSecrets(request, services, 'webhook-secret.rotate', (stored) => ({
      secrets: {
        webhookSecret,
        ...(stored.webhookSecret === undefined ? {} : { webhookSecretBefore: stored.webhookSecret }),
      },
    }));
    return { body: { connection, webhookSecret } };
  },
});

export const retireWebhookSecret = defineRoute({
  method: 'POST',
  path: '/v1/connections/{id}/webhook-secret/retire',
  access: 'connection.write',
  tag,
  summary: 'Stop accepting the former webhook secret',
  params,
  body: ReasonBody,
  response: ConnectionView,
  problems: ['CONFLICT'],
  async handle(request, services) {
    const body = await changeSecrets(request, services, 'webhook-secret.retire', (stored) => {
      if (stored.webhookSecretBefore === undefined)
        throw new HubError('CONFLICT', { message: 'No former secret is accepted' });
      return { forgetSecrets: ['webhookSecretBefore'] };
    });
    return { body };
  },
});

export const webhookSecretRoutes = [rotateWebhookSecret, retireWebhookSecret];
