import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { BackedUpTable, BackupManifest } from './backup-manifest.ts';
import { HubError } from './errors.ts';

/**
 * The text of a table's file as it was copied out.
 * @throws HubError BACKUP_INVALID, naming the file, when it cannot be read or unpacked
 */
export async function* readTable(dir: string, table: BackedUpTable): AsyncGenerator<Buffer> {
  const unzip = createGunzip();
  const file = createReadStream(join(dir, table.file));
  file.on('error', (error) => unzip.destroy(error));
  try {
    for await (const chunk of file.pipe(unzip) as AsyncIterable<Buffer>) yield chunk;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const message = `${table.file} ${code === 'ENOENT' ? 'is missing' : `cannot be read to its end: ${(cause as Error).message}`}`;
    throw new HubError('BACKUP_INVALID', { message, cause });
  } finally {
    file.destroy();
  }
}

/**
 * Reads every file once, before anything is done with any: a backup with one bad file is found out while the database is
 * still empty. Memory does not grow with the files.
 * @throws HubError BACKUP_INVALID
 */
export async function verifyTables(dir: string, manifest: BackupManifest): Promise<void> {
  for (const table of manifest.tables) {
    const hash = createHash('sha256');
    let rows = 0;
    for await (const chunk of readTable(dir, table)) {
      hash.update(chunk);
      // COPY writes a line end within a value as `\n`: every one that is there ends a row.
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) rows += 1;
    }
    refuseOther(table, rows, hash.digest('hex'));
  }
}

/** @throws HubError BACKUP_INVALID */
export function refuseOther(table: BackedUpTable, rows: number, sha256: string): void {
  if (rows === table.rows && sha256 === table.sha256) return;
  throw new HubError('BACKUP_INVALID', {
    message: `${table.file} is not what was backed up: ${rows} rows instead of ${table.rows}, or another hash`,
  });
}
