import { HubError, type Tx } from '../platform/index.ts';

/** How many open deliveries the transaction's tenant may have before the doors take nothing new. */
export interface IntakeBound {
  /** Absent: what the hub's own settings say. */
  readonly openMax?: number;
  /** 0 while nobody has set anything. */
  readonly version: number;
}

export const mostOpen = 100_000_000;

interface BoundRow {
  open_max: number | null;
  version: number;
}

const boundOfRow = (row: BoundRow | undefined): IntakeBound => ({
  ...(row === undefined || row.open_max === null ? {} : { openMax: row.open_max }),
  version: row?.version ?? 0,
});

export async function readIntakeBound(tx: Tx): Promise<IntakeBound> {
  const [row] = await tx.query<BoundRow>('SELECT open_max, version FROM intake_bound WHERE tenant_id = $1', [
    tx.tenantId,
  ]);
  return boundOfRow(row);
}

/** @throws HubError PRECONDITION_FAILED unless `expectedVersion` (undefined: any) is the stored one */
export async function writeIntakeBound(
  tx: Tx,
  openMax: number | undefined,
  by: { actor: string; at: Date; expectedVersion: number | undefined },
): Promise<IntakeBound> {
  const [row] = await tx.query<BoundRow>(
    `INSERT INTO intake_bound AS b (tenant_id, open_max, updated_by, updated_at) SELECT $1, $2, $3, $4
     WHERE $5::integer IS NULL OR $5 = 0 OR EXISTS (SELECT FROM intake_bound WHERE tenant_id = $1)
     ON CONFLICT (tenant_id) DO UPDATE SET open_max = excluded.open_max, version = b.version + 1,
       updated_by = excluded.updated_by, updated_at = excluded.updated_at
     WHERE $5::integer IS NULL OR b.version = $5
     RETURNING open_max, version`,
    [tx.tenantId, openMax ?? null, by.actor, by.at, by.expectedVersion ?? null],
  );
  if (row === undefined) throw new HubError('PRECONDITION_FAILED');
  return boundOfRow(row);
}
