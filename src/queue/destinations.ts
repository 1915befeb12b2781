import { type Clock, HubError, type Tx } from '../platform/index.ts';
import { saveBreaker, breakerOfRow } from './breaker-row.ts';
import {
  type BreakerSettings,
  type Destination,
  type DestinationCondition,
  type DrainSettings,
  type HealthSettings,
  type MaintenanceWindow,
  type RetryByReason,
  type RetrySchedule,
  defaultBreaker,
  defaultDrain,
  defaultHealth,
} from './destination.ts';
import { refuseWrong } from './destination-settings.ts';
import type { LaneDirectory } from './lane-directory.ts';
import type { Destinations } from './queue.ts';
import { type BreakerRow, lockBreaker } from './sql/breakers.ts';
import { type BreakerInput, breakerStep, closedBreaker } from './step/breaker-step.ts';
import { windowStatus } from './step/window-step.ts';

export interface DestinationRow {
  tenant_id: string;
  name: string;
  kind: 'flow' | 'connection';
  lanes: number;
  concurrency: number;
  paused: boolean;
  paused_reason: string | null;
  windows: MaintenanceWindow[];
  retry: RetrySchedule;
  retry_by_reason: RetryByReason;
  breaker: Partial<BreakerSettings>;
  drain: Partial<DrainSettings>;
  health: Partial<HealthSettings>;
  open_max: number | null;
  version: number;
}

export const destinationColumns =
  'tenant_id, name, kind, lanes, concurrency, paused, paused_reason, windows, retry, retry_by_reason, breaker, drain, health, open_max, version';

export function destinationOfRow(row: DestinationRow): Destination {
  return {
    name: row.name,
    kind: row.kind,
    lanes: row.lanes,
    concurrency: row.concurrency,
    paused: row.paused,
    ...(row.paused_reason === null ? {} : { pausedReason: row.paused_reason }),
    windows: row.windows,
    retry: row.retry,
    retryByReason: row.retry_by_reason,
    breaker: { ...defaultBreaker, ...row.breaker },
    drain: { ...defaultDrain, ...row.drain },
    health: { ...defaultHealth, ...row.health },
    ...(row.open_max === null ? {} : { openMax: row.open_max }),
    version: row.version,
  };
}

/** @param onChanged runs after the commit of a change, for the engine of this process */
export function createDestinations(directory: LaneDirectory, clock: Clock, onChanged: () => void): Destinations {
  async function change(
    tx: Tx,
    name: string,
    assignments: string,
    params: unknown[],
    condition = 'true',
  ): Promise<Destination | undefined> {
    const [row] = await tx.query<DestinationRow>(
      `UPDATE destination SET ${assignments}, version = version + 1
       WHERE tenant_id = $1 AND name = $2 AND ${condition} RETURNING ${destinationColumns}`,
      [tx.tenantId, name, ...params],
    );
    if (row === undefined) return undefined;
    tx.afterCommit(onChanged);
    return destinationOfRow(row);
  }

  async function get(tx: Tx, name: string): Promise<Destination> {
    const [row] = await tx.query<DestinationRow>(
      `SELECT ${destinationColumns} FROM destination WHERE tenant_id = $1 AND name = $2`,
      [tx.tenantId, name],
    );
    if (row === undefined) throw new HubError('NOT_FOUND', { message: `There is no destination ${name}` });
    return destinationOfRow(row);
  }

  /** By hand, over whatever the row says by now. */
  async function turn(
    tx: Tx,
    name: string,
    input: Extract<BreakerInput, { type: 'hold' | 'reset' | 'probe-soon' }>,
    by?: { actor: string; reason: string },
  ): Promise<void> {
    const [row] = await tx.query<BreakerRow>(lockBreaker, [tx.tenantId, name]);
    const before = row === undefined ? closedBreaker : breakerOfRow(row);
    const { state, shared } = breakerStep(before, input, defaultBreaker, clock.now().getTime(), 0);
    if (!shared) return;
    const version = await saveBreaker(tx, tx.tenantId ?? '', name, state, row?.version ?? 0, by);
    if (version === undefined) throw new HubError('CONFLICT');
    tx.afterCommit(onChanged);
  }

  return {
    async ensure(tx, destinations) {
      for (const destination of destinations) refuseWrong(destination);
      await directory.ensure(tx, destinations);
      tx.afterCommit(onChanged);
    },
    async list(tx) {
      const rows = await tx.query<DestinationRow>(
        `SELECT ${destinationColumns} FROM destination WHERE tenant_id = $1 ORDER BY name`,
        [tx.tenantId],
      );
      return rows.map(destinationOfRow);
    },
    get,
    async update(tx, name, ifVersion, patch) {
      const before = await get(tx, name);
      refuseWrong(patch, before.windows);
      const after = await change(
        tx,
        name,
        `concurrency = $3, windows = $4::jsonb, retry = $5::jsonb, retry_by_reason = $6::jsonb, breaker = $7::jsonb,
         drain = $8::jsonb, health = $9::jsonb, open_max = $10`,
        [
          patch.concurrency ?? before.concurrency,
          JSON.stringify(patch.windows ?? before.windows),
          JSON.stringify(patch.retry ?? before.retry),
          JSON.stringify(patch.retryByReason ?? before.retryByReason),
          JSON.stringify({ ...before.breaker, ...patch.breaker }),
          JSON.stringify(patch.drain ?? before.drain),
          JSON.stringify(patch.health ?? before.health),
          (patch.openMax === undefined ? before.openMax : patch.openMax) ?? null,
          ifVersion,
        ],
        'version = $11',
      );
      if (after === undefined) throw new HubError('PRECONDITION_FAILED');
      return after;
    },
    async pause(tx, name, reason) {
      await get(tx, name);
      return (await change(tx, name, 'paused = true, paused_reason = $3', [reason])) ?? get(tx, name);
    },
    async resume(tx, name) {
      await get(tx, name);
      return (await change(tx, name, 'paused = false, paused_reason = NULL', [])) ?? get(tx, name);
    },
    conditions,
    async holdOpen(tx, name, by) {
      refuseFlow(await get(tx, name));
      await turn(tx, name, { type: 'hold', detail: by.reason }, by);
    },
    async resetBreaker(tx, name) {
      refuseFlow(await get(tx, name));
      await turn(tx, name, { type: 'reset' });
    },
    probeSoon: (tx, name, inMs) => turn(tx, name, { type: 'probe-soon', inMs }),
    inWindow: (destination, at) => windowStatus(destination.windows, at).inWindow,
  };
}

function refuseFlow(destination: Destination): void {
  if (destination.kind === 'connection') return;
  throw new HubError('ACTION_NOT_ALLOWED', { message: `${destination.name} is inside the hub and has no breaker` });
}

interface ConditionRow extends Omit<BreakerRow, 'phase' | 'since'> {
  phase: BreakerRow['phase'] | null;
  since: Date | null;
  ok: boolean | null;
  detail: string;
  checked_at: Date;
  ok_since: Date;
  duration_ms: number;
}

/** Whether the destinations are up, as far as the hub has found out. */
async function conditions(tx: Tx): Promise<DestinationCondition[]> {
  const rows = await tx.query<ConditionRow>(
    `SELECT d.name AS destination, b.phase, b.since, b.opened_at, b.rounds, b.next_probe_at, b.held, b.held_by,
            b.held_reason, b.last_reason, b.last_error, h.ok, h.detail, h.checked_at, h.since AS ok_since, h.duration_ms
     FROM destination AS d
     LEFT JOIN destination_breaker AS b ON b.tenant_id = d.tenant_id AND b.destination = d.name
     LEFT JOIN destination_health AS h ON h.tenant_id = d.tenant_id AND h.destination = d.name
     WHERE d.tenant_id = $1 AND (b.phase IS NOT NULL OR h.ok IS NOT NULL)`,
    [tx.tenantId],
  );
  return rows.map(conditionOfRow);
}

function conditionOfRow(row: ConditionRow): DestinationCondition {
  const condition: DestinationCondition = { destination: row.destination };
  if (row.phase !== null && row.since !== null) {
    condition.breaker = {
      state: row.phase,
      since: row.since,
      rounds: row.rounds,
      held: row.held,
      ...(row.opened_at === null ? {} : { openedAt: row.opened_at }),
      ...(row.next_probe_at === null ? {} : { nextProbeAt: row.next_probe_at }),
      ...(row.held_by === null ? {} : { heldBy: row.held_by }),
      ...(row.held_reason === null ? {} : { heldReason: row.held_reason }),
      ...(row.last_reason === null ? {} : { lastReason: row.last_reason }),
      ...(row.last_error === null ? {} : { lastError: row.last_error }),
    };
  }
  if (row.ok !== null) {
    const { ok, detail, checked_at: checkedAt, ok_since: since, duration_ms: durationMs } = row;
    condition.health = { ok, detail, checkedAt, since, durationMs };
  }
  return condition;
}
