import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { faultKinds } from './kinds/index.ts';
import { readRuns, type RecordedRun, writeRuns, writeSums } from './recorded-runs.ts';

const page = (name: string): string =>
  readFileSync(new URL(`../../docs/reference/${name}.md`, import.meta.url), 'utf8');

const run: RecordedRun = {
  date: '2026-11-21 03:52',
  version: '0.1.0 e548f6a',
  seed: 100,
  kind: 'random-kills',
  faults: 1_050,
  sent: 2_593,
  acknowledged: 2_565,
  inErp: 2_570,
  lost: 0,
  doubled: 0,
  violations: 1,
  worstRecoveryMs: 41_200,
};
const aims = [{ name: 'random-kills', aim: 2_000, what: 'kill −9 of the hub' }];
const emptyRuns =
  'Before\n\n<!-- recorded runs: written by npm run faults -->\n<!-- end of recorded runs -->\n\nAfter\n';
const emptySums = '<!-- sums of the recorded runs: written by npm run faults -->\n<!-- end of the sums -->\n';

describe('recorded runs', () => {
  it('are read as they were written, beside whatever else the page says', () => {
    const document = writeRuns(emptyRuns, [run, { ...run, seed: 101 }]);
    expect(readRuns(document)).toEqual([run, { ...run, seed: 101 }]);
    expect(document).toMatch(/^Before\n\n<!--[^]*-->\n\nAfter\n$/);
    expect(writeRuns(document, readRuns(document))).toBe(document);
  });

  it('are summed up per fault against its aim', () => {
    const document = writeSums(emptySums, [run, { ...run, seed: 101, worstRecoveryMs: 900 }], aims);
    const sums = '| random-kills: kill −9 of the hub | 2,100 | 2,000 | 5,130 | 5,140 | 0 | 0 | 2 | 41.2 s |';
    expect(document).toContain(sums);
  });

  it('are refused by a page without a place for them', () => {
    expect(() => writeRuns('Nothing here', [run])).toThrow('no place');
    expect(() => writeSums(emptyRuns, [run], aims)).toThrow('no place');
  });

  it('on the two pages of docs/reference agree with each other', () => {
    const runs = readRuns(page('reliability-runs'));
    expect(runs.length).toBeGreaterThan(40);
    expect(writeRuns(page('reliability-runs'), runs)).toBe(page('reliability-runs'));
    expect(writeSums(page('reliability'), runs, faultKinds)).toBe(page('reliability'));
  });
});
