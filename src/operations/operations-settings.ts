import { HubError, type Tx } from '../platform/index.ts';

/** What people set about replays. */
export interface ReplaySettings {
  /** A plan of more deliveries than this needs a second person. */
  approvalAbove: number;
  /** How fast a plan is worked where it does not say otherwise. */
  ratePerMinute: number;
}

/** How long the ledger is kept in the database. A partition leaves after its export, never before. */
export interface RetentionSettings {
  /** Off: nothing is exported or dropped by itself. */
  enabled: boolean;
  /** Messages with their bytes, and documents. */
  messagesKeptDays: number;
  eventsKeptDays: number;
  /** Deliveries and their attempts. */
  deliveriesKeptDays: number;
}

export interface OperationsSettings {
  replay: ReplaySettings;
  retention: RetentionSettings;
}

const defaults: OperationsSettings = {
  replay: { approvalAbove: 100, ratePerMinute: 600 },
  // Off until somebody decides: what is dropped does not come back.
  retention: { enabled: false, messagesKeptDays: 730, eventsKeptDays: 730, deliveriesKeptDays: 730 },
};

export interface Versioned<T> {
  value: T;
  /** 0 while nobody has set anything. */
  version: number;
}

export async function readSetting<N extends keyof OperationsSettings>(
  tx: Tx,
  name: N,
): Promise<Versioned<OperationsSettings[N]>> {
  const [row] = await tx.query<{ value: Partial<OperationsSettings[N]>; version: number }>(
    'SELECT value, version FROM operations_setting WHERE tenant_id = $1 AND name = $2',
    [tx.tenantId, name],
  );
  return { value: { ...defaults[name], ...row?.value }, version: row?.version ?? 0 };
}

/** @throws HubError PRECONDITION_FAILED unless `expectedVersion` (undefined: any) is the stored one */
export async function writeSetting<N extends keyof OperationsSettings>(
  tx: Tx,
  name: N,
  value: OperationsSettings[N],
  by: { actor: string; at: Date; expectedVersion: number | undefined },
): Promise<Versioned<OperationsSettings[N]>> {
  const [row] = await tx.query<{ version: number }>(
    `INSERT INTO operations_setting AS s (tenant_id, name, value, updated_by, updated_at) SELECT $1, $2, $3::jsonb, $4, $5
     WHERE $6::integer IS NULL OR $6 = 0 OR EXISTS (SELECT FROM operations_setting WHERE tenant_id = $1 AND name = $2)
     ON CONFLICT (tenant_id, name) DO UPDATE SET value = excluded.value, version = s.version + 1,
       updated_by = excluded.updated_by, updated_at = excluded.updated_at
     WHERE $6::integer IS NULL OR s.version = $6
     RETURNING version`,
    [tx.tenantId, name, JSON.stringify(value), by.actor, by.at, by.expectedVersion ?? null],
  );
  if (row === undefined) throw new HubError('PRECONDITION_FAILED');
  return { value, version: row.version };
}
