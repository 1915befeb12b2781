import type { BudgetSettings } from '../budget.ts';
import type { BudgetState } from '../step/budget-step.ts';

export interface BudgetRow {
  tenant_id: string;
  destination: string;
  settings: BudgetSettings;
  version: number;
  tokens: number | null;
  refilled_ms: number;
  period_start_ms: number;
  period_end_ms: number;
  used: number;
  marks: [number, number][];
}

export const budgetColumns =
  'tenant_id, destination, settings, version, tokens, refilled_ms, period_start_ms, period_end_ms, used, marks';

export function stateOfRow(row: BudgetRow): BudgetState {
  return {
    tokens: row.tokens ?? undefined,
    refilledMs: row.refilled_ms ?? 0,
    periodStartMs: row.period_start_ms,
    periodEndMs: row.period_end_ms,
    used: row.used,
    marks: row.marks,
  };
}

/**
 * Takes the row that all workers share, with the database's own time. Read, reckoned by budget-step.ts and written back
 * under this lock: once per block of calls and not once per call. $1 tenant, $2 destination.
 */
export const lockBudget = {
  name: 'queue-lock-budget',
  text: `
    SELECT ${budgetColumns}, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms
    FROM destination_budget WHERE tenant_id = $1 AND destination = $2 FOR UPDATE`,
};

/** $1 tenant, $2 destination, $3 tokens, $4 refilled, $5 and $6 period, $7 used, $8 marks. */
export const writeBudget = {
  name: 'queue-write-budget',
  text: `
    UPDATE destination_budget SET tokens = $3, refilled_ms = $4, period_start_ms = $5, period_end_ms = $6, used = $7,
      marks = $8::jsonb
    WHERE tenant_id = $1 AND destination = $2`,
};

/** What the living workers hold of the calls at once; the budget's row is locked by then. $1 tenant, $2 destination. */
export const readSlots = {
  name: 'queue-read-slots',
  text: `
    SELECT s.worker_id, s.wanted, s.held FROM destination_slot AS s JOIN lane_worker AS w ON w.worker_id = s.worker_id
    WHERE s.tenant_id = $1 AND s.destination = $2 AND w.lease_until >= clock_timestamp()`,
};

/** $1 tenant, $2 destination, $3 worker, $4 wanted, $5 held. */
export const writeSlots = {
  name: 'queue-write-slots',
  text: `
    INSERT INTO destination_slot (tenant_id, destination, worker_id, wanted, held) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (tenant_id, destination, worker_id) DO UPDATE SET wanted = excluded.wanted, held = excluded.held`,
};

/** $1 worker. */
export const endSlots = { name: 'queue-end-slots', text: 'DELETE FROM destination_slot WHERE worker_id = $1' };
