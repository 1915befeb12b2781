import type { Settled } from '../delivery.ts';
import { judgeFailure } from '../step/flow-failure.ts';
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
  const { retry } = decision.work.owned.route.settings;
  const failure = judgeFailure(error, decision.work.effect.tries, retry, options.random());
  const detail = `The outcome (${decision.outcome.kind}) could not be recorded: ${String(error)}`;
  return {
    ...decision,
    to: 'outcome_unknown',
    outcome: { kind: 'unknown', detail },
    effect: { phase: 'unknown', tries: failure.tries, lookups: 0, lookupFailures: 0 },
    dueInMs: failure.dueInMs,
    code: failure.code,
    untold: true,
  };
}
