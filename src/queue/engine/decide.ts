import type { Outcome, Settled } from '../delivery.ts';
import { storableText } from '../storable.ts';
import { effectStep, freshEffect } from '../step/effect-step.ts';
import { judgeFailure } from '../step/flow-failure.ts';
import { dueAt } from '../step/wait.ts';
import { rulesOf } from './sender.ts';
import type { AttemptRecord, Decision, EngineOptions } from './work.ts';

export function settledOf(decision: Decision, now: Date): Settled {
  const settled: Settled = {
    delivery: decision.work.delivery,
    state: decision.to as Settled['state'],
    outcome: decision.outcome,
    attempts: decision.work.delivery.attempt,
  };
  const nextAttemptAt = dueAt(now, decision.dueInMs);
  if (nextAttemptAt !== undefined) settled.nextAttemptAt = nextAttemptAt;
  return settled;
}

/**
 * The outside has answered, and recording what that means failed. Nothing is sent blindly: the delivery is unknown again,
 * and converges by its class (sent again by A and B, looked up by C, a person for D), within its budget of tries. Of the
 * answer itself nothing is written, as it may be what cannot be. Who is left to a person is told of, in place of the
 * outcome; what cannot even be told so is recorded alone.
 */
export function fallbackOf(decision: Decision, error: unknown, options: EngineOptions): Decision {
  // Telling, in these words, is what failed now.
  if (decision.isFallback) return { ...decision, untold: true };
  const { work, attempt } = decision;
  const { retry } = work.owned.route.settings;
  const failure = judgeFailure(error, work.effect.tries, retry, options.random());
  const { kind } = decision.outcome;
  const detail = `The outcome (${kind}) could not be recorded: ${storableText(error, 500)}`;
  const outcome: Outcome = { kind: 'unknown', detail };
  const bare = {
    work,
    outcome,
    intent: decision.intent,
    code: failure.code,
    isFallback: true,
    ...bareAttempt(attempt),
  };
  if (attempt?.prepared === undefined) {
    // Nothing was sent.
    const effect = { ...freshEffect, phase: 'unknown' as const, tries: failure.tries };
    const isOver = failure.dueInMs === undefined;
    const to = isOver && work.owned.route.isFlow ? 'dead' : 'outcome_unknown';
    return { ...bare, to, effect, dueInMs: failure.dueInMs, untold: !isOver };
  }
  // It may still be under way over there: the settle time counts as after any other unknown outcome.
  const rules = rulesOf(work, attempt.prepared);
  const { state, action } = effectStep(work.effect, { type: 'outcome', outcome }, rules, options.random());
  const isOver = action.type !== 'settle' || action.dueInMs === undefined || state.tries >= retry.maxAttempts;
  const dueInMs = isOver ? undefined : action.dueInMs;
  return { ...bare, to: 'outcome_unknown', effect: state, dueInMs, untold: !isOver };
}

/** What was sent, without what came back. */
function bareAttempt(attempt: AttemptRecord | undefined): { attempt?: AttemptRecord } {
  if (attempt === undefined) return {};
  const { outcome: _, outsideId: __, ...rest } = attempt;
  return { attempt: rest };
}
