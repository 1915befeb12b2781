/**
 * Every error code the hub can raise, in one place. A code is a promise to API clients, operators and runbooks:
 * it is never renamed and never reused after it is retired.
 *
 * `title` is the public one-line meaning, `fix` what its reader does about it. `disposition` says what a delivery does that
 * meets the error: `retry` (transient, try again within the bound), `reject` (the input is wrong and stays wrong),
 * `hold` (a person has to change something first). HTTP statuses are mapped in `api/` alone.
 *
 * After a change run `node scripts/generate-reference.mjs`; a test compares docs/reference/errors.md with this list.
 */
export type Disposition = 'retry' | 'reject' | 'hold';

export interface ErrorCatalogEntry {
  readonly title: string;
  readonly disposition: Disposition;
  readonly fix: string;
}

const entry = (disposition: Disposition, title: string, fix: string): ErrorCatalogEntry => ({
  title,
  disposition,
  fix,
});

export const errorCatalog = {
  // The hub itself
  INTERNAL: entry(
    'retry',
    'An unexpected condition inside the hub',
    'Try again. If it stays, look up the trace id (`instance` of the answer) in the log of the hub and report it.',
  ),
  CONFIG_INVALID: entry(
    'hold',
    'The configuration is invalid; every problem is listed',
    'Correct every setting that is listed; `crossdock doctor` checks them without starting anything.',
  ),
  ALREADY_RUNNING: entry(
    'hold',
    'Another hub already works on this data folder or port',
    'Stop the other hub, or give this one a folder and a port of its own.',
  ),
  STOPPING: entry(
    'retry',
    'The hub is shutting down and takes no new work',
    'Wait as long as Retry-After says and try again; another process, or the next one, answers.',
  ),
  OVERLOADED: entry(
    'retry',
    'A bounded queue inside the hub is full; try again shortly',
    'Wait as long as Retry-After says and try again. If it stays, look for a full disk, or for bodies that come in faster than they are worked.',
  ),
  INTAKE_CLOSED: entry(
    'retry',
    'More is open than the hub is set to hold, so that nothing new is taken in; see Retry-After',
    'Wait as long as Retry-After says. Work or release what is open, or raise the bounds of the intake.',
  ),
  TIMEOUT: entry(
    'retry',
    'The operation did not finish within its time limit',
    'Try again; if it stays, look at the log for what takes so long.',
  ),

  // Database
  DATABASE_UNAVAILABLE: entry(
    'retry',
    'The database cannot be reached',
    'Nothing, if PostgreSQL comes back: the hub connects by itself. Else start it, and check DATABASE_URL and `max_connections`.',
  ),
  DATABASE_CONFLICT: entry(
    'retry',
    'The transaction conflicted with another one and was rolled back',
    'Nothing: it is tried again.',
  ),
  COMMIT_OUTCOME_UNKNOWN: entry(
    'retry',
    'The connection was lost during COMMIT; re-read by key to learn the outcome',
    'Repeat a request under the same Idempotency-Key, or read the record first: it may have been written.',
  ),
  TRANSACTION_ABORTED: entry(
    'retry',
    'An earlier error in the transaction turned its COMMIT into a ROLLBACK',
    'Try again; nothing was written. The log has the error that came first.',
  ),
  UNSAFE_DATABASE_ROLE: entry(
    'hold',
    'The effective database role is a superuser or bypasses row-level security',
    'Take SUPERUSER and BYPASSRLS from the role that the message names.',
  ),
  UNSAFE_DATABASE_SETTINGS: entry(
    'hold',
    'The database server runs with settings that can lose acknowledged data',
    'Set `fsync`, `full_page_writes` and `synchronous_commit` to on at the server.',
  ),
  TENANT_REQUIRED: entry(
    'reject',
    'A transaction needs a tenant',
    'A mistake in code that calls the hub’s rooms: open the transaction for a tenant.',
  ),
  MIGRATION_CHANGED: entry(
    'hold',
    'A migration that was already applied has changed or is missing',
    'Run the version of the hub whose migrations this database has, or a later one; put back a file that was edited.',
  ),
  MIGRATION_FAILED: entry(
    'hold',
    'A migration could not be applied',
    'Read the message: it names the file and the line. Mend the cause and start again; nothing of the file was applied.',
  ),
  EMBEDDED_POSTGRES_FAILED: entry(
    'hold',
    'The embedded PostgreSQL could not be started',
    'Read the message and the server’s log in the data folder, then run `crossdock doctor`; or set DATABASE_URL to a PostgreSQL of your own.',
  ),
  BACKUP_FAILED: entry(
    'hold',
    'The backup could not be made',
    'Read the message, mend the cause (room on the disk, the connection, the tools) and make the backup again.',
  ),
  BACKUP_INVALID: entry(
    'hold',
    'The backup is not what its manifest says, or not for this hub',
    'Use another backup, or the one whole as it was written; one of a later version needs that version of the hub.',
  ),
  RESTORE_UNFINISHED: entry(
    'hold',
    'A restore into this database was broken off; restore again before a hub works on it',
    'Run `crossdock restore` again; it begins by clearing what was left.',
  ),
  RESTORE_REFUSED: entry(
    'hold',
    'A backup is restored into an empty database only',
    'Create an empty database and restore into that.',
  ),

  // Requests
  VALIDATION_FAILED: entry(
    'reject',
    'The request does not match its schema',
    'Correct the places that `errors` points to.',
  ),
  MALFORMED_JSON: entry(
    'reject',
    'The body is not well-formed JSON',
    'Correct the body at the place that `errors` points to.',
  ),
  PAYLOAD_TOO_LARGE: entry(
    'reject',
    'The payload is larger than is taken here: 10 MB at most, 1 MB for JSON of administration',
    'Send it in smaller parts.',
  ),
  UNSUPPORTED_MEDIA_TYPE: entry(
    'reject',
    'The content type is not accepted here',
    'Send the Content-Type that the message names.',
  ),
  METHOD_NOT_ALLOWED: entry(
    'reject',
    'The method is not allowed on this resource',
    'Use one of the methods that the Allow header names.',
  ),
  NOT_FOUND: entry(
    'reject',
    'The resource does not exist',
    'Check the path and the id; what another tenant has is not found either.',
  ),
  CONFLICT: entry(
    'reject',
    'The resource is in a state that does not allow this',
    'Read the resource again, and do what its present state allows.',
  ),
  PRECONDITION_REQUIRED: entry(
    'reject',
    'The request needs an If-Match header',
    'Read the resource and send its ETag as If-Match.',
  ),
  PRECONDITION_FAILED: entry(
    'reject',
    'The resource has changed since it was read',
    'Read the resource again, look at what has changed, and send your change with the new ETag.',
  ),
  RATE_LIMITED: entry('retry', 'Too many requests; see Retry-After', 'Wait as long as Retry-After says.'),
  IDEMPOTENCY_KEY_REQUIRED: entry(
    'reject',
    'This request needs an Idempotency-Key header',
    'Send an Idempotency-Key of your own, the same one for every try of the same request.',
  ),
  IDEMPOTENCY_KEY_REUSED: entry(
    'reject',
    'The idempotency key was used with another body',
    'Use a new key for another request; repeat the same request with its bytes unchanged.',
  ),
  IDEMPOTENCY_IN_FLIGHT: entry(
    'retry',
    'The first request with this idempotency key is still being worked on',
    'Wait as long as Retry-After says and ask again under the same key: you get the answer of the first.',
  ),
  INVALID_CURSOR: entry(
    'reject',
    'The cursor is not one that the hub handed out',
    'Begin again without a cursor, with the filters that you want.',
  ),

  // Identity
  UNAUTHENTICATED: entry(
    'reject',
    'Credentials are missing or not valid',
    'Sign in again, or send an API key that is neither revoked nor expired.',
  ),
  FORBIDDEN: entry(
    'reject',
    'The identity lacks the role for this action',
    'Ask an admin for a role that may do this, or use a key that has one.',
  ),
  CSRF_REJECTED: entry(
    'reject',
    'The request did not prove that it came from the console',
    'Reload the console and try again; programs send an API key in place of the session’s cookie.',
  ),
  SIGNATURE_INVALID: entry(
    'reject',
    'The signature does not match the payload',
    'Sign the bytes as they are sent with the connection’s webhook secret; after a change of secrets use the new one.',
  ),
  SIGNATURE_STALE: entry(
    'reject',
    'The signed timestamp is outside the accepted window',
    'Set the sender’s clock right, and sign each attempt anew.',
  ),

  // Orders and stock
  UNKNOWN_CUSTOMER: entry(
    'reject',
    'No customer has this number',
    'Correct the customer’s number, or create the customer first.',
  ),
  UNKNOWN_ITEM: entry(
    'reject',
    'No item has this SKU or GTIN',
    'Correct the item’s number, create the item, or approve a cross-reference for it.',
  ),
  UOM_UNKNOWN: entry(
    'reject',
    'The item has no such unit of measure',
    'Order in a unit that the item has, or add the unit to the item.',
  ),
  UOM_INEXACT: entry(
    'reject',
    'The quantity does not convert to whole increments of the base unit',
    'Order a quantity that comes to whole increments of the item.',
  ),
  UNKNOWN_LOCATION: entry('reject', 'No location has this code', 'Correct the code, or create the location first.'),
  DUPLICATE_ORDER: entry(
    'reject',
    'This customer has already sent this purchase order',
    'Nothing, if it is the same order: `existingId` names it. Else give it a purchase order number of its own.',
  ),
  ORDER_NOT_CANCELLABLE: entry(
    'reject',
    'The order can no longer be cancelled',
    'Ask the warehouse to stop it, or void its shipment; what has shipped comes back as a return.',
  ),
  ORDER_NOT_HOLDABLE: entry(
    'reject',
    'Nothing of the order is left to hold',
    'What has been released goes on at the warehouse. Cancel the order: the warehouse is then asked to give it back.',
  ),
  INSUFFICIENT_ATS: entry(
    'reject',
    'Less is available to sell than was asked for',
    'Ask for less, or at another location; `GET /v1/availability` tells what there is.',
  ),
  ACTION_NOT_ALLOWED: entry(
    'reject',
    'The exception does not allow this action in its present state',
    'Read it again and choose one of the actions that it allows now.',
  ),
  CONFLICTING_DUPLICATE: entry(
    'hold',
    'The same message key and sequence arrived with different content',
    'Compare both, ask the sender which one is right, and have it sent under a key of its own.',
  ),
  IMPORT_INVALID: entry(
    'reject',
    'The file cannot be imported; each row has its report',
    'Correct the rows that `errors` names and import the file again; nothing of it was recorded.',
  ),
  QUANTITY_INVALID: entry(
    'reject',
    'The quantity is not an exact positive decimal with a unit, or beyond what the hub counts',
    'Send a positive decimal as text, with a unit, up to a million million base units.',
  ),
  MONEY_INVALID: entry(
    'reject',
    'The amount is beyond what the hub counts exactly',
    'Correct the quantity or the price; split what is truly as large.',
  ),

  // Traffic
  PARTNER_UNKNOWN: entry(
    'hold',
    'No trading partner agreement matches this sender and receiver',
    'Write the agreement for this sender and receiver, or correct its identifiers; what waits goes on by itself.',
  ),
  OUTPUT_INVALID: entry(
    'hold',
    'What would be sent breaks its standard',
    'Correct the value that the message names and retry; or let the agreement tolerate the fault, if the partner does.',
  ),
  EDI_UNREADABLE: entry(
    'reject',
    'The bytes hold no EDI interchange',
    'Send an X12 or EDIFACT interchange from its first byte, ISA, UNA or UNB, uncompressed and not encrypted.',
  ),
  MAP_FAILED: entry(
    'hold',
    'The document could not be translated',
    'Correct the document, or the map or overlay at the path that is named, then translate it again.',
  ),
  XREF_MISSING: entry(
    'hold',
    'A cross-reference for an external code is missing',
    'Add the cross-reference for the code that is named; what waits for it goes on.',
  ),
  NO_ROUTE: entry(
    'hold',
    'Nothing subscribes to this message',
    'Add a connection, a flow or an agreement that takes it, then translate it again.',
  ),

  // Destinations
  DESTINATION_UNAVAILABLE: entry(
    'retry',
    'The destination cannot be reached',
    'Nothing, if it comes back: it is probed and then drained in order. Else check its address and ask who runs it.',
  ),
  OUTCOME_UNKNOWN: entry(
    'hold',
    'It is not known whether the destination carried out the request',
    'Look in the destination: confirm that it is there, with its id, or have it sent again.',
  ),
  DUPLICATE_OUTSIDE: entry(
    'hold',
    'The destination holds several records under one natural key, or one with other content',
    'Look in the destination, remove or mend the records that are wrong there, then confirm the right one.',
  ),
  DESTINATION_FORBIDDEN: entry(
    'hold',
    'The destination address is in a private network, and its connection may not call those',
    'Set `allowPrivateNetwork` of the connection if the hub is meant to call this address; else correct the address.',
  ),
  LEASE_LOST: entry(
    'retry',
    'The lease on a lane has passed to another worker',
    'Nothing: the worker that has the lane goes on with it.',
  ),
} as const satisfies Record<string, ErrorCatalogEntry>;

export type ErrorCode = keyof typeof errorCatalog;
