import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { HubError, RecentMap } from '../platform/index.ts';

/** Standard Webhooks 1.0: a secret has 24 bytes at least. */
const leastSecretBytes = 24;

/** The bytes of `whsec_…` or bare base64; undefined for what is not strict base64, or too short to be a secret. */
function secretBytes(secret: string): Buffer | undefined {
  const text = secret.startsWith('whsec_') ? secret.slice(6) : secret;
  // The decoder takes anything and leaves out what it does not know: "-" would be a key of no bytes.
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length < leastSecretBytes ? undefined : bytes;
}

/** Whether a stored secret may be used; one that may not signs nothing. */
export const isWebhookSecret = (secret: string): boolean => secretBytes(secret) !== undefined;

/** Standard Webhooks 1.0: a signed timestamp may differ from ours by five minutes either way. */
const webhookToleranceMs = 300_000;

export interface WebhookHeaders {
  readonly id: string | undefined;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
}

/**
 * Verifies `webhook-signature` (scheme v1, HMAC-SHA256 over `id.timestamp.body`) on the bytes as they came.
 * @param secrets `whsec_…` or bare base64; several while one is being rotated out. One that is too short counts as none.
 * @returns the message's id, under which repeats are recognised.
 * @throws HubError SIGNATURE_INVALID, SIGNATURE_STALE
 */
export function verifyWebhook(
  headers: WebhookHeaders,
  body: Uint8Array,
  secrets: readonly string[],
  now: Date,
): string {
  const { id, timestamp, signature } = headers;
  if (id === undefined || timestamp === undefined || signature === undefined) throw new HubError('SIGNATURE_INVALID');
  if (!/^[\x21-\x7e]{1,200}$/.test(id) || !/^\d{1,12}$/.test(timestamp)) throw new HubError('SIGNATURE_INVALID');
  const given = signature
    .split(' ', 20)
    .filter((part) => part.startsWith('v1,'))
    .map((part) => Buffer.from(part.slice(3), 'base64'));
  const expected = secrets
    .map(keyOf)
    .filter((key) => key !== undefined)
    .map((key) => sign(key, id, timestamp, body));
  let valid = false;
  for (const mac of expected) {
    for (const candidate of given) {
      // Every pair is compared, so that the time does not tell which secret fits.
      if (candidate.length === mac.length && timingSafeEqual(candidate, mac)) valid = true;
    }
  }
  if (!valid) throw new HubError('SIGNATURE_INVALID');
  if (Math.abs(now.getTime() - Number(timestamp) * 1000) > webhookToleranceMs) throw new HubError('SIGNATURE_STALE');
  return id;
}

/** Making a key costs as much as signing a message with it. */
const keys = new RecentMap<string, KeyObject>(500);

function keyOf(secret: string): KeyObject | undefined {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const bytes = secretBytes(secret);
  if (bytes === undefined) return undefined;
  const key = createSecretKey(bytes);
  keys.set(secret, key);
  return key;
}

function sign(key: KeyObject, id: string, timestamp: string, body: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}
