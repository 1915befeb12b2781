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
