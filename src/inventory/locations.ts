import type { PutOptions, PutOutcome, Versioned } from '../model/index.ts';
import type { Location } from '../model/index.ts';
import type { Tx } from '../platform/index.ts';
import { sameContent, takeVersion } from './put-versioned.ts';
import { everyItem, noteStockChanges } from './stock-change-log.ts';

interface LocationRow {
  code: string;
  version: number;
  document: Location;
  updatedAt: Date;
}

const columns = 'code, version, document, updated_at AS "updatedAt"';

/**
 * Creates or replaces sites by code; the same content again changes nothing and keeps the version.
 * @throws HubError PRECONDITION_FAILED
 */
export async function putLocations(
  tx: Tx,
  rows: readonly Location[],
  options: PutOptions,
): Promise<PutOutcome<Location>[]> {
  const codes = rows.map((row) => row.code).sort();
  const stored = await tx.query<LocationRow>(
    `SELECT ${columns} FROM location WHERE code = ANY($1::text[]) ORDER BY code FOR UPDATE`,
    [codes],
  );
  const outcomes = rows.map((value): PutOutcome<Location> => {
    const before = stored.find((row) => row.code === value.code);
    const version = takeVersion(before, options);
    if (before === undefined) return { key: value.code, version, outcome: 'created', value };
    if (sameContent(before.document, value)) {
      return { key: value.code, version: before.version, outcome: 'unchanged', value };
    }
    return { key: value.code, version, outcome: 'changed', previous: before.document, value };
  });
  const changed = outcomes.filter((outcome) => outcome.outcome !== 'unchanged');
  if (changed.length > 0) {
    await tx.query(
      `INSERT INTO location (code, version, sellable, priority, document, updated_at)
       SELECT j->'value'->>'code', (j->>'version')::int, (j->'value'->>'sellable')::boolean, (j->'value'->>'priority')::int, j->'value', $2
       FROM jsonb_array_elements($1::jsonb) AS j
       ON CONFLICT (tenant_id, code) DO UPDATE SET version = EXCLUDED.version, sellable = EXCLUDED.sellable,
         priority = EXCLUDED.priority, document = EXCLUDED.document, updated_at = EXCLUDED.updated_at`,
      [JSON.stringify(changed), options.now],
    );
    await noteStockChanges(tx, [everyItem]);
  }
  return outcomes;
}

/** All sites, or those of the codes. */
export async function loadLocations(tx: Tx, codes?: readonly string[]): Promise<Map<string, Versioned<Location>>> {
  const rows = await tx.query<LocationRow>(
    `SELECT ${columns} FROM location WHERE $1::text[] IS NULL OR code = ANY($1) ORDER BY priority, code`,
    [codes ?? null],
  );
  return new Map(
    rows.map((row) => [row.code, { value: row.document, version: row.version, updatedAt: row.updatedAt }]),
  );
}
