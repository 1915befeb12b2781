import { randomUUID } from 'node:crypto';
import type { Tx } from '../platform/index.ts';
import { createBudgets } from './budgets.ts';
import { backlogOf, createDeliveries } from './deliveries.ts';
import { createDestinations } from './destinations.ts';
import { createEngine } from './engine/engine.ts';
import { createEnqueuer } from './enqueuer.ts';
import type { Queue, QueueOptions } from './queue.ts';
import { withStorableAnswers } from './storable-answers.ts';

/** The lanes of one process. Enqueues and answers at once; works the lanes between `start` and `stop`. */
export function createQueue(options: QueueOptions): Queue {
  const leaseMs = options.leaseMs ?? 15_000;
  const engine = createEngine({
    engine: options.engine,
    clock: options.clock,
    log: options.log,
    random: options.random,
    flows: options.flows,
    deliverer: withStorableAnswers(options.deliverer, options.log),
    leaseMs,
    workerId: options.workerId ?? `worker-${randomUUID()}`,
    // The look renews the lease: one that came at longer intervals would lose every lane between two of them.
    pollMs: Math.min(options.pollMs ?? 1_000, leaseMs / 4),
  });
  const enqueuer = createEnqueuer((laneIds, position) => engine.enqueued(laneIds, position), options.lanesOf);
  const changed = (tx: Tx): void => tx.afterCommit(() => engine.changed());
  return {
    start: () => engine.start(),
    stop: () => engine.stop(),
    enqueue: (tx, deliveries) => enqueuer.enqueue(tx, deliveries),
    prepare: (tx, deliveries) => enqueuer.prepare(tx, deliveries),
    wake: () => engine.changed(),
    idle: () => engine.idle(),
    backlog: (tx) => backlogOf(tx, options.clock.now()),
    stats: () => engine.stats(),
    perMinute: (tenantId, destination) => engine.perMinute(tenantId, destination),
    destinations: createDestinations(enqueuer.lanes, options.clock, () => engine.changed()),
    budgets: createBudgets(options.clock, () => engine.changed()),
    deliveries: createDeliveries(options.clock, changed),
  };
}
