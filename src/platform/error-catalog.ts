/**
 * Every error code the hub can raise, in one place. A code is a promise to API clients, operators and runbooks:
 * it is never renamed and never reused after it is retired.
 *
 * `title` is the public one-line meaning. `disposition` says what a delivery does that meets the error:
 * `retry` (transient, try again within the bound), `reject` (the input is wrong and stays wrong),
 * `hold` (a person has to change something first). HTTP statuses are mapped in `api/` alone.
 *
 * After a change run `node scripts/generate-reference.mjs`; a test compares docs/reference/errors.md with this list.
 */
export type Disposition = 'retry' | 'reject' | 'hold';

export interface ErrorCatalogEntry {
  readonly title: string;
  readonly disposition: Disposition;
}

const entry = (disposition: Disposition, title: string): ErrorCatalogEntry => ({ title, disposition });

export const errorCatalog = {
  // The hub itself
  INTERNAL: entry('retry', 'An unexpected condition inside the hub'),
  CONFIG_INVALID: entry('hold', 'The configuration is invalid; every problem is listed'),
  ALREADY_RUNNING: entry('hold', 'Another hub already works on this data folder or port'),
  STOPPING: entry('retry', 'The hub is shutting down and takes no new work'),
  OVERLOADED: entry('retry', 'A bounded queue inside the hub is full; try again shortly'),
  INTAKE_CLOSED: entry(
    'retry',
    'More is open than the hub is set to hold, so that nothing new is taken in; see Retry-After',
  ),
  TIMEOUT: entry('retry', 'The operation did not finish within its time limit'),

  // Database
  DATABASE_UNAVAILABLE: entry('retry', 'The database cannot be reached'),
  DATABASE_CONFLICT: entry('retry', 'The transaction conflicted with another one and was rolled back'),
  COMMIT_OUTCOME_UNKNOWN: entry('retry', 'The connection was lost during COMMIT; re-read by key to learn the outcome'),
  TRANSACTION_ABORTED: entry('retry', 'An earlier error in the transaction turned its COMMIT into a ROLLBACK'),
  UNSAFE_DATABASE_ROLE: entry('hold', 'The effective database role is a superuser or bypasses row-level security'),
  UNSAFE_DATABASE_SETTINGS: entry('hold', 'The database server runs with settings that can lose acknowledged data'),
  TENANT_REQUIRED: entry('reject', 'A transaction needs a tenant'),
  MIGRATION_CHANGED: entry('hold', 'A migration that was already applied has changed or is missing'),
  MIGRATION_FAILED: entry('hold', 'A migration could not be applied'),
  EMBEDDED_POSTGRES_FAILED: entry('hold', 'The embedded PostgreSQL could not be started'),
  BACKUP_FAILED: entry('hold', 'The backup could not be made'),
  BACKUP_INVALID: entry('hold', 'The backup is not what its manifest says, or not for this hub'),
  RESTORE_UNFINISHED: entry(
    'hold',
    'A restore into this database was broken off; restore again before a hub works on it',
  ),
  RESTORE_REFUSED: entry('hold', 'A backup is restored into an empty database only'),

  // Requests
  VALIDATION_FAILED: entry('reject', 'The request does not match its schema'),
  MALFORMED_JSON: entry('reject', 'The body is not well-formed JSON'),
  PAYLOAD_TOO_LARGE: entry(
    'reject',
    'The payload is larger than is taken here: 10 MB at most, 1 MB for JSON of administration',
  ),
  UNSUPPORTED_MEDIA_TYPE: entry('reject', 'The content type is not accepted here'),
  NOT_ACCEPTABLE: entry('reject', 'None of the accepted representations is available'),
  METHOD_NOT_ALLOWED: entry('reject', 'The method is not allowed on this resource'),
  NOT_FOUND: entry('reject', 'The resource does not exist'),
  GONE: entry('reject', 'The resource existed and has been removed'),
  CONFLICT: entry('reject', 'The resource is in a state that does not allow this'),
  PRECONDITION_REQUIRED: entry('reject', 'The request needs an If-Match header'),
  PRECONDITION_FAILED: entry('reject', 'The resource has changed since it was read'),
  RATE_LIMITED: entry('retry', 'Too many requests; see Retry-After'),
  IDEMPOTENCY_KEY_REQUIRED: entry('reject', 'This request needs an Idempotency-Key header'),
  IDEMPOTENCY_KEY_REUSED: entry('reject', 'The idempotency key was used with another body'),
  IDEMPOTENCY_IN_FLIGHT: entry('retry', 'The first request with this idempotency key is still being worked on'),
  INVALID_CURSOR: entry('reject', 'The cursor is not one that the hub handed out'),

  // Identity
  UNAUTHENTICATED: entry('reject', 'Credentials are missing or not valid'),
  FORBIDDEN: entry('reject', 'The identity lacks the role for this action'),
  CSRF_REJECTED: entry('reject', 'The request did not prove that it came from the console'),
  SIGNATURE_INVALID: entry('reject', 'The signature does not match the payload'),
  SIGNATURE_STALE: entry('reject', 'The signed timestamp is outside the accepted window'),

  // Orders and stock
  UNKNOWN_CUSTOMER: entry('reject', 'No customer has this number'),
  UNKNOWN_ITEM: entry('reject', 'No item has this SKU or GTIN'),
  UOM_UNKNOWN: entry('reject', 'The item has no such unit of measure'),
  UOM_INEXACT: entry('reject', 'The quantity does not convert to whole increments of the base unit'),
  UNKNOWN_LOCATION: entry('reject', 'No location has this code'),
  DUPLICATE_ORDER: entry('reject', 'This customer has already sent this purchase order'),
  ORDER_NOT_CANCELLABLE: entry('reject', 'The order can no longer be cancelled'),
  INSUFFICIENT_ATS: entry('reject', 'Less is available to sell than was asked for'),
  ACTION_NOT_ALLOWED: entry('reject', 'The exception does not allow this action in its present state'),
  CONFLICTING_DUPLICATE: entry('hold', 'The same message key and sequence arrived with different content'),
  IMPORT_INVALID: entry('reject', 'The file cannot be imported; each row has its report'),
  QUANTITY_INVALID: entry(
    'reject',
    'The quantity is not an exact positive decimal with a unit, or beyond what the hub counts',
  ),
  MONEY_INVALID: entry('reject', 'The amount is beyond what the hub counts exactly'),

  // Traffic
  PARTNER_UNKNOWN: entry('hold', 'No trading partner agreement matches this sender and receiver'),
  OUTPUT_INVALID: entry('hold', 'What would be sent breaks its standard'),
  EDI_UNREADABLE: entry('reject', 'The bytes hold no EDI interchange'),
  MAP_FAILED: entry('hold', 'The document could not be translated'),
  XREF_MISSING: entry('hold', 'A cross-reference for an external code is missing'),
  NO_ROUTE: entry('hold', 'Nothing subscribes to this message'),

  // Destinations
  DESTINATION_UNAVAILABLE: entry('retry', 'The destination cannot be reached'),
  DESTINATION_REJECTED: entry('hold', 'The destination refused the request for a business reason'),
  DESTINATION_AUTH: entry('hold', 'The destination refused our credentials'),
  DESTINATION_RATE_LIMITED: entry('retry', 'The destination asked us to slow down'),
  DESTINATION_PROTOCOL: entry('retry', 'The destination answered with something that its protocol does not allow'),
  OUTCOME_UNKNOWN: entry('hold', 'It is not known whether the destination carried out the request'),
  DUPLICATE_OUTSIDE: entry(
    'hold',
    'The destination holds several records under one natural key, or one with other content',
  ),
  DESTINATION_FORBIDDEN: entry('hold', 'The destination address is not on the allow-list of its connection'),
  LEASE_LOST: entry('retry', 'The lease on a lane has passed to another worker'),
} as const satisfies Record<string, ErrorCatalogEntry>;

export type ErrorCode = keyof typeof errorCatalog;
