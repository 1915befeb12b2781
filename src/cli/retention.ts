import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { runCommand } from './command.ts';
import { localActor, withDatabase } from './database.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { formatTable } from './output.ts';
import type { JudgedPartition } from '../operations/index.ts';
import { loadConfig, systemClock } from '../platform/index.ts';

interface Options {
  dryRun?: boolean;
  yes?: boolean;
  archive?: string;
  json?: boolean;
}

export function registerRetention(program: Command): void {
  program
    .command('retention')
    .description('export and drop what is older than it is kept; the hub does it by itself once it is switched on')
    .option('--dry-run', 'show what would leave, and what keeps the rest')
    .option('--yes', 'do it')
    .option('--archive <dir>', 'where exports go; default $CROSSDOCK_DATA/archive')
    .option('--json', 'machine-readable')
    .action((options: Options) =>
      runCommand(options, async ({ output }) => {
        if (options.dryRun !== true && options.yes !== true)
          throw new CommandFailure(exitCodes.usage, 'Say --dry-run to look, or --yes to export and drop');
        const config = loadConfig(process.env);
        // The hub's rooms are loaded only where they are needed: other commands must not wait for them.
        const { runRetention } = await import('../operations/index.ts');
        const judged = await withDatabase(config, ({ ownerUrl, log }) =>
          runRetention({
            ownerUrl,
            archiveDir: resolve(options.archive ?? join(config.dataDir, 'archive')),
            clock: systemClock,
            log,
            actor: localActor(),
            dryRun: options.dryRun === true,
            onPartition: ({ name, dropped }) => {
              if (dropped !== undefined) output.say(`${name}: ${dropped.rows} rows exported and dropped`);
            },
          }),
        );
        output.result(judged, () => describe(judged));
        return exitCodes.ok;
      }),
    );
}

function describe(judged: readonly JudgedPartition[]): string {
  const rows = judged.map(({ table, name, verdict, bytes, why, dropped }) => [
    table,
    name,
    dropped === undefined ? verdict : 'dropped',
    `${(bytes / 1e6).toFixed(1)} MB`,
    why.join('; '),
  ]);
  return formatTable([['table', 'partition', 'verdict', 'size', 'why'], ...rows]);
}
