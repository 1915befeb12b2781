import type { Mutation } from './mutations.ts';
import { type Plan, noDials } from './plan.ts';
import { productSteps } from './steps.ts';

/** Systems that mostly refuse to connect, and nothing else that goes wrong. */
const outOfReach = (plan: Plan): Plan => ({
  ...plan,
  workers: 3,
  faults: [],
  dials: { ...noDials, unreachable: 0.7 },
  destinations: plan.destinations.map((destination) => ({ ...destination, windows: [] })),
});

export const mutationsOfBreakers: readonly Mutation[] = [
  {
    name: 'deaf to the breaker',
    what: 'calls go on through an open breaker',
    breaks: [12],
    steps: { ...productSteps, callsAllowed: () => Number.POSITIVE_INFINITY },
  },
  {
    name: 'everybody probes',
    what: 'a probe that one worker has taken lets all of them call',
    breaks: [12],
    steps: { ...productSteps, callsAllowed: (state) => (state.phase === 'open' ? 0 : 1) },
    weather: outOfReach,
  },
  {
    name: 'never probed',
    what: 'an open breaker stays open',
    breaks: [11, 13],
    steps: { ...productSteps, mayProbe: () => false },
  },
];
