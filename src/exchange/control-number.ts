import type { Tx } from '../platform/index.ts';

/**
 * `interchange`: ISA13 per (sender, receiver, ISA15), nine digits. `group`: GS06 per (GS02, GS03, GS01), nine digits.
 * `edifact`: UNB 0020 per (sender, receiver), fourteen characters, of which we use nine digits.
 */
export type ControlKind = 'interchange' | 'group' | 'edifact';

/** Nine digits, the most that ISA13 and GS06 hold. */
const max = 999_999_999;

/**
 * Takes `count` following numbers of a series and returns the first. The row stays locked until the transaction ends,
 * so numbers are neither reused nor skipped: a rollback returns them unseen. After `upTo` (999,999,999, or what the
 * agreement says) it starts again at 1, as the standard asks; a run never crosses that border.
 */
export async function takeControlNumbers(
  tx: Tx,
  kind: ControlKind,
  scope: string,
  count = 1,
  upTo = max,
): Promise<number> {
  const [row] = await tx.query<{ last: number }>(
    {
      name: 'exchange-take-control-numbers',
      text: `INSERT INTO control_number AS c (tenant_id, kind, scope, last)
        VALUES (current_setting('crossdock.tenant'), $1, $2, $3)
        ON CONFLICT (tenant_id, kind, scope) DO UPDATE SET last = CASE WHEN c.last + $3 > $4 THEN $3 ELSE c.last + $3 END
        RETURNING last`,
    },
    [kind, scope, count, upTo],
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

/** The series of the interchanges from a sender to a receiver: production and test share one of UNB 0020, not of ISA13. */
export function interchangeSeries(
  standard: string,
  { sender, receiver, usage }: { sender: string; receiver: string; usage: string },
): [kind: ControlKind, scope: string] {
  return standard === 'edifact'
    ? ['edifact', `${sender}|${receiver}`]
    : ['interchange', `${sender}|${receiver}|${usage}`];
}

export const groupScope = (sender: string, receiver: string, functionalId: string): string =>
  `${sender}|${receiver}|${functionalId}`;

/**
 * Moves every series on, past what a hub whose memory has a gap may have used meanwhile: a partner refuses a number that it
 * has seen. A series at its end starts again at 1, as always.
 * @returns how many series
 */
export async function skipControlNumbers(tx: Tx, by: number): Promise<number> {
  const rows = await tx.query(
    `UPDATE control_number SET last = CASE WHEN last + $2 > ${max} THEN $2 ELSE last + $2 END,
       skipped_from = last + 1, skipped_to = last + $2
     WHERE tenant_id = $1 RETURNING 1`,
    [tx.tenantId, by],
  );
  return rows.length;
}

export interface ControlGap {
  agreement?: string;
  sender: string;
  receiver: string;
  usage: string;
  /** The numbers sent before and after those that were not. */
  before: number;
  after: number;
  /** The series was moved on past them when the database was put back: what was sent under them is not known here. */
  afterRestore: boolean;
}

type FoundGap = Omit<ControlGap, 'afterRestore'> & { standard: string };

/**
 * Numbers that no interchange went out under although a later one did, among those recorded since an instant. A series that
 * began again is none. Numbers are taken and stored together, so that there are such only after a loss or a restore.
 */
export async function findControlGaps(tx: Tx, since: Date, limit = 100): Promise<ControlGap[]> {
  const found = await tx.query<FoundGap>(
    {
      name: 'exchange-find-control-gaps',
      // A partition is a series: see interchangeSeries().
      text: `WITH sent AS (
          SELECT agreement, standard, sender, receiver, usage, control::bigint AS after,
            lag(control::bigint) OVER (
              PARTITION BY standard, sender, receiver, CASE WHEN standard <> 'edifact' THEN usage END ORDER BY control::bigint
            ) AS before
          FROM interchange WHERE tenant_id = current_setting('crossdock.tenant') AND direction = 'out'
            AND recorded_at >= $1 AND control ~ '^[0-9]{1,14}$')
        SELECT agreement, standard, sender, receiver, usage, before, after FROM sent
        WHERE after > before + 1 AND after - before < 500000000 ORDER BY sender, receiver, after LIMIT $2`,
    },
    [since, limit],
  );
  if (found.length === 0) return [];
  const skips = await tx.query<{ kind: string; scope: string; from: number; to: number }>(
    `SELECT kind, scope, skipped_from AS from, skipped_to AS to FROM control_number
     WHERE tenant_id = current_setting('crossdock.tenant') AND skipped_from IS NOT NULL`,
  );
  return found.map(({ standard, ...gap }) => {
    const [kind, scope] = interchangeSeries(standard, gap);
    const afterRestore = skips.some(
      (skip) => skip.kind === kind && skip.scope === scope && skip.from > gap.before && skip.to < gap.after,
    );
    return { ...gap, afterRestore };
  });
}
