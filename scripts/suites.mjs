// The checks and test suites, and how their results are counted.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { binDir, root, runTool, say } from './bootstrap.mjs';

const tool = (name) => join(binDir, name);

/** Static checks in the order of how fast they tell. */
export const checks = [
  { name: 'format', command: tool('biome'), args: ['format', '.'] },
  { name: 'types', command: tool('tsc'), args: ['--noEmit', '-p', 'tsconfig.json'] },
  { name: 'types of the console', command: tool('tsc'), args: ['--noEmit', '-p', 'console/tsconfig.json'] },
  { name: 'lint', command: tool('oxlint'), args: ['--type-aware', '--quiet'] },
];

/** @returns the names of the checks that failed */
export async function runChecks() {
  const failed = [];
  for (const check of checks) {
    const project = check.args.at(-1);
    if (project.endsWith('.json') && !existsSync(join(root, project))) continue;
    const startedMs = Date.now();
    const status = await runTool(check.command, check.args);
    say(`${status === 0 ? 'ok    ' : 'FAILED'} ${check.name} (${((Date.now() - startedMs) / 1000).toFixed(1)} s)`);
    if (status !== 0) failed.push(check.name);
  }
  return failed;
}

/** @returns {{passed: number, failed: number, skipped: string[]}} */
export const noResults = () => ({ passed: 0, failed: 0, skipped: [] });

/** Runs vitest and counts single tests; a file or a run that breaks outside of a test counts as one failure. */
export async function runVitest(args, options = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-results-'));
  const file = join(dir, 'results.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const status = await runTool(tool('vitest'), ['run', '--passWithNoTests', ...args, ...reporters], options);
    const results = existsSync(file) ? countResults(JSON.parse(readFileSync(file, 'utf8'))) : noResults();
    if (status !== 0 && results.failed === 0) results.failed = 1;
    return results;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Counts the JSON report of vitest. */
export function countResults(report) {
  const results = noResults();
  for (const file of report.testResults) {
    let failedInFile = 0;
    for (const test of file.assertionResults) {
      if (test.status === 'passed') results.passed += 1;
      else if (test.status === 'failed') failedInFile += 1;
      else results.skipped.push(`${relative(root, file.name)} > ${test.fullName}`);
    }
    // A file that cannot be loaded, or whose hooks fail, has no failed test to show for it.
    results.failed += file.status === 'failed' ? Math.max(failedInFile, 1) : failedInFile;
  }
  return results;
}

export function addResults(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: [...a.skipped, ...b.skipped] };
}

/** The last line of a run. */
export function summaryLine(results) {
  const skipped = results.skipped.length > 0 ? `, ${results.skipped.length} skipped` : '';
  return `${results.passed} passed, ${results.failed} failed${skipped}`;
}

/** Reads such a line back. */
export function parseSummary(line) {
  const match = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(line.trim());
  if (match === null) return undefined;
  return { passed: Number(match[1]), failed: Number(match[2]), skippedCount: Number(match[3] ?? 0) };
}

export function printSkipped(results) {
  for (const name of results.skipped) say(`skipped: ${name}`);
}
