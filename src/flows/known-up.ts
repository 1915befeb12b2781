import type { Clock } from '../platform/index.ts';

/**
 * So long a process may act on what it knows of a destination without asking the database again. Another process may have
 * opened an exception meanwhile: a success closes it this much later at most, and asks for it no more often than that.
 */
const knownForMs = 5_000;

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
}

export function createKnownUp(clock: Pick<Clock, 'monotonicMs'>): KnownUp {
  const untilMs = new Map<string, number>();
  return {
    has: (tenantId, destination) => (untilMs.get(keyOf(tenantId, destination)) ?? -Infinity) > clock.monotonicMs(),
    add: (tenantId, destination) => void untilMs.set(keyOf(tenantId, destination), clock.monotonicMs() + knownForMs),
    forget: (tenantId, destination) => void untilMs.delete(keyOf(tenantId, destination)),
  };
}

const keyOf = (tenantId: string, destination: string): string => `${tenantId}/${destination}`;
