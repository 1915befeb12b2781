import { type Clock, type Db, HubError, type Logger } from '../platform/index.ts';
import { countOpen, intakeBounds } from './sql/count-open.ts';
import { type ClosedDoors, type IntakeLimits, type OwnBounds, allTenants, intakeStep } from './step/intake-step.ts';

export interface IntakeGateOptions {
  readonly engine: Db;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: IntakeLimits;
  /** Free bytes where the database lives; undefined where nobody knows. */
  readonly freeBytes?: () => Promise<number | undefined>;
  /** How often to look; less often where a look takes long. Default 2,000. */
  readonly everyMs?: number;
}

/**
 * Back-pressure: while there is more open than the bounds allow, the doors refuse what is new before anything is
 * written. Only the doors: what has been taken in is worked on, for that is what makes it less.
 */
export interface IntakeGate {
  /** @throws HubError INTAKE_CLOSED with the reason, DATABASE_UNAVAILABLE */
  admit(tenantId: string): void;
  isOpen(tenantId: string): boolean;
  /** As of the last look: what is open of a tenant, and why its doors are closed. */
  ofTenant(tenantId: string): { open: number; closed?: string };
  /** Looks now. */
  look(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
  readonly status: IntakeStatus;
}

export interface IntakeStatus {
  /** Why the doors are closed for everybody; undefined while they are not. */
  readonly closed?: string;
  /** Tenants that they are closed for. */
  readonly closedTenants: number;
  readonly openDeliveries: number;
}

/** Looks that have to fail in a row: one may be a connection that broke. */
const failuresUntilClosed = 2;
const againAfterFailureMs = 500;
const unreachable = 'the database cannot be reached';
/** A look may take a twentieth of the time. */
const restFactor = 20;

export function createIntakeGate(options: IntakeGateOptions): IntakeGate {
  const { engine, clock, log, limits } = options;
  let closed: ClosedDoors = new Map();
  let openDeliveries = 0;
  let openOfTenant = new Map<string, number>();
  let failures = 0;
  let stopped = true;
  let cancel = (): void => {};
  let running: Promise<void> | undefined;

  async function lookOnce(): Promise<void> {
    try {
      const { own, rows } = await engine.engineTx(async (tx) => {
        const bounds = await tx.query<BoundRow>(intakeBounds);
        const most = Math.max(limits.total, limits.tenant, limits.destination, ...bounds.map((row) => row.open_max));
        const counted = await tx.query<{ tenant_id: string; destination: string; open: number }>(countOpen, [most]);
        return { own: ownBounds(bounds), rows: counted };
      });
      const open = rows.map((row) => ({ tenantId: row.tenant_id, destination: row.destination, open: row.open }));
      const freeBytes = await options.freeBytes?.();
      const next = intakeStep(closed, { open, ...(freeBytes === undefined ? {} : { freeBytes }) }, limits, own);
      for (const [scope, why] of next) if (!closed.has(scope)) log.warn({ scope, why }, 'the doors are closed');
      for (const scope of closed.keys()) if (!next.has(scope)) log.info({ scope }, 'the doors are open again');
      closed = next;
      openDeliveries = open.reduce((sum, one) => sum + one.open, 0);
      openOfTenant = new Map();
      for (const one of open) openOfTenant.set(one.tenantId, (openOfTenant.get(one.tenantId) ?? 0) + one.open);
      failures = 0;
    } catch (error) {
      failures++;
      log.warn({ err: error }, 'open deliveries could not be counted');
    }
  }

  function look(): Promise<void> {
    running ??= lookOnce().finally(() => (running = undefined));
    return running;
  }

  function repeat(): void {
    const startedMs = clock.monotonicMs();
    void look().finally(() => {
      if (stopped) return;
      const restMs = Math.max(options.everyMs ?? 2_000, (clock.monotonicMs() - startedMs) * restFactor);
      cancel = clock.setTimeout(repeat, failures > 0 ? againAfterFailureMs : restMs);
    });
  }

  const whyClosed = (tenantId: string): string | undefined => closed.get(allTenants) ?? closed.get(tenantId);

  return {
    admit(tenantId) {
      if (failures >= failuresUntilClosed) throw new HubError('DATABASE_UNAVAILABLE');
      const why = whyClosed(tenantId);
      if (why !== undefined)
        throw new HubError('INTAKE_CLOSED', { message: `Nothing new is taken in for now: ${why}` });
    },
    ofTenant(tenantId) {
      const why = failures >= failuresUntilClosed ? unreachable : whyClosed(tenantId);
      return { open: openOfTenant.get(tenantId) ?? 0, ...(why === undefined ? {} : { closed: why }) };
    },
    isOpen: (tenantId) => failures < failuresUntilClosed && whyClosed(tenantId) === undefined,
    look,
    start() {
      if (!stopped) return;
      stopped = false;
      repeat();
    },
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
    get status(): IntakeStatus {
      const why = failures >= failuresUntilClosed ? unreachable : closed.get(allTenants);
      const closedTenants = [...closed.keys()].filter((scope) => scope !== allTenants).length;
      return { ...(why === undefined ? {} : { closed: why }), closedTenants, openDeliveries };
    },
  };
}

interface BoundRow {
  tenant_id: string;
  destination: string | null;
  open_max: number;
}

function ownBounds(rows: readonly BoundRow[]): OwnBounds {
  const tenants = new Map<string, number>();
  const destinations = new Map<string, Map<string, number>>();
  for (const { tenant_id: tenantId, destination, open_max: openMax } of rows) {
    if (destination === null) {
      tenants.set(tenantId, openMax);
      continue;
    }
    let ofTenant = destinations.get(tenantId);
    if (ofTenant === undefined) destinations.set(tenantId, (ofTenant = new Map()));
    ofTenant.set(destination, openMax);
  }
  return { tenants, destinations };
}
