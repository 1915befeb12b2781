import type { Outcome, Settled } from '../delivery.ts';
import { effectStep } from '../step/effect-step.ts';
import { judgeFailure } from '../step/flow-failure.ts';
import { rulesOf } from './sender.ts';
import type { Decision, EngineOptions } from './work.ts';

export function settledOf(decision: Decision, now: Date): Settled {
  const settled: Settled = {
    delivery: decision.work.delivery,
    state: decision.to as Settled['state'],
    outcome: decision.outcome,
    attempts: decision.work.delivery.attempt,
  };
  if (decision.dueInMs !== undefined) settled.nextAttemptAt = new Date(now.getTime() + decision.dueInMs);
  return settled;
}

/**
 * The outside has answered, and recording what that means failed. The answer is not lost and nothing is sent blindly:
 * the delivery is unknown again, and converges by its class (sent again by A and B, looked up by C, a person for D).
 */
export function untoldDecision(decision: Decision, error: unknown, options: EngineOptions): Decision {
  const { work, attempt } = decision;
  const failure = judgeFailure(error, work.effect.tries, work.owned.route.settings.retry, options.random());
  const detail = `The outcome (${decision.outcome.kind}) could not be recorded: ${String(error)}`;
  const outcome: Outcome = { kind: 'unknown', detail };
  const untold = { ...decision, to: 'outcome_unknown' as const, outcome, code: failure.code, untold: true };
  if (attempt?.prepared === undefined) {
    // Nothing was sent.
    const effect = { phase: 'unknown' as const, tries: failure.tries, lookups: 0, lookupFailures: 0 };
    return { ...untold, effect, dueInMs: failure.dueInMs };
  }
  // It may still be under way over there: the settle time counts as after any other unknown outcome.
  const rules = rulesOf(work, attempt.prepared);
  const { state, action } = effectStep(work.effect, { type: 'outcome', outcome }, rules, options.random());
  return { ...untold, effect: state, dueInMs: action.type === 'settle' ? action.dueInMs : failure.dueInMs };
}
