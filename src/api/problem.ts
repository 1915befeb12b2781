import { type ErrorCode, type ErrorDetail, errorCatalog, HubError, isHubError, sqlState } from '../platform/index.ts';
import type { Problem } from './schemas/conventions.ts';

/** HTTP statuses of error codes. Codes not named here are ours to answer for: 500. */
export const statusOfCode: Readonly<Partial<Record<ErrorCode, number>>> = {
  STOPPING: 503,
  OVERLOADED: 503,
  INTAKE_CLOSED: 503,
  TIMEOUT: 504,
  DATABASE_UNAVAILABLE: 503,
  DATABASE_CONFLICT: 503,
  COMMIT_OUTCOME_UNKNOWN: 503,
  TRANSACTION_ABORTED: 503,
  VALIDATION_FAILED: 422,
  MALFORMED_JSON: 400,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  METHOD_NOT_ALLOWED: 405,
  NOT_FOUND: 404,
  CONFLICT: 409,
  PRECONDITION_REQUIRED: 428,
  PRECONDITION_FAILED: 412,
  RATE_LIMITED: 429,
  IDEMPOTENCY_KEY_REQUIRED: 400,
  IDEMPOTENCY_KEY_REUSED: 422,
  IDEMPOTENCY_IN_FLIGHT: 409,
  INVALID_CURSOR: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  CSRF_REJECTED: 403,
  SIGNATURE_INVALID: 401,
  SIGNATURE_STALE: 401,
  UNKNOWN_CUSTOMER: 422,
  UNKNOWN_ITEM: 422,
  UOM_UNKNOWN: 422,
  UOM_INEXACT: 422,
  UNKNOWN_LOCATION: 422,
  DUPLICATE_ORDER: 409,
  ORDER_NOT_CANCELLABLE: 409,
  ORDER_NOT_HOLDABLE: 409,
  INSUFFICIENT_ATS: 409,
  ACTION_NOT_ALLOWED: 409,
  CONFLICTING_DUPLICATE: 409,
  IMPORT_INVALID: 422,
  QUANTITY_INVALID: 422,
  MONEY_INVALID: 422,
  PARTNER_UNKNOWN: 422,
  OUTPUT_INVALID: 422,
  EDI_UNREADABLE: 422,
};

/** Seconds after which a client may try again, for codes that say "later". */
const retryAfterSeconds: Readonly<Partial<Record<ErrorCode, number>>> = {
  RATE_LIMITED: 60,
  OVERLOADED: 1,
  INTAKE_CLOSED: 30,
  STOPPING: 5,
  DATABASE_UNAVAILABLE: 2,
  DATABASE_CONFLICT: 1,
  IDEMPOTENCY_IN_FLIGHT: 1,
};

/** Extra members some problems carry. A HubError's `detail` of this shape is public; all other detail stays inside. */
export interface PublicDetail {
  readonly existingId?: string;
  readonly exceptionId?: string;
  /** Instead of what its code says: after how long it is worth another try. */
  readonly retryAfterSeconds?: number;
}

export interface ProblemReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly problem: Problem;
  /** Ours: to be logged as an error. */
  readonly internal: boolean;
}

const mostDetails = 100;

/** Turns whatever was thrown into an RFC 9457 problem. Nothing of an unknown error's text goes out. */
export function problemOf(thrown: unknown, traceId: string): ProblemReply {
  const error = toHubError(thrown);
  const status = statusOfCode[error.code] ?? 500;
  const detail = (error.detail ?? {}) as PublicDetail;
  const title = errorCatalog[error.code].title;
  const headers: Record<string, string> = {};
  const wait = detail.retryAfterSeconds ?? retryAfterSeconds[error.code];
  if (wait !== undefined) headers['retry-after'] = String(wait);
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="crossdock"';
  const problem: Problem = {
    type: `/docs#error-${error.code}`,
    title,
    status,
    code: error.code,
    ...(status !== 500 && error.message !== title ? { detail: error.message } : {}),
    instance: traceId,
    ...(error.errors === undefined ? {} : { errors: error.errors.slice(0, mostDetails).map(publicError) }),
    ...(typeof detail.exceptionId === 'string' ? { exceptionId: detail.exceptionId } : {}),
    ...(typeof detail.existingId === 'string' ? { existingId: detail.existingId } : {}),
  };
  return { status, headers, problem, internal: status === 500 };
}

function publicError(error: ErrorDetail): { pointer: string; code: string; message?: string } {
  return {
    pointer: error.pointer,
    code: error.code,
    ...(error.message === undefined ? {} : { message: error.message }),
  };
}

/** Fastify's own errors and the database's refusals, in our words. */
function toHubError(thrown: unknown): HubError {
  if (isHubError(thrown)) return thrown;
  const code = (thrown as { code?: unknown } | null)?.code;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new HubError('PAYLOAD_TOO_LARGE');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_TYPE':
      return new HubError('UNSUPPORTED_MEDIA_TYPE');
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new HubError('NOT_FOUND');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_BAD_URL':
    case 'ERR_BAD_REQUEST':
      return new HubError('VALIDATION_FAILED', { message: 'The request could not be read' });
    default:
  }
  // Class 53 insufficient resources: disk full, out of memory. Nothing was written.
  if (sqlState(thrown)?.startsWith('53')) return new HubError('OVERLOADED', { cause: thrown });
  // 22xxx data exception, e.g. a path parameter that is no UUID: the client's, and never stored.
  if (sqlState(thrown) === '22P02') return new HubError('NOT_FOUND', { cause: thrown });
  return new HubError('INTERNAL', { cause: thrown });
}
