import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Clock, type Logger, type Tx, withOwner } from '../platform/index.ts';
import { readSetting, type RetentionSettings } from './operations-settings.ts';
import { recordAudit } from '../security/index.ts';
import {
  type LedgerPartition,
  listPartitions,
  type LedgerTable,
  type Query,
  reasonsToKeep,
} from './retention-partitions.ts';

export interface RetentionOptions {
  /** The owner of the schema: only it may drop partitions. */
  ownerUrl: string;
  /** Where exports go: `<table>/<partition>.ndjson.gz` with its manifest beside it. */
  archiveDir: string;
  clock: Clock;
  log: Logger;
  /** Judge only. */
  dryRun?: boolean;
  onPartition?(judged: JudgedPartition): void;
  /** Who asked for it: `hub`, or a person. */
  actor: string;
}

export type Verdict = 'young' | 'open' | 'held' | 'drop' | 'busy';

export interface JudgedPartition extends LedgerPartition {
  verdict: Verdict;
  /** Per tenant, why it stays. */
  why: string[];
  dropped?: ExportManifest;
}

/** Beside an export; written after its bytes are on the disk and before the partition is dropped. */
export interface ExportManifest {
  format: 'crossdock-export/1';
  table: LedgerTable;
  partition: string;
  from?: string;
  to: string;
  file: string;
  rows: number;
  rowsByTenant: Record<string, number>;
  /** Of the compressed file, as sha256sum tells it. */
  sha256: string;
  bytes: number;
  exportedAt: string;
}

/** One run at a time, in the whole installation. */
const retentionLock = "hashtextextended('retention', 0)";
const rowsAtOnce = 500;

/**
 * Exports and drops every partition that is older than all tenants keep it, that nothing open refers to, and that no hold
 * names. Each partition in a transaction of its own: its rows are locked against change while they are written out, judged
 * once more, and leave with the commit. What a crash leaves behind is a file without a drop, which the next run writes anew.
 * @returns every partition with its verdict
 */
export async function runRetention(options: RetentionOptions): Promise<JudgedPartition[]> {
  return withOwner(options.ownerUrl, async (query) => {
    const settings = await settingsByTenant(query);
    const judged: JudgedPartition[] = [];
    for (const partition of await listPartitions(query)) {
      const one = await judgeOrDrop(query, partition, settings, options);
      judged.push(one);
      options.onPartition?.(one);
    }
    return judged;
  });
}

type Settings = ReadonlyMap<string, RetentionSettings>;

async function settingsByTenant(query: Query): Promise<Map<string, RetentionSettings>> {
  const tenants = await inTransaction(query, async () => {
    await query('SET LOCAL ROLE crossdock_engine');
    return query('SELECT id FROM tenant ORDER BY id');
  });
  const settings = new Map<string, RetentionSettings>();
  for (const row of tenants) {
    const id = String(row['id']);
    const { value } = await inTransaction(query, () =>
      asTenant(query, id, () => readSetting(txOf(query, id), 'retention')),
    );
    settings.set(id, value);
  }
  return settings;
}

/** What functions of one tenant's transaction ask for, over the owner's connection in the tenant's role. */
function txOf(query: Query, tenantId: string): Tx {
  return {
    tenantId,
    // Nothing is remembered of what the owner reads.
    database: -1,
    query: async <R>(sql: string | { text: string }, params?: readonly unknown[]) =>
      (await query(typeof sql === 'string' ? sql : sql.text, params === undefined ? [] : [...params])) as R[],
    afterCommit() {},
  };
}

async function inTransaction<T>(query: Query, fn: () => Promise<T>): Promise<T> {
  await query('BEGIN');
  try {
    const value = await fn();
    await query('COMMIT');
    return value;
  } catch (error) {
    await query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** As the role and with the sight of one tenant; the owner sees no tenant's rows at all. */
async function asTenant<T>(query: Query, tenantId: string, fn: () => Promise<T>): Promise<T> {
  await query("SELECT set_config('crossdock.tenant', $1, true)", [tenantId]);
  await query('SET LOCAL ROLE crossdock_app');
  const value = await fn();
  await query('RESET ROLE');
  return value;
}

async function judgeOrDrop(
  query: Query,
  partition: LedgerPartition,
  settings: Settings,
  options: RetentionOptions,
): Promise<JudgedPartition> {
  try {
    return await inTransaction(query, async () => {
      const first = await judge(query, partition, settings, options.clock.now());
      if (first.verdict !== 'drop' || options.dryRun === true) return first;
      // A hold that is being placed is waited for; one that comes later meets a partition that is gone.
      await query(`SELECT pg_advisory_xact_lock(${retentionLock})`);
      await query(`LOCK TABLE ${partition.name} IN SHARE MODE`);
      const again = await judge(query, partition, settings, options.clock.now());
      if (again.verdict !== 'drop') return again;
      const dropped = await exportPartition(query, partition, settings, options);
      await drop(query, partition, dropped);
      for (const [tenant, rows] of Object.entries(dropped.rowsByTenant)) {
        if (rows > 0) await asTenant(query, tenant, () => recordDrop(query, tenant, dropped, options));
      }
      return { ...again, dropped };
    });
  } catch (error) {
    // 55P03 lock_not_available: somebody is reading it; another time.
    if ((error as { code?: string }).code !== '55P03') throw error;
    options.log.info({ partition: partition.name }, 'a partition is in use and leaves another time');
    return { ...partition, verdict: 'busy', why: ['It is being read'] };
  }
}

const strongest: readonly Verdict[] = ['young', 'held', 'open'];

/** What the transaction's tenant has to say about every partition; other tenants may keep longer. */
export async function retentionPlan(tx: Tx, clock: Clock): Promise<JudgedPartition[]> {
  const query: Query = (text, params) => tx.query(text, params);
  const { value } = await readSetting(tx, 'retention');
  const judged: JudgedPartition[] = [];
  for (const partition of await listPartitions(query)) {
    const reasons = await reasonsToKeep(query, partition, value, clock.now());
    const kinds = new Set<Verdict>(reasons.map(({ kind }) => kind));
    const verdict = strongest.find((kind) => kinds.has(kind)) ?? 'drop';
    judged.push({ ...partition, verdict, why: reasons.map(({ why }) => why) });
  }
  return judged;
}

async function judge(
  query: Query,
  partition: LedgerPartition,
  settings: Settings,
  now: Date,
): Promise<JudgedPartition> {
  const why: string[] = [];
  const kinds = new Set<Verdict>();
  for (const [tenant, own] of settings) {
    const reasons = await asTenant(query, tenant, () => reasonsToKeep(query, partition, own, now));
    for (const reason of reasons) {
      kinds.add(reason.kind);
      why.push(`${tenant}: ${reason.why}`);
    }
  }
  if (settings.size === 0) return { ...partition, verdict: 'young', why: ['There is no tenant'] };
  return { ...partition, verdict: strongest.find((kind) => kinds.has(kind)) ?? 'drop', why };
}

async function exportPartition(
  query: Query,
  partition: LedgerPartition,
  settings: Settings,
  options: RetentionOptions,
): Promise<ExportManifest> {
  const dir = join(options.archiveDir, partition.table);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const file = `${partition.name}.ndjson.gz`;
  const rowsByTenant: Record<string, number> = {};
  const hash = createHash('sha256');
  let bytes = 0;
  const tap = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const lines = async function* (): AsyncGenerator<string> {
    for (const tenant of settings.keys()) yield* linesOf(query, partition, tenant, rowsByTenant);
  };
  // Flushed to the disk before it counts as written.
  await pipeline(lines, createGzip(), tap, createWriteStream(join(dir, file), { mode: 0o600, flush: true }));
  const manifest: ExportManifest = {
    format: 'crossdock-export/1',
    table: partition.table,
    partition: partition.name,
    ...(partition.from === undefined ? {} : { from: partition.from }),
    to: partition.to,
    file,
    rows: Object.values(rowsByTenant).reduce((sum, rows) => sum + rows, 0),
    rowsByTenant,
    sha256: hash.digest('hex'),
    bytes,
    exportedAt: options.clock.now().toISOString(),
  };
  await writeDurably(join(dir, `${partition.name}.json`), `${JSON.stringify(manifest, null, 2)}\n`);
  // The names are part of it: a file whose folder was not written out is gone after a power cut, and the rows with it.
  for (const folder of [dir, options.archiveDir, dirname(options.archiveDir)]) await syncFolder(folder);
  return manifest;
}

/** A tenant's rows as JSON, a page of a cursor at a time, through the parent: partitions grant nothing by themselves. */
async function* linesOf(
  query: Query,
  partition: LedgerPartition,
  tenant: string,
  rowsByTenant: Record<string, number>,
): AsyncGenerator<string> {
  const column = partition.table === 'delivery' ? 'position' : 'id';
  const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const from = partition.from === undefined ? 'true' : `t.${column} >= ${literal(partition.from)}`;
  await query("SELECT set_config('crossdock.tenant', $1, true)", [tenant]);
  await query('SET LOCAL ROLE crossdock_app');
  await query(
    `DECLARE leaving NO SCROLL CURSOR FOR SELECT row_to_json(t)::text AS line FROM ${partition.table} AS t
     WHERE ${from} AND t.${column} < ${literal(partition.to)}`,
  );
  rowsByTenant[tenant] = 0;
  for (;;) {
    const rows = await query(`FETCH ${rowsAtOnce} FROM leaving`);
    rowsByTenant[tenant] += rows.length;
    if (rows.length > 0) yield `${rows.map((row) => String(row['line'])).join('\n')}\n`;
    if (rows.length < rowsAtOnce) break;
  }
  await query('CLOSE leaving');
  await query('RESET ROLE');
}

/** The last look, past row-level security: every row of it was written out, whosever it is. */
async function drop(query: Query, partition: LedgerPartition, exported: ExportManifest): Promise<void> {
  await query(`ALTER TABLE ${partition.name} NO FORCE ROW LEVEL SECURITY`);
  const [row] = await query(`SELECT count(*)::bigint AS n FROM ${partition.name}`);
  if (Number(row?.['n']) !== exported.rows) {
    throw new Error(`${partition.name} holds ${String(row?.['n'])} rows, and ${exported.rows} were exported`);
  }
  await query(`DROP TABLE ${partition.name}`);
}

/** Each tenant's audit tells what of its own left, in the transaction in which it leaves. */
async function recordDrop(
  query: Query,
  tenant: string,
  { table, partition, rowsByTenant, sha256 }: ExportManifest,
  options: RetentionOptions,
): Promise<void> {
  await recordAudit(txOf(query, tenant), options.clock, [
    {
      actor: options.actor,
      action: 'retention.drop',
      subject: { kind: 'partition', id: partition },
      detail: { table, rows: rowsByTenant[tenant], sha256 },
    },
  ]);
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no such thing; its journal keeps names by itself.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
