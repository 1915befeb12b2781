import type { Tx } from '../platform/index.ts';
import { type BreakerRow, writeBreaker } from './sql/breakers.ts';
import { type BreakerState, closedBreaker, type DownReason } from './step/breaker-step.ts';

/** The shared part of a breaker's state, as its row says it. */
export function breakerOfRow(row: BreakerRow): BreakerState {
  return {
    ...closedBreaker,
    phase: row.phase,
    sinceMs: row.since.getTime(),
    rounds: row.rounds,
    held: row.held,
    ...(row.opened_at === null ? {} : { openedAtMs: row.opened_at.getTime() }),
    ...(row.next_probe_at === null ? {} : { nextProbeAtMs: row.next_probe_at.getTime() }),
    ...(row.probe_by === null || row.probe_until === null
      ? {}
      : { probe: { by: row.probe_by, untilMs: row.probe_until.getTime() } }),
    ...(row.last_reason === null ? {} : { lastReason: row.last_reason as DownReason }),
    ...(row.last_error === null ? {} : { lastError: row.last_error }),
  };
}

const dateOf = (ms: number | undefined): Date | null => (ms === undefined ? null : new Date(ms));

/**
 * Writes a transition over the version it was made from (0: no row yet).
 * @returns the new version; undefined when somebody else was first
 */
export async function saveBreaker(
  tx: Tx,
  tenantId: string,
  destination: string,
  state: BreakerState,
  fromVersion: number,
  heldBy?: { actor: string; reason: string },
): Promise<number | undefined> {
  const [row] = await tx.query<{ version: number }>(writeBreaker, [
    tenantId,
    destination,
    state.phase,
    new Date(state.sinceMs),
    dateOf(state.openedAtMs),
    state.rounds,
    dateOf(state.nextProbeAtMs),
    state.probe?.by ?? null,
    dateOf(state.probe?.untilMs),
    state.lastReason ?? null,
    state.lastError?.slice(0, 500) ?? null,
    fromVersion,
    state.held,
    state.held ? (heldBy?.actor ?? null) : null,
    state.held ? (heldBy?.reason ?? null) : null,
  ]);
  return row?.version;
}
