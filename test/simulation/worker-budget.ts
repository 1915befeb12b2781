import type { BudgetSettings } from '../../src/queue/index.ts';
import { type BudgetState, classOf, floorsOf, freshBudget } from '../../src/queue/step/budget-step.ts';
import { LedgerError, type ModelTx } from './ledger.ts';
import type { Task } from './scheduler.ts';
import { type Route, type Work, type WorkerState, wallMs } from './world.ts';

/** A simulated "hour" of a quota. */
export const quotaPeriodMs = 1_500;
/** Simulated time begins in an hour that is not the first there ever was. */
const calendarFromMs = quotaPeriodMs * 10;
/** Unused calls of a quota go back after this long; those of a rate sooner. */
const quotaHoldMs = 400;
const rateHoldMs = 250;
/** A turn at calls that do not come out even between the workers. */
const turnMs = 200;

/** Where a call comes from: what it is judged by. */
export interface CallStamp {
  readonly grantedMs: number;
  readonly periodStartMs: number;
  /** Of the work's priority, by the budget's reserves. */
  readonly classIndex: number;
}

/** What the worker holds of a destination's budget. */
interface Held {
  readonly settings: BudgetSettings;
  readonly isBounded: boolean;
  /** By class, lowest first: when each call was granted, oldest first. */
  calls: number[][];
  periodStartMs: number;
  periodEndMs: number;
  expiresMs: number;
  returned: number;
  returnedOfMs: number;
  returnedFromMs: number;
  slots: number;
  slotsHeld: number;
  askAtMs: number;
  refused: number;
  usedLately: number;
  asking: boolean;
}

export interface ModelBudgets {
  take(route: Route, room: number): Work[];
  /** The call of this work was not made after all. */
  giveBack(work: Work): void;
  /** What lies idle goes back to the others. */
  tend(): void;
  /** The lease had run out: what was held of calls at once may be another's. */
  lapsed(): void;
  stop(): Task;
  stampOf(work: Work): CallStamp | undefined;
}

function newHeld(settings: BudgetSettings, asksAnew: boolean): Held {
  return {
    settings,
    isBounded: settings.rate !== undefined || settings.quota !== undefined,
    calls: Array.from({ length: floorsOf(settings).length + 1 }, () => []),
    periodStartMs: 0,
    periodEndMs: Number.MAX_SAFE_INTEGER,
    expiresMs: Number.POSITIVE_INFINITY,
    returned: 0,
    returnedOfMs: 0,
    returnedFromMs: Number.POSITIVE_INFINITY,
    slots: settings.concurrency === undefined ? Number.POSITIVE_INFINITY : 0,
    // What a former life of this worker has left in its row is not known: idle until it has asked.
    slotsHeld: settings.concurrency !== undefined && asksAnew ? Number.POSITIVE_INFINITY : 0,
    askAtMs: 0,
    refused: -1,
    usedLately: 0,
    asking: false,
  };
}

/** The worker's side of the budgets, as the product's keeper: blocks of calls, and slots, from rows that all workers share. */
export function createModelBudgets(worker: WorkerState, routes: () => Iterable<Route>, kick: () => void): ModelBudgets {
  const { world, actor } = worker;
  const { ledger, scheduler, steps } = world;
  const { shell } = steps;
  const held = new Map<Route, Held>();
  const stamps = new WeakMap<Work, CallStamp>();
  /** What the planted bug reckons by: a row of its own. */
  const rows = shell.sharesBudgets ? world.budgets : new Map<string, BudgetState>();
  const asks = createAsking();

  function heldOf(route: Route): Held | undefined {
    const { budget } = route.settings;
    if (budget === undefined) return undefined;
    let one = held.get(route);
    if (one === undefined) held.set(route, (one = newHeld(budget, shell.asksAnewForSlots)));
    return one;
  }

  function putBack(one: Held): void {
    for (const grantedMs of one.calls.flat()) addReturned(one, grantedMs);
    one.calls = one.calls.map(() => []);
  }

  function addReturned(one: Held, grantedMs: number): void {
    if (one.returnedOfMs !== one.periodStartMs) one.returned = 0;
    if (one.returned === 0 || !shell.agesReturns) one.returnedFromMs = Number.POSITIVE_INFINITY;
    one.returned++;
    one.returnedOfMs = one.periodStartMs;
    if (shell.agesReturns) one.returnedFromMs = Math.min(one.returnedFromMs, grantedMs);
  }

  function take(route: Route, room: number): Work[] {
    const one = heldOf(route);
    if (one === undefined) return route.ready.take(room);
    if (one.isBounded && scheduler.nowMs >= one.expiresMs) putBack(one);
    if (wallMs(worker) + calendarFromMs >= one.periodEndMs) {
      one.calls = one.calls.map(() => []);
      one.askAtMs = 0;
    }
    const most = Math.min(room, one.slots - route.inFlight);
    const works: Work[] = [];
    const floors = floorsOf(one.settings);
    for (let index = floors.length; index >= 0 && works.length < most; index--) {
      const calls = one.isBounded
        ? one.calls.slice(0, index + 1).reduce((sum, of) => sum + of.length, 0)
        : Number.POSITIVE_INFINITY;
      const floor = index === 0 ? Number.NEGATIVE_INFINITY : (floors[index - 1]?.minPriority ?? 0);
      for (const work of route.ready.take(Math.max(0, Math.min(most - works.length, calls)), floor)) {
        spend(one, index, work);
        works.push(work);
      }
    }
    if (works.length < room && route.ready.size > 0) ask(route, one);
    return works;
  }

  /** From the own class downwards: what everybody may use is left for those who may use nothing else. */
  function spend(one: Held, index: number, work: Work): void {
    one.usedLately++;
    if (!one.isBounded) return;
    for (let at = index; at >= 0; at--) {
      const grantedMs = one.calls[at]?.shift();
      if (grantedMs === undefined) continue;
      const classIndex = classOf(one.settings, work.row.plan.priority);
      stamps.set(work, { grantedMs, periodStartMs: one.periodStartMs, classIndex });
      return;
    }
  }

  function ask(route: Route, one: Held): void {
    if (one.asking) return;
    const waitMs = one.askAtMs - scheduler.nowMs;
    const [highest] = route.ready.counts().find(([, count]) => count > 0) ?? [0];
    if (waitMs > 0 && classOf(one.settings, highest) <= one.refused) {
      scheduler.after(waitMs, () => actor.alive && kick());
      return;
    }
    one.asking = true;
    scheduler.spawn(actor, asks.ask(route, one));
  }

  /** The transactions in which calls and slots are handed out. */
  function createAsking() {
    function* askFor(route: Route, one: Held): Task {
      const { settings } = one;
      const wanted = wantedOf(route, one);
      const ahead = settings.rate === undefined && wanted.some((calls) => calls > 0) ? one.usedLately : 0;
      const { returned, returnedOfMs, returnedFromMs } = one;
      one.returned = 0;
      const tx = ledger.begin(actor);
      try {
        const grantedMs = yield* ledger.call(tx, () => {
          ledger.lock(tx, `b${route.name} budget`);
          return scheduler.nowMs;
        });
        const time = { nowMs: grantedMs, calendarMs: wallMs(worker) + calendarFromMs, periodOf };
        const before = rows.get(route.name) ?? freshBudget;
        const grant = steps.budgetStep(
          before,
          { wanted, ahead, returned, returnedOfMs, returnedFromMs },
          settings,
          time,
        );
        tx.writes.push(() => rows.set(route.name, grant.state));
        const { concurrency } = settings;
        const slots =
          concurrency === undefined ? undefined : yield* ledger.call(tx, () => shareSlots(tx, route, one, concurrency));
        yield* ledger.commit(tx);
        const isSame = one.periodStartMs === grant.state.periodStartMs;
        one.calls = one.calls.map((calls, index) => [
          ...(isSame ? calls : []),
          ...Array.from({ length: grant.granted[index] ?? 0 }, () => grantedMs),
        ]);
        one.periodStartMs = grant.state.periodStartMs;
        one.periodEndMs = grant.periodEndMs;
        one.usedLately = 0;
        one.expiresMs = scheduler.nowMs + (settings.rate === undefined ? quotaHoldMs : rateHoldMs);
        // The shortest waits of the product are two thirds of an "hour" here.
        one.askAtMs = scheduler.nowMs + Math.min(grant.waitMs, 200);
        one.refused = wanted.findLastIndex((calls, index) => calls > (grant.granted[index] ?? 0));
        if (slots !== undefined) takeSlots(route, one, slots);
      } catch (error) {
        ledger.abort(tx);
        throw error;
      }
    }

    function takeSlots(route: Route, one: Held, slots: { slots: number; held: number }): void {
      one.slots = slots.slots;
      one.slotsHeld = slots.held;
      if (slots.slots > route.inFlight) return;
      one.askAtMs = Math.max(one.askAtMs, scheduler.nowMs + 50);
      one.refused = one.calls.length;
    }

    function shareSlots(tx: ModelTx, route: Route, one: Held, limit: number): { slots: number; held: number } {
      const { slots: table, leases } = ledger.tables;
      const all = table.get(route.name) ?? new Map<string, { wanted: number; held: number }>();
      const others = [...all].filter(
        ([name]) => name !== worker.name && (leases.get(name) ?? Number.NEGATIVE_INFINITY) >= scheduler.nowMs,
      );
      const mine = { id: worker.name, wanted: route.ready.size + route.inFlight };
      const workers = [mine, ...others.map(([id, { wanted }]) => ({ id, wanted }))];
      const fair = steps.fairSlots(workers, limit, Math.floor(scheduler.nowMs / turnMs)).get(worker.name) ?? 0;
      const taken = shell.countsOthersSlots ? others.reduce((sum, [, other]) => sum + other.held, 0) : 0;
      const slots = Math.max(0, Math.min(fair, limit - taken));
      // What is under way is held until it has come back, whatever the share.
      const slotsHeld = Math.max(slots, route.inFlight);
      if (shell.lowersSlotsAtOnce) one.slots = Math.min(one.slots, slots);
      tx.writes.push(() => {
        const now = table.get(route.name) ?? new Map<string, { wanted: number; held: number }>();
        now.set(worker.name, { wanted: mine.wanted, held: slotsHeld });
        table.set(route.name, now);
      });
      return { slots, held: slotsHeld };
    }

    return {
      askFor,
      *ask(route: Route, one: Held): Task {
        try {
          yield* askFor(route, one);
        } catch (error) {
          if (!(error instanceof LedgerError)) throw error;
          // What was handed out by a commit that nobody heard of is lost to the period.
          one.askAtMs = scheduler.nowMs + 200;
        }
        one.asking = false;
        kick();
      },
    };
  }

  return {
    take,
    giveBack(work) {
      const one = heldOf(work.owned.route);
      if (one === undefined || !one.isBounded) return;
      const stamp = stamps.get(work);
      stamps.delete(work);
      if (stamp === undefined || stamp.periodStartMs !== one.periodStartMs) return;
      addReturned(one, stamp.grantedMs);
    },
    tend() {
      for (const route of routes()) {
        const one = heldOf(route);
        if (one === undefined) continue;
        if (one.isBounded && scheduler.nowMs >= one.expiresMs) putBack(one);
        const isIdle = route.ready.size === 0 && route.inFlight < one.slotsHeld;
        const wantsSlots = one.settings.concurrency !== undefined && route.ready.size > 0;
        if (one.returned > 0 || isIdle || wantsSlots) ask(route, one);
      }
    },
    lapsed() {
      for (const one of held.values()) if (one.settings.concurrency !== undefined) one.slots = 0;
    },
    *stop() {
      for (const [route, one] of held) {
        while (one.asking) yield 5;
        putBack(one);
        if (one.returned > 0) yield* asks.ask(route, one);
      }
      const tx = ledger.begin(actor);
      tx.writes.push(() => {
        for (const of of ledger.tables.slots.values()) of.delete(worker.name);
      });
      yield* ledger.commit(tx);
    },
    stampOf: (work) => stamps.get(work),
  };
}

/** Calls for what is ready, by class. */
function wantedOf(route: Route, one: Held): number[] {
  const wanted = one.calls.map(() => 0);
  if (!one.isBounded) return wanted;
  for (const [priority, count] of route.ready.counts()) {
    const index = classOf(one.settings, priority);
    wanted[index] = (wanted[index] ?? 0) + count;
  }
  return wanted;
}

function periodOf(atMs: number): { startMs: number; endMs: number } {
  const startMs = Math.floor(atMs / quotaPeriodMs) * quotaPeriodMs;
  return { startMs, endMs: startMs + quotaPeriodMs };
}
