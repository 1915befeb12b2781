import { type Clock, RecentMap } from '../platform/index.ts';

const windowMs = 60_000;
const mostKeys = 10_000;

/** What is left to a key in its minute. */
export interface RateLeft {
  readonly limit: number;
  readonly remaining: number;
  /** Until the minute ends, at least one. */
  readonly seconds: number;
  /** It was used up before this request. */
  readonly exceeded: boolean;
}

/** The requests of one API key. Each process counts by itself. */
export interface RequestRate {
  /** Counts a request. */
  spend(): RateLeft;
}

class CountedRate implements RequestRate {
  limit: number;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #endsMs = -Infinity;
  #used = 0;

  constructor(limit: number, clock: Pick<Clock, 'monotonicMs'>) {
    this.limit = limit;
    this.#clock = clock;
  }

  /** A minute begins with the first request after the last one: idle keys cost nothing. */
  spend(): RateLeft {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs >= this.#endsMs) [this.#endsMs, this.#used] = [nowMs + windowMs, 0];
    const exceeded = this.#used >= this.limit;
    if (!exceeded) this.#used++;
    const seconds = Math.ceil((this.#endsMs - nowMs) / 1_000);
    return { limit: this.limit, remaining: Math.max(0, this.limit - this.#used), seconds, exceeded };
  }
}

/**
 * The counts of keys by their ids; they outlive what is remembered of a key, and follow when its limit is changed. Nothing
 * for a key without a limit: such a request costs a comparison.
 */
export function createRequestRates(
  clock: Pick<Clock, 'monotonicMs'>,
  usualLimit: number,
): (keyId: string, ownLimit: number | undefined) => { rate?: RequestRate } {
  const rates = new RecentMap<string, CountedRate>(mostKeys);
  return (keyId, ownLimit) => {
    const limit = ownLimit ?? usualLimit;
    if (limit === 0) return {};
    const rate = rates.get(keyId) ?? new CountedRate(limit, clock);
    rate.limit = limit;
    rates.set(keyId, rate);
    return { rate };
  };
}
