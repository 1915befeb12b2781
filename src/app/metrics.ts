import { type Metrics, createMetrics } from '../platform/index.ts';
import type { Queue } from '../queue/index.ts';

/** The hub's metrics, with what the lanes of this process say about themselves at every scrape; of all tenants together. */
export function createHubMetrics(queue: Pick<Queue, 'stats'>): Metrics {
  const metrics = createMetrics();
  const gauges = {
    lanes: metrics.gauge('crossdock_lanes', 'Lanes held by this worker'),
    inMemory: metrics.gauge('crossdock_deliveries_in_memory', 'Deliveries held in memory'),
    inFlight: metrics.gauge('crossdock_deliveries_in_flight', 'Calls to outside systems under way'),
    blockedKeys: metrics.gauge('crossdock_blocked_keys', 'Keys whose head waits for a retry or a person'),
    superseded: metrics.gauge(
      'crossdock_deliveries_superseded',
      'Deliveries that gave way to newer ones of their keys',
    ),
    quotasSpent: metrics.gauge('crossdock_quotas_spent', 'Destinations whose quota has nothing left for what is ready'),
  } as const;
  metrics.onScrape(() => {
    const stats = queue.stats();
    for (const [name, gauge] of Object.entries(gauges)) gauge.set(stats[name as keyof typeof gauges]);
  });
  return metrics;
}
