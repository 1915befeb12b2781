import type { RetrySchedule } from '../destination.ts';

/**
 * Back-off before the next try: exponential up to `maxMs`, of which a share (by default half) is random, so that deliveries that
 * failed together do not come back together.
 * @param tries failed tries so far, at least 1
 * @param random uniform in [0, 1)
 */
export function backOffMs(retry: RetrySchedule, tries: number, random: number): number {
  const fullMs = Math.min(retry.maxMs, retry.baseMs * retry.factor ** Math.max(0, tries - 1));
  const jitter = retry.jitter ?? 0.5;
  return Math.round(fullMs * (1 - jitter) + fullMs * jitter * random);
}
