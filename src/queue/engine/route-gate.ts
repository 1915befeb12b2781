import type { Clock } from '../../platform/index.ts';
import { callsAllowed, mayProbe } from '../step/breaker-step.ts';
import { backSince, drainRoom, isRamping, spendDrain, startDrain } from '../step/drain-step.ts';
import { latestWindowEnd, windowStatus } from '../step/window-step.ts';
import type { Route } from './work.ts';

/** Whether deliveries may leave for a destination now, and how many. */
export interface RouteGate {
  /** Neither paused, nor in a maintenance window, nor behind an open breaker. */
  isOpen(route: Route): boolean;
  /** Open, or about to be probed with a delivery: its lanes are worth reading. */
  isReadable(route: Route): boolean;
  /** How many more may be taken for sending now. */
  room(route: Route): number;
  /** Lanes of it were taken over: what waits there may be a backlog that another worker was letting out slowly. */
  tookOver(route: Route): void;
  /** So many were taken. */
  took(route: Route, count: number): void;
}

export interface RouteGateOptions {
  readonly clock: Clock;
  readonly workerId: string;
  /** Live workers, which share the rate of a drain. */
  workers(): number;
  /** There will be room for more by then. */
  wakeIn(route: Route, delayMs: number): void;
}

export function createRouteGate({ clock, workerId, workers, wakeIn }: RouteGateOptions): RouteGate {
  function isInWindow(route: Route, now: Date): boolean {
    // How long an answer about windows may be believed is known exactly.
    if (route.window.until !== undefined && now >= route.window.until) {
      route.window = windowStatus(route.settings.windows, now);
    }
    return route.window.inWindow;
  }

  /** Notes what keeps a backlog back, so that it goes out slowly afterwards. */
  function watchDrain(route: Route, isBack: boolean, now: Date): void {
    if (!isBack) route.wasBack = true;
    else if (route.wasBack) {
      route.wasBack = false;
      route.drain = startDrain(now.getTime());
    }
  }

  function isOpen(route: Route): boolean {
    if (route.settings.paused) return false;
    const now = clock.now();
    const inWindow = isInWindow(route, now);
    if (route.isFlow) return !inWindow;
    watchDrain(route, !inWindow && route.breaker.phase === 'closed', now);
    return !inWindow && !route.asking && callsAllowed(route.breaker, workerId, now.getTime()) > 0;
  }

  function drainCalls(route: Route, nowMs: number): number {
    const { settings } = route;
    if (route.drain === undefined) return settings.concurrency - route.inFlight;
    if (!isRamping(route.drain, settings.drain, nowMs)) {
      route.drain = undefined;
      return settings.concurrency - route.inFlight;
    }
    const { state, calls, room, waitMs } = drainRoom(
      route.drain,
      settings.drain,
      nowMs,
      workers(),
      settings.concurrency,
    );
    route.drain = state;
    if (waitMs !== undefined) wakeIn(route, waitMs);
    return Math.min(room, calls - route.inFlight);
  }

  return {
    isOpen,
    isReadable(route) {
      if (isOpen(route)) return true;
      const now = clock.now();
      return !route.settings.paused && !isInWindow(route, now) && mayProbe(route.breaker, now.getTime());
    },
    room(route) {
      if (!isOpen(route)) return 0;
      if (route.isFlow) return route.settings.concurrency;
      const nowMs = clock.now().getTime();
      return Math.min(drainCalls(route, nowMs), callsAllowed(route.breaker, workerId, nowMs) - route.inFlight);
    },
    tookOver(route) {
      if (route.isFlow || route.wasBack || route.drain !== undefined) return;
      const now = clock.now();
      if (isInWindow(route, now)) return;
      const windowEndMs = latestWindowEnd(route.settings.windows, now)?.getTime();
      const sinceMs = backSince(route.breaker, windowEndMs, now.getTime());
      if (sinceMs !== undefined) route.drain = startDrain(now.getTime(), sinceMs);
    },
    took(route, count) {
      if (route.drain !== undefined && route.settings.drain.perSecond !== undefined) {
        route.drain = spendDrain(route.drain, count);
      }
    },
  };
}
