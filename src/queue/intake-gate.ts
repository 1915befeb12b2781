import { type Clock, type Db, HubError, type Logger } from '../platform/index.ts';
import { countOpen } from './sql/count-open.ts';
import { type ClosedDoors, type IntakeLimits, allTenants, intakeStep } from './step/intake-step.ts';

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
/** A look may take a twentieth of the time. */
const restFactor = 20;

export function createIntakeGate(options: IntakeGateOptions): IntakeGate {
  const { engine, clock, log, limits } = options;
  let closed: ClosedDoors = new Map();
  let openDeliveries = 0;
  let failures = 0;
  let stopped = true;
  let cancel = (): void => {};
  let running: Promise<void> | undefined;

  async function lookOnce(): Promise<void> {
    try {
      const most = Math.max(limits.total, limits.tenant, limits.destination);
      const rows = await engine.engineTx(async (tx) => {
        return tx.query<{ tenant_id: string; destination: string; open: number }>(countOpen, [most]);
      });
      const open = rows.map((row) => ({ tenantId: row.tenant_id, destination: row.destination, open: row.open }));
      const freeBytes = await options.freeBytes?.();
      const next = intakeStep(closed, { open, ...(freeBytes === undefined ? {} : { freeBytes }) }, limits);
      for (const [scope, why] of next) if (!closed.has(scope)) log.warn({ scope, why }, 'the doors are closed');
      for (const scope of closed.keys()) if (!next.has(scope)) log.info({ scope }, 'the doors are open again');
      closed = next;
      openDeliveries = open.reduce((sum, one) => sum + one.open, 0);
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
      const why = failures >= failuresUntilClosed ? 'the database cannot be reached' : closed.get(allTenants);
      const closedTenants = [...closed.keys()].filter((scope) => scope !== allTenants).length;
      return { ...(why === undefined ? {} : { closed: why }), closedTenants, openDeliveries };
    },
  };
}
