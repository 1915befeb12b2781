// `npm run faults -- --minutes 30 --seed 7 [--only random-kills]`: the long form of the fault suite, under the pinned Node.
import { ensureInstalled, pinnedEnv, pinnedNode, runTool } from './bootstrap.mjs';

await ensureInstalled();
process.exitCode = await runTool(pinnedNode(), ['test/faults/main.ts', ...process.argv.slice(2)], { env: pinnedEnv() });
