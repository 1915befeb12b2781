import { HubError, type Tx } from '../platform/index.ts';
import { type PutResult, sameJson } from './agreement-store.ts';
import { type CompiledOverlay, compileOverlay } from './compile-overlay.ts';
import type { Overlay, OverlayRow } from './overlay.ts';

/**
 * Stores an agreement's overlay of one map. It is compiled first: rows that cannot work are refused.
 * @throws HubError VALIDATION_FAILED with a pointer per bad row, PRECONDITION_FAILED
 */
export async function putOverlay(tx: Tx, agreement: string, overlay: Overlay, ifVersion?: number): Promise<PutResult> {
  compileOverlay(overlay.rows);
  const [stored] = await tx.query<{ rows: OverlayRow[]; version: number }>(
    'SELECT rows, version FROM overlay WHERE agreement = $1 AND map = $2 FOR UPDATE',
    [agreement, overlay.map],
  );
  if (ifVersion !== undefined && ifVersion !== (stored?.version ?? 0)) throw new HubError('PRECONDITION_FAILED');
  if (stored !== undefined && sameJson(stored.rows, overlay.rows)) return { version: stored.version, changed: false };
  const version = (stored?.version ?? 0) + 1;
  await tx.query(
    `INSERT INTO overlay (tenant_id, agreement, map, rows, version, recorded_at)
      VALUES (current_setting('crossdock.tenant'), $1, $2, $3, $4, now())
      ON CONFLICT (tenant_id, agreement, map) DO UPDATE SET rows = excluded.rows, version = excluded.version, recorded_at = excluded.recorded_at`,
    [agreement, overlay.map, JSON.stringify(overlay.rows), version],
  );
  return { version, changed: true };
}

export async function getOverlay(
  tx: Tx,
  agreement: string,
  map: string,
): Promise<(Overlay & { version: number }) | undefined> {
  return (await listOverlays(tx, agreement)).find((overlay) => overlay.map === map);
}

export async function listOverlays(tx: Tx, agreement: string): Promise<(Overlay & { version: number })[]> {
  return tx.query<Overlay & { version: number }>(
    'SELECT map, rows, version FROM overlay WHERE agreement = $1 ORDER BY map',
    [agreement],
  );
}

export async function removeOverlay(tx: Tx, agreement: string, map: string): Promise<boolean> {
  const rows = await tx.query('DELETE FROM overlay WHERE agreement = $1 AND map = $2 RETURNING 1', [agreement, map]);
  return rows.length > 0;
}

/** The compiled overlays of an agreement by map. */
export async function loadOverlays(tx: Tx, agreement: string): Promise<Map<string, CompiledOverlay>> {
  const stored = await listOverlays(tx, agreement);
  return new Map(stored.map((overlay) => [overlay.map, compileOverlay(overlay.rows)]));
}
