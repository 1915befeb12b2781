import { HubError, type Tx } from '../platform/index.ts';
import type { Destination, DestinationPatch, MaintenanceWindow, RetrySchedule } from './destination.ts';
import type { LaneDirectory } from './lane-directory.ts';
import type { Destinations } from './queue.ts';
import { windowProblem, windowStatus } from './step/window-step.ts';

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
  version: number;
}

export const destinationColumns =
  'tenant_id, name, kind, lanes, concurrency, paused, paused_reason, windows, retry, version';

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
    version: row.version,
  };
}

/** @param onChanged runs after the commit of a change, for the engine of this process */
export function createDestinations(directory: LaneDirectory, onChanged: () => void): Destinations {
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
      refuseWrong(patch);
      const before = await get(tx, name);
      const after = await change(
        tx,
        name,
        'concurrency = $3, windows = $4::jsonb, retry = $5::jsonb',
        [
          patch.concurrency ?? before.concurrency,
          JSON.stringify(patch.windows ?? before.windows),
          JSON.stringify(patch.retry ?? before.retry),
          ifVersion,
        ],
        'version = $6',
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
    inWindow: (destination, at) => windowStatus(destination.windows, at).inWindow,
  };
}

/** @throws HubError VALIDATION_FAILED with a pointer per wrong spot */
function refuseWrong(settings: DestinationPatch & { lanes?: number }): void {
  const errors: { pointer: string; code: string; message: string }[] = [];
  const check = (ok: boolean, pointer: string, message: string): void => {
    if (!ok) errors.push({ pointer, code: 'VALIDATION_FAILED', message });
  };
  const wholeIn = (value: number | undefined, low: number, high: number): boolean =>
    value === undefined || (Number.isInteger(value) && value >= low && value <= high);
  check(wholeIn(settings.lanes, 1, 256), '/lanes', 'must be a whole number from 1 to 256');
  check(wholeIn(settings.concurrency, 1, 1000), '/concurrency', 'must be a whole number from 1 to 1000');
  settings.windows?.forEach((window, index) => {
    const problem = windowProblem(window);
    check(problem === undefined, `/windows/${index}`, problem ?? '');
  });
  const { retry } = settings;
  if (retry !== undefined) {
    check(wholeIn(retry.baseMs, 1, 86_400_000), '/retry/baseMs', 'must be from 1 ms to a day');
    check(retry.factor >= 1 && retry.factor <= 100, '/retry/factor', 'must be from 1 to 100');
    check(wholeIn(retry.maxMs, retry.baseMs, 604_800_000), '/retry/maxMs', 'must be from baseMs to a week');
    check(wholeIn(retry.maxAttempts, 1, 10_000), '/retry/maxAttempts', 'must be from 1 to 10000');
  }
  if (errors.length > 0) throw new HubError('VALIDATION_FAILED', { errors });
}
