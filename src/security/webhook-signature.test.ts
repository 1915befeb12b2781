import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { verifyWebhook } from './index.ts';

const secret = `whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`;
const old = `whsec_${Buffer.from('the one that is rotated out, long').toString('base64')}`;
const now = new Date('2026-06-01T13:00:00Z');
const body = Buffer.from('{"type":"order.placed","data":{"no":"W-1"}}');

/** Signed by the reference implementation, so that ours is held to the specification. */
function signed(at: Date = now, by = secret) {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  return { id: 'msg_1', timestamp, signature: new Webhook(by).sign('msg_1', at, body.toString()) };
}

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a webhook’s signature', () => {
  it('is accepted when it fits the bytes, and gives the id', () => {
    expect(verifyWebhook(signed(), body, [secret], now)).toBe('msg_1');
  });

  it('is accepted by either secret during a rotation, and among several signatures', () => {
    expect(verifyWebhook(signed(now, old), body, [secret, old], now)).toBe('msg_1');
    const two = `${signed(now, old).signature} ${signed().signature}`;
    expect(verifyWebhook({ ...signed(), signature: two }, body, [secret], now)).toBe('msg_1');
  });

  it('is refused after any flipped bit of the body', () => {
    for (let i = 0; i < body.length; i++) {
      const changed = Buffer.from(body);
      changed[i] = changed[i]! ^ 1;
      expect(codeOf(() => verifyWebhook(signed(), changed, [secret], now))).toBe('SIGNATURE_INVALID');
    }
  });

  it('is refused with another id, another secret, or headers missing', () => {
    expect(codeOf(() => verifyWebhook({ ...signed(), id: 'msg_2' }, body, [secret], now))).toBe('SIGNATURE_INVALID');
    expect(codeOf(() => verifyWebhook(signed(), body, [old], now))).toBe('SIGNATURE_INVALID');
    expect(codeOf(() => verifyWebhook(signed(), body, [], now))).toBe('SIGNATURE_INVALID');
    for (const name of ['id', 'timestamp', 'signature'] as const) {
      expect(codeOf(() => verifyWebhook({ ...signed(), [name]: undefined }, body, [secret], now))).toBe(
        'SIGNATURE_INVALID',
      );
    }
  });

  it('is refused more than five minutes from now, either way', () => {
    const at = (ms: number) => signed(new Date(now.getTime() + ms));
    expect(codeOf(() => verifyWebhook(at(-300_000), body, [secret], now))).toBeUndefined();
    expect(codeOf(() => verifyWebhook(at(-301_000), body, [secret], now))).toBe('SIGNATURE_STALE');
    expect(codeOf(() => verifyWebhook(at(301_000), body, [secret], now))).toBe('SIGNATURE_STALE');
  });

  it('does not say that it is stale to somebody who cannot sign', () => {
    const stale = signed(new Date(now.getTime() - 3_600_000), old);
    expect(codeOf(() => verifyWebhook(stale, body, [secret], now))).toBe('SIGNATURE_INVALID');
  });
});
