import type { DestinationCondition } from '../queue/index.ts';
import type { BreakerView } from './schemas/destinations.ts';

export function viewBreaker(breaker: NonNullable<DestinationCondition['breaker']>): BreakerView {
  const { since, openedAt, nextProbeAt, ...rest } = breaker;
  return {
    ...rest,
    since: since.toISOString(),
    ...(openedAt === undefined ? {} : { openedAt: openedAt.toISOString() }),
    ...(nextProbeAt === undefined ? {} : { nextProbeAt: nextProbeAt.toISOString() }),
  };
}
