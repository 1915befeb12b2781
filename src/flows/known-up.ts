import type { Clock } from '../platform/index.ts';

/**
 * So long a process may act on what it knows of a destination without asking the database again. Another process may have
 * opened an exception meanwhile: a success closes it this much later at most, and asks for it no more often than that.
 */
const knownForMs = 5_000;

/** After a success that no other has followed for so long, the database is asked once more. */
const quietMs = knownForMs + 1_000;

/**
 * Destinations about which nothing was open when this process last asked. One is made for each hub, in the composition
 * root. It only saves queries: whoever is not in here is asked for.
 */
export interface KnownUp {
  has(tenantId: string, destination: string): boolean;
  /** Nothing is open about it, as of now. */
  add(tenantId: string, destination: string): void;
  /** Something may be open about it again: its next success asks. */
  forget(tenantId: string, destination: string): void;
  /** Something got through at this instant. If it is the last for a while, it is asked about once more by itself. */
  succeeded(tenantId: string, destination: string, at: Date): void;
  stop(): void;
}

/** Asks for what was open about a destination before its last success. */
export type AskLater = (tenantId: string, destination: string, succeededAt: Date) => Promise<void>;

interface LastSuccess {
  at: Date;
  atMs: number;
  cancel: () => void;
}

export function createKnownUp(clock: Pick<Clock, 'monotonicMs' | 'setTimeout'>, askLater?: AskLater): KnownUp {
  const untilMs = new Map<string, number>();
  const last = new Map<string, LastSuccess>();
  let stopped = false;

  function askWhenQuiet(tenantId: string, destination: string, delayMs: number): () => void {
    return clock.setTimeout(() => void askOrWait(tenantId, destination), delayMs);
  }
  async function askOrWait(tenantId: string, destination: string): Promise<void> {
    const name = keyOf(tenantId, destination);
    const success = last.get(name)!;
    const restMs = success.atMs + quietMs - clock.monotonicMs();
    if (restMs > 0) {
      success.cancel = askWhenQuiet(tenantId, destination, restMs);
      return;
    }
    last.delete(name);
    // Without the database nothing is settled either: the next success asks.
    await askLater?.(tenantId, destination, success.at).catch(() => {});
  }

  return {
    has: (tenantId, destination) => (untilMs.get(keyOf(tenantId, destination)) ?? -Infinity) > clock.monotonicMs(),
    add: (tenantId, destination) => void untilMs.set(keyOf(tenantId, destination), clock.monotonicMs() + knownForMs),
    forget: (tenantId, destination) => void untilMs.delete(keyOf(tenantId, destination)),
    succeeded(tenantId, destination, at) {
      if (askLater === undefined || stopped) return;
      const name = keyOf(tenantId, destination);
      const before = last.get(name);
      const atMs = clock.monotonicMs();
      if (before !== undefined) Object.assign(before, { at, atMs });
      else last.set(name, { at, atMs, cancel: askWhenQuiet(tenantId, destination, quietMs) });
    },
    stop() {
      stopped = true;
      for (const { cancel } of last.values()) cancel();
      last.clear();
    },
  };
}

const keyOf = (tenantId: string, destination: string): string => `${tenantId}/${destination}`;
