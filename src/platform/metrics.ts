import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export type { Counter, Gauge, Histogram } from 'prom-client';

/** From 1 ms to 30 s: an in-process step up to a slow partner. */
export const durationBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * The owner of one metrics registry. Names begin with `crossdock_` and end with their unit (`_seconds`, `_bytes`,
 * `_total`). Asking twice for the same name answers the same metric, so that rooms need not hand them around.
 */
export interface Metrics {
  counter<L extends string>(name: string, help: string, labelNames?: readonly L[]): Counter<L>;
  gauge<L extends string>(name: string, help: string, labelNames?: readonly L[]): Gauge<L>;
  histogram<L extends string>(
    name: string,
    help: string,
    labelNames?: readonly L[],
    buckets?: readonly number[],
  ): Histogram<L>;
  /** Runs before every scrape; for gauges that are read rather than set. */
  onScrape(fn: () => void | Promise<void>): void;
  /** The Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** @param options.process also report the process's CPU, memory, event-loop lag and garbage collection. */
export function createMetrics(options: { process?: boolean } = {}): Metrics {
  const registry = new Registry();
  const scrapes: (() => void | Promise<void>)[] = [];
  if (options.process === true) collectDefaultMetrics({ register: registry, prefix: 'crossdock_' });
  const known = <T>(name: string, make: () => T): T => (registry.getSingleMetric(name) as T | undefined) ?? make();
  return {
    counter: <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
      known(name, () => new Counter<L>({ name, help, labelNames: [...labelNames], registers: [registry] })),
    gauge: <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
      known(name, () => new Gauge<L>({ name, help, labelNames: [...labelNames], registers: [registry] })),
    histogram: <L extends string>(
      name: string,
      help: string,
      labelNames: readonly L[] = [],
      buckets: readonly number[] = durationBucketsSeconds,
    ) =>
      known(
        name,
        () =>
          new Histogram<L>({ name, help, labelNames: [...labelNames], buckets: [...buckets], registers: [registry] }),
      ),
    onScrape: (fn) => void scrapes.push(fn),
    async text() {
      for (const scrape of scrapes) await scrape();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}
