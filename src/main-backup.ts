import { resolve } from 'node:path';
import type { Command } from 'commander';
import { runCommand } from './main-command.ts';
import { withDatabase } from './main-database.ts';
import { exitCodes } from './main-exit-codes.ts';
import { createProgressLine } from './main-progress.ts';
import { backUpDatabase, backUpServer, type BackupManifest, loadConfig } from './platform/index.ts';
import { hubVersion } from './main-version.ts';

interface BackupOptions {
  physical?: boolean;
  jobs: string;
  json?: boolean;
}

export function registerBackup(program: Command): void {
  program
    .command('backup <dir>')
    .description('back the database up while the hub works: every table under one snapshot, with hashes')
    .option('--physical', 'a copy of the whole server by pg_basebackup, where one is installed that fits the server')
    .option('--jobs <n>', 'tables at once', '2')
    .option('--json', 'machine-readable')
    .action((dir: string, options: BackupOptions) =>
      runCommand(options, async ({ output }) => {
        const config = loadConfig(process.env);
        const line = createProgressLine(output);
        const common = { dir: resolve(dir), hubVersion, now: new Date() };
        const manifest = await withDatabase(config, ({ readerUrl, serverUrl }) =>
          options.physical === true
            ? backUpServer({ ...common, url: serverUrl, onLine: (text) => output.say(text) })
            : backUpDatabase({
                ...common,
                url: readerUrl,
                jobs: Math.min(Math.max(Number(options.jobs) || 1, 1), 8),
                onTable: (table, done, total) => line.show(done, total, `${table.name}: ${table.rows} rows`),
              }),
        );
        line.end();
        output.result({ dir: common.dir, ...summaryOf(manifest) }, describe(common.dir, manifest));
        return exitCodes.ok;
      }),
    );
}

export function summaryOf(manifest: BackupManifest) {
  const { kind, takenAt, readAs, tables, tenants, notes } = manifest;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const bytes = tables.reduce((sum, table) => sum + table.bytes, 0);
  return { kind, takenAt, readAs, tenants, tables: tables.length, rows, bytes, notes };
}

function describe(dir: string, manifest: BackupManifest): string {
  const { tables, rows, bytes } = summaryOf(manifest);
  const what =
    manifest.kind === 'physical'
      ? 'a copy of the whole server'
      : `${tables} tables, ${rows.toLocaleString('en-US')} rows, ${(bytes / 1e6).toFixed(1)} MB before compression`;
  return [`${dir}: ${what}, as of ${manifest.takenAt}`, ...manifest.notes].join('\n');
}
