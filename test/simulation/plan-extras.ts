import type { BudgetSettings, IntakeLimits } from '../../src/queue/index.ts';
import type { Act, PlannedDelivery, PlannedDestination, Submission } from './plan.ts';
import { type Random, randomStream } from './random.ts';

// Each of these draws from a stream of its own, so that what one adds to a plan changes nothing else in it.

/** Most destinations may be called as often as one likes. */
export function boundCalls(seed: number, destinations: readonly PlannedDestination[]): PlannedDestination[] {
  const random = randomStream(seed, 'budgets');
  return destinations.map((destination) =>
    destination.isFlow || !random.chance(0.4) ? destination : { ...destination, budget: makeBudget(random) },
  );
}

function makeBudget(random: Random): BudgetSettings {
  const budget: BudgetSettings = {};
  const kind = random.below(4);
  if (kind === 0 || kind === 3) budget.quota = { calls: 8 + random.below(12), per: 'hour', zone: 'UTC' };
  if (kind === 1) budget.rate = { calls: 4 + random.below(12), perSeconds: 1 };
  if (budget.rate !== undefined && random.chance(0.5)) budget.rate.burst = 1 + random.below(6);
  if (kind === 2 || random.chance(0.3)) budget.concurrency = 1 + random.below(4);
  if (budget.quota !== undefined && random.chance(0.6)) {
    budget.reserves = [{ share: random.pick([0.2, 0.4]), minPriority: 2 }];
    if (random.chance(0.5)) budget.reserves.push({ share: 0.2, minPriority: 1 });
  }
  return budget;
}

/** In most plans nothing gives way. */
export function markSuperseding(seed: number, submissions: readonly Submission[]): Submission[] {
  const random = randomStream(seed, 'superseding');
  if (!random.chance(0.35)) return [...submissions];
  const mark = (delivery: PlannedDelivery): PlannedDelivery => ({
    ...delivery,
    supersedes: random.chance(0.8),
    ...(delivery.follows === undefined ? {} : { follows: mark(delivery.follows) }),
  });
  return submissions.map((submission) => ({ ...submission, deliveries: submission.deliveries.map(mark) }));
}

/** In a third of the plans some deliveries wait for one of another key that was written before them. */
export function followParents(seed: number, submissions: readonly Submission[]): Submission[] {
  const random = randomStream(seed, 'parents');
  if (!random.chance(0.35)) return [...submissions];
  const rate = random.pick([0.1, 0.3]);
  const before: PlannedDelivery[] = [];
  const inTime = submissions.toSorted((a, b) => a.atMs - b.atMs);
  const made = new Map<number, Submission>();
  for (const submission of inTime) {
    const deliveries = submission.deliveries.map((delivery) => {
      const parents = before.slice(-8).filter((parent) => parent.key !== delivery.key);
      before.push(delivery);
      const isChild = !delivery.destination.startsWith('flow.') && parents.length > 0 && random.chance(rate);
      return isChild ? { ...delivery, after: random.pick(parents).name } : delivery;
    });
    made.set(submission.id, { ...submission, deliveries });
  }
  return submissions.map((submission) => made.get(submission.id) ?? submission);
}

/** Some systems can be asked how they are. */
export function askHealth(seed: number, destinations: readonly PlannedDestination[]): PlannedDestination[] {
  const random = randomStream(seed, 'health');
  return destinations.map((destination) =>
    destination.isFlow ? destination : { ...destination, hasHealth: random.chance(0.35) },
  );
}

/** What people do to breakers. */
export function holdBreakers(seed: number, safetyMs: number): Act[] {
  const random = randomStream(seed, 'held breakers');
  if (!random.chance(0.15)) return [];
  return Array.from({ length: 1 + random.below(3) }, () => {
    const kind = random.pick(['hold breaker', 'probe soon', 'reset breaker', 'reset breaker'] as const);
    return { atMs: random.next() * safetyMs, kind, choice: random.next() };
  });
}

/** In some plans what was kept back by a window or a breaker goes out slowly. */
export function drainSlowly(seed: number, destinations: readonly PlannedDestination[]): PlannedDestination[] {
  const random = randomStream(seed, 'drains');
  return destinations.map((destination) => {
    if (destination.isFlow || !random.chance(0.4)) return destination;
    const perSecond = random.chance(0.5) ? { perSecond: 2 + random.below(20) } : {};
    return { ...destination, drain: { rampSeconds: random.pick([0, 0.5, 2, 4]), ...perSecond } };
  });
}

/** People who pause a destination, and mostly resume it later. */
export function pauseDestinations(seed: number, safetyMs: number): Act[] {
  const random = randomStream(seed, 'pauses');
  if (!random.chance(0.3)) return [];
  return Array.from({ length: 1 + random.below(3) }, (): Act[] => {
    const [atMs, choice, forMs] = [random.next() * safetyMs, random.next(), random.between(100, 8_000)];
    const isForgotten = random.chance(0.2);
    return [
      { atMs, kind: 'pause', choice },
      ...(isForgotten ? [] : [{ atMs: atMs + forMs, kind: 'resume' as const, choice }]),
    ];
  }).flat();
}

/** Small enough to close now and then; undefined in most plans. */
export function doorsOf(seed: number): IntakeLimits | undefined {
  const random = randomStream(seed, 'doors');
  if (!random.chance(0.3)) return undefined;
  const destination = 4 + random.below(12);
  return { destination, tenant: destination + random.below(10), total: destination + random.below(15), freeBytes: 0 };
}
