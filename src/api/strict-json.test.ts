import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isHubError } from '../platform/index.ts';
import { jsonLimits, parseStrictJson } from './strict-json.ts';

const parse = (text: string): unknown => parseStrictJson(Buffer.from(text));

/** `code pointer` of the first detail, or what was parsed. */
function refusal(text: string | Buffer): string {
  try {
    parseStrictJson(Buffer.isBuffer(text) ? text : Buffer.from(text));
    return 'accepted';
  } catch (error) {
    if (!isHubError(error, 'MALFORMED_JSON')) throw error;
    const detail = error.errors![0]!;
    return `${detail.code} ${detail.pointer}`.trim();
  }
}

describe('strict JSON', () => {
  it('gives what JSON.parse gives, for any JSON without forbidden names', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 6 } as never), (value) => {
        const text = JSON.stringify(value);
        if (/__proto__|constructor|\\u/.test(text)) return;
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['', 'SYNTAX'],
    ['{', 'SYNTAX'],
    ['{"a":1,}', 'SYNTAX'],
    ["{'a':1}", 'SYNTAX'],
    ['{"a":NaN}', 'SYNTAX'],
    ['{"a":01}', 'SYNTAX'],
    ['{"a":1} x', 'SYNTAX'],
    ['\ufeff{"a":1}', 'SYNTAX'],
  ])('refuses %j as malformed', (text, code) => expect(refusal(text)).toBe(code));

  it.each([
    ['{"a":1,"a":2}', '/a'],
    ['{"a":{"b":1,"c":{"d":1,"d":1}}}', '/a/c/d'],
    ['{"x":[{"y":0},{"z":1,"z":2}]}', '/x/1/z'],
    ['{"a":1,"\\u0061":2}', '/a'],
    ['{"a/b":{"~":1,"~":1}}', '/a~1b/~0'],
    ['{"a":":","a":"}"}', '/a'],
  ])('refuses the repeated name in %s', (text, pointer) => expect(refusal(text)).toBe(`DUPLICATE_KEY ${pointer}`));

  it('is not misled by colons, quotes and brackets inside strings', () => {
    expect(parse('{"a":":{\\"[,","b":["\\\\",":"]}')).toEqual({ a: ':{"[,', b: ['\\', ':'] });
  });

  it.each([
    ['{"__proto__":{"admin":true}}', 'FORBIDDEN_KEY /__proto__'],
    ['{"a":[{"__proto__":1}]}', 'FORBIDDEN_KEY /__proto__'],
    ['{"\\u005f_proto__":1}', 'FORBIDDEN_KEY /__proto__'],
    ['{"constructor":{"prototype":{}}}', 'FORBIDDEN_KEY /constructor'],
  ])('refuses %s and leaves the prototype alone', (text, expected) => {
    expect(refusal(text)).toBe(expected);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('refuses what PostgreSQL cannot store: NUL and lone surrogates', () => {
    expect(refusal('{"a":{"b":"x\\u0000y"}}')).toBe('INVALID_TEXT /a/b');
    expect(refusal('["\\ud800"]')).toBe('INVALID_TEXT /0');
    expect(refusal('{"\\udc00":1}')).toBe('INVALID_TEXT');
    expect(parse('["\\ud83d\\ude00"]')).toEqual(['😀']);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(refusal(Buffer.from([0x22, 0xff, 0x22]))).toBe('INVALID_UTF8');
  });

  it('takes 64 levels and refuses one more, before building anything', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(refusal(nested(jsonLimits.depth))).toBe('accepted');
    expect(refusal(nested(jsonLimits.depth + 1))).toBe('TOO_DEEP');
    expect(refusal('['.repeat(5_000_000))).toBe('TOO_DEEP');
  });

  it('refuses more than 100,000 values', () => {
    const many = (count: number) => `[${Array.from({ length: count }, () => '1').join(',')}]`;
    expect(refusal(many(99_999))).toBe('accepted');
    expect(refusal(many(100_001))).toBe('TOO_MANY_VALUES');
  });

  it('takes time in proportion to the length, whatever the text', () => {
    for (const text of ['"'.repeat(2_000_000), '\\'.repeat(2_000_000), `"${'\\"'.repeat(1_000_000)}`]) {
      const start = performance.now();
      expect(refusal(text)).toBe('SYNTAX');
      expect(performance.now() - start).toBeLessThan(1000);
    }
  });
});
