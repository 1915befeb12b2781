import { type Tables, stateNow } from './ledger.ts';
import type { CheckerOptions } from './checker.ts';
import { noDrain } from './plan.ts';
import type { Chosen } from './world.ts';

/** Whether what a person has paused is left alone, and whether what was kept back goes out no faster than it may. */
export interface GateChecker {
  /** Something is done for a destination by a worker who knew this. */
  judgePaused(destination: string, chosen: Pick<Chosen, 'collectedMs' | 'settingsMs'>, what: () => string): void;
  /** Its breaker's probe is the question how it is. @returns to be told when it is answered */
  asks(destination: string, life: string): () => void;
  judgeAsked(destination: string, facts: { life: string; collectedMs: number }, what: () => string): void;
  /** A window or the breaker keeps deliveries back, as this life of a worker sees it. */
  keptBack(destination: string, life: string): void;
  /** Nothing of what was kept back is left. */
  drained(destination: string, life: string): void;
  /** A person has paused or resumed it. */
  turned(destination: string, act: 'pause' | 'resume'): void;
  /** A worker has seen so many that live, itself among them. */
  sees(life: string, workers: number): void;
  /** A worker has taken a lane over. */
  opened(laneId: number): void;
  /** A delivery was committed. */
  committed(position: number): void;
  /** A call begins. @returns to be told when it has come back */
  calls(destination: string, who: { life: string; worker: string }, chosen: Chosen, isProbe: boolean): () => void;
}

interface Drain {
  /** When anything was last kept back. */
  sinceMs: number;
  /** Calls that were chosen since, and when. */
  chosen: number;
  readonly underWay: Set<number>;
}

export function createGateChecker(
  { destinations, nowMs, tell }: Pick<CheckerOptions, 'destinations' | 'nowMs' | 'tell'>,
  tables: Tables,
  judge: (isRight: boolean, message: () => string) => void,
): GateChecker {
  const drains = new Map<string, Drain>();
  const openedMs = new Map<number, number>();
  const committedMs = new Map<number, number>();
  const asking = new Map<string, number>();
  const seen = new Map<string, { atMs: number; workers: number }[]>();

  /** Since when it has been back, for a worker with lanes that it took afterwards and that have waited since before. */
  function backlogSince(destination: string, worker: string): number | undefined {
    const shared = tables.breakers.get(destination);
    const { drain, windows } = destinations.get(destination)!;
    if (drain?.perSecond === undefined || windows.length > 0) return undefined;
    // A person may close one that was never open.
    if (shared === undefined || shared.state.phase !== 'closed' || shared.by === 'person') return undefined;
    const isOld = ({ position }: { position: number }) => (committedMs.get(position) ?? Infinity) < shared.committedMs;
    const hasBacklog = [...tables.lanes.values()].some((lane) => {
      if (lane.owner !== worker || lane.destination !== destination) return false;
      if ((openedMs.get(lane.laneId) ?? 0) <= shared.committedMs) return false;
      return lane.rows.some((row) => isOld(row) && !row.parked && stateNow(tables, row) === 'queued');
    });
    return hasBacklog ? shared.committedMs : undefined;
  }

  /** The fewest that it has shared with since then. */
  function fewest(life: string, sinceMs: number): number {
    const all = seen.get(life) ?? [];
    const before = all.findLast(({ atMs }) => atMs <= sinceMs);
    const since = all.filter(({ atMs }) => atMs >= sinceMs);
    return Math.max(1, Math.min(...[...(before ? [before] : []), ...since].map(({ workers }) => workers)));
  }

  function judgeDrain(name: string, life: string, drain: Drain, collectedMs: number): void {
    const { concurrency, drain: settings = noDrain } = destinations.get(name)!;
    const elapsedMs = collectedMs - drain.sinceMs;
    const ramp = settings.rampSeconds === 0 ? 1 : Math.min(1, elapsedMs / (settings.rampSeconds * 1_000));
    const most = Math.max(1, Math.floor(concurrency * ramp + 1e-9));
    const { size } = drain.underWay;
    judge(
      size <= most,
      () => `${name} is called ${size} times at once by ${life}, ${elapsedMs.toFixed(0)} ms after it was kept back`,
    );
    if (settings.perSecond === undefined) return;
    // The first goes at once, and so may the probe before it.
    const calls = 2 + ((settings.perSecond / 1_000) * elapsedMs) / fewest(life, drain.sinceMs);
    const count = drain.chosen;
    judge(
      count <= calls + 1e-6,
      () => `${name} is called a ${count}th time by ${life}, ${elapsedMs.toFixed(0)} ms after it was kept back`,
    );
  }

  return {
    judgePaused(destination, { collectedMs, settingsMs }, what) {
      const pause = tables.pauses.get(destination);
      const isKnown = pause !== undefined && pause.committedMs < settingsMs && pause.committedMs < collectedMs;
      judge(!isKnown || !pause.isPaused, () => `${what()} although a person has paused ${destination}`);
    },
    asks(destination, life) {
      const name = `${destination} ${life}`;
      asking.set(name, nowMs());
      return () => asking.delete(name);
    },
    judgeAsked(destination, { life, collectedMs }, what) {
      const askedMs = asking.get(`${destination} ${life}`) ?? Number.POSITIVE_INFINITY;
      judge(collectedMs < askedMs, () => `${what()} by ${life} while it asks the system how it is`);
    },
    keptBack(destination, life) {
      const sinceMs = nowMs();
      drains.set(`${destination} ${life}`, { sinceMs, chosen: 0, underWay: new Set() });
    },
    drained(destination, life) {
      drains.delete(`${destination} ${life}`);
    },
    turned: (destination, act) => tell?.(`${nowMs().toFixed(1).padStart(9)} by hand: ${act} ${destination}`),
    sees(life, workers) {
      seen.set(life, [...(seen.get(life) ?? []), { atMs: nowMs(), workers }]);
    },
    opened: (laneId) => void openedMs.set(laneId, nowMs()),
    committed: (position) => void committedMs.set(position, nowMs()),
    calls(destination, { life, worker }, { collectedMs }, isProbe) {
      const name = `${destination} ${life}`;
      const sinceMs = drains.has(name) ? undefined : backlogSince(destination, worker);
      if (sinceMs !== undefined) drains.set(name, { sinceMs, chosen: 0, underWay: new Set() });
      const drain = drains.get(name);
      if (drain === undefined || isProbe || collectedMs < drain.sinceMs) return () => {};
      const call = ++drain.chosen;
      drain.underWay.add(call);
      judgeDrain(destination, life, drain, collectedMs);
      return () => drain.underWay.delete(call);
    },
  };
}
