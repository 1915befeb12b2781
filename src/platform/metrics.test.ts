import { expect, it } from 'vitest';
import { createMetrics } from './index.ts';

it('answers the same metric for the same name and runs scrape hooks', async () => {
  const metrics = createMetrics();
  metrics.counter('crossdock_test_total', 'Tests', ['kind']).inc({ kind: 'a' });
  metrics.counter('crossdock_test_total', 'Tests', ['kind']).inc({ kind: 'a' });
  const age = metrics.gauge('crossdock_test_age_seconds', 'Age');
  metrics.onScrape(() => age.set(7));
  const text = await metrics.text();
  expect(text).toContain('crossdock_test_total{kind="a"} 2');
  expect(text).toContain('crossdock_test_age_seconds 7');
});

it('counts durations by series as Prometheus asks: cumulative buckets, sum and count', async () => {
  const metrics = createMetrics();
  const durations = metrics.durations('crossdock_test_seconds', 'Time', ['route']);
  for (const seconds of [0.0005, 0.001, 0.02, 99]) durations.series({ route: '/a' })(seconds);
  metrics.durations('crossdock_test_seconds', 'Time', ['route']).series({ route: '/"b"' })(0.3);
  const text = await metrics.text();
  expect(text).toContain('# TYPE crossdock_test_seconds histogram');
  expect(text).toContain('crossdock_test_seconds_bucket{le="0.001",route="/a"} 2');
  expect(text).toContain('crossdock_test_seconds_bucket{le="0.025",route="/a"} 3');
  expect(text).toContain('crossdock_test_seconds_bucket{le="+Inf",route="/a"} 4');
  expect(text).toContain('crossdock_test_seconds_count{route="/a"} 4');
  expect(text).toMatch(/crossdock_test_seconds_sum\{route="\/a"\} 99\.0215/);
  expect(text).toContain('crossdock_test_seconds_count{route="/\\"b\\""} 1');
});
