// `npm run simulate`: the long form of the simulation, under the pinned Node. `--postgres N` replays N seeds on PostgreSQL.
import { ensureInstalled, pinnedEnv, pinnedNode, runTool } from './bootstrap.mjs';
import { runVitest, summaryLine } from './suites.mjs';

const args = process.argv.slice(2);
const at = args.indexOf('--postgres');
await ensureInstalled();
if (at < 0) {
  process.exitCode = await runTool(pinnedNode(), ['test/simulation/main.ts', ...args]);
} else {
  const [, count = '20', , first = '1'] = args.slice(at);
  const env = { ...pinnedEnv(), SIMULATION_POSTGRES_SEEDS: count, SIMULATION_FIRST_SEED: first };
  const results = await runVitest(['--project', 'unit', 'test/simulation/postgres-agreement.test.ts'], { env });
  console.log(summaryLine(results));
  process.exitCode = results.failed === 0 ? 0 : 1;
}
