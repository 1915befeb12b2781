import { HubError, isUniqueViolation, type Tx, uuidv7 } from '../platform/index.ts';
import { type PutResult, sameJson } from './agreement-store.ts';
import type { CrossReference, StoredCrossReference } from './cross-reference.ts';

export interface CrossReferenceKey {
  type: string;
  external: string;
}

/** Everybody's scope: used where the partner or connection has no entry of its own. */
const anyScope = '*';

/**
 * Stores cross-references; one with the same scope, type, external code and start replaces the other's meaning.
 * Idempotent: the same content gives no new version. Results are in the order of the input.
 */
export async function putCrossReferences(
  tx: Tx,
  references: readonly CrossReference[],
): Promise<(PutResult & { id: string })[]> {
  if (references.length === 0) return [];
  const rows = references.map((reference, index) => ({ ...reference, index, id: uuidv7() }));
  const stored = await tx.query<{ index: number; id: string; version: number; changed: boolean }>(
    {
      name: 'partners-put-cross-references',
      text: `WITH input AS (
          SELECT index, id, scope, type, external, canonical, coalesce("validFrom", '-infinity') AS valid_from,
            coalesce("validTo", 'infinity') AS valid_to, coalesce(confidence, 100) AS confidence, "approvedBy" AS approved_by, note
          FROM jsonb_to_recordset($1) AS c(index integer, id text, scope text, type text, external text, canonical text,
            "validFrom" date, "validTo" date, confidence integer, "approvedBy" text, note text)),
        put AS (
          INSERT INTO cross_reference AS x (tenant_id, id, scope, type, external, canonical, valid_from, valid_to,
            confidence, approved_by, note, version, recorded_at)
          SELECT current_setting('crossdock.tenant'), id, scope, type, external, canonical, valid_from, valid_to,
            confidence, approved_by, note, 1, now() FROM input ORDER BY scope, type, external, valid_from
          ON CONFLICT (tenant_id, scope, type, external, valid_from) DO UPDATE SET canonical = excluded.canonical,
            valid_to = excluded.valid_to, confidence = excluded.confidence, approved_by = excluded.approved_by,
            note = excluded.note, version = x.version + 1, recorded_at = excluded.recorded_at
          WHERE (x.canonical, x.valid_to, x.confidence, x.approved_by, x.note)
            IS DISTINCT FROM (excluded.canonical, excluded.valid_to, excluded.confidence, excluded.approved_by, excluded.note)
          RETURNING x.id, x.version, scope, type, external, valid_from)
        SELECT i.index, coalesce(p.id, x.id) AS id, coalesce(p.version, x.version) AS version, p.id IS NOT NULL AS changed
        FROM input i LEFT JOIN put p USING (scope, type, external, valid_from)
        LEFT JOIN cross_reference x ON x.tenant_id = current_setting('crossdock.tenant')
          AND (x.scope, x.type, x.external, x.valid_from) = (i.scope, i.type, i.external, i.valid_from)
        ORDER BY i.index`,
    },
    [JSON.stringify(rows)],
  );
  return stored.map(({ id, version, changed }) => ({ id, version, changed }));
}

/**
 * Stores one cross-reference under an id that the caller chose.
 * @throws HubError PRECONDITION_FAILED; CONFLICT when another id holds this code for the same start
 */
export async function putCrossReference(
  tx: Tx,
  id: string,
  reference: CrossReference,
  ifVersion?: number,
): Promise<PutResult> {
  const [row] = await tx.query<CrossReferenceRecord>(
    `SELECT ${columns} FROM cross_reference WHERE id = $1 FOR UPDATE`,
    [id],
  );
  if (ifVersion !== undefined && ifVersion !== (row?.version ?? 0)) throw new HubError('PRECONDITION_FAILED');
  if (row !== undefined) {
    const { id: _, version, recordedAt: __, ...stored } = fromRecord(row);
    if (sameJson(stored, { confidence: 100, ...reference })) return { version, changed: false };
  }
  const version = (row?.version ?? 0) + 1;
  try {
    await tx.query(
      `INSERT INTO cross_reference (tenant_id, id, scope, type, external, canonical, valid_from, valid_to, confidence,
          approved_by, note, version, recorded_at)
        VALUES (current_setting('crossdock.tenant'), $1, $2, $3, $4, $5, coalesce($6, '-infinity'::date),
          coalesce($7, 'infinity'::date), $8, $9, $10, $11, now())
        ON CONFLICT (tenant_id, id) DO UPDATE SET scope = excluded.scope, type = excluded.type, external = excluded.external,
          canonical = excluded.canonical, valid_from = excluded.valid_from, valid_to = excluded.valid_to,
          confidence = excluded.confidence, approved_by = excluded.approved_by, note = excluded.note,
          version = excluded.version, recorded_at = excluded.recorded_at`,
      [
        id,
        reference.scope,
        reference.type,
        reference.external,
        reference.canonical,
        reference.validFrom ?? null,
        reference.validTo ?? null,
        reference.confidence ?? 100,
        reference.approvedBy ?? null,
        reference.note ?? null,
        version,
      ],
    );
  } catch (error) {
    if (!isUniqueViolation(error, 'cross_reference_period')) throw error;
    throw new HubError('CONFLICT', { message: 'Another cross-reference holds this code', cause: error });
  }
  return { version, changed: true };
}

interface CrossReferenceRecord {
  id: string;
  scope: string;
  type: CrossReference['type'];
  external: string;
  canonical: string;
  valid_from: string | null;
  valid_to: string | null;
  confidence: number;
  approved_by: string | null;
  note: string | null;
  version: number;
  recorded_at: Date;
}

const columns = `id, scope, type, external, canonical, nullif(valid_from, '-infinity') AS valid_from,
  nullif(valid_to, 'infinity') AS valid_to, confidence, approved_by, note, version, recorded_at`;

function fromRecord(row: CrossReferenceRecord): StoredCrossReference {
  return {
    id: row.id,
    scope: row.scope,
    type: row.type,
    external: row.external,
    canonical: row.canonical,
    validFrom: row.valid_from ?? undefined,
    validTo: row.valid_to ?? undefined,
    confidence: row.confidence,
    approvedBy: row.approved_by ?? undefined,
    note: row.note ?? undefined,
    version: row.version,
    recordedAt: row.recorded_at.toISOString(),
  };
}

export async function getCrossReference(tx: Tx, id: string): Promise<StoredCrossReference | undefined> {
  const [row] = await tx.query<CrossReferenceRecord>(`SELECT ${columns} FROM cross_reference WHERE id = $1`, [id]);
  return row === undefined ? undefined : fromRecord(row);
}

/** Cross-references by scope, type or canonical id, in the order of their external codes. */
export async function listCrossReferences(
  tx: Tx,
  filter: {
    scope?: string;
    type?: string;
    external?: string;
    canonical?: string;
    limit?: number;
    offset?: number;
  } = {},
): Promise<StoredCrossReference[]> {
  const rows = await tx.query<CrossReferenceRecord>(
    `SELECT ${columns} FROM cross_reference
      WHERE ($1::text IS NULL OR scope = $1) AND ($2::text IS NULL OR type = $2) AND ($3::text IS NULL OR external = $3)
        AND ($4::text IS NULL OR canonical = $4)
      ORDER BY scope, type, external, cross_reference.valid_from LIMIT $5 OFFSET $6`,
    [
      filter.scope ?? null,
      filter.type ?? null,
      filter.external ?? null,
      filter.canonical ?? null,
      Math.min(filter.limit ?? 500, 10_000),
      filter.offset ?? 0,
    ],
  );
  return rows.map(fromRecord);
}

/**
 * Canonical ids of external codes as `scope` uses them on `onDate` (local, `YYYY-MM-DD`): its own entry before
 * everybody's. Only what a person (or full confidence) approved is used. Keys of the result are `keyOf(type, external)`.
 */
export async function resolveCrossReferences(
  tx: Tx,
  scope: string,
  keys: readonly CrossReferenceKey[],
  onDate: string,
): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const rows = await tx.query<{ type: string; external: string; canonical: string }>(
    {
      name: 'partners-resolve-cross-references',
      text: `SELECT DISTINCT ON (x.type, x.external) x.type, x.external, x.canonical
        FROM jsonb_to_recordset($2) AS k(type text, external text)
        JOIN cross_reference x ON x.tenant_id = current_setting('crossdock.tenant') AND x.scope IN ($1, '${anyScope}')
          AND x.type = k.type AND x.external = k.external
        WHERE x.confidence = 100 AND $3::date BETWEEN x.valid_from AND x.valid_to
        ORDER BY x.type, x.external, (x.scope = '${anyScope}'), x.valid_from DESC`,
    },
    [scope, JSON.stringify(keys), onDate],
  );
  return new Map(rows.map((row) => [keyOf(row.type, row.external), row.canonical]));
}

/** At most this many rounds: a look-up may depend on the answer to another one, not on an endless chain of them. */
const roundsMax = 4;

/**
 * Runs a pure function that looks codes up, until every code it asks for has been fetched: the first run finds out which
 * codes it needs, the next has their answers. The result is that of the last run. Codes mean what they mean on `onDate`, a
 * day of the company's calendar.
 */
export async function mapWithCrossReferences<T>(
  tx: Tx,
  scope: string,
  onDate: string,
  run: (lookup: (type: string, external: string) => string | undefined) => T,
): Promise<T> {
  const known = new Map<string, string | undefined>();
  for (let round = 1; ; round++) {
    const missing = new Map<string, CrossReferenceKey>();
    let value: T | undefined;
    let failure: { error: unknown } | undefined;
    try {
      value = run((type, external) => {
        const key = keyOf(type, external);
        if (!known.has(key)) missing.set(key, { type, external });
        return known.get(key);
      });
    } catch (error) {
      failure = { error };
    }
    if (missing.size === 0 || round === roundsMax) {
      if (failure !== undefined) throw failure.error;
      return value as T;
    }
    const found = await resolveCrossReferences(tx, scope, [...missing.values()], onDate);
    for (const key of missing.keys()) known.set(key, found.get(key));
  }
}

export function keyOf(type: string, external: string): string {
  return `${type}\0${external}`;
}
