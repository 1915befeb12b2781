import { describe, expect, it } from 'vitest';
import { schemaCheck } from './schema-check.ts';

const schema = {
  type: 'object',
  properties: { n: { type: 'integer' }, day: { type: 'string', format: 'date' } },
  required: ['n'],
  additionalProperties: false,
};

describe('schemaCheck', () => {
  it('names the first problem, or every one when it is thorough', () => {
    const wrong = { n: 'x', day: '2026-02-31', more: 1 };
    expect(schemaCheck(schema)(wrong)).toHaveLength(1);
    expect(schemaCheck(schema, { thorough: true })(wrong).map(({ keyword }) => keyword)).toEqual([
      'additionalProperties',
      'type',
      'format',
    ]);
    expect(schemaCheck(schema)({ n: 1, day: '2026-02-28' })).toEqual([]);
  });

  it('reads numbers from text only where it is asked to, and in place', () => {
    const value = { n: '7' };
    expect(schemaCheck(schema)(value)).toHaveLength(1);
    expect(schemaCheck(schema, { coerce: true })(value)).toEqual([]);
    expect(value).toEqual({ n: 7 });
  });

  it('says at the first value that a schema is wrong', () => {
    const check = schemaCheck({ type: 'nothing' });
    expect(() => check(1)).toThrow(/schema is invalid/);
  });
});
