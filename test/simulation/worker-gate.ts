import { latestWindowEnd } from '../../src/queue/step/window-step.ts';
import { noDrain } from './plan.ts';
import { type Route, type WorkerState, callsAllowedTo, epochMs, isInWindow, wallDate, wallMs } from './world.ts';

/** A person has paused it, as far as this worker has heard. */
export function isPaused(worker: WorkerState, route: Route): boolean {
  return worker.world.steps.shell.heedsPauses && worker.paused.has(route.name);
}

/** Notes what keeps a backlog back, so that it goes out slowly afterwards. */
function watchDrain(worker: WorkerState, route: Route, isBack: boolean): void {
  if (!isBack) {
    route.wasBack = true;
    worker.world.checker.gates.keptBack(route.name, worker.actor.name);
  } else if (route.wasBack) {
    route.wasBack = false;
    route.drain = worker.world.steps.startDrain(wallMs(worker));
  }
}

/** Whether anything may leave for it now, as the product's gate says. */
export function isOpen(worker: WorkerState, route: Route): boolean {
  if (worker.stopping || isPaused(worker, route)) return false;
  const inWindow = isInWindow(worker, route);
  if (route.isFlow) return !inWindow;
  watchDrain(worker, route, !inWindow && route.breaker.phase === 'closed');
  if (inWindow) return false;
  return !(route.asking && worker.world.steps.shell.waitsForHealth) && callsAllowedTo(worker, route) > 0;
}

/** How many more calls may be chosen now. */
export function roomOf(worker: WorkerState, route: Route): number {
  if (!isOpen(worker, route)) return 0;
  return Math.min(drainCalls(worker, route), callsAllowedTo(worker, route) - route.inFlight);
}

function drainCalls(worker: WorkerState, route: Route): number {
  const { steps, scheduler } = worker.world;
  const { concurrency, drain: settings = noDrain } = route.settings;
  const nowMs = wallMs(worker);
  if (route.drain === undefined) return concurrency - route.inFlight;
  if (!steps.isRamping(route.drain, settings, nowMs)) {
    route.drain = undefined;
    return concurrency - route.inFlight;
  }
  const { state, calls, room, waitMs } = steps.drainRoom(route.drain, settings, nowMs, worker.workers, concurrency);
  route.drain = state;
  if (waitMs !== undefined) scheduler.after(waitMs, () => worker.actor.alive && worker.wake());
  return Math.min(room, calls - route.inFlight);
}

/** Lanes of it were taken over: what waits there may be a backlog that another worker was letting out slowly. */
export function tookOver(worker: WorkerState, route: Route): void {
  const { steps } = worker.world;
  if (route.isFlow || route.wasBack || route.drain !== undefined || isInWindow(worker, route)) return;
  const windowEnd = latestWindowEnd(route.settings.windows, wallDate(worker));
  const windowEndMs = windowEnd === undefined ? undefined : windowEnd.getTime() - epochMs;
  const sinceMs = steps.backSince(route.breaker, windowEndMs, wallMs(worker));
  if (sinceMs !== undefined) route.drain = steps.startDrain(wallMs(worker), sinceMs);
}

/** So many were chosen. */
export function tookOf(worker: WorkerState, route: Route, count: number): void {
  if (route.drain === undefined || route.settings.drain?.perSecond === undefined) return;
  route.drain = worker.world.steps.spendDrain(route.drain, count);
}

/** A drain by rate is over when nothing of the backlog is left, however much comes in meanwhile. */
export function endDrains(worker: WorkerState): void {
  for (const route of worker.routes.values()) {
    if (route.drain === undefined || route.settings.drain?.perSecond === undefined) continue;
    const hasMore = [...worker.lanes.values()].some(
      (owned) => owned.route === route && (owned.lane.held > 0 || owned.lane.readPosition < owned.dirtyTo),
    );
    if (hasMore) continue;
    route.drain = undefined;
    worker.world.checker.gates.drained(route.name, worker.actor.name);
  }
}
