import type { BudgetSettings } from '../budget.ts';
import {
  type BudgetRow,
  endSlots,
  lockBudget,
  readSlots,
  stateOfRow,
  writeBudget,
  writeSlots,
} from '../sql/budgets.ts';
import { budgetStep, classOf, fairSlots, floorsOf } from '../step/budget-step.ts';
import { quotaPeriod } from '../step/quota-period.ts';
import { createWakeTimer } from './wake-timer.ts';
import type { EngineOptions, Route, Work } from './work.ts';

/** What this worker holds of a destination's budget. */
export interface HeldBudget {
  settings: BudgetSettings;
  /** Calls by class, lowest first. */
  calls: number[];
  /** The period they belong to, and when they are given back if nobody has used them. */
  periodStartMs: number;
  periodEndMs: number;
  expiresMs: number;
  /** To be given back with the next asking. */
  returned: number;
  returnedOfMs: number;
  /** Since when, by the database's clock, the oldest of what is held, and of what is to be given back, was handed out. */
  heldFromMs: number;
  returnedFromMs: number;
  /** Calls at once; Infinity where the budget does not bound them. */
  slots: number;
  slotsHeld: number;
  /** Not to be asked before, unless for a higher class than the highest that was refused. */
  askAtMs: number;
  refused: number;
  /** The quota has nothing left for what was asked. */
  spent: boolean;
  asking: Promise<void> | undefined;
  /** Used since the last asking: the next block is as large again. */
  usedLately: number;
}

export interface BudgetKeeper {
  /** Takes in the budgets as they now are. */
  update(rows: readonly Pick<BudgetRow, 'tenant_id' | 'destination' | 'settings'>[]): void;
  /** What may go now of what is ready, `room` at most; asks for more where that is not all. */
  take(route: Route, room: number): Work[];
  /** The call that was taken for this work was not made after all. */
  giveBack(work: Work): void;
  /** True when something of it is ready and may go soon. */
  mayGo(route: Route): boolean;
  /** Destinations whose quota has nothing left for what is ready. */
  readonly spent: number;
  /** The lease had run out: what was held of calls at once may be another's by now. */
  lapsed(): void;
  /** Now and then: what lies idle goes back to the others, what is held too long of is shared. */
  tend(): void;
  /** Gives everything back. */
  stop(): Promise<void>;
}

/** Unused calls of a quota go back after this long; those of a rate at once, for they are worth nothing later. */
const quotaHoldMs = 2_000;
const rateHoldMs = 250;
const blockMax = 500;
/** A turn at calls that do not come out even between the workers. */
const turnMs = 2_000;

/**
 * The worker's side of the budgets. A destination without one costs a comparison. One with a budget is asked for in
 * blocks: as many calls as are ready, and where only a quota bounds it as many again as were used lately.
 */
export function createBudgetKeeper(
  options: EngineOptions,
  find: (tenantId: string, destination: string) => Route | undefined,
  all: () => Iterable<Route>,
  kick: (route: Route) => void,
): BudgetKeeper {
  const { engine, clock, log, workerId } = options;
  /** Of works that were taken: the period whose call they hold, and since when it has been held. */
  const taken = new WeakMap<Work, { periodStartMs: number; fromMs: number }>();
  const wake = createWakeTimer(clock, () => {
    for (const route of all()) if (route.budget !== undefined && route.ready.size > 0) kick(route);
  });

  function update(rows: readonly Pick<BudgetRow, 'tenant_id' | 'destination' | 'settings'>[]): void {
    const seen = new Set<Route>();
    for (const { tenant_id, destination, settings } of rows) {
      const route = find(tenant_id, destination);
      if (route === undefined || Object.keys(settings).length === 0) continue;
      seen.add(route);
      if (JSON.stringify(route.budget?.settings) === JSON.stringify(settings)) continue;
      const former = route.budget;
      if (former !== undefined) putBack(former);
      const fresh = newBudget(settings);
      const { returned, returnedOfMs, returnedFromMs, slotsHeld } = former ?? fresh;
      route.budget = { ...fresh, returned, returnedOfMs, returnedFromMs, slotsHeld };
    }
    for (const route of all()) if (!seen.has(route)) route.budget = undefined;
  }

  /** Everything unused goes to what is given back. */
  function putBack(budget: HeldBudget): void {
    const unused = budget.calls.reduce((sum, calls) => sum + calls, 0);
    if (Number.isFinite(unused)) addReturned(budget, unused, budget.heldFromMs);
    budget.calls = budget.calls.map(() => 0);
    budget.heldFromMs = Number.POSITIVE_INFINITY;
  }

  function addReturned(budget: HeldBudget, calls: number, fromMs: number): void {
    if (calls === 0) return;
    if (budget.returnedOfMs !== budget.periodStartMs) budget.returned = 0;
    if (budget.returned === 0) budget.returnedFromMs = Number.POSITIVE_INFINITY;
    budget.returned += calls;
    budget.returnedOfMs = budget.periodStartMs;
    budget.returnedFromMs = Math.min(budget.returnedFromMs, fromMs);
  }

  function take(route: Route, room: number): Work[] {
    const { budget, ready } = route;
    if (budget === undefined) return ready.take(room);
    if (isBounded(budget) && clock.monotonicMs() >= budget.expiresMs) putBack(budget);
    if (clock.now().getTime() >= budget.periodEndMs) startPeriod(budget);
    const most = Math.min(room, budget.slots - route.inFlight);
    const works: Work[] = [];
    const floors = floorsOf(budget.settings);
    for (let index = floors.length; index >= 0 && works.length < most; index--) {
      const calls = budget.calls.slice(0, index + 1).reduce((sum, one) => sum + one, 0);
      const floor = index === 0 ? Number.NEGATIVE_INFINITY : (floors[index - 1]?.minPriority ?? 0);
      const ofClass = ready.take(Math.min(most - works.length, calls), floor);
      spend(budget, index, ofClass.length);
      works.push(...ofClass);
    }
    if (isBounded(budget)) {
      const call = { periodStartMs: budget.periodStartMs, fromMs: budget.heldFromMs };
      for (const work of works) taken.set(work, call);
    }
    if (works.length < room && ready.size > 0) ask(route, budget);
    return works;
  }

  function ask(route: Route, budget: HeldBudget): void {
    if (budget.asking !== undefined) return;
    const waitMs = budget.askAtMs - clock.monotonicMs();
    const [highest] = route.ready.counts().find(([, count]) => count > 0) ?? [0];
    if (waitMs > 0 && classOf(budget.settings, highest) <= budget.refused) {
      wake.wakeIn(waitMs);
      return;
    }
    budget.asking = askFor(route, budget)
      .catch((error: unknown) => {
        // Whatever was handed out by a commit that nobody heard of is lost to the period: fewer calls, never more.
        log.warn({ err: error, destination: route.name }, 'a budget could not be asked for; trying again');
        budget.askAtMs = clock.monotonicMs() + 500;
      })
      .finally(() => {
        budget.asking = undefined;
        if (route.budget === budget) kick(route);
      });
  }

  async function askFor(route: Route, budget: HeldBudget): Promise<void> {
    const { settings } = budget;
    const wanted = wantedOf(route, budget);
    const isMereQuota = settings.rate === undefined && wanted.some((calls) => calls > 0);
    const ahead = isMereQuota ? Math.min(budget.usedLately, blockMax) : 0;
    const { returned, returnedOfMs, returnedFromMs } = budget;
    // Given back once, whether or not anybody hears of the commit: what it does not say is lost, and nothing counts twice.
    budget.returned = 0;
    const answer = await engine.engineTx(async (tx) => {
      const key = [route.tenantId, route.name];
      const [row] = await tx.query<BudgetRow & { now_ms: number }>(lockBudget, key);
      if (row === undefined) return undefined;
      const { quota } = settings;
      const grant = budgetStep(stateOfRow(row), { wanted, ahead, returned, returnedOfMs, returnedFromMs }, settings, {
        nowMs: row.now_ms,
        calendarMs: clock.now().getTime(),
        periodOf: (atMs) => (quota === undefined ? { startMs: 0, endMs: 0 } : quotaPeriod(quota, atMs)),
      });
      const { state } = grant;
      await tx.query(writeBudget, [
        ...key,
        state.tokens ?? null,
        state.refilledMs,
        state.periodStartMs,
        state.periodEndMs,
        state.used,
        JSON.stringify(state.marks),
      ]);
      const slots =
        settings.concurrency === undefined ? undefined : await shareSlots(route, settings.concurrency, row.now_ms);
      return { grant, slots, grantedMs: row.now_ms };

      async function shareSlots(of: Route, limit: number, nowMs: number) {
        const rows = await tx.query<{ worker_id: string; wanted: number; held: number }>(readSlots, key);
        const others = rows.filter((one) => one.worker_id !== workerId);
        const mine = { id: workerId, wanted: of.ready.size + of.inFlight };
        const workers = [mine, ...others.map((one) => ({ id: one.worker_id, wanted: one.wanted }))];
        const fair = fairSlots(workers, limit, Math.floor(nowMs / turnMs)).get(workerId) ?? 0;
        const free = limit - others.reduce((sum, one) => sum + one.held, 0);
        const slots = Math.max(0, Math.min(fair, free));
        // What is under way is held until it has come back, whatever the share.
        const held = Math.max(slots, of.inFlight);
        // A smaller share holds from here on: until the answer is here more would be under way than the row says.
        budget.slots = Math.min(budget.slots, slots);
        await tx.query(writeSlots, [...key, workerId, mine.wanted, held]);
        return { slots, held };
      }
    });
    if (answer === undefined) return;
    const { grant, slots, grantedMs } = answer;
    const isSame = budget.periodStartMs === grant.state.periodStartMs;
    const keeps = isSame && budget.calls.some((calls) => calls > 0);
    budget.heldFromMs = keeps ? Math.min(budget.heldFromMs, grantedMs) : grantedMs;
    budget.calls = grant.granted.map((calls, index) => calls + (isSame ? (budget.calls[index] ?? 0) : 0));
    budget.periodStartMs = grant.state.periodStartMs;
    budget.periodEndMs = grant.periodEndMs;
    budget.usedLately = 0;
    const nowMs = clock.monotonicMs();
    budget.expiresMs = nowMs + (settings.rate === undefined ? quotaHoldMs : rateHoldMs);
    budget.askAtMs = nowMs + grant.waitMs;
    budget.refused = wanted.findLastIndex((calls, index) => calls > (grant.granted[index] ?? 0));
    budget.spent = grant.waitMs >= 1_000;
    if (slots !== undefined) {
      budget.slots = slots.slots;
      budget.slotsHeld = slots.held;
      if (slots.slots <= route.inFlight) {
        budget.askAtMs = Math.max(budget.askAtMs, nowMs + 50);
        budget.refused = budget.calls.length;
      }
    }
  }

  function tend(): void {
    const nowMs = clock.monotonicMs();
    for (const route of all()) {
      const { budget } = route;
      if (budget === undefined) continue;
      if (isBounded(budget) && nowMs >= budget.expiresMs) putBack(budget);
      const isIdle = route.ready.size === 0 && route.inFlight < budget.slotsHeld;
      if (budget.returned > 0 || isIdle || (budget.settings.concurrency !== undefined && route.ready.size > 0)) {
        ask(route, budget);
      }
    }
  }

  return {
    update,
    take,
    giveBack(work) {
      const { budget } = work.owned.route;
      const call = taken.get(work);
      taken.delete(work);
      // What was handed out for a period that is over does not make the present one larger.
      if (budget === undefined || call === undefined || call.periodStartMs !== budget.periodStartMs) return;
      addReturned(budget, 1, call.fromMs);
    },
    lapsed() {
      for (const { budget } of all()) if (budget?.settings.concurrency !== undefined) budget.slots = 0;
    },
    mayGo: ({ budget, ready }) => ready.size > 0 && budget?.spent !== true,
    get spent() {
      return [...all()].filter((route) => route.budget?.spent === true && route.ready.size > 0).length;
    },
    tend,
    async stop() {
      wake.stop();
      const budgets = [...all()].flatMap((route) =>
        route.budget === undefined ? [] : [{ route, budget: route.budget }],
      );
      if (budgets.length === 0) return;
      for (const { route, budget } of budgets) {
        await budget.asking;
        putBack(budget);
        if (budget.returned > 0) await askFor(route, budget).catch(() => {});
      }
      await engine.engineTx((tx) => tx.query(endSlots, [workerId]));
    },
  };
}

function newBudget(settings: BudgetSettings): HeldBudget {
  const bounded = settings.rate !== undefined || settings.quota !== undefined;
  const classes = floorsOf(settings).length + 1;
  return {
    settings,
    calls: Array.from({ length: classes }, (_, index) => (bounded || index > 0 ? 0 : Number.POSITIVE_INFINITY)),
    periodStartMs: 0,
    periodEndMs: Number.MAX_SAFE_INTEGER,
    expiresMs: Number.POSITIVE_INFINITY,
    returned: 0,
    returnedOfMs: 0,
    heldFromMs: Number.POSITIVE_INFINITY,
    returnedFromMs: Number.POSITIVE_INFINITY,
    slots: settings.concurrency === undefined ? Number.POSITIVE_INFINITY : 0,
    // What a former life of this worker has left in its row is not known: idle until it has asked.
    slotsHeld: settings.concurrency === undefined ? 0 : Number.POSITIVE_INFINITY,
    askAtMs: 0,
    refused: -1,
    spent: false,
    asking: undefined,
    usedLately: 0,
  };
}

/** What was handed out for the hour or day that is over is worth nothing in the next. */
function startPeriod(budget: HeldBudget): void {
  budget.calls = budget.calls.map(() => 0);
  budget.askAtMs = 0;
  budget.spent = false;
}

const isBounded = ({ settings }: HeldBudget): boolean => settings.rate !== undefined || settings.quota !== undefined;

/** Calls for what is ready, by class. */
function wantedOf(route: Route, budget: HeldBudget): number[] {
  const { settings } = budget;
  const wanted = budget.calls.map(() => 0);
  if (!isBounded(budget)) return wanted;
  for (const [priority, count] of route.ready.counts()) {
    const index = classOf(settings, priority);
    wanted[index] = (wanted[index] ?? 0) + count;
  }
  return wanted.map((count) => Math.min(count, blockMax));
}

/** From the own class downwards: what everybody may use is left for those who may use nothing else. */
function spend(budget: HeldBudget, index: number, count: number): void {
  budget.usedLately += count;
  let left = count;
  for (let at = index; at >= 0 && left > 0; at--) {
    const used = Math.min(left, budget.calls[at] ?? 0);
    if (Number.isFinite(budget.calls[at] ?? 0)) budget.calls[at] = (budget.calls[at] ?? 0) - used;
    left -= used;
  }
}
