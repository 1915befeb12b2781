import { runCommandLine } from './cli/index.ts';

await runCommandLine();
