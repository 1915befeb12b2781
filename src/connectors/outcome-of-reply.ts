import { type FailureReason, type LookupResult, type Outcome, retryAfterMsOf } from '../queue/index.ts';
import type { HttpReply } from './http-client.ts';

export type JsonObject = Record<string, unknown>;

/** The JSON object of a complete reply, or undefined when it is anything else. */
export function jsonOf(reply: HttpReply): JsonObject | undefined {
  if (reply.kind !== 'reply' || !reply.complete) return undefined;
  try {
    const body: unknown = JSON.parse(reply.text);
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Says what an answer to an effect proves. A refusal with a definite status proves that nothing happened; 429 and a
 * 503 that names a time say "not now"; everything else (500, 502, 504, a broken or unreadable reply) proves nothing.
 * What is not definite carries its reason, which retry schedules and the circuit breaker go by.
 *
 * @param confirm reads a 2xx body; undefined when the body is not the answer that the protocol promises, which proves
 *   nothing either. It is also where "200 with an error inside" becomes a refusal (see `refusalIn`).
 */
export function outcomeOf(reply: HttpReply, confirm: (body: JsonObject) => Outcome | undefined, now: Date): Outcome {
  if (reply.kind === 'failed') return outcomeOfFailure(reply);
  const { status } = reply;
  if (status >= 200 && status < 300) {
    const body = jsonOf(reply);
    const broken = { kind: 'unknown', reason: reply.reason ?? 'broken_reply' } as const;
    if (body === undefined) {
      const what = reply.complete ? 'is not the JSON that was promised' : 'broke off';
      return { ...broken, detail: `HTTP ${status}, but the reply ${what}` };
    }
    return confirm(body) ?? { ...broken, detail: `HTTP ${status}, but the reply is not in the protocol` };
  }
  const reason = reasonOf(status);
  if (reason !== undefined) return outcomeOfTrouble(status, reason, retryAfterOf(reply.headers['retry-after'], now));
  const refusal = refusalIn(jsonOf(reply) ?? {});
  return {
    kind: 'rejected',
    class: status === 401 || status === 403 ? 'auth' : status === 409 || status === 422 ? 'business' : 'schema',
    code: refusal?.code ?? `HTTP_${status}`,
    message: refusal?.message ?? `HTTP ${status}`,
    response: jsonOf(reply),
  };
}

function outcomeOfFailure(reply: Extract<HttpReply, { kind: 'failed' }>): Outcome {
  const { detail, reason } = reply;
  if (reply.forbidden) return { kind: 'rejected', class: 'schema', code: 'DESTINATION_FORBIDDEN', message: detail };
  const why = reason === undefined ? {} : { reason };
  return reply.sent ? { kind: 'unknown', detail, ...why } : { kind: 'retryable', sent: false, detail, ...why };
}

/** "Not now" in so many words, or a status that proves nothing. */
function outcomeOfTrouble(status: number, reason: FailureReason, retryAfterMs: number | undefined): Outcome {
  const after = retryAfterMs === undefined ? {} : { retryAfterMs };
  // It was turned away before anybody looked at it (RFC 6585 §4).
  if (status === 429) return { kind: 'retryable', sent: false, ...after, detail: 'HTTP 429', reason };
  if (status === 503 && retryAfterMs !== undefined) {
    return { kind: 'retryable', sent: true, retryAfterMs, detail: 'HTTP 503 with Retry-After', reason };
  }
  return { kind: 'unknown', detail: `HTTP ${status}`, reason, ...after };
}

/** Why a status is no definite answer; undefined when it is one (RFC 9110 §15). */
function reasonOf(status: number): FailureReason | undefined {
  if (status === 429) return 'throttled';
  if (status === 408) return 'timeout';
  if (status >= 502 && status <= 504) return 'unavailable';
  // A redirect is not followed and is no answer of the system that was asked.
  return status >= 500 || status < 400 ? 'server_error' : undefined;
}

/** `{error: {code, message}}`, the shape in which the systems of the lab refuse, with whatever status. */
function refusalIn(body: JsonObject): { code: string; message: string } | undefined {
  const { error } = body;
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, message } = error as JsonObject;
  return {
    code: typeof code === 'string' ? code : 'REFUSED',
    message: typeof message === 'string' ? message : 'refused without a reason',
  };
}

/** Confirms a 2xx body unless it carries an error. */
export function confirmUnlessRefused(body: JsonObject, confirm: () => Outcome | undefined): Outcome | undefined {
  const refusal = refusalIn(body);
  return refusal ? { kind: 'rejected', class: 'business', ...refusal, response: body } : confirm();
}

/** What a look-up's reply proves: `read` turns a 2xx body into a result; 404 means none. */
export function lookupOf(reply: HttpReply, read: (body: JsonObject) => LookupResult | undefined): LookupResult {
  const unavailable = (detail: string, reason: FailureReason | undefined): LookupResult =>
    reason === undefined ? { kind: 'unavailable', detail } : { kind: 'unavailable', detail, reason };
  if (reply.kind === 'failed') return unavailable(reply.detail, reply.reason);
  if (reply.status === 404) return { kind: 'none' };
  const body = reply.status >= 200 && reply.status < 300 ? jsonOf(reply) : undefined;
  const result = body && refusalIn(body) === undefined ? read(body) : undefined;
  const unread = reply.status < 300 ? 'broken_reply' : reasonOf(reply.status);
  return result ?? unavailable(`HTTP ${reply.status}`, reply.reason ?? unread);
}

/** True when every field that was sent is found with the same value; systems add fields of their own. */
export function containsAll(found: unknown, sent: unknown): boolean {
  if (typeof sent !== 'object' || sent === null) return found === sent;
  if (typeof found !== 'object' || found === null) return false;
  if (Array.isArray(sent)) {
    return (
      Array.isArray(found) && found.length === sent.length && sent.every((value, i) => containsAll(found[i], value))
    );
  }
  return Object.entries(sent).every(
    ([key, value]) => value === undefined || containsAll((found as JsonObject)[key], value),
  );
}

const shortDay = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const month = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const time = String.raw`\d{2}:\d{2}:\d{2}`;
// RFC 9110 §5.6.7: the form in use, and the two that have to be understood.
const httpDates = [
  new RegExp(String.raw`^${shortDay}, \d{2} ${month} \d{4} ${time} GMT$`),
  new RegExp(String.raw`^[A-Z][a-z]+day, \d{2}-${month}-\d{2} ${time} GMT$`),
  new RegExp(String.raw`^${shortDay} ${month} [ \d]\d ${time} \d{4}$`),
];

/**
 * How long a system asks to be left alone, in milliseconds: from 0 to a day, whatever it says beyond. RFC 9110 §10.2.3:
 * seconds, or a date; anything else says nothing.
 */
function retryAfterOf(header: string | undefined, now: Date): number | undefined {
  const text = header?.trim() ?? '';
  if (/^-?\d+(\.\d+)?$/.test(text)) return retryAfterMsOf(Math.round(Number(text) * 1000));
  if (!httpDates.some((form) => form.test(text))) return undefined;
  // The last form names no zone, and is in UTC as the others are.
  const at = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(at) ? undefined : retryAfterMsOf(at - now.getTime());
}
