import { type LaneInput, laneStep } from '../step/lane-step.ts';
import { windowStatus } from '../step/window-step.ts';
import { createLaneKeeper } from './lane-keeper.ts';
import { createLaneReader } from './lane-reader.ts';
import { type LedgerWriter, type WriterEvents, createLedgerWriter } from './ledger-writer.ts';
import { createReadyQueue } from './ready-queue.ts';
import { createSender } from './sender.ts';
import type { ClaimedLane } from './lane-keeper.ts';
import type { EngineOptions, OwnedLane, Route, Work } from './work.ts';

export interface Engine {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Lanes of this process got deliveries up to a position. */
  enqueued(laneIds: ReadonlySet<number>, position: number): void;
  /** Settings of destinations changed, or deliveries were decided by hand. */
  changed(): void;
  idle(): Promise<void>;
  stats(): EngineStats;
}

export interface EngineStats {
  lanes: number;
  inMemory: number;
  inFlight: number;
  blockedKeys: number;
  delivered: number;
  failed: number;
  markAgeMs: number;
}

/** Windows open and close on the minute: how long an answer about them may be believed is known exactly. */
function freshWindow(route: Route, now: Date): void {
  if (route.window.until !== undefined && now >= route.window.until) {
    route.window = windowStatus(route.settings.windows, now);
  }
}

export function createEngine(options: EngineOptions): Engine {
  const { clock, log, pollMs, engine } = options;
  const lanes = new Map<number, OwnedLane>();
  const routes = new Map<string, Route>();
  const routesOfTenant = new Map<string, Route[]>();
  const writers = new Map<string, LedgerWriter>();
  const worked = new Map<number, OwnedLane>();
  let held = 0;
  let delivered = 0;
  let failed = 0;
  let signature: unknown;
  let lastPosition = 0;
  let stopping = false;
  let started = false;
  let cancelTick: (() => void) | undefined;
  let ticking: Promise<void> | undefined;
  let tickAgain = false;
  let cancelDue: (() => void) | undefined;
  let nextDueMs = Number.POSITIVE_INFINITY;
  let takeOwn = true;

  const keeper = createLaneKeeper(options);
  const sender = createSender(
    options,
    (decision) => writerOf(decision.work.owned.route.tenantId).decide(decision),
    keeper.leaseHolds,
  );
  const reader = createLaneReader(
    options,
    lanes,
    apply,
    () => held,
    () => [...worked.keys()],
  );

  const isOpen = (route: Route): boolean => {
    if (stopping || route.settings.paused) return false;
    freshWindow(route, clock.now());
    return !route.window.inWindow;
  };

  function writerOf(tenantId: string): LedgerWriter {
    let writer = writers.get(tenantId);
    if (writer === undefined) {
      const own = routesOfTenant.get(tenantId) ?? [];
      routesOfTenant.set(tenantId, own);
      writer = createLedgerWriter(tenantId, () => own, options, writerEvents, isOpen);
      writers.set(tenantId, writer);
    }
    return writer;
  }

  function apply(owned: OwnedLane, input: LaneInput<Work>): void {
    if (owned.lost) return;
    if ((input.type === 'finished' || input.type === 'blocked') && input.row.parked) worked.delete(input.row.position);
    const before = owned.lane.held;
    const { actions } = laneStep(owned.lane, input);
    held += owned.lane.held - before;
    for (const work of actions.ready) {
      owned.route.ready.push(work);
      if (work.parked) worked.set(work.position, owned);
    }
    const writer = writerOf(owned.route.tenantId);
    if (actions.park.length > 0) writer.park(actions.park);
    if (actions.ready.length > 0) writer.kick();
    for (const key of actions.load) reader.load(owned, key);
  }

  const writerEvents: WriterEvents = {
    committed({ decisions, handled, parked }) {
      for (const decision of decisions) {
        const { work, to, dueInMs } = decision;
        const isFinal = to === 'delivered' || to === 'discarded';
        if (isFinal) delivered++;
        else failed++;
        apply(work.owned, { type: isFinal ? 'finished' : 'blocked', row: work });
        if (dueInMs !== undefined) scheduleDue(dueInMs);
      }
      delivered += handled.length;
      for (const work of handled) apply(work.owned, { type: 'finished', row: work });
      for (const [owned, rows] of Map.groupBy(parked, (work) => work.owned)) apply(owned, { type: 'parked', rows });
      reader.kick();
    },
    send: (work, prepared, attemptId, intent) => sender.send(work, prepared, attemptId, intent),
    lookUp: (work, prepared) => sender.lookUp(work, prepared),
    lanesLost(laneIds) {
      for (const laneId of laneIds) drop(lanes.get(laneId));
      log.warn({ lanes: laneIds.size }, 'lanes have passed to another worker');
      void tick();
    },
    ledgerUncertain() {
      for (const owned of [...lanes.values()]) drop(owned);
      takeOwn = true;
      void tick();
    },
  };

  function drop(owned: OwnedLane | undefined): void {
    if (owned === undefined || lanes.get(owned.laneId) !== owned) return;
    owned.lost = true;
    held -= owned.lane.held;
    lanes.delete(owned.laneId);
    for (const [position, of] of worked) if (of === owned) worked.delete(position);
  }

  function scheduleDue(inMs: number): void {
    const dueMs = clock.monotonicMs() + inMs;
    if (dueMs >= nextDueMs) return;
    nextDueMs = dueMs;
    cancelDue?.();
    cancelDue = clock.setTimeout(() => {
      nextDueMs = Number.POSITIVE_INFINITY;
      if (!stopping) reader.lookForDue();
    }, inMs);
  }

  function routeOf(lane: ClaimedLane): Route {
    const route = routes.get(routeKey(lane.tenant_id, lane.destination));
    if (route === undefined) throw new Error(`lane ${lane.lane_id} belongs to no known destination`);
    return route;
  }

  async function loadRoutes(): Promise<void> {
    for (const row of await keeper.loadDestinations()) {
      const settings = keeper.destinationOfRow(row);
      const window = windowStatus(settings.windows, clock.now());
      const known = routes.get(routeKey(row.tenant_id, row.name));
      if (known !== undefined) {
        known.settings = settings;
        known.window = window;
      } else {
        const route: Route = {
          tenantId: row.tenant_id,
          name: row.name,
          isFlow: row.kind === 'flow',
          settings,
          window,
          ready: createReadyQueue((work) => work.delivery.priority),
          inFlight: 0,
        };
        routes.set(routeKey(row.tenant_id, row.name), route);
        writerOf(row.tenant_id);
        routesOfTenant.get(row.tenant_id)?.push(route);
      }
    }
  }

  /** The look at everything that nobody wakes this worker for; once per `pollMs`, and when something is known to have changed. */
  async function tick(): Promise<void> {
    if (ticking !== undefined) {
      tickAgain = true;
      return ticking;
    }
    ticking = (async () => {
      do {
        tickAgain = false;
        await look().catch((error: unknown) => {
          if (!stopping) log.warn({ err: error }, 'the lanes could not be looked after; trying again');
        });
      } while (tickAgain && !stopping);
    })();
    await ticking;
    ticking = undefined;
  }

  async function look(): Promise<void> {
    const around = await engine.engineTx(async (tx) => {
      if (keeper.leaseIsAging()) await keeper.renew(tx);
      return keeper.look(tx);
    });
    if (around === undefined || stopping) return;
    if (around.held !== lanes.size && !takeOwn) await dropLost();
    if (around.destinations !== signature) {
      await loadRoutes();
      signature = around.destinations;
    }
    const share = Math.ceil(around.lanes / Math.max(1, around.workers));
    if (takeOwn || (around.free > 0 && lanes.size < share))
      await takeLanes(takeOwn ? around.lanes : share - lanes.size);
    else if (lanes.size > share) await handOver(lanes.size - share);
    if (around.position > lastPosition) {
      lastPosition = around.position;
      reader.expect(lanes.keys(), around.position);
    }
    if (around.due) reader.lookForDue();
    sender.expire();
    await keeper.saveCursors(lanes.values());
    for (const writer of writers.values()) writer.kick();
  }

  async function takeLanes(max: number): Promise<void> {
    const claimed = await keeper.claim(max, takeOwn);
    takeOwn = false;
    if (claimed.length === 0) return;
    if (claimed.some((lane) => !routes.has(routeKey(lane.tenant_id, lane.destination)))) await loadRoutes();
    await reader.afterRunning();
    const opened = await keeper.open(claimed, routeOf);
    for (const owned of opened) {
      owned.dirtyTo = reader.highestPosition;
      lanes.set(owned.laneId, owned);
    }
    log.info({ lanes: opened.length, held: lanes.size }, 'lanes taken');
    reader.lookForDue();
  }

  /** Gives lanes without work to workers that came later. */
  async function handOver(count: number): Promise<void> {
    const quiet = [...lanes.values()].filter((owned) => owned.lane.held === 0).slice(0, count);
    await keeper.saveCursors(quiet);
    await keeper.handBack(quiet, false);
    for (const owned of quiet) drop(owned);
  }

  async function dropLost(): Promise<void> {
    for (const laneId of await keeper.lost(lanes.values())) drop(lanes.get(laneId));
  }

  function scheduleTick(): void {
    cancelTick = clock.setTimeout(() => {
      void tick().finally(() => {
        if (!stopping) scheduleTick();
      });
    }, pollMs);
  }

  const quiet = (): boolean =>
    reader.idle &&
    sender.underWay === 0 &&
    ticking === undefined &&
    [...writers.values()].every((writer) => writer.idle) &&
    [...routes.values()].every((route) => route.ready.size === 0 || !isOpen(route));

  return {
    async start() {
      started = true;
      await tick();
      scheduleTick();
    },
    async stop() {
      if (!started || stopping) return;
      stopping = true;
      cancelTick?.();
      cancelDue?.();
      await ticking;
      await reader.stop();
      await waitUntil(() => sender.underWay === 0 && [...writers.values()].every((writer) => writer.idle));
      await keeper.saveCursors(lanes.values());
      await keeper.handBack(lanes.values(), true);
      lanes.clear();
    },
    enqueued(laneIds, position) {
      if (!started || stopping) return;
      for (const laneId of laneIds) {
        if (!lanes.has(laneId)) {
          void tick();
          break;
        }
      }
      reader.expect(laneIds, position);
    },
    changed() {
      if (started && !stopping) void tick();
    },
    async idle() {
      await tick();
      await waitUntil(quiet);
    },
    stats() {
      let blockedKeys = 0;
      for (const owned of lanes.values()) blockedKeys += owned.lane.blockedKeys;
      return {
        lanes: lanes.size,
        inMemory: held,
        inFlight: sender.underWay,
        blockedKeys,
        delivered,
        failed,
        markAgeMs: reader.markAgeMs,
      };
    },
  };
}

function routeKey(tenantId: string, destination: string): string {
  return `${tenantId}\0${destination}`;
}

async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
