import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { makeDataFolder } from './data-folder.ts';
import type { Db, Tx } from './db.ts';

/** How far a database has come; `seq` only grows within a history. */
export interface DatabaseMark {
  readonly history: string;
  readonly seq: number;
  readonly markedAt: Date;
  readonly serverId: string;
  readonly timeline: number;
  readonly backupLabel?: string;
  /** It was written in another database of this name; the mark came along when that one was cloned. */
  readonly clonedFrom?: { readonly name: string; readonly isStillThere: boolean };
}

/** The server as it is now. */
export interface ServerIdentity {
  readonly serverId: string;
  readonly timeline: number;
  /** The hub's own: never a standby that was promoted. */
  readonly isEmbedded: boolean;
  /** Of the physical copy that it was started from; absent: it was not, or nobody may know. */
  readonly backupLabel?: string;
}

/** By history, the last mark that this data folder has seen. */
export type MarksSeen = Readonly<Record<string, number>>;

const markFile = 'database-mark.json';

interface Row {
  history: string;
  seq: number;
  marked_at: Date;
  server_id: string;
  timeline: number;
  backup_label: string | null;
  /** Where it was asked for. */
  cloned_from?: string | null;
  original_stands?: boolean;
}

const columns = 'history, seq, marked_at, server_id, timeline, backup_label';
const ownDatabase = '(SELECT oid::bigint FROM pg_database WHERE datname = current_database())';

const markOfRow = (row: Row): DatabaseMark => ({
  history: row.history,
  seq: row.seq,
  markedAt: row.marked_at,
  serverId: row.server_id,
  timeline: row.timeline,
  ...(row.backup_label === null ? {} : { backupLabel: row.backup_label }),
  ...(row.cloned_from === null || row.cloned_from === undefined
    ? {}
    : { clonedFrom: { name: row.cloned_from, isStillThere: row.original_stands === true } }),
});

/** Needs an engine transaction, as all that write it. */
export async function readMark(tx: Tx): Promise<DatabaseMark | undefined> {
  const [row] = await tx.query<Row>(
    `SELECT ${columns}, CASE WHEN database_oid <> ${ownDatabase} THEN database_name END AS cloned_from,
       EXISTS (SELECT FROM pg_database AS d WHERE d.oid::bigint = database_oid) AS original_stands
     FROM database_mark`,
  );
  return row === undefined ? undefined : markOfRow(row);
}

/** Moves the mark on, and makes it where there is none. What it answers is committed before anybody can have read it. */
export async function advanceMark(engine: Db, server: ServerIdentity): Promise<DatabaseMark> {
  return engine.engineTx(async (tx) => {
    const [row] = await tx.query<Row>(
      `INSERT INTO database_mark AS m (history, seq, marked_at, server_id, timeline, backup_label, database_oid, database_name)
       SELECT $1, 1, now(), $2, $3, $4, ${ownDatabase}, current_database()
       ON CONFLICT (single) DO UPDATE SET seq = m.seq + 1, marked_at = now(), server_id = $2, timeline = $3,
         backup_label = coalesce($4, m.backup_label), database_oid = excluded.database_oid,
         database_name = excluded.database_name
       RETURNING ${columns}`,
      [randomUUID(), server.serverId, server.timeline, server.backupLabel ?? null],
    );
    if (row === undefined) throw new Error('the mark of the database was not written');
    return markOfRow(row);
  });
}

/**
 * Takes note that the database was put back: a new history begins. Lanes get epochs far above those that a worker may
 * still hold from the time that is gone, so that it is fenced off.
 */
export async function beginHistory(tx: Tx, server: ServerIdentity): Promise<void> {
  await tx.query('UPDATE lane SET epoch = epoch + 100000, owner = NULL');
  await tx.query(
    `INSERT INTO database_mark AS m (history, seq, marked_at, server_id, timeline, backup_label, database_oid, database_name)
     SELECT $1, 1, now(), $2, $3, $4, ${ownDatabase}, current_database()
     ON CONFLICT (single) DO UPDATE SET history = excluded.history, seq = 1, marked_at = now(),
       server_id = excluded.server_id, timeline = excluded.timeline, backup_label = excluded.backup_label,
       database_oid = excluded.database_oid, database_name = excluded.database_name`,
    [randomUUID(), server.serverId, server.timeline, server.backupLabel ?? null],
  );
}

/**
 * @param source the url is that of whoever may read most: a superuser's connection also sees the label of the physical copy
 * @throws the driver's error when the server cannot be reached
 */
export async function readServerIdentity(source: { url: string; isEmbedded: boolean }): Promise<ServerIdentity> {
  const client = new pg.Client({ connectionString: source.url, application_name: 'crossdock mark' });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query<{ serverId: string; timeline: number }>(
      `SELECT s.system_identifier::text AS "serverId", c.timeline_id AS timeline
       FROM pg_control_system() AS s, pg_control_checkpoint() AS c`,
    );
    // Left by a start from a physical copy: a crash makes none.
    const label = await client
      .query<{ label: string | null }>("SELECT pg_read_file('backup_label.old', 0, 10000, true) AS label")
      .then((answer) => answer.rows[0]?.label ?? undefined)
      .catch(() => undefined);
    const { isEmbedded } = source;
    return { ...rows[0]!, isEmbedded, ...(label === undefined ? {} : { backupLabel: label.trim() }) };
  } finally {
    await client.end().catch(() => {});
  }
}

/** Empty where there is no file, or none that can be read: then it proves nothing. */
export function readMarksSeen(dataDir: string): MarksSeen {
  try {
    const found = JSON.parse(readFileSync(join(dataDir, markFile), 'utf8')) as { seen?: Record<string, unknown> };
    const entries = Object.entries(found.seen ?? {}).filter(([, seq]) => Number.isSafeInteger(seq));
    return Object.fromEntries(entries) as MarksSeen;
  } catch {
    return {};
  }
}

/** Durable before it answers: a file that a power cut has emptied would have forgotten what it is for. */
export async function noteMark(dataDir: string, mark: DatabaseMark): Promise<void> {
  makeDataFolder(dataDir);
  const before = readMarksSeen(dataDir);
  // Two hubs may share a folder, and the slower one must not forget for the other.
  const seen = { ...before, [mark.history]: Math.max(mark.seq, before[mark.history] ?? 0) };
  const path = join(dataDir, markFile);
  const unfinished = `${path}.${randomUUID()}`;
  try {
    const file = await open(unfinished, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ seen })}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/**
 * Why the database counts as put back to an earlier instant; undefined when nothing says so. What a plain crash or a
 * failover without loss leaves is never behind what was committed and seen, and has no label of a copy. Pure.
 *
 * @param mark undefined: the database has none; `isUsed`: it has tenants all the same
 */
export function judgeMark(
  mark: DatabaseMark | undefined,
  server: ServerIdentity,
  seen: MarksSeen,
  isUsed: boolean,
): string | undefined {
  if (mark === undefined) {
    if (!isUsed || Object.keys(seen).length === 0) return undefined;
    return 'it is from a time before this data folder was used with it';
  }
  const { seq, history, backupLabel, serverId } = mark;
  const seenSeq = seen[history];
  if (seenSeq !== undefined && seenSeq > seq) {
    return `this data folder has seen it later than ${mark.markedAt.toISOString()}, where it stands`;
  }
  // A standby was made from a copy too, and has a timeline of its own from its promotion on.
  const isCopy = server.backupLabel !== undefined && server.backupLabel !== backupLabel;
  if (isCopy && (server.isEmbedded || server.timeline === mark.timeline)) {
    const startedAt = /^START TIME: (.+)$/m.exec(server.backupLabel ?? '')?.[1];
    return `its server was started from a physical copy${startedAt === undefined ? '' : ` of ${startedAt}`}`;
  }
  const { clonedFrom } = mark;
  // Beside its original it is a copy, whoever remembers what; one that has taken the original's place is as a moved server is.
  if (clonedFrom !== undefined && server.serverId === serverId && (clonedFrom.isStillThere || seenSeq === undefined)) {
    return `it was cloned from the database ${clonedFrom.name} of the same server`;
  }
  // A folder that remembers the history has just said that nothing is missing: the server was upgraded or moved.
  if (server.serverId !== serverId && seenSeq === undefined) {
    return 'it was last used on another server, and this data folder does not remember it';
  }
  return undefined;
}
