import { uuidv7 } from '../../platform/index.ts';
import type { LookupResult, Outcome, Prepared } from '../delivery.ts';
import { storableText } from '../storable.ts';
import { type Verdict, verdictOf, verdictOfLookup } from '../step/breaker-step.ts';
import { type EffectInput, type EffectRules, effectStep } from '../step/effect-step.ts';
import {
  type AttemptRecord,
  type Decision,
  type EngineOptions,
  type OpenIntent,
  type Route,
  type Work,
  limits,
} from './work.ts';

export interface Sender {
  /** The intent is committed: send, and decide what becomes of the delivery. */
  send(work: Work, prepared: Prepared, attemptId: string, intent: OpenIntent): void;
  lookUp(work: Work, prepared: Prepared): void;
  /** Gives up waiting for sends that have taken too long: their outcome is unknown. Called now and then. */
  expire(): void;
  /** Aborts calls for lanes that are not held any more: whoever takes these over makes calls of his own. */
  abortLost(): void;
  readonly underWay: number;
}

interface Call {
  readonly work: Work;
  readonly prepared: Prepared;
  readonly attemptId: string;
  readonly kind: 'send' | 'lookup';
  readonly intent: OpenIntent | undefined;
  readonly abort: AbortController;
  readonly isProbe: boolean;
  readonly startedMs: number;
}

/** Does what crosses the boundary, outside of any transaction, and turns answers into decisions. */
export function createSender(
  options: EngineOptions,
  decide: (decision: Decision) => void,
  leaseHolds: () => boolean,
  heard: (route: Route, verdict: Verdict) => void,
): Sender {
  const { clock, deliverer } = options;
  const calls = new Set<Call>();

  function start(
    kind: Call['kind'],
    work: Work,
    prepared: Prepared,
    attemptId: string,
    abort: AbortController,
    intent?: OpenIntent,
  ): Call {
    const isProbe = work.owned.route.breaker.phase !== 'closed';
    const startedMs = clock.monotonicMs();
    const call: Call = { work, prepared, attemptId, kind, intent, abort, isProbe, startedMs };
    calls.add(call);
    return call;
  }

  /** The first answer counts: one that comes after its call was given up changes nothing. */
  function end(call: Call, input: EffectInput): void {
    if (!calls.delete(call)) return;
    const { work, prepared } = call;
    const { route } = work.owned;
    route.inFlight--;
    heard(route, verdictOfInput(input));
    const rules = rulesOf(work, prepared, call.isProbe);
    const { state: effect, action } = effectStep(work.effect, input, rules, options.random());
    if (action.type !== 'settle') throw new Error(`an answer cannot lead to ${action.type}`);
    const { state, outsideId, outcome } = answerOf(input);
    const durationMs = clock.monotonicMs() - call.startedMs;
    decide({
      work,
      to: action.to,
      outcome: action.outcome,
      effect,
      attempt: { id: call.attemptId, kind: call.kind, prepared, state, durationMs, outsideId, outcome },
      intent: call.intent,
      dueInMs: action.dueInMs,
      code: action.code,
      prepareAnew: action.outcome.kind === 'rejected',
    });
  }

  function send(work: Work, prepared: Prepared, attemptId: string, intent: OpenIntent): void {
    const abort = new AbortController();
    const call = start('send', work, prepared, attemptId, abort, intent);
    if (work.owned.lost || !leaseHolds()) {
      // A process that was stopped for longer than its lease must not send what another one may be sending.
      end(call, { type: 'outcome', outcome: { kind: 'retryable', sent: false, detail: 'The lease had run out' } });
      return;
    }
    const context = { attemptId, attempt: work.delivery.attempt, signal: abort.signal };
    deliverer.send(prepared, context).then(
      (outcome) => end(call, { type: 'outcome', outcome }),
      (error: unknown) => {
        const outcome: Outcome = { kind: 'unknown', detail: storableText(error, 2_000) };
        end(call, { type: 'outcome', outcome });
      },
    );
  }

  function lookUp(work: Work, prepared: Prepared): void {
    const abort = new AbortController();
    const call = start('lookup', work, prepared, uuidv7(), abort);
    if (work.owned.lost || !leaseHolds()) {
      // It would harm nothing, and be a call that nobody counts.
      end(call, { type: 'lookup', result: { kind: 'unavailable', detail: 'The lease had run out' } });
      return;
    }
    deliverer.lookup(prepared, abort.signal).then(
      (result) => end(call, { type: 'lookup', result }),
      (error: unknown) => {
        const result: LookupResult = { kind: 'unavailable', detail: storableText(error, 2_000) };
        end(call, { type: 'lookup', result });
      },
    );
  }

  function expire(): void {
    const nowMs = clock.monotonicMs();
    for (const call of calls) {
      if (nowMs - call.startedMs < limits.sendTimeoutMs) continue;
      call.abort.abort();
      const detail = `No answer within ${limits.sendTimeoutMs} ms`;
      end(
        call,
        call.kind === 'lookup'
          ? { type: 'lookup', result: { kind: 'unavailable', detail, reason: 'timeout' } }
          : { type: 'outcome', outcome: { kind: 'unknown', detail, reason: 'timeout' } },
      );
    }
  }

  return {
    send,
    lookUp,
    expire,
    abortLost() {
      for (const { work, abort } of calls) if (work.owned.lost) abort.abort();
    },
    get underWay() {
      return calls.size;
    },
  };
}

/** Ten seconds unless the connector knows better. */
const defaultSettleMs = 10_000;

export function rulesOf(
  work: Work,
  prepared: Pick<Prepared, 'idempotency' | 'settleMs'>,
  isProbe?: boolean,
): EffectRules {
  return {
    isProbe,
    idempotency: prepared.idempotency,
    retry: work.owned.route.settings.retry,
    retryByReason: work.owned.route.settings.retryByReason,
    settleMs: prepared.settleMs ?? defaultSettleMs,
  };
}

function verdictOfInput(input: EffectInput): Verdict {
  if (input.type === 'outcome') return verdictOf(input.outcome);
  return input.type === 'lookup' ? verdictOfLookup(input.result) : { kind: 'neutral' };
}

function answerOf(input: EffectInput): Pick<AttemptRecord, 'state' | 'outsideId' | 'outcome'> {
  if (input.type === 'outcome') return answerOfSend(input.outcome);
  if (input.type === 'lookup') return answerOfLookup(input.result);
  throw new Error(`${input.type} is no answer`);
}

function answerOfSend(outcome: Outcome): Pick<AttemptRecord, 'state' | 'outsideId' | 'outcome'> {
  if (outcome.kind !== 'confirmed') return { state: outcome.kind, outcome };
  return { state: 'confirmed', outsideId: outcome.outsideId, outcome: outcome.response };
}

function answerOfLookup(result: LookupResult): Pick<AttemptRecord, 'state' | 'outsideId' | 'outcome'> {
  if (result.kind !== 'found') return { state: result.kind, outcome: result };
  return { state: result.sameContent ? 'confirmed' : 'conflict', outsideId: result.outsideId, outcome: result };
}
