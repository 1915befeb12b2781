import fc from 'fast-check';
import { expect, test } from 'vitest';
import { silentLogger } from '../platform/index.ts';
import type { Deliverer, LookupResult, Outcome, Prepared } from './delivery.ts';
import { storableJson, storableText } from './storable.ts';
import { withStorableAnswers } from './storable-answers.ts';

const isStorable = (json: string | undefined): boolean =>
  json === undefined || !/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i.test(json);

test('what is well is handed on as it is', () => {
  const response = { labels: [{ packageNo: 1, tracking: 'Z1', note: 'a \\ u0000 in words' }], at: null };
  expect(storableJson(response)).toBe(response);
  expect(storableText('café 🚚', 100)).toBe('café 🚚');
});

test('whatever is in it, what comes out can be written', () => {
  const text = fc.string({ unit: 'binary' });
  const broken = fc.tuple(text, fc.constantFrom('\0', '\ud800', '\udc00', '\\u0000', '')).map(([a, b]) => `${a}${b}`);
  fc.assert(
    fc.property(
      fc.anything({ key: broken, maxDepth: 2, values: [broken, fc.double(), fc.bigInt(), fc.date()] }),
      (value) => {
        expect(isStorable(JSON.stringify(storableJson(value)))).toBe(true);
        const words = storableText(value, 40);
        expect([words.isWellFormed(), words.includes('\0'), words.length <= 40]).toEqual([true, false, true]);
      },
    ),
  );
});

test('U+0000 and lone surrogates are replaced, in keys too; a key named __proto__ stays one', () => {
  const body: unknown = JSON.parse('{"a\\u0000b":"x\\ud800y","__proto__":{"z":"\\u0000"}}');
  expect(JSON.stringify(storableJson(body))).toBe('{"a\uFFFDb":"x\uFFFDy","__proto__":{"z":"\uFFFD"}}');
});

test('depth and size have their limits, and what is kept says so', () => {
  const deep: unknown = JSON.parse(`{"error":{"code":"DEEP"},"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
  const kept = JSON.stringify(storableJson(deep));
  expect(kept).toContain('"code":"DEEP"');
  expect(kept).toContain('nested too deep');
  const long = storableJson({ code: 'LONG', text: 'x'.repeat(2_000_000) });
  expect(long).toMatch(/^Not kept whole: 2000025 characters of JSON, which begin: \{"code":"LONG"/);
  const round: Record<string, unknown> = {};
  round['self'] = [round, round];
  expect(storableJson(round)).toMatch(/cannot be written as JSON/);
  expect(storableJson({ n: 1n })).toMatch(/cannot be written as JSON/);
});

function answering(send: () => unknown, lookup: () => unknown = () => ({ kind: 'none' })): Deliverer {
  return withStorableAnswers(
    {
      prepare: async () => new Map(),
      send: async () => send() as Outcome,
      lookup: async () => lookup() as LookupResult,
      settled: async () => {},
      health: async () => ({ ok: false, detail: 'down\0' }),
    },
    silentLogger,
  );
}
const prepared = { deliveryId: 'd' } as Prepared;
const attempt = { attemptId: 'a', attempt: 1, signal: new AbortController().signal };

test('every answer of a connector is one that the engine knows', async () => {
  const of = (answer: unknown): Promise<Outcome> => answering(() => answer).send(prepared, attempt);
  expect(await of({ kind: 'rejected', class: 'business', code: 'X\0', message: 'bad \ud800', response: '\0' })).toEqual(
    {
      kind: 'rejected',
      class: 'business',
      code: 'X\uFFFD',
      message: 'bad \uFFFD',
      response: '\uFFFD',
    },
  );
  expect(await of({ kind: 'confirmed', outsideId: 7, response: { n: 1 } })).toEqual({
    kind: 'confirmed',
    outsideId: '7',
    response: { n: 1 },
  });
  expect(await of({ kind: 'unknown', detail: 'x'.repeat(9_000) })).toMatchObject({
    detail: expect.toSatisfy((detail: string) => detail.length === 2_000),
  });
  const waits = async (retryAfterMs: number) => of({ kind: 'retryable', sent: false, retryAfterMs, detail: '' });
  expect(await waits(1e12)).toMatchObject({ retryAfterMs: 86_400_000 });
  expect(await waits(Number.NaN)).toMatchObject({ retryAfterMs: 0 });
  expect(await of({ kind: 'retryable', detail: 'no word of what was sent' })).toMatchObject({ sent: true });
  for (const nothing of [undefined, null, 'yes', {}]) expect(await of(nothing)).toMatchObject({ kind: 'unknown' });
});

test('what is thrown is kept in words, and so is what a look-up and a health check say', async () => {
  const throwing = (error: unknown) => (): never => {
    throw error;
  };
  const nameless = { toString: throwing(new Error('no words')) };
  expect(await answering(throwing(new Error('bad\0'))).send(prepared, attempt)).toEqual({
    kind: 'unknown',
    detail: 'Error: bad\uFFFD',
  });
  expect(await answering(throwing(nameless)).send(prepared, attempt)).toMatchObject({ kind: 'unknown' });
  const found = (answer: unknown) =>
    answering(
      () => undefined,
      () => answer,
    ).lookup(prepared, attempt.signal);
  expect(await found({ kind: 'several', ids: ['a\0', 'b'] })).toEqual({ kind: 'several', ids: ['a\uFFFD', 'b'] });
  expect(await found({ kind: 'found', outsideId: 'a\0', sameContent: true })).toMatchObject({ outsideId: 'a\uFFFD' });
  expect(await found(undefined)).toMatchObject({ kind: 'unavailable' });
  expect(await answering(() => undefined).health?.('t', 'erp', attempt.signal)).toMatchObject({ detail: 'down\uFFFD' });
});
