import type { Pools } from './pools.ts';
import type { Hub } from '../flows/index.ts';
import type { Clock, Logger, Stopper, Tx } from '../platform/index.ts';
import { listTenants } from '../security/index.ts';

/** Something done every so often for every tenant, in a transaction of its own. */
export interface Chore {
  readonly name: string;
  readonly everyMs: number;
  run(tx: Tx, hub: Hub): Promise<void>;
}

export interface ScheduleOptions {
  readonly pools: Pools;
  readonly clock: Clock;
  readonly log: Logger;
  readonly stopper: Stopper;
  readonly hub: (tenantId: string) => Hub;
  readonly open: (tenantId: string) => Promise<void>;
  readonly chores: readonly Chore[];
  readonly upkeep: readonly Upkeep[];
}

/** Work that belongs to no tenant, e.g. making the next partitions. */
export interface Upkeep {
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<void>;
}

/** Runs the chores, one round of a chore at a time; a failure is logged and the next round tries again. */
export function startSchedule(options: ScheduleOptions): void {
  const { clock, log, stopper } = options;
  const cancels = new Map<string, () => void>();
  const running = new Set<Promise<void>>();
  let stopped = false;

  const repeat = (name: string, everyMs: number, round: () => Promise<void>): void => {
    const next = (): void => {
      if (stopped) return;
      const run = round()
        .catch((error: unknown) => {
          if (!stopped) log.error({ err: error, chore: name }, 'a chore failed; the next round tries again');
        })
        .finally(() => {
          running.delete(run);
          if (!stopped) cancels.set(name, clock.setTimeout(next, everyMs));
        });
      running.add(run);
    };
    cancels.set(name, clock.setTimeout(next, Math.min(everyMs, 1_000)));
  };

  for (const chore of options.chores) repeat(chore.name, chore.everyMs, () => runForTenants(options, chore));
  for (const upkeep of options.upkeep) repeat(upkeep.name, upkeep.everyMs, () => upkeep.run());
  stopper.onStop('schedule', async () => {
    stopped = true;
    for (const cancel of cancels.values()) cancel();
    await Promise.all(running);
  });
}

async function runForTenants(options: ScheduleOptions, chore: Chore): Promise<void> {
  for (const tenant of await listTenants(options.pools.engine)) {
    if (options.stopper.stopping) return;
    await options.open(tenant.id);
    await options.pools.app.tx(tenant.id, (tx) => chore.run(tx, options.hub(tenant.id)));
  }
}
