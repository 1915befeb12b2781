import { type Clock, HubError, type Tx } from '../platform/index.ts';
import type { Budget, BudgetSettings } from './budget.ts';
import { backlogOf } from './deliveries.ts';
import { type BudgetRow, budgetColumns, stateOfRow } from './sql/budgets.ts';
import { forecastQuota } from './step/forecast-step.ts';
import { budgetProblems, quotaPeriod } from './step/quota-period.ts';

/** What destinations may be asked in a while; of the transaction's tenant. */
export interface Budgets {
  /** Those that somebody has set, with their forecasts. */
  list(tx: Tx): Promise<Budget[]>;
  /** Version 0 where nobody has set anything. @throws HubError NOT_FOUND */
  get(tx: Tx, destination: string): Promise<Budget>;
  /** @throws HubError NOT_FOUND, PRECONDITION_FAILED, VALIDATION_FAILED with a pointer per wrong spot */
  put(tx: Tx, destination: string, ifVersion: number | '*', settings: BudgetSettings): Promise<Budget>;
}

/** States of deliveries that still need a call by themselves. */
const waitingStates = ['queued', 'retry_wait'] as const;

/** @param onChanged runs after the commit of a change, for the engine of this process */
export function createBudgets(clock: Clock, onChanged: () => void): Budgets {
  async function list(tx: Tx, destination: string | null = null): Promise<Budget[]> {
    const rows = await tx.query<BudgetRow>(
      `SELECT ${budgetColumns} FROM destination_budget
       WHERE tenant_id = $1 AND ($2::text IS NULL OR destination = $2) ORDER BY destination`,
      [tx.tenantId, destination],
    );
    const withQuota = rows.some((row) => row.settings.quota !== undefined);
    const backlogs = new Map(
      withQuota ? (await backlogOf(tx, clock.now())).map((one) => [one.destination, one.counts] as const) : [],
    );
    return rows.map((row) => {
      const counts = backlogs.get(row.destination) ?? {};
      const waiting = waitingStates.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
      return budgetOfRow(row, waiting, clock.now().getTime());
    });
  }

  async function get(tx: Tx, destination: string): Promise<Budget> {
    const [known] = await tx.query('SELECT FROM destination WHERE tenant_id = $1 AND name = $2', [
      tx.tenantId,
      destination,
    ]);
    if (known === undefined) throw new HubError('NOT_FOUND', { message: `There is no destination ${destination}` });
    const [budget] = await list(tx, destination);
    return budget ?? { destination, settings: {}, version: 0 };
  }

  return {
    list: (tx) => list(tx),
    get,
    async put(tx, destination, ifVersion, settings) {
      refuseWrong(settings);
      const before = await get(tx, destination);
      if (destination.startsWith('flow.')) {
        throw new HubError('VALIDATION_FAILED', { message: 'Flows work inside the hub and have no budget' });
      }
      const expected = ifVersion === '*' ? before.version : ifVersion;
      const [row] = await tx.query<{ version: number }>(
        `INSERT INTO destination_budget AS b (tenant_id, destination, settings) SELECT $1, $2, $3::jsonb
         WHERE $4::integer = 0 OR EXISTS (SELECT FROM destination_budget WHERE tenant_id = $1 AND destination = $2)
         ON CONFLICT (tenant_id, destination) DO UPDATE SET settings = excluded.settings, version = b.version + 1,
           tokens = NULL,
           -- Calls that were made count on, unless they were counted by other hours or days.
           period_start_ms = CASE WHEN (b.settings #- '{quota,calls}') -> 'quota'
             IS NOT DISTINCT FROM (excluded.settings #- '{quota,calls}') -> 'quota' THEN b.period_start_ms ELSE 0 END
         WHERE b.version = $4
         RETURNING version`,
        [tx.tenantId, destination, JSON.stringify(settings), expected],
      );
      if (row === undefined) throw new HubError('PRECONDITION_FAILED');
      tx.afterCommit(onChanged);
      return get(tx, destination);
    },
  };
}

function budgetOfRow(row: BudgetRow, waiting: number, nowMs: number): Budget {
  const { destination, settings, version } = row;
  const budget: Budget = { destination, settings, version };
  if (settings.quota === undefined) return budget;
  const quota = forecastQuota(stateOfRow(row), settings, waiting, nowMs, quotaPeriod(settings.quota, nowMs));
  return quota === undefined ? budget : { ...budget, quota };
}

function refuseWrong(settings: BudgetSettings): void {
  const problems = budgetProblems(settings);
  if (problems.length === 0) return;
  const errors = problems.map((problem) => ({ ...problem, code: 'VALIDATION_FAILED' }));
  throw new HubError('VALIDATION_FAILED', { errors });
}
