import type { BudgetSettings, Reserve } from '../budget.ts';
import { fairParts } from './fair-share.ts';

/**
 * The budget of one destination as a pure step over the row that all workers share. A worker asks for a block of calls
 * for what is ready, and gives back what it did not use: so the row is written once per block and not once per call,
 * and more than the budget is never handed out, whatever workers there are.
 */
export interface BudgetState {
  /** Calls in the bucket of the rate; undefined while it was never used: full. */
  readonly tokens: number | undefined;
  readonly refilledMs: number;
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  /** Handed out in the period and not given back. */
  readonly used: number;
  /** [ms, used], oldest first; the pace is measured by them. */
  readonly marks: readonly (readonly [number, number])[];
}

export interface BudgetAsk {
  /** Calls wanted by class of priority (classOf), lowest class first. */
  readonly wanted: readonly number[];
  /** Calls that are not wanted yet and will be soon: of a quota that is far from its end, to ask less often. */
  readonly ahead?: number;
  /** Calls given back unused, the period that they were handed out in, and since when they have been held. */
  readonly returned: number;
  readonly returnedOfMs: number;
  readonly returnedFromMs: number;
}

export interface BudgetGrant {
  readonly state: BudgetState;
  /** Calls by class: one may be used for its own class and those above. */
  readonly granted: readonly number[];
  /** How long until asking again can bring more; 0 when everything that was wanted was granted. */
  readonly waitMs: number;
  /** The grant is worth nothing any more from here on. */
  readonly periodEndMs: number;
}

export const freshBudget: BudgetState = {
  tokens: undefined,
  refilledMs: 0,
  periodStartMs: 0,
  periodEndMs: 0,
  used: 0,
  marks: [],
};

const marksMax = 4;

/**
 * @param nowMs by the database's clock, which is the same for all workers
 * @param calendarMs by the wall clock: what hour or day it is
 * @param periodOf the period of the quota that an instant lies in
 */
export function budgetStep(
  before: BudgetState,
  ask: BudgetAsk,
  settings: BudgetSettings,
  time: { nowMs: number; calendarMs: number; periodOf: (atMs: number) => { startMs: number; endMs: number } },
): BudgetGrant {
  const current = inPeriod(before, settings, time);
  const returned = ask.returnedOfMs === current.periodStartMs ? Math.min(ask.returned, current.used) : 0;
  const used = current.used - returned;
  const bucket = refill(current, settings, time.nowMs, ask);
  const { granted, left, tokens } = share(ask.wanted, settings, used, bucket);
  const spare = left > 0 || settings.quota === undefined ? 0 : ceilingOf(settings, 0) - used - sum(granted);
  granted[0] = (granted[0] ?? 0) + Math.max(0, Math.min(ask.ahead ?? 0, Math.floor(spare / 8)));
  const total = sum(granted);
  const state: BudgetState = {
    ...current,
    used: used + total,
    tokens: settings.rate === undefined ? undefined : tokens,
    refilledMs: Math.max(current.refilledMs, time.nowMs),
    marks: settings.quota === undefined ? [] : markPace(current, used, time.calendarMs),
  };
  return { state, granted, waitMs: waitFor(left, settings, state, time.calendarMs), periodEndMs: state.periodEndMs };
}

/** A period never goes back: a worker whose clock is behind goes on in the one that another has begun. */
function inPeriod(
  state: BudgetState,
  settings: BudgetSettings,
  time: { calendarMs: number; periodOf: (atMs: number) => { startMs: number; endMs: number } },
): BudgetState {
  if (settings.quota === undefined) {
    return { ...state, periodStartMs: 0, periodEndMs: Number.MAX_SAFE_INTEGER, used: 0, marks: [] };
  }
  const isOurs = state.periodStartMs > 0 && time.calendarMs < state.periodEndMs;
  if (isOurs) return state;
  const { startMs, endMs } = time.periodOf(time.calendarMs);
  return { ...state, periodStartMs: startMs, periodEndMs: endMs, used: 0, marks: [[time.calendarMs, 0]] };
}

function refill(state: BudgetState, { rate }: BudgetSettings, nowMs: number, ask: BudgetAsk): number {
  if (rate === undefined) return Number.POSITIVE_INFINITY;
  const most = burstOf(rate);
  if (state.tokens === undefined) return most;
  const comeIn = (sinceMs: number): number => (Math.max(0, nowMs - sinceMs) * rate.calls) / (rate.perSeconds * 1000);
  // Had they not been handed out, the bucket might have been full meanwhile: then they would have run over.
  const returned = Math.max(0, ask.returned - comeIn(ask.returnedFromMs));
  return Math.min(most, state.tokens + returned + comeIn(state.refilledMs));
}

export function burstOf(rate: { calls: number; perSeconds: number; burst?: number }): number {
  return rate.burst ?? Math.max(1, Math.floor(rate.calls / rate.perSeconds));
}

/** From the highest class down: who may go to the bottom of the quota takes before those who may not. */
function share(wanted: readonly number[], settings: BudgetSettings, used: number, bucket: number) {
  const granted = wanted.map(() => 0);
  let [tokens, total, left] = [bucket, used, 0];
  for (let index = wanted.length - 1; index >= 0; index--) {
    const asked = wanted[index] ?? 0;
    const room = Math.max(0, ceilingOf(settings, index) - total);
    const given = Math.max(0, Math.floor(Math.min(asked, room, tokens)));
    granted[index] = given;
    total += given;
    tokens -= given;
    left += asked - given;
  }
  return { granted, left, tokens };
}

/** How far a class may go into the quota: what is reserved for higher ones is not for it. */
export function ceilingOf(settings: BudgetSettings, index: number): number {
  if (settings.quota === undefined) return Number.POSITIVE_INFINITY;
  const { calls } = settings.quota;
  const reserved = sum(
    floorsOf(settings)
      .slice(index)
      .map((reserve) => Math.ceil(reserve.share * calls)),
  );
  return Math.max(0, calls - reserved);
}

/** The reserves by rising priority: class n is for priorities from the (n-1)th of them on. */
export function floorsOf(settings: BudgetSettings): readonly Reserve[] {
  return (settings.reserves ?? []).toSorted((a, b) => a.minPriority - b.minPriority);
}

/** @returns 0 for what no reserve is for */
export function classOf(settings: BudgetSettings, priority: number): number {
  return (settings.reserves ?? []).filter((reserve) => priority >= reserve.minPriority).length;
}

function waitFor(left: number, { rate, quota }: BudgetSettings, state: BudgetState, calendarMs: number): number {
  if (left === 0) return 0;
  const forToken = rate === undefined ? 0 : ((1 - (state.tokens ?? 0)) * rate.perSeconds * 1000) / rate.calls;
  // Not one by one: ten times a second is as smooth as anybody needs it.
  if (forToken > 0) return Math.max(100, Math.ceil(forToken));
  if (rate !== undefined && (state.tokens ?? 0) >= 1 && quota === undefined) return 100;
  // It may be the reserve that is in the way, or calls that others hold and will give back: look now and then.
  return Math.max(1_000, Math.min(5_000, state.periodEndMs - calendarMs));
}

/** Keeps a few marks over the last eighth of the period or so. */
function markPace(state: BudgetState, used: number, atMs: number): readonly (readonly [number, number])[] {
  const everyMs = (state.periodEndMs - state.periodStartMs) / 32;
  const last = state.marks.at(-1);
  if (last !== undefined && atMs - last[0] < everyMs) return state.marks;
  return [...state.marks, [atMs, used] as const].slice(-marksMax);
}

function sum(numbers: readonly number[]): number {
  let total = 0;
  for (const one of numbers) total += one;
  return total;
}

/** Calls at once, shared fairly between the workers. */
export function fairSlots(
  workers: readonly { id: string; wanted: number }[],
  limit: number,
  turn: number,
): ReadonlyMap<string, number> {
  const sorted = workers.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const parts = fairParts(
    sorted.map((worker) => worker.wanted),
    limit,
    turn,
  );
  return new Map(sorted.map(({ id }, index) => [id, parts[index] ?? 0]));
}
