import { type Clock, HubError } from '../platform/index.ts';

const windowMs = 15 * 60_000;
const mostFailures = 10;
// Bounded, so that a flood of made-up names costs memory only up to here; then the oldest is forgotten.
const mostSubjects = 10_000;

/** Slows guessing: ten failures of one subject within a quarter of an hour, then it waits. */
export interface SignInLimiter {
  /** @throws HubError RATE_LIMITED */
  check(subject: string): void;
  failed(subject: string): void;
  succeeded(subject: string): void;
}

export function createSignInLimiter(clock: Clock): SignInLimiter {
  const failures = new Map<string, { count: number; sinceMs: number }>();
  const current = (subject: string): { count: number; sinceMs: number } | undefined => {
    const entry = failures.get(subject);
    if (entry === undefined || clock.monotonicMs() - entry.sinceMs < windowMs) return entry;
    failures.delete(subject);
    return undefined;
  };
  return {
    check(subject) {
      if ((current(subject)?.count ?? 0) >= mostFailures) {
        throw new HubError('RATE_LIMITED', { message: 'Too many failed attempts; wait a quarter of an hour' });
      }
    },
    failed(subject) {
      const entry = current(subject) ?? { count: 0, sinceMs: clock.monotonicMs() };
      entry.count += 1;
      failures.delete(subject);
      failures.set(subject, entry);
      if (failures.size > mostSubjects) failures.delete(failures.keys().next().value!);
    },
    succeeded: (subject) => void failures.delete(subject),
  };
}
