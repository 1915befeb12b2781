/** How many open deliveries there may be before the doors take nothing new. */
export interface IntakeLimits {
  /** Of the whole hub, of one tenant, and for one destination of a tenant. */
  readonly total: number;
  readonly tenant: number;
  readonly destination: number;
  /** Free bytes where the embedded database lives; 0: not watched. */
  readonly freeBytes: number;
}

/** What people have set instead for single tenants, and for destinations of tenants. */
export interface OwnBounds {
  readonly tenants: ReadonlyMap<string, number>;
  /** By tenant, then destination. */
  readonly destinations: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

const noOwnBounds: OwnBounds = { tenants: new Map(), destinations: new Map() };

export interface IntakeLoad {
  readonly open: readonly { tenantId: string; destination: string; open: number }[];
  /** Undefined where nobody knows. */
  readonly freeBytes?: number;
}

/** Why the doors are closed: for everybody (`''`) or for a tenant. */
export type ClosedDoors = ReadonlyMap<string, string>;

export const allTenants = '';

/** Open again below nine tenths of what closed it: doors that flap would refuse every second request for hours. */
const reopensAt = 0.9;

/** @param closed what was closed before; a scope that is closed stays so until it is well below its bound */
export function intakeStep(
  closed: ClosedDoors,
  load: IntakeLoad,
  limits: IntakeLimits,
  own: OwnBounds = noOwnBounds,
): ClosedDoors {
  const next = new Map<string, string>();
  const close = (scope: string, why: string): void => {
    if (!next.has(scope)) next.set(scope, why);
  };
  const isOver = (open: number, limit: number, wasClosed: boolean): boolean =>
    open >= limit * (wasClosed ? reopensAt : 1);
  const words = (open: number, limit: number): string =>
    `${open.toLocaleString('en-US')} open deliveries, ${limit.toLocaleString('en-US')} allowed`;

  const { freeBytes } = load;
  const wasFull = closed.has(allTenants);
  if (freeBytes !== undefined && freeBytes < limits.freeBytes / (wasFull ? reopensAt : 1)) {
    close(allTenants, 'the disk is nearly full');
  }
  let total = 0;
  const tenants = new Map<string, number>();
  for (const { tenantId, open } of load.open) {
    total += open;
    tenants.set(tenantId, (tenants.get(tenantId) ?? 0) + open);
  }
  if (isOver(total, limits.total, wasFull)) close(allTenants, words(total, limits.total));
  for (const [tenantId, open] of tenants) {
    const limit = own.tenants.get(tenantId) ?? limits.tenant;
    if (isOver(open, limit, closed.has(tenantId))) close(tenantId, words(open, limit));
  }
  for (const { tenantId, destination, open } of load.open) {
    const limit = own.destinations.get(tenantId)?.get(destination) ?? limits.destination;
    if (isOver(open, limit, closed.has(tenantId))) close(tenantId, `${destination}: ${words(open, limit)}`);
  }
  return next;
}
