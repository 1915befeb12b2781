import {
  canonicalJson,
  type Customer,
  type Page,
  type PageRequest,
  type PutOptions,
  type PutOutcome,
  type Supplier,
  type Versioned,
} from '../model/index.ts';
import { HubError, type Tx } from '../platform/index.ts';

type Party = Customer | Supplier;
type PartyTable = 'customer' | 'supplier';

interface PartyRow<T> {
  account_no: string;
  version: number;
  document: T;
  updated_at: Date;
}

/** Serialises the writes of a tenant's parties and numbers them; see migration 0020. */
async function nextPartyRevision(tx: Tx): Promise<number> {
  const rows = await tx.query<{ revision: number }>(
    `INSERT INTO party_revision AS r (tenant_id, revision) VALUES (current_setting('crossdock.tenant'), 1)
     ON CONFLICT (tenant_id) DO UPDATE SET revision = r.revision + 1 RETURNING revision`,
  );
  return rows[0]!.revision;
}

/** Writes documents whose content is new, in three statements; the same content keeps its version. */
export async function putPartyDocuments<T extends Party>(
  tx: Tx,
  table: PartyTable,
  rows: readonly T[],
  options: PutOptions,
): Promise<PutOutcome<T>[]> {
  if (rows.length === 0) return [];
  refuseRepeatedKeys(rows);
  const revision = await nextPartyRevision(tx);
  const stored = await loadPartyDocuments<T>(
    tx,
    table,
    rows.map((row) => row.accountNo),
  );
  const outcomes = rows.map((row): PutOutcome<T> => {
    const known = stored.get(row.accountNo);
    if (options.expectedVersion !== undefined && options.expectedVersion !== (known?.version ?? 0)) {
      throw new HubError('PRECONDITION_FAILED');
    }
    if (known === undefined) return { key: row.accountNo, version: 1, outcome: 'created', value: row };
    const same = canonicalJson(known.value) === canonicalJson(row);
    const version = same ? known.version : known.version + 1;
    const outcome = same ? 'unchanged' : 'changed';
    return { key: row.accountNo, version, outcome, previous: known.value, value: row };
  });
  const changed = outcomes.filter((outcome) => outcome.outcome !== 'unchanged');
  if (changed.length > 0) await writeDocuments(tx, table, changed, revision, options.now);
  return outcomes;
}

function refuseRepeatedKeys(rows: readonly Party[]): void {
  const seen = new Set<string>();
  for (const { accountNo } of rows) {
    if (seen.has(accountNo)) throw new HubError('VALIDATION_FAILED', { message: `${accountNo} is given twice` });
    seen.add(accountNo);
  }
}

async function writeDocuments<T extends Party>(
  tx: Tx,
  table: PartyTable,
  changed: readonly PutOutcome<T>[],
  revision: number,
  now: Date,
): Promise<void> {
  const parent = table === 'customer' ? ', parent_account_no' : '';
  const parentValue = table === 'customer' ? ", document ->> 'parentAccountNo'" : '';
  await tx.query(
    `INSERT INTO ${table} (tenant_id, account_no, version, revision, legal_name, document, updated_at${parent})
     SELECT current_setting('crossdock.tenant'), key, version, $2, document ->> 'legalName', document, $3${parentValue}
     FROM jsonb_to_recordset($1) AS r(key text, version integer, document jsonb)
     ON CONFLICT (tenant_id, account_no) DO UPDATE SET version = excluded.version, revision = excluded.revision,
       legal_name = excluded.legal_name, document = excluded.document, updated_at = excluded.updated_at
       ${table === 'customer' ? ', parent_account_no = excluded.parent_account_no' : ''}`,
    [
      JSON.stringify(changed.map((row) => ({ key: row.key, version: row.version, document: row.value }))),
      revision,
      now,
    ],
  );
}

export async function loadPartyDocuments<T extends Party>(
  tx: Tx,
  table: PartyTable,
  accountNos: readonly string[],
): Promise<Map<string, Versioned<T>>> {
  if (accountNos.length === 0) return new Map();
  const rows = await tx.query<PartyRow<T>>(
    {
      name: `parties-load-${table}`,
      text: `SELECT account_no, version, document, updated_at FROM ${table} WHERE account_no = ANY($1)`,
    },
    [accountNos],
  );
  return new Map(rows.map((row) => [row.account_no, fromRow(row)]));
}

function fromRow<T>(row: PartyRow<T>): Versioned<T> {
  return { value: row.document, version: row.version, updatedAt: row.updated_at };
}

export async function listPartyDocuments<T extends Party>(
  tx: Tx,
  table: PartyTable,
  page: PageRequest,
): Promise<Page<Versioned<T>>> {
  const rows = await tx.query<PartyRow<T>>(
    `SELECT account_no, version, document, updated_at FROM ${table}
     WHERE ($1::text IS NULL OR account_no > $1)
       AND ($2::text IS NULL OR strpos(lower(account_no || ' ' || legal_name), lower($2)) > 0)
     ORDER BY account_no LIMIT $3`,
    [page.after ?? null, page.query ?? null, page.limit + 1],
  );
  const more = rows.length > page.limit;
  const shown = rows.slice(0, page.limit);
  return { rows: shown.map(fromRow), next: more ? shown.at(-1)!.account_no : undefined };
}
