import type { FailureReason, IdempotencyClass, LookupResult, Outcome, Settled } from '../delivery.ts';
import type { RetryByReason, RetrySchedule } from '../destination.ts';
import { spendsTry } from './breaker-step.ts';
import { backOffMs } from './retry-step.ts';
import { retryAfterMsOf, waitMsOf } from './wait.ts';

/**
 * One delivery's effect on an outside system, as a pure step: intent → send → confirmed, rejected or unknown; what is
 * unknown is looked up before anything is sent again (docs/guides/connector.md). Effectively once for classes A to C,
 * at most once plus a person for D.
 */
export interface EffectState {
  /**
   * `clear`: no earlier send can have had an effect. `unknown`: one may have had.
   */
  phase: 'clear' | 'unknown';
  /** Failed tries on the present budget. */
  tries: number;
  /** Look-ups since the last send that found nothing. */
  lookups: number;
  /** Look-ups since the last send that did not get an answer. */
  lookupFailures: number;
  /** Sends in a row whose outcome no hub has lived, or managed, to record. */
  recoveries: number;
  /** Why the last send had no definite answer: whose schedule bounds the tries. */
  reason?: FailureReason;
}

export interface EffectRules {
  idempotency: IdempotencyClass;
  retry: RetrySchedule;
  /** Other schedules for single reasons. */
  retryByReason?: RetryByReason;
  /** The call is the probe of a breaker that is not closed: that the system is still down spends no try. */
  isProbe?: boolean;
  /** How long to wait before a look-up: longer than the peer's longest server time, and than its index lags. */
  settleMs: number;
}

export type EffectInput =
  /** It is this delivery's turn. */
  | { type: 'begin' }
  /**
   * The intent is committed and no outcome: the request may or may not have left. The hub stopped, or `given-up`: its lane
   * was given up and taken anew by the same hub.
   */
  | { type: 'recovered'; why?: 'stopped' | 'given-up' }
  | { type: 'outcome'; outcome: Outcome }
  | { type: 'lookup'; result: LookupResult };

export type EffectAction =
  /** Commit an intent, then send. */
  | { type: 'send' }
  /** Ask the outside system what it knows under the natural key. */
  | { type: 'look-up' }
  /** Record what came of it. Without `dueInMs` a person has to decide (or nothing is left to do). */
  | { type: 'settle'; to: Settled['state']; outcome: Outcome; dueInMs?: number; code?: string };

export const freshEffect: EffectState = { phase: 'clear', tries: 0, lookups: 0, lookupFailures: 0, recoveries: 0 };

/** Look-ups that have to find nothing before the request is sent again: the second allows for the peer's index lag. */
const lookupsBeforeResend = 2;

/**
 * So often in a row a delivery is sent again, or looked up, after an outcome that was not recorded; then a person has to look. A
 * hub may die often, but what brings it down each time, or is refused by the ledger each time, must come to an end.
 */
export const recoveriesMax = 500;

/** Recoveries up to which the wait grows: that the hub died is no fault of the system's, which need not be spared for minutes. */
const recoveriesSpared = 3;

export function effectStep(
  state: EffectState,
  input: EffectInput,
  rules: EffectRules,
  random: number,
): { state: EffectState; action: EffectAction } {
  const step = stepOf(state, input, rules, random);
  const { action } = step;
  if (action.type !== 'settle' || action.dueInMs === undefined) return step;
  return { state: step.state, action: { ...action, dueInMs: waitMsOf(action.dueInMs) } };
}

function stepOf(state: EffectState, input: EffectInput, rules: EffectRules, random: number): Step {
  switch (input.type) {
    case 'begin':
      return begin(state, rules);
    case 'recovered':
      return recover(state, input.why ?? 'stopped', rules, random);
    case 'outcome':
      return onOutcome({ ...state, recoveries: 0 }, input.outcome, rules, random);
    case 'lookup':
      return onLookup({ ...state, recoveries: 0 }, input.result, rules, random);
  }
}

type Step = { state: EffectState; action: EffectAction };

function begin(state: EffectState, rules: EffectRules): Step {
  if (state.phase === 'clear' || rules.idempotency === 'A' || rules.idempotency === 'B') {
    return { state, action: { type: 'send' } };
  }
  if (rules.idempotency === 'C') return { state, action: { type: 'look-up' } };
  return { state, action: waitForPerson({ kind: 'unknown', detail: 'An earlier send may have been carried out' }) };
}

function onOutcome(state: EffectState, outcome: Outcome, rules: EffectRules, random: number): Step {
  switch (outcome.kind) {
    case 'confirmed':
      return { state: freshEffect, action: { type: 'settle', to: 'delivered', outcome } };
    case 'rejected':
      return onRefusal(state, state.phase === 'unknown' ? mindful(outcome) : outcome, rules, random);
    case 'retryable':
      return outcome.sent && (rules.idempotency === 'C' || rules.idempotency === 'D')
        ? toUnknown(state, rules, random, outcome)
        : retry(state, outcome, rules, random);
    case 'unknown':
      return toUnknown(state, rules, random, outcome);
  }
}

type Refusal = Extract<Outcome, { kind: 'rejected' }>;

/**
 * A definite answer, to this send. What the schema refuses stays refused; business and credentials can be put right
 * outside. It says nothing of an earlier send without an answer: that one stays unknown.
 */
function onRefusal(state: EffectState, outcome: Refusal, rules: EffectRules, random: number): Step {
  const { phase, tries } = state;
  if (outcome.class !== 'auth') {
    const to = outcome.class === 'schema' ? 'dead' : 'held';
    return { state: { ...freshEffect, phase }, action: { type: 'settle', to, outcome, code: outcome.code } };
  }
  // Held until the credentials are right; the probe of an open breaker simply comes again.
  const code = 'AUTH_FAILED';
  if (!rules.isProbe) {
    return { state: { ...freshEffect, phase }, action: { type: 'settle', to: 'held', outcome, code } };
  }
  const dueInMs = backOffMs(rules.retry, 1, random);
  const to = phase === 'unknown' ? 'outcome_unknown' : 'retry_wait';
  return { state: { ...freshEffect, phase, tries }, action: { type: 'settle', to, outcome, dueInMs, code } };
}

/** Classes A and B are sent again without asking first: what that is refused for may not be what became of the first. */
function mindful(outcome: Refusal): Refusal {
  return { ...outcome, message: `${outcome.message}; an earlier attempt had no such answer and may stand` };
}

const scheduleOf = (rules: EffectRules, reason: FailureReason | undefined): RetrySchedule =>
  (reason === undefined ? undefined : rules.retryByReason?.[reason]) ?? rules.retry;

const reasonOf = (reason: FailureReason | undefined): { reason?: FailureReason } =>
  reason === undefined ? {} : { reason };

const spentBy = (rules: EffectRules, reason: FailureReason | undefined): number =>
  rules.isProbe && !spendsTry(reason) ? 0 : 1;

function retry(
  state: EffectState,
  outcome: Extract<Outcome, { kind: 'retryable' }>,
  rules: EffectRules,
  random: number,
): Step {
  const schedule = scheduleOf(rules, outcome.reason);
  const tries = state.tries + spentBy(rules, outcome.reason);
  // "Try again" from a peer that had the request does not say that nothing came of it.
  const phase = outcome.sent ? 'unknown' : state.phase;
  const next: EffectState = { ...state, phase, tries, ...reasonOf(outcome.reason) };
  const code = 'DESTINATION_UNAVAILABLE';
  if (tries >= schedule.maxAttempts) {
    // Dead is for what certainly had no effect.
    const action: EffectAction =
      phase === 'clear' ? { type: 'settle', to: 'dead', outcome, code } : waitForPerson(outcome);
    return { state: next, action };
  }
  const dueInMs = Math.max(backOffMs(schedule, tries, random), retryAfterMsOf(outcome.retryAfterMs));
  const to = phase === 'unknown' ? 'outcome_unknown' : 'retry_wait';
  return { state: next, action: { type: 'settle', to, outcome, dueInMs, code } };
}

function toUnknown(
  state: EffectState,
  rules: EffectRules,
  random: number,
  from: Extract<Outcome, { kind: 'retryable' | 'unknown' }>,
): Step {
  const { detail, reason } = from;
  const outcome: Outcome = { kind: 'unknown', detail, ...(reason === undefined ? {} : { reason }) };
  const schedule = scheduleOf(rules, reason);
  const tries = state.tries + spentBy(rules, reason);
  const next: EffectState = { ...freshEffect, phase: 'unknown', tries, ...reasonOf(reason) };
  if (rules.idempotency === 'D' || (rules.idempotency !== 'C' && tries >= schedule.maxAttempts)) {
    return { state: next, action: waitForPerson(outcome) };
  }
  // A and B are simply sent again (the peer tells a repetition by its key); C is looked up once the peer has settled.
  const againMs = rules.idempotency === 'C' ? rules.settleMs : backOffMs(schedule, tries, random);
  const dueInMs = Math.max(againMs, retryAfterMsOf(from.retryAfterMs));
  return {
    state: next,
    action: { type: 'settle', to: 'outcome_unknown', outcome, dueInMs, code: 'OUTCOME_UNKNOWN' },
  };
}

/**
 * Our own end spends nothing of the budget that is there for the peer's failures: a hub may die often. It has one of its
 * own, for what never comes to a recorded outcome.
 */
function recover(state: EffectState, why: 'stopped' | 'given-up', rules: EffectRules, random: number): Step {
  const recoveries = state.recoveries + 1;
  const happened =
    why === 'stopped'
      ? 'The hub stopped between the intent and the outcome'
      : 'The hub gave the lane up between the intent and the outcome, which may have been impossible to record';
  const detail = recoveries < recoveriesMax ? happened : `${happened}; so it went ${recoveries} times in a row`;
  const outcome: Outcome = { kind: 'unknown', detail };
  const next: EffectState = { ...freshEffect, phase: 'unknown', tries: state.tries, recoveries };
  if (rules.idempotency === 'D' || recoveries >= recoveriesMax) return { state: next, action: waitForPerson(outcome) };
  const dueInMs =
    rules.idempotency === 'C' ? rules.settleMs : backOffMs(rules.retry, Math.min(recoveries, recoveriesSpared), random);
  return {
    state: next,
    action: { type: 'settle', to: 'outcome_unknown', outcome, dueInMs, code: 'OUTCOME_UNKNOWN' },
  };
}

function onLookup(state: EffectState, result: LookupResult, rules: EffectRules, random: number): Step {
  switch (result.kind) {
    case 'found': {
      if (!result.sameContent) {
        const found = { ids: [result.outsideId], sameContent: false };
        const detail = `Found ${result.outsideId}, which differs`;
        return { state, action: waitForChoice({ kind: 'unknown', detail, found }) };
      }
      const outcome: Outcome = { kind: 'confirmed', outsideId: result.outsideId, response: result.response };
      return { state: freshEffect, action: { type: 'settle', to: 'delivered', outcome } };
    }
    case 'several': {
      const detail = `Found several under one key: ${result.ids.join(', ')}`;
      const found = { ids: result.ids, sameContent: true };
      return { state, action: waitForChoice({ kind: 'unknown', detail, found }) };
    }
    case 'none':
      return onNothingFound(state, rules);
    case 'unavailable': {
      const schedule = scheduleOf(rules, result.reason);
      const lookupFailures = state.lookupFailures + spentBy(rules, result.reason);
      const next = { ...state, lookupFailures };
      const outcome: Outcome = { kind: 'unknown', detail: `The look-up failed: ${result.detail}` };
      if (lookupFailures >= schedule.maxAttempts) return { state: next, action: waitForPerson(outcome) };
      const dueInMs = backOffMs(schedule, lookupFailures, random);
      return {
        state: next,
        action: { type: 'settle', to: 'outcome_unknown', outcome, dueInMs, code: 'OUTCOME_UNKNOWN' },
      };
    }
  }
}

function onNothingFound(state: EffectState, rules: EffectRules): Step {
  const lookups = state.lookups + 1;
  const outcome: Outcome = { kind: 'unknown', detail: 'The look-up found nothing' };
  if (lookups < lookupsBeforeResend) {
    const next = { ...state, lookups };
    const action = { type: 'settle', to: 'outcome_unknown', outcome, dueInMs: rules.settleMs, code: 'OUTCOME_UNKNOWN' };
    return { state: next, action: action as EffectAction };
  }
  // Nothing arrived: as good as never sent.
  const next: EffectState = { ...freshEffect, tries: state.tries };
  const { maxAttempts } = scheduleOf(rules, state.reason);
  if (state.tries >= maxAttempts) {
    const detail = `The look-up found nothing, and after ${state.tries} tries none is left`;
    const given: Outcome = { kind: 'retryable', sent: false, detail };
    return { state: next, action: { type: 'settle', to: 'dead', outcome: given, code: 'DESTINATION_UNAVAILABLE' } };
  }
  // Due at once, with the same key.
  return { state: next, action: { type: 'settle', to: 'retry_wait', outcome, dueInMs: 0, code: 'OUTCOME_UNKNOWN' } };
}

function waitForPerson(outcome: Outcome): EffectAction {
  return { type: 'settle', to: 'outcome_unknown', outcome, code: 'OUTCOME_UNKNOWN' };
}

/** It is there, but twice or with other content: a person says which is right (reliability.md, "Effects", step 4). */
function waitForChoice(outcome: Outcome): EffectAction {
  return { type: 'settle', to: 'outcome_unknown', outcome, code: 'DUPLICATE_OUTSIDE' };
}
