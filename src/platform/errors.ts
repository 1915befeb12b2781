import { type Disposition, type ErrorCode, errorCatalog } from './error-catalog.ts';

/** One wrong spot of an input: `pointer` is an RFC 6901 JSON pointer (or the name of a variable), `code` is stable. */
export interface ErrorDetail {
  readonly pointer: string;
  readonly code: string;
  readonly message?: string;
}

export interface HubErrorOptions {
  /** Public text; the catalog's title when absent. */
  message?: string;
  /** Internal facts for logs and support. Never sent to a client. */
  detail?: unknown;
  cause?: unknown;
  errors?: readonly ErrorDetail[];
}

/** The only error class of the hub. Bad EDI is not an error but a list of issues. */
export class HubError extends Error {
  readonly code: ErrorCode;
  readonly disposition: Disposition;
  readonly detail: unknown;
  readonly errors: readonly ErrorDetail[] | undefined;

  constructor(code: ErrorCode, options: HubErrorOptions = {}) {
    super(
      options.message ?? errorCatalog[code].title,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'HubError';
    this.code = code;
    this.disposition = errorCatalog[code].disposition;
    this.detail = options.detail;
    this.errors = options.errors;
  }
}

/** True for a HubError, and with `code` only for one of that code. */
export function isHubError(error: unknown, code?: ErrorCode): error is HubError {
  return error instanceof HubError && (code === undefined || error.code === code);
}
