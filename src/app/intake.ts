import { statfs } from 'node:fs/promises';
import type { HealthCheck } from '../api/index.ts';
import type { Pools } from './pools.ts';
import type { Clock, Config, Logger, Metrics, Stopper } from '../platform/index.ts';
import { type IntakeGate, createIntakeGate } from '../queue/index.ts';

/** Below this the embedded database's disk counts as nearly full; on a small disk a twentieth of it. */
const freeBytesLeast = 256 * 1024 * 1024;

/** Starts the watch over what is open, and says in the metrics whether the doors are. */
export async function startIntakeGate(parts: {
  config: Config;
  pools: Pools;
  clock: Clock;
  log: Logger;
  stopper: Stopper;
  metrics: Metrics;
}): Promise<IntakeGate> {
  const { config, pools, clock, log, stopper, metrics } = parts;
  // An external database has a disk of its own, which its own operators watch.
  const disk = config.databaseUrl === undefined ? await statfs(config.dataDir).catch(() => undefined) : undefined;
  const freeBytes = disk === undefined ? 0 : Math.min(freeBytesLeast, (disk.blocks * disk.bsize) / 20);
  const gate = createIntakeGate({
    engine: pools.engine,
    clock,
    log,
    limits: { ...config.openMax, freeBytes },
    freeBytes: async () => {
      if (freeBytes === 0) return undefined;
      const now = await statfs(config.dataDir);
      return now.bavail * now.bsize;
    },
  });
  const isClosed = metrics.gauge('crossdock_intake_closed', '1 while the doors take nothing new from anybody');
  const tenants = metrics.gauge('crossdock_intake_closed_tenants', 'Tenants whose doors take nothing new');
  const open = metrics.gauge('crossdock_open_deliveries', 'Deliveries that are neither delivered nor discarded');
  metrics.onScrape(() => {
    isClosed.set(gate.status.closed === undefined ? 0 : 1);
    tenants.set(gate.status.closedTenants);
    open.set(gate.status.openDeliveries);
  });
  gate.start();
  stopper.onStop('intake gate', () => gate.stop());
  return gate;
}

/**
 * For /readyz. Closed doors are no reason to take this process out of service: reads, the console and the work inside go on,
 * the doors say 503 with Retry-After themselves, and every process on the database has closed them for the same reason.
 */
export function intakeCheck(gate: Pick<IntakeGate, 'status'>): HealthCheck {
  const { closed } = gate.status;
  if (closed === undefined) return { name: 'intake', ok: true };
  return { name: 'intake', ok: true, degraded: true, detail: `nothing new is taken in: ${closed}` };
}
