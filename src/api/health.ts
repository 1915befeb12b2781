import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HubError } from '../platform/index.ts';
import { authenticate } from './authenticate.ts';
import type { ApiServices } from './services.ts';

/** Probes and metrics. They tell nothing of any tenant: no metric carries a tenant, a partner or an order. */
export function registerHealth(app: FastifyInstance, services: ApiServices): void {
  app.get('/livez', (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok', checks: [] }));

  app.get('/readyz', async (_request, reply) => {
    const checks = await services.readiness();
    const ok = checks.every((check) => check.ok);
    const status = checks.some((check) => check.degraded === true) ? 'degraded' : 'ok';
    return reply
      .code(ok ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: ok ? status : 'failing', checks });
  });

  app.get('/metrics', async (request, reply) => {
    if (!isLocal(request)) await requireMetricsRole(services, request);
    return reply.type(services.metrics.contentType).send(await services.metrics.text());
  });
}

/** A collector on the same machine needs no key; one that comes through a proxy is not on it. */
function isLocal(request: FastifyRequest): boolean {
  const proxied = request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined;
  return !proxied && ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(request.ip);
}

async function requireMetricsRole(services: ApiServices, request: FastifyRequest): Promise<void> {
  const principal = await authenticate(services.security, request);
  if (principal === undefined) throw new HubError('UNAUTHENTICATED');
  if (!principal.actions.has('metrics.read')) throw new HubError('FORBIDDEN');
}
