import type { FastifyRequest } from 'fastify';
import { receive } from '../exchange/index.ts';
import { raiseExceptions } from '../flows/index.ts';
import type { Clock } from '../platform/index.ts';
import type { Problem } from './schemas/conventions.ts';
import type { ApiServices } from './services.ts';

/** Refusals of the bytes themselves; what is wrong with an order's content the intake records on its own. */
const recorded = new Set([
  'MALFORMED_JSON',
  'VALIDATION_FAILED',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'IMPORT_INVALID',
  'EDI_UNREADABLE',
]);
const mostPerMinute = 60;
const minuteMs = 60_000;

export interface Refusals {
  /**
   * Keeps what a known client handed to a door and had refused, as a message with an exception, so that a person sees
   * it in the console and need not be told by the client. Nothing of it is ever worked on.
   * @returns the exception's id; undefined when this refusal is not one to record
   */
  record(request: FastifyRequest, channel: string, problem: Problem): Promise<string | undefined>;
}

export function createRefusals(services: Pick<ApiServices, 'db' | 'clock' | 'log' | 'hub'>): Refusals {
  const allowed = createAllowance(services.clock);
  return {
    async record(request, channel, problem) {
      const { principal, trace } = request;
      if (principal === undefined || trace === undefined || !recorded.has(problem.code)) return undefined;
      // A client in a loop must not fill the disk with its mistakes: beyond this they are only answered.
      if (!allowed(principal.actor)) return undefined;
      const reason = `${problem.code}: ${describe(problem)}`.slice(0, 500);
      try {
        return await services.db.tx(principal.tenantId, async (tx) => {
          const [message] = await receive(tx, [
            {
              channel,
              contentType: request.headers['content-type']?.slice(0, 200) ?? 'application/octet-stream',
              bytes: bytesOf(request),
              correlationId: trace.traceId,
              traceparent: trace.traceparent,
              actor: principal.actor,
              state: 'refused',
              reason,
            },
          ]);
          const [exceptionId] = await raiseExceptions(tx, services.hub(principal.tenantId), [
            {
              code: 'INVALID_INPUT',
              dedupeKey: `refused:${channel}:${principal.actor}:${problem.code}`,
              entityRefs: [{ kind: 'message', id: message!.id }],
              correlationId: trace.traceId,
              messageId: message!.id,
              cause: `${principal.displayName} sent what cannot be taken in: ${reason}`,
            },
          ]);
          return exceptionId;
        });
      } catch (error) {
        // The client's answer does not depend on the record of it.
        services.log.warn({ err: error }, 'a refusal could not be recorded');
        return undefined;
      }
    },
  };
}

function describe(problem: Problem): string {
  const first = problem.errors?.[0];
  if (first === undefined) return problem.detail ?? problem.title;
  return `${first.pointer === '' ? '' : `${first.pointer} `}${first.message ?? first.code}`;
}

/** Empty where the body was too large to be read at all. */
function bytesOf(request: FastifyRequest): Buffer {
  if (request.bytes !== undefined) return request.bytes;
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function createAllowance(clock: Clock): (actor: string) => boolean {
  let windowStartMs = clock.monotonicMs();
  const counts = new Map<string, number>();
  return (actor) => {
    if (clock.monotonicMs() - windowStartMs >= minuteMs) {
      windowStartMs = clock.monotonicMs();
      counts.clear();
    }
    const count = (counts.get(actor) ?? 0) + 1;
    counts.set(actor, count);
    return count <= mostPerMinute;
  };
}
