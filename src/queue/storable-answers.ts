import type { Logger } from '../platform/index.ts';
import { type Deliverer, type FailureReason, failureReasons, type LookupResult, type Outcome } from './delivery.ts';
import { storableJson, storableText } from './storable.ts';
import { retryAfterMsOf } from './step/wait.ts';

const most = { word: 2_000, code: 200, id: 500, ids: 20 } as const;

/**
 * The one boundary between outside systems and the engine: whatever a connector answers, or throws, comes out as one of
 * the answers that the engine knows, and can be stored. A connector is code of others around answers of others.
 */
export function withStorableAnswers(deliverer: Deliverer, log: Logger): Deliverer {
  const { hasHealth, health, breakerChanged } = deliverer;
  return {
    prepare: (tx, tenantId, batch) => deliverer.prepare(tx, tenantId, batch),
    async send(prepared, attempt) {
      try {
        return storableOutcome(await deliverer.send(prepared, attempt));
      } catch (error) {
        const { deliveryId } = prepared;
        log.warn({ err: error, deliveryId }, 'a send ended with an error; its outcome is unknown');
        return { kind: 'unknown', detail: storableText(error, most.word) };
      }
    },
    async lookup(prepared, signal) {
      try {
        return storableLookup(await deliverer.lookup(prepared, signal));
      } catch (error) {
        return { kind: 'unavailable', detail: storableText(error, most.word) };
      }
    },
    settled: (tx, tenantId, results) => deliverer.settled(tx, tenantId, results),
    ...(hasHealth && { hasHealth: hasHealth.bind(deliverer) }),
    ...(breakerChanged && { breakerChanged: breakerChanged.bind(deliverer) }),
    ...(health && {
      async health(tenantId: string, destination: string, signal: AbortSignal) {
        const answer = await health.call(deliverer, tenantId, destination, signal);
        return answer && { ok: answer.ok, detail: storableText(answer.detail, most.word) };
      },
    }),
  };
}

function storableOutcome(outcome: Outcome | undefined): Outcome {
  switch (outcome?.kind) {
    case 'confirmed':
      return { kind: outcome.kind, ...idOf(outcome), ...responseOf(outcome) };
    case 'rejected': {
      const { class: as } = outcome;
      return {
        kind: outcome.kind,
        class: as === 'schema' || as === 'auth' ? as : 'business',
        code: storableText(outcome.code, most.code),
        message: storableText(outcome.message, most.word),
        ...responseOf(outcome),
      };
    }
    case 'retryable':
      // Only who says so in so many words promises that nothing was carried out.
      return { kind: outcome.kind, sent: outcome.sent !== false, ...troubleOf(outcome), ...afterOf(outcome) };
    case 'unknown':
      return { kind: outcome.kind, ...troubleOf(outcome), ...afterOf(outcome) };
    default:
      return { kind: 'unknown', detail: 'The connector answered with something that is no outcome' };
  }
}

function storableLookup(result: LookupResult | undefined): LookupResult {
  switch (result?.kind) {
    case 'found': {
      const outsideId = storableText(result.outsideId, most.id);
      return { kind: result.kind, outsideId, sameContent: result.sameContent === true, ...responseOf(result) };
    }
    case 'several':
      return {
        kind: result.kind,
        ids: Array.from(result.ids)
          .slice(0, most.ids)
          .map((id) => storableText(id, most.id)),
      };
    case 'none':
      return { kind: result.kind };
    case 'unavailable':
      return { kind: result.kind, ...troubleOf(result) };
    default:
      return { kind: 'unavailable', detail: 'The connector answered with something that is no result of a look-up' };
  }
}

function idOf({ outsideId }: { outsideId?: string }): { outsideId?: string } {
  return outsideId === undefined || outsideId === null ? {} : { outsideId: storableText(outsideId, most.id) };
}

function responseOf({ response }: { response?: unknown }): { response?: unknown } {
  return response === undefined ? {} : { response: storableJson(response) };
}

function troubleOf(answer: { detail: string; reason?: FailureReason }): { detail: string; reason?: FailureReason } {
  const reason = failureReasons.find((known) => known === answer.reason);
  return { detail: storableText(answer.detail, most.word), ...(reason === undefined ? {} : { reason }) };
}

function afterOf({ retryAfterMs }: { retryAfterMs?: number }): { retryAfterMs?: number } {
  return typeof retryAfterMs === 'number' ? { retryAfterMs: retryAfterMsOf(retryAfterMs) } : {};
}
