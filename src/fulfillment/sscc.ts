import { makeSscc } from '../model/index.ts';
import { HubError, type Tx } from '../platform/index.ts';

/**
 * The n-th SSCC (from 1) of a GS1 company prefix: serials run through the digits that the prefix leaves free, first under
 * extension digit 1, then 2 to 9, then 0 (GS1 General Specifications §3.3.1).
 * @throws HubError CONFLICT when the prefix is used up
 */
export function ssccOf(companyPrefix: string, n: number): string {
  const perExtension = 10n ** BigInt(16 - companyPrefix.length);
  const serial = BigInt(n) % perExtension;
  const extension = 1n + BigInt(n) / perExtension;
  if (extension > 10n) throw new HubError('CONFLICT', { message: `Company prefix ${companyPrefix} has no SSCC left` });
  return makeSscc(Number(extension % 10n), companyPrefix, serial);
}

/**
 * Takes SSCCs from the prefixes' counters. The counters' rows stay locked until the end of the transaction, in order of
 * prefix; a rollback gives back what nobody has seen, anything else is never used again.
 */
export async function allocateSsccs(tx: Tx, counts: ReadonlyMap<string, number>): Promise<Map<string, string[]>> {
  const wanted = [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  if (wanted.length === 0) return new Map();
  const rows = await tx.query<{ prefix: string; last: number }>(
    {
      name: 'fulfillment-allocate-ssccs',
      text: `INSERT INTO sscc_counter AS c (company_prefix, last)
             SELECT prefix, count FROM jsonb_to_recordset($1::jsonb) AS r(prefix text, count bigint) ORDER BY prefix
             ON CONFLICT (tenant_id, company_prefix) DO UPDATE SET last = c.last + EXCLUDED.last
             RETURNING company_prefix AS prefix, last`,
    },
    [JSON.stringify(wanted.map(([prefix, count]) => ({ prefix, count })))],
  );
  return new Map(
    rows.map(({ prefix, last }) => {
      const count = counts.get(prefix) ?? 0;
      return [prefix, Array.from({ length: count }, (_, i) => ssccOf(prefix, last - count + 1 + i))];
    }),
  );
}

/**
 * Moves every counter on, past what a hub whose memory has a gap may have printed meanwhile: an SSCC is not used again.
 * @returns how many counters
 */
export async function skipSsccs(tx: Tx, by: number): Promise<number> {
  const rows = await tx.query('UPDATE sscc_counter SET last = last + $2 WHERE tenant_id = $1 RETURNING 1', [
    tx.tenantId,
    by,
  ]);
  return rows.length;
}
