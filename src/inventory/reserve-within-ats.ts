import { HubError, type Tx } from '../platform/index.ts';
import type { Reserved } from './inventory-types.ts';
import { reserve } from './reserve.ts';

/** One caller's wish to hold stock for a while. */
export interface StockRequest {
  /** Idempotency key of the caller. */
  key: string;
  sku: string;
  /** Base units. */
  quantity: string;
  channel: string;
  location?: string;
  /** Local date on which it would ship. */
  shipDate: string;
  expiresAt: Date;
}

/**
 * Soft reservations for callers of the API: all of a request or nothing, within what its channel may sell (buffer and
 * unlocated demand taken off). Requests of a batch are served in order; each gets its reservation or INSUFFICIENT_ATS.
 */
export async function reserveWithinAts(
  tx: Tx,
  requests: readonly StockRequest[],
  now: Date,
): Promise<(Reserved | HubError)[]> {
  const results = await reserve(
    tx,
    requests.map(({ location, ...request }) => ({
      ...request,
      ...(location === undefined ? {} : { locations: [location] }),
      hard: false,
      partial: false,
      backorder: false,
      withinAts: true,
    })),
    now,
  );
  return results.map((result) =>
    result.allocations.length > 0
      ? result
      : new HubError('INSUFFICIENT_ATS', {
          message: `Less than ${result.requested} of ${result.sku} is available to sell`,
        }),
  );
}
