import type { BreakerInput, Verdict } from '../../src/queue/step/breaker-step.ts';
import { LedgerError } from './ledger.ts';
import type { Task } from './scheduler.ts';
import { isPaused } from './worker-gate.ts';
import { type Route, type WorkerState, chosenNow, isInWindow, wallMs } from './world.ts';

/** How long the holder of a probe may take; longer than a send. */
const probeForMs = 2_000;
const healthEveryMs = 600;
const healthTimeoutMs = 300;

export interface ModelBreakers {
  heard(route: Route, verdict: Verdict): void;
  /** A route is new here: its breaker is as the last look has found it. */
  begin(route: Route): void;
  /** What the look has found in the ledger: every destination's breaker, and when that was read. */
  take(rows: ReadonlyMap<string, SharedBreaker>, readMs: number): void;
  /** Writes what could not be written, and takes probes that are due. */
  tend(): Task;
}

export interface SharedBreaker {
  readonly state: Route['breaker'];
  readonly version: number;
  /** Who wrote it, and when it was committed. */
  readonly by: string;
  readonly committedMs: number;
}

/** The product's keeper of breakers: counts in memory, transitions over the version they were made from. */
export function createBreakers(worker: WorkerState, changed: () => void): ModelBreakers {
  const { world } = worker;
  const { ledger, scheduler, steps } = world;
  const { breakers } = ledger.tables;
  const busy = new Set<Route>();
  const asked = new Set<Route>();
  let known: ReadonlyMap<string, SharedBreaker> = new Map();

  const step = (route: Route, input: BreakerInput) =>
    steps.breakerStep(route.breaker, input, route.settings.breaker, wallMs(worker), worker.random.next());

  function* save(route: Route): Task {
    if (busy.has(route)) return;
    busy.add(route);
    try {
      while (route.unsaved) {
        route.unsaved = false;
        yield* write(route, route.breaker);
      }
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      route.unsaved = true;
    } finally {
      busy.delete(route);
    }
    changed();
  }

  /** @returns false when somebody else was first: what they wrote holds */
  function* write(route: Route, state: Route['breaker']): Task<boolean> {
    const tx = ledger.begin(worker.actor);
    try {
      const theirs = yield* ledger.call(tx, () => {
        ledger.lock(tx, `b${route.name}`);
        const row = breakers.get(route.name);
        if ((row?.version ?? 0) !== route.breakerVersion) return row;
        const version = route.breakerVersion + 1;
        tx.writes.push(() => {
          breakers.set(route.name, { state, version, by: worker.name, committedMs: scheduler.nowMs });
        });
        return undefined;
      });
      yield* ledger.commit(tx);
      if (theirs !== undefined) {
        adopt(route, theirs);
        return false;
      }
      route.breakerVersion++;
      return true;
    } catch (error) {
      ledger.abort(tx);
      throw error;
    }
  }

  function adopt(route: Route, row: SharedBreaker): void {
    route.breaker = { ...row.state, counts: route.breaker.counts };
    route.breakerVersion = row.version;
    route.unsaved = false;
  }

  function* takeProbe(route: Route): Task<boolean> {
    if (busy.has(route)) return false;
    const { state, shared } = step(route, { type: 'probe', by: worker.name, forMs: probeForMs });
    if (!shared) return false;
    busy.add(route);
    try {
      if (!(yield* write(route, state))) return false;
      route.breaker = state;
      return true;
    } finally {
      busy.delete(route);
      changed();
    }
  }

  function apply(route: Route, input: BreakerInput): void {
    const { state, shared } = step(route, input);
    route.breaker = state;
    if (!shared) return;
    route.unsaved = true;
    changed();
    scheduler.spawn(worker.actor, save(route));
  }

  /** Asks the system how it is: as the probe of its breaker, or as one does now and then. */
  function* ask(route: Route): Task {
    asked.add(route);
    const chosen = chosenNow(worker);
    let answeredTo = (): void => {};
    try {
      if (steps.mayProbe(route.breaker, wallMs(worker))) {
        route.asking = true;
        if (!(yield* takeProbe(route))) return;
        answeredTo = world.checker.gates.asks(route.name, worker.actor.name);
      }
      route.nextCheckMs = scheduler.nowMs + healthEveryMs;
      const answered = scheduler.createSignal();
      let ok = false;
      world.checker.gates.judgePaused(route.name, chosen, () => `${route.name} is asked how it is`);
      world.peers.get(route.name)?.health((answer) => {
        ok = answer;
        answered.fire();
      });
      scheduler.after(healthTimeoutMs, () => answered.fire());
      yield answered;
      answeredTo();
      apply(route, { type: 'checked', ok, detail: ok ? 'well' : 'not well' });
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
    } finally {
      answeredTo();
      asked.delete(route);
      route.asking = false;
      changed();
    }
  }

  function* tendRoute(route: Route): Task {
    if (route.unsaved && !busy.has(route)) yield* save(route);
    const { breaker, settings } = route;
    if (steps.shell.asksNothingPaused && isPaused(worker, route)) return;
    if (isInWindow(worker, route) || breaker.held || asked.has(route)) return;
    const isDue = steps.mayProbe(breaker, wallMs(worker));
    if (settings.hasHealth) {
      // While it is open the probes ask, and nobody else.
      const asks = breaker.phase === 'closed' || (breaker.phase === 'half_open' && breaker.probe === undefined);
      const isTime = asks && scheduler.nowMs >= route.nextCheckMs;
      const isAsker = worker.lanes.has(world.firstLaneOf(route.name));
      if ((isDue || isTime) && isAsker) scheduler.spawn(worker.actor, ask(route));
    } else if (isDue && route.ready.size > 0) {
      yield* takeProbe(route);
    }
  }

  return {
    heard: (route, verdict) => apply(route, { type: 'answered', verdict }),
    begin(route) {
      const row = known.get(route.name);
      if (row !== undefined) adopt(route, row);
    },
    take(rows, readMs) {
      known = rows;
      worker.lookedMs = readMs;
      for (const [name, row] of rows) {
        const route = worker.routes.get(name);
        if (route === undefined || busy.has(route) || row.version <= route.breakerVersion) continue;
        adopt(route, row);
      }
    },
    *tend() {
      for (const route of worker.routes.values()) if (!route.isFlow) yield* tendRoute(route);
    },
  };
}
