import {
  Counter,
  Gauge,
  Histogram,
  type Metric,
  type MetricValueWithName,
  Registry,
  collectDefaultMetrics,
} from 'prom-client';

export type { Counter, Gauge, Histogram } from 'prom-client';

/** From 1 ms to 30 s: an in-process step up to a slow partner. */
const durationBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

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
  /**
   * A histogram of durations for the hottest paths: its series are looked up once and counted by hand, because the
   * library's own observation hashes the labels every time (measured: 4 of the 30 microseconds of a small request).
   */
  durations<L extends string>(name: string, help: string, labelNames: readonly L[]): DurationHistogram<L>;
  /** Runs before every scrape; for gauges that are read rather than set. */
  onScrape(fn: () => void | Promise<void>): void;
  /** The Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

export interface DurationHistogram<L extends string> {
  /** Keep the answer: it observes seconds. */
  series(labels: Readonly<Record<L, string>>): (seconds: number) => void;
}

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Observations by bucket, the last one those above every bound. Not cumulative. */
  readonly counts: number[];
  sum: number;
}

function createDurations<L extends string>(registry: Registry, name: string, help: string): DurationHistogram<L> {
  const all = new Map<string, Series>();
  const values = (): MetricValueWithName<string>[] =>
    [...all.values()].flatMap(({ labels, counts, sum }) => {
      let count = 0;
      const buckets = [...durationBucketsSeconds, Number.POSITIVE_INFINITY].map((bound, index) => {
        count += counts[index] ?? 0;
        const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : bound;
        return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
      });
      return [
        ...buckets,
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: count },
      ];
    });
  // What the registry asks of a metric when it is scraped (prom-client 15, lib/registry.js).
  const metric = {
    name,
    get: () => Promise.resolve({ name, help, type: 'histogram', values: values(), aggregator: 'sum' }),
    reset: () => all.clear(),
    series(labels: Readonly<Record<L, string>>) {
      const key = JSON.stringify(Object.entries(labels));
      const series: Series = all.get(key) ?? { labels, sum: 0, counts: durationBucketsSeconds.concat(0).map(() => 0) };
      all.set(key, series);
      return (seconds: number) => {
        let bucket = 0;
        // Most requests are in the first buckets; a search by halves would be slower.
        while (bucket < durationBucketsSeconds.length && seconds > durationBucketsSeconds[bucket]!) bucket += 1;
        series.counts[bucket]! += 1;
        series.sum += seconds;
      };
    },
  };
  registry.registerMetric(metric as unknown as Metric);
  return metric;
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
    durations: <L extends string>(name: string, help: string) =>
      known(name, () => createDurations<L>(registry, name, help)),
    onScrape: (fn) => void scrapes.push(fn),
    async text() {
      for (const scrape of scrapes) await scrape();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}
