import { Cron } from 'croner';
import type { MaintenanceWindow } from '../destination.ts';

export interface WindowStatus {
  inWindow: boolean;
  /** When this may change; undefined when no window ever opens. */
  until: Date | undefined;
}

/** Whether a maintenance window is open at an instant, and until when that holds. Overlapping windows join. */
export function windowStatus(windows: readonly MaintenanceWindow[], at: Date): WindowStatus {
  let endsMs = 0;
  let nextMs = Number.POSITIVE_INFINITY;
  for (const window of windows) {
    const durationMs = window.durationMinutes * 60_000;
    const cron = new Cron(window.cron, { timezone: window.zone, paused: true });
    // Every opening whose end is still to come: the first one strictly after `at - duration`.
    for (let open = cron.nextRun(new Date(at.getTime() - durationMs)); open !== null; open = cron.nextRun(open)) {
      if (open > at) {
        nextMs = Math.min(nextMs, open.getTime());
        break;
      }
      endsMs = Math.max(endsMs, open.getTime() + durationMs);
    }
  }
  if (endsMs > at.getTime()) return { inWindow: true, until: new Date(endsMs) };
  return { inWindow: false, until: Number.isFinite(nextMs) ? new Date(nextMs) : undefined };
}

/** The latest end of a window within an hour before an instant at which none is open; undefined when there is none. */
export function latestWindowEnd(windows: readonly MaintenanceWindow[], at: Date): Date | undefined {
  if (windows.length === 0) return undefined;
  let found: Date | undefined;
  let from = new Date(at.getTime() - 3_600_000);
  for (;;) {
    const { inWindow, until } = windowStatus(windows, from);
    if (until === undefined || until > at) return found;
    if (inWindow) found = until;
    from = until;
  }
}

/** The first problem of a window's definition, or undefined. */
export function windowProblem(window: MaintenanceWindow): string | undefined {
  if (!Number.isInteger(window.durationMinutes) || window.durationMinutes < 1 || window.durationMinutes > 10_080) {
    return 'durationMinutes must be a whole number from 1 to 10080';
  }
  try {
    const cron = new Cron(window.cron, { timezone: window.zone, paused: true });
    return cron.nextRun() === null ? 'cron never comes due' : undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
