import type { Tx } from '../../platform/index.ts';
import { breakerOfRow, saveBreaker } from '../breaker-row.ts';
import { type BreakerRow, loadBreakers, lockBreaker, writeHealth } from '../sql/breakers.ts';
import { type BreakerInput, type BreakerState, breakerStep, mayProbe, type Verdict } from '../step/breaker-step.ts';
import type { EngineOptions, Route } from './work.ts';

export interface BreakerKeeper {
  /** An answer from the route's system has come in. */
  heard(route: Route, verdict: Verdict): void;
  /** Takes in what other workers, or people, have changed. */
  load(): Promise<void>;
  /** What is due: transitions that could not be written, probes, health checks. Calls go on by themselves. */
  tend(): void;
  readonly idle: boolean;
}

/** How long the holder of a probe may take before another worker may try. */
const probeForMs = 30_000;

export interface BreakerKeeperOptions {
  readonly engine: EngineOptions;
  routes(): Iterable<Route>;
  find(tenantId: string, destination: string): Route | undefined;
  /** This worker asks the system of this route how it is: one worker per destination does. */
  isAsker(route: Route): boolean;
  /** The route may be open now, or may have closed. */
  changed(route: Route): void;
}

/**
 * Keeps the breakers of all routes: counts in memory, writes transitions over the version they were made from, and
 * probes. A transition holds in this process at once; other workers hear of it at their next look.
 */
export function createBreakerKeeper(options: BreakerKeeperOptions): BreakerKeeper {
  const { engine, clock, random, log, deliverer, workerId } = options.engine;
  const busy = new Set<Route>();
  const asking = new Set<Route>();
  /** Answers of this turn of the event loop that say that a closed system is up, as nearly all do: counted together. */
  const ups = new Map<Route, number>();
  let loading = false;

  const step = (route: Route, input: BreakerInput) =>
    breakerStep(route.breaker, input, route.settings.breaker, clock.now().getTime(), random());

  function apply(route: Route, input: BreakerInput): void {
    const { state, shared } = step(route, input);
    route.breaker = state;
    if (!shared) return;
    route.unsaved = true;
    options.changed(route);
    void save(route);
  }

  function countUps(): void {
    for (const [route, times] of ups) {
      // What opened it meanwhile counts for more.
      if (route.breaker.phase === 'closed') apply(route, { type: 'answered', verdict: { kind: 'up' }, times });
    }
    ups.clear();
  }

  /** Writes what the route's breaker has become, until nothing is left to write. */
  async function save(route: Route): Promise<void> {
    if (busy.has(route)) return;
    busy.add(route);
    try {
      while (route.unsaved) {
        route.unsaved = false;
        await write(route, route.breaker);
      }
    } catch (error) {
      // It holds here already; the next look tries again.
      route.unsaved = true;
      log.warn({ err: error, destination: route.name }, 'the state of a breaker could not be written; trying again');
    } finally {
      busy.delete(route);
      options.changed(route);
    }
  }

  /** @returns false when somebody else was first: what they wrote holds */
  async function write(route: Route, state: BreakerState): Promise<boolean> {
    const { tenantId, name } = route;
    let version: number | undefined;
    let theirs: BreakerRow | undefined;
    await engine.tx(tenantId, async (tx) => {
      [theirs] = await tx.query<BreakerRow>(lockBreaker, [tenantId, name]);
      version = undefined;
      if ((theirs?.version ?? 0) !== route.breakerVersion) return;
      version = await saveBreaker(tx, tenantId, name, state, route.breakerVersion);
      if (version !== undefined) await tell(tx, route, state, theirs);
    });
    if (version !== undefined) {
      route.breakerVersion = version;
      return true;
    }
    if (theirs !== undefined) take(route, theirs);
    return false;
  }

  async function tell(tx: Tx, route: Route, state: BreakerState, before: BreakerRow | undefined): Promise<void> {
    const wasDown = before !== undefined && before.opened_at !== null;
    const isDown = state.openedAtMs !== undefined;
    if (wasDown === isDown) return;
    const openedAt = isDown ? new Date(state.openedAtMs) : (before?.opened_at ?? undefined);
    log.warn({ destination: route.name, error: state.lastError }, isDown ? 'a breaker has opened' : 'a breaker closed');
    await deliverer.breakerChanged?.(tx, route.tenantId, {
      destination: route.name,
      to: isDown ? 'open' : 'closed',
      ...(openedAt === undefined ? {} : { openedAt }),
      ...(state.lastReason === undefined ? {} : { reason: state.lastReason }),
      ...(state.lastError === undefined ? {} : { detail: state.lastError }),
    });
  }

  function take(route: Route, row: BreakerRow): void {
    route.breaker = { ...breakerOfRow(row), counts: route.breaker.counts };
    route.breakerVersion = row.version;
    route.unsaved = false;
  }

  /** Asks for the probe; nothing is called before the row says that it is this worker's. */
  async function takeProbe(route: Route, forMs: number): Promise<boolean> {
    if (busy.has(route)) return false;
    const { state, shared } = step(route, { type: 'probe', by: workerId, forMs });
    if (!shared) return false;
    busy.add(route);
    try {
      if (!(await write(route, state))) return false;
      route.breaker = state;
      return true;
    } finally {
      busy.delete(route);
      options.changed(route);
    }
  }

  async function ask(route: Route): Promise<void> {
    const { intervalMs, timeoutMs } = route.settings.health;
    const startedMs = clock.monotonicMs();
    if (mayProbe(route.breaker, clock.now().getTime())) {
      route.asking = true;
      if (!(await takeProbe(route, timeoutMs + probeForMs))) return;
    }
    route.nextCheckMs = startedMs + intervalMs;
    const abort = new AbortController();
    const cancel = clock.setTimeout(() => abort.abort(), timeoutMs);
    const answer = await deliverer.health?.(route.tenantId, route.name, abort.signal).finally(cancel);
    if (answer === undefined) return;
    apply(route, { type: 'checked', ...answer });
    route.asking = false;
    options.changed(route);
    await engine.engineTx((tx) =>
      tx.query(writeHealth, [
        route.tenantId,
        route.name,
        answer.ok,
        answer.detail.slice(0, 500),
        clock.now(),
        Math.round(clock.monotonicMs() - startedMs),
      ]),
    );
  }

  function startAsking(route: Route): void {
    asking.add(route);
    ask(route)
      .catch((error: unknown) => log.warn({ err: error, destination: route.name }, 'a health check failed'))
      .finally(() => {
        asking.delete(route);
        route.asking = false;
      });
  }

  function tendRoute(route: Route): void {
    if (route.unsaved) void save(route);
    const { settings, window, breaker } = route;
    if (route.isFlow || settings.paused || window.inWindow || breaker.held || asking.has(route)) return;
    const isDue = mayProbe(breaker, clock.now().getTime());
    if (deliverer.hasHealth?.(route.tenantId, route.name) ?? false) {
      // While it is open the probes ask, and nobody else.
      const asks = breaker.phase === 'closed' || (breaker.phase === 'half_open' && breaker.probe === undefined);
      const isTime = asks && clock.monotonicMs() >= route.nextCheckMs;
      if ((isDue || isTime) && options.isAsker(route)) startAsking(route);
    } else if (isDue && route.ready.size > 0) {
      takeProbe(route, probeForMs).catch((error: unknown) =>
        log.warn({ err: error, destination: route.name }, 'a probe could not be taken; trying again'),
      );
    }
  }

  return {
    heard(route, verdict) {
      if (route.isFlow) return;
      if (verdict.kind === 'up' && route.breaker.phase === 'closed') {
        if (ups.size === 0) setImmediate(countUps);
        ups.set(route, (ups.get(route) ?? 0) + 1);
        return;
      }
      countUps();
      apply(route, { type: 'answered', verdict });
    },
    async load() {
      loading = true;
      try {
        for (const row of await engine.engineTx((tx) => tx.query<BreakerRow>(loadBreakers))) {
          const route = options.find(row.tenant_id, row.destination);
          if (route === undefined || busy.has(route) || row.version <= route.breakerVersion) continue;
          take(route, row);
          options.changed(route);
        }
      } finally {
        loading = false;
      }
    },
    tend() {
      for (const route of options.routes()) tendRoute(route);
    },
    get idle() {
      return busy.size === 0 && asking.size === 0 && !loading;
    },
  };
}
