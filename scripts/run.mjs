// `npm run check` and `npm run bench`, under the pinned Node whatever the machine has.
import { ensureInstalled, pinnedNode, runTool, say } from './bootstrap.mjs';
import { runChecks, runVitest, summaryLine } from './suites.mjs';

const tasks = {
  async check() {
    const failedChecks = await runChecks();
    const tidy = await runVitest(['--project', 'unit', 'test/tidy.test.ts']);
    for (const name of failedChecks) say(`failed check: ${name}`);
    say(`tidy: ${summaryLine(tidy)}`);
    return failedChecks.length + tidy.failed === 0 ? 0 : 1;
  },
  bench: (args) => runTool(pinnedNode(), ['bench/index.ts', ...args]),
};

const [name, ...args] = process.argv.slice(2);
const task = tasks[name];
if (task === undefined) {
  say(`usage: node scripts/run.mjs ${Object.keys(tasks).join('|')}`);
  process.exitCode = 2;
} else {
  await ensureInstalled();
  process.exitCode = await task(args);
}
