import type { FailureReason, LookupResult, Outcome } from '../delivery.ts';
import type { BreakerSettings } from '../destination.ts';
import { retryAfterMsOf, waitMsOf } from './wait.ts';

/**
 * The circuit breaker of one destination, as a pure step. Closed: calls go, and are counted. Open: nothing is called, no
 * attempt is spent. Half-open: one call at a time per worker, or of the one worker that holds the probe; the first
 * answer decides. What all workers share changes on transitions alone; the counts are each worker's own.
 * After Nygard, Release It! (2nd ed.), "Circuit Breaker".
 */
export interface BreakerState {
  readonly phase: 'closed' | 'open' | 'half_open';
  /** Since when it has been in this phase, in ms since 1970, as all times here. */
  readonly sinceMs: number;
  /** Since when the destination counts as down; absent while closed. */
  readonly openedAtMs?: number;
  /** Openings since it was last closed: the pauses between probes grow with them. */
  readonly rounds: number;
  /** Open: when it may be probed. Absent while a person holds it open. */
  readonly nextProbeAtMs?: number;
  /** Half-open: the only worker that may call, until then. Absent: the system has said that it is well. */
  readonly probe?: { readonly by: string; readonly untilMs: number };
  /** A person holds it open until a person resets it. */
  readonly held: boolean;
  readonly lastReason?: DownReason;
  readonly lastError?: string;
  /** Not shared. */
  readonly counts: CallCounts;
}

/** Calls of this worker: failures in a row, and both kinds in the present half of the window and in the one before. */
export interface CallCounts {
  readonly consecutive: number;
  readonly halfFromMs: number;
  readonly good: number;
  readonly bad: number;
  readonly goodBefore: number;
  readonly badBefore: number;
}

/** Why a system counts as down. */
export type DownReason = Exclude<FailureReason, 'throttled'> | 'auth' | 'health';

/** What one answer says about the system, not about the delivery. */
export type Verdict =
  | { kind: 'up' }
  | { kind: 'neutral' }
  | { kind: 'down'; reason: DownReason; detail: string; retryAfterMs?: number };

export type BreakerInput =
  /** @param times answers in a row that say the same; 1 unless said otherwise */
  | { type: 'answered'; verdict: Verdict; times?: number }
  /** A worker asks for the probe. */
  | { type: 'probe'; by: string; forMs: number }
  /** The connector's own health check. */
  | { type: 'checked'; ok: boolean; detail: string }
  | { type: 'hold'; detail: string }
  | { type: 'reset' }
  /** What kept it open has been put right, e.g. the credentials: probe then, and not as late as it was going to. */
  | { type: 'probe-soon'; inMs: number };

const noCounts: CallCounts = { consecutive: 0, halfFromMs: 0, good: 0, bad: 0, goodBefore: 0, badBefore: 0 };

export const closedBreaker: BreakerState = { phase: 'closed', sinceMs: 0, rounds: 0, held: false, counts: noCounts };

/** @returns the very state that was handed in when nothing changed; `shared` when other workers have to know */
export function breakerStep(
  state: BreakerState,
  input: BreakerInput,
  settings: BreakerSettings,
  nowMs: number,
  random: number,
): { state: BreakerState; shared: boolean } {
  switch (input.type) {
    case 'answered':
      return onAnswer(state, input, settings, nowMs, random);
    case 'probe':
      return onProbe(state, input, nowMs);
    case 'checked':
      return onCheck(state, input, settings, nowMs, random);
    case 'hold':
      return changed({
        ...unprobed(state),
        phase: 'open',
        sinceMs: nowMs,
        openedAtMs: state.openedAtMs ?? nowMs,
        rounds: Math.max(1, state.rounds),
        held: true,
        lastError: input.detail,
      });
    case 'reset':
      return changed({ ...closedBreaker, sinceMs: nowMs });
    case 'probe-soon': {
      if (state.phase !== 'open' || state.held) return { state, shared: false };
      return changed({ ...state, nextProbeAtMs: Math.min(state.nextProbeAtMs ?? Infinity, nowMs + input.inMs) });
    }
  }
}

type Step = { state: BreakerState; shared: boolean };

const changed = (state: BreakerState): Step => ({ state, shared: true });

function onAnswer(
  state: BreakerState,
  { verdict, times = 1 }: { verdict: Verdict; times?: number },
  settings: BreakerSettings,
  nowMs: number,
  random: number,
): Step {
  // What was under way when it opened says nothing new, and a person's word counts for more.
  if (state.phase === 'open' || verdict.kind === 'neutral') return { state, shared: false };
  if (state.phase === 'half_open') {
    return changed(
      verdict.kind === 'up' ? { ...closedBreaker, sinceMs: nowMs } : open(state, verdict, settings, nowMs, random),
    );
  }
  const counts = count(state.counts, verdict.kind === 'up', times, settings.windowMs / 2, nowMs);
  if (verdict.kind === 'up' || !isTooMuch(counts, settings)) return { state: { ...state, counts }, shared: false };
  return changed(open(state, verdict, settings, nowMs, random));
}

function onProbe(state: BreakerState, { by, forMs }: { by: string; forMs: number }, nowMs: number): Step {
  if (!mayProbe(state, nowMs)) return { state, shared: false };
  const probe = { by, untilMs: nowMs + forMs };
  return changed({ ...unprobed(state), phase: 'half_open', sinceMs: nowMs, probe });
}

function onCheck(
  state: BreakerState,
  { ok, detail }: { ok: boolean; detail: string },
  settings: BreakerSettings,
  nowMs: number,
  random: number,
): Step {
  if (state.phase !== 'half_open') return { state, shared: false };
  if (!ok) return changed(open(state, { kind: 'down', reason: 'health', detail }, settings, nowMs, random));
  // Well once: deliveries go one at a time until one gets through. Well twice with nothing to deliver: closed.
  if (state.probe === undefined) return changed({ ...closedBreaker, sinceMs: nowMs });
  return changed({ ...unprobed(state), phase: 'half_open', sinceMs: nowMs });
}

function open(
  state: BreakerState,
  verdict: Extract<Verdict, { kind: 'down' }>,
  settings: BreakerSettings,
  nowMs: number,
  random: number,
): BreakerState {
  const rounds = state.rounds + 1;
  const fullMs = Math.min(settings.probeMaxMs, settings.probeAfterMs * settings.probeFactor ** (rounds - 1));
  // Half of it random: what failed together is not probed together.
  // What the system asks for counts up to the breaker's own longest pause: it is asked again then, which costs it one call.
  const askedMs = Math.min(retryAfterMsOf(verdict.retryAfterMs), settings.probeMaxMs);
  const pauseMs = waitMsOf(Math.max(fullMs / 2 + (fullMs / 2) * random, askedMs));
  return {
    phase: 'open',
    sinceMs: nowMs,
    openedAtMs: state.openedAtMs ?? nowMs,
    rounds,
    nextProbeAtMs: Math.round(nowMs + pauseMs),
    held: false,
    lastReason: verdict.reason,
    lastError: verdict.detail,
    counts: noCounts,
  };
}

function unprobed(state: BreakerState): BreakerState {
  const { probe: _, nextProbeAtMs: __, ...rest } = state;
  return rest;
}

function count(before: CallCounts, good: boolean, times: number, halfMs: number, nowMs: number): CallCounts {
  const counts = { ...before };
  const elapsedMs = nowMs - counts.halfFromMs;
  if (elapsedMs >= halfMs || elapsedMs < 0) {
    const isNext = elapsedMs < 2 * halfMs && elapsedMs >= 0;
    counts.goodBefore = isNext ? counts.good : 0;
    counts.badBefore = isNext ? counts.bad : 0;
    counts.good = counts.bad = 0;
    counts.halfFromMs = nowMs;
  }
  if (good) counts.good += times;
  else counts.bad += times;
  counts.consecutive = good ? 0 : counts.consecutive + times;
  return counts;
}

function isTooMuch(counts: CallCounts, settings: BreakerSettings): boolean {
  if (counts.consecutive >= settings.consecutiveFailures) return true;
  const bad = counts.bad + counts.badBefore;
  const calls = bad + counts.good + counts.goodBefore;
  return calls >= settings.minimumCalls && bad / calls >= settings.failureRate;
}

/** True when somebody may take the probe: its time has come, or who held it has not come back. */
export function mayProbe(state: BreakerState, nowMs: number): boolean {
  if (state.held) return false;
  if (state.phase === 'open') return state.nextProbeAtMs !== undefined && nowMs >= state.nextProbeAtMs;
  return state.phase === 'half_open' && state.probe !== undefined && nowMs >= state.probe.untilMs;
}

/** How many calls this worker may have under way. */
export function callsAllowed(state: BreakerState, worker: string, nowMs: number): number {
  if (state.phase === 'closed') return Number.POSITIVE_INFINITY;
  if (state.phase === 'open') return 0;
  return state.probe === undefined || (state.probe.by === worker && nowMs < state.probe.untilMs) ? 1 : 0;
}

const up: Verdict = { kind: 'up' };

/** What the answer to a send says about the system. A refusal in substance is an answer; wrong credentials stop all. */
export function verdictOf(outcome: Outcome): Verdict {
  switch (outcome.kind) {
    case 'confirmed':
      return up;
    case 'rejected':
      return outcome.class === 'auth'
        ? { kind: 'down', reason: 'auth', detail: `${outcome.message} (${outcome.code})` }
        : up;
    case 'retryable':
    case 'unknown':
      return down(outcome.reason, outcome.detail, outcome.retryAfterMs);
  }
}

/** What the answer to a look-up says about the system. */
export function verdictOfLookup(result: LookupResult): Verdict {
  return result.kind === 'unavailable' ? down(result.reason, result.detail) : up;
}

function down(reason: FailureReason | undefined, detail: string, retryAfterMs?: number): Verdict {
  // "Too many requests" comes from a system that is well; without a reason it was not the system's doing.
  if (reason === undefined || reason === 'throttled') return { kind: 'neutral' };
  return { kind: 'down', reason, detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Whether a failed probe spends one of the delivery's tries: not where the system did not even look at it. */
export function spendsTry(reason: FailureReason | undefined): boolean {
  return reason !== 'unreachable' && reason !== 'unavailable' && reason !== 'timeout';
}
