import { claimIdempotencyKeys, completeIdempotencyKeys } from '../exchange/index.ts';
import { HubError, type Tx } from '../platform/index.ts';
import type { RouteReply, RouteRequest } from './define-route.ts';
import type { ApiServices } from './services.ts';

/**
 * Runs the work of an idempotent POST in one transaction with its key: the same key and body answer what the first one
 * did, another body is refused, and a failure leaves no trace of the key, so that the client may try again.
 * @param options.isSecret the body holds a password: a plain hash of it would be a fast one beside the slow one that is stored
 * @throws HubError IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_FLIGHT, and what `work` throws
 */
export async function runOnce(
  services: ApiServices,
  request: Pick<RouteRequest, 'principal' | 'idempotencyKey' | 'bytes' | 'raw'>,
  work: (tx: Tx) => Promise<{ status: number; body: unknown; headers?: Record<string, string> }>,
  options: { isSecret?: boolean } = {},
): Promise<RouteReply> {
  const { principal, idempotencyKey: key, bytes } = request;
  // A key belongs to its client and route; the path's own ids are part of the request that it stands for.
  const scope = `${request.raw.method} ${request.raw.routeOptions.url} ${principal.actor}`;
  const signed = Buffer.concat([Buffer.from(`${request.raw.url}\n`), bytes]);
  const asked =
    options.isSecret === true
      ? { request: '', requestHash: services.security.fingerprint(signed) }
      : { request: signed };
  return services.db.tx(principal.tenantId, async (tx) => {
    const [claim] = await claimIdempotencyKeys(tx, [{ scope, key, ...asked }]);
    if (claim?.outcome === 'reused') throw new HubError('IDEMPOTENCY_KEY_REUSED');
    if (claim?.outcome === 'in_flight') throw new HubError('IDEMPOTENCY_IN_FLIGHT');
    if (claim?.outcome === 'replay') {
      const stored = claim.response as { body: unknown; headers?: Record<string, string> };
      return { status: claim.status, body: stored.body, headers: stored.headers ?? {} };
    }
    const { status, body, headers } = await work(tx);
    await completeIdempotencyKeys(tx, [{ scope, key, status, response: { body, headers } }]);
    return { status, body, headers: headers ?? {} };
  });
}
