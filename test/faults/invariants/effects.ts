import type { Violation } from './violation.ts';

/** Something that a client saw accepted, and what is known of it inside and outside. */
export interface AcceptedThing {
  readonly what: string;
  /** A durable record of it is there. */
  readonly recorded: boolean;
  /** How often it happened outside. */
  readonly effects: number;
  /** Deliveries of it that are not final: the visible reason why nothing happened yet. */
  readonly open: number;
}

/** 1: whatever was accepted is recorded, and happened exactly once outside or shows why not. */
export function judgeNoLoss(accepted: readonly AcceptedThing[]): Violation[] {
  return accepted.flatMap(({ what, recorded, effects, open }) => {
    if (!recorded) return [`${what} was accepted and there is no record of it`];
    if (effects === 0 && open === 0) return [`${what} was accepted, never happened outside, and nothing of it is open`];
    return [];
  });
}

/** 2: each of these happened at most once. One entry per time that it happened. */
export function judgeAtMostOnce(happened: readonly { what: string; key: string }[]): Violation[] {
  const violations: Violation[] = [];
  for (const [name, all] of Map.groupBy(happened, ({ what, key }) => `${what} ${key}`)) {
    if (all.length > 1) violations.push(`${name} happened ${all.length} times`);
  }
  return violations;
}

/** A request of which the client did not learn what came of it, at first or for good. */
export interface Doubted {
  readonly what: string;
  /** It was asked again until there was an answer. */
  readonly converged: boolean;
  readonly effects: number;
}

/** 3: after a time-out there are none or one; once it has been asked again to the end there is one. */
export function judgeUnknown(doubted: readonly Doubted[]): Violation[] {
  return doubted.flatMap(({ what, converged, effects }) => {
    if (effects > 1) return [`${what} was never answered and happened ${effects} times`];
    return converged && effects !== 1
      ? [`${what} was asked again until it was answered and happened ${effects} times`]
      : [];
  });
}

/** 8: what the outside holds is the same as before the replay. */
export function judgeUnchanged(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Violation[] {
  const violations: Violation[] = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(key) ?? 0, after.get(key) ?? 0];
    if (was !== is) violations.push(`${key} had happened ${was} times before the replay, and ${is} times after it`);
  }
  return violations;
}
