import type { Tx } from '../platform/index.ts';

/**
 * `interchange`: ISA13 per (sender, receiver, ISA15), nine digits. `group`: GS06 per (GS02, GS03, GS01), nine digits.
 * `edifact`: UNB 0020 per (sender, receiver), fourteen characters, of which we use nine digits.
 */
export type ControlKind = 'interchange' | 'group' | 'edifact';

const max = 999_999_999;

/**
 * Takes `count` following numbers of a series and returns the first. The row stays locked until the transaction ends,
 * so numbers are neither reused nor skipped: a rollback returns them unseen. After 999,999,999 it starts again at 1, as
 * the standard asks; a run never crosses that border.
 */
export async function takeControlNumbers(tx: Tx, kind: ControlKind, scope: string, count = 1): Promise<number> {
  const [row] = await tx.query<{ last: number }>(
    {
      name: 'exchange-take-control-numbers',
      text: `INSERT INTO control_number AS c (tenant_id, kind, scope, last)
        VALUES (current_setting('crossdock.tenant'), $1, $2, $3)
        ON CONFLICT (tenant_id, kind, scope) DO UPDATE SET last = CASE WHEN c.last + $3 > ${max} THEN $3 ELSE c.last + $3 END
        RETURNING last`,
    },
    [kind, scope, count],
  );
  return (row as { last: number }).last - count + 1;
}

export interface ControlSeries {
  kind: ControlKind;
  scope: string;
  last: number;
}

export async function listControlNumbers(tx: Tx): Promise<ControlSeries[]> {
  return tx.query<ControlSeries>('SELECT kind, scope, last FROM control_number ORDER BY kind, scope');
}

/**
 * Sets where a series stands, for a hub that takes over from another system. Never backwards.
 * @returns false when the series is already beyond `last`
 */
export async function seedControlNumber(tx: Tx, series: ControlSeries): Promise<boolean> {
  const rows = await tx.query(
    `INSERT INTO control_number AS c (tenant_id, kind, scope, last)
      VALUES (current_setting('crossdock.tenant'), $1, $2, $3)
      ON CONFLICT (tenant_id, kind, scope) DO UPDATE SET last = excluded.last WHERE c.last < excluded.last RETURNING 1`,
    [series.kind, series.scope, series.last],
  );
  return rows.length > 0;
}

export const interchangeScope = (sender: string, receiver: string, usage: string): string =>
  `${sender}|${receiver}|${usage}`;
export const edifactScope = (sender: string, receiver: string): string => `${sender}|${receiver}`;
export const groupScope = (sender: string, receiver: string, functionalId: string): string =>
  `${sender}|${receiver}|${functionalId}`;

/**
 * Moves every series on, past what a hub whose memory has a gap may have used meanwhile: a partner refuses a number that it
 * has seen. A series at its end starts again at 1, as always.
 * @returns how many series
 */
export async function skipControlNumbers(tx: Tx, by: number): Promise<number> {
  const rows = await tx.query(
    `UPDATE control_number SET last = CASE WHEN last + $2 > ${max} THEN $2 ELSE last + $2 END WHERE tenant_id = $1 RETURNING 1`,
    [tx.tenantId, by],
  );
  return rows.length;
}
