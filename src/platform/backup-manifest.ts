import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HubError } from './errors.ts';

export const manifestFile = 'manifest.json';
export const backupFormat = 'crossdock-backup/1';

export interface BackedUpTable {
  name: string;
  columns: string[];
  /** Name within the folder: gzip of the text format of COPY. */
  file: string;
  rows: number;
  /** Of the text, before compression. */
  bytes: number;
  sha256: string;
}

export interface BackedUpSequence {
  name: string;
  /** Null: never used. */
  last: string | null;
}

export interface BackedUpPartition {
  parent: string;
  name: string;
  /** `FOR VALUES FROM (…) TO (…)`. */
  bound: string;
  options: string[];
}

export interface BackedUpRole {
  name: string;
  superuser: boolean;
  bypassRls: boolean;
  login: boolean;
}

/** What a backup holds. Written last: a folder without it is no backup. */
export interface BackupManifest {
  format: typeof backupFormat;
  kind: 'logical' | 'physical';
  takenAt: string;
  hubVersion: string;
  serverVersion: number;
  database: string;
  /** `superuser`: every row. `tenants`: the rows of these tenants, read under row-level security. */
  readAs: 'superuser' | 'tenants';
  tenants: string[];
  roles: BackedUpRole[];
  migrations: { name: string; checksum: string }[];
  partitions: BackedUpPartition[];
  sequences: BackedUpSequence[];
  tables: BackedUpTable[];
  notes: string[];
}

/** @throws HubError BACKUP_INVALID */
export async function readManifest(dir: string): Promise<BackupManifest> {
  let manifest: BackupManifest;
  try {
    manifest = JSON.parse(await readFile(join(dir, manifestFile), 'utf8')) as BackupManifest;
  } catch (cause) {
    const message = `${dir} holds no finished backup: its ${manifestFile} cannot be read`;
    throw new HubError('BACKUP_INVALID', { message, cause });
  }
  if (manifest.format !== backupFormat) {
    throw new HubError('BACKUP_INVALID', { message: `${dir} is of the format ${String(manifest.format)}` });
  }
  return manifest;
}
