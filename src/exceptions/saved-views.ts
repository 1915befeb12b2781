import { HubError, type Tx, uuidv7 } from '../platform/index.ts';

/** Filters of the queue that somebody keeps under a name, for themselves. */
export interface SavedView {
  readonly id: string;
  readonly name: string;
  readonly filters: Readonly<Record<string, string>>;
  readonly savedAt: Date;
}

/** So many a person, for a menu is read as a whole. */
const mostViews = 20;

interface Row {
  id: string;
  name: string;
  filters: SavedView['filters'];
  saved_at: Date;
}

const fromRow = ({ saved_at: savedAt, ...row }: Row): SavedView => ({ ...row, savedAt });

/**
 * Keeps a view; one of the same name gives way to it.
 * @throws HubError ACTION_NOT_ALLOWED when somebody has as many as they may have
 */
export async function saveView(
  tx: Tx,
  actor: string,
  view: Pick<SavedView, 'name' | 'filters'>,
  now: Date,
): Promise<SavedView> {
  // By which the bound holds: one of somebody's views is saved at a time.
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('saved view:' || $1 || ':' || $2, 0))", [
    tx.tenantId,
    actor,
  ]);
  const [row] = await tx.query<Row>(
    `INSERT INTO saved_view (id, actor, name, filters, saved_at) SELECT $1, $2, $3, $4, $5
     WHERE (SELECT count(*) FROM saved_view WHERE actor = $2 AND name <> $3) < $6
     ON CONFLICT (tenant_id, actor, name) DO UPDATE SET filters = excluded.filters, saved_at = excluded.saved_at
     RETURNING id, name, filters, saved_at`,
    [uuidv7(now.getTime()), actor, view.name, JSON.stringify(view.filters), now, mostViews],
  );
  if (row !== undefined) return fromRow(row);
  throw new HubError('ACTION_NOT_ALLOWED', {
    message: `You keep ${mostViews} views, as many as there may be: delete one first`,
  });
}

/** By name. */
export async function listViews(tx: Tx, actor: string): Promise<SavedView[]> {
  const rows = await tx.query<Row>(
    'SELECT id, name, filters, saved_at FROM saved_view WHERE actor = $1 ORDER BY lower(name), name LIMIT $2',
    [actor, mostViews],
  );
  return rows.map(fromRow);
}

/** False where somebody keeps no such view. */
export async function deleteView(tx: Tx, actor: string, id: string): Promise<boolean> {
  const gone = await tx.query('DELETE FROM saved_view WHERE actor = $1 AND id = $2 RETURNING id', [actor, id]);
  return gone.length > 0;
}
