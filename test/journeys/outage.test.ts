import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Effect } from '../../lab/harness.ts';
import { type Journey, startJourney } from './harness.ts';

let journey: Journey;
beforeAll(async () => {
  // However fast the machine orders: what is short would be shipped by the branch, and the lab's ERP bills only what it was told of.
  journey = await startJourney({
    change: (document) => {
      for (const snapshot of document.stock) {
        for (const position of snapshot.positions) if (position.lot === undefined) position.quantity = '100000';
      }
    },
  });
});
afterAll(() => journey?.stop());

const consecutiveFailures = 3;
const concurrency = 4;

/** Calls that the ERP has counted itself, health checks aside. */
async function calls(): Promise<number> {
  const counters = (await journey.lab.control('erp', 'GET', '/_calls')) as Record<string, number>;
  return Object.values(counters).reduce((sum, count) => sum + count, 0);
}

const erp = () => journey.api<any>('GET', '/v1/destinations/erp');
const created = (kind: string): Effect[] => journey.lab.logs('erp').filter((effect) => effect.kind === kind);

/** Orders, one after the other, until told to stop. */
function startTraffic(prefix: string): { stop(): Promise<string[]> } {
  const ids: string[] = [];
  let stopped = false;
  const run = (async () => {
    while (!stopped) {
      const line = { sku: ids.length % 2 === 0 ? 'LED' : 'FLT13', quantity: { value: '1', uom: 'EA' } };
      const customerPo = `${prefix}-${ids.length}`;
      const order = await journey.order({ channel: 'portal', customer: 'C200', customerPo, lines: [line] });
      ids.push(order.id);
      await new Promise((resolve) => setTimeout(resolve, 90));
    }
    return ids;
  })();
  return {
    stop() {
      stopped = true;
      return run;
    },
  };
}

test('the ERP goes down under the traffic of two hubs: nobody calls it, nothing is spent, lost or doubled', async () => {
  const { version } = await erp();
  await journey.api(
    'PATCH',
    '/v1/destinations/erp',
    {
      breaker: { consecutiveFailures, probeAfterMs: 200, probeMaxMs: 400, alarmAfterMs: 0 },
      drain: { rampSeconds: 1 },
      health: { intervalMs: 1_000, timeoutMs: 1_000 },
      concurrency,
      reason: 'a test',
    },
    { headers: { 'if-match': `"${version}"` } },
  );
  const other = await journey.addHub();
  await journey.until('the hubs to share the lanes', async () => {
    const [one, two] = [journey.hub.queue.stats().lanes, other.queue.stats().lanes];
    return Math.min(one, two) > 0 && Math.abs(one - two) <= 1;
  });
  const traffic = startTraffic('DOWN');
  await journey.until('orders to arrive', async () => created('order.created').length >= 5);
  expect(other.queue.stats().delivered).toBeGreaterThan(0);

  await journey.lab.dials('erp', { maintenance: true });
  const closedAt = await calls();
  await journey.until('the breaker to open', async () => (await erp()).breakerNow?.state === 'open');
  // What was under way in either hub when the first of them opened it may still end.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const opened = await calls();
  expect(opened - closedAt).toBeLessThanOrEqual(2 * (consecutiveFailures + concurrency));
  const before = await erp();
  await journey.until('three more probes', async () => (await erp()).breakerNow.rounds >= before.breakerNow.rounds + 3);
  // The ERP's own count: not one call but its health check, by neither hub, while orders come in and queue up.
  expect(await calls()).toBe(opened);
  const down = await erp();
  expect(down.backlog.queued).toBeGreaterThan(before.backlog.queued ?? 0);
  expect(down.backlog.dead ?? 0).toBe(0);
  const waiting = await journey.api<any>('GET', '/v1/deliveries?destination=erp&state=queued&limit=500');
  expect(waiting.data.every((each: any) => each.attempts <= 1)).toBe(true);
  const tried = (await journey.api<any>('GET', '/v1/deliveries?destination=erp&state=retry_wait&limit=500')).data;
  expect(tried.length).toBeLessThanOrEqual(opened - closedAt);
  expect(tried.every((each: any) => each.attempts === 1)).toBe(true);
  const alarm = await journey.until('the exception', async () => {
    const { data } = await journey.api<any>('GET', '/v1/exceptions?code=ENDPOINT_DOWN');
    return data.length === 1 && data[0];
  });
  // What it costs is on the exception: the orders that wait, and what they come to.
  const { impact } = await journey.api<any>('GET', `/v1/exceptions/${alarm.id}`);
  expect(impact.orders).toBeGreaterThan(0);
  expect(impact.waitingDeliveries).toBeGreaterThanOrEqual(impact.orders);
  expect(impact.money).toEqual([{ currency: 'USD', minor: expect.any(Number) }]);
  expect(impact.money[0].minor).toBeGreaterThanOrEqual(impact.orders * 900);

  await journey.lab.dials('erp', { maintenance: false });
  await journey.until('the breaker to close', async () => (await erp()).breakerNow?.state === 'closed');
  const ids = await traffic.stop();
  await journey.until(
    'every order to be invoiced',
    async () => {
      const { data } = await journey.api<any>('GET', '/v1/orders?limit=500');
      return ids.every((id) => data.find((order: any) => order.id === id)?.status.invoice === 'invoiced');
    },
    40_000,
  );
  // By the ERP's own log: every order once, and nothing of an order before the order.
  const orders = created('order.created');
  expect(orders).toHaveLength(ids.length);
  expect(new Set(orders.map((effect) => effect.key)).size).toBe(ids.length);
  const { data } = await journey.api<any>('GET', '/v1/deliveries?destination=erp&limit=500');
  expect(data.filter((each: any) => each.state !== 'delivered')).toEqual([]);
  const resolved = await journey.api<any>('GET', `/v1/exceptions/${alarm.id}`);
  expect(resolved.state).toBe('resolved');
});
