import { describe, expect, it } from 'vitest';
import { Dictionary } from '../../src/edi/dictionary.ts';
import { DIRECTORIES, dictionaryOf } from '../../src/edi/edifact/index.ts';
import { RELEASES, x12Dictionary } from '../../src/edi/x12/index.ts';

const LINES = { elements: '', codes: '', composites: '', segments: '' };

describe('dictionary', () => {
  it.each([...RELEASES])('has no wrong line in X12 %s', (release) => {
    expect(() => x12Dictionary(release).compileAll()).not.toThrow();
  });

  it.each([...DIRECTORIES])('has no wrong line in EDIFACT %s', (directory) => {
    expect(() => dictionaryOf(directory).compileAll()).not.toThrow();
  });

  it('lets a later release replace a line and keeps what it does not name', () => {
    const base = { ...LINES, elements: '1 AN 1/3 first A\n2 AN 1/3 second B', segments: 'ABC Some | 1! 2' };
    const dictionary = new Dictionary(base, [{ elements: '1 AN 1/9 first A' }]);
    expect(dictionary.segment('ABC')?.uses.map(({ element }) => element?.max)).toEqual([9, 3]);
  });

  it('refuses codes of an element that there is not, and segments of unknown elements', () => {
    expect(() => new Dictionary({ ...LINES, codes: '9 closed A=x' }).compileAll()).toThrow('unknown element 9');
    expect(() => new Dictionary({ ...LINES, segments: 'ABC Some | 7' }).compileAll()).toThrow('unknown element 7');
  });
});
