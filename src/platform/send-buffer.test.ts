import { expect, test, vi } from 'vitest';
import { SendBuffer } from './send-buffer.ts';

const written = (out: SendBuffer, text: string): { message: Buffer; sent: () => void } => {
  out.begin();
  const lengthAt = out.int32(0);
  out.text(text);
  out.putLength(lengthAt);
  return out.lent();
};
const asMessage = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

test('numbers, texts and bytes lie as they were written, lengths put in behind them', () => {
  const out = new SendBuffer();
  out.begin();
  out.byte(0x42);
  const own = out.int32(0);
  out.int16(-2);
  out.int64(Number.MIN_SAFE_INTEGER);
  out.uuid('01890A5D-ac96-774b-bcce-b302099a8057');
  out.raw(new Uint8Array([1, 2]));
  out.putOwnLength(own);
  expect(out.lent().message.toString('hex')).toBe('4200000020fffeffe000000000000101890a5dac96774bbcceb302099a80570102');
  expect(() => out.uuid('order-1')).toThrow('not a UUID: order-1');
});

test('memory is written again only once all that lies in it has been sent', () => {
  const out = new SendBuffer();
  const first = written(out, 'first');
  const second = written(out, 'second');
  expect(first.message.buffer).toBe(second.message.buffer);
  first.sent();
  const third = written(out, 'third');
  expect([first, second, third].map(({ message }) => message)).toEqual(['first', 'second', 'third'].map(asMessage));
  second.sent();
  third.sent();
  const fourth = written(out, 'fourth');
  expect(fourth.message.byteOffset).toBe(first.message.byteOffset);
});

test('a message that does not fit takes what is written of it along, and what was lent stays', () => {
  const out = new SendBuffer();
  const texts = ['a', 'ü'.repeat(40_000), 'b', '漢'.repeat(600_000), 'c'];
  const lent = texts.map((text) => written(out, text));
  expect(lent.map(({ message }) => message)).toEqual(texts.map(asMessage));
  for (const { sent } of lent) sent();
  const small = written(out, 'd');
  expect(small.message).toEqual(asMessage('d'));
  // What one large message took is not kept for the small ones.
  expect(small.message.buffer.byteLength).toBeLessThanOrEqual(1 << 20);
});

test('a large message of many small parts moves on a few times only', () => {
  const out = new SendBuffer();
  const moves = vi.spyOn(Buffer, 'allocUnsafeSlow');
  out.begin();
  const part = 'x'.repeat(4_000);
  for (let n = 0; n < 1_000; n++) out.text(part);
  expect(out.lent().message.equals(Buffer.from(part.repeat(1_000)))).toBe(true);
  expect(moves.mock.calls.length).toBeLessThan(10);
  moves.mockRestore();
});

test('a message that was given up is written over, and does not touch the one before it', () => {
  const out = new SendBuffer();
  const first = written(out, 'first');
  out.begin();
  out.text('given up');
  const second = written(out, 'second');
  expect(first.message).toEqual(asMessage('first'));
  expect(second.message).toEqual(asMessage('second'));
});
