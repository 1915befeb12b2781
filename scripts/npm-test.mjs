// `npm test`: everything a change has to pass, from a fresh clone without any step before.
import { ensureInstalled, say } from './bootstrap.mjs';
import { addResults, printSkipped, runChecks, runVitest, summaryLine } from './suites.mjs';

try {
  await ensureInstalled();
  const filters = process.argv.slice(2);
  // With a filter (`npm test -- src/orders`) a developer wants that answer, not the whole house.
  const failedChecks = filters.length > 0 ? [] : await runChecks();
  let results = await runVitest(['--project', 'unit', '--project', 'journeys', ...filters]);
  // By themselves: a hub that is killed again and again is no neighbour for tests that watch the time.
  if (filters.length === 0) results = addResults(results, await runVitest(['--project', 'faults']));
  results.failed += failedChecks.length;
  printSkipped(results);
  for (const name of failedChecks) say(`failed check: ${name}`);
  console.log(summaryLine(results));
  process.exitCode = results.failed === 0 && results.passed > 0 ? 0 : 1;
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
