import type { RouteBook } from './route-book.ts';
import type { OwnedLane } from './work.ts';

/** The lanes that are held, and how much of them is in memory. */
export interface Hold {
  readonly lanes: Map<number, OwnedLane>;
  /** Parked deliveries that are being worked, by position. */
  readonly worked: Map<number, OwnedLane>;
  inMemory: number;
  /** Transactions of this worker that are under way, by their ids; each resolves when it is over. */
  readonly writing: Map<number, Promise<void>>;
  /** Intents of which nobody is on the way any more, but whose row nobody has taken away: see `closeStrays`. */
  readonly strays: Set<string>;
  delivered: number;
  failed: number;
  superseded: number;
  stopping: boolean;
  started: boolean;
  /** Workers whose lease holds, this one included, as of the last look. */
  workers: number;
  /** There may be lanes that are this worker's in the ledger and not held: take them, until a look finds none. */
  takeOwn: boolean;
}

export function newHold(): Hold {
  return {
    lanes: new Map(),
    worked: new Map(),
    inMemory: 0,
    writing: new Map(),
    strays: new Set(),
    delivered: 0,
    failed: 0,
    superseded: 0,
    stopping: false,
    started: false,
    workers: 1,
    takeOwn: true,
  };
}

/** A lane is held no more. */
export function drop(hold: Hold, owned: OwnedLane | undefined): void {
  if (owned !== undefined) owned.lost = true;
  if (owned === undefined || hold.lanes.get(owned.laneId) !== owned) return;
  hold.inMemory -= owned.lane.held;
  hold.lanes.delete(owned.laneId);
  for (const [position, of] of hold.worked) if (of === owned) hold.worked.delete(position);
}

/** A drain is over when nothing of the backlog is left, however much comes in meanwhile. */
export function endDrains(hold: Hold, routes: RouteBook): void {
  for (const route of routes.all()) {
    if (route.drain === undefined) continue;
    const hasMore = hold.lanes
      .values()
      .some((owned) => owned.route === route && (owned.lane.held > 0 || owned.lane.readPosition < owned.dirtyTo));
    if (!hasMore && route.settings.drain.perSecond !== undefined) route.drain = undefined;
  }
}

export function countsOf({ lanes, inMemory, delivered, failed, superseded }: Hold) {
  const blockedKeys = lanes.values().reduce((sum, owned) => sum + owned.lane.blockedKeys, 0);
  return { lanes: lanes.size, inMemory, blockedKeys, delivered, failed, superseded };
}
