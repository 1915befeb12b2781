import type { ReceivedMessage } from '../../exchange/index.ts';
import type { ConnectorWebhook } from '../../connectors/index.ts';
import { closed, Code } from '../../model/index.ts';
import { loadCustomers, loadSuppliers } from '../../parties/index.ts';
import { termsForPartners } from '../../partners/index.ts';
import { HubError, isHubError } from '../../platform/index.ts';
import { createPrincipal, isWebhookSecret, verifyWebhook, type WebhookHeaders } from '../../security/index.ts';
import { authenticate } from '../authenticate.ts';
import { createEventStreams, type EventStreams } from '../event-stream.ts';
import { defineRoute } from '../define-route.ts';
import { AcceptedMessage } from '../schemas/traffic.ts';
import type { ApiServices, KnownConnection } from '../services.ts';
import { parseStrictJson } from '../strict-json.ts';
import { Type } from 'typebox';

const tag = 'Doors';

function accepted(received: ReceivedMessage): { status: number; body: AcceptedMessage } {
  const { id, correlationId, duplicateOf } = received;
  return { status: 202, body: { messageId: id, correlationId, ...(duplicateOf === undefined ? {} : { duplicateOf }) } };
}

export const postEdi = defineRoute({
  method: 'POST',
  path: '/v1/edi/inbound',
  access: 'message.submit',
  tag,
  summary: 'Hand in an EDI interchange',
  description:
    'X12 or EDIFACT, the raw bytes. 202 once stored; acknowledgments and orders follow through the agreement that the interchange’s addresses name. The same bytes again are recognised by the exchange, not refused here.',
  query: closed({
    partner: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 80,
        description: 'account number of the sender, where the caller knows it',
      }),
    ),
  }),
  rawBody: {
    mediaTypes: [
      'application/edi-x12',
      'application/x12',
      'application/edifact',
      'application/edi-consent',
      'application/octet-stream',
      'text/plain',
    ],
    description: 'The interchange',
  },
  status: 202,
  response: AcceptedMessage,
  door: 'edi-http',
  intake: true,
  problems: ['EDI_UNREADABLE', 'VALIDATION_FAILED'],
  async handle({ bytes, query, principal, trace, headers }, services) {
    if (!bytes.some((byte) => byte > 0x20)) throw new HubError('EDI_UNREADABLE', { message: 'The body is empty' });
    if (query.partner !== undefined) await requirePartner(services, principal.tenantId, query.partner);
    const received = await services.messages.submit(principal.tenantId, {
      channel: 'edi-http',
      contentType: headers['content-type'] ?? 'application/octet-stream',
      ...(query.partner === undefined ? {} : { partner: query.partner }),
      bytes,
      correlationId: trace.traceId,
      traceparent: trace.traceparent,
      actor: principal.actor,
    });
    return accepted(received);
  },
});

/** A name that nobody has would be believed by nothing later on. @throws HubError VALIDATION_FAILED */
async function requirePartner(services: ApiServices, tenantId: string, partner: string): Promise<void> {
  const known = await services.db.tx(
    tenantId,
    async (tx) =>
      (await termsForPartners(tx, [partner])).size > 0 ||
      (await loadCustomers(tx, [partner])).size > 0 ||
      (await loadSuppliers(tx, [partner])).size > 0,
  );
  if (known) return;
  const message = 'is the account number of no customer, supplier or trading partner';
  throw new HubError('VALIDATION_FAILED', {
    message: `partner ${message}`,
    errors: [{ pointer: '/partner', code: 'UNKNOWN_PARTNER', message }],
  });
}

export const postWebhook = defineRoute({
  method: 'POST',
  path: '/v1/webhooks/{connectionId}',
  access: 'signature',
  tag,
  summary: 'An outside system reports something',
  description:
    'Signed by Standard Webhooks over the raw body: `webhook-id`, `webhook-timestamp` (±5 minutes) and `webhook-signature` with the connection’s `webhookSecret`. Repeats of an id are answered 202 and not taken in again; with other content than before they are shown to people (CONFLICTING_DUPLICATE).',
  params: closed({ connectionId: Code }),
  rawBody: { mediaTypes: ['application/json'], description: 'JSON of the outside system' },
  status: 202,
  response: AcceptedMessage,
  door: 'webhook',
  problems: ['SIGNATURE_INVALID', 'SIGNATURE_STALE', 'MALFORMED_JSON'],
  async handle({ params, bytes, headers, trace, raw }, services) {
    // The id says which tenant: `<connection>` of the home tenant, or `<tenant>:<connection>`.
    const [tenantId, id] = splitConnection(params.connectionId, services.security.homeTenantId);
    const signed = {
      id: one(headers['webhook-id']),
      timestamp: one(headers['webhook-timestamp']),
      signature: one(headers['webhook-signature']),
    };
    const { webhook, connector, webhookId } = await verify(services, tenantId, id, signed, bytes);
    // Known from here on: what is wrong with the message is shown to people as this connection's.
    raw.principal = createPrincipal({
      tenantId,
      actor: `connection:${id}`,
      displayName: `Connection ${id}`,
      roles: [],
    });
    // After the signature: what a tenant's doors are like is nobody else's business.
    services.gate.admit(tenantId);
    const body = parseStrictJson(bytes);
    const topic = webhook.topicOf(body);
    const dedupe = webhook.dedupeOf(headers, body) ?? webhookId;
    const received = await services.messages.submit(tenantId, {
      channel: 'webhook',
      connector,
      connection: id,
      contentType: 'application/json',
      bytes,
      correlationId: trace.traceId,
      traceparent: trace.traceparent,
      dedupeKey: `webhook:${id}:${dedupe}`,
      ...(topic === undefined ? {} : { topic }),
    });
    return accepted(received);
  },
});

/**
 * By what memory knows of the connection, and where that does not do by what is stored: another process may have made the
 * connection or changed its secret a moment ago. @throws HubError SIGNATURE_INVALID, SIGNATURE_STALE
 */
async function verify(
  services: ApiServices,
  tenantId: string,
  id: string,
  signed: WebhookHeaders,
  bytes: Uint8Array,
): Promise<Verified> {
  const known = await services.knownConnection(tenantId, id);
  if (known !== undefined) {
    try {
      return verifyFor(services, known, signed, bytes);
    } catch (error) {
      if (!isHubError(error, 'SIGNATURE_INVALID')) throw error;
    }
  }
  const stored = await services.db.tx(tenantId, async (tx): Promise<KnownConnection | undefined> => {
    const connection = await services.connections.get(tx, id);
    return connection && { connection, secrets: await services.connections.secrets(tx, id) };
  });
  // An unknown connection answers as a wrong signature does: the door does not tell which connections there are.
  if (stored === undefined) throw new HubError('SIGNATURE_INVALID');
  const verified = verifyFor(services, stored, signed, bytes);
  // A tenant with a signed message is one worth remembering.
  await services.prepareTenant(tenantId);
  return verified;
}

interface Verified {
  readonly connector: string;
  readonly webhook: ConnectorWebhook;
  readonly webhookId: string;
}

function verifyFor(
  services: ApiServices,
  { connection, secrets }: KnownConnection,
  signed: WebhookHeaders,
  bytes: Uint8Array,
): Verified {
  const connector = services.connectors.find((entry) => entry.type === connection.type);
  if (connector?.webhook === undefined) throw new HubError('SIGNATURE_INVALID');
  const usable = [secrets.webhookSecret, secrets.webhookSecretBefore].filter((secret) => secret !== undefined);
  const weak = usable.filter((secret) => !isWebhookSecret(secret));
  if (weak.length > 0) warnOfWeakSecret(services, connection.id);
  const webhookId = verifyWebhook(signed, bytes, usable, services.clock.now());
  return { connector: connector.type, webhook: connector.webhook, webhookId };
}

const warnedOf = new WeakMap<ApiServices, Set<string>>();

/** Once per connection and process: anybody can call the door. */
function warnOfWeakSecret(services: ApiServices, connection: string): void {
  const warned = warnedOf.get(services) ?? new Set<string>();
  warnedOf.set(services, warned);
  if (warned.has(connection)) return;
  warned.add(connection);
  services.log.error(
    { connection },
    'the webhook secret of a connection is shorter than 24 bytes of base64 and is not used: its webhooks are refused until it is rotated (console: Connections)',
  );
}

const one = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? undefined : header);

function splitConnection(id: string, homeTenantId: string): [string, string] {
  const at = id.indexOf(':');
  if (at < 0) return [homeTenantId, id];
  // A tenant without a name is none; as every unknown connection it answers as a wrong signature does.
  if (at === 0 || at === id.length - 1) throw new HubError('SIGNATURE_INVALID');
  return [id.slice(0, at), id.slice(at + 1)];
}

const streams = new WeakMap<ApiServices, EventStreams>();

/** One set of streams for a running hub. */
export function eventStreamsOf(services: ApiServices): EventStreams {
  const known = streams.get(services) ?? createEventStreams(services);
  streams.set(services, known);
  return known;
}

export const streamEvents = defineRoute({
  method: 'GET',
  path: '/v1/events',
  access: 'event.read',
  tag: 'Events',
  summary: 'What happens, as it happens: server-sent events',
  description:
    '`id:` is the event’s id, `event:` its type, `data:` the event as JSON. Send `Last-Event-ID` to go on where a broken stream stopped, however much was missed; where that event is not known or no longer kept, the stream begins with one of the name `reset`: load afresh what you show. `types` takes several types separated by commas.',
  query: closed({
    types: Type.Optional(Type.String({ maxLength: 2000 })),
    orderId: Type.Optional(Code),
    correlationId: Type.Optional(Code),
    lastEventId: Type.Optional(Code),
    recent: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100,
        description: 'begin with this many of the wanted that have happened already, of the last thousand',
      }),
    ),
  }),
  responseType: 'text/event-stream',
  async handle({ query, principal, headers, reply, raw }, services) {
    const lastEventId = one(headers['last-event-id']) ?? query.lastEventId;
    await eventStreamsOf(services).open({
      tenantId: principal.tenantId,
      reply,
      async isAllowed() {
        const now = await authenticate(services.security, raw);
        return now?.tenantId === principal.tenantId && now.actions.has('event.read');
      },
      filter: {
        ...(query.types === undefined ? {} : { types: new Set(query.types.split(',').map((type) => type.trim())) }),
        ...(query.orderId === undefined ? {} : { orderId: query.orderId }),
        ...(query.correlationId === undefined ? {} : { correlationId: query.correlationId }),
      },
      ...(lastEventId === undefined ? {} : { lastEventId }),
      ...(query.recent === undefined ? {} : { recent: query.recent }),
    });
    return reply;
  },
});

export const doorRoutes = [postEdi, postWebhook, streamEvents];
