import { type LaneInput, laneStep } from '../step/lane-step.ts';
import { type BreakerKeeper, createBreakerKeeper } from './breaker-keeper.ts';
import { type BudgetKeeper, createBudgetKeeper } from './budget-keeper.ts';
import { type Hold, countsOf, drop, endDrains, newHold } from './hold.ts';
import { createLaneKeeper } from './lane-keeper.ts';
import { createLaneReader } from './lane-reader.ts';
import { type LedgerWriter, type WriterEvents, createLedgerWriter } from './ledger-writer.ts';
import { type RouteBook, createRouteBook } from './route-book.ts';
import { type RouteGate, createRouteGate } from './route-gate.ts';
import { createSender } from './sender.ts';
import { createSingleFlight, createWakeTimer } from './wake-timer.ts';
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
  /** Deliveries of this process to a destination in the last minute; undefined when it has none of its lanes. */
  perMinute(tenantId: string, destination: string): number | undefined;
}

export interface EngineStats {
  lanes: number;
  inMemory: number;
  inFlight: number;
  blockedKeys: number;
  delivered: number;
  failed: number;
  superseded: number;
  markAgeMs: number;
  quotasSpent: number;
}

export function createEngine(options: EngineOptions): Engine {
  const { clock, log } = options;
  const hold = newHold();
  const routes = createRouteBook(clock);
  const gate = createRouteGate({
    clock,
    workerId: options.workerId,
    workers: () => hold.workers,
    wakeIn: (_route, delayMs) => roomLater.wakeIn(delayMs),
  });
  const breakers = createBreakerKeeper({
    engine: options,
    routes: () => routes.all(),
    find: routes.find,
    isAsker: (route) => hold.lanes.values().some((owned) => owned.route === route && owned.laneNo === 0),
    changed(route) {
      if (hold.stopping) return;
      writers.get(route.tenantId)?.kick();
      reader.lookForDue();
    },
  });
  const writers = new Map<string, LedgerWriter>();
  const budgets = createBudgetKeeper(options, routes.find, routes.all, (route) => writerOf(route.tenantId).kick());
  const keeper = createLaneKeeper(options, startOver);
  const sender = createSender(
    options,
    (decision) => writerOf(decision.work.owned.route.tenantId).decide(decision),
    keeper.leaseHolds,
    breakers.heard,
  );
  const reader = createLaneReader(options, hold.lanes, apply, hold, (owned) => gate.isReadable(owned.route));
  const due = createWakeTimer(clock, () => {
    if (!hold.stopping) reader.lookForDue();
  });
  const roomLater = createWakeTimer(clock, () => {
    if (!hold.stopping) for (const writer of writers.values()) writer.kick();
  });

  function writerOf(tenantId: string): LedgerWriter {
    let writer = writers.get(tenantId);
    if (writer === undefined) {
      const whileRunning = {
        isOpen: (route: Route): boolean => !hold.stopping && gate.isOpen(route),
        room: (route: Route): number => (hold.stopping ? 0 : gate.room(route)),
        took: gate.took,
      };
      writer = createLedgerWriter(
        tenantId,
        () => routes.ofTenant(tenantId),
        options,
        writerEvents,
        whileRunning,
        budgets,
      );
      writers.set(tenantId, writer);
    }
    return writer;
  }

  /** Holds nothing any more; what is this worker's in the ledger is taken anew, under new epochs. */
  function startOver(): void {
    for (const owned of hold.lanes.values()) drop(hold, owned);
    sender.abortLost();
    hold.takeOwn = true;
    if (!keeper.leaseHolds()) budgets.lapsed();
  }

  const forget = (work: Work): void => {
    if (work.parked) hold.worked.delete(work.position);
  };

  function apply(owned: OwnedLane, input: LaneInput<Work>): void {
    if (owned.lost) return;
    if (input.type === 'blocked') forget(input.row);
    else if (input.type === 'finished') input.rows.forEach(forget);
    const before = owned.lane.held;
    const { actions } = laneStep(owned.lane, input);
    hold.inMemory += owned.lane.held - before;
    for (const work of actions.ready) {
      owned.route.ready.push(work);
      if (work.parked) hold.worked.set(work.position, owned);
    }
    const writer = writerOf(owned.route.tenantId);
    if (actions.park.length > 0) writer.park(actions.park);
    if (actions.ready.length > 0) writer.kick();
    for (const key of actions.load) reader.load(owned, key);
  }

  const writerEvents: WriterEvents = {
    committed({ decisions, handled, parked, overtaken, behind }) {
      const nowMs = clock.monotonicMs();
      const finished: Work[] = [];
      for (const { work, to, dueInMs, superseded } of decisions) {
        if (superseded !== undefined) hold.superseded++;
        if (superseded === 'behind') {
          apply(work.owned, { type: 'superseded', rows: [work] });
          continue;
        }
        const isFinal = to === 'delivered' || to === 'discarded';
        if (to === 'delivered') work.owned.route.rate.count(nowMs);
        if (to === 'delivered') hold.delivered++;
        else if (!isFinal) hold.failed++;
        if (isFinal) finished.push(work);
        else apply(work.owned, { type: 'blocked', row: work });
        if (dueInMs !== undefined) due.wakeIn(dueInMs);
      }
      hold.delivered += handled.length;
      finished.push(...handled);
      for (const [owned, rows] of Map.groupBy(finished, (work) => work.owned)) apply(owned, { type: 'finished', rows });
      // A person may have ended it, or put it back to go again: the side table knows, and its followers wait until then.
      for (const work of overtaken) {
        apply(work.owned, { type: 'blocked', row: work });
        apply(work.owned, { type: 'due', key: work.key });
      }
      for (const work of behind) {
        apply(work.owned, { type: 'superseded', rows: [work] });
        apply(work.owned, { type: 'due', key: work.key });
      }
      for (const [owned, rows] of Map.groupBy(parked, (work) => work.owned)) apply(owned, { type: 'parked', rows });
      reader.kick();
    },
    send: (work, prepared, attemptId, intent) => sender.send(work, prepared, attemptId, intent),
    lookUp: (work, prepared) => sender.lookUp(work, prepared),
    began(xid) {
      const { promise, resolve } = Promise.withResolvers<void>();
      hold.writing.set(xid, promise);
      return () => {
        hold.writing.delete(xid);
        resolve();
      };
    },
    stray: (intentId) => void hold.strays.add(intentId),
    lanesLost(lanes) {
      for (const owned of lanes) drop(hold, owned);
      sender.abortLost();
      log.warn({ lanes: lanes.length }, 'lanes have passed to another worker');
      void look.run();
    },
    async destinationsClosed() {
      await look.run();
      await breakers.load().catch((error: unknown) => log.warn({ err: error }, 'the breakers could not be read'));
      // One that this process is just writing is known a moment later.
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 5));
    },
    ledgerUncertain() {
      startOver();
      void look.run();
    },
  };

  const look = createSingleFlight(
    createLook({ options, hold, routes, gate, budgets, keeper, reader, sender, breakers, writers, writerOf, apply }),
    (error) => {
      // It may have been in the middle of taking lanes, or of handing them back.
      hold.takeOwn = true;
      if (!hold.stopping) log.warn({ err: error }, 'the lanes could not be looked after; trying again');
    },
  );
  let cancelNextLook: (() => void) | undefined;
  const lookRegularly = (): void => {
    cancelNextLook = clock.setTimeout(() => {
      void look.run().finally(() => {
        if (!hold.stopping) lookRegularly();
      });
    }, options.pollMs);
  };
  const writersIdle = (): boolean => [...writers.values()].every((writer) => writer.idle);
  const idle = (): boolean => {
    const waits = [...routes.all()].some((route) => budgets.mayGo(route) && gate.isOpen(route));
    return (
      !waits && reader.idle && sender.underWay === 0 && breakers.idle && look.running === undefined && writersIdle()
    );
  };

  return {
    async start() {
      hold.started = true;
      await look.run();
      lookRegularly();
    },
    async stop() {
      if (!hold.started || hold.stopping) return;
      hold.stopping = true;
      cancelNextLook?.();
      due.stop();
      roomLater.stop();
      await look.running;
      await reader.stop();
      await waitUntil(() => sender.underWay === 0 && writersIdle() && breakers.idle);
      await budgets.stop();
      await keeper.saveCursors(hold.lanes.values());
      await keeper.handBack(hold.lanes.values(), true);
      hold.lanes.clear();
    },
    enqueued(laneIds, position) {
      if (!hold.started || hold.stopping) return;
      if ([...laneIds].some((laneId) => !hold.lanes.has(laneId))) void look.run();
      reader.expect(laneIds, position);
    },
    changed() {
      if (hold.started && !hold.stopping) void look.run();
    },
    async idle() {
      await look.run();
      await waitUntil(idle);
    },
    stats: () => ({
      ...countsOf(hold),
      inFlight: sender.underWay,
      markAgeMs: reader.markAgeMs,
      quotasSpent: budgets.spent,
    }),
    perMinute: (tenantId, destination) => routes.find(tenantId, destination)?.rate.perMinute(clock.monotonicMs()),
  };
}

interface LookParts {
  options: EngineOptions;
  hold: Hold;
  routes: RouteBook;
  gate: Pick<RouteGate, 'tookOver'>;
  budgets: BudgetKeeper;
  keeper: ReturnType<typeof createLaneKeeper>;
  reader: ReturnType<typeof createLaneReader>;
  sender: ReturnType<typeof createSender>;
  breakers: BreakerKeeper;
  writers: ReadonlyMap<string, LedgerWriter>;
  writerOf(tenantId: string): LedgerWriter;
  apply(owned: OwnedLane, input: LaneInput<Work>): void;
}

/**
 * The look at everything that nobody wakes this worker for: the lease, lanes to take or to hand over, changed settings,
 * what other processes enqueued, what is due. One query while nothing is the matter.
 */
function createLook({
  options,
  hold,
  routes,
  gate,
  budgets,
  keeper,
  reader,
  sender,
  breakers,
  writers,
  writerOf,
  apply,
}: LookParts): () => Promise<void> {
  let signature: unknown;
  let budgetSignature: unknown;
  let breakerSignature: unknown;
  let lastPosition = 0;

  async function loadRoutes(): Promise<void> {
    const rows = await keeper.loadDestinations();
    routes.update(rows);
    // Routes that are new here do not know their breakers yet.
    breakerSignature = undefined;
    for (const row of rows) writerOf(row.tenant_id);
    budgets.update(await keeper.loadBudgets());
  }

  async function takeLanes(max: number): Promise<void> {
    const claimed = await keeper.claim(max, hold.takeOwn, hold.lanes.keys());
    if (claimed.length === 0) return;
    if (claimed.some((lane) => routes.find(lane.tenant_id, lane.destination) === undefined)) await loadRoutes();
    await reader.afterRunning();
    const opened = await keeper.open(claimed, (lane) => {
      const route = routes.find(lane.tenant_id, lane.destination);
      if (route === undefined) throw new Error(`lane ${lane.lane_id} belongs to no known destination`);
      return route;
    });
    for (const owned of opened) {
      drop(hold, hold.lanes.get(owned.laneId));
      owned.dirtyTo = reader.highestPosition;
      hold.lanes.set(owned.laneId, owned);
      // Followers that a former holder had freed and not worked off are due at no time: nobody else would look for them.
      for (const key of owned.lane.chains.keys()) apply(owned, { type: 'due', key });
    }
    for (const route of new Set(opened.map((owned) => owned.route))) gate.tookOver(route);
    options.log.info({ lanes: opened.length, held: hold.lanes.size }, 'lanes taken');
    reader.lookForDue();
  }

  /** Gives lanes without work to workers that came later. */
  async function handOver(count: number): Promise<void> {
    const quiet = [...hold.lanes.values()].filter((owned) => owned.lane.held === 0).slice(0, count);
    await keeper.saveCursors(quiet);
    await keeper.handBack(quiet, false);
    for (const owned of quiet) drop(hold, owned);
  }

  return async () => {
    const around = await options.engine.engineTx(async (tx) => {
      if (keeper.leaseIsAging()) await keeper.renew(tx);
      return keeper.look(tx);
    });
    if (around === undefined || hold.stopping) return;
    // Those whose handing back was interrupted.
    for (const owned of hold.lanes.values()) if (owned.lost) drop(hold, owned);
    // After an interruption the numbers may agree and the epochs not.
    if (around.held !== hold.lanes.size || hold.takeOwn) {
      for (const laneId of await keeper.lost(hold.lanes.values())) drop(hold, hold.lanes.get(laneId));
    }
    sender.abortLost();
    const missing = around.held - hold.lanes.size;
    hold.takeOwn &&= missing > 0;
    if (around.destinations !== signature) {
      await loadRoutes();
      signature = around.destinations;
    }
    if (around.breakers !== breakerSignature) {
      await breakers.load();
      breakerSignature = around.breakers;
    }
    if (around.budgets !== budgetSignature) {
      budgets.update(await keeper.loadBudgets());
      budgetSignature = around.budgets;
    }
    budgets.tend();
    hold.workers = Math.max(1, around.workers);
    const share = Math.ceil(around.lanes / Math.max(1, around.workers));
    if (hold.takeOwn || (around.free > 0 && hold.lanes.size < share)) {
      await takeLanes(Math.max(hold.takeOwn ? missing : 0, share - hold.lanes.size));
    } else if (hold.lanes.size > share) await handOver(hold.lanes.size - share);
    if (around.position > lastPosition) {
      lastPosition = around.position;
      reader.expect(hold.lanes.keys(), around.position);
    }
    if (around.due) reader.lookForDue();
    sender.expire();
    const strays = [...hold.strays];
    if (strays.length > 0) {
      const left = new Set(await keeper.closeStrays(strays, hold.lanes.values()));
      for (const id of strays) if (!left.has(id)) hold.strays.delete(id);
    }
    breakers.tend();
    endDrains(hold, routes);
    await keeper.saveCursors(hold.lanes.values());
    reader.kick();
    for (const writer of writers.values()) writer.kick();
  };
}

async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
