import { type ClosedDoors, allTenants } from '../../src/queue/step/intake-step.ts';
import { LedgerError, isFinal, stateNow } from './ledger.ts';
import type { Random } from './random.ts';
import type { Actor, Task } from './scheduler.ts';
import type { World } from './world.ts';

/** Whether something new is taken in: the product's gate, which looks now and then and refuses in between. */
export interface Door {
  /** False: come again later. */
  admits(): boolean;
  /** Looks for as long as the run goes on. */
  run(): Task;
  readonly actor: Actor;
  refusals: number;
  /** Clients that have handed something in and have not had their answer yet. */
  clients: number;
}

export const tenant = 't';
/** Looks that have to fail in a row: one may be a connection that broke. */
const failuresUntilClosed = 2;

type Open = readonly { tenantId: string; destination: string; open: number }[];

export function createDoor(world: () => World, random: Random): Door {
  const everyMs = random.pick([50, 200, 500]);
  let closed: ClosedDoors = new Map();
  let failures = 0;
  let open: Open = [];
  const actor: Actor = { name: 'door', alive: true, frozenUntilMs: 0 };

  function countOpen(): Open {
    const { tables } = world().ledger;
    const counts = new Map<string, number>();
    for (const row of tables.deliveries.values()) {
      if (isFinal(stateNow(tables, row))) continue;
      const { destination } = row.plan;
      counts.set(destination, (counts.get(destination) ?? 0) + 1);
    }
    return [...counts].map(([destination, n]) => ({ tenantId: tenant, destination, open: n }));
  }

  /** What the gate has let in, judged by what was open when it last looked. */
  function judge(): void {
    const { checker, plan } = world();
    if (plan.doors === undefined) return;
    for (const one of open) checker.admits(one.destination, one.open, plan.doors.destination);
    const all = open.reduce((sum, one) => sum + one.open, 0);
    checker.admits('the tenant', all, plan.doors.tenant);
    checker.admits('the hub', all, plan.doors.total);
  }

  return {
    actor,
    refusals: 0,
    clients: 0,
    admits() {
      const isClosed = failures >= failuresUntilClosed || closed.has(allTenants) || closed.has(tenant);
      if (isClosed) this.refusals++;
      else judge();
      return !isClosed;
    },
    *run() {
      const { plan, ledger, steps } = world();
      const { doors } = plan;
      if (doors === undefined) return;
      for (;;) {
        const tx = ledger.begin(actor);
        try {
          const counted = yield* ledger.call(tx, countOpen);
          yield* ledger.commit(tx);
          open = counted;
          closed = steps.intakeStep(closed, { open }, doors);
          failures = 0;
        } catch (error) {
          ledger.abort(tx);
          if (!(error instanceof LedgerError)) throw error;
          failures++;
        }
        yield everyMs;
      }
    },
  };
}
