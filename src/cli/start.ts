import type { Command } from 'commander';

interface StartOptions {
  readonly json?: boolean;
}

/** The hub's modules are loaded only to start it: checking a file must not wait for a web server. */
const runHub = async (options: StartOptions, demo?: { traffic: boolean }): Promise<void> =>
  (await import('./run-hub.ts')).runHub(options, demo);

export function registerStart(program: Command): void {
  program
    .command('start')
    .description('run the hub; an empty one shows a checklist of what it needs')
    .option('--json', 'one line of JSON when it is up')
    .action((options: StartOptions) => runHub(options));
  program
    .command('demo')
    .description('run the hub with Ridgeline Industrial Supply, simulated systems around it, and gentle traffic')
    .option('--json', 'one line of JSON when it is up')
    .option('--no-traffic', 'no orders by themselves')
    .action((options: StartOptions & { traffic: boolean }) => runHub(options, { traffic: options.traffic }));
}
