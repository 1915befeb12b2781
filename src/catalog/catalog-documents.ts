import {
  canonicalJson,
  type Item,
  type Page,
  type PageRequest,
  type PriceRule,
  type PutOptions,
  type PutOutcome,
  type Versioned,
} from '../model/index.ts';
import { firstRepeated, HubError, type Tx } from '../platform/index.ts';

/** A table of this room: which column is the key, and which other columns mirror the document. */
export interface CatalogTable<T> {
  readonly name: 'item' | 'price_rule';
  readonly keyColumn: 'sku' | 'id';
  readonly key: (document: T) => string;
  /** Column → SQL over `document`. */
  readonly mirrors: Readonly<Record<string, string>>;
}

export const itemTable: CatalogTable<Item> = {
  name: 'item',
  keyColumn: 'sku',
  key: (item) => item.sku,
  mirrors: { description: "document ->> 'description'" },
};

export const priceRuleTable: CatalogTable<PriceRule> = {
  name: 'price_rule',
  keyColumn: 'id',
  key: (rule) => rule.id,
  mirrors: { sku: "document ->> 'sku'" },
};

interface DocumentRow<T> {
  key: string;
  version: number;
  document: T;
  updated_at: Date;
}

/** Serialises the writes of a tenant's catalog and numbers them; see migration 0020. */
async function nextCatalogRevision(tx: Tx): Promise<number> {
  const rows = await tx.query<{ revision: number }>(
    `INSERT INTO catalog_revision AS r (tenant_id, revision) VALUES (current_setting('crossdock.tenant'), 1)
     ON CONFLICT (tenant_id) DO UPDATE SET revision = r.revision + 1 RETURNING revision`,
  );
  return rows[0]!.revision;
}

/** Writes documents whose content is new, in three statements; the same content keeps its version. */
export async function putCatalogDocuments<T>(
  tx: Tx,
  table: CatalogTable<T>,
  rows: readonly T[],
  options: PutOptions,
): Promise<PutOutcome<T>[]> {
  if (rows.length === 0) return [];
  const keys = rows.map(table.key);
  const repeated = keys[firstRepeated(keys)];
  if (repeated !== undefined) throw new HubError('VALIDATION_FAILED', { message: `${repeated} is given twice` });
  const revision = await nextCatalogRevision(tx);
  const stored = await loadCatalogDocuments(tx, table, keys);
  const outcomes = rows.map((value): PutOutcome<T> => {
    const key = table.key(value);
    const known = stored.get(key);
    if (options.expectedVersion !== undefined && options.expectedVersion !== (known?.version ?? 0)) {
      throw new HubError('PRECONDITION_FAILED');
    }
    if (known === undefined) return { key, version: 1, outcome: 'created', value };
    const same = canonicalJson(known.value) === canonicalJson(value);
    const version = same ? known.version : known.version + 1;
    return { key, version, outcome: same ? 'unchanged' : 'changed', previous: known.value, value };
  });
  const changed = outcomes.filter((outcome) => outcome.outcome !== 'unchanged');
  if (changed.length > 0) await writeDocuments(tx, table, changed, revision, options.now);
  return outcomes;
}

async function writeDocuments<T>(
  tx: Tx,
  table: CatalogTable<T>,
  changed: readonly PutOutcome<T>[],
  revision: number,
  now: Date,
): Promise<void> {
  const mirrors = Object.keys(table.mirrors);
  const written = ['version', 'revision', 'document', 'updated_at', ...mirrors];
  await tx.query(
    `INSERT INTO ${table.name} (tenant_id, ${table.keyColumn}, ${written.join(', ')})
     SELECT current_setting('crossdock.tenant'), key, version, $2, document, $3
       ${mirrors.map((column) => `, ${table.mirrors[column]}`).join('')}
     FROM jsonb_to_recordset($1) AS r(key text, version integer, document jsonb)
     ON CONFLICT (tenant_id, ${table.keyColumn}) DO UPDATE SET
       ${written.map((column) => `${column} = excluded.${column}`).join(', ')}`,
    [
      JSON.stringify(changed.map((row) => ({ key: row.key, version: row.version, document: row.value }))),
      revision,
      now,
    ],
  );
}

export async function loadCatalogDocuments<T>(
  tx: Tx,
  table: CatalogTable<T>,
  keys: readonly string[],
): Promise<Map<string, Versioned<T>>> {
  if (keys.length === 0) return new Map();
  const rows = await tx.query<DocumentRow<T>>(
    {
      name: `catalog-load-${table.name}`,
      text: `SELECT ${table.keyColumn} AS key, version, document, updated_at FROM ${table.name}
        WHERE ${table.keyColumn} = ANY($1)`,
    },
    [keys],
  );
  return new Map(rows.map((row) => [row.key, fromRow(row)]));
}

function fromRow<T>(row: DocumentRow<T>): Versioned<T> {
  return { value: row.document, version: row.version, updatedAt: row.updated_at };
}

export async function listCatalogDocuments<T>(
  tx: Tx,
  table: CatalogTable<T>,
  page: PageRequest,
): Promise<Page<Versioned<T>>> {
  const [mirror] = Object.keys(table.mirrors);
  const rows = await tx.query<DocumentRow<T>>(
    `SELECT ${table.keyColumn} AS key, version, document, updated_at FROM ${table.name}
     WHERE ($1::text IS NULL OR ${table.keyColumn} > $1)
       AND ($2::text IS NULL OR strpos(lower(${table.keyColumn} || ' ' || ${mirror}), lower($2)) > 0)
     ORDER BY ${table.keyColumn} LIMIT $3`,
    [page.after ?? null, page.query ?? null, page.limit + 1],
  );
  const shown = rows.slice(0, page.limit);
  return { rows: shown.map(fromRow), next: rows.length > page.limit ? shown.at(-1)!.key : undefined };
}
