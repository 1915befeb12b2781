import { expect, test } from 'vitest';
import { countFindings } from '../invariants/violation.ts';
import { brokenOff, type KindResult } from '../kinds/kind.ts';
import { addUp, readRuns, type RecordedRun, writeRuns } from '../recorded-runs.ts';

const good: KindResult = {
  faults: 10,
  sent: 100,
  acknowledged: 90,
  inErp: 90,
  lost: 0,
  doubled: 0,
  worstRecoveryMs: 900,
  findings: {},
  notes: [],
};

test('a portion that broke off stands in the tables, as a violation', () => {
  const all = [good, brokenOff(new Error('the hub did not come back'))];
  const violations = all.reduce((sum, { findings }) => sum + countFindings(findings), 0);
  const run: RecordedRun = { date: '2026-06-01 12:00', version: '1', seed: 7, kind: 'k', ...addUp(all), violations };
  const empty = '<!-- recorded runs: written by npm run faults -->\n<!-- end of recorded runs -->';
  const written = writeRuns(empty, [run]);
  expect(readRuns(written)).toMatchObject([{ kind: 'k', faults: 10, violations: 1, worstRecoveryMs: 900 }]);
});
