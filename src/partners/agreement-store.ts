import { type ErrorDetail, HubError, isUniqueViolation, type Tx } from '../platform/index.ts';
import { type Agreement, type InterchangeAddress, type Terms, termsOf } from './agreement.ts';
import { overlayProblems } from './compile-overlay.ts';
import { narrowingProblems } from './narrowing.ts';

interface AgreementRecord {
  body: Agreement;
  version: number;
}

const toTerms = (row: AgreementRecord): Terms => termsOf(row.body, row.version);

/** `qualifier:id` without the spaces that fixed-width headers add. */
function addressKey(address: InterchangeAddress): string {
  return `${address.qualifier.trim()}:${address.id.trimEnd()}`;
}

export interface PutResult {
  version: number;
  /** False when the stored content was the same already: nothing was written. */
  changed: boolean;
}

/**
 * Stores an agreement. `ifVersion` must be the stored version (0 for one that must not exist yet).
 * @throws HubError PRECONDITION_FAILED; VALIDATION_FAILED for overlays and narrowings that cannot work; CONFLICT when another
 * active agreement has the same addresses and usage
 */
export async function putAgreement(tx: Tx, agreement: Agreement, ifVersion?: number): Promise<PutResult> {
  refuseBadOverlays(agreement);
  refuseBadNarrowings(agreement);
  const [stored] = await tx.query<AgreementRecord>('SELECT body, version FROM agreement WHERE id = $1 FOR UPDATE', [
    agreement.id,
  ]);
  if (ifVersion !== undefined && ifVersion !== (stored?.version ?? 0)) throw new HubError('PRECONDITION_FAILED');
  if (stored !== undefined && sameJson(stored.body, agreement)) return { version: stored.version, changed: false };
  const version = (stored?.version ?? 0) + 1;
  try {
    await tx.query(
      `INSERT INTO agreement (tenant_id, id, partner, standard, us, them, active, body, version, recorded_at)
        VALUES (current_setting('crossdock.tenant'), $1, $2, $3, $4, $5, $6, $7, $8, now())
        ON CONFLICT (tenant_id, id) DO UPDATE SET partner = excluded.partner, standard = excluded.standard,
          us = excluded.us, them = excluded.them, active = excluded.active, body = excluded.body,
          version = excluded.version, recorded_at = excluded.recorded_at`,
      [
        agreement.id,
        agreement.partner,
        agreement.standard,
        addressKey(agreement.us),
        addressKey(agreement.them),
        agreement.status !== 'inactive',
        JSON.stringify(agreement),
        version,
      ],
    );
  } catch (error) {
    if (!isUniqueViolation(error, 'agreement_address')) throw error;
    throw new HubError('CONFLICT', {
      message: 'Another active agreement has these addresses and this usage',
      cause: error,
    });
  }
  return { version, changed: true };
}

/** Overlays are compiled before they are stored: a document must not be the first to meet a row that cannot work. */
function refuseBadOverlays({ overlays = [] }: Agreement): void {
  const errors: ErrorDetail[] = [];
  for (const [index, { map, rows }] of overlays.entries()) {
    if (overlays.findIndex((overlay) => overlay.map === map) !== index) {
      errors.push({ pointer: `/overlays/${index}/map`, code: 'REPEATED', message: `${map} has an overlay already` });
    }
    for (const problem of overlayProblems(rows))
      errors.push({ ...problem, pointer: `/overlays/${index}${problem.pointer}` });
  }
  if (errors.length > 0)
    throw new HubError('VALIDATION_FAILED', { message: 'The overlays cannot work as they are', errors });
}

/** As with overlays: whoever writes a guide hears of its faults, not the partner whose document meets it first. */
function refuseBadNarrowings(agreement: Agreement): void {
  const { standard, narrowings = [] } = agreement;
  const errors = narrowingProblems(standard, narrowings, termsOf(agreement, 0).inbound);
  if (errors.length > 0)
    throw new HubError('VALIDATION_FAILED', { message: 'The narrowings cannot work as they are', errors });
}

export async function getAgreement(tx: Tx, id: string): Promise<Terms | undefined> {
  const [row] = await tx.query<AgreementRecord>('SELECT body, version FROM agreement WHERE id = $1', [id]);
  return row === undefined ? undefined : toTerms(row);
}

export async function listAgreements(tx: Tx): Promise<Terms[]> {
  const rows = await tx.query<AgreementRecord>('SELECT body, version FROM agreement ORDER BY id');
  return rows.map(toTerms);
}

/** Active agreements between these addresses, whatever their usage; at most one for production and one for test. */
export async function findAgreements(
  tx: Tx,
  standard: string,
  them: InterchangeAddress,
  us: InterchangeAddress,
): Promise<Terms[]> {
  const rows = await tx.query<AgreementRecord>(
    {
      name: 'partners-find-agreements',
      text: 'SELECT body, version FROM agreement WHERE active AND standard = $1 AND them = $2 AND us = $3 ORDER BY id',
    },
    [standard, addressKey(them), addressKey(us)],
  );
  return rows.map(toTerms);
}

/** The active agreement by which we send to each of these partners: production before test, then by id. */
export async function termsForPartners(tx: Tx, partners: readonly string[]): Promise<Map<string, Terms>> {
  const rows = await tx.query<AgreementRecord & { partner: string }>(
    {
      name: 'partners-terms-for-partners',
      text: `SELECT DISTINCT ON (partner) partner, body, version FROM agreement WHERE active AND partner = ANY($1::text[])
        ORDER BY partner, body ->> 'usage', id`,
    },
    [partners],
  );
  return new Map(rows.map((row) => [row.partner, toTerms(row)]));
}

/** Equality of JSON values whatever the order of their keys: jsonb keeps none. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a).filter(([, value]) => value !== undefined);
  const right = new Map(Object.entries(b).filter(([, value]) => value !== undefined));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && sameJson(value, right.get(key)));
}
