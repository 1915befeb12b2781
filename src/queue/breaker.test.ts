import { expect, test } from 'vitest';
import {
  delivery,
  quickRetry,
  scriptedSystem,
  settableClock,
  tenantId,
  testQueue,
} from '../../test/faults/scripted-queue.ts';
import { until } from '../../test/harness/index.ts';
import { by, db, inTx, run, useQueues } from '../../test/faults/use-queues.ts';
import type { BreakerChange, Deliverer, DestinationCondition, DestinationPatch, Outcome, Queue } from './index.ts';

useQueues();

const refused: Outcome = { kind: 'retryable', sent: false, detail: 'connection refused', reason: 'unreachable' };
const breaker = { consecutiveFailures: 3, probeAfterMs: 60, probeMaxMs: 120 };

async function started(deliverer: Deliverer, more: Parameters<typeof testQueue>[1] = {}): Promise<Queue> {
  const queue = testQueue(db.engine, { deliverer, pollMs: 20, ...more });
  run(queue);
  await inTx((tx) => queue.destinations.ensure(tx, [{ name: 'erp', lanes: 2, retry: quickRetry, breaker }]));
  await queue.start();
  return queue;
}
const enqueue = (queue: Queue, keys: readonly string[]): Promise<string[]> =>
  inTx((tx) =>
    queue.enqueue(
      tx,
      keys.map((key) => delivery(key)),
    ),
  );
async function condition(queue: Queue): Promise<DestinationCondition | undefined> {
  return (await inTx((tx) => queue.destinations.conditions(tx))).find((one) => one.destination === 'erp');
}
async function change(queue: Queue, patch: DestinationPatch): Promise<void> {
  await inTx(async (tx) => {
    const { version } = await queue.destinations.get(tx, 'erp');
    await queue.destinations.update(tx, 'erp', version, patch);
  });
}

/** A system that can be down, with what became of its breaker. */
function system(more: Partial<Deliverer> = {}) {
  const changes: BreakerChange[] = [];
  const switches = { down: false };
  const scripted = scriptedSystem({ send: () => (switches.down ? refused : { kind: 'confirmed', outsideId: 'o' }) });
  const deliverer: Deliverer = {
    ...scripted.deliverer,
    async breakerChanged(_tx, _tenant, change) {
      changes.push(change);
    },
    ...more,
  };
  return { ...scripted, deliverer, switches, changes };
}

test('a system that is down is probed and not otherwise called; nothing is spent; recovery drains in order', async () => {
  const erp = system();
  erp.switches.down = true;
  const queue = await started(erp.deliverer);
  const keys = Array.from({ length: 120 }, (_, i) => `k${i % 30}`);
  const ids = await enqueue(queue, keys);
  await until(async () => (await condition(queue))?.breaker?.state === 'open');
  await queue.idle();
  const opened = erp.sends.length;
  await until(async () => ((await condition(queue))?.breaker?.rounds ?? 0) >= 4);
  const rounds = (await condition(queue))?.breaker?.rounds ?? 0;
  // One call per round of probing; the round under way may have made one already.
  expect(erp.sends.length - opened).toBeLessThanOrEqual(rounds + 1);
  const { rows } = await db.owner.query<{ tries: number }>('SELECT max(tries)::int AS tries FROM delivery_parked');
  expect(rows[0]?.tries).toBeLessThanOrEqual(1);
  expect((await condition(queue))?.breaker).toMatchObject({
    lastReason: 'unreachable',
    lastError: 'connection refused',
  });
  erp.switches.down = false;
  await until(() => erp.settled.filter((one) => one.state === 'delivered').length === 120);
  expect((await condition(queue))?.breaker).toMatchObject({ state: 'closed', rounds: 0 });
  expect(erp.changes.map((each) => each.to)).toEqual(['open', 'closed']);
  for (const id of ids) expect((await inTx((tx) => queue.deliveries.get(tx, id))).state).toBe('delivered');
  const delivered = erp.settled.filter((one) => one.state === 'delivered').map((one) => one.delivery);
  expect(delivered).toHaveLength(120);
  for (const [, ofKey] of Map.groupBy(delivered, (one) => one.key)) {
    const positions = ofKey.map((one) => one.position);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  }
});

test('an open breaker is shared by all workers and survives them', async () => {
  const erp = system();
  erp.switches.down = true;
  const first = await started(erp.deliverer, { workerId: 'one' });
  await change(first, { breaker: { ...breaker, probeAfterMs: 60_000, probeMaxMs: 60_000 } });
  await enqueue(first, ['a', 'b', 'c', 'd']);
  await until(async () => (await condition(first))?.breaker?.state === 'open');
  await first.idle();
  await first.stop();
  const calls = erp.sends.length;
  erp.switches.down = false;
  const [second, third] = [await started(erp.deliverer, { workerId: 'two' }), await started(erp.deliverer)];
  await enqueue(second, ['e', 'f', 'g', 'h']);
  await Promise.all([second.idle(), third.idle()]);
  expect(erp.sends).toHaveLength(calls);
  await inTx((tx) => second.destinations.resetBreaker(tx, 'erp'));
  await until(() => erp.settled.filter((one) => one.state === 'delivered').length === 8);
});

test('once it is open no other worker begins a call, long before its next look', async () => {
  const mine = system();
  const first = await started(mine.deliverer, { workerId: 'one' });
  const theirs = scriptedSystem({
    send: async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return { kind: 'confirmed', outsideId: 'o' };
    },
  });
  const pollMs = 3_000;
  const second = testQueue(db.engine, { deliverer: theirs.deliverer, workerId: 'two', pollMs });
  run(second);
  await second.start();
  await change(first, { concurrency: 2 });
  await until(async () => {
    second.wake(tenantId, 'erp');
    await second.idle();
    return second.stats().lanes === 1;
  });
  const keys = Array.from({ length: 400 }, (_, i) => `k${i}`);
  await enqueue(first, keys);
  second.wake(tenantId, 'erp');
  await until(() => theirs.sends.length >= 20);
  const beforeMs = performance.now();
  await inTx((tx) => first.destinations.holdOpen(tx, 'erp', by));
  const begun = theirs.sends.length;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(theirs.sends.length - begun).toBeLessThanOrEqual(2);
  expect(theirs.sends.length).toBeLessThan(150);
  // It was not the regular look that stopped it.
  expect(performance.now() - beforeMs).toBeLessThan(pollMs / 2);
  await inTx((tx) => first.destinations.resetBreaker(tx, 'erp'));
  second.wake(tenantId, 'erp');
  await until(() => mine.settled.length + theirs.settled.length === keys.length);
});

test('a health check probes in the place of deliveries, and one delivery at a time follows it', async () => {
  let healthy = false;
  let checks = 0;
  const erp = system({
    hasHealth: () => true,
    async health() {
      checks++;
      await new Promise((resolve) => setTimeout(resolve, 40));
      return { ok: healthy, detail: healthy ? 'HTTP 200' : 'HTTP 503' };
    },
  });
  erp.switches.down = true;
  const queue = await started(erp.deliverer);
  await enqueue(queue, ['a', 'b', 'c', 'd', 'e', 'f']);
  await until(async () => (await condition(queue))?.breaker?.state === 'open');
  await queue.idle();
  const calls = erp.sends.length;
  const before = checks;
  await until(() => checks > before + 2);
  expect(erp.sends).toHaveLength(calls);
  expect(await condition(queue)).toMatchObject({ health: { ok: false, detail: 'HTTP 503' } });
  healthy = true;
  erp.switches.down = false;
  await until(() => erp.settled.filter((one) => one.state === 'delivered').length === 6);
  expect(await condition(queue)).toMatchObject({ breaker: { state: 'closed' } });
});

test('held open by a person it is not even probed, and says who and why', async () => {
  const erp = system();
  const queue = await started(erp.deliverer);
  await inTx((tx) => queue.destinations.holdOpen(tx, 'erp', { actor: 'ann', reason: 'cut-over' }));
  await queue.idle();
  await enqueue(queue, ['a', 'b']);
  await queue.idle();
  await queue.idle();
  expect(erp.sends).toEqual([]);
  expect((await condition(queue))?.breaker).toMatchObject({
    state: 'open',
    held: true,
    heldBy: 'ann',
    heldReason: 'cut-over',
  });
  await inTx((tx) => queue.destinations.resetBreaker(tx, 'erp'));
  await until(() => erp.sends.length === 2);
  await expect(inTx((tx) => queue.destinations.holdOpen(tx, 'flow.x', by))).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('each reason of failure has its own schedule, and poison is dead after as many tries as that allows', async () => {
  const erp = scriptedSystem({
    send: ({ key }) => ({
      kind: 'retryable',
      sent: false,
      detail: key,
      reason: key === 'slow' ? 'throttled' : 'server_error',
    }),
  });
  const queue = await started(erp.deliverer);
  await change(queue, {
    breaker: { ...breaker, consecutiveFailures: 1_000, minimumCalls: 1_000 },
    retryByReason: { server_error: { ...quickRetry, maxAttempts: 2 }, throttled: { ...quickRetry, maxAttempts: 5 } },
  });
  await queue.idle();
  const [slow = '', broken = ''] = await enqueue(queue, ['slow', 'broken']);
  const get = (id: string) => inTx((tx) => queue.deliveries.get(tx, id));
  await until(async () => (await get(slow)).state === 'dead' && (await get(broken)).state === 'dead');
  expect([(await get(slow)).attempts, (await get(broken)).attempts]).toEqual([5, 2]);
});

test('refused credentials hold what met them and open the breaker for the rest', async () => {
  const erp = scriptedSystem({ send: () => ({ kind: 'rejected', class: 'auth', code: 'HTTP_401', message: 'no' }) });
  const queue = await started(erp.deliverer);
  await change(queue, { concurrency: 1, breaker: { ...breaker, probeAfterMs: 60_000, probeMaxMs: 60_000 } });
  await queue.idle();
  const ids = await enqueue(queue, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
  await until(async () => (await condition(queue))?.breaker?.state === 'open');
  await queue.idle();
  expect(erp.sends).toHaveLength(3);
  const released = await inTx((tx) => queue.deliveries.releaseRefused(tx, 'erp', { ...by, delayMs: 0 }));
  expect(released).toBe(3);
  const states = await Promise.all(ids.map((id) => inTx((tx) => queue.deliveries.get(tx, id))));
  expect(new Set(states.map((one) => one.state))).toEqual(new Set(['queued', 'retry_wait']));
});

test('after a maintenance window a backlog goes out at the rate that was set', async () => {
  const clock = settableClock('2026-06-01T12:00:30Z');
  const erp = system();
  const queue = await started(erp.deliverer, { clock });
  await change(queue, {
    windows: [{ cron: '0 12 * * *', zone: 'UTC', durationMinutes: 1 }],
    drain: { perSecond: 50, rampSeconds: 0 },
  });
  await queue.idle();
  await enqueue(
    queue,
    Array.from({ length: 40 }, (_, i) => `k${i}`),
  );
  await queue.idle();
  expect(erp.sends).toEqual([]);
  // From here on, and not from the first call: the rate counts from the window's end, and reading the backlog takes its time.
  const fromMs = performance.now();
  clock.set('2026-06-01T12:01:00.100Z');
  await until(() => erp.sends.length === 40);
  expect(performance.now() - fromMs).toBeGreaterThan((39 / 50) * 1_000 * 0.9);
});

test('a worker that comes in the middle of a drain keeps to its rate', async () => {
  const erp = system();
  const first = await started(erp.deliverer);
  await change(first, { drain: { perSecond: 40, rampSeconds: 0 } });
  erp.switches.down = true;
  await enqueue(first, ['x', 'y', 'z']);
  await until(async () => (await condition(first))?.breaker?.state === 'open');
  await enqueue(
    first,
    Array.from({ length: 60 }, (_, i) => `k${i}`),
  );
  const before = erp.sends.length;
  erp.switches.down = false;
  await until(() => erp.sends.length > before + 3);
  await first.stop();
  const left = 60 - new Set(erp.sends.filter(({ key }) => key.startsWith('k')).map(({ key }) => key)).size;
  expect(left).toBeGreaterThan(10);
  // It has never seen the system down, and all of the backlog is its own now.
  const fromMs = performance.now();
  const second = await started(erp.deliverer);
  await until(() => erp.settled.filter(({ state }) => state === 'delivered').length === 63);
  expect(performance.now() - fromMs).toBeGreaterThan(((left - 2) / 40) * 1_000 * 0.9);
  // What comes after the backlog goes as it comes: at this rate it would take half a minute.
  // The first ends the last of it, and the second looks and finds nothing.
  await second.idle();
  await second.idle();
  await change(second, { drain: { perSecond: 1, rampSeconds: 0 } });
  await enqueue(
    second,
    Array.from({ length: 30 }, (_, i) => `later${i}`),
  );
  await until(() => erp.sends.filter(({ key }) => key.startsWith('later')).length === 30);
});
