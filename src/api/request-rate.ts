import type { FastifyReply } from 'fastify';
import { HubError } from '../platform/index.ts';
import type { RequestRate } from '../security/index.ts';

/**
 * Counts a request of a key that has a limit, and tells its caller what is left (draft-ietf-httpapi-ratelimit-headers-10).
 * @throws HubError RATE_LIMITED
 */
export function spendRequest(rate: RequestRate, reply: FastifyReply): void {
  const { limit, remaining, seconds, exceeded } = rate.spend();
  void reply.header('ratelimit-policy', `"key";q=${limit};w=60`);
  void reply.header('ratelimit', `"key";r=${remaining};t=${seconds}`);
  if (!exceeded) return;
  throw new HubError('RATE_LIMITED', {
    message: `This key may make ${limit} requests a minute`,
    detail: { retryAfterSeconds: seconds },
  });
}
