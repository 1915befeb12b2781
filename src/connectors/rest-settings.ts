import { type TProperties, Type } from 'typebox';
import type { ConnectorContext, ConnectorHealth, ConnectorRequest, ConnectorWebhook } from './connector.ts';
import type { HttpReply, HttpRequest } from './http-client.ts';
import { jsonOf } from './outcome-of-reply.ts';

/** Settings that every system behind a REST interface has; a connector adds its own. */
export function restSettings<P extends TProperties>(own: P) {
  return Type.Object(
    {
      baseUrl: Type.String({
        pattern: '^https?://',
        maxLength: 500,
        description: 'Address of the system, without a path',
      }),
      timeoutMs: Type.Optional(
        Type.Integer({ minimum: 10, maximum: 120_000, default: 10_000, description: 'How long to wait for a reply' }),
      ),
      settleMs: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 600_000,
          default: 15_000,
          description:
            "After an unknown outcome, wait this long (longer than the system's longest server time), then look up",
        }),
      ),
      allowPrivateNetwork: Type.Optional(
        Type.Boolean({
          default: false,
          description: 'Allow loopback and private addresses, e.g. for a system on site',
        }),
      ),
      ...own,
    },
    { additionalProperties: false },
  );
}

/** One API key for calls, one Standard Webhooks secret for what the system sends to us. */
export const restSecrets = Type.Object(
  {
    apiKey: Type.String({ minLength: 1, maxLength: 500, secret: true, description: 'Key for calls to the system' }),
    webhookSecret: Type.Optional(
      Type.String({
        // 24 bytes or more in base64: a shorter key can be guessed, and "-" would decode to none at all.
        pattern: '^(whsec_)?(?:[A-Za-z0-9+/]{4}){8,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
        maxLength: 500,
        secret: true,
        description: 'Standard Webhooks signing secret: whsec_ and 24 bytes or more in base64',
      }),
    ),
  },
  { additionalProperties: false },
);

export const settleMsSetting = (settings: Readonly<Record<string, unknown>>): number =>
  typeof settings.settleMs === 'number' ? settings.settleMs : 15_000;

/** Calls the connection's system with its key, time limit and trace headers. */
export function call(
  ctx: ConnectorContext,
  exchange: { method: HttpRequest['method']; path: string; body?: unknown; headers?: Record<string, string> },
  request?: ConnectorRequest,
): Promise<HttpReply> {
  const {
    baseUrl,
    timeoutMs = 10_000,
    allowPrivateNetwork = false,
  } = ctx.settings as {
    baseUrl: string;
    timeoutMs?: number;
    allowPrivateNetwork?: boolean;
  };
  return ctx.http.request({
    method: exchange.method,
    url: `${baseUrl.replace(/\/+$/, '')}${exchange.path}`,
    body: exchange.body,
    timeoutMs,
    allowPrivateNetwork,
    signal: ctx.signal,
    headers: {
      authorization: `Bearer ${ctx.secrets.apiKey ?? ''}`,
      ...(request?.traceparent ? { traceparent: request.traceparent } : {}),
      ...(request ? { 'x-correlation-id': request.correlationId } : {}),
      ...exchange.headers,
    },
  });
}

/** `GET /health` answers `{ok: true}`. */
export async function restHealth(ctx: ConnectorContext): Promise<ConnectorHealth> {
  const reply = await call(ctx, { method: 'GET', path: '/health' });
  if (reply.kind === 'failed') return { ok: false, detail: reply.detail };
  if (reply.status !== 200) return { ok: false, detail: `HTTP ${reply.status}` };
  const ok = jsonOf(reply)?.ok === true;
  return { ok, detail: ok ? 'HTTP 200' : 'HTTP 200, and it says that it is not well' };
}

/**
 * Signed webhooks whose body names its topic in `event`. Two arrivals are one message when they carry one `webhook-id`:
 * the sender keeps the id over its retries.
 */
export function eventWebhook(topics: readonly string[]): ConnectorWebhook {
  return {
    signature: 'standard-webhooks',
    topics,
    topicOf(body) {
      const event = typeof body === 'object' && body !== null ? (body as { event?: unknown }).event : undefined;
      return typeof event === 'string' && topics.includes(event) ? event : undefined;
    },
    dedupeOf(headers) {
      const id = headers['webhook-id'];
      return typeof id === 'string' && id !== '' ? id : undefined;
    },
  };
}
