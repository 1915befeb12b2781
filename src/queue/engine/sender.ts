import { uuidv7 } from '../../platform/index.ts';
import type { LookupResult, Outcome, Prepared } from '../delivery.ts';
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
  /** Aborts what is under way. */
  abort(): void;
  readonly underWay: number;
}

interface Call {
  readonly work: Work;
  readonly startedMs: number;
  readonly kind: AttemptRecord['kind'];
  readonly abort: AbortController;
  end(input: EffectInput): void;
}

/** Does what crosses the boundary, outside of any transaction, and turns answers into decisions. */
export function createSender(
  options: EngineOptions,
  decide: (decision: Decision) => void,
  leaseHolds: () => boolean,
  heard: (route: Route, verdict: Verdict) => void,
): Sender {
  const { clock, deliverer, log } = options;
  const calls = new Set<Call>();

  function start(
    work: Work,
    prepared: Prepared,
    abort: AbortController,
    attempt: Omit<AttemptRecord, 'state' | 'durationMs'>,
    intent?: OpenIntent,
  ): Call {
    const startedMs = clock.monotonicMs();
    const isProbe = work.owned.route.breaker.phase !== 'closed';
    const call: Call = {
      work,
      startedMs,
      kind: attempt.kind,
      abort,
      end(input) {
        if (!calls.delete(call)) return;
        const { route } = work.owned;
        route.inFlight--;
        heard(route, verdictOfInput(input));
        const rules = { ...rulesOf(work, prepared), isProbe };
        const { state: effect, action } = effectStep(work.effect, input, rules, options.random());
        if (action.type !== 'settle') throw new Error(`an answer cannot lead to ${action.type}`);
        decide({
          work,
          to: action.to,
          outcome: action.outcome,
          effect,
          attempt: { ...attempt, ...answerOf(input), durationMs: clock.monotonicMs() - startedMs },
          intent,
          dueInMs: action.dueInMs,
          code: action.code,
          prepareAnew: action.outcome.kind === 'rejected',
        });
      },
    };
    calls.add(call);
    return call;
  }

  function send(work: Work, prepared: Prepared, attemptId: string, intent: OpenIntent): void {
    const attempt = { id: attemptId, kind: 'send' as const, prepared };
    const call = start(work, prepared, intent.abort, attempt, intent);
    if (work.owned.lost || !leaseHolds()) {
      // A process that was stopped for longer than its lease must not send what another one may be sending.
      call.end({ type: 'outcome', outcome: { kind: 'retryable', sent: false, detail: 'The lease had run out' } });
      return;
    }
    const context = { attemptId, attempt: work.delivery.attempt, signal: intent.abort.signal };
    deliverer.send(prepared, context).then(
      (outcome) => call.end({ type: 'outcome', outcome }),
      (error: unknown) => {
        log.warn({ err: error, deliveryId: work.delivery.id }, 'a send ended with an error; its outcome is unknown');
        call.end({ type: 'outcome', outcome: { kind: 'unknown', detail: String(error) } });
      },
    );
  }

  function lookUp(work: Work, prepared: Prepared): void {
    const abort = new AbortController();
    const attempt = { id: uuidv7(), kind: 'lookup' as const, prepared };
    const call = start(work, prepared, abort, attempt);
    if (work.owned.lost || !leaseHolds()) {
      // It would harm nothing, and be a call that nobody counts.
      call.end({ type: 'lookup', result: { kind: 'unavailable', detail: 'The lease had run out' } });
      return;
    }
    deliverer.lookup(prepared, abort.signal).then(
      (result) => call.end({ type: 'lookup', result }),
      (error: unknown) => call.end({ type: 'lookup', result: { kind: 'unavailable', detail: String(error) } }),
    );
  }

  function expire(): void {
    const nowMs = clock.monotonicMs();
    for (const call of calls) {
      if (nowMs - call.startedMs < limits.sendTimeoutMs) continue;
      call.abort.abort();
      const detail = `No answer within ${limits.sendTimeoutMs} ms`;
      call.end(
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
    abort() {
      for (const call of calls) call.abort.abort();
    },
    get underWay() {
      return calls.size;
    },
  };
}

/** Ten seconds unless the connector knows better. */
const defaultSettleMs = 10_000;

export function rulesOf(work: Work, prepared: Pick<Prepared, 'idempotency' | 'settleMs'>): EffectRules {
  return {
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
