import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HubError, errorCatalog, isHubError } from './index.ts';

describe('HubError', () => {
  it('takes its public text and disposition from the catalog', () => {
    const error = new HubError('RATE_LIMITED');
    expect(error).toMatchObject({
      code: 'RATE_LIMITED',
      disposition: 'retry',
      message: errorCatalog.RATE_LIMITED.title,
      errors: undefined,
    });
  });

  it('keeps the cause and is told apart by code', () => {
    const cause = new Error('socket');
    const error = new HubError('DATABASE_UNAVAILABLE', { cause, message: 'gone' });
    expect(error.cause).toBe(cause);
    expect(isHubError(error, 'DATABASE_UNAVAILABLE')).toBe(true);
    expect(isHubError(error, 'NOT_FOUND')).toBe(false);
    expect(isHubError(cause)).toBe(false);
  });
});

describe('the catalog', () => {
  it('is what docs/reference/errors.md says (node scripts/generate-reference.mjs)', () => {
    const text = readFileSync(new URL('../../docs/reference/errors.md', import.meta.url), 'utf8');
    const documented = [...text.matchAll(/^\| `([A-Z_]+)` \| (\w+) \| (.+) \| (.+) \|$/gm)].map((m) => [
      m[1],
      { disposition: m[2], title: m[3], fix: m[4] },
    ]);
    expect(Object.fromEntries(documented)).toEqual(errorCatalog);
  });

  it('has codes in capitals, titles that are one sentence without a full stop, and fixes with one', () => {
    for (const [code, { title, fix }] of Object.entries(errorCatalog)) {
      expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
      expect(title).toMatch(/^[A-Z].*[^.]$/);
      expect(fix).toMatch(/^[A-Z].*\.$/);
    }
  });
});
