import pg from 'pg';
import { HubError } from './errors.ts';

/**
 * Stands in a database from the first step of a restore to its last, so that what a restore that was killed leaves is not
 * taken for a hub's database. Not of the migrations: it has to be there before they are.
 */
const marker = 'restore_unfinished';

export async function withRestoreClient<T>(url: string, fn: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'crossdock restore' });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (cause) {
    throw new HubError('DATABASE_UNAVAILABLE', { cause });
  }
  try {
    return await fn(client);
  } finally {
    await client.end();
  }
}

async function readMarker(client: pg.Client): Promise<{ dir: string; startedAt: Date } | undefined> {
  const there = await client.query<{ there: boolean }>(`SELECT to_regclass('public.${marker}') IS NOT NULL AS there`);
  if (there.rows[0]?.there !== true) return undefined;
  const { rows } = await client.query<{ dir: string; startedAt: Date }>(
    `SELECT dir, started_at AS "startedAt" FROM public.${marker}`,
  );
  return rows[0] ?? { dir: 'a backup', startedAt: new Date(0) };
}

/**
 * A hub, and whatever works on its database, asks before anything else.
 * @throws HubError RESTORE_UNFINISHED, DATABASE_UNAVAILABLE
 */
export function refuseUnfinishedRestore(url: string): Promise<void> {
  return withRestoreClient(url, async (client) => {
    const found = await readMarker(client);
    if (found === undefined) return;
    throw new HubError('RESTORE_UNFINISHED', {
      message: `A restore from ${found.dir}, begun ${found.startedAt.toISOString()}, has not ended: run crossdock restore again, with this backup or another one; it clears what was left`,
    });
  });
}

/**
 * Takes an empty database, or one in which a restore was broken off, which it empties.
 * @throws HubError RESTORE_REFUSED (the database is used), DATABASE_UNAVAILABLE
 */
export function beginRestore(url: string, dir: string): Promise<void> {
  return withRestoreClient(url, async (client) => {
    await client.query('BEGIN');
    // Of two restores at once one waits, and then finds what the other has made.
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('crossdock restore', 0))");
    if ((await readMarker(client)) === undefined) await refuseUsed(client);
    else await empty(client);
    await client.query(
      `CREATE TABLE public.${marker} AS SELECT $1::text AS dir, now() AS started_at, pg_backend_pid() AS begun_by`,
      [dir],
    );
    await client.query('COMMIT');
  });
}

/** A restore that failed leaves the database as empty as it was. */
export function undoRestore(url: string): Promise<void> {
  return withRestoreClient(url, async (client) => {
    await client.query('BEGIN');
    if ((await readMarker(client)) !== undefined) await empty(client);
    await client.query('COMMIT');
  });
}

export function endRestore(url: string): Promise<void> {
  return withRestoreClient(url, async (client) => {
    await client.query(`DROP TABLE IF EXISTS public.${marker}`);
  });
}

async function refuseUsed(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')",
  );
  if (rows[0]!.n === 0) return;
  throw new HubError('RESTORE_REFUSED', {
    message: `The database holds ${rows[0]!.n} tables already; restore into an empty one`,
  });
}

/** All that migrations make, sequences after the tables that own them; what belongs to an extension was there before. */
async function empty(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ drop: string }>(
    `SELECT drop FROM (
       SELECT CASE c.relkind WHEN 'S' THEN 2 ELSE 1 END AS turn, c.oid, 'pg_class'::regclass AS catalog, format('DROP %s IF EXISTS public.%I CASCADE',
         CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
         c.relname) AS drop
       FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm', 'S', 'r', 'p')
         AND NOT c.relispartition
       UNION ALL
       SELECT 3, p.oid, 'pg_proc'::regclass, format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)
       FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace
     ) AS made
     WHERE NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = made.oid AND d.classid = made.catalog AND d.deptype = 'e')
     ORDER BY turn`,
  );
  for (const { drop } of rows) await client.query(drop);
}

/** Not of the schema. */
export const isMarker = (table: string): boolean => table === marker;
