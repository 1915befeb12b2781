import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type * as App from '../app/index.ts';
import { summaryOf } from './backup.ts';
import { runCommand } from './command.ts';
import { localActor, withDatabase } from './database.ts';
import { exitCodes } from './exit-codes.ts';
import { createProgressLine } from './progress.ts';
import { loadConfig, restoreDatabase } from '../platform/index.ts';

const migrationsDir = fileURLToPath(new URL('../../migrations', import.meta.url));

export function registerRestore(program: Command): void {
  program
    .command('restore <dir>')
    .description('put a backup into an empty database; the hub then starts paused, to be reconciled')
    .option('--gap <n>', 'how far to move control numbers, SSCCs and order numbers on', '1000')
    .option('--json', 'machine-readable')
    .action((dir: string, options: { gap: string; json?: boolean }) =>
      runCommand(options, async ({ output }) => {
        const config = loadConfig(process.env);
        const line = createProgressLine(output);
        const result = await withDatabase(
          config,
          async (database) => {
            let begun: Awaited<ReturnType<typeof App.enterReconciliation>> = [];
            const manifest = await restoreDatabase({
              url: database.ownerUrl,
              dir: resolve(dir),
              migrationsDir,
              log: database.log,
              onTable: (table, done, total) => line.show(done, total, `${table.name}: ${table.rows} rows`),
              // Before a hub may start on it: one that is not paused would send again what it sent after the backup.
              onRestored: async ({ takenAt }) => {
                line.end();
                const reason = `Restored from the backup of ${takenAt}: compare with crossdock reconcile first`;
                // The hub's rooms are loaded only where they are needed: other commands must not wait for them.
                const { enterReconciliation } = await import('../app/index.ts');
                begun = await enterReconciliation(database, {
                  reason,
                  actor: localActor(),
                  backupTakenAt: new Date(takenAt),
                  gap: Math.max(0, Math.floor(Number(options.gap)) || 0),
                });
              },
            });
            return { ...summaryOf(manifest), reconciliation: begun };
          },
          { toRestore: true },
        );
        output.result(result, () => {
          const paused = result.reconciliation.flatMap(({ tenant, paused }) =>
            paused.map((name) => `${tenant}/${name}`),
          );
          return [
            `restored ${result.tables} tables, ${result.rows.toLocaleString('en-US')} rows, every hash as it was`,
            `paused: ${paused.join(', ') || 'no connection was working'}`,
            'Start the hub, look with crossdock reconcile, then crossdock reconcile end --resume',
          ].join('\n');
        });
        return exitCodes.ok;
      }),
    );
}
