import type { DrainSettings } from '../destination.ts';
import type { BreakerState } from './breaker-step.ts';

/**
 * How fast a backlog goes out after a maintenance window or an open breaker: a system that has just come back is not met
 * with everything at once. Calls at a time rise from one to the destination's concurrency over the ramp; with a rate,
 * that many a second leave until the backlog is gone.
 */
export interface DrainState {
  readonly sinceMs: number;
  /** Deliveries that may leave now, as a fraction of a token bucket of one second. */
  readonly tokens: number;
  readonly filledAtMs: number;
}

/** @param sinceMs when the destination was back: earlier than now for who takes a backlog over that another was letting out */
export function startDrain(nowMs: number, sinceMs: number = nowMs): DrainState {
  return { sinceMs, tokens: 1, filledAtMs: nowMs };
}

/** For so long after a destination was back what is taken over of it may be its backlog. */
const backlogMs = 3_600_000;

/**
 * Since when a destination has been back that was away lately: behind its breaker or in a window. Whoever takes its lanes over
 * goes by that, for it may not have seen the outage, or have let its own part of the backlog out already.
 *
 * @param windowEndMs when a window ended last
 * @returns undefined when it is away, or has not been away for long
 */
export function backSince(
  breaker: Pick<BreakerState, 'phase' | 'sinceMs'>,
  windowEndMs: number | undefined,
  nowMs: number,
): number | undefined {
  if (breaker.phase !== 'closed') return undefined;
  const sinceMs = Math.max(breaker.sinceMs, windowEndMs ?? Number.NEGATIVE_INFINITY);
  return sinceMs > 0 && nowMs - sinceMs < backlogMs ? sinceMs : undefined;
}

/**
 * @param workers live workers that share the rate
 * @returns the state with its tokens filled up; `calls` at a time; `room`, how many may leave now; and when more may
 */
export function drainRoom(
  state: DrainState,
  settings: DrainSettings,
  nowMs: number,
  workers: number,
  concurrency: number,
): { state: DrainState; calls: number; room: number; waitMs?: number } {
  const rampMs = settings.rampSeconds * 1_000;
  const ramp = rampMs === 0 ? 1 : Math.min(1, Math.max(0, nowMs - state.sinceMs) / rampMs);
  const calls = Math.max(1, Math.floor(concurrency * ramp));
  if (settings.perSecond === undefined) return { state, calls, room: calls };
  const perMs = settings.perSecond / 1_000 / Math.max(1, workers);
  const full = Math.max(1, perMs * 1_000);
  const tokens = Math.min(full, state.tokens + Math.max(0, nowMs - state.filledAtMs) * perMs);
  const room = Math.floor(tokens);
  const filled = { ...state, tokens, filledAtMs: nowMs };
  return room > 0
    ? { state: filled, calls, room }
    : { state: filled, calls, room, waitMs: Math.ceil((1 - tokens) / perMs) };
}

export function spendDrain(state: DrainState, count: number): DrainState {
  return { ...state, tokens: state.tokens - count };
}

/** True while it makes a difference whether there is still a backlog. */
export function isRamping(state: DrainState, settings: DrainSettings, nowMs: number): boolean {
  return settings.perSecond !== undefined || nowMs - state.sinceMs < settings.rampSeconds * 1_000;
}
