import { expect, test } from 'vitest';
import { oneRoute } from '../../../test/faults/one-route.ts';
import { noFlows, scriptedSystem } from '../../../test/faults/scripted-queue.ts';
import { manualClock } from '../../../test/harness/index.ts';
import { type Db, silentLogger } from '../../platform/index.ts';
import type { Prepared } from '../index.ts';
import { createSender } from './sender.ts';
import type { Decision, OpenIntent } from './work.ts';

/** A sender of one destination, and what it decided. */
function desk() {
  const clock = manualClock('2026-06-01T12:00:00Z');
  const system = scriptedSystem({ idempotency: 'C' });
  const lease = { holds: true };
  const decisions: Decision[] = [];
  const options = {
    engine: {} as Db,
    clock,
    log: silentLogger,
    random: () => 0,
    flows: noFlows,
    deliverer: system.deliverer,
    leaseMs: 1_000,
    workerId: 'w',
    pollMs: 100,
  };
  const sender = createSender(
    options,
    (decision) => decisions.push(decision),
    () => lease.holds,
    () => {},
  );
  const { route, workOf } = oneRoute(clock);
  const prepared: Prepared = {
    deliveryId: 'd-a',
    destination: 'erp',
    operation: 'order.create',
    idempotency: 'C',
    naturalKey: 'n-a',
    body: { key: 'a' },
    hash: 'h',
    settleMs: 20,
  };
  return { system, lease, decisions, sender, route, workOf, prepared };
}

const intent = (): OpenIntent => ({ id: 'i', remaining: 1, dropped: 0 });

test('a look-up is no more made after the lease than a send is, and leaves open what it was to find out', async () => {
  const { system, lease, decisions, sender, route, workOf, prepared } = desk();
  sender.lookUp(workOf('a', { phase: 'unknown', tries: 1 }), prepared);
  expect(system.lookups).toEqual(['n-a']);
  await expect.poll(() => decisions.length).toBe(1);

  lease.holds = false;
  route.inFlight = 2;
  sender.lookUp(workOf('b', { phase: 'unknown', tries: 1 }), prepared);
  sender.send(workOf('c'), prepared, 'at-1', intent());
  expect(system.lookups).toEqual(['n-a']);
  expect(system.sends).toEqual([]);
  expect(decisions.slice(1)).toMatchObject([
    { to: 'outcome_unknown', effect: { phase: 'unknown' }, attempt: { kind: 'lookup', state: 'unavailable' } },
    { to: 'retry_wait', effect: { phase: 'clear' }, attempt: { kind: 'send' } },
  ]);
  expect([route.inFlight, sender.underWay]).toEqual([0, 0]);
});

test('nothing is asked about a delivery whose lane has passed to another worker', () => {
  const { system, decisions, sender, workOf, prepared } = desk();
  const work = workOf('a', { phase: 'unknown', tries: 1 });
  work.owned.lost = true;
  sender.lookUp(work, prepared);
  expect(system.lookups).toEqual([]);
  expect(decisions).toMatchObject([{ to: 'outcome_unknown' }]);
});
