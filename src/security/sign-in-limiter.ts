import { type Clock, HubError } from '../platform/index.ts';

const windowMs = 15 * 60_000;
/** Of one name from one address. */
const mostFailures = 10;
/** Of one address, whatever names it tries: an office behind one address mistypes less. */
const mostOfAddress = 50;
// Bounded, so that a flood of made-up names costs memory only up to here; then the oldest is forgotten.
const mostSubjects = 10_000;

/** Slows guessing: so many failures of one subject within a quarter of an hour, then it waits. */
export interface FailureLimiter {
  /** @throws HubError RATE_LIMITED */
  check(subject: string): void;
  /** How many there are now. */
  failed(subject: string): number;
  succeeded(subject: string): void;
}

/** A name from an address, and the address over all names. Success of one name says nothing of the others tried. */
export function createSignInLimiter(clock: Clock): {
  check(name: string, address: string): void;
  failed(name: string, address: string): void;
  succeeded(name: string, address: string): void;
} {
  const names = createFailureLimiter(clock, mostFailures);
  const addresses = createFailureLimiter(clock, mostOfAddress);
  return {
    check(name, address) {
      addresses.check(address);
      names.check(`${name}@${address}`);
    },
    failed(name, address) {
      addresses.failed(address);
      names.failed(`${name}@${address}`);
    },
    succeeded: (name, address) => names.succeeded(`${name}@${address}`),
  };
}

export function createFailureLimiter(clock: Clock, mostFailures: number): FailureLimiter {
  const failures = new Map<string, { count: number; sinceMs: number }>();
  const current = (subject: string): { count: number; sinceMs: number } | undefined => {
    const entry = failures.get(subject);
    if (entry === undefined || clock.monotonicMs() - entry.sinceMs < windowMs) return entry;
    failures.delete(subject);
    return undefined;
  };
  return {
    check(subject) {
      const entry = current(subject);
      if (entry === undefined || entry.count < mostFailures) return;
      const retryAfterSeconds = Math.ceil((entry.sinceMs + windowMs - clock.monotonicMs()) / 1_000);
      const minutes = Math.ceil(retryAfterSeconds / 60);
      throw new HubError('RATE_LIMITED', {
        message: `Too many failed attempts; try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}`,
        detail: { retryAfterSeconds },
      });
    },
    failed(subject) {
      const entry = current(subject) ?? { count: 0, sinceMs: clock.monotonicMs() };
      entry.count += 1;
      failures.delete(subject);
      failures.set(subject, entry);
      if (failures.size > mostSubjects) failures.delete(failures.keys().next().value!);
      return entry.count;
    },
    succeeded: (subject) => void failures.delete(subject),
  };
}
