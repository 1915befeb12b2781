import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { runCommand } from './command.ts';
import { withDatabase } from './database.ts';
import { exitCodes } from './exit-codes.ts';
import { createProgressLine } from './progress.ts';
import { backUpDatabase, backUpServer, type BackupManifest, loadConfig, uuidv7, withOwner } from '../platform/index.ts';
import { hubVersion } from '../platform/index.ts';

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
        const manifest = await withDatabase(config, async ({ readerUrl, serverUrl, ownerUrl }) => {
          const made = await (options.physical === true
            ? backUpServer({ ...common, url: serverUrl, onLine: (text) => output.say(text) })
            : backUpDatabase({
                ...common,
                url: readerUrl,
                jobs: Math.min(Math.max(Number(options.jobs) || 1, 1), 8),
                onTable: (table, done, total) => line.show(done, total, `${table.name}: ${table.rows} rows`),
              }));
          await noteBackup(ownerUrl, common.dir, made).catch((error: unknown) =>
            output.say(`the backup is good; that it was taken could not be noted in the database: ${String(error)}`),
          );
          return made;
        });
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

/** For crossdock doctor, which says when the last one was taken. */
async function noteBackup(ownerUrl: string, dir: string, manifest: BackupManifest): Promise<void> {
  const { kind, takenAt } = manifest;
  const bytes = kind === 'physical' ? await bytesBelow(dir) : summaryOf(manifest).bytes;
  await withOwner(ownerUrl, (query) =>
    query('INSERT INTO backup_taken (id, kind, taken_at, directory, bytes) VALUES ($1, $2, $3, $4, $5)', [
      uuidv7(Date.parse(takenAt)),
      kind,
      takenAt,
      dir,
      bytes,
    ]),
  );
}

async function bytesBelow(dir: string): Promise<number> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const sizes = entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name)));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}
