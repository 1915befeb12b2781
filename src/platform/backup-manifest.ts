import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HubError } from './errors.ts';
import { schemaCheck } from './schema-check.ts';

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

const text = { type: 'string', maxLength: 10_000 };
const name = { type: 'string', pattern: '^[a-z_][a-z0-9_]{0,62}$' };
const list = (items: object, more: object = {}): object => ({ type: 'array', items, ...more });
const record = (properties: Record<string, object>): object => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});

/** Somebody else may have written it: what it says becomes names of files and of tables. */
const fits = schemaCheck(
  record({
    kind: { enum: ['logical', 'physical'] },
    takenAt: { type: 'string', format: 'date-time' },
    hubVersion: text,
    serverVersion: { type: 'integer' },
    database: text,
    readAs: { enum: ['superuser', 'tenants'] },
    tenants: list(text),
    roles: list({ type: 'object' }),
    migrations: list(record({ name: { type: 'string', pattern: '^[0-9]{4}-[a-z0-9-]+\\.sql$' }, checksum: text })),
    partitions: list(record({ parent: name, name, bound: text, options: list(text) })),
    sequences: list(record({ name, last: { type: ['string', 'null'], pattern: '^-?[0-9]{1,19}$' } })),
    tables: list(
      record({
        name,
        columns: list(name, { uniqueItems: true }),
        // Of the backup's own folder.
        file: { type: 'string', pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$' },
        rows: { type: 'integer', minimum: 0 },
        bytes: { type: 'integer', minimum: 0 },
        sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
      }),
    ),
    notes: list(text),
  }),
);

/** @throws HubError BACKUP_INVALID */
export async function readManifest(dir: string): Promise<BackupManifest> {
  let manifest: BackupManifest;
  try {
    manifest = JSON.parse(await readFile(join(dir, manifestFile), 'utf8')) as BackupManifest;
  } catch (cause) {
    const message = `${dir} holds no finished backup: its ${manifestFile} cannot be read`;
    throw new HubError('BACKUP_INVALID', { message, cause });
  }
  if (typeof manifest !== 'object' || manifest === null || manifest.format !== backupFormat) {
    throw new HubError('BACKUP_INVALID', { message: `${dir} is of the format ${String(manifest?.format)}` });
  }
  const [wrong] = fits(manifest);
  if (wrong !== undefined) {
    const message = `${manifestFile} is not one that a backup writes: ${wrong.instancePath || 'it'} ${wrong.message ?? 'is wrong'}`;
    throw new HubError('BACKUP_INVALID', { message });
  }
  return manifest;
}
